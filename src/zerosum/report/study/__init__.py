"""What a study tells: its tables in words, its charts, a sheet of samples, made from its runs.

`study_tables` gives the words for the terminal, `write_study_reports` writes the files.
"""

from zerosum.report.study.tables import StudyTables, study_tables
from zerosum.report.study.write import write_study_reports

__all__ = ["StudyTables", "study_tables", "write_study_reports"]

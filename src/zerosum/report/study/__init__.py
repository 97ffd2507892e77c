"""What a study tells: its tables in words, its charts, a sheet of samples, made from its runs.

`study_document` gives the words for the terminal, `write_study_reports` writes the files.
"""

from zerosum.report.study.story import study_document, write_study_reports

__all__ = ["study_document", "write_study_reports"]

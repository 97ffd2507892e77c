"""All files that tell of a study: table.md, charts/, samples.png."""

from collections.abc import Sequence

from zerosum.report.study.document import write_document
from zerosum.report.study.tables import StudyTables, study_tables
from zerosum.study.folder import StudyFolder
from zerosum.study.results import CellResult, by_setting
from zerosum.study.settings import Study


def write_study_reports(
    folder: StudyFolder,
    study: Study,
    results: Sequence[CellResult],
) -> StudyTables:
    """Write table.md, charts/settings.png, charts/progress.png and samples.png of a study as it
    stands, and return what they say.

    At any time: while cells run, and before any has begun. Samples are made on `device`, and only
    those of checkpoints that are new since the last time; without `samples` the picture stays as
    it is. Raises ZerosumError where a file cannot be written.
    """
    settings = by_setting(results)
    told = study_tables(study, settings)
    write_document(folder, study, settings, told)
    return told

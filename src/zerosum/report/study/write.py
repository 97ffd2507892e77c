"""All files that tell of a study: table.md, charts/, samples.png."""

from collections.abc import Sequence

from zerosum.report.charts import write_or_remove
from zerosum.report.study.document import PROGRESS, SETTINGS, write_document
from zerosum.report.study.figures import progress_figure, settings_figure
from zerosum.report.study.strips import write_samples_sheet
from zerosum.report.study.tables import StudyTables, study_tables
from zerosum.studies.folder import StudyFolder
from zerosum.studies.results import CellResult, by_setting
from zerosum.studies.settings import Study
from zerosum.studies.table import lay_out


def write_study_reports(
    folder: StudyFolder,
    study: Study,
    results: Sequence[CellResult],
    *,
    samples: bool = True,
    device: str = "cpu",
) -> StudyTables:
    """Write table.md, charts/settings.png, charts/progress.png and samples.png of a study as it
    stands, and return what they say.

    At any time: while cells run, and before any has begun. Samples are made on `device`, and only
    those of checkpoints that are new since the last time; without `samples` the picture stays as
    it is. Raises ZerosumError where a file cannot be written.
    """
    settings = by_setting(results)
    layout = lay_out(study, settings)
    write_or_remove(folder.charts / SETTINGS, settings_figure(study, layout))
    write_or_remove(folder.charts / PROGRESS, progress_figure(study, layout))
    if samples:
        write_samples_sheet(folder, settings, device)
    told = study_tables(study, settings)
    write_document(folder, study, settings, told)
    return told

"""What a study tells, and the files that tell it: table.md, charts/, samples.png."""

from collections import Counter
from collections.abc import Sequence

from zerosum.comparing.setting_words import setting_words
from zerosum.files import write_atomically
from zerosum.report.charts import write_or_remove
from zerosum.report.document import (
    Block,
    Commands,
    Document,
    Fixed,
    PictureFile,
    Points,
    Section,
)
from zerosum.report.markdown import document_markdown
from zerosum.report.study.again import steps_to_reproduce
from zerosum.report.study.effect_words import what_mattered
from zerosum.report.study.figures import progress_figure, settings_figure
from zerosum.report.study.measured import protocol_texts
from zerosum.report.study.samples import write_samples_sheet
from zerosum.report.study.sentences import sentences_of
from zerosum.report.study.tables import everything_table, score_tables
from zerosum.report.study.texts import failed_text, published_notes, unmatched_text
from zerosum.studies.folder import StudyFolder
from zerosum.studies.results import CellResult, by_setting, failed_cells
from zerosum.studies.settings import BUDGETS, Study
from zerosum.studies.standing import ENDED
from zerosum.studies.table import Layout, lay_out
from zerosum.words import counted

PICTURES = {"settings.png": "The settings", "progress.png": "Scores against images and minutes"}
"""Files in charts/, and what they show."""


def write_study_reports(
    folder: StudyFolder,
    study: Study,
    results: Sequence[CellResult],
    *,
    samples: bool = True,
    device: str = "cpu",
) -> Document:
    """Write table.md, charts/settings.png, charts/progress.png and samples.png of a study as it
    stands, and return what they say.

    At any time: while cells run, and before any has begun. Samples are made on `device`, and only
    those of checkpoints that are new since the last time; without `samples` the picture stays as
    it is. Raises ZerosumError where a file cannot be written.
    """
    settings = by_setting(results)
    layout = lay_out(study, settings)
    for name, figure in zip(PICTURES, (settings_figure, progress_figure), strict=True):
        write_or_remove(folder.charts / name, figure(study, layout))
    if samples:
        write_samples_sheet(folder, settings, device)
    return write_document(folder, layout)


def write_document(folder: StudyFolder, layout: Layout) -> Document:
    """Write table.md, and return what it says."""
    told = study_document(folder, layout)
    write_atomically(folder.table_file, document_markdown(told).encode("utf-8"))
    return told


def study_document(folder: StudyFolder, layout: Layout) -> Document:
    """What a study tells in words, as it stands now, with the pictures that are there."""
    tables, head = score_tables(layout), [_about(layout)]
    parts: list[list[Block | str]] = [[table] for table in tables] or [[*head]]
    parts[-1] += [Points(sentences_of(layout)), *published_blocks(layout)]
    parts[-1] += [
        PictureFile(what, f"{folder.charts.name}/{name}")
        for name, what in PICTURES.items()
        if (folder.charts / name).is_file()
    ]
    sections = [Section(table.title, own) for table, own in zip(tables, parts, strict=False)]
    sections.append(mattered_section(layout))
    if layout.entries:
        everything = everything_table(layout)
        sections.append(Section(everything.title, [everything]))
    if folder.samples_file.is_file():
        sections.append(Section("Samples", [PictureFile("Samples", folder.samples_file.name)]))
    if layout.scores:
        sections.append(measured_section(layout))
    if failed := failed_cells(layout.results):
        sections.append(Section("Without a score", [Points(list(map(failed_text, failed)))]))
    sections.append(Section("Again", [Commands(steps_to_reproduce(folder, layout))]))
    return Document(layout.study.name, sections, head if tables else parts[0])


def published_blocks(layout: Layout) -> list[Block | str]:
    """The notes on published numbers, and those of no setting of the study."""
    blocks: list[Block | str] = []
    if notes := published_notes(layout):
        blocks.append(Points(notes, numbered=True))
    if others := list(map(unmatched_text, layout.unmatched)):
        blocks += ["Published, of no setting of this study:", Points(others)]
    return blocks


def mattered_section(layout: Layout) -> Section:
    """What mattered: a sentence an axis, then what is left."""
    told = what_mattered(layout)
    blocks = [Points(told) if told else "Nothing can be told yet."]
    return Section("What mattered", blocks, "mattered")


def measured_section(layout: Layout) -> Section:
    """How each group of cells was measured that were measured alike."""
    texts = [
        Fixed(lines, f"Protocol {number}") for number, lines in enumerate(protocol_texts(layout), 1)
    ]
    return Section("How it was measured", texts, "protocol", "Protocol")


def _about(layout: Layout) -> str:
    study = layout.study
    seeds = ", ".join(map(str, study.seeds))
    word = "seed" if len(study.seeds) == 1 else "seeds"
    budget = study.budget if study.budget.startswith("as ") else f"for {study.budget}"
    text = f"{standing_sentence(layout)}. Each cell trains {budget}{_other_budgets(study)}; "
    text += f"{word} {seeds}."
    if study.axes:
        text += f" What differs: {', '.join(study.axes)}."
    return text


def standing_sentence(layout: Layout) -> str:
    """How many cells there are, and how they stand."""
    cells = layout.results
    found = Counter(cell.status for cell in cells)
    order = (*ENDED, "running", "stopped", "waiting")
    parts = [f"{found[status]} {status}" for status in order if found[status]]
    scored = sum(cell.scores is not None for cell in cells)
    count = counted(len(cells), "cell")
    settings = counted(len(layout.entries), "setting")
    return f"{count} of {settings}: {', '.join(parts)}; {scored} scored"


def _other_budgets(study: Study) -> str:
    """What some of the cells train for instead, in words."""
    return "".join(
        f" ({setting_words(change.where)}: {setting_words({name: value})})"
        for change in study.change
        for name, value in change.set.items()
        if name in BUDGETS
    )

"""STUDY/table.md: the tables, what they rest on, and what did not work."""

from collections.abc import Sequence

from zerosum.comparing.setting_words import setting_words
from zerosum.files import write_atomically
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
from zerosum.report.study.tables import StudyTables
from zerosum.studies.folder import StudyFolder
from zerosum.studies.results import SettingResult
from zerosum.studies.settings import BUDGETS, Study

SETTINGS, PROGRESS = "settings.png", "progress.png"
"""Files in charts/."""
PICTURES = {SETTINGS: "The settings", PROGRESS: "Scores against images and minutes"}
"""What they show."""
NOTHING = "Nothing can be told yet."


def write_document(
    folder: StudyFolder, study: Study, settings: Sequence[SettingResult], told: StudyTables
) -> None:
    """Write table.md; the pictures come first, so that it shows those that are there."""
    below: list[Block | str] = [Points(told.sentences), Points(told.notes, numbered=True)]
    if told.unmatched:
        below += ["Published, of no setting of this study:", Points(told.unmatched)]
    below += [
        PictureFile(what, f"{folder.charts.name}/{name}")
        for name, what in PICTURES.items()
        if (folder.charts / name).is_file()
    ]
    sections = [Section(table.title, (table,)) for table in told.tables]
    head: list[Block | str] = [_about(study, told)]
    if sections:
        sections[-1] = Section(sections[-1].title, (*sections[-1].blocks, *below))
    else:
        head += below
    sections += [
        Section("What mattered", (Points(told.effects) if told.effects else NOTHING,)),
        Section(told.everything.title, (told.everything,)),
    ]
    if folder.samples_file.is_file():
        sections.append(Section("Samples", (PictureFile("Samples", folder.samples_file.name),)))
    if told.protocols:
        sections.append(Section("How it was measured", tuple(map(Fixed, told.protocols))))
    if told.failed:
        sections.append(Section("Without a score", (Points(told.failed),)))
    sections.append(Section("Again", (Commands(steps_to_reproduce(folder, study, settings)),)))
    content = document_markdown(Document(study.name, sections, head))
    write_atomically(folder.table_file, content.encode("utf-8"))


def _about(study: Study, told: StudyTables) -> str:
    seeds = ", ".join(map(str, study.seeds))
    word = "seed" if len(study.seeds) == 1 else "seeds"
    budget = study.budget if study.budget.startswith("as ") else f"for {study.budget}"
    text = f"{told.standing}. Each cell trains {budget}{_other_budgets(study)}; "
    text += f"{word} {seeds}."
    if study.axes:
        text += f" What differs: {', '.join(study.axes)}."
    return text


def _other_budgets(study: Study) -> str:
    """What some of the cells train for instead, in words."""
    return "".join(
        f" ({setting_words(change.where)}: {setting_words({name: value})})"
        for change in study.change
        for name, value in change.set.items()
        if name in BUDGETS
    )

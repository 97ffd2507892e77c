"""STUDY/table.md: the tables, what they rest on, and what did not work."""

from collections.abc import Sequence

from zerosum.comparing.setting_words import setting_words
from zerosum.files import write_atomically
from zerosum.report.document import Picture, Section
from zerosum.report.markdown import bullets, escaped, fenced, markdown, picture_link
from zerosum.report.study.again import steps_to_reproduce
from zerosum.report.study.tables import StudyTables
from zerosum.studies.folder import StudyFolder
from zerosum.studies.results import SettingResult
from zerosum.studies.settings import BUDGETS, Study

SETTINGS, PROGRESS = "settings.png", "progress.png"
"""Files in charts/."""
PICTURES = {SETTINGS: "The settings", PROGRESS: "Scores against images and minutes"}
"""What they show."""


def write_document(
    folder: StudyFolder, study: Study, settings: Sequence[SettingResult], told: StudyTables
) -> None:
    """Write table.md; the pictures come first, so that it shows those that are there."""
    parts = [f"# {escaped(study.name)}", _about(study, told)]
    for table in told.tables:
        parts.append(markdown(Section(table.title, table)))
    parts.append(bullets(told.sentences))
    if told.notes:
        parts.append("\n".join(f"{n}. {escaped(text)}" for n, text in enumerate(told.notes, 1)))
    if told.unmatched:
        parts += ["Published, of no setting of this study:", bullets(told.unmatched)]
    for name, what in PICTURES.items():
        if (folder.charts / name).is_file():
            parts.append(picture_link(Picture(what, f"{folder.charts.name}/{name}")))
    parts += ["## What mattered", bullets(told.effects) or "Nothing can be told yet."]
    parts.append(markdown(Section(told.everything.title, told.everything)))
    if folder.samples_file.is_file():
        samples = Picture("Samples", folder.samples_file.name)
        parts.append(markdown(Section("Samples", picture=samples)))
    if told.protocols:
        blocks = [fenced("\n".join(lines), "text") for lines in told.protocols]
        parts += ["## How it was measured", *blocks]
    if told.failed:
        parts.append(markdown(Section("Without a score", lines=told.failed)))
    steps = steps_to_reproduce(folder, study, settings)
    commands = "\n".join(f"# {what}\n{words}" for what, words in steps)
    parts += ["## Again", fenced(commands, "sh")]
    content = ("\n\n".join(part for part in parts if part) + "\n").encode("utf-8")
    write_atomically(folder.table_file, content)


def _about(study: Study, told: StudyTables) -> str:
    seeds = ", ".join(map(str, study.seeds))
    word = "seed" if len(study.seeds) == 1 else "seeds"
    budget = study.budget if study.budget.startswith("as ") else f"for {study.budget}"
    text = f"{told.standing}. Each cell trains {budget}{_other_budgets(study)}; "
    text += f"{word} {seeds}."
    if study.axes:
        text += f" What differs: {', '.join(study.axes)}."
    return escaped(text)


def _other_budgets(study: Study) -> str:
    """What some of the cells train for instead, in words."""
    return "".join(
        f" ({setting_words(change.where)}: {setting_words({name: value})})"
        for change in study.change
        for name, value in change.set.items()
        if name in BUDGETS
    )

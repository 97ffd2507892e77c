"""STUDY/report.html: one study on one page, from its files and those of its runs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from markupsafe import Markup

from zerosum.data.grid import grid
from zerosum.errors import ZerosumError
from zerosum.files import write_atomically
from zerosum.recipe.load import read_recipe
from zerosum.report.chart import Chart
from zerosum.report.document import (
    Block,
    Charts,
    Code,
    Commands,
    Details,
    Document,
    Facts,
    Fixed,
    Heading,
    Hint,
    Mixed,
    Note,
    Points,
    Section,
    Strong,
)
from zerosum.report.page.pictures import Strip, picture
from zerosum.report.page.render import NO_NOTES, document_html, page_path
from zerosum.report.page.run_pictures import newest_sheet, restoration
from zerosum.report.page.study_cells import has_trained
from zerosum.report.page.study_facts import (
    asked,
    changed_by_options,
    problems,
    question,
    runs_table,
    status_word,
)
from zerosum.report.page.study_runs import runs_section
from zerosum.report.study.again import definition_text, going_on, steps_to_reproduce
from zerosum.report.study.axis_charts import settings_drawings
from zerosum.report.study.heat_map import Heat
from zerosum.report.study.progress_chart import progress_charts
from zerosum.report.study.samples import MOST_SETTINGS
from zerosum.report.study.sentences import sentences_of
from zerosum.report.study.story import mattered_section, measured_section, standing_sentence
from zerosum.report.study.tables import everything_table, score_tables
from zerosum.report.study.texts import published_notes, short_title, unmatched_text
from zerosum.studies.cell_queue import study_results
from zerosum.studies.folder import StudyFolder
from zerosum.studies.results import SettingResult, by_setting
from zerosum.studies.settings import Study
from zerosum.studies.strips import SEED, setting_strip
from zerosum.studies.table import Layout, lay_out
from zerosum.words import capital

SAMPLES_BYTES = 3_000_000
"""Of the samples of all settings together; base64 makes four thirds of it."""
WHAT_SAMPLES_ARE = (
    f"Pictures 0 to 9 of seed {SEED} of each setting's newest checkpoint: nobody chose them, "
    "and they are of the same latents where these are as long."
)
WHAT_MARKS_ARE = (
    "A curve for each cell; small marks: checkpoints compared on the way, on fewer images; large "
    "marks: results, on images of their own."
)
POINTING = Hint(
    "Point at a curve, or focus it and use the arrow keys, to read its values.",
    "; the tables have the same numbers",
)
NOTHING_TO_DRAW = "There are no two scores yet to draw."


def write_study_page(
    folder: StudyFolder,
    out: Path | None = None,
    *,
    live: bool = False,
    device: str = "cpu",
    unwritten: Mapping[str, str] | None = None,
    notes: Markup = NO_NOTES,
) -> Path:
    """Write the page of a study, STUDY/report.html unless `out` says otherwise, with the author's
    `notes` in it, and return its path.

    At any time: while cells run, and before any has begun. It links to the pages of cells that
    there are; `unwritten` says of which cells they could not be written, and why. Samples of
    checkpoints that are new are made on `device`. A `live` page reloads itself. Raises ZerosumError
    where there is no study, one of its files is damaged, or the page cannot be written.
    """
    folder.require()
    path = page_path(folder.path, out)
    document = study_page(folder, path, device, unwritten or {})
    write_atomically(path, document_html(document, notes=notes, live=live))
    return path


def study_page(
    folder: StudyFolder, page: Path, device: str, unwritten: Mapping[str, str]
) -> Document:
    """All that the page shows; links are relative to `page`."""
    study, results = folder.study(), study_results(folder)
    settings = by_setting(results)
    layout, text = lay_out(study, settings), definition_text(folder)
    asked_for, status = question(text), status_word(folder, results)
    runs: list[Block | str] = [runs_table(page, layout)]
    if without := problems(layout, unwritten):
        runs += [Heading("Without a score"), Points(without)]
    sections = [
        Section("What came out", _came_out(study, layout), "table"),
        Section("Samples", _samples(folder, settings, device), "samples"),
        *([mattered_section(layout)] if layout.scores else []),
        Section("All settings and scores", _everything(layout), "everything", "All scores"),
        Section("The runs", runs, "cells", "Runs"),
        runs_section(results, folder.path),
        Section("Scores against images and minutes", _progress(layout), "progress", "On the way"),
        Section("What was asked", [*asked_for.more, Facts(asked(study, layout))], "asked"),
        *([measured_section(layout)] if layout.scores else []),
        Section("The study's file", _file(folder, study, text), "file"),
        Section("Reproduce", [Commands(steps_to_reproduce(folder, layout))], "reproduce"),
    ]
    return Document(
        study.name,
        [section for section in sections if section.blocks],
        head=[] if layout.scores else [unscored(status, going_on(folder, layout))],
        pictures=_leading(layout),
        kind="study",
        lead=asked_for.headline,
        verdict=Mixed(Strong(status), f" · {standing_sentence(layout)}"),
        folder=str(folder.path),
    )


def _leading(layout: Layout) -> list[Block]:
    """The newest grid of the best setting beside real images; where none is the best beyond chance,
    of the first in the ranking that has a grid."""
    ranked = [entry for ranking in layout.rankings for entry in ranking.entries]
    places = {id(entry): place for place, entry in enumerate(ranked)}
    firsts = {id(ranking.entries[0]) for ranking in layout.rankings}

    def order(entry: SettingResult) -> tuple[bool, int]:
        return not layout.is_best(entry), places.get(id(entry), len(ranked))

    for setting in sorted(layout.entries, key=order):
        first = f"The best {short_title(layout.score)}: " if id(setting) in firsts else ""
        best = "The best setting: " if layout.is_best(setting) else first
        for cell in setting.cells:
            try:
                task = read_recipe(cell.run.recipe_file).task
            except ZerosumError:  # not begun, or damaged, which is told with the runs
                continue
            of = f"{best}{setting.words}, seed {cell.cell.seed}"
            if (pair := newest_sheet(cell.run, task, of)) is not None:
                return [pair]
    return []


def unscored(status: str, command: str) -> str:
    """What a study without any score says first: how it comes to one; by `command` where it has a
    file."""
    if status == "finished":
        return "Nothing was scored; the table of the runs says how each of them ended."
    if status == "running":
        return "Nothing was scored yet: each cell is scored when its training has ended."
    if not command:
        return "Nothing was scored yet: the study goes on in the Python program that began it."
    return Mixed("Nothing was scored yet: ", Code(command), " trains the cells and scores them.")


def _came_out(study: Study, layout: Layout) -> Sequence[Block | str]:
    if not layout.scores:
        return []
    return [*_drawings(study, layout), Points(sentences_of(layout))]


def _drawings(study: Study, layout: Layout) -> Sequence[Block | str]:
    """Every setting's score as colours, curves or lines of dots."""
    drawings = settings_drawings(study, layout)
    charts = [each for each in drawings if isinstance(each, Chart)]
    if charts:
        return [POINTING, Charts(charts)]
    others = [each for each in drawings if not isinstance(each, Chart)]
    beside = score_tables(layout)[1:] if any(isinstance(each, Heat) for each in others) else []
    return [*others, *beside] or [NOTHING_TO_DRAW]


def _samples(
    folder: StudyFolder, settings: Sequence[SettingResult], device: str
) -> list[Block | str]:
    """A row of pictures for each setting, of its first seed that has a checkpoint and of the same
    latents, or why there are none; MOST_SETTINGS at most; nothing before any run has begun.

    Restorations show what their evaluations drew instead. Raises ZerosumError where a strip cannot
    be kept.
    """
    if not any(has_trained(cell.run) for setting in settings for cell in setting.cells):
        return []
    shown = settings[:MOST_SETTINGS]
    budget = SAMPLES_BYTES // max(1, len(shown))
    rows, samples, without = [], False, []
    for setting in shown:
        strip = setting_strip(folder, setting, device)
        if strip.pictures is not None:
            samples = True
            alt = f"{len(strip.pictures)} samples of {setting.words}, seed {strip.cell.cell.seed}"
            sheet = grid(strip.pictures, columns=len(strip.pictures))
            drawn = picture(sheet, alt, budget=budget, pixels=True)
            rows.append(Strip(setting.words, capital(strip.words), drawn))
        elif (restored := _restored(setting, budget)) is not None:
            rows.append(restored)
        else:
            without.append(f"{setting.words}: {strip.words}")
    blocks: list[Block | str] = [WHAT_SAMPLES_ARE] if samples else []
    blocks += rows or ["There are no pictures yet."]
    if without:
        blocks += [Heading("Without pictures"), Points(without)]
    if len(settings) > len(shown):
        blocks.append(Note(f"And {len(settings) - len(shown)} more settings, not shown."))
    return blocks


def _restored(setting: SettingResult, budget: int) -> Strip | None:
    """What the first evaluation of a setting's cells drew that drew something."""
    for cell in setting.cells:
        drawn = restoration(cell.run, budget=budget)
        if drawn is not None:
            told = f"Seed {cell.cell.seed}: {drawn.caption[:1].lower()}{drawn.caption[1:]}"
            alt = f"{drawn.alt}: {setting.words}"
            return Strip(setting.words, told, replace(drawn, alt=alt))
    return None


def _everything(layout: Layout) -> list[Block | str]:
    """All scores; health, images and minutes stand in the table of the runs."""
    blocks: list[Block | str] = []
    if layout.scores or layout.study.published:
        blocks.append(everything_table(layout).without(("health", "images", "minutes")))
    if notes := published_notes(layout):
        blocks += [Heading("Notes on published numbers"), Points(notes, numbered=True)]
    if others := list(map(unmatched_text, layout.unmatched)):
        blocks += [Heading("Published, of no setting of this study"), Points(others)]
    return blocks


def _progress(layout: Layout) -> Sequence[Block | str]:
    charts = progress_charts(layout)
    return [POINTING, Note(WHAT_MARKS_ARE), Charts(charts)] if charts else []


def _file(folder: StudyFolder, study: Study, text: str) -> list[Block | str]:
    """The study's file as it was given, and in what the study that was run differs from it."""
    blocks: list[Block | str] = [
        Mixed("It was begun from Python, without a file; ", Code(folder.settings_file),
              " has its settings.")
    ]  # fmt: skip
    if text.strip():
        written = Fixed(text.rstrip().split("\n"), "Text of the study's file")
        blocks = [Details("Its text", [written])]
    if changed := changed_by_options(study, text):
        blocks += [Heading("Set by options of the command instead"), Facts(changed)]
    return blocks

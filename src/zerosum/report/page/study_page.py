"""STUDY/report.html: one study on one page, from its files and those of its runs."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup

from zerosum.files import write_atomically
from zerosum.generation.output import require_suffix
from zerosum.report.chart import Chart
from zerosum.report.page.render import NO_NOTES, render
from zerosum.report.page.run_page import SUFFIXES
from zerosum.report.page.study_facts import (
    asked,
    cell_rows,
    changed_by_options,
    problems,
    question,
    status_word,
)
from zerosum.report.page.study_pictures import sample_rows, what_they_are
from zerosum.report.page.study_runs import run_parts
from zerosum.report.study.again import definition_text, steps_to_reproduce
from zerosum.report.study.axis_charts import settings_drawings
from zerosum.report.study.dots import DotPlot
from zerosum.report.study.effect_words import what_mattered
from zerosum.report.study.heat_map import Heat
from zerosum.report.study.measured import protocol_texts
from zerosum.report.study.progress_chart import progress_charts
from zerosum.report.study.sentences import sentences_of
from zerosum.report.study.story import standing_sentence
from zerosum.report.study.strips import MOST_SETTINGS
from zerosum.report.study.tables import everything_table, score_tables
from zerosum.report.study.texts import published_notes, unmatched_text
from zerosum.studies.cell_queue import study_results
from zerosum.studies.folder import StudyFolder
from zerosum.studies.results import by_setting
from zerosum.studies.table import lay_out
from zerosum.visible import shell_word

STYLES = ("page.css", "study.css")


def study_report_path(folder: StudyFolder, out: Path | None) -> Path:
    """Where the page goes. Raises UsageError for a name that is no HTML file's."""
    if out is not None:
        require_suffix(out, SUFFIXES)
    return out or folder.path / "report.html"


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
    path = study_report_path(folder, out)
    content = study_content(folder, path, device, unwritten or {})
    write_atomically(
        path, render("study.html", content | {"notes": notes}, live=live, styles=STYLES)
    )
    return path


def study_content(
    folder: StudyFolder, page: Path, device: str, unwritten: Mapping[str, str]
) -> dict[str, Any]:
    """All that study.html shows; links are relative to `page`."""
    study, results = folder.study(), study_results(folder)
    settings = by_setting(results)
    layout = lay_out(study, settings)
    told = {
        "standing": standing_sentence(layout),
        "beside": score_tables(layout)[1:],
        "sentences": sentences_of(layout),
        "effects": what_mattered(layout),
        "notes": published_notes(layout),
        "unmatched": list(map(unmatched_text, layout.unmatched)),
        "protocols": protocol_texts(layout),
    }
    text = definition_text(folder)
    rows = sample_rows(folder, settings, device)
    drawings = settings_drawings(study, layout)
    return {
        "name": study.name,
        "folder": str(folder.path),
        "shell_folder": shell_word(str(folder.path)),
        "made": datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        "status": status_word(folder, results),
        "question": question(text),
        "told": told,
        # Health, images and minutes stand in the table of the runs.
        "everything": everything_table(layout).without(("health", "images", "minutes")),
        "asked": asked(study, layout),
        "heat": next((each for each in drawings if isinstance(each, Heat)), None),
        "setting_charts": [each for each in drawings if isinstance(each, Chart)],
        "dots": next((each for each in drawings if isinstance(each, DotPlot)), None),
        "progress": progress_charts(layout),
        "rows": rows,
        "rows_left_out": max(0, len(settings) - MOST_SETTINGS),
        "what_rows_are": what_they_are(rows),
        "cells": cell_rows(page, layout),
        "parts_of_runs": run_parts(results),
        "problems": problems(layout, unwritten),
        "definition": text.rstrip(),
        "changed": changed_by_options(study, text),
        "reproduce": steps_to_reproduce(folder, layout),
    }

"""The page of a study, from hand-written cells: what it says, links, and what it leaves alone."""

import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image

from tests.generation.conftest import write_checkpoint
from tests.in_process import run_command
from tests.report.conftest import lines_of
from tests.report.page_runs import MODES, NEIGHBOURS, noise_sheet, write_lines
from tests.studies.builders import grid_study, latent_study
from tests.studies.made_up import score_line, write_cell
from tests.studies.tiny import TINY
from zerosum.cli.report import report
from zerosum.data.grid import save_png
from zerosum.errors import UsageError, ZerosumError
from zerosum.records.lines import append_line
from zerosum.records.lock import lock
from zerosum.report.page.pages import page_of
from zerosum.report.page.study_cells import is_stale, write_cell_pages
from zerosum.report.page.study_facts import changed_by_options, question, relative_link
from zerosum.report.page.study_page import write_study_page
from zerosum.report.page.study_runs import MOST_RUNS, RunPart
from zerosum.report.page.study_runs import missing as what_is_missing
from zerosum.report.study.again import going_on, options, steps_to_reproduce
from zerosum.report.study.axis_charts import axis_chart, drawn_charts
from zerosum.report.study.dots import dot_plot
from zerosum.report.study.heat_map import heat_table, ink
from zerosum.report.study.progress_chart import progress_charts
from zerosum.report.study.story import write_document
from zerosum.studies.cell_queue import study_results
from zerosum.studies.cells import cells_of, with_budget
from zerosum.studies.folder import StudyFolder
from zerosum.studies.load import parse_study
from zerosum.studies.recorded import DRAWN, record_cell
from zerosum.studies.results import by_setting
from zerosum.studies.settings import Also, Range, Study
from zerosum.studies.table import Layout, lay_out

VALUES = (1.0, 1.1, 0.9, 5.0, 5.2, 4.8, 9.0, 9.1, 8.9, 3.0, 3.1, 2.9)


class Page(HTMLParser):
    """The headings, links, addresses of pictures and scripts of a page, and its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.sources: list[str] = []
        self.ids: list[str] = []
        self.words: list[str] = []
        self.bold: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self.ids += [known["id"]] if "id" in known else []
        self.links += [known["href"]] if tag == "a" else []
        self.sources += [known["src"]] if "src" in known else []
        if tag not in ("meta", "link", "img", "input", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.words.append(data)
            if self.open[-1] == "strong":
                self.bold.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def study_at(path: Path, study: Study, values: Any = VALUES, text: str = "# Why?\n") -> StudyFolder:
    """A study whose cells ended with these FIDs; a cell of None was not begun."""
    folder = StudyFolder(path)
    folder.write_study(study, text)
    for cell, value in zip(cells_of(study), values, strict=False):
        if value is not None:
            write_cell(folder, cell, value, compared=[(100, value + 9), (200, value + 5)])
            append_line(folder.run(cell.name).metrics_file, {"images": 320, "seconds": 9.0})
    return folder


def small(study: Study, **fields: Any) -> Study:
    return study.model_copy(update={"settings": dict(TINY)} | fields)


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    """Two learning rates and two optimizers, three seeds each; all have ended."""
    return study_at(tmp_path / "four", small(grid_study()))


def laid_out(folder: StudyFolder) -> Layout:
    return lay_out(folder.study(), by_setting(study_results(folder)))


def read(folder: StudyFolder, **options: Any) -> Page:
    return Page(write_study_page(folder, **options).read_text("utf-8"))


def test_the_page_leads_with_the_newest_grid_of_the_best_setting(tmp_path: Path) -> None:
    folder = study_at(tmp_path / "four", small(grid_study()), VALUES[3:6] + VALUES[:3] + VALUES[6:])
    assert "the best setting" not in read(folder).text.lower(), "none has a grid"
    cells = cells_of(folder.study())
    for cell in (cells[0], cells[3], cells[4]):
        for name in ("000000000", "000000320", "reals"):
            save_png(noise_sheet(0), folder.run(cell.name).samples / f"{name}.png", {})
    page = read(folder)
    best = laid_out(folder).entries[1]
    told = f"The best setting: {best.words}, seed {cells[3].seed}, after 320 images."
    assert page.text.index(told) < page.text.index("What came out")
    assert page.text.index(told) < page.text.index("Real images, as the discriminator sees them.")


def test_where_no_setting_is_best_beyond_chance_the_page_leads_with_the_first_in_the_ranking(
    tmp_path: Path,
) -> None:
    study = small(grid_study(seeds=(0,)))
    folder = study_at(tmp_path / "four", study, (14.9, 14.7, 20.0, 30.0))
    for cell in cells_of(study):
        for name in ("000000320", "reals"):
            save_png(noise_sheet(0), folder.run(cell.name).samples / f"{name}.png", {})
    second = laid_out(folder).entries[1]
    assert f"The best FID: {second.words}, seed 0, after 320 images." in read(folder).text


def test_it_asks_no_server_for_anything(folder: StudyFolder) -> None:
    page = read(folder)
    assert all(source.startswith("data:") for source in page.sources)
    assert all(not re.match(r"[a-z]+:|//", link) for link in page.links)
    assert (folder.path / "report.html").stat().st_size < 500_000


def test_it_says_what_was_asked_how_it_stands_and_what_came_out(folder: StudyFolder) -> None:
    text = read(folder).text
    for words in ("Why?", "finished", "12 cells of 4 settings", "0.002, 0.0002", "adam, rmsprop",
                  "FID (digits) ↓", "5.00 ± 0.20", "sample standard deviation over 3 seeds",
                  "What mattered", "learning-rate explains", "zerosum study run",
                  "real_part"[:4]):  # fmt: skip
        assert words in text, words


def test_the_best_is_bold_in_the_table_and_in_the_heat_map(folder: StudyFolder) -> None:
    assert [text for text in read(folder).bold if text.startswith("1.00")] == [
        "1.00",
        "1.00 ± 0.10",
    ]


def test_no_table_is_there_twice_and_health_has_a_word_for_every_run(folder: StudyFolder) -> None:
    written = write_study_page(folder).read_text("utf-8")
    text = Page(written).text
    # The colours, the scores, the runs.
    assert written.count("<table") == 3 and written.count('<td data-label="FID (digits) ↓">') == 4
    runs = text[text.index("how it stands") : text.rindex("Run by run")]
    assert runs.count("too early to say") == 12
    assert "minutes" not in text[text.index("All settings and scores") : text.index("The runs")]


def test_settings_with_one_seed_each_have_their_scores_once(tmp_path: Path) -> None:
    study = small(latent_study(seeds=(0,)))
    text = read(study_at(tmp_path / "latents", study, values=(1.5, 2.5, 4.5))).text
    runs = text[text.index("how it stands") : text.rindex("Run by run")]
    assert "FID" not in runs and "4.5" not in runs
    scores = text[text.index("All settings and scores") : text.index("The runs")]
    assert "4.5" in scores and "seeds" not in scores


def test_the_page_has_the_curves_of_every_run_folded_where_there_are_many(
    tmp_path: Path, folder: StudyFolder
) -> None:
    few = study_at(tmp_path / "latents", small(latent_study(seeds=(0,))))
    for number, result in enumerate(study_results(few)):
        write_lines(result.run.metrics_file, lines_of(40, d_real=0.6 + 0.1 * number))
    written = write_study_page(few).read_text("utf-8")
    text = Page(written).text
    count = len(study_results(few))
    assert written.count("<details open>") == count
    assert written.count('data-chart="losses-') == count
    assert written.count('data-chart="discriminator-') == count
    assert text.count("At the equilibrium") == 1 and "median of D(x) is 0.7" in text
    write_study_page(folder)
    written = (folder.path / "report.html").read_text("utf-8")
    assert "<details open>" not in written and written.count("<details>") == 12 + 1


def test_many_runs_leave_the_page_small(tmp_path: Path) -> None:
    folder = study_at(tmp_path / "many", small(latent_study(seeds=tuple(range(10)))), (1.0,) * 40)
    for result in study_results(folder):
        write_lines(result.run.metrics_file, lines_of(2000))
    page = write_study_page(folder)
    assert page.stat().st_size < 1_500_000
    told = Page(page.read_text("utf-8")).text
    assert f"And {len(study_results(folder)) - MOST_RUNS} more, on pages of their own" in told


def test_every_entry_of_the_contents_is_there(folder: StudyFolder) -> None:
    page = read(folder)
    anchors = [link[1:] for link in page.links if link.startswith("#")]
    assert len(anchors) > 8 and set(anchors) <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_names_are_shown_and_never_run(tmp_path: Path) -> None:
    evil = "<script>alert('x')</script>"
    study = small(latent_study(name=evil, also=({"name": f"a {evil}"},)))
    folder = study_at(tmp_path / "<b>evil & 'co'", study, text=f"# {evil}\n# </pre>{evil}\n")
    written = write_study_page(folder).read_text("utf-8")
    assert evil not in written and "&lt;script&gt;alert(" in written
    Page(written)


def test_a_study_without_a_score_says_what_scores_it_and_has_no_empty_sections(
    tmp_path: Path,
) -> None:
    folder = study_at(tmp_path / "new", small(grid_study()), values=())
    page = read(folder)
    anchors = [link[1:] for link in page.links if link.startswith("#")]
    assert anchors == ["content", "cells", "asked", "file", "reproduce"]
    assert "not begun" in page.text and "12 waiting" in page.text
    command = going_on(folder, laid_out(folder))
    assert command.startswith("zerosum study run ") and command.endswith(f"--out {folder.path}")
    told = f"Nothing was scored yet: {command} trains the cells and scores them."
    assert page.text.index(told) < page.text.index("12 waiting") + 100
    assert page.text.count("yet") == 1


def test_what_an_unscored_study_says_fits_how_it_stands(tmp_path: Path) -> None:
    study = small(latent_study(seeds=(0,)))
    folder = study_at(tmp_path / "failed", study, values=())
    for cell in cells_of(study):
        write_cell(folder, cell, status="failed", reason="the loss is <nan>")
    text = read(folder).text
    assert "Nothing was scored; the table" in text and "the loss is <nan>" in text
    with lock(folder.path):
        assert "each cell is scored when its training has ended" in read(folder).text
    from_python = study_at(tmp_path / "python", study, values=(), text="")
    assert "goes on in the Python program" in read(from_python).text


def test_a_running_study_shows_how_far_its_cells_are(tmp_path: Path) -> None:
    study = small(grid_study())
    folder = study_at(tmp_path / "four", study, values=(*VALUES[:6], None))
    cell = cells_of(study)[6]
    write_cell(folder, cell, status="running")
    run = folder.run(cell.name)
    state = run.state() | {"images": 80}
    run.state_file.write_text(json.dumps(state))
    page = read(folder, live=True)
    assert "running 25 %" in page.text and "renews itself" in page.text
    assert "data-live" in (folder.path / "report.html").read_text("utf-8")


def test_failed_cells_say_why(tmp_path: Path) -> None:
    study = small(grid_study())
    folder = study_at(tmp_path / "four", study, values=(None, *VALUES[1:]))
    write_cell(folder, cells_of(study)[0], status="failed", reason="the loss is <nan>")
    page = read(folder)
    assert "Without a score" in page.text and "at 320 images: the loss is <nan>" in page.text


def test_published_numbers_have_their_notes(tmp_path: Path) -> None:
    number = {"where": {"latent": 4}, "scores": {"fid": 76.55}, "protocol": "another network"}
    study = small(latent_study(published=(number,)))
    text = read(study_at(tmp_path / "latents", study)).text
    assert "76.55 ¹" in text and "not comparable with ours: another network" in text


def test_restorations_show_what_an_evaluation_drew_or_why_there_is_nothing(tmp_path: Path) -> None:
    study = Study(name="mends", recipe=("restore",), data=("digits",), seeds=(0,))
    folder = StudyFolder(tmp_path / "mends")
    folder.write_study(study, "")
    (cell,) = cells_of(study)
    write_cell(folder, cell, 3.0)
    write_checkpoint(folder.run(cell.name), cell.settings(), images=320)
    assert "restores pictures: it makes none from latents" in read(folder).text
    text = {"rows": "damaged, restored, original", "columns": "held-out pictures 0 to 7"}
    drawn = Image.new("RGB", (64, 48), "red")
    save_png(drawn, folder.run(cell.name).charts / "restoration.png", text)
    page = read(folder)
    assert "Seed 0: rows from the top: damaged, restored, original" in page.text
    assert len(page.sources) == 1 and "of the same latents" not in page.text


def test_samples_are_rows_of_pictures_with_their_alternative_text(tmp_path: Path) -> None:
    study = small(latent_study(seeds=(0,)))
    folder = study_at(tmp_path / "latents", study)
    cell = cells_of(study)[0]
    write_checkpoint(folder.run(cell.name), cell.settings(), images=320)
    written = write_study_page(folder).read_text("utf-8")
    assert 'alt="10 samples of latent 1, seed 0"' in written
    assert "latent 4: finished, no checkpoint" in Page(written).text


def test_cells_have_pages_of_their_own_and_links_to_them(folder: StudyFolder) -> None:
    told: list[str] = []
    assert write_cell_pages(study_results(folder), progress=told.append) == {}
    assert len(told) == 12 and told[0].startswith("page 1 of 12: ")
    links = [link for link in read(folder).links if not link.startswith("#")]
    assert len(links) == 12
    assert all((folder.path / link).is_file() for link in links)


def test_a_page_elsewhere_has_links_that_lead_back(folder: StudyFolder, tmp_path: Path) -> None:
    write_cell_pages(study_results(folder))
    (tmp_path / "out").mkdir()
    page = read(folder, out=tmp_path / "out" / "a page.html")
    links = [link for link in page.links if not link.startswith("#")]
    assert links and all((tmp_path / "out" / link).is_file() for link in links)


def test_links_are_quoted(tmp_path: Path) -> None:
    target = tmp_path / "a b#c?" / "report.html"
    assert relative_link(tmp_path / "page.html", target) == ""
    target.parent.mkdir()
    target.touch()
    assert relative_link(tmp_path / "page.html", target) == "a%20b%23c%3F/report.html"


def test_only_pages_that_are_old_are_written_again(folder: StudyFolder) -> None:
    results = study_results(folder)
    write_cell_pages(results)
    assert not any(is_stale(result.run) for result in results)
    file = results[3].run.scores_file
    later = results[3].run.path.joinpath("report.html").stat().st_mtime + 5
    os.utime(file, (later, later))
    told: list[str] = []
    write_cell_pages(results, progress=told.append)
    assert told == [f"page 1 of 1: {results[3].cell.name}"]


def test_a_cell_that_waits_or_only_has_a_recipe_gets_no_page(tmp_path: Path) -> None:
    study = small(latent_study())
    folder = study_at(tmp_path / "latents", study, values=())
    write_cell(folder, cells_of(study)[0], status="running")
    assert write_cell_pages(study_results(folder)) == {}
    assert not list(folder.path.rglob("report.html"))


def test_one_damaged_run_is_told_and_the_others_have_their_pages(folder: StudyFolder) -> None:
    results = study_results(folder)
    results[0].run.recipe_file.write_text("[[[")
    unwritten = write_cell_pages(results)
    assert list(unwritten) == [results[0].cell.name]
    assert "its page is missing" in read(folder, unwritten=unwritten).text


def test_the_command_writes_the_pages_of_the_runs_unless_told_not_to(folder: StudyFolder) -> None:
    done = CliRunner().invoke(report, [str(folder.path), "--no-cells"])
    assert done.exit_code == 0 and f"page: {folder.path / 'report.html'}" in done.output
    assert len(list(folder.path.rglob("report.html"))) == 1
    done = CliRunner().invoke(report, [str(folder.path)])
    assert done.exit_code == 0 and "page 12 of 12" in done.output
    assert len(list(folder.path.rglob("report.html"))) == 13


def test_a_watched_study_writes_the_pages_of_runs_that_have_ended(tmp_path: Path) -> None:
    study = small(latent_study(seeds=(0,)))
    folder = study_at(tmp_path / "latents", study, values=(1.0, 2.0, None))
    name = cells_of(study)[2].name
    write_cell(folder, cells_of(study)[2], status="running")
    append_line(folder.run(name).metrics_file, {"images": 64, "seconds": 2.0})
    page = page_of(folder.path)
    assert set(folder.run(name).path.iterdir()) & set(page.files())
    page.write(True)
    assert len(list(folder.path.glob("cells/*/report.html"))) == 2
    page.write(False)
    assert len(list(folder.path.glob("cells/*/report.html"))) == 3


def test_it_is_written_to_html_files_only(folder: StudyFolder, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="html"):
        write_study_page(folder, tmp_path / "page.pdf")
    with pytest.raises(ZerosumError, match="does not exist"):
        write_study_page(StudyFolder(tmp_path / "none"))


def test_two_axes_are_a_heat_map_whose_ink_can_be_read(folder: StudyFolder) -> None:
    layout = laid_out(folder)
    heat = heat_table(layout)
    assert heat is not None and heat.columns == ("optimizer adam", "optimizer rmsprop")
    squares = [square for _, own in heat.rows for square in own if square is not None]
    assert [square.value for square in squares] == ["1.00", "5.00", "9.00", "3.00"]
    assert len({square.ground for square in squares}) == 4
    assert ink((1.0, 0.9, 0.2)) == "#000000" and ink((0.0, 0.13, 0.3)) == "#ffffff"
    assert axis_chart(layout) is None


def test_one_axis_of_numbers_is_a_curve_with_single_seeds(tmp_path: Path) -> None:
    study = small(latent_study(grid={"latent": (1, 100, 4)}))
    chart = axis_chart(laid_out(study_at(tmp_path / "latents", study)))
    assert chart is not None
    means, rings = chart.series
    assert chart.x_log and chart.x_names == ["1", "4", "100"] and means.x == [1, 4, 100]
    assert means.y == [1.0, 9.0, 5.0] and means.error == pytest.approx([0.1, 0.1, 0.2])
    assert means.texts == ["1.00 ± 0.10", "9.00 ± 0.10", "5.00 ± 0.20"]
    assert rings.rings and len(rings.y) == 9


def test_one_axis_of_names_is_a_line_of_dots_each(tmp_path: Path) -> None:
    study = small(latent_study(grid={"optimizer": ("adam", "sgd", "rmsprop")}))
    layout = laid_out(study_at(tmp_path / "names", study, values=(*VALUES[:6], None)))
    assert axis_chart(layout) is None and heat_table(layout) is None
    plot = dot_plot(layout)
    assert plot is not None
    assert [row.words for row in plot.rows] == [f"optimizer {name}" for name in
                                                ("adam", "sgd", "rmsprop")]  # fmt: skip
    assert plot.rows[2].mean is None and plot.rows[2].text == "3 × waiting"
    for row in plot.rows:
        assert all(0 <= at <= 1 for at in (row.low, row.high, *row.seeds))


def test_every_cell_stands_against_images_and_minutes(folder: StudyFolder) -> None:
    images, minutes = progress_charts(laid_out(folder))
    assert len({one.label for one in images.series}) == 4 and len(images.series) == 24
    assert next(one.x for one in images.series if one.line) == [100, 200]
    assert next(one.x for one in minutes.series if not one.line) == [0.15]
    assert "FID" in images.in_words()


def test_of_many_settings_the_best_have_a_look_of_their_own(tmp_path: Path) -> None:
    study = small(latent_study(grid={"latent": tuple(range(1, 15))}, seeds=(0,)))
    layout = laid_out(study_at(tmp_path / "many", study, values=[9.0 + n for n in range(14)]))
    chart = progress_charts(layout)[0]
    named = [one.label for one in chart.series if one.label != "all others"]
    assert list(dict.fromkeys(named)) == [f"latent {n}" for n in range(1, 6)]
    assert chart.series[0].label == "all others"


def test_settings_that_were_drawn_have_a_chart_for_each_axis(tmp_path: Path) -> None:
    wanted = small(
        latent_study(seeds=(0,), grid={"learning-rate": Range(low=1e-4, high=1e-2, log=True),
                                       "optimizer": ("adam", "sgd")})
    )  # fmt: skip
    folder = StudyFolder(tmp_path / "drawn")
    folder.write_study(wanted, "")
    at = wanted.model_copy(update={"grid": {"learning-rate": (1e-4, 5e-3),
                                            "optimizer": ("adam", "sgd")}})  # fmt: skip
    for number, cell in enumerate(cells_of(at)):
        record_cell(folder, cell, DRAWN)
        write_cell(folder, cell, 2.0 + number)
    rate, optimizer = drawn_charts(laid_out(folder))
    assert rate.x_log and rate.series[0].x == [1e-4, 1e-4, 5e-3, 5e-3]
    assert optimizer.x_names == ["adam", "sgd"] and optimizer.series[0].x == [0, 0, 1, 1]
    assert "drawn from 0.0001 to 0.01 by its logarithm" in read(folder).text


def test_the_head_of_the_file_is_a_sentence_and_paragraphs() -> None:
    found = question("# What?\n#\n# Because\n# of that.\n#\n# Also.\n\nseeds = 1\n# no\n")
    assert (found.headline, found.more) == ("What?", ("Because of that.", "Also."))
    assert question("").headline == ""


def test_options_of_the_command_are_told() -> None:
    text = 'recipe = "digits"\nepochs = 3\n'
    run = Study(name="x", recipe=("digits",), images=500, settings={"batch": 8})
    assert dict(changed_by_options(run, text)) == {
        "images": "500", "settings": "batch 8"}  # fmt: skip
    assert options(run, text) == ["--images", "500", "--batch", "8"]
    assert (
        options(run, "") == []
        and changed_by_options(run, "") == []
        and changed_by_options(run, "[[") == []
    )


def test_cells_measured_in_two_ways_are_told_apart(tmp_path: Path) -> None:
    study = small(latent_study(grid={"latent": (1, 4)}, seeds=(0,)))
    folder = study_at(tmp_path / "latents", study, values=(3.0,))
    cell = cells_of(study)[1]
    write_cell(folder, cell)
    line = json.loads(json.dumps(score_line(8.0, 320, "reported")))
    line["protocol"] |= {"extractor": "inception-2048", "real_data": "others"}
    folder.run(cell.name).scores_file.write_text(json.dumps(line) + "\n")
    page = read(folder)
    assert "[A] 3.00 ± 0.50" in page.text and "[B] 8.00 ± 0.50" in page.text
    assert len(progress_charts(laid_out(folder))) == 2, "the other way has one score, a dot alone"


def test_a_run_that_was_too_slow_to_log_is_told_among_the_others(tmp_path: Path) -> None:
    folder = study_at(tmp_path / "latents", small(latent_study(seeds=(0,))))
    slow = study_results(folder)[1]
    slow.run.metrics_file.unlink()
    slow.run.checkpoints.mkdir()
    slow.run.state_file.write_text(json.dumps({"status": "stopped", "step": 44, "images": 2816}))
    text = read(folder).text
    curves = text[text.rindex("Run by run") : text.index("Scores against images and minutes")]
    assert [curves.count(result.cell.name) for result in study_results(folder)] == [1, 1, 1]
    assert "it logged nothing in its 44 steps (2,816 images)" in curves
    assert "Without classes: all runs. Without ways between pictures: all runs." in curves
    assert f"zerosum report {folder.path} --all adds what it can" in curves


def test_the_page_that_is_handed_in_has_each_runs_classes_and_neighbours(tmp_path: Path) -> None:
    folder = study_at(tmp_path / "latents", small(latent_study(seeds=(0,))))
    run = study_results(folder)[1].run
    (run.path / "modes.json").write_text(json.dumps(MODES))
    (run.path / "neighbours.json").write_text(json.dumps(NEIGHBOURS))
    run.charts.mkdir()
    save_png(Image.new("RGB", (640, 200), "white"), run.charts / "neighbours.png", {})
    page = read(folder)
    curves = page.text[
        page.text.rindex("Run by run") : page.text.index("Scores against images and minutes")
    ]
    assert "Classes: covers all 2 classes. class 0 <b>1</b> generated 70 30" in curves
    assert "share 70.0% 30.0% real share 50.0% 50.0%" in curves
    assert f"Nearest neighbours: {NEIGHBOURS['verdict']}." in curves
    assert "Generated images beside their nearest training images" in curves
    assert "Without nearest neighbours: " in curves, "the other runs were not looked at"


def test_a_run_of_too_few_steps_is_near_no_equilibrium(tmp_path: Path) -> None:
    needing = {**TINY, "schedule.minimum_steps": 9}
    folder = study_at(tmp_path / "latents", small(latent_study(seeds=(0,)), settings=needing))
    for result in study_results(folder):
        state = result.run.state() | {"step": 4, "data": {"train": 100}}
        result.run.state_file.write_text(json.dumps(state))
        write_lines(result.run.metrics_file, lines_of(9))
    text = read(folder).text
    assert "All runs ended before the 9 generator steps that the recipe needs." in text
    short = "That says nothing yet: 4 generator steps, and this recipe needs 9 or more."
    assert text.count(short) == len(study_results(folder))


def test_the_page_names_the_runs_that_lack_something() -> None:
    def part(
        name: str,
        modes: str = "",
        ways: bool = False,
        restores: bool = False,
        searched: bool = True,
    ) -> RunPart:
        return RunPart(name, "", "", (), bool(modes), ways, searched, restores)

    def missing(*runs: RunPart) -> tuple[str, ...]:
        return what_is_missing(runs)

    assert missing(part("a", "all", ways=True), part("b", ways=True), part("c", "all")) == (
        "Without classes: b.", "Without ways between pictures: c.",
    )  # fmt: skip
    assert missing(part("a", ways=True), part("b", ways=True)) == (), "images without classes"
    assert missing(part("a", restores=True)) == ()
    assert missing(part("a", "all", True, searched=False)) == ("Without nearest neighbours: a.",)


def test_a_setting_beside_a_heat_map_has_its_score_below(tmp_path: Path) -> None:
    study = small(grid_study(seeds=(0,), also=(Also(name="mlp", set={"width": 16}),)))
    text = read(study_at(tmp_path / "beside", study, values=(1.0, 5.0, 9.0, 3.0, 54.77))).text
    came_out = text[text.rindex("What came out") : text.rindex("Samples")]
    assert "beside the grid" in came_out and "mlp" in came_out and "54.77 ± 0.50" in came_out


def test_table_and_page_repeat_the_study_by_the_same_commands_with_its_options(
    tmp_path: Path,
) -> None:
    study = small(latent_study(seeds=(0,), data=("my photos",), minutes=1.0))
    folder = study_at(tmp_path / "latents", study, text='recipe = "digits"\ngrid.latent = [1, 4]\n')
    results = study_results(folder)
    layout = lay_out(study, by_setting(results))
    write_document(folder, layout)
    steps = [command for _, command in steps_to_reproduce(folder, layout)]
    table, page = folder.table_file.read_text("utf-8"), read(folder).text
    assert all(command in table and command in page for command in steps)
    runs = [command for command in steps if command.startswith("zerosum study run")]
    assert len(runs) == 2 and all(f"{folder.definition_file} --minutes 1 " in run for run in runs)
    assert all("--data 'my photos'" in run for run in runs)


def test_a_study_is_repeated_with_its_preset_and_its_millions_of_images() -> None:
    text = 'recipe = "digits"\ngrid.latent = [1, 4]\n[preset.long]\nepochs = 9\n'
    study = parse_study(text, "latents-long", "", "long")
    assert options(study, text) == ["--preset", "long"]
    longer = with_budget(study, images=2_000_000)
    assert options(longer, text) == ["--preset", "long", "--images", "2000000"]


def test_a_study_is_repeated_with_lists_pairs_and_switches_as_the_command_line_reads_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = {
        "evaluation.scores": ("fid", "kid"),
        "optimizer.generator.betas": (0.0, 0.9),
        "data.flip": True,
    }
    words = options(Study(name="x", recipe=("digits",), settings=settings), 'recipe = "digits"\n')
    assert words == [
        *("--evaluation.scores", "fid,kid", "--optimizer.generator.betas", "0.0", "0.9"),
        *("--data.flip", "yes"),
    ]
    run_command("study", "run", "nowhere.toml", *words)
    assert "there is no study" in capsys.readouterr().err, "no option is wrong"


def test_a_study_without_a_file_is_not_said_to_be_run_from_it(tmp_path: Path) -> None:
    study = small(latent_study(seeds=(0,)))
    folder = study_at(tmp_path / "latents", study, text="")
    steps = steps_to_reproduce(folder, laid_out(folder))
    assert steps and not any("study run" in command for _, command in steps)

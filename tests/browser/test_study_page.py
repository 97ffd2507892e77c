"""The page of a study in a browser: nothing is asked for, charts are read, nothing is too wide."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.report.test_study_page import small, study_at
from tests.studies.builders import grid_study, latent_study
from zerosum.report.page.chromium import find_chromium
from zerosum.report.page.study_cells import write_cell_pages
from zerosum.report.page.study_page import write_study_page
from zerosum.studies.cell_queue import study_results
from zerosum.studies.folder import StudyFolder

pytest.importorskip("playwright", reason="playwright is not installed")
pytest.importorskip("axe_playwright_python", reason="axe is not installed")

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium is installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A heat map; a cell has failed, and the pages of the others are there."""
    values = (1.0, 1.1, 0.9, 5.0, 5.2, 4.8, 9.0, 9.1, 8.9, 3.0, 3.1, None)
    folder = study_at(tmp_path_factory.mktemp("grid") / "four", small(grid_study()), values)
    write_cell_pages(study_results(folder))
    return write_study_page(folder)


@pytest.fixture(scope="module")
def axis(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A curve over one axis."""
    folder = study_at(tmp_path_factory.mktemp("axis") / "latents", small(latent_study()))
    return write_study_page(folder)


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A line of dots for each of three names, and one that waits."""
    study = small(latent_study(grid={"optimizer": ("adam", "sgd", "rmsprop")}))
    values = (1.0, 1.1, 0.9, 5.0, 5.2, 4.8)
    return write_study_page(study_at(tmp_path_factory.mktemp("names") / "names", study, values))


def opened(browser: Any, page: Path, width: int = 1280, scheme: str = "light") -> Any:
    """The page, of which no request left and no script failed."""
    shown = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked: list[str] = []
    wrong: list[str] = []
    shown.on("request", lambda request: asked.append(request.url))
    shown.on("pageerror", lambda error: wrong.append(str(error)))
    shown.on("console", lambda message: wrong.append(message.text))
    shown.goto(page.as_uri())
    assert [url for url in asked if not url.startswith("data:")] == [page.as_uri()]
    assert not wrong
    return shown


def violations(shown: "Page") -> list[dict[str, Any]]:
    """The rules of accessibility that a page breaks."""
    from axe_playwright_python.sync_playwright import Axe

    found: list[dict[str, Any]] = Axe().run(shown).response["violations"]
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("which", ["grid", "axis", "names"])
def test_it_is_accessible_and_never_wider_than_the_screen(
    browser: Any,
    request: pytest.FixtureRequest,
    which: str,
    width: int,
    scheme: str,
) -> None:
    shown = opened(browser, request.getfixturevalue(which), width, scheme)
    assert shown.evaluate("document.documentElement.scrollWidth") == width
    found = violations(shown)
    told = [(each["id"], [node["target"] for node in each["nodes"]]) for each in found]
    assert told == [], json.dumps(told, indent=1)
    shown.close()


CUT = """() => [...document.querySelectorAll('.scroll, .charts, table')]
  .filter(each => each.checkVisibility() && each.scrollWidth > each.clientWidth + 1)
  .map(each => each.getAttribute('aria-label') || each.className)"""


@pytest.mark.parametrize("which", ["grid", "axis", "names"])
def test_nothing_is_cut_on_a_desk(browser: Any, request: pytest.FixtureRequest, which: str) -> None:
    shown = opened(browser, request.getfixturevalue(which), 1280)
    assert shown.evaluate(f"({CUT})()") == []
    shown.close()


def test_on_a_phone_scores_stand_before_names_and_nothing_is_beside_the_screen(
    browser: Any, grid: Path
) -> None:
    shown = opened(browser, grid, 390)
    for section, score in (("everything", "FID (digits) ↓"), ("cells", "FID")):
        row = shown.locator(f"#{section} tbody tr").first
        name = row.locator("th").bounding_box()
        value = row.locator(f"td[data-label='{score}']").bounding_box()
        assert name is not None and value is not None
        assert value["y"] < name["y"] and value["x"] + value["width"] <= 390
    shown.close()


BOXES = """section => [...document.querySelectorAll(`#${section} .numbers tbody tr`)].map(row => {
  const box = row.getBoundingClientRect(), style = getComputedStyle(row);
  const name = row.querySelector('th').getBoundingClientRect();
  const sides = ['Top', 'Right', 'Bottom', 'Left'].map(side => style[`border${side}Width`]);
  return {top: box.top, foot: box.bottom, name: [name.top, name.bottom], sides};
})"""


def test_on_a_phone_every_run_is_a_box_of_its_own_with_its_name_inside(
    browser: Any, grid: Path
) -> None:
    shown = opened(browser, grid, 390)
    for section in ("everything", "cells"):
        boxes = shown.evaluate(BOXES, section)
        assert len(boxes) > 3
        for box in boxes:
            assert all(side != "0px" for side in box["sides"])
            assert box["top"] < box["name"][0] < box["name"][1] < box["foot"]
        for one, next_one in pairwise(boxes):
            assert next_one["top"] - one["foot"] >= 8
    shown.close()


def test_at_rest_the_newest_values_of_every_setting_are_told(browser: Any, grid: Path) -> None:
    shown = opened(browser, grid)
    chart = shown.locator("[data-chart=images-0]")
    assert chart.locator("[data-reading]").inner_text() == "the newest of each"
    items = chart.locator(".legend li").all_inner_texts()
    assert " ".join(items[0].split()) == "learning-rate 0.002, optimizer adam 1.00, 1.10, 0.90"
    assert len(items) == 4
    shown.close()


def test_pointing_tells_the_values_of_every_cell_there(browser: Any, grid: Path) -> None:
    shown = opened(browser, grid)
    for key, where in (("images-0", "at 100 images"), ("minutes-0", "at 0.04688 minutes")):
        chart = shown.locator(f"[data-chart={key}]")
        plot = chart.locator("[data-plot]")
        plot.focus()
        plot.press("Home")
        assert chart.locator("[data-reading]").inner_text() == where
        values = chart.locator(".legend b").all_inner_texts()
        assert values[0] == "10.00, 10.10, 9.90" and values[2] == "18.00, 18.10, 17.90"
        assert "optimizer adam 10.00, 10.10, 9.90" in (plot.get_attribute("aria-valuetext") or "")
    shown.close()


def test_a_curve_over_an_axis_tells_its_value(browser: Any, axis: Path) -> None:
    shown = opened(browser, axis)
    chart = shown.locator("[data-chart=settings]")
    ticks = chart.locator("[data-plot] text").all_text_contents()
    assert {"1", "4", "16", "latent"} <= set(ticks)
    plot = chart.locator("[data-plot]")
    plot.focus()
    plot.press("Home")
    assert chart.locator("[data-reading]").inner_text() == "at latent 1"
    assert chart.locator(".legend b").all_inner_texts() == ["1.00 ± 0.10", "1.00, 1.10, 0.90"]
    shown.close()


def test_links_lead_to_the_pages_of_the_runs(browser: Any, grid: Path) -> None:
    shown = opened(browser, grid)
    shown.locator("#cells a").first.click()
    shown.wait_for_load_state()
    assert shown.locator("h1").inner_text() == "learning-rate-0.002_optimizer-adam_seed-0"
    shown.close()


def test_without_scripts_every_number_is_still_there(browser: Any, grid: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    shown = context.new_page()
    shown.goto(grid.as_uri())
    assert "the tables have the same numbers" in shown.locator("#progress noscript").inner_text()
    assert "5.00 ± 0.20" in shown.locator("#everything").inner_text()
    context.close()


def test_a_page_of_an_empty_study_is_accessible(browser: Any, tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path / "none")
    folder.write_study(small(grid_study()), "")
    shown = opened(browser, write_study_page(folder), 360)
    assert violations(shown) == []
    shown.close()

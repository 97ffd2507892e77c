"""The page of a run in a browser: nothing is asked for, the slider moves, no name is run."""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.training.conftest import launcher
from tests.training.launcher import Launcher
from zerosum.records.run import RunFolder
from zerosum.report.page import write_pdf, write_run_page
from zerosum.report.page.chromium import find_chromium

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
AXE = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

__all__ = ["launcher"]

HOSTILE = "<script>alert(1)</script>'\"&"
OPTIONS = {
    "width": 4,
    "batch": 16,
    "data.limit": 64,
    "images": 640,
    "schedule.log_every": 2,
    "schedule.sample_every": 160,
    "evaluation.images": 50,
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium is installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def run(launcher: Launcher, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A real training of two seconds, in a folder whose name is a trap."""
    folder = tmp_path_factory.mktemp("page")
    words = [word for name, value in OPTIONS.items() for word in (f"--{name}", value)]
    code, child = launcher.run(folder, "train", "digits", *words, "--out", "run", charts=True)
    assert code == 0, child.stderr
    trap = folder / HOSTILE.replace("/", "∕")
    (folder / "run").rename(trap)
    found = RunFolder(trap)
    state = found.state() | {
        "machine": HOSTILE,
        "command": shlex.join(["zerosum", "train", HOSTILE]),
    }
    found.state_file.write_text(json.dumps(state))
    return found


@pytest.fixture(scope="module")
def page(run: RunFolder) -> Path:
    return write_run_page(run)[0]


def opened(browser: Any, page: Path, width: int = 1280, scheme: str = "light") -> Any:
    """The page, of which no request left and no script failed."""
    shown = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked: list[str] = []
    wrong: list[str] = []
    shown.on("request", lambda request: asked.append(request.url))
    shown.on("pageerror", lambda error: wrong.append(str(error)))
    shown.on("console", lambda message: wrong.append(message.text))
    shown.on("dialog", lambda dialog: wrong.append(dialog.message))
    shown.goto(page.as_uri())
    assert len([url for url in asked if not url.startswith("data:")]) == 1
    assert not wrong
    return shown


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_it_is_accessible_and_never_wider_than_the_screen(
    browser: Any, page: Path, width: int, scheme: str
) -> None:
    shown = opened(browser, page, width, scheme)
    assert shown.evaluate("document.documentElement.scrollWidth") == width
    found = AXE.Axe().run(shown).response["violations"]
    serious = [each["id"] for each in found if each["impact"] in ("serious", "critical")]
    assert serious == []
    shown.close()


def test_every_picture_is_there_with_words_for_it(browser: Any, page: Path) -> None:
    shown = opened(browser, page)
    pictures = shown.locator("img").evaluate_all(
        "all => all.map(each => [each.naturalWidth, each.alt.length])"
    )
    assert len(pictures) >= 6
    assert all(width > 0 and words > 10 for width, words in pictures)
    shown.close()


def test_the_slider_goes_through_the_grids_by_hand_and_by_keyboard(
    browser: Any, page: Path
) -> None:
    shown = opened(browser, page)
    slider = shown.locator("[data-frames] input[type=range]")
    visible = "all => all.filter(each => each.checkVisibility()).map(each => each.alt)"
    last = shown.locator("[data-frames] img").evaluate_all(visible)
    slider.focus()
    shown.keyboard.press("ArrowLeft")
    before = shown.locator("[data-frames] img").evaluate_all(visible)
    slider.fill("0")
    first = shown.locator("[data-frames] img").evaluate_all(visible)

    assert len(last) == len(before) == len(first) == 1
    assert "after 640 images" in last[0]
    assert len({last[0], before[0], first[0]}) == 3
    shown.close()


def test_pointing_at_a_curve_reads_its_values(browser: Any, page: Path) -> None:
    shown = opened(browser, page)
    chart = shown.locator("[data-chart]").first
    plot, reading = chart.locator("[data-plot]"), chart.locator("[data-reading]")
    at_rest = reading.inner_text()
    plot.hover(position={"x": 120, "y": 60})
    pointed = reading.inner_text()
    assert "images" in pointed
    assert pointed != at_rest
    shown.close()


def test_names_are_shown_and_never_run(browser: Any, page: Path) -> None:
    shown = opened(browser, page)
    assert shown.locator("h1").inner_text() == HOSTILE.replace("/", "∕")
    assert HOSTILE in str(shown.locator("body").text_content()), "machine and versions are folded"
    shown.close()


def test_on_paper_the_last_grid_stands_for_the_slider(browser: Any, page: Path) -> None:
    shown = opened(browser, page)
    shown.locator("[data-frames] input[type=range]").fill("0")
    shown.emulate_media(media="print")
    visible = "all => all.filter(each => each.checkVisibility()).map(each => each.alt)"
    [printed] = shown.locator("[data-frames] img").evaluate_all(visible)
    assert "after 640 images" in printed
    assert not shown.locator("[data-frames] input[type=range]").is_visible()
    shown.close()


def test_the_page_is_small_and_a_pdf_can_be_had(page: Path, tmp_path: Path) -> None:
    assert page.stat().st_size < 8_000_000
    if find_chromium() is None:
        pytest.skip("no Chromium is installed")
    assert write_pdf(page, tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")

"""The page of a run by keyboard, finger and eye: every state of it, and no barrier at all."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from tests.report.conftest import lines_of
from tests.report.page_runs import bare_run, full_run, write_lines
from zerosum.report.page import write_run_page

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOSTILE = "</script><script>window.ran=1</script><img src=x onerror='window.ran=1'>\u2028\"&"
WIDTHS = (1280, 360)


class Seen:
    """A page in the browser, and what it did while it was open."""

    def __init__(self, browser: "Browser", path: Path, width: int, scheme: str) -> None:
        chosen: Literal["dark", "light"] = "dark" if scheme == "dark" else "light"
        self.page: Page = browser.new_page(
            viewport={"width": width, "height": 900}, color_scheme=chosen
        )
        self.asked: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.goto(path.as_uri())

    def close(self) -> None:
        """Close it; nothing may have been said or asked for besides the file itself."""
        asked = [url for url in self.asked if not url.startswith("data:")]
        self.page.close()
        assert self.said == [] and len(set(asked)) == 1 and asked[0].startswith("file:")


def until(page: "Page", condition: str) -> None:
    """Wait for it. Playwright's own waiting evaluates text, which the page's policy forbids."""
    deadline = time.monotonic() + 60
    while True:
        try:
            if page.evaluate(condition):
                return
        except sync_api.Error:
            pass  # the page was being loaded
        assert time.monotonic() < deadline, condition
        page.wait_for_timeout(100)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run_page(full_run(tmp_path_factory.mktemp("runs") / "demo", sheets=5))[0]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run_page(bare_run(tmp_path_factory.mktemp("runs") / "begun"))[0]


@pytest.fixture
def seen(browser: "Browser", full: Path) -> Iterator[Seen]:
    opened = Seen(browser, full, 1280, "light")
    yield opened
    opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("which", ["full", "begun"])
def test_no_serious_barrier_and_nothing_wider_than_the_screen(
    browser: "Browser", request: pytest.FixtureRequest, which: str, width: int, scheme: str
) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    opened = Seen(browser, request.getfixturevalue(which), width, scheme)
    assert opened.page.evaluate("document.documentElement.scrollWidth") == width
    violations = axe.Axe().run(opened.page).response["violations"]
    told = [
        (each["id"], each["impact"], [node["target"] for node in each["nodes"]])
        for each in violations
    ]
    assert told == [], json.dumps(told, indent=1)
    opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_pictures_verdict_and_scores_lie_in_the_first_screen(
    browser: "Browser", full: Path, width: int, height: int, scheme: str
) -> None:
    opened = Seen(browser, full, width, scheme)
    opened.page.set_viewport_size({"width": width, "height": height})
    boxes = [
        opened.page.locator(which).bounding_box()
        for which in (".stack img:visible", ".pair > figure:last-child img", ".verdict",
                      ".scores div:first-child", ".scores div:last-child")
    ]  # fmt: skip
    for box in boxes:
        assert box is not None and box["height"] > 10
        assert box["y"] >= 0 and box["y"] + box["height"] <= height
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
    newest, real, verdict, *scores = boxes
    assert newest and real and verdict and scores[0]
    assert newest["y"] + newest["height"] < verdict["y"] < scores[0]["y"], "pictures lead"
    one_line = 1.6 * 16  # pixels
    assert all(box and (width < 800 or box["height"] < one_line) for box in (verdict, *scores))
    assert newest["y"] == real["y"] and newest["width"] == real["width"] > 150
    opened.close()


def test_folded_settings_are_open_on_paper(seen: Seen) -> None:
    settings = seen.page.locator("table.settings")
    assert not settings.is_visible()
    seen.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert settings.is_visible()
    seen.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not settings.is_visible()
    seen.page.get_by_text("All settings").click()
    assert settings.is_visible()


def test_every_picture_is_there_and_every_one_but_the_sliders_is_shown(seen: Seen) -> None:
    pictures = seen.page.locator("img").all()
    sizes = [picture.evaluate("each => each.naturalWidth") for picture in pictures]
    assert len(pictures) == 5 + 1 + 1 + 2 and min(sizes) > 0
    shown = [picture for picture in pictures if picture.is_visible()]
    assert len(shown) == len(pictures) - 4
    assert seen.page.locator(".stack img:visible").get_attribute("alt") == (
        "Samples after 4,000 images"
    )


def test_the_slider_moves_the_grid_by_hand_and_by_keyboard(seen: Seen) -> None:
    slider = seen.page.get_by_label("Images seen")
    shown, told = seen.page.locator(".stack img:visible"), seen.page.locator(".frames output")
    assert slider.get_attribute("aria-valuetext") == "after 4,000 images"
    slider.focus()
    slider.press("Home")
    assert shown.get_attribute("alt") == "Samples after 0 images"
    slider.press("ArrowRight")
    assert shown.get_attribute("alt") == "Samples after 1,000 images"
    assert told.inner_text() == "after 1,000 images"
    assert slider.get_attribute("aria-valuetext") == "after 1,000 images"
    slider.fill("3")
    assert shown.get_attribute("alt") == "Samples after 3,000 images"


def test_pointing_at_a_curve_tells_its_values(seen: Seen) -> None:
    chart = seen.page.locator("[data-chart=losses]")
    chart.scroll_into_view_if_needed()
    plot, reading = chart.locator("[data-plot]"), chart.locator("[data-reading]")
    at_rest = reading.inner_text()
    assert "80,000" in at_rest
    box = plot.bounding_box()
    assert box is not None
    seen.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    middle = reading.inner_text()
    assert middle != at_rest and "images" in middle
    values = chart.locator(".legend b").all_inner_texts()
    assert len(values) == 2 and all(float(value) > 0 for value in values)
    assert chart.locator(".cursor").get_attribute("visibility") == "visible"
    seen.page.mouse.move(0, 0)
    assert reading.inner_text() == at_rest


def test_at_rest_the_last_log_line_is_told_and_pointed_at_the_means(
    browser: "Browser", tmp_path: Path
) -> None:
    run, lines = full_run(tmp_path / "run"), lines_of(400)
    lines[-1] |= {"loss_generator": 1.2345678}
    del lines[-1]["loss_discriminator"]
    write_lines(run.metrics_file, lines)
    opened = Seen(browser, write_run_page(run)[0], 1280, "light")
    chart = opened.page.locator("[data-chart=losses]")
    plot, values = chart.locator("[data-plot]"), chart.locator(".legend b")
    assert values.all_inner_texts() == ["1.235", "–"]
    last = f"last log line, at {lines[-1]['images']:,} images"
    assert chart.locator("[data-reading]").inner_text() == last
    plot.focus()
    assert values.nth(0).inner_text() != "1.235" and float(values.nth(1).inner_text()) > 0
    plot.blur()
    assert values.all_inner_texts() == ["1.235", "–"]
    opened.close()


def test_the_keyboard_walks_along_a_curve(seen: Seen) -> None:
    chart = seen.page.locator("[data-chart=discriminator]")
    plot, reading = chart.locator("[data-plot]"), chart.locator("[data-reading]")
    plot.focus()
    plot.press("Home")
    first = reading.inner_text()
    plot.press("ArrowRight")
    assert reading.inner_text() != first
    told = plot.get_attribute("aria-valuetext") or ""
    assert "D(x) 0.7" in told and "images" in told
    plot.press("End")
    assert "80,000" in reading.inner_text()


def test_touching_a_curve_tells_its_values(browser: "Browser", full: Path) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 700}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(full.as_uri())
    chart = page.locator("[data-chart=losses]")
    before = chart.locator("[data-reading]").inner_text()
    chart.locator("[data-plot]").tap()
    assert chart.locator("[data-reading]").inner_text() != before
    context.close()


def test_curves_fit_when_the_window_changes(seen: Seen) -> None:
    seen.page.set_viewport_size({"width": 400, "height": 800})
    until(seen.page, "document.querySelector('[data-plot] svg').viewBox.baseVal.width < 400")
    assert seen.page.evaluate("document.documentElement.scrollWidth") == 400


LABELS = """[...document.querySelectorAll('.plot text.value')].map(each => {
  const box = each.getBoundingClientRect(), plot = each.closest('.plot').getBoundingClientRect();
  return [each.textContent, box.left - plot.left];
})"""


@pytest.mark.parametrize("width", [1280, 390])
def test_values_of_an_axis_are_told_apart_and_not_cut(
    browser: "Browser", tmp_path: Path, width: int
) -> None:
    run = full_run(tmp_path / "run")
    lines = lines_of(25)
    for number, line in enumerate(lines):
        line["loss_generator"] = 12_345.2 + 0.1 * (number % 7)
        line["loss_discriminator"] = 12_345.6
        line["gradient_norm_generator"] = -1.2e-5 * (number % 5)
        line["gradient_norm_discriminator"] = 2e-5
    write_lines(run.metrics_file, lines)
    opened = Seen(browser, write_run_page(run)[0], width, "light")
    labels = opened.page.evaluate(LABELS)
    losses = [text for text, _ in labels if text.startswith("12,345")]
    assert "12,345.6" in losses and len(set(losses)) == len(losses) > 2
    assert any("e−5" in text for text, _ in labels)
    assert [text for text, left in labels if left < 0] == []
    opened.close()


HINT = "each => getComputedStyle(each, '::before').content"


def test_what_is_wider_than_a_phone_says_on_which_side_it_goes_on(
    browser: "Browser", full: Path
) -> None:
    opened = Seen(browser, full, 390, "light")
    wide = opened.page.locator(".scroll.drawing").first
    wide.scroll_into_view_if_needed()
    until(opened.page, "!!document.querySelector('.drawing[data-goes-on]')")
    assert wide.evaluate(HINT) == '"goes on to the right →"'
    wide.evaluate("each => each.scrollTo(5, 0)")
    until(opened.page, "document.querySelector('.drawing').dataset.goesOn === 'both'")
    wide.evaluate("each => each.scrollTo(9999, 0)")
    until(opened.page, "document.querySelector('.drawing').dataset.goesOn === 'left'")
    assert wide.evaluate(HINT) == '"← goes on to the left"'
    opened.close()


def test_what_fits_says_nothing_of_going_on(seen: Seen) -> None:
    seen.page.wait_for_timeout(100)
    assert seen.page.locator("[data-goes-on]").count() == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_a_picture_opens_larger_by_hand_and_by_keyboard(
    browser: "Browser", full: Path, width: int
) -> None:
    opened = Seen(browser, full, width, "light")
    page = opened.page
    for which in (".stack img:visible", "#modes img"):
        picture = page.locator(which)
        before = picture.bounding_box()
        picture.click()
        large = page.locator("dialog img")
        after = large.bounding_box()
        assert before and after and after["width"] > 1.5 * before["width"]
        assert large.get_attribute("alt") == picture.get_attribute("alt")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.keyboard.press("Escape")
        page.locator("dialog").wait_for(state="detached", timeout=5_000)
    page.locator("#modes .open").press("Enter")
    page.get_by_role("button", name="Close").click()
    page.locator("dialog").wait_for(state="detached", timeout=5_000)
    opened.close()


def test_names_are_shown_and_not_run(browser: "Browser", tmp_path: Path) -> None:
    name = "a\"b'<img src=x onerror=window.ran=1>"
    data = {"name": HOSTILE, "train": 10, "held_out": 2}
    run = full_run(tmp_path / name, data=data, machine=HOSTILE, reason=HOSTILE)
    opened = Seen(browser, write_run_page(run)[0], 360, "light")
    assert opened.page.evaluate("window.ran") is None
    assert opened.page.locator("h1").inner_text() == name
    assert "window.ran=1</script>" in opened.page.locator("#overview").inner_text()
    assert opened.page.evaluate("document.documentElement.scrollWidth") == 360
    opened.close()


def test_on_paper_the_last_grid_stands_for_the_slider_and_nothing_is_cut(seen: Seen) -> None:
    seen.page.get_by_label("Images seen").fill("0")
    seen.page.emulate_media(media="print")
    grids = seen.page.locator(".stack img:visible")
    assert grids.count() == 1
    assert grids.get_attribute("alt") == "Samples after 4,000 images"
    assert not seen.page.locator("input").is_visible()
    assert seen.page.locator(".plot svg").first.is_visible()
    seen.page.set_viewport_size({"width": 690, "height": 900})
    assert seen.page.evaluate("document.documentElement.scrollWidth") == 690
    scrolling = "[...document.querySelectorAll('.scroll')].map(e => getComputedStyle(e).overflowX)"
    assert set(seen.page.evaluate(scrolling)) == {"visible"}
    dark = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark == "rgb(255, 255, 255)"


def test_dark_is_dark(browser: "Browser", full: Path) -> None:
    opened = Seen(browser, full, 1280, "dark")
    ground = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(int(part) for part in ground.removeprefix("rgb(").removesuffix(")").split(",")) < 120
    opened.close()


def test_a_live_page_loads_itself_again_where_the_reader_was(
    browser: "Browser", tmp_path: Path
) -> None:
    run = full_run(tmp_path / "run", sheets=4)
    path, made = write_run_page(run, live=True)
    page = browser.new_page(viewport={"width": 800, "height": 500})
    page.goto(path.as_uri())
    page.get_by_label("Images seen").fill("1")
    page.evaluate("window.first = true; window.scrollTo(0, 700)")
    write_run_page(run, live=False, made=made)
    until(page, "!window.first && document.readyState === 'complete'")
    assert abs(page.evaluate("scrollY") - 700) < 3
    assert page.get_by_label("Images seen").input_value() == "1"
    assert not page.evaluate("document.body.hasAttribute('data-live')")
    page.close()


def test_without_scripts_the_last_grid_and_every_table_are_there(
    browser: "Browser", full: Path
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(full.as_uri())
    assert page.locator(".stack img:visible").get_attribute("alt") == "Samples after 4,000 images"
    assert "switched off" in page.locator("#curves noscript").inner_text()
    context.close()

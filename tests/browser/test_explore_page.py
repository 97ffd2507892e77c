"""The page of `zerosum explore` in a browser: what is pressed and moved is shown, and no other
machine is asked for anything, by the page or by the server."""

import io
import runpy
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from tests.cli.scored_runs import output
from tests.exporting.conftest import CLASSES
from tests.generation.conftest import make_run
from zerosum.exploring.explorer import Explorer
from zerosum.exploring.serving import OpenPage
from zerosum.generation.generator import load_generator
from zerosum.records.run import RunFolder

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest.importorskip("gradio", reason="gradio is not installed")
__all__ = ["make_run"]


@pytest.fixture(scope="module")
def addresses() -> Iterator[list[str]]:
    """The hosts that this process connects to or looks up."""
    asked: list[str] = []
    connect, look_up = socket.socket.connect, socket.getaddrinfo
    with pytest.MonkeyPatch.context() as patch:

        def connecting(own: socket.socket, address: Any) -> None:
            if own.family != socket.AF_UNIX:
                asked.append(str(address[0]))
            connect(own, address)

        def looking_up(host: Any, *rest: Any, **more: Any) -> Any:
            asked.append(str(host))
            return look_up(host, *rest, **more)

        patch.setattr(socket.socket, "connect", connecting)
        patch.setattr(socket, "getaddrinfo", looking_up)
        yield asked


@pytest.fixture(scope="module")
def run(make_run: Callable[..., RunFolder]) -> RunFolder:
    return make_run(CLASSES | {"data.classes": ("cat", "dog", "<b>eel</b>")})


@pytest.fixture(scope="module")
def open_page(run: RunFolder, addresses: list[str]) -> Iterator[OpenPage]:
    from zerosum.api_explore import explore

    assert not addresses
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("http_proxy", "http://proxy.invalid:3128")
        page = explore(run.path, browser=False, device="cpu", threads=1)
    with page:
        yield page


@pytest.fixture(scope="module")
def asked() -> list[str]:
    """What the page asks for."""
    return []


@pytest.fixture(scope="module")
def page(browser: "Browser", open_page: OpenPage, asked: list[str]) -> "Page":
    shown = browser.new_page(viewport={"width": 1400, "height": 1000})
    shown.on("request", lambda request: asked.append(request.url))
    wrong: list[str] = []
    shown.on("pageerror", lambda error: wrong.append(str(error)))
    shown.goto(open_page.url)
    for part in ("#sheet img", "#picture img", "#way img"):
        shown.wait_for_selector(part)
    assert not wrong
    return shown


def caption(page: "Page", words: str) -> None:
    """Wait until the caption of the picture has these words."""
    page.get_by_text(words, exact=True).first.wait_for(timeout=10_000)


def test_a_picture_that_is_pressed_is_shown_moved_and_saved_with_its_numbers(page: "Page") -> None:
    page.click("#sheet button[data-number='4']")
    caption(page, "seed 0, number 4, class dog")
    before = page.get_attribute("#picture img", "src")
    box = page.locator(".direction input[type=number]").nth(1)
    box.fill("2.5")
    box.press("Enter")
    caption(page, "seed 0, number 4, class dog, moved 2: +2.5")
    assert page.get_attribute("#picture img", "src") != before
    with page.expect_download() as saved:
        page.click("#picture .save")
    with Image.open(io.BytesIO(Path(saved.value.path()).read_bytes())) as image:
        assert image.text["index"] == "4" and image.text["directions"] == "2: +2.5"  # type: ignore[attr-defined]
    page.click("text=Take as B")
    page.get_by_text("B: seed 0, number 4, class dog, moved 2: +2.5").wait_for()


def test_numbers_that_no_picture_has_are_refused(run: RunFolder) -> None:
    import gradio

    from zerosum.exploring.page import make_page

    shown = make_page(Explorer(load_generator(run, device="cpu")))
    fields = [each for each in shown.blocks.values() if isinstance(each, gradio.Number)]
    assert [each.label for each in fields] == ["Seed", "Number"]
    for each in fields:
        with pytest.raises(gradio.Error, match="greater than maximum"):
            each.preprocess(2**63)


def test_what_cannot_be_searched_is_told_in_the_page(page: "Page") -> None:
    page.get_by_label("Did it copy").check()
    page.get_by_text("/home/somebody/pictures").first.wait_for()


def test_no_other_machine_is_asked(
    page: "Page", open_page: OpenPage, asked: list[str], addresses: list[str]
) -> None:
    page.reload()
    page.wait_for_selector("#way img")
    time.sleep(0.5)
    assert asked and not [url for url in asked if not url.startswith((open_page.url, "data:"))]
    assert set(addresses) <= {"127.0.0.1", "localhost", "::1"}


def test_the_app_of_a_space_is_the_same_page_without_a_search(
    browser: "Browser", run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gradio

    opened: list[Any] = []
    monkeypatch.setattr(gradio.Blocks, "block_thread", lambda page: opened.append(page))
    output("explore", run.path, "--save", tmp_path / "space")
    runpy.run_path(str(tmp_path / "space" / "app.py"))
    try:
        shown = browser.new_page()
        shown.goto(opened[0].local_url)
        shown.wait_for_selector("#way img")
        shown.get_by_text("seed 0, number 0, class cat", exact=True).first.wait_for()
        assert not shown.get_by_label("Did it copy").count()
    finally:
        opened[0].close(verbose=False)

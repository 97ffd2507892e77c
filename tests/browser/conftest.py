"""A real Chromium for the tests of pages; where there is none they are skipped, with the reason."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from zerosum.report.page.chromium import find_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

QUIET = [
    "--no-sandbox",  # which refuses to start for root, as whom containers run
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A browser without a window. For a module: as long as one is open, the loop of its events
    runs, and other tests may want one of their own."""
    reason = "playwright is not installed"
    playwright = pytest.importorskip("playwright.sync_api", reason=reason)
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium was found on PATH (Debian and Ubuntu: apt install chromium)")
    with playwright.sync_playwright() as drives:
        opened = drives.chromium.launch(executable_path=program, args=QUIET)
        yield opened
        opened.close()

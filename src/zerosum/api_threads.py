"""With how many processor threads a command or a function of Python works, where it trains nothing.

Pictures are the same with any number, and scores differ by rounding; so the number is chosen anew
each time, and noted nowhere.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from zerosum.data.pool import decoding_with
from zerosum.networks.device import choose_device
from zerosum.options import Threads
from zerosum.processor import MOMENT, SHORT_WHILE
from zerosum.processor.threads import computing_with, threads_now

if TYPE_CHECKING:
    from zerosum.report.page.pages import Page


@contextlib.contextmanager
def working_with(threads: Threads, device: str, *, quick: bool = False) -> Iterator[None]:
    """PyTorch computes inside with so many threads, and images are decoded by so many processes.

    "auto": threads as cores are free now. Other programs are looked at for that, for a moment only
    where the work is `quick`. Raises UsageError for a device that there is not.
    """
    look = MOMENT if quick else SHORT_WHILE
    with (
        decoding_with(threads),
        computing_with(threads_now(threads, choose_device(device), look)),
    ):
        yield


def page_with(page: "Page", threads: Threads) -> "Page":
    """The page, whose pictures are made with so many threads each time that it is written: on the
    processor, often beside the training that it tells of."""

    def write(live: bool) -> None:
        with working_with(threads, "cpu", quick=True):
            page.write(live)

    return replace(page, write=write)

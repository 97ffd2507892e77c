"""Writes a page again whenever what it tells of has changed."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from zerosum.errors import ZerosumError

SECONDS = 3.0
"""Between looks at the files."""
REST = 9.0
"""So many times as long as writing took, at least, until it is written again: nine tenths of the
time the processor is the training's alone."""
PATIENCE = 3
"""A page that cannot be written so many times in a row is no accident of the moment."""


def watch(
    files: Callable[[], Sequence[Path]],
    write: Callable[[bool], None],
    goes_on: Callable[[], bool],
    *,
    pause: float = SECONDS,
) -> Iterator[int]:
    """Write the page at once and after each change of one of `files`, as long as `goes_on`; then
    once more, no longer live. Yields how often it was written.

    `write` is told whether the page is to reload itself; that ends with the watching, also where
    Ctrl-C ends it. A file that is being written may be unreadable for a moment: the page then stays
    as it was until the next look.
    """
    written = 0
    try:
        for _ in _while_it_goes_on(files, write, goes_on, pause):
            written += 1
            yield written
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        with contextlib.suppress(ZerosumError):
            write(False)
        raise
    write(False)
    yield written + 1


def _while_it_goes_on(
    files: Callable[[], Sequence[Path]],
    write: Callable[[bool], None],
    goes_on: Callable[[], bool],
    pause: float,
) -> Iterator[None]:
    seen, failures, rested = -1, 0, 0.0
    while goes_on():
        now, begun = _newest(files()), time.monotonic()
        if now != seen and begun >= rested:
            try:
                write(True)
            except ZerosumError:
                failures += 1
                if failures > PATIENCE:
                    raise
            else:
                seen, failures = now, 0
                ended = time.monotonic()
                rested = ended + REST * (ended - begun)
                yield
        time.sleep(pause)


def _newest(paths: Sequence[Path]) -> int:
    """When the newest of the files was written, in nanoseconds; 0 where there is none."""
    times = [0]
    for path in paths:
        try:
            times.append(path.stat().st_mtime_ns)
        except OSError:
            continue  # it vanished meanwhile
    return max(times)

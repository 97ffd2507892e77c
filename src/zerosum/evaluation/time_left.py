"""How long a stage of a scoring still takes, by its own speed since it was first heard of."""

import time
from collections.abc import Callable

from zerosum.words import clock


class TimeLeft:
    """Hears the stages as they go on; what was computed before a stop counts for no speed."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._what = ""
        self._first, self._began = 0, 0.0

    def left(self, what: str, done: int, total: int) -> float | None:
        """Seconds that the stage `what` still takes, where so much is done; None while that is
        not known."""
        now = self._clock()
        if what != self._what or done < self._first:
            self._what, self._first, self._began = what, done, now
        if done <= self._first or now <= self._began:
            return None
        return (total - done) * (now - self._began) / (done - self._first)


def stage_words(what: str, done: int, total: int, left: float | None) -> str:
    """A stage and how far it is: "features of the real images: 2,560 of 10,000, 12:20 left"."""
    words = f"{what}: {done:,} of {total:,}"
    return words if left is None else f"{words}, {clock(left)} left"

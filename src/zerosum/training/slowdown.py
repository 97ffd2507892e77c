"""Whether steps have become slow because other programs use the processor."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from zerosum.processor import Usage, usage, used_by_others
from zerosum.processor.threads import crowded, free_threads
from zerosum.training.thread_choice import others_in_words

SLOW = 1.5
"""Times the shortest time of a step that a slow one takes."""
LASTING = 30.0
"""Seconds of slow steps after which somebody should know."""
AGAIN = 600.0
"""Seconds from one line to the next, at least."""
WINDOW = 1.0
"""Seconds of steps that are taken together: one alone may have met anything."""


@dataclass
class Steps:
    """Steps of one kind: those since the last window, and the fastest window since the run began or
    went on."""

    images: int = 0
    seconds: float = 0.0
    fastest: float = float("inf")
    """Seconds an image."""


@dataclass
class Slowdown:
    """Hears how long each step of a run on the processor takes.

    Like is compared with like: steps in which the same was learnt. What is no step (scores, sheets,
    checkpoints) it is not told.
    """

    threads: int
    usage: Callable[[], Usage] = usage
    kinds: dict[Hashable, Steps] = field(default_factory=dict)
    slow_for: float = 0.0
    """Seconds of slow steps without a fast window between them."""
    windows: int = 0
    """Windows in that time."""
    since: Usage | None = None
    announced: bool = False
    """Whether it was said of this stretch of slow steps."""
    said_at: float = float("-inf")

    def stepped(self, kind: Hashable, images: int, seconds: float) -> str:
        """A step has ended. A line to say, or ""."""
        steps = self.kinds.setdefault(kind, Steps())
        steps.images += images
        steps.seconds += seconds
        if steps.seconds < WINDOW:
            return ""
        passed, each = steps.seconds, steps.seconds / steps.images
        steps.images, steps.seconds = 0, 0.0
        slower = each / steps.fastest
        steps.fastest = min(steps.fastest, each)
        if slower <= SLOW:
            self._begin_anew(announced=False)
            return ""
        if self.announced:
            return ""
        self.since = self.since or self.usage()
        self.slow_for += passed
        self.windows += 1
        # A single step that took so long may be one that was held (Ctrl-Z).
        if self.slow_for < LASTING or self.windows < 2:
            return ""
        until = self.usage()
        others = used_by_others(self.since, until)
        due = until.at - self.said_at >= AGAIN
        self._begin_anew(announced=due and crowded(self.threads, others))
        if not self.announced:
            return ""
        self.said_at = until.at
        return self._line(slower, others)

    def _begin_anew(self, *, announced: bool) -> None:
        self.slow_for, self.windows, self.since = 0.0, 0, None
        self.announced = announced

    def _line(self, slower: float, others: float) -> str:
        times = f"{slower:.1f}" if slower < 10 else f"{slower:.0f}"
        line = f"steps take {times} times as long as before: {others_in_words(others)}. "
        free = free_threads(others)
        if free >= self.threads:
            return line + "Closing them helps"
        alone = ": one thread waits for no other" if free == 1 else ""
        return f"{line}Closing them helps; or stop (Ctrl-C), and go on with --threads={free}{alone}"

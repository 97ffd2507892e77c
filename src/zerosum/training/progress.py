"""What a run tells while it goes on. The room itself prints nothing."""

from typing import Protocol

from zerosum.data import PackedData
from zerosum.records.log_line import LogLine
from zerosum.records.run import RunFolder
from zerosum.records.score_line import ScoreLine


class Listener(Protocol):
    """Whoever wants to know: the command line's live bar, a notebook, a test."""

    def message(self, text: str) -> None:
        """One line that a person should read, for example where a run goes on."""

    def packed(self, done: int, total: int) -> None:
        """So many of the image files have been decoded into the pack."""

    def data_opened(self, data: PackedData, run: RunFolder) -> None:
        """The images are ready and the run folder is chosen."""

    def begin(self, images: int, total: int) -> None:
        """The training starts at `images` of `total` real images."""

    def stepped(self, images: int, total: int) -> None:
        """So many images have been seen, of so many; called after every step. The total shrinks
        where a critic that learns alone is good enough before its budget is spent."""

    def glimpsed(self, line: LogLine) -> None:
        """How the game stands, after the first step and then about once a second: fields of a line
        of metrics.jsonl, means of the steps since the last one, and the speed of the last half
        minute."""

    def logged(self, line: LogLine) -> None:
        """A line of metrics.jsonl was written."""

    def scoring(self, what: str, done: int, total: int) -> None:
        """Scores are being computed: so much of one stage ("features of the real images")."""

    def scored(self, line: ScoreLine) -> None:
        """A line of scores.jsonl was written."""

    def end(self) -> None:
        """The training is over or stopped."""


class Silent:
    """A listener that does not care."""

    def message(self, text: str) -> None: ...

    def packed(self, done: int, total: int) -> None: ...

    def data_opened(self, data: PackedData, run: RunFolder) -> None: ...

    def begin(self, images: int, total: int) -> None: ...

    def stepped(self, images: int, total: int) -> None: ...

    def glimpsed(self, line: LogLine) -> None: ...

    def logged(self, line: LogLine) -> None: ...

    def scoring(self, what: str, done: int, total: int) -> None: ...

    def scored(self, line: ScoreLine) -> None: ...

    def end(self) -> None: ...

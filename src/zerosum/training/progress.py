"""What a run tells while it goes on. The room itself prints nothing."""

from functools import partial

from zerosum.data import PackedData
from zerosum.records.logs import LogLine, ScoreLine
from zerosum.records.run import RunFolder
from zerosum.training.stopping import StopRequest


class Listener:
    """Whoever wants to know: the command line's live bar, a notebook, a test. This one does not
    care."""

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


class Guarded(Listener):
    """Tells a listener what it is told, until that raises: then the run is asked to stop between
    two steps, as by a signal, and `StopRequest.failure` has the exception.

    Also of one that raised is the end told: it may have a bar to close.
    """

    def __init__(self, listener: Listener, stop: StopRequest) -> None:
        self.listener, self.stop = listener, stop
        for name in vars(Listener):
            if not name.startswith("_"):
                setattr(self, name, partial(self._tell, name))

    def _tell(self, name: str, *what: object) -> None:
        if self.stop.failure is None or name == "end":
            try:
                getattr(self.listener, name)(*what)
            except Exception as error:  # whatever somebody's own code raises
                self.stop.failure = self.stop.failure or error

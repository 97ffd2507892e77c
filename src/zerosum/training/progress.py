"""What a run tells while it goes on. The room itself prints nothing."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from zerosum.data import PackedData
from zerosum.records.logs import LogLine, ScoreLine
from zerosum.records.run import RunFolder
from zerosum.training.stopping import StopRequest


class Listener:
    """Whoever wants to know: the command line's live bar, a notebook, an experiment tracker. This
    one does nothing at any event; yours overrides those that it wants.

    All are called in the training's own process, in the first one of several, between two steps: a
    slow listener slows the training down. What one raises ends the run, saved, as failed.
    """

    def message(self, text: str) -> None:
        """One line that a person should read, for example where a run goes on."""

    def packed(self, done: int, total: int) -> None:
        """So many of the image files have been decoded into the pack."""

    def data_opened(self, data: PackedData, run: RunFolder) -> None:
        """The images are ready and the run folder is chosen."""

    def begun(self, images: int, total: int) -> None:
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

    def sampled(self, path: Path, images: int) -> None:
        """A sample sheet was written, a PNG, as of so many images; before the first step that of
        real images, too, called reals.png."""

    def saved(self, path: Path, images: int) -> None:
        """A checkpoint was written, a folder; older ones may be gone."""

    def scoring(self, what: str, done: int, total: int) -> None:
        """Scores are being computed: so much of one stage ("features of the real images")."""

    def evaluated(self, line: ScoreLine) -> None:
        """A line of scores.jsonl was written."""

    def ended(self) -> None:
        """The training is over or stopped, and all of it is written but charts and summary."""


EVENTS = tuple(name for name in vars(Listener) if not name.startswith("_"))


class Several(Listener):
    """Tells each of several listeners, until it raises: the others hear of what follows, and the
    error is raised. Also those that raised are told of the end: they may have a bar to close."""

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self.listening = list(listeners)
        self.failed: list[Listener] = []
        for name in EVENTS:
            setattr(self, name, partial(self._tell, name))

    def _tell(self, name: str, *what: object) -> None:
        errors = []
        for listener in [*self.listening, *(self.failed if name == "ended" else ())]:
            try:
                getattr(listener, name)(*what)
            except Exception as error:  # whatever somebody's own code raises
                errors.append(error)
                if listener in self.listening:
                    self.listening.remove(listener)
                    self.failed.append(listener)
        if errors:
            raise errors[0]


class Guarded(Listener):
    """Where a listener raises, the run is asked to stop between two steps, as by a signal, and
    `StopRequest.failure` has the first exception."""

    def __init__(self, listener: Listener, stop: StopRequest) -> None:
        self.listener, self.stop = listener, stop
        for name in EVENTS:
            setattr(self, name, partial(self._tell, name))

    def _tell(self, name: str, *what: object) -> None:
        try:
            getattr(self.listener, name)(*what)
        except Exception as error:  # whatever somebody's own code raises
            self.stop.failure = self.stop.failure or error

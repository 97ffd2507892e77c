"""A listener whose exceptions wait until the run is saved."""

from collections.abc import Callable

from zerosum.data import PackedData
from zerosum.records.log_line import LogLine
from zerosum.records.run import RunFolder
from zerosum.records.score_line import ScoreLine
from zerosum.training.progress import Listener
from zerosum.training.stopping import StopRequest


class Guarded:
    """Tells a listener what it is told, until that raises: then the run is asked to stop between
    two steps, as by a signal, and `StopRequest.failure` has the exception."""

    def __init__(self, listener: Listener, stop: StopRequest) -> None:
        self.listener = listener
        self.stop = stop

    def message(self, text: str) -> None:
        self._tell(lambda: self.listener.message(text))

    def packed(self, done: int, total: int) -> None:
        self._tell(lambda: self.listener.packed(done, total))

    def data_opened(self, data: PackedData, run: RunFolder) -> None:
        self._tell(lambda: self.listener.data_opened(data, run))

    def begin(self, images: int, total: int) -> None:
        self._tell(lambda: self.listener.begin(images, total))

    def stepped(self, images: int, total: int) -> None:
        self._tell(lambda: self.listener.stepped(images, total))

    def glimpsed(self, line: LogLine) -> None:
        self._tell(lambda: self.listener.glimpsed(line))

    def logged(self, line: LogLine) -> None:
        self._tell(lambda: self.listener.logged(line))

    def scoring(self, what: str, done: int, total: int) -> None:
        self._tell(lambda: self.listener.scoring(what, done, total))

    def scored(self, line: ScoreLine) -> None:
        self._tell(lambda: self.listener.scored(line))

    def end(self) -> None:
        """Also of one that raised before: it may have a bar to close."""
        try:
            self.listener.end()
        except Exception as error:
            self.stop.failure = self.stop.failure or error

    def _tell(self, tell: Callable[[], None]) -> None:
        if self.stop.failure is not None:
            return
        try:
            tell()
        except Exception as error:  # whatever somebody's own code raises
            self.stop.failure = error

"""Being asked to stop: by a signal, a time limit or a listener's exception, always between two
steps."""

import contextlib
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING

import torch

from zerosum.signals import SIGNALS, ignores_hangup, leave_closed_terminal

if TYPE_CHECKING:  # whoever shows a progress needs no Fabric, which takes a second or two
    from zerosum.training.fabric import Fabric

AGREE_EVERY = 10
"""Steps between agreements of several processes: they must all stop after the same step."""
_MARK = 255
"""No signal; written behind their numbers: once it is read, so are they."""


@dataclass(frozen=True)
class Answer:
    """What is said to the first signal."""

    first: str
    """What happens now."""
    again: str
    """What another Ctrl-C would do."""


TRAINING = Answer(
    "stopping after this step, then saving", "Ctrl-C again gives up what is not saved"
)

SCORING = Answer("stopping the scoring, then saving; the same command scores later", TRAINING.again)
SCORING_SAVED = Answer(
    "stopping: the training is saved, and the same command scores later",
    "Ctrl-C again stops at once",
)


class StopRequest:
    """Whether, and why, the run should save and end after the present step."""

    def __init__(self, stop_after: float | None = None, answer: Answer = TRAINING) -> None:
        self.answer = answer
        self.signal: signal.Signals | None = None
        self.failure: Exception | None = None
        """What a listener raised: the run is saved before it goes on its way."""
        self.deadline = None if stop_after is None else time.monotonic() + stop_after

    @contextlib.contextmanager
    def listening(self, tell: Callable[[str], None] = lambda _text: None) -> Iterator[None]:
        """Catch SIGINT, SIGTERM and SIGHUP meanwhile. A second one of a kind acts as it always
        does, but for SIGHUP: the system and the shell both send it when a terminal is closed. Below
        nohup that one stays ignored.

        `tell` is called once, from a thread of its own, as soon as the first one comes: Python's
        own handlers wait for the operation that is going on, which may take many seconds.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = [each for each in SIGNALS if each != signal.SIGHUP or not ignores_hangup()]
        before = {number: signal.getsignal(number) for number in numbers}
        came: Counter[int] = Counter()

        def note(number: int, _frame: FrameType | None) -> None:
            self.signal = signal.Signals(number)
            if number == signal.SIGHUP:
                signal.signal(number, signal.SIG_IGN)
                return
            signal.signal(number, before[self.signal])
            count_all()
            if came[number] > 1:  # two within one operation: this call is for both
                signal.raise_signal(number)

        with _told_at_once(came, self._in_words, tell) as count_all:
            for number in numbers:
                signal.signal(number, note)
            try:
                yield
            finally:
                for number in numbers:
                    signal.signal(number, before[number])

    @contextlib.contextmanager
    def answering(self, answer: Answer) -> Iterator[None]:
        """Say something else to the first signal meanwhile."""
        before, self.answer = self.answer, answer
        try:
            yield
        finally:
            self.answer = before

    def _in_words(self, number: signal.Signals) -> str:
        words = [self.answer.first]
        if number == signal.SIGINT:
            words.append(self.answer.again)
        return "; ".join(words)

    @property
    def wanted(self) -> bool:
        """Whether this process wants to stop."""
        return self.signal is not None or self.failure is not None or self.out_of_time

    @property
    def seconds_left(self) -> float | None:
        """How long until the time limit; below 0 after it, None without one."""
        return None if self.deadline is None else self.deadline - time.monotonic()

    @property
    def out_of_time(self) -> bool:
        """Whether the time limit has passed."""
        left = self.seconds_left
        return left is not None and left <= 0

    def agreed(self, fabric: "Fabric", step: int) -> bool:
        """Whether any process wants to stop; all get the same answer at the same step."""
        if fabric.world_size == 1:
            return self.wanted
        if step % AGREE_EVERY:
            return False
        votes = fabric.all_gather(torch.tensor(self.wanted, dtype=torch.int32))
        assert isinstance(votes, torch.Tensor)
        return bool(votes.sum() > 0)


@contextlib.contextmanager
def _told_at_once(
    came: Counter[int], in_words: Callable[[signal.Signals], str], tell: Callable[[str], None]
) -> Iterator[Callable[[], None]]:
    """Count the signals as they come, and tell what is to say of the first one. Gives a function
    that waits until all that came before its call are counted."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    tellers: list[threading.Thread] = []

    def watch() -> None:
        while number := os.read(reader, 1)[0]:
            came[number] += 1
            if number == signal.SIGHUP:
                leave_closed_terminal()
            if number in SIGNALS and not tellers:
                # What is told may wait for a terminal; counting does not.
                said = in_words(signal.Signals(number))
                tellers.append(threading.Thread(target=tell, args=[said], daemon=True))
                tellers[0].start()

    def count_all() -> None:
        seen, until = came[_MARK], time.monotonic() + 1
        os.write(writer, bytes([_MARK]))
        while came[_MARK] == seen and time.monotonic() < until:
            time.sleep(0.001)

    watcher = threading.Thread(target=watch, name="stop requests", daemon=True)
    watcher.start()
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        yield count_all
    finally:
        signal.set_wakeup_fd(before)
        os.write(writer, b"\0")
        watcher.join()
        for teller in tellers:
            teller.join()
        os.close(reader)
        os.close(writer)

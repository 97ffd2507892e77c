"""How the processes of a training meet, through the store of their process group: there each also
says why it ends, and, time and again, that it lives."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from torch._C._distributed_c10d import Store
from torch.distributed.distributed_c10d import _get_default_store

from zerosum.errors import UsageError, ZerosumError, first_line
from zerosum.training.fabric import Fabric

REMEDY = "the run is whole up to its last checkpoint: the same command goes on from there"
LOOK_EVERY = 0.1
"""Seconds between two looks at who has come, at most."""
BEAT_EVERY = 5.0
"""Seconds between two signs of life."""
SILENCE = 24
"""Looks, as far apart as signs of life, at a process that gives none, before it is taken for lost:
two minutes. A library that keeps Python's lock for one long call, or a connection that is gone for
a while, must not end a training; what is killed outright is rare enough to wait that long for.
Counted in looks, so that whoever slept itself meanwhile, as in a laptop that was shut, finds nobody
lost."""
LAST_WORDS = 2.0
"""Seconds that the store has to answer a process that ends."""
_CAME, _SAW, _ENDS, _LIVES = "zerosum: came", "zerosum: saw", "zerosum: ends", "zerosum: lives"
_T = TypeVar("_T")


def meet(fabric: Fabric) -> None:
    """Wait until every process has come here, however long one of them still works.

    A collective gives up at the process group's time limit, and answers no signal meanwhile: none
    follows work of unknown length without this between them. Raises ZerosumError where another
    process says that it ends, with what it says, or has given no sign of life for SILENCE.
    """
    if fabric.world_size == 1:
        return
    others = fabric.world_size - 1
    meeting = -(-_counted(_CAME, 1) // fabric.world_size)
    _wait_until(fabric, _CAME, meeting * fabric.world_size)
    if fabric.is_global_zero:
        # What all look into may be its own: it goes on, and ends, when the others have looked.
        _wait_until(fabric, _SAW, meeting * others)
    else:
        _counted(_SAW, 1)


def _wait_until(fabric: Fabric, name: str, count: int) -> None:
    begun = time.monotonic()
    others, look = _Others(fabric), begun + BEAT_EVERY
    while _counted(name) < count:
        if (said := said_at_end()) is not None:
            raise said
        now = time.monotonic()
        if now >= look:
            others.look()
            look = now + BEAT_EVERY
        time.sleep(min((now - begun) / 10, LOOK_EVERY))


class _Others:
    """How long the other processes have given no sign of life, as one that waits sees it."""

    def __init__(self, fabric: Fabric) -> None:
        self._count = fabric.world_size
        self._ranks = [rank for rank in range(self._count) if rank != fabric.global_rank]
        self._signs = dict.fromkeys(self._ranks, -1)
        self._silent = dict.fromkeys(self._ranks, 0)

    def look(self) -> None:
        """Raise ZerosumError where one has been silent for too many looks."""
        for rank in self._ranks:
            signs = _counted(f"{_LIVES} {rank}")
            self._silent[rank] = 0 if signs != self._signs[rank] else self._silent[rank] + 1
            self._signs[rank] = signs
            if self._silent[rank] >= SILENCE:
                raise ZerosumError(
                    f"process {rank + 1} of {self._count} has given no sign of life for "
                    f"{_silence()}: it was killed, or its machine or the connection to it is gone",
                    REMEDY,
                )


def _silence() -> str:
    return f"{SILENCE * BEAT_EVERY / 60:.2g} minutes"


def _counted(name: str, more: int = 0) -> int:
    """The count of a name in the store, after so many more. Raises ZerosumError where the store
    does not answer for SILENCE."""
    answers = _asked(lambda store: store.add(name, more), SILENCE * BEAT_EVERY)
    if not answers:
        raise ZerosumError(
            f"the other processes cannot be reached for {_silence()}: the machine through which "
            "all meet, or the connection to it, is gone",
            REMEDY,
        )
    return answers[0]


def _asked(ask: Callable[[Store], _T], seconds: float) -> list[_T]:
    """What the store answers, one thing; nothing where it does not within so many seconds.

    Its own calls have no limit: on a connection that is lost without a word they return when the
    system gives it up, after a quarter of an hour, or never.
    """
    answers: list[_T] = []
    store, errors, answered = _get_default_store(), list[RuntimeError](), threading.Event()

    def wait() -> None:
        try:
            answers.append(ask(store))
        except RuntimeError as error:
            errors.append(error)
        answered.set()

    threading.Thread(target=wait, daemon=True, name="store").start()
    if any(answered.wait(seconds / SILENCE) for _ in range(SILENCE)) and errors:
        raise errors[0]
    return answers


@contextlib.contextmanager
def giving_signs(fabric: Fabric) -> Iterator[None]:
    """Let the others see meanwhile that this process lives, whatever it works at."""
    if fabric.world_size == 1:
        yield
        return
    store, name, over = _get_default_store(), f"{_LIVES} {fabric.global_rank}", threading.Event()

    def give() -> None:
        with contextlib.suppress(RuntimeError):  # the store has gone: whoever waits notices
            while not over.wait(BEAT_EVERY):
                store.add(name, 1)

    thread = threading.Thread(target=give, daemon=True, name="signs of life")
    thread.start()
    try:
        yield
    finally:
        over.set()
        # Python that ends while it is in the store would abort.
        thread.join(LOOK_EVERY * 10)


def say_at_end(error: BaseException, who: str) -> None:
    """Leave where all processes look why this one ends; the first that says so is heard."""
    said = as_said(error, who)
    with contextlib.suppress(RuntimeError, ValueError):  # it has gone, or nobody is connected yet
        _asked(lambda store: store.compare_set(_ENDS, "", said), LAST_WORDS)


def said_at_end() -> ZerosumError | None:
    """What another process said before it ended."""
    try:
        said = _asked(lambda store: store.get(_ENDS) if store.check([_ENDS]) else b"", LAST_WORDS)
    except (RuntimeError, ValueError):
        return None
    return said_by(said[0]) if any(said) else None


def as_said(error: BaseException, who: str) -> str:
    """Why a process ends, for the others."""
    if isinstance(error, ZerosumError):
        what, remedy = error.what, error.remedy
    elif isinstance(error, KeyboardInterrupt | SystemExit):
        what, remedy = "stopped by a signal", REMEDY
    else:
        what, remedy = f"{type(error).__name__}: {first_line(error)}", REMEDY
    return json.dumps((f"{who}: {what}", remedy, isinstance(error, UsageError)))


def said_by(said: bytes) -> ZerosumError:
    """The error that `as_said` made a text of."""
    what, remedy, usage = json.loads(said)
    return UsageError(what, remedy) if usage else ZerosumError(what, remedy)

"""Who started the processes of a training, as the environment says it; and what a launcher that has
ended left there, which would have PyTorch and Fabric wait for processes that never come."""

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Iterator

from zerosum.errors import UsageError, ZerosumError
from zerosum.signals import SIGNALS
from zerosum.training.request import Devices

PARENT = "ZEROSUM_FIRST_PROCESS"
"""The PID of a training's first process, for those that it starts."""
OF_A_PROCESS = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "GROUP_RANK")
OF_THE_MACHINES = ("NODE_RANK", "MASTER_ADDR", "MASTER_PORT")
"""With --nodes they are the user's to set."""
TORCHRUN = "TORCHELASTIC_RUN_ID"
KEEPS_STORE = "TORCHELASTIC_USE_AGENT_STORE"
"""Whether torchrun itself keeps the store at MASTER_ADDR, MASTER_PORT for as long as it runs."""
ANSWER = 10.0
"""Seconds that it has to answer."""


def by_torchrun() -> bool:
    """Whether torchrun started this process, one of several."""
    named = (TORCHRUN, "RANK", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
    return all(name in os.environ for name in named) and _world_size() > 1


def by_the_first() -> bool:
    """Whether the first process of a training started this one, one of several."""
    return os.environ.get(PARENT) == str(os.getppid())


def is_first() -> bool:
    """Whether this is the first process of a training, or its only one."""
    return not by_the_first() and (not by_torchrun() or os.environ["RANK"] == "0")


def is_first_here() -> bool:
    """Whether this is the first process of a training on its machine, or its only one there."""
    return not by_the_first() and (not by_torchrun() or os.environ["LOCAL_RANK"] == "0")


def _world_size() -> int:
    """As the environment has it; 0 where it says nothing that is a number."""
    text = os.environ.get("WORLD_SIZE", "")
    return int(text) if text.isdecimal() else 0


@contextlib.contextmanager
def without_leftovers(devices: Devices) -> Iterator[None]:
    """Hide what the environment says of processes where nothing that runs has said it; what is
    inside may write there, and it is as before afterwards.

    Raises UsageError where it speaks of several processes that torchrun has not started, and the
    command of one: one training each in all of them is not what somebody wanted; or of a torchrun
    that has ended. ZerosumError where the first process, which started this one, has.
    """
    _require_the_first()
    if by_torchrun():
        _require_torchrun()
    before = dict(os.environ)
    if not by_torchrun() and not by_the_first():
        there = [name for name in (*OF_A_PROCESS, TORCHRUN) if name in os.environ]
        if _world_size() > 1 and devices.count * devices.nodes == 1:
            raise UsageError(
                f"WORLD_SIZE={_world_size()} stands in the environment, and torchrun did not start "
                "this process",
                f"unset {' '.join(there)}; or start it through torchrun, or with --devices",
            )
        if devices.nodes == 1:
            there += [name for name in OF_THE_MACHINES if name in os.environ]
        for name in there:
            del os.environ[name]
        os.environ[PARENT] = str(os.getpid())
    try:
        yield
    finally:
        for name in (*OF_A_PROCESS, *OF_THE_MACHINES, TORCHRUN, PARENT):
            os.environ.pop(name, None)
            if name in before:
                os.environ[name] = before[name]


def _require_the_first() -> None:
    """A process that was begun by one that has ended meanwhile would begin others itself."""
    begun_by, place = os.environ.get(PARENT, ""), os.environ.get("LOCAL_RANK", "0")
    if by_the_first() or not begun_by.isdecimal() or place in ("", "0"):
        return
    try:
        os.kill(int(begun_by), 0)
    except ProcessLookupError as error:
        raise ZerosumError(
            f"the first process of this training (PID {begun_by}) has ended",
            f"begin it anew; unset {PARENT} where it was left in the environment",
        ) from error
    except OSError:
        return  # it is there, somebody else's


def _require_torchrun() -> None:
    place = os.environ["MASTER_ADDR"], os.environ["MASTER_PORT"]
    if os.environ.get(KEEPS_STORE) != "True" or not place[1].isdecimal():
        return
    try:
        socket.create_connection((place[0], int(place[1])), timeout=ANSWER).close()
    except (OSError, OverflowError) as error:
        names = (*OF_A_PROCESS, *OF_THE_MACHINES, TORCHRUN, KEEPS_STORE)
        raise UsageError(
            f"RANK={os.environ['RANK']} and WORLD_SIZE={_world_size()} stand in the environment, "
            f"and the torchrun that set them does not answer at {':'.join(place)}",
            f"unset {' '.join(name for name in names if name in os.environ)}; or start it through "
            "torchrun",
        ) from error


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """What asks a command to stop ends it at once meanwhile: PyTorch's waits for other processes
    let no handler of Python's run."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = [each for each in SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
    before = {number: signal.signal(number, signal.SIG_DFL) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

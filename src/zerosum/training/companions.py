"""A training's processes: started together, and ended together when one of them is lost."""

import atexit
import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import NoReturn

import torch.distributed

from zerosum.errors import UsageError, ZerosumError
from zerosum.processor.threads import computing_with, said_threads, threads_for
from zerosum.training.devices import TIME_LIMIT, local_processes, make_fabric, processes_of
from zerosum.training.fabric import Fabric
from zerosum.training.launched import (
    by_the_first,
    by_torchrun,
    ended_by_signals,
    is_first_here,
    without_leftovers,
)
from zerosum.training.meeting import REMEDY, giving_signs, meet, said_at_end, say_at_end
from zerosum.training.refusals import hearing_refusals
from zerosum.training.request import Devices

LOOK_EVERY = 0.2
"""Seconds."""
PATIENCE = 2.0
"""Seconds that a process which noticed by itself has to end by itself."""


@contextlib.contextmanager
def companions(devices: Devices) -> Iterator[Fabric]:
    """Fabric with all its processes, each of which runs what is inside.

    Where one is lost, the others end: the first says which it was, or what that one said, as a
    ZerosumError where the connection broke, else in the same words and with exit code 1. (Fabric's
    own watcher would kill this process without a word; a step of NCCL would wait for minutes.)
    """
    with without_leftovers(devices):
        yield from _with_companions(devices)


def _with_companions(devices: Devices) -> Iterator[Fabric]:
    fabric = make_fabric(devices)
    watch = Watch(fabric, processes_of(devices))
    # Before Fabric shares them out itself.
    threads = said_threads(devices.threads) or threads_for(local_processes(devices))
    try:
        with ended_by_signals(), hearing_refusals(_end_with):
            fabric.launch()
        with computing_with(threads), giving_signs(fabric):
            # One that ends before all are connected to it would leave them waiting for that.
            meet(fabric)
            yield fabric
    except BaseException as error:
        if watch.count > 1:
            if isinstance(error, RuntimeError) and _is_broken_connection(error):
                raise watch.error(str(error)) from error
            say_at_end(error, f"process {fabric.global_rank + 1} of {watch.count}")
            watch.leave()
            watch.end_others()
        raise
    finally:
        watch.leave()


class Watch:
    """The other processes of a training on this machine, looked at by a thread until `leave`."""

    def __init__(self, fabric: Fabric, count: int) -> None:
        self.count = count
        self._launcher = getattr(fabric.strategy, "launcher", None)
        self._parent = os.getppid()
        self._announced = False
        self._left = threading.Event()
        self._launched = by_the_first()
        """Whether Fabric started this process, in the first one."""
        self._speaks = os.environ.get("LOCAL_RANK", "0") in ("0", "1")
        """Whether it is the first one, or the one that says that the first has gone."""
        # Those that torchrun started, torchrun ends.
        if count > 1 and not by_torchrun():
            threading.Thread(target=self._look, daemon=True, name="companions").start()

    def leave(self) -> None:
        """Watch no more: this process is ending."""
        self._left.set()

    def end_others(self) -> None:
        """Kill the processes that this one started: it has said what they would say."""
        for process in self._started():
            with contextlib.suppress(OSError):
                process.kill()

    def lost(self) -> str:
        """Which process has ended as none should, in words; "" for none that is known."""
        for place, process in enumerate(self._started(), start=2):
            code = process.poll()
            if code is not None and code < 0:
                return (
                    f"process {place} of {self.count} (PID {process.pid}) was killed by signal "
                    f"{-code}"
                )
            if code:
                return f"process {place} of {self.count} (PID {process.pid}) failed"
        if self._launched and os.getppid() != self._parent:
            return f"the first of {self.count} processes (PID {self._parent}) has ended"
        return ""

    def error(self, said: str) -> ZerosumError:
        """The sentence for a broken connection of which PyTorch `said` so much, once it is known
        which process it was. A process that another one started ends here without a word where
        that one still lives to say it, or another is to say that it does not."""
        until = time.monotonic() + PATIENCE / 2
        while not (what := self.lost()) and time.monotonic() < until:
            time.sleep(LOOK_EVERY / 4)
        refused = None if self._launched else said_at_end()
        if self._launched and not (what and self._speaks):
            _end()
        self._announced = True
        # Python would take apart, for ten seconds, connections that are broken.
        atexit.register(_end)
        if refused is not None:
            return refused
        if not what and "connectFullMesh" in said:
            # PyTorch's, for processors, where the address that a machine gave is not its address
            # to the others, as 127.0.0.1.
            return ZerosumError(
                "the processes cannot connect to each other: the address of one leads nowhere",
                "name the network that their machines share, on each of them: "
                "export GLOO_SOCKET_IFNAME=eth0 (`ip -br addr` lists them)",
            )
        if not what and re.search("time(d )?out", said, re.IGNORECASE):
            minutes = TIME_LIMIT.total_seconds() / 60
            what = f"another of the {self.count} processes did not answer for {minutes:g} minutes"
        return ZerosumError(what or f"another of the {self.count} processes has ended", REMEDY)

    def _started(self) -> list["subprocess.Popen[bytes]"]:
        """The processes that this one started."""
        return list(getattr(self._launcher, "procs", []))

    def _look(self) -> None:
        while not self._left.wait(LOOK_EVERY):
            _quieten_fabric()
            if what := self.lost():
                break
        else:
            return
        if self._left.wait(PATIENCE):
            return
        error = said_at_end() or ZerosumError(what, REMEDY)
        if self._speaks and not self._announced:
            _say(error)
        self.end_others()
        _end(2 if isinstance(error, UsageError) else 1)


def _end_with(error: ZerosumError) -> NoReturn:
    if is_first_here():
        _say(error)
    _end(2 if isinstance(error, UsageError) else 1)


def _say(error: ZerosumError) -> None:
    with contextlib.suppress(OSError, ValueError):  # nobody reads it any more
        print(f"zerosum: {error.what}\n  {error.remedy}", file=sys.stderr, flush=True)


def _end(code: int = 1) -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _quieten_fabric() -> None:
    """Let Fabric's own watcher rest: it kills this process without a word, after up to 5 s."""
    for thread in threading.enumerate():
        if thread.name == "child-process-observer":
            thread.__dict__["_child_processes"] = []


def _is_broken_connection(error: RuntimeError) -> bool:
    words = ("gloo", "Connection closed by peer", "Connection reset by peer", "Broken pipe")
    return isinstance(error, torch.distributed.DistError) or any(w in str(error) for w in words)

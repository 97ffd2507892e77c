"""The processor: the cores that this process may use, and what other programs use of them."""

import math
import os
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

SHARE = "ZEROSUM_CORES"
"""The variable by which a study tells a cell how many cores are its own."""
SHORT_WHILE = 0.4
"""Seconds that others are looked at for, at least. The system counts in hundredths."""
MOMENT = 0.1
"""The same for work that may itself take less than a second."""
STALE = 60.0
"""Seconds after which a look at others begins anew."""
CGROUPS = Path("/sys/fs/cgroup")
ONLINE = Path("/sys/devices/system/cpu/online")


@dataclass(frozen=True)
class Usage:
    """What the processor had done at a moment."""

    at: float
    """Seconds of a clock that never goes back."""
    all: float
    """Seconds of work of all programs, on the cores that this process may run on; nan where the
    system does not tell."""
    own: float
    """Seconds of work of this process and those that it started."""


def cores() -> int:
    """The processor cores that this process may use: those of the machine for it, and its share
    of a study; 1 at least."""
    share = os.environ.get(SHARE, "")
    return max(1, min(machine_cores(), int(share))) if share.isdecimal() else machine_cores()


def machine_cores() -> int:
    """The processor cores that this machine has for this process: by its affinity, and by the
    quota of its container; 1 at least."""
    quota = _quota()
    return max(1, allowed_cores() if quota is None else int(min(allowed_cores(), quota)))


def allowed_cores() -> int:
    """The processor cores that this process may run on, whatever quota or share it has of them:
    those that other programs are looked at on."""
    return len(_allowed())


def unused_cores(others: float) -> float:
    """The cores that are left for this process where other programs use `others` cores.

    Of a quota all counts as left: what others in the same container use of it is not known.
    """
    return min(cores(), allowed_cores() - others)


def usage() -> Usage:
    """What the processor has done until now."""
    try:
        return Usage(time.monotonic(), _busy_seconds(), _own_seconds())
    except (OSError, psutil.Error):
        return Usage(time.monotonic(), math.nan, 0.0)


def _busy_seconds() -> float:
    """Seconds of work of all programs, on the cores that this process may run on; nan where it is
    not known which core is which."""
    per_core = psutil.cpu_times(percpu=True)
    numbers, there = _online(), _allowed()
    if not numbers and max(there) < len(per_core):
        numbers = list(range(len(per_core)))
    if len(numbers) != len(per_core):
        return math.nan
    idle = {"idle", "iowait", "steal", "guest", "guest_nice"}
    # Linux counts guests in user's time, too; stolen time is no program's of this machine.
    return sum(
        float(seconds)
        for number, each in zip(numbers, per_core, strict=True)
        if number in there
        for name, seconds in each._asdict().items()
        if name not in idle
    )


def used_by_others(since: Usage, until: Usage) -> float:
    """Cores that other programs used between two moments; 0 at least, and where nobody knows."""
    passed = until.at - since.at
    others = (until.all - since.all) - (until.own - since.own)
    if passed <= 0 or math.isnan(others):
        return 0.0
    return min(max(others / passed, 0.0), float(allowed_cores()))


class Watch:
    """Looks at other programs from a moment on, so that who asks later need not wait."""

    def __init__(self) -> None:
        self._since: Usage | None = None

    def begin(self) -> None:
        """Look from now on, where that was not begun lately."""
        if self._since is None or time.monotonic() - self._since.at > STALE:
            self._since = usage()

    def others(self, at_least: float = SHORT_WHILE) -> float:
        """Cores that other programs have used since the look began; waits until it has lasted for
        so many seconds. The next one begins then."""
        self.begin()
        assert self._since is not None
        since = self._since
        time.sleep(max(0.0, since.at + at_least - time.monotonic()))
        self._since = usage()
        return used_by_others(since, self._since)


WATCH = Watch()
"""Of this process: begun before what takes seconds is imported, by commands and by Python's
functions."""


def _allowed() -> set[int]:
    """The numbers of the cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return set(os.sched_getaffinity(0))
    return set(range(os.cpu_count() or 1))


def _online() -> list[int]:
    """The numbers of the cores that are in use, in order, as Linux tells them ("0-3,6"); [] where
    it does not. psutil leaves out the others, so that its places are not the numbers."""
    numbers: list[int] = []
    for part in _text(ONLINE).split(","):
        first, _, last = part.partition("-")
        if not first.isdecimal():
            return []
        numbers += range(int(first), int(last or first) + 1)
    return numbers


def _own_seconds() -> float:
    """Seconds of work of this process, of those that it started, and of those that have ended."""
    # psutil would not tell, on macOS, what this process's ended children took.
    seconds = sum(os.times()[:4])
    for each in psutil.Process().children(recursive=True):
        try:
            spent = each.cpu_times()
        except psutil.Error:
            continue  # it has just ended: its parent counts it
        seconds += spent.user + spent.system
        seconds += getattr(spent, "children_user", 0.0) + getattr(spent, "children_system", 0.0)
    return seconds


def _quota() -> float | None:
    """Cores' worth of time that Linux's control groups allow; None where they do not limit it."""
    found = []
    for folder in _control_groups():
        # Version 2 has both in a line, "max" for no limit.
        parts = _text(folder / "cpu.max").split()
        if not parts:
            parts = [_text(folder / "cpu.cfs_quota_us"), _text(folder / "cpu.cfs_period_us")]
        if len(parts) == 2 and parts[0].isdecimal() and parts[1].isdecimal() and int(parts[1]):
            found.append(int(parts[0]) / int(parts[1]))
    return min(found, default=None)


def _control_groups() -> list[Path]:
    """The folders of this process's control group and of those around it."""
    folders = []
    for line in _text(Path("/proc/self/cgroup")).splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        root = CGROUPS / "cpu" if controllers else CGROUPS
        below = root / path.lstrip("/")
        folders += [below, *(each for each in below.parents if each.is_relative_to(root))]
    return folders


def _text(file: Path) -> str:
    try:
        return file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""

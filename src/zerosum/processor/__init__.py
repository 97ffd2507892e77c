"""The processor: the cores that this process may use, and what other programs use of them."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

SHARE = "ZEROSUM_CORES"
"""The variable by which a study tells a cell how many cores are its own."""
SHORT_WHILE = 0.4
"""Seconds that others are looked at for, at least. The system counts in hundredths."""
STALE = 60.0
"""Seconds after which a look at others begins anew."""
CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Usage:
    """What the processor had done at a moment."""

    at: float
    """Seconds of a clock that never goes back."""
    all: float
    """Seconds of work of all programs, on the cores that this process may use."""
    own: float
    """Seconds of work of this process and those that it started."""


def cores() -> int:
    """The processor cores that this process may use: by its affinity, by the quota of its
    container, and by its share of a study; 1 at least."""
    most = [float(len(_allowed()))]
    if (quota := _quota()) is not None:
        most.append(quota)
    if (share := os.environ.get(SHARE, "")).isdecimal():
        most.append(int(share))
    return max(1, int(min(most)))


def unused_cores(others: float) -> float:
    """The cores that are left for this process where other programs use `others` cores."""
    return min(cores(), len(_allowed()) - others)


def usage() -> Usage:
    """What the processor has done until now."""
    per_core = psutil.cpu_times(percpu=True)
    there = _allowed()
    idle = {"idle", "iowait", "steal", "guest", "guest_nice"}
    # Linux counts guests in user's time, too; stolen time is no program's of this machine.
    busy = sum(
        seconds
        for number, each in enumerate(per_core)
        if number in there
        for name, seconds in each._asdict().items()
        if name not in idle
    )
    return Usage(time.monotonic(), busy, _own_seconds())


def used_by_others(since: Usage, until: Usage) -> float:
    """Cores that other programs used between two moments; 0 at least."""
    passed = until.at - since.at
    if passed <= 0:
        return 0.0
    others = (until.all - since.all) - (until.own - since.own)
    return min(max(others / passed, 0.0), float(len(_allowed())))


class Watch:
    """Looks at other programs from a moment on, so that who asks later need not wait."""

    def __init__(self) -> None:
        self._since: Usage | None = None

    def begin(self) -> None:
        """Look from now on, where that was not begun lately."""
        if self._since is None or time.monotonic() - self._since.at > STALE:
            self._since = usage()

    def others(self) -> float:
        """Cores that other programs have used since the look began; waits until it has lasted for
        a short while. The look is over then."""
        self.begin()
        assert self._since is not None
        since, self._since = self._since, None
        time.sleep(max(0.0, since.at + SHORT_WHILE - time.monotonic()))
        return used_by_others(since, usage())


WATCH = Watch()
"""Of this process: commands begin it before they import what takes seconds."""


def _allowed() -> set[int]:
    """The numbers of the cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return set(os.sched_getaffinity(0))
    return set(range(os.cpu_count() or 1))


def _own_seconds() -> float:
    """Seconds of work of this process, of those that it started, and of those that have ended."""
    seconds = 0.0
    me = psutil.Process()
    for each in [me, *me.children(recursive=True)]:
        try:
            spent = each.cpu_times()
        except psutil.Error:
            continue  # it has just ended: its parent counts it
        seconds += spent.user + spent.system
        # macOS does not tell what ended children took.
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

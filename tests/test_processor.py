"""Which cores a process may use, and what other programs use of them."""

import math
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from zerosum import processor
from zerosum.processor import SHARE, SHORT_WHILE, Usage, Watch, cores, unused_cores, used_by_others


@pytest.fixture
def eight_cores(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Eight cores without a quota; the folder of control groups."""
    monkeypatch.setattr(processor, "_allowed", lambda: set(range(8)))
    monkeypatch.setattr(processor, "CGROUPS", tmp_path)
    monkeypatch.delenv(SHARE, raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "there"),
    [("200000 100000", 2), ("250000 100000", 2), ("50000 100000", 1), ("max 100000", 8), ("", 8)],
)
def test_the_quota_of_a_container_counts(text: str, there: int, eight_cores: Path) -> None:
    (eight_cores / "cpu.max").write_text(text)
    assert cores() == there


def test_a_study_gives_its_cells_a_share(
    eight_cores: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert eight_cores and cores() == 8
    monkeypatch.setenv(SHARE, "3")
    assert cores() == 3
    # The others use cores of all eight, not of the share.
    assert unused_cores(4.0) == 3 and unused_cores(6.5) == 1.5


def test_what_others_use_is_all_but_our_own(eight_cores: Path) -> None:
    assert eight_cores
    begun = Usage(10.0, 100.0, 5.0)
    assert used_by_others(begun, Usage(12.0, 107.0, 8.0)) == pytest.approx(2.0)
    assert used_by_others(begun, Usage(12.0, 101.0, 8.0)) == 0.0
    assert used_by_others(begun, Usage(12.0, 200.0, 5.0)) == 8.0
    assert used_by_others(begun, begun) == 0.0


def test_our_own_processes_are_no_others() -> None:
    # The system counts in hundredths.
    spinning = "import time; t = time.process_time()\nwhile time.process_time() - t < 0.33: pass"
    since = processor._own_seconds()
    subprocess.run([sys.executable, "-c", spinning], check=True)
    assert processor._own_seconds() - since >= 0.3


def test_ended_processes_are_our_own_where_psutil_does_not_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spent = SimpleNamespace(user=0.0, system=0.0, children_user=0.0, children_system=0.0)
    monkeypatch.setattr(psutil.Process, "cpu_times", lambda _self: spent)  # as on macOS
    test_our_own_processes_are_no_others()


@dataclass(frozen=True)
class CoreTimes:
    """What psutil tells of a core."""

    user: float
    idle: float

    def _asdict(self) -> dict[str, float]:
        return {"user": self.user, "idle": self.idle}


@pytest.mark.parametrize(
    ("online", "busy"), [("0-1,3-4\n", 4.0), ("0-3", 8.0), ("", 8.0), ("0-7", math.nan)]
)
def test_cores_that_are_offline_have_no_place(
    online: str, busy: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "online"
    file.write_text(online)
    monkeypatch.setattr(processor, "ONLINE", file)
    monkeypatch.setattr(processor, "_allowed", lambda: {3})
    times = [CoreTimes(user, 9.0) for user in (1.0, 2.0, 4.0, 8.0)]
    monkeypatch.setattr(psutil, "cpu_times", lambda **_: times)
    assert processor.usage().all == pytest.approx(busy, nan_ok=True)


def test_nobody_is_blamed_where_the_system_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: bool) -> None:
        raise PermissionError("/proc/stat")

    known = processor.usage()
    monkeypatch.setattr(psutil, "cpu_times", refused)
    time.sleep(0.01)
    unknown = processor.usage()
    assert used_by_others(known, unknown) == used_by_others(unknown, known) == 0.0
    assert Watch().others() == 0.0


def test_a_look_that_began_earlier_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    at = [100.0]
    monkeypatch.setattr(processor, "usage", lambda: Usage(at[0], 0.0, 0.0))
    monkeypatch.setattr(time, "monotonic", lambda: at[0])
    watch = Watch()
    watch.begin()
    at[0] += 2.0
    watch.begin()  # goes on
    watch.others()
    watch.others()  # begins anew
    assert waits == pytest.approx([0.0, SHORT_WHILE])


def test_the_cores_are_those_of_the_affinity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SHARE, raising=False)
    if hasattr(os, "sched_getaffinity"):
        assert 1 <= cores() <= len(os.sched_getaffinity(0))

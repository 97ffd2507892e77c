"""Steps that became slow because another program uses the processor: told once, and truly."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerosum.notebook import OF_TRAINING
from zerosum.processor import SHARE, Usage
from zerosum.processor.threads import computing_with
from zerosum.spelling import in_python
from zerosum.training.slowdown import AGAIN, LASTING, SLOW, WINDOW, Slowdown


class Machine:
    """A processor of two cores, a clock, and other programs that use so many of them."""

    def __init__(self, threads: int = 2) -> None:
        self.at = self.all = 0.0
        self.others = 0.0
        self.watch = Slowdown(threads, self.usage)
        self.said: list[str] = []

    def usage(self) -> Usage:
        return Usage(self.at, self.all, own=0.0)

    def step(self, seconds: float, kind: str = "game", images: int = 64) -> None:
        self.at += seconds
        self.all += seconds * self.others
        if line := self.watch.stepped(kind, images, seconds):
            self.said.append(line)

    def steps(self, seconds: float, lasting: float, kind: str = "game") -> None:
        for _ in range(round(lasting / seconds)):
            self.step(seconds, kind)


@pytest.fixture(autouse=True)
def two_cores(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Two cores without a quota; the folder of control groups."""
    groups = tmp_path_factory.mktemp("groups")
    monkeypatch.delenv(SHARE, raising=False)
    monkeypatch.setattr("zerosum.processor._allowed", lambda: {0, 1})
    monkeypatch.setattr("zerosum.processor.CGROUPS", groups)
    with computing_with(2):
        yield groups


def test_slow_steps_beside_another_program_are_told_once_a_stretch() -> None:
    machine = Machine()
    machine.steps(0.1, 10)
    machine.others = 1.2
    machine.steps(0.2, LASTING - 2)
    assert not machine.said
    machine.steps(0.2, 100)
    assert machine.said == [
        "steps take 2.0 times as long as before: other programs use 1.2 of 2 cores. Closing them "
        "helps; or stop (Ctrl-C), and go on with --threads=1: one thread waits for no other"
    ]
    machine.others = 0.0
    machine.steps(0.1, AGAIN)
    machine.others = 1.0
    machine.steps(9.7, 100)
    assert len(machine.said) == 2 and "take 97 times" in machine.said[1]


def test_a_run_with_one_thread_is_not_sent_to_one_thread() -> None:
    machine = Machine(threads=1)
    machine.steps(0.1, 10)
    machine.others = 2.0
    machine.steps(0.2, 60)
    assert machine.said == [
        "steps take 2.0 times as long as before: other programs use 2.0 of 2 cores. Closing them "
        "helps"
    ]


def test_nobody_is_blamed_where_no_other_program_works() -> None:
    machine = Machine()
    machine.steps(0.1, 10)
    machine.steps(0.5, 300)
    assert not machine.said
    machine.others = 1.0  # later one does
    machine.steps(0.5, 2 * LASTING + 2)
    assert len(machine.said) == 1


def test_nobody_is_blamed_for_a_quota(two_cores: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zerosum.processor._allowed", lambda: set(range(64)))
    (two_cores / "cpu.max").write_text("200000 100000")
    machine = Machine()
    machine.others = 37.5
    machine.steps(0.1, 10)
    machine.steps(0.2, 60)
    assert not machine.said


def test_slow_and_fast_in_turns_are_told_every_ten_minutes_at_most() -> None:
    machine = Machine()
    machine.others = 1.0
    for _ in range(60):
        machine.steps(0.1, 1.5)
        machine.steps(0.2, LASTING + 2)
    assert machine.at > 3 * AGAIN and 3 <= len(machine.said) <= 4


def test_steps_of_another_kind_are_not_compared() -> None:
    machine = Machine()
    machine.others = 1.0
    machine.steps(0.1, 60, "generator alone")
    machine.steps(1.0, 300, "game")
    for _ in range(100):
        machine.step(1.0, "critic")
        machine.step(0.1, "generator")
    assert not machine.said


def test_a_step_that_was_held_and_a_slow_moment_are_no_slowdown() -> None:
    machine = Machine()
    machine.others = 1.0
    machine.steps(0.1, 10)
    machine.step(3600.0)
    machine.steps(0.1, 10)
    for _ in range(10):
        machine.steps(0.3, LASTING - 5)
        machine.steps(0.1, 3)
    assert not machine.said


@given(st.lists(st.floats(0.01, 0.01 * SLOW * 0.99), min_size=1, max_size=300))
def test_steps_within_the_bound_are_never_told(seconds: list[float]) -> None:
    machine = Machine()
    machine.others = 2.0
    for each in seconds * (1 + int(3 * LASTING / sum(seconds))):
        machine.step(each)
    assert not machine.said


@given(st.lists(st.floats(0.02, 2.0), min_size=1, max_size=50), st.floats(0.5, 2.0))
def test_however_slow_steps_come_they_are_told_after_half_a_minute(
    seconds: list[float], others: float
) -> None:
    machine = Machine()
    machine.steps(0.01, 2 * WINDOW)
    machine.others = others
    for each in seconds * (1 + int((LASTING + 8) / sum(seconds))):
        machine.step(each)
    (line,) = machine.said
    told = re.search(r"other programs use (\d\.\d) of 2 cores", line)
    assert told and float(told[1]) == pytest.approx(others, abs=0.0501)  # rounded to a tenth


def test_the_line_is_python_in_a_notebook() -> None:
    machine = Machine()
    machine.steps(0.1, 10)
    machine.others = 1.0
    machine.steps(0.2, 60)
    assert "go on with devices=Devices(threads=1): one" in in_python(machine.said[0], OF_TRAINING)

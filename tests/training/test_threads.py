"""One rule for processor threads: of a training alone, of the cells of a study, of its guess."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import zerosum
from tests.studies.tiny import tiny_study
from zerosum import api_studies, processor
from zerosum.errors import UsageError
from zerosum.options import Threads
from zerosum.processor import SHARE
from zerosum.processor.threads import (
    VARIABLE,
    computing_with,
    crowded,
    free_threads,
    threads_for,
    threads_now,
)
from zerosum.recipe.load import load_recipe
from zerosum.records.run_state import RunState
from zerosum.studies.attempt import Means
from zerosum.studies.cells import Cell
from zerosum.studies.request import StudyRequest
from zerosum.training import measured_speed
from zerosum.training.companions import companions
from zerosum.training.devices import make_fabric
from zerosum.training.players import build_players
from zerosum.training.progress import Listener
from zerosum.training.request import Devices
from zerosum.training.thread_choice import ThreadChoice, choose_threads, step_work


@pytest.fixture(autouse=True)
def eight_threads(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """PyTorch would take eight of eight cores, and no variable says otherwise; the folder of
    control groups, where no quota stands."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.delenv(SHARE, raising=False)
    groups = tmp_path_factory.mktemp("groups")
    monkeypatch.setattr(processor, "_allowed", lambda: set(range(8)))
    monkeypatch.setattr(processor, "CGROUPS", groups)
    with computing_with(8):
        yield groups


@pytest.mark.parametrize(("processes", "threads"), [(1, 8), (2, 4), (3, 2), (20, 1)])
def test_cores_are_shared_out_among_processes(processes: int, threads: int) -> None:
    assert threads_for(processes) == threads


@pytest.mark.parametrize(
    ("said", "threads"), [("3", 3), ("3,2", 3), ("", 4), ("many", 4), ("0", 4)]
)
def test_a_number_in_the_variable_is_taken_as_it_is(
    said: str, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, said)
    assert threads_for(2) == threads


def test_a_training_computes_with_the_threads_of_the_rule_and_leaves_them_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with companions(Devices("cpu")):
        assert torch.get_num_threads() == 8
    monkeypatch.setenv(VARIABLE, "3")
    with companions(Devices("cpu")):
        assert torch.get_num_threads() == 3
    with companions(Devices("cpu", threads=2)):
        assert torch.get_num_threads() == 2
    assert torch.get_num_threads() == 8


class AskedError(Exception):
    """Cells would be trained, or measured, with these means."""


@pytest.mark.parametrize(
    ("options", "threads"),
    [
        ({}, 8),
        ({"jobs": 2}, 4),
        ({"threads": 1}, 1),
        ({"jobs": 2, "threads": 3, "precision": "32", "device": "cpu"}, 3),
        ({"sampler": "random", "trials": 2}, 8),
    ],
)
def test_the_guess_is_measured_with_what_the_run_trains_with(
    options: dict[str, Any], threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Means] = []

    def noted(_cells: Any, means: Means, **_: Any) -> list[Any]:
        asked.append(means)
        return []

    def workers(_folder: Any, _jobs: int, means: Means, _devices: int) -> Any:
        asked.append(means)
        raise AskedError

    monkeypatch.setattr(api_studies, "estimate", noted)
    monkeypatch.setattr(api_studies, "LocalWorkers", workers)
    api_studies.estimate_study(tiny_study(), StudyRequest(out=tmp_path / "study", **options))
    with pytest.raises(AskedError):
        api_studies.study(tiny_study(), tmp_path / "study", **options)
    guessed, trained = asked
    assert guessed == trained and trained.cores == threads
    assert trained.threads == options.get("threads", "auto")


def test_the_steps_that_are_measured_run_with_those_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[int] = []

    def measured(*_: Any, **__: Any) -> None:
        found.append(torch.get_num_threads())
        raise AskedError

    monkeypatch.setattr(measured_speed, "train_run", measured)
    with pytest.raises(AskedError):
        api_studies.estimate_study(tiny_study(), StudyRequest(out=tmp_path / "study", threads=1))
    assert found == [1] and torch.get_num_threads() == 8 and VARIABLE not in os.environ


def test_a_speed_is_measured_by_one_step_after_the_first_at_least(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = iter((100.0, 107.0))  # a step of seven seconds
    monkeypatch.setattr(measured_speed, "time", SimpleNamespace(monotonic=lambda: next(now)))
    watch = measured_speed.Stopwatch()
    watch.stepped(32, 10**9)
    with pytest.raises(measured_speed.MeasuredError):
        watch.stepped(64, 10**9)
    assert watch.images_per_second == pytest.approx(32 / 7)


def test_the_guess_lists_the_trials_that_a_sampler_would_draw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str] = []

    def noted(cells: Sequence[Cell], _means: Means, **_: Any) -> list[Any]:
        names.extend(cell.name for cell in cells)
        return []

    monkeypatch.setattr(api_studies, "estimate", noted)
    api_studies.estimate_study(
        tiny_study(), StudyRequest(out=tmp_path / "study", sampler="random", trials=3)
    )
    assert names == ["trial-000_seed-0", "trial-001_seed-0", "trial-002_seed-0"]


def test_cells_at_a_time_have_no_more_threads_than_there_are_cores(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="2 cells at a time with 5 threads each") as refused:
        api_studies.study(tiny_study(), tmp_path / "study", jobs=2, threads=5)
    assert "choose threads=4, or jobs=1" in str(refused.value)
    with pytest.raises(UsageError, match="1 cell at a time with 9 threads each") as refused:
        api_studies.study(tiny_study(), tmp_path / "study", threads=9)
    assert str(refused.value).endswith("choose threads=8")


def test_a_number_in_the_variable_is_bound_by_the_cores_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "8")
    with pytest.raises(UsageError, match=r"2 cells at a time with 8 threads each \(OMP_NUM_THR"):
        api_studies.study(tiny_study(), tmp_path / "study", jobs=2)


def test_cells_with_a_thread_each_may_be_more_than_the_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Means] = []

    def noted(_cells: Any, means: Means, **_: Any) -> list[Any]:
        asked.append(means)
        return []

    monkeypatch.setattr(api_studies, "estimate", noted)
    for threads in ("auto", 1):
        request = StudyRequest(out=tmp_path / "study", jobs=20, threads=threads)
        api_studies.estimate_study(tiny_study(), request)
    assert [means.cores for means in asked] == [1, 1]


@pytest.mark.parametrize(
    ("others", "threads"), [(0.0, 8), (0.2, 8), (0.3, 7), (1.0, 7), (7.9, 1), (8.0, 1)]
)
def test_threads_are_free_where_other_programs_leave_a_core(others: float, threads: int) -> None:
    assert free_threads(others) == threads


@pytest.mark.parametrize(
    ("threads", "others", "expected"),
    [(8, 0.2, False), (8, 0.3, True), (4, 4.0, False), (4, 4.5, True), (1, 7.2, False),
     (1, 8.0, True), (64, 0.2, False)],
)  # fmt: skip
def test_others_are_in_the_way_where_they_use_what_threads_would(
    threads: int, others: float, expected: bool
) -> None:
    assert crowded(threads, others) is expected


@given(st.floats(0, 8), st.floats(0, 8))
def test_more_of_others_never_leaves_more_threads(one: float, other: float) -> None:
    few, many = sorted((one, other))
    assert 1 <= free_threads(many) <= free_threads(few) <= 8


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets other programs use so many cores."""

    def use(others: float) -> None:
        monkeypatch.setattr(processor.WATCH, "others", lambda *_: others)

    use(0.0)
    return use


def chosen(
    batch: int = 256, asked: Threads = "auto", state: RunState | None = None
) -> ThreadChoice:
    recipe = load_recipe("digits", {"batch": batch, "width": 16})
    return choose_threads(recipe, build_players(recipe, make_fabric(Devices("cpu"))), asked, state)


def test_a_run_takes_what_its_steps_can_use_and_others_leave(busy: Callable[..., None]) -> None:
    # 575 million multiply-adds a batch of 256.
    assert chosen() == ThreadChoice(5, "computes with 5 threads")
    busy(1.0)
    assert chosen() == ThreadChoice(5, "computes with 5 threads")
    busy(6.0)
    line = "computes with 2 threads: other programs use 6.0 of 8 cores"
    assert chosen() == ThreadChoice(2, line)
    line = "computes with 1 thread: its steps are too small for more"
    assert chosen(batch=64) == ThreadChoice(1, line)


def test_nobody_is_blamed_for_a_quota_or_a_share(
    busy: Callable[..., None], eight_threads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The other cells of a study, or other containers, use what is not this one's anyway.
    two = ThreadChoice(2, "computes with 2 threads")
    kept = ThreadChoice(2, "computes with 2 threads, as it began")
    busy(5.5)
    monkeypatch.setenv(SHARE, "2")
    assert chosen() == two and chosen(state={"threads": 2}) == kept
    monkeypatch.delenv(SHARE)
    (eight_threads / "cpu.max").write_text("200000 100000")
    assert chosen() == two and chosen(state={"threads": 2}) == kept
    busy(7.0)
    assert chosen() == ThreadChoice(1, "computes with 1 thread: other programs use 7.0 of 8 cores")


def test_a_run_that_goes_on_keeps_its_threads_whatever_others_do(
    busy: Callable[..., None],
) -> None:
    assert chosen(state={"threads": 3}) == ThreadChoice(3, "computes with 3 threads, as it began")
    busy(7.0)
    assert chosen(state={"threads": 3}) == ThreadChoice(
        3,
        "computes with 3 threads, as it began; other programs use 7.0 of 8 cores: --threads=1 is "
        "faster",
    )
    assert chosen(state={"threads": 1}) == ThreadChoice(1, "computes with 1 thread, as it began")


def test_a_run_keeps_its_threads_where_its_share_of_a_study_is_smaller(
    busy: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    busy(4.0)
    monkeypatch.setenv(SHARE, "4")
    line = "computes with 8 threads, as it began; its share of the study is 4 cores now"
    assert chosen(state={"threads": 8}) == ThreadChoice(8, line)


def test_a_run_that_went_on_elsewhere_takes_what_is_useful_and_free(
    busy: Callable[..., None],
) -> None:
    busy(7.0)
    line = "computes with 1 thread: other programs use 7.0 of 8 cores"
    assert chosen(state={"threads": 0}) == ThreadChoice(1, line)


def test_a_run_of_an_earlier_version_goes_on_as_it_did(busy: Callable[..., None]) -> None:
    busy(8.0)
    assert chosen(state={}) == ThreadChoice(8, "computes with 8 threads")


def test_another_number_than_before_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    differs = "its numbers differ by rounding from here on"
    line = f"computes with 1 thread instead of 2: {differs}"
    assert chosen(asked=1, state={"threads": 2}) == ThreadChoice(1, line)
    assert chosen(asked=2, state={"threads": 2}) == ThreadChoice(2, "computes with 2 threads")
    line = f"computes with 8 threads instead of 64: here it may use 8 cores; {differs}"
    monkeypatch.setattr(processor.WATCH, "others", lambda *_: 0.0)
    assert chosen(state={"threads": 64}) == ThreadChoice(8, line)
    monkeypatch.setenv(VARIABLE, "4")
    assert chosen() == ThreadChoice(4, "computes with 4 threads (OMP_NUM_THREADS)")
    assert chosen(asked=2).number == 2


def test_a_run_is_told_that_more_threads_than_cores_are_slower() -> None:
    line = "computes with 99 threads; here it may use 8 cores: --threads=8 is faster"
    assert chosen(asked=99) == ThreadChoice(99, line)
    assert chosen(asked=8) == ThreadChoice(8, "computes with 8 threads")


@pytest.mark.parametrize(
    ("name", "millions"), [("digits", 350.3), ("dcgan", 26_681), ("mlp", 219.8), ("restore", 2_430)]
)
def test_the_work_of_a_step_is_counted_in_multiply_adds(name: str, millions: float) -> None:
    recipe = load_recipe(name)
    players = build_players(recipe, make_fabric(Devices("cpu")))
    assert step_work(recipe, players) / 1e6 == pytest.approx(millions, rel=1e-3)
    assert players.generator.training and players.discriminator.training


def test_counting_the_work_leaves_the_networks_as_they_were() -> None:
    recipe = load_recipe("digits", {"network.discriminator.spectral_norm": True})
    players = build_players(recipe, make_fabric(Devices("cpu")))
    before = {
        name: value.clone()
        for player, module in players.modules().items()
        for name, value in module.state_dict(prefix=player).items()
    }
    drawn = torch.get_rng_state()
    step_work(recipe, players)
    assert torch.equal(torch.get_rng_state(), drawn)
    for player, module in players.modules().items():
        for name, value in module.state_dict(prefix=player).items():
            assert torch.equal(value, before[name])


def test_the_number_stands_in_the_state_and_the_run_keeps_it(
    tmp_path: Path, busy: Callable[..., None]
) -> None:
    fields = {"width": 4, "latent": 4, "evaluation.images": 0}
    place, said = tmp_path / "run", Told()

    def train(images: int, threads: Threads = "auto") -> Any:
        devices = Devices("cpu", threads=threads)
        given = {**fields, "images": images}
        run = zerosum.train("digits", out=place, overrides=given, devices=devices, listener=said)
        return run.state()["threads"]

    assert train(256, 2) == 2
    busy(8.0)
    assert train(512) == 2
    assert train(768, 1) == 1
    assert [line for line in said.lines if line.startswith("computes")] == [
        "computes with 2 threads",
        "computes with 2 threads, as it began; other programs use 8.0 of 8 cores: "
        "--threads=1 is faster",
        "computes with 1 thread instead of 2: its numbers differ by rounding from here on",
    ]


class Told(Listener):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def message(self, text: str) -> None:
        self.lines.append(text)


@pytest.mark.parametrize("threads", [0, -1, "many", 1.5, None])
def test_what_is_no_number_of_threads_is_refused(threads: Any) -> None:
    with pytest.raises((UsageError, TypeError), match="threads"):
        zerosum.train("digits", devices=Devices(threads=threads))


def test_an_evaluation_computes_with_what_others_leave_or_with_the_number_that_was_said(
    busy: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    processor_device = torch.device("cpu")
    assert threads_now("auto", processor_device) == 8
    busy(1.0)
    assert threads_now("auto", processor_device) == 7
    assert threads_now("auto", torch.device("cuda")) == 8
    monkeypatch.setenv(VARIABLE, "2")
    assert threads_now("auto", processor_device) == 2
    assert threads_now(3, processor_device) == 3
    assert threads_now(99, processor_device) == 8

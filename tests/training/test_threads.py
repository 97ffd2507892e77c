"""One rule for processor threads: of a training alone, of the cells of a study, of its guess."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from tests.studies.tiny import tiny_study
from zerosum import api_studies
from zerosum.studies import estimate as estimates
from zerosum.studies.attempt import Means
from zerosum.studies.cells import Cell
from zerosum.studies.request import StudyRequest
from zerosum.training.companions import companions
from zerosum.training.request import Devices
from zerosum.training.threads import VARIABLE, computing_with, threads_for


@pytest.fixture(autouse=True)
def eight_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """PyTorch would take eight, and no variable says otherwise."""
    monkeypatch.delenv(VARIABLE, raising=False)
    with computing_with(8):
        yield


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
        ({"cores": 1}, 1),
        ({"jobs": 2, "cores": 3, "precision": "32", "device": "cpu"}, 3),
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
    assert guessed == trained and trained.threads == threads


def test_the_steps_that_are_measured_run_with_those_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[int] = []

    def measured(*_: Any, **__: Any) -> None:
        found.append(torch.get_num_threads())
        raise AskedError

    monkeypatch.setattr(estimates, "train_run", measured)
    with pytest.raises(AskedError):
        api_studies.estimate_study(tiny_study(), StudyRequest(out=tmp_path / "study", cores=1))
    assert found == [1] and torch.get_num_threads() == 8 and VARIABLE not in os.environ


def test_a_speed_is_measured_by_one_step_after_the_first_at_least(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = iter((100.0, 107.0))  # a step of seven seconds
    monkeypatch.setattr(estimates, "time", SimpleNamespace(monotonic=lambda: next(now)))
    watch = estimates.Stopwatch()
    watch.stepped(32, 10**9)
    with pytest.raises(estimates.MeasuredError):
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

"""What makes pictures or features computes with the threads that were said, or that are free."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import zerosum
from tests.generation.restored_runs import restoring_run
from tests.in_process import run_command
from zerosum import api_analyses, api_report, processor
from zerosum.generation.generator import TrainedGenerator
from zerosum.processor import MOMENT, SHORT_WHILE
from zerosum.processor.threads import VARIABLE
from zerosum.training.request import Devices

SMALL: dict[str, object] = {
    "images": 64, "batch": 16, "width": 4, "evaluation.images": 0, "data.validation": 0.2,
    "schedule.checkpoint_every": 32,
}  # fmt: skip


ONE = Devices("cpu", threads=1)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of sixty grey pictures: few, so that nothing takes long."""
    folder = tmp_path_factory.mktemp("pictures")
    pixels = np.random.default_rng(0).integers(0, 256, (60, 32, 32), np.uint8)
    for number, each in enumerate(pixels):
        Image.fromarray(each).save(folder / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def run(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> zerosum.Run:
    out = tmp_path_factory.mktemp("runs") / "small"
    return zerosum.train("digits", data=pictures, out=out, overrides=SMALL, devices=ONE, quiet=True)


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Of eight cores others use six; the seconds that each look at them lasts at least."""
    looks: list[float] = []

    def others(at_least: float = SHORT_WHILE) -> float:
        looks.append(at_least)
        return 6.0

    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(processor, "_allowed", lambda: set(range(8)))
    monkeypatch.setattr(processor, "_quota", lambda: None)
    monkeypatch.setattr(processor.WATCH, "others", others)
    # Eight real threads on a machine with fewer cores would wait for each other for minutes.
    number = [8]
    monkeypatch.setattr(torch, "get_num_threads", lambda: number[0])
    monkeypatch.setattr(torch, "set_num_threads", lambda threads: number.__setitem__(0, threads))
    yield looks
    assert number == [8]


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """With how many threads pictures were made."""
    seen: set[int] = set()
    compute = TrainedGenerator.compute

    def watched(self: TrainedGenerator, inputs: torch.Tensor) -> torch.Tensor:
        seen.add(torch.get_num_threads())
        return compute(self, inputs)

    monkeypatch.setattr(TrainedGenerator, "compute", watched)
    return seen


LOOKING: dict[str, Callable[..., Any]] = {
    "sample": lambda run, _, **given: zerosum.sample(run, 4, **given),
    "interpolate": lambda run, _, **given: zerosum.interpolate(run, 1, steps=2, **given),
    "map": lambda run, _, **given: zerosum.map(run, 10, extractor="digits", quiet=True, **given),
    "compare": lambda run, out, **given: zerosum.compare(
        [run, run.path / "checkpoints" / "000000032"], out=out, quiet=True, **given
    ),
}


@pytest.mark.parametrize("name", LOOKING)
def test_a_function_computes_with_the_number_that_was_said_or_what_is_free(
    name: str, run: zerosum.Run, tmp_path: Path, threads: set[int]
) -> None:
    seed = 2 * list(LOOKING).index(name)  # features are kept: nothing may be there already
    LOOKING[name](run, tmp_path, threads=3, seed=seed)
    assert threads == {3}
    threads.clear()
    LOOKING[name](run, tmp_path, seed=seed + 1)
    assert threads == {2}


class AskedError(Exception):
    """Something would be computed, with so many threads."""


@pytest.mark.parametrize(
    ("function", "computes"),
    [
        (zerosum.neighbours, "search_neighbours"),
        (zerosum.modes, "count_classes"),
        (zerosum.project, "project_pictures"),
    ],
)
def test_an_analysis_computes_with_the_number(
    function: Callable[..., Any], computes: str, run: zerosum.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compute(*_: object) -> None:
        raise AskedError(torch.get_num_threads())

    monkeypatch.setattr(api_analyses, computes, compute)
    with pytest.raises(AskedError, match="3"):
        function(run, threads=3, quiet=True)


def test_a_page_is_written_with_the_number_or_what_is_free(
    run: zerosum.Run, tmp_path: Path, threads: set[int]
) -> None:
    zerosum.report(run, tmp_path / "page.html", threads=3, quiet=True)
    zerosum.report(run, tmp_path / "page.html", quiet=True)
    assert threads == {3, 2}


COMMANDS = {
    "sample": ["-n", "4"],
    "interpolate": ["--pairs", "1", "--steps", "2"],
    "map": ["--image", "3"],
    "report": [],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_takes_the_number(name: str, run: zerosum.Run, threads: set[int]) -> None:
    assert run_command(name, str(run.path), *COMMANDS[name], "--threads", "3") == 0
    assert threads == {3}


def test_pictures_are_restored_with_the_number(
    pictures: Path, tmp_path: Path, threads: set[int]
) -> None:
    restoring_run(tmp_path / "run")
    words = [str(tmp_path / "run"), str(pictures / "0.png"), "--threads", "3"]
    assert run_command("restore", *words, "--out", str(tmp_path / "restored")) == 0
    assert threads == {3}


def test_what_a_page_lacks_is_computed_with_the_number(
    run: zerosum.Run, tmp_path: Path, threads: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(api_report, "evaluate_request", lambda what, _: asked.append(what))
    monkeypatch.setattr(api_report, "write_modes", lambda what, _: asked.append(what))
    monkeypatch.setattr(api_report, "write_map", lambda _, what, __: asked.append(what))
    monkeypatch.setattr(api_report, "write_neighbours", lambda _, what, __: asked.append(what))
    lacking = [replace(part, there=lambda _: False) for part in api_report.PARTS]
    monkeypatch.setattr(api_report, "PARTS", lacking)
    words = [str(run.path), "--all", "--out", str(tmp_path / "page.html")]
    assert run_command("report", *words, "--threads", "3") == 0
    assert [each.threads for each in asked] == [3, 3, 3, 3]
    assert threads == {3}


def test_pictures_are_the_same_with_any_number_of_threads(
    run: zerosum.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    one, three = (zerosum.sample(run, 40, threads=number).images for number in (1, 3))
    assert np.array_equal(one, three)


def test_other_programs_are_looked_at_for_a_moment_before_a_few_pictures(
    run: zerosum.Run, eight_cores: list[float]
) -> None:
    zerosum.sample(run, 1)
    assert eight_cores == [MOMENT]
    zerosum.map(run, 10, seed=50, extractor="digits", quiet=True)
    assert eight_cores == [MOMENT, SHORT_WHILE]


@pytest.mark.parametrize(("words", "begun"), [([], [True]), (["--threads", "2"], [])])
def test_a_command_begins_to_look_before_it_imports_what_takes_time(
    words: list[str], begun: list[bool], run: zerosum.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    monkeypatch.setattr(processor.WATCH, "begin", lambda: seen.append(True))
    assert run_command("sample", str(run.path), "-n", "1", *words) == 0
    assert seen == begun


@pytest.mark.parametrize("number", ["0", "-2", "two", "1.5"])
def test_what_is_no_number_is_refused_before_anything_is_made(
    number: str, run: zerosum.Run, threads: set[int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command("sample", str(run.path), "--threads", number) == 2
    assert "--threads" in capsys.readouterr().err
    assert not threads

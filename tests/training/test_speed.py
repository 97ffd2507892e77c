"""How fast a training goes, as it is told to whoever watches."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from torch import Tensor

import zerosum
from zerosum.recipe.load import load_recipe
from zerosum.training import loop
from zerosum.training.checkpoints import Position
from zerosum.training.fabric import Fabric, mean_over_processes
from zerosum.training.speed import SURE, WINDOW, Speed, faster, tell


def at(seconds: float, images: int) -> Position:
    return Position(images=images, seconds=seconds)


def test_the_slow_first_step_counts_until_there_is_another() -> None:
    speed = Speed(at(0.0, 0))
    speed.look(at(10.0, 100))
    assert speed.images_per_second == 10.0 and not speed.sure
    speed.look(at(11.0, 200))
    assert speed.images_per_second == 100.0 and not speed.sure
    speed.look(at(10.0 + SURE, 100 + int(100 * SURE)))
    assert speed.images_per_second == 100.0 and speed.sure


def test_it_looks_after_the_first_step_the_last_and_each_second() -> None:
    speed = Speed(at(50.0, 1_000))
    assert speed.look_due(at(50.01, 1_010), last=False)
    speed.look(at(50.01, 1_010))
    assert not speed.look_due(at(50.5, 1_100), last=False)
    assert speed.look_due(at(50.5, 1_100), last=True)
    assert speed.look_due(at(51.1, 1_200), last=False)


def test_it_tells_the_speed_of_the_last_looks_alone() -> None:
    speed = Speed(at(0.0, 0))
    for second in range(1, 2 * WINDOW):
        speed.look(at(float(second), 10 * second))
    here = 10 * (2 * WINDOW - 1)
    for second in range(2 * WINDOW, 4 * WINDOW):
        here += 1_000
        speed.look(at(float(second), here))
    assert speed.images_per_second == 1_000.0


def test_a_clock_that_stands_still_is_no_division_by_zero() -> None:
    speed = Speed(at(0.0, 0))
    speed.look(at(0.0, 64))
    assert speed.images_per_second == 0.0


@pytest.mark.parametrize(
    ("recipe", "width"),
    [("dcgan", 16), ("dcgan-faces", 16), ("mlp", 64), ("digits", 0), ("restore", 0)],
)
def test_narrower_networks_are_proposed_where_there_are_such(recipe: str, width: int) -> None:
    words = f"too long? narrower networks are faster: --width {width} (in a run of its own)"
    assert faster(load_recipe(recipe)) == (words if width else "")


@pytest.mark.parametrize(
    ("images", "fresh", "lines"),
    [(100_000, True, 1), (1_000_000, True, 2), (1_000_000, False, 1)],
)
def test_a_training_of_more_than_an_hour_says_once_how_to_make_it_shorter(
    images: int, fresh: bool, lines: int
) -> None:
    told: list[str] = []
    listener = SimpleNamespace(message=told.append, glimpsed=lambda _line: None)
    training = SimpleNamespace(
        position=at(0.1, 10), writer=True, listener=listener, fresh=fresh, at_end=images,
        log_line=lambda *_: {}, meter=SimpleNamespace(means=lambda: None),
        game=SimpleNamespace(recipe=load_recipe("dcgan")),
    )  # fmt: skip
    speed = Speed(at(0.0, 0))
    for seconds in (0.1, 4.1, 5.1):
        training.position = at(seconds, int(100 * seconds))
        tell(cast(Any, training), cast(Any, None), speed)
    assert len(told) == lines and "to go, at 100 images/s; Ctrl-C saves" in told[0]
    assert lines == 1 or "--width 16" in told[1]


def test_the_speed_of_a_log_line_counts_until_its_numbers_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A GPU that is asked for steps does them later: whoever reads their numbers waits for it."""

    def later(fabric: Fabric, numbers: Tensor) -> Tensor:
        time.sleep(0.5)
        return mean_over_processes(fabric, numbers)

    monkeypatch.setattr(loop, "mean_over_processes", later)
    settings: dict[str, object] = {
        "network.kind": "mlp", "network.generator.norm": "none", "width": 4, "latent": 4,
        "network.discriminator.norm": "none", "data.limit": 100, "evaluation.images": 0,
        "batch": 16, "images": 64, "schedule.log_every": 2,
    }  # fmt: skip
    run = zerosum.train("digits", out=tmp_path / "run", overrides=settings, quiet=True)
    assert all(line["images_per_second"] <= 2 * 16 / 0.5 for line in run.metrics())

"""A short run has sheets and checkpoints enough, unless somebody said how often."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import zerosum
from zerosum.recipe.load import load_recipe
from zerosum.recipe.phases import images_in_step, phases_of
from zerosum.recipe.shipped import shipped_recipes
from zerosum.records.run import training_sheets
from zerosum.training import loop, stopping
from zerosum.training.intervals import SheetsByTheClock, checkpoint_every, sample_every
from zerosum.training.progress import Listener


@given(
    name=st.sampled_from(["dcgan", "wgan-gp", "restore"]),
    batch=st.integers(1, 64),
    lengths=st.tuples(st.integers(0, 5_000), st.integers(0, 5_000), st.integers(1, 20_000)),
    train=st.integers(1, 10_000),
)
def test_a_run_of_eight_steps_and_more_has_at_least_eight_sheets(
    name: str, batch: int, lengths: tuple[int, int, int], train: int
) -> None:
    alone, judged, images = lengths
    fields: dict[str, object] = {"batch": batch, "images": images}
    if name == "restore":
        fields |= {"pretrain.generator_images": alone, "pretrain.critic_images": judged}
    recipe = load_recipe(name, fields)
    every = sample_every(recipe, train)
    here = steps = sheets = 0
    for phase in phases_of(recipe, train):
        step = images_in_step(recipe, phase)
        while here < phase.end:
            sheets += (here + step) // every > here // every
            here, steps = here + step, steps + 1
    assert sheets >= min(steps, 8)


def test_a_long_run_has_them_as_often_as_ever() -> None:
    recipe = load_recipe("dcgan", {"images": 10_000_000})
    assert (sample_every(recipe, 1_000), checkpoint_every(recipe, 1_000)) == (50_000, 200_000)


def test_what_somebody_said_is_kept() -> None:
    said: dict[str, object] = {"schedule.sample_every": 900, "schedule.checkpoint_every": 7_000}
    recipe = load_recipe("dcgan", said | {"images": 1_000})
    assert (sample_every(recipe, 100), checkpoint_every(recipe, 100)) == (900, 7_000)


@pytest.mark.parametrize("name", shipped_recipes())
def test_no_shipped_recipe_says_it_for_runs_of_any_length(name: str) -> None:
    schedule = load_recipe(name).schedule
    assert (schedule.sample_every, schedule.checkpoint_every) == (0, 0)


def test_a_run_of_nine_steps_can_be_filmed(tmp_path: Path) -> None:
    fields: dict[str, object] = {
        "data.limit": 20, "data.resolution": 16, "width": 2, "latent": 2, "batch": 4, "images": 36,
        "evaluation.images": 0,
    }  # fmt: skip
    run = zerosum.train("digits", out=tmp_path / "run", overrides=fields)
    assert len(training_sheets(run.folder)) >= 9
    assert [path.name for path in sorted(run.folder.checkpoints.glob("0*"))] == [
        "000000020", "000000028", "000000036",
    ]  # fmt: skip


def test_a_run_that_the_clock_ends_has_a_sheet_in_each_eighth_of_its_time() -> None:
    clock = SheetsByTheClock(100.0, 80.0)
    made = [now for now in range(101, 180) if clock.due(float(now), by_images=now == 115)]
    assert made == [110, 115, 130, 140, 150, 160, 170]


def test_a_long_pause_is_followed_by_one_sheet() -> None:
    clock = SheetsByTheClock(0.0, 80.0)
    assert [now for now in (5.0, 55.0, 56.0, 61.0) if clock.due(now, by_images=False)] == [55, 61]


@pytest.mark.parametrize("seconds", [None, 0.0, -3.0])
def test_without_time_there_are_those_by_images_alone(seconds: float | None) -> None:
    clock = SheetsByTheClock(0.0, seconds)
    assert [clock.due(1e9, by_images=by_images) for by_images in (False, True)] == [False, True]


class SteppingClock(Listener):
    """A second passes in each step, and none anywhere else."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        self.now += 1e-6
        return self.now

    def stepped(self, images: int, total: int) -> None:  # noqa: ARG002
        self.now += 1


@pytest.mark.parametrize("every", [0, 1000])
def test_a_run_far_from_its_end_can_be_filmed_when_the_clock_stops_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int
) -> None:
    clock = SteppingClock()
    for room in (loop, stopping):
        monkeypatch.setattr(room, "time", clock)
    fields: dict[str, object] = {
        "data.limit": 20, "data.resolution": 16, "width": 2, "latent": 2, "batch": 4,
        "images": 10**9, "evaluation.images": 0, "schedule.sample_every": every,
    }  # fmt: skip
    run = zerosum.train(
        "digits", out=tmp_path / "run", overrides=fields, listener=clock, stop_after=24
    )
    assert run.state()["status"] == "stopped" and run.state()["step"] == 24
    # Whoever says how often has no others.
    assert len(training_sheets(run.folder)) == (9 if every == 0 else 2)

"""A run that stops or ends between two log lines has its curves up to there, and goes on as if it
had not stopped."""

import runpy
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

import zerosum
from zerosum.diagnosis.health import HealthWatch
from zerosum.diagnosis.log_fields import LAST_STEP
from zerosum.recipe.sections import ObjectiveSettings
from zerosum.records.logs import LogLine
from zerosum.records.run import RunFolder
from zerosum.report.summary import write_summary
from zerosum.studies.run_verdict import diagnose_run
from zerosum.training.progress import Listener

SOAK = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "soak.py"))
BATCH = 8
TINY: dict[str, object] = {
    "batch": BATCH, "images": 23 * BATCH, "width": 4, "latent": 4, "data.limit": 40,
    "data.resolution": 16, "schedule.log_every": 5, "evaluation.images": 0,
}  # fmt: skip
RESTORATION = TINY | {
    "data.channels": 1, "data.resolution": 32, "network.generator.attention": 8,
    "pretrain.generator_images": 2 * BATCH, "pretrain.critic_images": 8 * BATCH,
    "pretrain.critic_accuracy": 0.0, "images": 4 * BATCH,
}  # fmt: skip


class StopAt(Listener):
    """Presses Ctrl-C in a step, and hears of log lines."""

    def __init__(self, step: int) -> None:
        self.images, self.heard = step * BATCH, list[int]()

    def stepped(self, images: int, total: int) -> None:  # noqa: ARG002
        if images == self.images:
            signal.raise_signal(signal.SIGINT)

    def logged(self, line: Mapping[str, Any]) -> None:
        self.heard.append(line["step"])


def train(
    out: Path, settings: Mapping[str, object] = TINY, listener: Listener | None = None
) -> RunFolder:
    """The run in full, or its rest."""
    recipe = "restore" if settings is RESTORATION else "digits"
    run = zerosum.train(
        recipe, "digits", out, overrides=settings, listener=listener, quiet=listener is None
    )
    return run.folder


def stop_in(step: int, out: Path, settings: Mapping[str, object] = TINY) -> RunFolder:
    """The run as far as a step that somebody stopped it in."""
    listener = StopAt(step)
    with pytest.raises(KeyboardInterrupt):
        train(out, settings, listener)
    run = RunFolder(out)
    assert run.state()["step"] == step
    assert listener.heard[-1:] == [step], "its last line is told as every other"
    return run


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The TINY run of 23 steps, never stopped. Shared: tests change nothing in it."""
    return train(tmp_path_factory.mktemp("whole") / "run")


@pytest.fixture(scope="module")
def by_step(tmp_path_factory: pytest.TempPathFactory) -> list[LogLine]:
    """What each single step of it measured."""
    return train(
        tmp_path_factory.mktemp("steps") / "run", TINY | {"schedule.log_every": 1}
    ).metrics()


def mean_of(steps: Sequence[LogLine], field: str) -> float:
    return mean(float(step[field]) for step in steps)


def test_a_run_that_stops_before_its_first_log_line_has_one_of_all_its_steps(
    tmp_path: Path, by_step: list[dict[str, Any]]
) -> None:
    run = stop_in(3, tmp_path / "run")
    (line,) = run.metrics()
    assert (line["step"], line["images"]) == (3, 3 * BATCH)
    assert line[LAST_STEP] is True and line["images_per_second"] > 0
    for field in ("loss_generator", "loss_discriminator", "d_real", "gradient_norm_generator"):
        assert line[field] == pytest.approx(mean_of(by_step[:3], field), rel=1e-5)
    assert line["spread_fake"] == by_step[2]["spread_fake"]
    assert line["learning_rate_generator"] == by_step[2]["learning_rate_generator"]
    assert f"{line['loss_generator']:.3g}"[:4] in write_summary(run).read_text()


def test_the_last_line_is_of_the_steps_since_the_one_before(
    whole: RunFolder, by_step: list[dict[str, Any]]
) -> None:
    lines = whole.metrics()
    assert [line["step"] for line in lines] == [5, 10, 15, 20, 23]
    assert [line.get(LAST_STEP, False) for line in lines] == [False] * 4 + [True]
    assert lines[-1]["loss_generator"] == pytest.approx(
        mean_of(by_step[20:], "loss_generator"), rel=1e-5
    )


def test_a_run_that_ends_with_a_log_line_has_no_other(by_step: list[dict[str, Any]]) -> None:
    assert [line["step"] for line in by_step] == list(range(1, 24))
    assert not any(LAST_STEP in line for line in by_step)


@pytest.mark.parametrize("steps", [(3, 4, 8), (10, 22)])
def test_a_run_that_stopped_goes_on_as_if_it_had_not(
    tmp_path: Path, whole: RunFolder, steps: tuple[int, ...]
) -> None:
    for step in steps:
        run = stop_in(step, tmp_path / "run")
        assert sum(LAST_STEP in line for line in run.metrics()) == (step % 5 > 0)
    train(tmp_path / "run")
    # The pictures of the stops are more; the rest is the same.
    assert set(SOAK["differences"](whole, run)) <= {"tensorboard", "samples"}
    assert run.health() == whole.health()
    scalars = [
        {name: points for name, points in SOAK["_points"](each).items() if "samples" not in name}
        for each in (whole, run)
    ]
    assert scalars[0] == scalars[1]


def test_a_run_that_is_made_longer_loses_the_line_of_its_first_end(
    tmp_path: Path, whole: RunFolder
) -> None:
    train(tmp_path / "run", TINY | {"images": 12 * BATCH})
    train(tmp_path / "run")
    assert set(SOAK["differences"](whole, RunFolder(tmp_path / "run"))) <= {
        "tensorboard",
        "samples",
    }


def test_a_run_that_goes_on_with_other_intervals_keeps_the_lines_that_it_has(
    tmp_path: Path,
) -> None:
    stop_in(8, tmp_path / "run")
    run = train(tmp_path / "run", TINY | {"schedule.log_every": 7})
    assert [line["step"] for line in run.metrics()] == [5, 14, 21, 23]


def test_a_stop_does_not_end_the_phase_of_a_critic_as_a_log_line_would(tmp_path: Path) -> None:
    run = stop_in(4, tmp_path / "run", RESTORATION)
    (line,) = run.metrics()
    assert line["phase"] == "critic" and line["accuracy"] >= 0
    assert run.state()["images_total"] == 14 * BATCH, "of its whole budget"
    train(tmp_path / "run", RESTORATION)
    assert run.state()["images_total"] == 9 * BATCH, "it ended with the line of step 5"


def line_of(step: int, **values: float | bool) -> dict[str, Any]:
    sound = {"d_real": 0.6, "d_fake_before": 0.4, "d_fake_after": 0.4, "spread_real": 1.0}
    sound |= {"spread_fake": 0.9, "nearest_real": 0.5, "nearest_fake": 0.5, "variety_images": 64}
    losses = {"loss_discriminator": 1.2, "loss_generator": 1.0}
    return {"step": step, "images": 64 * step} | losses | sound | values


def test_the_line_of_a_stop_makes_and_hides_no_verdict() -> None:
    lines = [line_of(50 * place, spread_fake=0.01 if place > 15 else 0.9) for place in range(1, 60)]
    sound, collapsed = line_of(0), line_of(0, spread_fake=0.01, nearest_fake=0.001)
    objective = ObjectiveSettings()
    for cut in range(len(lines)):
        undisturbed = HealthWatch(objective, lines[: cut + 1])
        for other in (sound, collapsed):
            last = other | {"step": 50 * cut + 70, "images": 64 * (50 * cut + 70), LAST_STEP: True}
            watch = HealthWatch(objective, [*lines[: cut + 1], last])
            assert watch.diagnosis() == undisturbed.diagnosis()
            assert watch.logged(last) is None


def test_a_run_with_nothing_but_its_last_line_is_too_young_for_a_verdict(tmp_path: Path) -> None:
    found = diagnose_run(stop_in(3, tmp_path / "run"))
    assert found.verdict == "too early to say"
    assert found.evidence == ("a verdict comes from about 240 images on",)

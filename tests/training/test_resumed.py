"""What a run that goes on says is not as it was, and keeps in its state."""

from pathlib import Path

import pytest

import zerosum
from zerosum.recipe.load import load_recipe
from zerosum.records.run_state import RunState
from zerosum.training.checkpoints import Position
from zerosum.training.progress import Listener
from zerosum.training.request import Devices
from zerosum.training.resumed import changes, rates_that_jump

BOTH = ("generator", "discriminator")
TINY: dict[str, object] = {
    "network.kind": "mlp", "data.resolution": 16, "width": 4, "latent": 4, "batch": 16,
    "schedule.decay": "linear", "learning-rate": 1e-3, "evaluation.images": 0,
    "schedule.average": 0,
}  # fmt: skip


class Told(Listener):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def message(self, text: str) -> None:
        self.lines.append(text)


def train(out: Path, images: int, devices: Devices, stop_after: float | None = None) -> list[str]:
    told = Told()
    zerosum.train(
        "digits", "digits", out, overrides={**TINY, "images": images}, devices=devices,
        listener=told, stop_after=stop_after,
    )  # fmt: skip
    return told.lines


def test_threads_precision_and_rates_that_are_not_as_before_are_told_and_noted(
    tmp_path: Path,
) -> None:
    out = tmp_path / "run"
    train(out, 160, Devices(device="cpu", precision="bf16", threads=1))
    lines = train(out, 320, Devices(device="cpu", precision="32", threads=2))
    expected = [
        "computes with 2 threads instead of 1: its numbers differ by rounding from here on",
        "computes in float32 instead of bfloat16: its numbers differ by rounding from here on",
        "learning rates go from 0.0001 to 0.0005: schedule.decay reaches to 320 images now, not to "
        "160; what is trained stays as it is",
    ]
    assert all(any(line.startswith(each) for line in lines) for each in expected)
    state = zerosum.Run.open(out).state()
    assert state["changes"] == [{"images": 160, "changed": expected}]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"optimizer.generator.last_beta2": 0.5, "schedule.last_average": 100},
            ["what schedule.decay leads goes back (schedule.last_average and "
             "optimizer.generator.last_beta2)"],
        ),
        (
            {"optimizer.discriminator.last_learning_rate": 0.0, "schedule.last_average": 100},
            ["the discriminator's learning rate goes from 0.0001 to 0.0005"],
        ),
        ({}, []),
    ],
)  # fmt: skip
def test_only_what_jumps_is_said_to_jump(fields: dict[str, object], told: list[str]) -> None:
    same = {f"optimizer.{player}.last_learning_rate": "same" for player in BOTH}
    short, long = (
        load_recipe("digits", {**TINY, "schedule.average": 50, **same, **fields, "images": images})
        for images in (160, 320)
    )
    to = ": schedule.decay reaches to 320 images now, not to 160; what is trained stays as it is"
    jumps = rates_that_jump(short, long, 160, Position(images=160))
    assert jumps == [each + to for each in told]


def test_a_run_that_goes_on_as_it_was_is_told_nothing(tmp_path: Path) -> None:
    out, devices = tmp_path / "run", Devices(device="cpu", precision="32", threads=1)
    train(out, 160, devices, stop_after=0)
    lines = train(out, 160, devices)
    assert any(line.startswith("continues") for line in lines)
    assert not [line for line in lines if "instead of" in line or "learning rates" in line]
    assert zerosum.Run.open(out).state()["changes"] == []


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ({"devices": 1}, {"devices": 2}, "trains on 2 devices instead of 1: "),
        (
            {"machine": "one, 2 threads"},
            {"machine": "other, 1 thread"},
            "trains on other instead of one: its numbers may differ",
        ),
        (
            {"versions": {"torch": "2.11.0"}},
            {"versions": {"torch": "2.12.0"}},
            "PyTorch is 2.12.0 instead of 2.11.0: its numbers may differ",
        ),
    ],
)
def test_another_place_is_told(before: RunState, now: RunState, said: str) -> None:
    [line] = changes(before, now)
    assert line.startswith(said)


def test_what_an_earlier_version_did_not_note_counts_as_unchanged() -> None:
    now: RunState = {"precision": "32", "devices": 1, "machine": "a", "versions": {"torch": "2"}}
    assert changes({}, now) == changes(now, now) == []

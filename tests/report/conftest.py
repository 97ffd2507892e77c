"""A run folder as a training leaves it, from hand-written log lines."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from zerosum.recipe.load import load_recipe, recipe_to_toml
from zerosum.records.run import RunFolder

STATE: dict[str, Any] = {
    "status": "stopped",
    "reason": "SIGTERM",
    "step": 1250,
    "images": 80_000,
    "images_total": 200_000,
    "seconds": 185.0,
    "checkpoint": "000080000",
    "machine": "a desk, 2 cores",
    "versions": {"torch": "2.13.0"},
    "precision": "32",
    "devices": 1,
    "data": {
        "name": "digits",
        "train": 8000,
        "held_out": 2000,
        "bad": 3,
        "converted": 1,
        "fingerprint": "00",
    },
    "command": "zerosum train digits --out runs/demo",
}


def lines_of(count: int, **changed: float) -> list[dict[str, Any]]:
    """`count` lines of metrics.jsonl, 50 steps of 64 images each."""
    return [
        {
            "step": 50 * (index + 1),
            "images": 3200 * (index + 1),
            "seconds": 2.0 * (index + 1),
            "images_per_second": 1600.0,
            "loss_generator": 1.0 + 0.1 * (index % 7),
            "loss_discriminator": 0.5 + 0.1 * (index % 5),
            "d_real": 0.7,
            "d_fake_before": 0.3,
            "d_fake_after": 0.2,
            "gradient_norm_generator": 0.5,
            "gradient_norm_discriminator": 2.0,
            "learning_rate_generator": 2e-4,
            "learning_rate_discriminator": 2e-4,
            **changed,
        }
        for index in range(count)
    ]


@pytest.fixture
def log_lines() -> Callable[..., list[dict[str, Any]]]:
    """Makes so many log lines, with fields changed by name."""
    return lines_of


@pytest.fixture
def state() -> dict[str, Any]:
    """The content of state.json of a run that was stopped."""
    return dict(STATE)


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., RunFolder]:
    """Makes the run folder `name` with these log lines, this state and this loss."""

    def make(
        lines: Sequence[dict[str, Any]],
        *,
        name: str = "demo",
        loss: str = "non-saturating",
        state: dict[str, Any] | None = None,
    ) -> RunFolder:
        run = RunFolder(tmp_path / name)
        run.path.mkdir()
        recipe = load_recipe("digits", {"objective.loss": loss})
        run.recipe_file.write_text(recipe_to_toml(recipe))
        run.metrics_file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        run.state_file.write_text(json.dumps(STATE if state is None else state))
        return run

    return make

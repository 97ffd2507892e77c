"""A discriminator that learns its pictures by heart is seen in a real training."""

from pathlib import Path

import pytest

import zerosum
from zerosum.diagnosis.findings import judge
from zerosum.diagnosis.phase_health import WINDOW
from zerosum.recipe.sections import ObjectiveSettings

TINY: dict[str, object] = {
    "batch": 16, "images": 16 * 340, "width": 8, "latent": 8, "data.resolution": 16,
    "learning-rate": 6e-4, "schedule.log_every": 10, "evaluation.images": 0,
}  # fmt: skip


@pytest.mark.parametrize(("pictures", "memorised"), [(12, True), (0, False)])
def test_twelve_digits_are_learnt_by_heart_and_eight_thousand_are_not(
    tmp_path: Path, pictures: int, memorised: bool
) -> None:
    run = zerosum.train(
        "digits", "digits", tmp_path / "run", quiet=True, overrides={**TINY, "data.limit": pictures}
    ).folder
    lines = run.metrics()
    finding, evidence = judge(lines[-WINDOW:], ObjectiveSettings(), len(lines))
    assert (finding == "memorising") == memorised, evidence

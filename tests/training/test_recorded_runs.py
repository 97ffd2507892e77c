"""Verdicts on healthy trainings of photographs, from their logs as they were recorded.

photographs.json.gz has the logs of `benchmarks/health.py --photographs` (faces, bedrooms, CIFAR-10;
recipes dcgan, lsgan, sngan, narrowed), and of dcgan as it is shipped on 1,600 faces, on a GPU; four
digits of each value.
"""

import gzip
import json
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from zerosum.diagnosis.findings import judge
from zerosum.diagnosis.health import HealthWatch
from zerosum.diagnosis.phase_health import WINDOW
from zerosum.diagnosis.verdicts import FAILURES
from zerosum.recipe.sections import ObjectiveSettings

FILE = Path(__file__).with_name("photographs.json.gz")
RUNS: dict[str, Any] = json.loads(gzip.decompress(FILE.read_bytes()))


def lines_of(run: dict[str, Any]) -> list[dict[str, float]]:
    columns = run["columns"]
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def told(run: dict[str, Any]) -> list[str]:
    """Every verdict that a training with this log tells."""
    watch = HealthWatch(ObjectiveSettings(loss=run["loss"]))
    return [found.verdict for line in lines_of(run) if (found := watch.logged(line)) is not None]


def findings(run: dict[str, Any]) -> list[tuple[int, str]]:
    """What the newest lines show at each line: its step, and the finding."""
    lines, objective = lines_of(run), ObjectiveSettings(loss=run["loss"])
    return [
        (int(line["step"]), judge(lines[max(0, end - WINDOW) : end], objective, end)[0])
        for end, line in enumerate(lines, 1)
    ]


@pytest.mark.parametrize("name", RUNS)
def test_a_healthy_training_on_photographs_is_never_accused(name: str) -> None:
    assert set(told(RUNS[name])) <= {"learning", "balanced"}
    assert "learning" in told(RUNS[name])


def test_their_lines_look_like_failures_for_a_while_which_is_why_a_verdict_waits() -> None:
    first = {name: findings(run) for name, run in RUNS.items()}
    assert all(any(found == "collapsed" for _, found in each) for each in first.values())
    late = {name for name, each in first.items() if ("collapsed" in dict(each[50:]).values())}
    assert late, "later than the 500th step"
    changes = [
        verdict for verdict, _ in groupby(first["faces-dcgan-64-full-width"], lambda x: x[1])
    ]
    assert sum(verdict in FAILURES for verdict in changes) >= 8

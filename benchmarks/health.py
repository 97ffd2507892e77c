"""Are the verdicts on a training right? Healthy runs, and runs made to fail, counted.

    python benchmarks/health.py               # ten seeds of each: about half an hour on two cores
    python benchmarks/health.py --seeds 2 --only healthy

Prints a markdown table: for each kind of run how often each verdict was the last, and in how many
runs a failure was named at any time. The thresholds were set on seeds from 100.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn

import zerosum
from zerosum.networks import build_generator
from zerosum.recipe import Recipe
from zerosum.report.health import diagnose_run
from zerosum.run import RunFolder
from zerosum.training import DivergedError
from zerosum.training.verdicts import FAILURES

COMMON: dict[str, object] = {"evaluation.images": 0, "schedule.sample_every": 10_000_000}
COLOUR = {"data.resolution": 32, "batch": 64, "images": 3_200, "schedule.log_every": 2}


@dataclass(frozen=True)
class Kind:
    """A kind of run: its recipe and fields, and the verdicts that are right for it."""

    recipe: str
    overrides: dict[str, object]
    right: tuple[str, ...]
    surroundings: Callable[[], Any] = field(default=nullcontext)


@contextmanager
def ignoring_its_latent() -> Iterator[None]:
    """Generators that are given zeros, whatever the latent is."""

    def build(recipe: Recipe) -> nn.Module:
        module = build_generator(recipe)

        def forget(_module: nn.Module, latents: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            return (torch.zeros_like(latents[0]),)

        module.register_forward_pre_hook(forget)
        return module

    with mock.patch("zerosum.training.players.build_generator", build):
        yield


KINDS = {
    "healthy: `digits`": Kind("digits", {"images": 64_000}, ("learning", "balanced")),
    "`dcgan`, RMSprop at 2e-3": Kind(
        "dcgan",
        COLOUR | {"optimizer": "rmsprop", "learning-rate": 2e-3},
        ("collapsed", "diverged", "discriminator-ahead", "oscillating"),
    ),
    "`digits`, a latent of 1": Kind("digits", {"latent": 1, "images": 32_000}, ("collapsed",)),
    "`digits`, latent ignored": Kind(
        "digits", {"images": 30_000}, ("collapsed",), ignoring_its_latent
    ),
    "`digits`, 20 critic steps": Kind(
        "digits",
        {"schedule.critic_steps": 20, "images": 76_800, "schedule.log_every": 3},
        ("discriminator-ahead", "collapsed"),
    ),
}


@dataclass(frozen=True)
class Ended:
    """How one run ended: its last verdict, and every verdict that it had on the way."""

    last: str
    verdicts: tuple[str, ...]


def train(kind: Kind, seed: int, folder: Path) -> Ended:
    """One run, and what was said of it."""
    overrides = COMMON | kind.overrides | {"seed": seed}
    # A training that diverges raises; its verdict says so.
    with kind.surroundings(), suppress(DivergedError):
        zerosum.train(kind.recipe, "digits", folder, overrides=overrides)
    run = RunFolder(folder)
    last = diagnose_run(run).verdict
    return Ended(last, (*(line["verdict"] for line in run.health()), last))


def row(name: str, kind: Kind, runs: list[Ended]) -> str:
    """A line of the table."""
    last = Counter(run.last for run in runs)
    counted = ", ".join(f"{verdict} {count}" for verdict, count in last.most_common())
    named = sum(any(verdict in FAILURES for verdict in run.verdicts) for run in runs)
    right = sum(run.last in kind.right for run in runs)
    return f"| {name} | {len(runs)} | {counted} | {named} | {right} |"


def main(arguments: list[str]) -> None:
    """Train all, print a line a run, then the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--only", default="", help="part of a kind's name")
    parser.add_argument("--keep", type=Path, help="a folder for the runs")
    chosen = parser.parse_args(arguments)
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        for number, (name, kind) in enumerate(KINDS.items()):
            if chosen.only not in name:
                continue
            runs = []
            for seed in range(chosen.first_seed, chosen.first_seed + chosen.seeds):
                folder = (chosen.keep or Path(temporary)) / f"{number}-{seed}"
                begin = time.monotonic()
                runs.append(train(kind, seed, folder))
                seconds = time.monotonic() - begin
                words = {"kind": name, "seed": seed, "verdicts": runs[-1].verdicts}
                print(json.dumps(words | {"seconds": round(seconds, 1)}), flush=True)
            rows.append(row(name, kind, runs))
    print("\n| runs | seeds | last verdict | failure named at any time | right at the end |")
    print("|---|---|---|---|---|")
    print("\n".join(rows))


if __name__ == "__main__":
    main(sys.argv[1:])

"""Are the verdicts on a training right? Healthy runs, and runs made to fail, counted.

    python benchmarks/health.py --photographs FOLDER    # ten of each: two or three hours on a core
    python benchmarks/health.py --seeds 2 --only healthy
    python benchmarks/health.py --keep RUNS   # keeps the runs; what is there is not made anew

FOLDER has faces.zip, bedroom.zip and cifar10.zip. Prints a line a run, then a markdown table: for
each kind of run how often each verdict was the last, and in how many runs a failure was named at
any time. Verdicts are read off the log of a run, so that with --keep a changed rule is counted
without training again. The thresholds were set on seeds from 100.
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
from zerosum.diagnosis.health import HealthWatch
from zerosum.diagnosis.verdicts import FAILURES
from zerosum.networks.build import build_generator
from zerosum.recipe.load import read_recipe
from zerosum.recipe.settings import Recipe
from zerosum.records.run import RunFolder
from zerosum.studies.run_verdict import diagnose_run
from zerosum.training.finite import DivergedError

COMMON: dict[str, object] = {
    "evaluation.images": 0,
    "schedule.sample_every": 10_000_000,
    "schedule.log_every": 10,
}
SHORT: dict[str, object] = {"data.resolution": 16, "batch": 16, "images": 20_000}
"""1,250 steps, of which a verdict against a run needs 1,130."""
NARROW: dict[str, object] = {"data.resolution": 32, "width": 16, "batch": 32}


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


HEALTHY = ("learning", "balanced")
KINDS = {
    "healthy: `digits`": Kind("digits", SHORT, HEALTHY),
    "`digits`, a latent of 1": Kind("digits", SHORT | {"latent": 1}, ("collapsed",)),
    "`digits`, latent ignored": Kind("digits", SHORT, ("collapsed",), ignoring_its_latent),
    "`digits`, Adam at 0.1": Kind(
        "digits",
        SHORT | {"learning-rate": 0.1, "images": 32_000},
        ("collapsed", "diverged", "discriminator-ahead", "oscillating"),
    ),
    "`digits`, generator's rate 2e-6": Kind(
        "digits",
        SHORT | {"optimizer.generator.learning_rate": 2e-6},
        ("discriminator-ahead", "collapsed"),
    ),
}
PHOTOGRAPHS = (
    ("dcgan", "faces", {"images": 96_000}),
    ("lsgan", "faces", {"images": 64_000}),
    ("dcgan", "faces", {"images": 48_000, "data.resolution": 64}),
    ("dcgan", "bedroom", {"images": 64_000}),
    ("lsgan", "bedroom", {"images": 64_000}),
    ("sngan", "bedroom", {"images": 192_000}),
    ("dcgan", "cifar10", {"images": 64_000}),
    ("lsgan", "cifar10", {"images": 64_000}),
    ("sngan", "cifar10", {"images": 192_000}),
    ("sngan", "faces", {"images": 160_000}),
)
"""Healthy runs: recipe, archive, and fields; 1,000 to 3,000 generator steps each, seed 0."""


@dataclass(frozen=True)
class Ended:
    """How one run ended: its last verdict, and every verdict that it had on the way."""

    last: str
    verdicts: tuple[str, ...]


def train(kind: Kind, data: str, seed: int, folder: Path) -> Ended:
    """One run, made unless it is there, and what is said of it."""
    overrides = COMMON | kind.overrides | {"seed": seed}
    run = RunFolder(folder)
    if run.state().get("status") not in ("finished", "failed"):
        # A training that diverges raises; its verdict says so.
        with kind.surroundings(), suppress(DivergedError):
            zerosum.train(kind.recipe, data, folder, overrides=overrides)
    watch = HealthWatch(read_recipe(run.recipe_file).objective)
    told = [found.verdict for line in run.metrics() if (found := watch.logged(line))]
    last = diagnose_run(run).verdict
    return Ended(last, (*told, last))


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
    parser.add_argument("--photographs", type=Path, help="a folder with the three archives")
    chosen = parser.parse_args(arguments)
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        place = chosen.keep or Path(temporary)

        def one(name: str, kind: Kind, data: str, seed: int, folder: str) -> Ended:
            begin = time.monotonic()
            ended = train(kind, data, seed, place / folder)
            words = {"kind": name, "run": folder, "verdicts": ended.verdicts}
            print(json.dumps(words | {"seconds": round(time.monotonic() - begin, 1)}), flush=True)
            return ended

        for number, (name, kind) in enumerate(KINDS.items()):
            if chosen.only in name:
                seeds = range(chosen.first_seed, chosen.first_seed + chosen.seeds)
                runs = [one(name, kind, "digits", seed, f"{number}-{seed}") for seed in seeds]
                rows.append(row(name, kind, runs))
        name = "healthy: photographs"
        if chosen.photographs and chosen.only in name:
            runs = []
            for recipe, data, fields in PHOTOGRAPHS:
                kind = Kind(recipe, NARROW | fields, HEALTHY)
                pixels = kind.overrides["data.resolution"]
                archive = str(chosen.photographs / f"{data}.zip")
                runs.append(one(name, kind, archive, 0, f"{data}-{recipe}-{pixels}"))
            rows.append(row(name, kind, runs))
    print("\n| runs | seeds | last verdict | failure named at any time | right at the end |")
    print("|---|---|---|---|---|")
    print("\n".join(rows))


if __name__ == "__main__":
    main(sys.argv[1:])

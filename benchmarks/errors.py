"""Do the errors hold? The printed ± of every score over its true deviation, and how often `zerosum
compare` stars one of two equal generators.

    python benchmarks/errors.py                                  # digits of the package
    python benchmarks/errors.py --features real.safetensors      # any images, any network
    python benchmarks/errors.py --counts 500,2000 --draws 100 --jobs 8 --json errors.json

A file for --features is made by `zerosum evaluate … --save-reference real.safetensors`; a matrix
(count, dimension) as .npy does as well. Without it the 10,000 digits of the package are taken.

The features of real images are divided: some stay the real side, of the others generators are made,
each of which gives any number of new images. An image is a + s (b - c) of three random ones, set
to 0 where it would be below, as the networks' features are:

good      s = 0.15
dropping  the same, of images a in half of ten clusters (those nearest to ten random ones) alone
noisy     s = 0.6

Each generator is drawn from --draws times, at each number of images, against the same real ones.
A ratio of 1 is an error that holds: the mean of the printed errors over the deviation of the
printed values. The deviation of 30 values is itself known to 13 % only.
"""

import argparse
import itertools
import json
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zerosum.comparing.best import best_by_score
from zerosum.evaluation.scores import Result, compute_scores
from zerosum.randomness import random_for
from zerosum.recipe.scores import SCORES, of_classes

Features = NDArray[np.float32]

OF_FEATURES = tuple(name for name in SCORES if name not in of_classes(SCORES))
STRENGTHS = {"good": 0.15, "dropping": 0.15, "noisy": 0.6}
CLUSTERS = 10
AIM = (0.8, 1.25)
TRAINING = 2000
"""Images that `copying` looks for."""
SIDES = (2, 4)
"""Equal generators in one comparison."""


@dataclass(frozen=True)
class Material:
    """What generators are made of and compared with, features (count, dimension) float32."""

    name: str
    real: Features
    pool: Features
    kept: NDArray[np.int64]
    """The rows of the pool in half of the clusters."""
    head: tuple[Features, Features] | None
    """Weight (classes, dimension) and bias (classes,) of the layer that gives class logits."""


@dataclass(frozen=True)
class Cell:
    """One generator at one number of images."""

    generator: str
    count: int
    draw: int


def divided(name: str, features: Features, reals: int, head: Material | None = None) -> Material:
    """The first `reals` of shuffled features as the real side, the others as the pool."""
    order = random_for(0, "errors benchmark").permutation(len(features))
    real, pool = features[order[:reals]], features[order[reals:]]
    anchors = pool[random_for(0, "clusters").choice(len(pool), CLUSTERS, replace=False)]
    gaps = np.stack([np.square(pool - anchor).sum(1) for anchor in anchors])
    kept = np.flatnonzero(gaps.argmin(0) < CLUSTERS // 2)
    return Material(name, real, pool, kept, None if head is None else head.head)


def digits(reals: int) -> Material:
    """Features of the digits that come with the package, and the layer of their classes."""
    from safetensors.numpy import load_file

    from zerosum.data import open_data
    from zerosum.evaluation.extractors import digits as network
    from zerosum.evaluation.extractors import open_extractor
    from zerosum.evaluation.features import extract_features
    from zerosum.evaluation.opening import real_images
    from zerosum.recipe.load import load_recipe

    data, extractor = open_data(load_recipe("digits").data, 0), open_extractor("digits")
    parts = []
    for part in ("train", "held out"):
        images = real_images(data, part)
        found = extract_features(images, extractor, (extractor.default_layer,))
        parts.append(np.array(found[extractor.default_layer]))
    weights = load_file(network.FILE)
    head = weights["classes.weight"], weights["classes.bias"]
    material = divided("digits", np.concatenate(parts), reals)
    return Material("digits", material.real, material.pool, material.kept, head)


def material_of(features: Path | None, reals: int) -> Material:
    """What the options ask for."""
    if features is None:
        return digits(reals)
    if features.suffix == ".npy":
        return divided(features.stem, np.load(features), reals)
    from safetensors.numpy import load_file

    return divided(features.stem, load_file(features)["features"], reals)


def draw_images(material: Material, cell: Cell) -> Features:
    """Features of new images, (count, dimension)."""
    random = random_for(0, cell.generator, cell.count, cell.draw)
    pool, strength = material.pool, np.float32(STRENGTHS[cell.generator])
    rows = material.kept if cell.generator == "dropping" else np.arange(len(pool))
    a = pool[random.choice(rows, cell.count)]
    b, c = (pool[random.integers(0, len(pool), cell.count)] for _ in range(2))
    images: Features = np.maximum(a + strength * (b - c), 0)
    return images


def scored(material: Material, cell: Cell, names: Sequence[str]) -> dict[str, Result]:
    """The scores of one draw."""
    fake = draw_images(material, cell)
    logits = None
    if material.head is not None:
        weight, bias = material.head
        logits = fake @ weight.T + bias
    return compute_scores(
        names, fake, material.real, train=material.pool[:TRAINING], fake_logits=logits
    )


# One process each

_material: Material


def _begin(features: Path | None, reals: int) -> None:
    global _material
    import torch

    torch.set_num_threads(1)
    _material = material_of(features, reals)


def _score(task: tuple[Cell, Sequence[str]]) -> tuple[Cell, dict[str, Result]]:
    cell, names = task
    return cell, scored(_material, cell, names)


# What came of it

Found = dict[tuple[str, int], list[dict[str, Result]]]


def ratio(results: Sequence[Result]) -> tuple[float, float, float]:
    """The mean value, its true deviation, and the mean printed error over it (0: no deviation)."""
    values = [result.value for result in results]
    errors = [result.error for result in results if result.error is not None]
    truth = float(np.std(values, ddof=1))
    return float(np.mean(values)), truth, float(np.mean(errors)) / truth if truth > 0 else 0.0


def ratio_lines(found: Found, names: Sequence[str], counts: Sequence[int]) -> list[str]:
    """A row for each generator and score, a column for each number of images."""
    lines = ["", "printed ± over true deviation, by generated images"]
    lines.append(f"{'generator':10}{'score':14}" + "".join(f"{count:>10,}" for count in counts))
    inside = total = 0
    for generator, name in itertools.product(STRENGTHS, names):
        row = f"{generator:10}{name:14}"
        for count in counts:
            results = [each[name] for each in found.get((generator, count), []) if name in each]
            share = ratio(results)[2] if len(results) > 1 else 0.0
            row += f"{share:10.2f}" if share else f"{'-':>10}"
            total += share > 0
            inside += AIM[0] <= share <= AIM[1]
        lines.append(row)
    return [*lines, f"between {AIM[0]} and {AIM[1]}: {inside} of {total}"]


def star_lines(found: Found, names: Sequence[str], counts: Sequence[int]) -> list[str]:
    """How often a comparison of equal generators stars one of them in any column: all pairs of the
    draws, and disjoint fours."""
    better = {name: SCORES[name].better for name in names}
    lines = ["", "comparisons of equal generators in which one is starred, %"]
    lines.append(f"{'generator':10}{'sides':14}" + "".join(f"{count:>10,}" for count in counts))
    all_of: dict[int, list[bool]] = {sides: [] for sides in SIDES}
    for generator, sides in itertools.product(STRENGTHS, SIDES):
        row = f"{generator:10}{sides:<14}"
        for count in counts:
            draws = [
                {name: asdict(result) for name, result in each.items()}
                for each in found.get((generator, count), [])
            ]
            chosen = (
                itertools.combinations(draws, 2)
                if sides == 2
                else zip(*[iter(draws)] * sides, strict=False)
            )
            starred = [bool(best_by_score(rows, better)) for rows in chosen]
            all_of[sides] += starred
            row += f"{100 * np.mean(starred):10.1f}" if starred else f"{'-':>10}"
        lines.append(row)
    for sides, starred in all_of.items():
        if starred:
            rate = 100 * float(np.mean(starred))
            lines.append(f"{sides} sides, all together: {rate:.1f} % of {len(starred):,}")
    return lines


def numbers(text: str) -> list[int]:
    """Whole numbers with commas between."""
    return [int(part) for part in text.split(",")]


def main() -> None:
    """Draw, score, print the tables."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--features", type=Path, help="of real images (default: the digits')")
    parser.add_argument("--reals", type=int, default=2000, help="of them on the real side")
    parser.add_argument("--counts", type=numbers, default=[500, 1000, 2000, 5000, 10_000])
    parser.add_argument("--draws", type=int, default=30)
    parser.add_argument("--scores", default=",".join(OF_FEATURES), help="with commas between")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path, help="where every value and error is written")
    chosen = parser.parse_args()
    names = [name for name in chosen.scores.split(",") if chosen.features is None or name != "is"]
    cells = [
        Cell(generator, count, draw)
        for count in chosen.counts
        for generator in STRENGTHS
        for draw in range(chosen.draws)
    ]
    material = material_of(chosen.features, chosen.reals)
    real, pool = material.real.shape, len(material.pool)
    print(f"{material.name}: {real[0]:,} × {real[1]:,} real, {pool:,} for generators; "
          f"{chosen.draws} draws", flush=True)  # fmt: skip
    found: Found = {}
    begun = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(
        chosen.jobs, _begin, (chosen.features, chosen.reals)
    ) as pool_of:
        tasks = [(cell, names) for cell in cells]
        for done, (cell, results) in enumerate(pool_of.imap(_score, tasks), start=1):
            found.setdefault((cell.generator, cell.count), []).append(results)
            if done % chosen.draws == 0:
                print(f"{done} of {len(cells)} after {time.monotonic() - begun:.0f} s",
                      file=sys.stderr, flush=True)  # fmt: skip
    print("\n".join(ratio_lines(found, names, chosen.counts)))
    print("\n".join(star_lines(found, names, chosen.counts)))
    if chosen.json is not None:
        content = [
            {"generator": generator, "count": count, "draws": [
                {name: asdict(result) for name, result in each.items()} for each in draws
            ]}
            for (generator, count), draws in found.items()
        ]  # fmt: skip
        chosen.json.write_text(json.dumps(content, allow_nan=False) + "\n")


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as in `… | head`
    main()

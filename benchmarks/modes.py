"""How often `zerosum modes` accuses images that are like the real ones, and what it finds.

    python benchmarks/modes.py                # counts drawn by chance: half an hour on a core
    python benchmarks/modes.py --draws 100    # a tenth of that
    python benchmarks/modes.py --mnist FOLDER --cifar10 cifar10.zip
    python benchmarks/modes.py --cifar10 cifar10.zip --weights FILE --cifar10-images 3000

Drawn counts: generated and real images have the same shares of so many classes, all alike or as a
Dirichlet distribution gives them. Real against real: the images of a set are divided by chance into
labelled ones and others that stand for a generator's, in each draw anew; MNIST's are classified by
the bundled network, CIFAR-10's by their 5 nearest neighbours, among pixels (32 × 32 shrunk to
8 × 8) and, with --weights, among features of Inception. "p < 0.05" is the chi-square test's.

"Before" are two rules that `modes` had until they were measured here: a class was missed where
3 images were expected and less than a tenth came, and expected were the labels' shares.

The last table is of generators that leave out a class or make a fifth of it: how often it is named.
"""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from zerosum.analysis.class_counts import LITTLE, MISSED, Modes, count_modes
from zerosum.evaluation.classes import RealClasses, classify_digits, others_vote
from zerosum.evaluation.extractors import open_extractor
from zerosum.evaluation.features import Features, extract_features
from zerosum.evaluation.images import Images
from zerosum.evaluation.opening import open_images
from zerosum.evaluation.scores.classified import Labels, neighbours_vote
from zerosum.randomness import random_for

PAIRS = ((10, 300), (10, 10_000), (100, 300), (200, 1_000), (1_000, 10_000))
"""Classes and generated images of the drawn counts."""
OLD_EXPECTED = 3.0

Draw = Callable[[int], tuple[Modes, NDArray[np.float64]]]
"""By the number of the draw: what was counted, and the shares of the labels (classes,)."""


@dataclass(frozen=True)
class Rate:
    """How often something was said in so many draws."""

    what: str
    accused: float
    """Draws in which a class is said to be missed or under-represented."""
    before: float
    far: float
    """Draws whose chi-square test has p < 0.05."""

    def row(self) -> str:
        return f"| {self.what} | {self.accused:.1%} | {self.far:.1%} | {self.before:.1%} |"


def rate(what: str, draw: Draw, draws: int) -> Rate:
    """Count accusations in so many draws."""
    found = [draw(number) for number in range(draws)]
    return Rate(
        what,
        float(np.mean([bool(modes.missed or modes.under_represented) for modes, _ in found])),
        float(np.mean([accused_before(modes, labels) for modes, labels in found])),
        float(np.mean([modes.p_value < 0.05 for modes, _ in found])),
    )


def accused_before(modes: Modes, label_shares: NDArray[np.float64]) -> bool:
    """Whether the old rules would have accused a class."""
    counts = np.array(modes.counts)
    expected = label_shares * counts.sum()
    missed = (counts < MISSED * expected) & (expected >= OLD_EXPECTED)
    little = (counts < LITTLE * expected) & (counts < expected - 3 * np.sqrt(expected))
    return bool((missed | (little & (counts >= MISSED * expected))).any())


def as_labels(counts: NDArray[np.int64]) -> Labels:
    """Labels that divide so."""
    classes = np.repeat(np.arange(len(counts)), counts)
    return Labels(classes, np.ones(len(classes)))


def as_real(counts: NDArray[np.int64]) -> RealClasses:
    """Real images that divide so, by a classifier without errors."""
    names = tuple(map(str, range(len(counts))))
    return RealClasses(names, counts, np.ones(len(counts), bool), counts > 0, "drawn")


def drawn(classes: int, images: int, real: int, concentration: float) -> Draw:
    """Counts of so many generated and real images, with the same shares."""

    def draw(number: int) -> tuple[Modes, NDArray[np.float64]]:
        random = random_for(number, "benchmark of modes", classes, images, real)
        shares = np.full(classes, 1 / classes)
        if concentration:
            shares = random.dirichlet(np.full(classes, concentration))
        counts, reals = random.multinomial(images, shares), random.multinomial(real, shares)
        return count_modes(as_labels(counts), as_real(reals)), shares

    return draw


def by_digits(classes: NDArray[np.int64], labels: NDArray[np.int64], images: int) -> Draw:
    """Some of MNIST's digits, by the classes that the network names, against all others."""

    def draw(number: int) -> tuple[Modes, NDArray[np.float64]]:
        rows = random_for(number, "benchmark of modes, MNIST", images).permutation(len(classes))
        new, known = rows[:images], rows[images:]
        real = as_real(np.bincount(classes[known], minlength=10))
        shares = np.bincount(labels[known], minlength=10) / len(known)
        found = Labels(classes[new], np.ones(images))
        return count_modes(found, real), shares

    return draw


def by_neighbours(
    features: Features, labels: NDArray[np.int64], names: Sequence[str], known: int, images: int
) -> Draw:
    """Some images by their neighbours among so many others."""

    def draw(number: int) -> tuple[Modes, NDArray[np.float64]]:
        rows = random_for(number, "benchmark of modes, neighbours", known, images).permutation(
            len(labels)
        )
        old, new = rows[:known], rows[known : known + images]
        found = neighbours_vote(features[new], features[old], labels[old], len(names))
        real = others_vote(features[old], labels[old], names, "neighbours")
        return count_modes(found, real), np.bincount(labels[old], minlength=len(names)) / known

    return draw


def power_rows(draws: int) -> list[str]:
    """Of generators with a fault in one class: how often the class is named, and another one."""
    rows = []
    for classes, images in PAIRS:
        for made, fault in ((0.0, "none of a class"), (0.2, "a fifth of a class")):
            named, wrongly = 0, 0
            for number in range(draws):
                random = random_for(number, "power of modes", classes, images)
                shares = np.full(classes, 1 / classes)
                reals = random.multinomial(10_000, shares)
                shares[0] *= made
                counts = random.multinomial(images, shares / shares.sum())
                modes = count_modes(as_labels(counts), as_real(reals))
                accused = {*modes.missed, *modes.under_represented}
                named += "0" in accused
                wrongly += bool(accused - {"0"})
            rows.append(
                f"| {classes:,} | {images:,} | {fault} | {named / draws:.1%} | "
                f"{wrongly / draws:.1%} |"
            )
    return rows


def pixels_of(images: Images) -> Features:
    """Images (n, 32, 32, 3) shrunk to 8 × 8, as vectors of pixels (n, 192) float32."""
    pixels = images.read(0, len(images)).astype(np.float32)
    count, height, width, channels = pixels.shape
    blocks = pixels.reshape(count, 8, height // 8, 8, width // 8, channels).mean((2, 4))
    return np.ascontiguousarray(blocks.reshape(count, -1))


def spread(images: Images, count: int) -> Images:
    """So many of the images, at even distances: sets often lie in the order of their classes."""
    rows = np.linspace(0, len(images) - 1, min(count, len(images))).astype(np.int64)
    pixels = np.concatenate([images.read(int(row), 1) for row in rows])
    assert images.labels is not None
    return Images(
        images.name,
        len(rows),
        images.shape,
        f"{images.fingerprint} spread {len(rows)}",
        lambda first, wanted: pixels[first : first + wanted],
        images.labels[rows],
        images.class_names,
    )


def told(what: str, done: int, total: int) -> None:
    """Progress of the slow parts, on the error stream."""
    print(f"\r{what}: {done:,} of {total:,}", end="" if done < total else "\n", file=sys.stderr)


def main(arguments: list[str]) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--draws", type=int, default=1000, help="of drawn counts")
    parser.add_argument("--real-draws", type=int, default=200, help="of real against real")
    parser.add_argument("--mnist", type=Path, help="a folder with mnist/ and its four files")
    parser.add_argument("--cifar10", default="", help="CIFAR-10 in class folders")
    parser.add_argument("--cifar10-images", type=int, default=12_000)
    parser.add_argument("--weights", type=Path, help="Inception's, for features of CIFAR-10")
    chosen = parser.parse_args(arguments)
    print("| real images against as many like them | accused | p < 0.05 | accused before |")
    print("|---|---|---|---|")
    for classes, images in PAIRS:
        for real in (1_000, 10_000):
            for concentration, name in ((0.0, "alike"), (2.0, "uneven")):
                what = f"{classes:,} classes ({name}), {images:,} images against {real:,}"
                draw = drawn(classes, images, real, concentration)
                print(rate(what, draw, chosen.draws).row(), flush=True)
    if chosen.mnist:
        parts = [open_images("mnist", part="all", data_root=chosen.mnist)]
        extractor = open_extractor("digits")
        classes_found = classify_digits(parts[0], extractor, stage=told).classes
        labels = parts[0].labels
        assert labels is not None
        for images in (300, 10_000):
            draw = by_digits(classes_found, labels, images)
            what = f"MNIST by the bundled network, {images:,} against {len(labels) - images:,}"
            print(rate(what, draw, chosen.draws).row(), flush=True)
    if chosen.cifar10:
        for row in cifar10_rows(chosen):
            print(row, flush=True)
    print("\n| classes | images | generator makes | named | another is named |")
    print("|---|---|---|---|---|")
    print("\n".join(power_rows(chosen.draws)))


def cifar10_rows(chosen: argparse.Namespace) -> list[str]:
    """Real against real of CIFAR-10, by neighbours."""
    every = spread(open_images(chosen.cifar10, part="all"), chosen.cifar10_images)
    spaces = {"pixels": pixels_of(every)}
    if chosen.weights:
        extractor = open_extractor("inception", weights=chosen.weights, device=torch.device("cpu"))
        for layer in ("768", "2048"):
            spaces[extractor.label(layer)] = np.array(
                extract_features(
                    every,
                    extractor,
                    ("768", "2048"),
                    progress=lambda done, total: told("features", done, total),
                )[layer]
            )
    assert every.labels is not None
    rows = []
    known = len(every) * 2 // 3
    for space, features in spaces.items():
        for images in (300, len(every) - known):
            draw = by_neighbours(features, every.labels, every.class_names, known, images)
            what = f"CIFAR-10 by neighbours among {space}, {images:,} against {known:,}"
            rows.append(rate(what, draw, chosen.real_draws).row())
    return rows


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as in `… | head`
    main(sys.argv[1:])

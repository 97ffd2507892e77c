"""How many planted copies `zerosum neighbours` finds, and how often it accuses real images.

    python benchmarks/copies.py --data mnist --pad 32
    python benchmarks/copies.py --data cifar10.zip
    python benchmarks/copies.py --data faces.zip --only noisy --generated 200 --training 1000

Some of the --generated images are copies of training images: as they are, mirrored, shifted by 1 or
2 pixels down and across, with noise of 8 grey levels, and all combinations of these. The others are
good, which are held-out images, or poor, which are draws of a normal distribution in the 60 largest
principal components of the training images: blurred ghosts. As many other held-out images are the
base line. A set that has no test images of its own is divided by chance.

Prints markdown tables: the share of the copies that are found, and the verdict where so many of the
images are copies; then the verdicts on random halves of the held-out images, each called generated
and laid beside the other half.
"""

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass
from itertools import chain, combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import svds

from zerosum.data.fit import Fitting
from zerosum.errors import ZerosumError
from zerosum.evaluation.copies import Matches, find_matches, index_pictures
from zerosum.evaluation.copy_count import BASE_LINE, FEWEST_PICTURES, CopyCount, spaced
from zerosum.evaluation.images import Images
from zerosum.evaluation.opening import open_images
from zerosum.evaluation.pixels import REACH
from zerosum.randomness import random_for

Pixels = NDArray[np.uint8]
"""Images (n, H, W, C)."""

SHARES = (0.0, 0.01, 0.05, 0.1, 0.5, 1.0)
"""Of the generated images that are copies."""
NOISE = 8.0
COMPONENTS = 60
DECOMPOSED = 5_000
"""Training images whose principal components the poor images are made of."""


def mirrored(pixels: Pixels, _: np.random.Generator) -> Pixels:
    return pixels[:, :, ::-1]


def shifted(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """By 1 or 2 pixels in both directions; what comes in repeats the border."""
    height, width = pixels.shape[1:3]
    steps = REACH + random.choice([-2, -1, 1, 2], (len(pixels), 2))
    wide = np.pad(pixels, ((0, 0), (REACH, REACH), (REACH, REACH), (0, 0)), mode="edge")
    windows = zip(wide, steps.tolist(), strict=True)
    return np.stack(
        [image[down : down + height, right : right + width] for image, (down, right) in windows]
    )


def noisy(pixels: Pixels, random: np.random.Generator) -> Pixels:
    return np.clip(pixels + random.normal(0, NOISE, pixels.shape), 0, 255).astype(np.uint8)


CHANGES = {"mirrored": mirrored, "shifted": shifted, "noisy": noisy}
KINDS = {
    ", ".join(names) or "as they are": names
    for names in chain.from_iterable(combinations(CHANGES, count) for count in range(4))
}
"""What is done to the copies of each kind."""


@dataclass(frozen=True)
class Sides:
    """Training images, held-out ones as the base line, and other held-out ones."""

    training: Images
    base: Images
    good: Images


def divided(chosen: argparse.Namespace) -> Sides:
    """So many images of the set, drawn by chance. Raises ZerosumError where it has too few."""
    fitting = Fitting(chosen.pad, 0, "pad") if chosen.pad else None
    held_out = open_images(chosen.data, fitting, data_root=chosen.data_root)
    rows = random_for(chosen.seed, "held-out images").permutation(len(held_out))
    base, good, rows = np.split(rows, [chosen.generated, 2 * chosen.generated])
    train = held_out
    if held_out.part != "all":
        train = open_images(chosen.data, fitting, part="train", data_root=chosen.data_root)
        rows = random_for(chosen.seed, "training images").permutation(len(train))
    if len(good) < chosen.generated or len(rows) < chosen.training:
        raise ZerosumError(
            f"{held_out.name} has too few images for {chosen.training:,} training and twice "
            f"{chosen.generated:,} held-out ones",
            "ask for fewer: --training, --generated",
        )
    return Sides(
        in_memory(train, rows[: chosen.training], held_out.name),
        in_memory(held_out, base, "base line"),
        in_memory(held_out, good, "good"),
    )


def in_memory(images: Images, rows: NDArray[np.int64], name: str) -> Images:
    return as_images(images.chosen(rows).read(0, len(rows)), name)


def as_images(pixels: Pixels, name: str) -> Images:
    shape = pixels.shape[1], pixels.shape[2], pixels.shape[3]
    return Images(name, len(pixels), shape, name, lambda first, n: pixels[first : first + n])


def poor_images(training: Pixels, count: int, random: np.random.Generator) -> Pixels:
    """Draws of a normal distribution in the largest principal components of the images."""
    flat = training[:DECOMPOSED].reshape(-1, training[0].size).astype(np.float32)
    mean, smaller = flat.mean(0), min(flat.shape)
    # A fixed start, so that the same images give the same components.
    _, lengths, components = svds(flat - mean, min(COMPONENTS, smaller - 1), v0=np.ones(smaller))
    weights = random.standard_normal((count, len(lengths))) * lengths / np.sqrt(len(flat))
    drawn: Pixels = np.clip(weights @ components + mean, 0, 255).astype(np.uint8)
    return drawn.reshape(count, *training.shape[1:])


@dataclass(frozen=True)
class Found:
    """What the search says of every group of images."""

    pictures: int
    base: Matches
    training: Matches
    others: dict[str, Matches]
    """Generated images that are no copies, "good" and "poor" ones."""
    copies: dict[str, Matches]
    """Of each kind."""
    seconds: float
    """Of processor time for the base line."""

    @property
    def held_out(self) -> Matches:
        return Matches.joined((self.base, self.others["good"]))

    def verdict(self, generated: Matches, base: Matches) -> str:
        """What `zerosum neighbours` says, without the numbers."""
        new, pictures = base.take(~base.identical), self.pictures
        repeats = len(base) - len(new)
        count = CopyCount(generated, new, self.training, pictures, pictures, repeats)
        return count.verdict().partition(":")[0]


def search(sides: Sides, kinds: list[str], seed: int) -> Found:
    """Search every group among the training images."""
    training = sides.training.read(0, len(sides.training))
    pictures = index_pictures(sides.training, lambda *_: None)

    def found(images: Images, own: NDArray[np.int64] | None = None) -> Matches:
        print(f"searching: {images.name}", file=sys.stderr, flush=True)
        return find_matches(images, pictures, lambda *_: None, own=own)

    begun = time.process_time()
    base = found(sides.base)
    seconds = time.process_time() - begun
    own = spaced(len(pictures), BASE_LINE)
    among = found(sides.training.chosen(pictures.rows[own]), own)
    poor = poor_images(training, len(sides.good), random_for(seed, "poor images"))
    others = {"good": found(sides.good), "poor": found(as_images(poor, "poor"))}
    copies = {}
    for kind in kinds:
        random = random_for(seed, f"copies {kind}")
        pixels = training[random.permutation(len(training))[: len(sides.good)]]
        for name in KINDS[kind]:
            pixels = CHANGES[name](pixels, random)
        copies[kind] = found(as_images(pixels, kind))
    return Found(len(pictures), base, among, others, copies, seconds)


def rows(found: Found) -> list[str]:
    """The table: for each kind of others and of copies the verdict on each share."""
    lines = []
    for name, others in found.others.items():
        places = np.arange(len(others))
        for kind, copies in found.copies.items():
            cells = [name, kind, f"{copies.copies.mean():.1%}"]
            for share in SHARES:
                planted = places < round(share * len(others))
                generated = Matches.joined((copies.take(planted), others.take(~planted)))
                cells.append(found.verdict(generated, found.base))
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def halves(found: Found, draws: int, seed: int) -> Counter[str]:
    """The verdicts on random halves of the held-out images beside the other halves."""
    every = found.held_out
    verdicts: Counter[str] = Counter()
    for draw in range(draws):
        order = random_for(seed, "halves", draw).permutation(len(every))
        half = order < len(every) // 2
        verdicts[found.verdict(every.take(half), every.take(~half))] += 1
    return verdicts


def print_heading(training: Images, found: Found) -> None:
    """What was searched, and how many of the images that are no copies are as near as copies."""
    size = "×".join(map(str, training.shape))
    print(f"{training.name}, {size}: {len(found.base):,} images in {found.pictures:,} different "
          f"training pictures searched in {found.seconds:.1f} s of processor time")  # fmt: skip
    groups = {"held-out": found.held_out, "training": found.training, "poor": found.others["poor"]}
    near = (f"{int(some.copies.sum())} of {len(some):,} {name}" for name, some in groups.items())
    print(f"as near as copies: {', '.join(near)}\n")


def main(arguments: list[str]) -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", default="mnist", help="a folder, an archive or a named set")
    parser.add_argument("--data-root", type=Path, help="where named sets lie")
    parser.add_argument("--pad", type=int, default=0, help="to so many pixels a side, with black")
    parser.add_argument("--generated", type=int, default=1_000)
    parser.add_argument("--training", type=int, default=10_000)
    parser.add_argument("--only", default="", help="part of a kind's name")
    parser.add_argument("--draws", type=int, default=1_000, help="of halves")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    kinds = [kind for kind in KINDS if chosen.only in kind]
    if not kinds:
        parser.error(f"--only: no kind has {chosen.only!r} in its name: {'; '.join(KINDS)}")
    if not FEWEST_PICTURES <= chosen.generated <= chosen.training:
        parser.error(f"--generated: from {FEWEST_PICTURES} to as many as --training")
    try:
        sides = divided(chosen)
    except ZerosumError as error:
        sys.exit(f"{error}")
    found = search(sides, kinds, chosen.seed)
    print_heading(sides.training, found)
    print(f"| others | copies | found | {' | '.join(f'{share:.0%}' for share in SHARES)} |")
    print("|---" * (3 + len(SHARES)) + "|")
    print("\n".join(rows(found)))
    print(f"\n| verdict on halves of {len(found.held_out):,} held-out images | draws |\n|---|---|")
    for words, number in halves(found, chosen.draws, chosen.seed).most_common():
        print(f"| {words} | {number:,} |")


if __name__ == "__main__":
    main(sys.argv[1:])

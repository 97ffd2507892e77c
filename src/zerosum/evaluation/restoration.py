"""Restored pictures against their originals: in features, as sets, and pixel by pixel, as pairs.

PSNR and SSIM (Wang et al. 2004) are torchmetrics' own.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from zerosum.data import PackedData, Split
from zerosum.errors import ZerosumError
from zerosum.evaluation.forecast import Work, tell_if_long
from zerosum.evaluation.images import Images, split_images
from zerosum.evaluation.measure import FEWEST, Measure, Stage, no_stage
from zerosum.evaluation.named_protocol import CUSTOM
from zerosum.evaluation.scores import Result
from zerosum.evaluation.scoring import Scores, score_images
from zerosum.randomness import random_for
from zerosum.recipe.damage import DamageSettings

SHARE_COMPARED = 4
"""Checkpoints are compared by a fourth of the pictures; the others are reported on."""
BATCH = 64

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Originals:
    """Held-out pictures. `numbers` (int64, count) are theirs among all that are held out: with the
    recipe's seed a number decides how its picture is damaged, whatever it is scored beside."""

    images: Images
    numbers: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.images)

    def first(self, count: int) -> "Originals":
        """The first `count` of them (all, where there are fewer), under their numbers."""
        return Originals(self.images.first(count), self.numbers[:count])


@dataclass(frozen=True)
class HeldOut:
    """The held-out pictures of a run, divided: none has a part in both choice and number."""

    compared: Originals
    """What checkpoints are compared by."""
    others: Originals
    """All that chose nothing: what is reported takes the first of them."""
    wanted: int
    """The recipe's `evaluation.images`: how many are used in all, if there are so many."""

    @property
    def reported(self) -> Originals:
        """What a run is reported on where nobody asks for another number."""
        few = len(self.compared)
        return self.others.first(max(self.wanted - few, few))


def divide_held_out(data: PackedData, seed: int, wanted: int, fit: str = "") -> HeldOut:
    """Divide the held-out pictures: a fourth of `wanted` (of all, if they are fewer) to compare
    checkpoints by, and the others.

    In random order by the run's seed, because files often lie in the order of their classes. `fit`
    is as in `split_images`. Raises ZerosumError where too few are held out.
    """
    there = len(data.held_out)
    if there < 2 * FEWEST:
        raise ZerosumError(
            f"restorations are scored on held-out pictures, and {data.name} has "
            f"{f'only {there}' if there else 'none'}",
            "train with a share held out: data.validation above 0, for example 0.2"
            + (f"; {2 * FEWEST} pictures are needed at least" if there else ""),
        )
    order = random_for(seed, "restoration").permutation(there)
    compared = max(min(wanted, there) // SHARE_COMPARED, FEWEST)
    return HeldOut(
        numbered(data, order[:compared], fit), numbered(data, order[compared:], fit), wanted
    )


def numbered(data: PackedData, numbers: NDArray[np.int64], fit: str = "") -> Originals:
    """The held-out pictures of these numbers, in this order."""
    split = data.held_out
    part = Split(split.pixels, split.rows[numbers], split.labels, split.class_names)
    return Originals(split_images(part, data.name, data.fingerprint, fit, "held out"), numbers)


def score_restoration(
    originals: Originals,
    versions: Mapping[str, Images],
    damage: DamageSettings,
    seed: int,
    measure: Measure,
    *,
    train: Images | None = None,
    keep: bool = True,
    shorter: str = "",
    stage: Stage = no_stage,
) -> Scores:
    """Score each version (named and ordered as records/logs.py has them) against the originals.

    What comes back are the scores of the last version; its `versions` has those of all, with PSNR
    and SSIM. `damage` and `seed`, the run's, are said in the protocol. `train`, `shorter` and
    `keep` (of the last version's features alone) are as in `score_images`. Raises UsageError where
    the two sides cannot be compared.
    """
    last = list(versions)[-1]
    if shorter:
        works = [Work("original", originals.images, (measure.layer,))]
        works += [Work(name, side, (measure.layer,)) for name, side in versions.items()]
        tell_if_long(works, measure.extractor, shorter, stage)
    found: dict[str, Scores] = {}
    pairs: dict[str, tuple[Values, Values]] = {}
    for name, side in versions.items():

        def version_stage(what: str, done: int, total: int, name: str = name) -> None:
            stage(what.replace("generated", name), done, total)

        found[name] = score_images(
            side,
            originals.images,
            measure,
            train=train,
            paired=True,
            keep=keep or name != last,
            stage=version_stage,
        )
        pairs[name] = compare_pictures(side, originals.images, version_stage)
    notes = [*found[last].notes]
    means, left_out = mean_psnr({name: psnr for name, (psnr, _) in pairs.items()})
    if left_out:
        notes.append(
            f"PSNR is the mean over {len(originals) - left_out:,} pictures: the damage left "
            f"{left_out:,} others as they were, whose PSNR would be infinite"
        )
    for name, (psnr, _) in pairs.items():
        if name != "damaged" and (same := int(np.isinf(psnr).sum())) > left_out:
            notes.append(f"{same:,} {name} pictures are equal to their originals: infinite PSNR")
    if last == "pretrained":
        notes.append("the generator of this checkpoint has not learnt from the critic yet")
    elif "pretrained" in versions:
        side = versions["pretrained"]
        notes.append(f"pre-trained: checkpoint {side.checkpoint}, {side.weights} weights")
    protocol = replace(
        found[last].protocol, name=CUSTOM, damage=f"{damage_words(damage)}; seed {seed}", seed=seed
    )
    of_all = {
        name: {**found[name].values, "psnr": means[name], "ssim": mean_result(pairs[name][1])}
        for name in versions
    }
    return replace(found[last], protocol=protocol, notes=tuple(notes), versions=of_all)


def damage_words(damage: DamageSettings) -> str:
    """Which kinds of damage there are, each with its probability and range."""
    kinds = {
        "shrink": (damage.shrink, damage.shrink_factor),
        "grey": (damage.grey, None),
        "noise": (damage.noise, damage.noise_strength),
        "hole": (damage.hole, damage.hole_side),
        "number": (damage.number, None),
        "jpeg": (damage.jpeg, damage.jpeg_quality),
    }
    done = [
        f"{name} {chance:g}" + ("" if limits is None else f" ({limits[0]:g} to {limits[1]:g})")
        for name, (chance, limits) in kinds.items()
        if chance
    ]
    return ", ".join([*damage.own_written, *done])


def compare_pictures(
    images: Images,
    originals: Images,
    stage: Stage = no_stage,
) -> tuple[Values, Values]:
    """PSNR in dB and SSIM of each image with the original of its number, float64 (count,) each.

    PSNR is infinite where the two are equal.
    """
    psnr, ssim = np.empty(len(images)), np.empty(len(images))
    done = 0
    pairs = zip(images.batches(BATCH), originals.batches(BATCH), strict=True)
    for ours, theirs in pairs:
        part = slice(done, done + len(ours))
        psnr[part], ssim[part] = compare_pixels(ours, theirs)
        done += len(ours)
        stage("PSNR and SSIM of the generated images", done, len(images))
    return psnr, ssim


def compare_pixels(
    images: NDArray[np.uint8], originals: NDArray[np.uint8]
) -> tuple[Values, Values]:
    """PSNR = 10 lg (255² / mean squared difference), and SSIM with a Gaussian window of 11 × 11
    (σ = 1.5), the mean over all places and colours: (n,) each, of uint8 (n, H, W, C).

    At the border the window sees the picture mirrored.
    """
    # Imported here: it takes seconds, and only restorations need it.
    from torchmetrics.functional.image import (
        peak_signal_noise_ratio,
        structural_similarity_index_measure,
    )

    # In float64, since SSIM subtracts large numbers that are nearly the same.
    ours, theirs = (
        torch.from_numpy(pixels).permute(0, 3, 1, 2).to(torch.float64)
        for pixels in (images, originals)
    )
    psnr = peak_signal_noise_ratio(ours, theirs, data_range=255.0, reduction="none", dim=(1, 2, 3))
    ssim = structural_similarity_index_measure(ours, theirs, data_range=255.0, reduction="none")
    assert isinstance(ssim, torch.Tensor)
    return psnr.numpy(), ssim.reshape(len(images)).numpy()


def mean_psnr(values: Mapping[str, Values]) -> tuple[dict[str, Result], int]:
    """The mean PSNR of each version, and how many pictures no version's mean has.

    These are the ones that the damage left as they were: an infinite PSNR would make any mean
    infinite, and leaving them out of the damaged version alone would flatter the restored ones.
    """
    some = np.ones(len(next(iter(values.values()))), dtype=bool)
    if "damaged" in values and np.isfinite(values["damaged"]).any():
        some = np.isfinite(values["damaged"])
    return {name: mean_result(psnr[some]) for name, psnr in values.items()}, int((~some).sum())


def mean_result(values: Values) -> Result:
    """The mean of (n,) values with its standard error: deviation / √n. Infinite where one is."""
    mean = float(values.mean())
    if len(values) < 2 or not math.isfinite(mean):
        return Result(mean)
    return Result(mean, float(values.std(ddof=1)) / math.sqrt(len(values)), len(values) - 1)

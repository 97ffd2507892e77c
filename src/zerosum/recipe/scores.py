"""What each score is, apart from its formula: how it is shown, and what it may be compared with.

The formulas are in `zerosum.evaluation.scores`, a file each. This stands below them because a
recipe is checked, and scores are told, before anything that computes is imported.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from zerosum.recipe.names import NameOf

Need = Literal["class logits", "training images", "classes", "pixels"]
SHARE = (0.0, 1.0)
APPROXIMATE = "-approx"


@dataclass(frozen=True)
class Score:
    """How a score is shown, and what it is compared with."""

    title: str
    better: Literal["lower", "higher"]
    error: str
    """How its standard error comes about."""
    bounds: tuple[float, float] | None = None
    """What it is drawn between; None where it may be of any size."""
    digits: Callable[[float], str] = "{:.3f}".format
    """A value alone, to the digits that mean something."""
    missing: str = "—"
    """What stands for a value that is no finite number."""
    distance: bool = False
    """Whether it is a distance of two distributions of features: of any size, so that errors decide
    how many decimals a column of it has."""
    unit_of_features: bool = False
    """Whether its size depends on the feature network so much that its title names that one."""
    needs: frozenset[Need] = frozenset()
    """What it is computed from besides the features of generated and of real images: "classes" are
    those of both, "pixels" too."""
    full_rank: bool = False
    """Whether each class needs more images than features have numbers, on both sides: with fewer a
    covariance has not full rank."""
    pairs: Literal["", "kernel", "neighbourhoods", "folds"] = ""
    """What of all pairs of images it is made of: sums of KID's kernel, who lies in whose
    neighbourhood, or that, and as it is without each fold of the generated images."""
    floor: bool = False
    """Whether real images against other real ones say how good it can be."""
    overlap: bool = False
    """Whether it says how many images of one side lie among those of the other: about 0 where the
    two have nothing in common."""
    file: str = ""
    """Of its formula, where that is not called as the score is."""


def kid_digits(value: float) -> str:
    """A KID to the digits that mean something."""
    return f"{value:.5f}" if abs(value) >= 1e-3 else f"{value:.2g}"


OF_GENERATED = "of a mean over the generated images"
OF_CLASSES = "of a mean over the classes, from that of each"

SCORES: dict[str, Score] = {
    "fid": Score(
        "FID",
        "lower",
        "jackknife: without a fifth of the generated images",
        digits="{:.4g}".format,
        distance=True,
        unit_of_features=True,
        floor=True,
    ),
    "kid": Score(
        "KID",
        "lower",
        "variance of a U-statistic, and of the choice of the subsets",
        digits=kid_digits,
        distance=True,
        unit_of_features=True,
        pairs="kernel",
        floor=True,
    ),
    "precision": Score(
        "precision",
        "higher",
        OF_GENERATED,
        bounds=SHARE,
        pairs="neighbourhoods",
        floor=True,
        overlap=True,
    ),
    "recall": Score(
        "recall",
        "higher",
        "jackknife: without a fifth of the generated images, in 4 partitions",
        bounds=SHARE,
        pairs="folds",
        floor=True,
        overlap=True,
    ),
    "coverage": Score(
        "coverage",
        "higher",
        "how many real images depend on the same one to four generated ones",
        bounds=SHARE,
        pairs="neighbourhoods",
        floor=True,
        overlap=True,
    ),
    "density": Score("density", "higher", OF_GENERATED, pairs="neighbourhoods", overlap=True),
    "fid-infinity": Score(
        "FID∞",
        "lower",
        "that of FID, by the images in the samples of the line",
        digits="{:.4g}".format,
        distance=True,
        unit_of_features=True,
    ),
    "is": Score(
        "Inception Score",
        "higher",
        "of a mean over 10 splits",
        unit_of_features=True,
        needs=frozenset({"class logits"}),
        file="inception_score",
    ),
    "copying": Score(
        "copying",
        "lower",
        OF_GENERATED,
        bounds=SHARE,
        needs=frozenset({"training images"}),
    ),
    "class-fid": Score(
        "FID within classes",
        "lower",
        OF_CLASSES,
        digits="{:.4g}".format,
        distance=True,
        unit_of_features=True,
        needs=frozenset({"classes"}),
        full_rank=True,
        floor=True,
    ),
    "class-kid": Score(
        "KID within classes",
        "lower",
        OF_CLASSES,
        digits=kid_digits,
        distance=True,
        unit_of_features=True,
        needs=frozenset({"classes"}),
        floor=True,
    ),
    "class-accuracy": Score(
        "class accuracy",
        "higher",
        OF_GENERATED,
        bounds=SHARE,
        needs=frozenset({"classes"}),
        floor=True,
    ),
    "train-on-generated": Score(
        "trained on generated",
        "higher",
        "none: that would take several trainings",
        bounds=SHARE,
        needs=frozenset({"classes", "pixels"}),
        floor=True,
    ),
}
"""Those that a recipe may choose."""

ScoreName = Annotated[str, NameOf("score", SCORES)]

PAIR_SCORES: dict[str, Score] = {
    "psnr": Score(
        "PSNR (dB)",
        "higher",
        "of a mean over the pictures",
        digits="{:.2f}".format,
        missing="∞",
    ),
    "ssim": Score("SSIM", "higher", "of a mean over the pictures", bounds=SHARE),
}
"""Of restored pictures, each against its original (`zerosum.evaluation.restoration`): no recipe
chooses them, they are always given. No finite PSNR: of pictures that equal their originals."""
ALL_SCORES = SCORES | PAIR_SCORES


def of_classes(names: Iterable[str]) -> tuple[str, ...]:
    """Those of these scores that are measured class by class."""
    return tuple(name for name in names if "classes" in SCORES[name].needs)


def title(name: str, extractor: str) -> str:
    """What a table calls a score: distances say in which features, and all do where these are not
    quite those of their name."""
    score = ALL_SCORES[name]
    of_pixels = name in PAIR_SCORES
    told = score.unit_of_features or (extractor.endswith(APPROXIMATE) and not of_pixels)
    return f"{score.title} ({extractor})" if told else score.title

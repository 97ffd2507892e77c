"""What the newest log lines show of the pictures themselves: alike, faded, a few over and over."""

from collections.abc import Sequence
from statistics import median

from zerosum.diagnosis.phase_health import FEWEST, middle
from zerosum.diagnosis.variety import PICTURES
from zerosum.recipe.sections import ObjectiveSettings
from zerosum.records.logs import LogLine

SAME_SPREAD, SAME_NEAREST = 0.01, 0.001
"""Real images are all but the same picture where they differ by less than the one, of 0 to 2, or
where each has another that is nearer than the other."""
LITTLE_SPREAD = 0.4
"""Generated images are alike where their mean distance is below this share of real images'."""
GROWTH = 1.05
"""A generator whose variety or contrast grows by this factor within the window is still learning:
all begin with pictures that are alike."""
LITTLE_CONTRAST = 0.2
"""They have faded where their contrast is below this share of real images'."""
EVEN = 0.01
"""Real images of less contrast, of 0 to 1, are even themselves."""
LITTLE_DISTANCE = 0.2
"""They are a few over and over where the distance to the nearest is."""


def no_variety(lines: Sequence[LogLine], _objective: ObjectiveSettings) -> tuple[str, ...] | None:
    lines = [line for line in lines if "spread_real" in line]
    if not lines:
        return None
    count = _compared(lines)
    if count == 1:
        return ("there is one training image: what is generated cannot vary as it does",)
    if middle(lines, "spread_real") < SAME_SPREAD:
        return (f"{count} real images are all but the same picture",)
    if middle(lines, "nearest_real") < SAME_NEAREST:
        return (
            f"{count} real images are a few pictures over and over: each has another that is all "
            "but the same",
        )
    return None


def _compared(lines: Sequence[LogLine]) -> int:
    """How many generated and real images the variety was measured on."""
    return int(lines[-1].get("variety_images", PICTURES))


def faded(lines: Sequence[LogLine], _objective: ObjectiveSettings) -> tuple[str, ...] | None:
    shares = [
        line["contrast_fake"] / line["contrast_real"]
        for line in lines
        if line.get("contrast_real", 0) > EVEN and "contrast_fake" in line
    ]
    if len(shares) < FEWEST // 2 or _grows(shares) or median(shares) >= LITTLE_CONTRAST:
        return None
    return (
        f"{_compared(lines)} generated images have {median(shares):.0%} of the contrast of real "
        "ones: they are an even colour",
    )


def _grows(shares: Sequence[float]) -> bool:
    """Whether a share grows from the older half of the lines to the newer."""
    half = len(shares) // 2
    return median(shares[half:]) >= GROWTH * median(shares[:half])


def collapsed(lines: Sequence[LogLine], _objective: ObjectiveSettings) -> tuple[str, ...] | None:
    lines, shares = _spreads(lines)
    if len(lines) < FEWEST // 2:
        return None
    if not _grows(shares) and median(shares) < LITTLE_SPREAD:
        return variety_in_words(lines)
    near = [
        line["nearest_fake"] / max(line["nearest_real"], 1e-9)
        for line in lines
        if "nearest_fake" in line and "nearest_real" in line
    ]
    if near and (nearest := median(near)) < LITTLE_DISTANCE:
        return (
            f"{_compared(lines)} generated images are a few pictures over and over: the one most "
            f"like each is {nearest:.1%} as far from it as among real ones",
        )
    return None


def _spreads(lines: Sequence[LogLine]) -> tuple[list[LogLine], list[float]]:
    """The lines in which variety was measured, and that of generated images beside real ones'."""
    lines = [line for line in lines if line.get("spread_real", 0) > 0 and "spread_fake" in line]
    return lines, [line["spread_fake"] / line["spread_real"] for line in lines]


def variety_in_words(lines: Sequence[LogLine]) -> tuple[str, ...]:
    lines, shares = _spreads(lines)
    if not lines:
        return ()
    many, share = _compared(lines), median(shares)
    return (f"{many} generated images differ by {share:.0%} of what as many real ones do",)

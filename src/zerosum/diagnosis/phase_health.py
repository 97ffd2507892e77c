"""How a restoration is doing in its phases: the generator alone, the critic alone, then both.

Thresholds as in `health`; what the critic is asked there is asked here phase by phase, because each
phase begins with a player that has not learnt what the phase is for.
"""

from collections.abc import Sequence
from math import isnan, nan
from statistics import mean, median

from zerosum.diagnosis.log_fields import output_word
from zerosum.diagnosis.verdicts import Finding
from zerosum.recipe.sections import ObjectiveSettings
from zerosum.records.logs import LogLine

FEWEST = 6
"""Log lines, of a phase where there are phases, before which nothing is said: generators begin with
all pictures alike."""
WINDOW = 12
"""Newest log lines that a verdict looks at."""
SMALL = 0.01
"""What the discriminator says has a third decimal, all of it, where some of it is below this."""
WORSE = 1.25
"""Steps overshoot where a loss is so many times what it was, or what it is for a discriminator that
answers every image as at the equilibrium: that one is sure, and wrong."""
FLAT = 0.99
"""A pixel loss that stays above this share of what it was hardly falls any more."""
AWAY = 1.1
"""Restored pictures move away from their originals where the pixel loss grows by this factor."""
BY_CHANCE = 0.55
"""A critic that is right no more often than this tells next to nothing apart."""
RISING = 0.02
"""It is still learning where it is right so much more often in the newer half of the window: about
one and a half standard errors of that difference, with 800 pictures a log line."""
FEW_TURNS = 0.05
"""A generator with a smaller share of the steps is not let learn by an adaptive switch, which gives
it every second step at the most."""
OFTEN = 0.9
"""With a fixed switch the generator learns in every step: a smaller share is an adaptive one's."""

BEGAN = {
    "generator": "the generator began to learn alone",
    "critic": "the critic began to learn alone",
    "adversarial": "the two began to play against each other",
}


def middle(lines: Sequence[LogLine], field: str) -> float:
    """The median of a field over the lines that have it; not a number where none has."""
    values: list[float] = [line[field] for line in lines if field in line]
    return median(values or [nan])


def halves(lines: Sequence[LogLine]) -> tuple[Sequence[LogLine], Sequence[LogLine]]:
    """The older and the newer half of some lines."""
    return lines[: len(lines) // 2], lines[len(lines) // 2 :]


def verdict_from(images: int, phase: str = "") -> str:
    """From how many images on there can be a verdict, in words."""
    began = f"{BEGAN[phase]}: " if phase in BEGAN else ""
    return f"{began}a verdict comes from about {images:,} images on"


def images_after(lines: Sequence[LogLine], more: int) -> int:
    """Images that a run will have seen when so many more log lines will be there."""
    newest, before = [int(line["images"]) for line in (*lines[:-3:-1], {"images": 0})][:2]
    return newest + more * (newest - before)


def too_few(window: Sequence[LogLine], seen: int) -> Finding:
    """Where fewer lines of the newest one's phase are there than a verdict needs."""
    if not window:
        return "too early to say", ()
    images = images_after(window, FEWEST - seen)
    return "too early to say", (verdict_from(images, str(window[-1].get("phase", ""))),)


def generator_alone(lines: Sequence[LogLine]) -> Finding:
    """The first phase: there is no game yet, only the pixel loss."""
    before, after = (middle(half, "loss_pixel") for half in halves(lines))
    words = f"the generator learns alone: its pixel loss was {before:.3g} and is {after:.3g}"
    if _has_risen(lines, WORSE):
        return "oscillating", (f"{words}: its steps overshoot",)
    if after > FLAT * before:
        return "learning", (f"{words}: it hardly falls any more, and the critic may come",)
    return "learning", (words,)


def critic_alone(lines: Sequence[LogLine], objective: ObjectiveSettings) -> Finding:
    """The second phase: the critic learns to tell restored pictures from real ones.

    Every critic begins by chance. The generator is ahead only where that has not changed after a
    whole window, and does not begin to.
    """
    if not objective.of_loss.told_by_sign:
        loss = middle(lines[-FEWEST:], "loss_discriminator")
        return "learning", (f"the critic learns alone: its loss is {loss:.3g}",)
    right = middle(lines[-FEWEST:], "accuracy")
    words = f"the critic learns alone: it tells {right:.0%} of real and restored pictures right"
    if right >= BY_CHANCE:
        return "learning", (words,)
    return _critic_behind(lines, f"{words}, hardly more than by chance")


def generator_waits(lines: Sequence[LogLine], indifferent: float | None) -> Finding | None:
    """An adaptive switch under which the generator has next to no turns.

    `indifferent` is the critic's loss where it answers every image alike.
    """
    share = turns(lines[-FEWEST:])
    if not share < FEW_TURNS:
        return None
    loss = middle(lines[-FEWEST:], "loss_discriminator")
    if indifferent is not None and loss > WORSE * indifferent:
        return None  # sure and wrong: a fault of its steps, and no lead of the generator's
    return _critic_behind(
        lines,
        f"the generator had {share:.0%} of the steps: the critic's mean loss, {loss / 2:.2f}, "
        "hardly ever comes below schedule.switch_loss",
    )


def _critic_behind(lines: Sequence[LogLine], words: str) -> Finding:
    """What follows where the critic tells too little: that depends on whether it still learns."""
    if len(lines) < WINDOW:
        soon = verdict_from(images_after(lines, WINDOW - len(lines)))
        return "too early to say", (f"{words}; critics begin so: {soon}",)
    before, after = (middle(half, "accuracy") for half in halves(lines))
    change = f"it was right {before:.0%} of the time, and is {after:.0%}"
    if after - before >= RISING:
        return "learning", (f"{words}; but it learns: {change}",)
    return "generator-ahead", (f"{words}, and no longer learns: {change}",)


def turns(lines: Sequence[LogLine]) -> float:
    """The share of the steps in which the generator learnt; not a number where it was not noted.

    A mean, because few steps a line make it coarse: with one step a line it is 0 or 1.
    """
    shares: list[float] = [line["generator_share"] for line in lines if "generator_share" in line]
    return mean(shares or [nan])


def scores_in_words(lines: Sequence[LogLine], objective: ObjectiveSettings) -> str:
    """What the discriminator says of images; of a restoration also how often the generator learnt,
    whose steps there are not those of the critic."""
    real, restored = middle(lines, "d_real"), middle(lines, "d_fake_before")
    after, share = middle(lines, "d_fake_after"), turns(lines)
    if objective.of_loss.estimates_distance:
        return f"the critic's estimate of the distance is {real - restored:.3g}"
    small = any(0 < abs(each) < SMALL for each in (real, restored, after))
    real_words, restored_words, after_words = (
        f"{each:.{3 if small else 2}f}" for each in (real, restored, after)
    )
    if isnan(share):
        told = f"{output_word(objective)}D(x) is {real_words}"
        return f"{told}, D(G(z)) {restored_words} before its step and {after_words} after"
    words = f"the critic gives real pictures {real_words} and restored ones {restored_words}"
    if not isnan(after):
        words += f", {after_words} in the generator's steps"
    if objective.of_loss.told_by_sign:
        words += f"; it tells {middle(lines, 'accuracy'):.0%} right"
    if share < OFTEN:
        words += f"; the generator had {share:.0%} of the steps"
    return words


def held_by_switch(lines: Sequence[LogLine]) -> tuple[str, ...]:
    """What balance is worth where an adaptive switch makes it."""
    if not turns(lines) < OFTEN:
        return ()
    return (
        "the switch holds them there: the generator learns as soon as the critic's mean loss is "
        "below schedule.switch_loss",
    )


def moving_away(lines: Sequence[LogLine]) -> tuple[str, ...]:
    """A sentence where the pixel loss clearly rises while both play."""
    if not _has_risen(lines, AWAY):
        return ()
    before, after = (middle(half, "loss_pixel") for half in halves(lines))
    return (
        f"the pixel loss rises, from {before:.3g} to {after:.3g} in {len(lines)} log lines: "
        "restored pictures move away from their originals; a larger --objective.pixel_weight "
        "holds them",
    )


def _has_risen(lines: Sequence[LogLine], factor: float) -> bool:
    """Whether the pixel loss is larger by a factor in the newer half of the lines, and in each of
    them larger than it used to be: a rise, and no wandering."""
    before, after = halves(lines)
    usual = middle(before, "loss_pixel")
    newer: list[float] = [line["loss_pixel"] for line in after if "loss_pixel" in line]
    return bool(newer) and median(newer) > factor * usual and min(newer) > usual

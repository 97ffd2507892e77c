"""What the newest log lines of a training show: one finding, from its curves.

A finding is no verdict yet: `health` says how long it must last. The thresholds were set on runs
whose seeds are not those of `benchmarks/health.py`, which counts how often the verdicts are right.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import inf, log
from statistics import mean, median, quantiles, stdev

import torch

from zerosum.adversarial.losses import LOSSES
from zerosum.diagnosis import phase_health
from zerosum.diagnosis.phase_health import FEWEST, WINDOW, WORSE, middle, scores_in_words
from zerosum.diagnosis.variety_findings import collapsed, faded, no_variety, variety_in_words
from zerosum.diagnosis.verdicts import Finding, Verdict
from zerosum.recipe.sections import ObjectiveSettings
from zerosum.records.logs import LogLine, finite_values, is_finite

SURE_REAL, SURE_FAKE = 0.75, 0.02
"""A discriminator is far ahead whose D(x) is above the one and D(G(z)) below the other."""
LITTLE_LOSS = 0.02
"""It is so under any loss that has a smallest value, where its own is this near to that."""
FOOLED = 0.05
"""A generator is ahead where its images look real by so much more than real ones do."""
NEAR = 0.1
"""Scores this close to those of the equilibrium are balanced."""
FALLEN = 0.9
"""A critic's estimate has not fallen that is above this share of its largest."""
RISEN = 2
"""It has clearly risen whose largest is so many times that of the first log lines: the level one of
a run that is through, or of a critic that was taught before, is no sign."""
SWING = 0.45
"""A score swings whose middle four fifths span this much of the range from 0 to 1."""
MEMORY = 0.5
"""A discriminator knows training images by heart where it answers new real ones more like generated
ones than like those: r_v of Karras et al. 2020 (arXiv 2006.06676), section 3.1, is 0 where it does
not overfit and 1 where it does wholly; half-way is ours."""
SURE = 2
"""Standard errors over the log lines by which it must be beyond that."""
HUGE, HUGE_CRITIC = 1e4, 1e8
"""Losses and gradients beyond it are on their way to infinity. A Wasserstein critic without a bound
has a scale that grows while the generator learns well from it: seen up to 36,000."""


def judge(
    window: Sequence[LogLine], objective: ObjectiveSettings, seen: int, furthest: float = inf
) -> Finding:
    """Verdict and evidence of some lines, `seen` of which came up to the last of them, and up to
    which `furthest` was the largest distance that a critic had estimated (`distance_of`); infinity
    where that has not clearly risen (`RISEN`), or not within this run alone.

    Of a training in phases only the lines of the newest one's phase count.
    """
    phase = str(window[-1].get("phase", "")) if window else ""
    own = [line for line in window if line.get("phase", "") == phase]
    if len(own) < len(window):
        seen = len(own)
    if (evidence := _diverged(own, objective)) is not None:
        return "diverged", evidence
    whole = list(map(finite_values, window))
    window = [line for line in whole if line.get("phase", "") == phase]
    if seen < FEWEST:
        return phase_health.too_few(whole, seen)
    if phase == "generator":
        return phase_health.generator_alone(window)
    if phase == "critic":
        return phase_health.critic_alone(window, objective)
    waits = phase_health.generator_waits(window, indifferent_loss(objective)) if phase else None
    verdict, evidence = waits or _game(window, objective)
    if verdict == "learning" and (found := _not_learning(window, objective, furthest)) is not None:
        verdict, evidence = "not-learning", found
    return verdict, (*evidence, *phase_health.moving_away(window))


def _game(window: Sequence[LogLine], objective: ObjectiveSettings) -> Finding:
    """How the two stand while they play against each other."""
    looks: tuple[tuple[Verdict, Callable[..., tuple[str, ...] | None]], ...] = (
        ("no-variety", no_variety),
        ("faded", faded),
        ("collapsed", collapsed),
        ("memorising", _memorising),
        ("discriminator-ahead", _discriminator_ahead),
        ("generator-ahead", _generator_ahead),
        ("oscillating", _oscillating),
        ("balanced", _balanced),
    )
    recent = window[-max(FEWEST, len(window) // 2) :]
    for verdict, look in looks:
        whole = verdict in ("oscillating", "memorising")
        if (found := look(window if whole else recent, objective)) is not None:
            return verdict, found
    return "learning", (scores_in_words(recent, objective), *variety_in_words(recent))


def _diverged(lines: Sequence[LogLine], objective: ObjectiveSettings) -> tuple[str, ...] | None:
    huge = HUGE if objective.of_loss.bounded else HUGE_CRITIC
    fields = {
        "loss_generator": "generator's loss",
        "loss_discriminator": "discriminator's loss",
        "gradient_norm_discriminator": "discriminator's gradient norm",
        "loss_pixel": "pixel loss",
    }
    for field, name in fields.items():
        values = [line[field] for line in lines[-3:] if field in line]
        sizes = [abs(value) if is_finite(value) else inf for value in values]
        if sizes and min(sizes) >= huge:
            newest = f"{sizes[-1]:.3g}, on its way to infinity"
            return (f"the {name} is {newest if sizes[-1] < inf else 'not finite'}",)
    return None


def _memorising(lines: Sequence[LogLine], _objective: ObjectiveSettings) -> tuple[str, ...] | None:
    """r_v = (E[D_train] − E[D_validation]) / (E[D_train] − E[D_generated]), section 3.1, above
    MEMORY, and not by chance: one batch a log line is few images."""
    fields = ("d_train", "d_held_out", "d_generated")
    lines = [line for line in lines if all(field in line for field in fields)]
    if len(lines) < FEWEST:
        return None
    learnt, new, made = ([line[field] for line in lines] for field in fields)
    beyond = [
        MEMORY * fake + (1 - MEMORY) * known - unseen
        for known, unseen, fake in zip(learnt, new, made, strict=True)
    ]
    lead = mean(learnt) - mean(made)
    if lead <= 0 or mean(beyond) <= SURE * stdev(beyond) / len(beyond) ** 0.5:
        return None
    share = (mean(learnt) - mean(new)) / lead
    return (
        f"the discriminator gives training images {mean(learnt):.2f}, real ones that were held out "
        f"{mean(new):.2f} and generated ones {mean(made):.2f}: {share:.0%} of the way (half is "
        "too far)",
    )


def _discriminator_ahead(
    lines: Sequence[LogLine], objective: ObjectiveSettings
) -> tuple[str, ...] | None:
    if objective.of_loss.estimates_distance:
        return None  # a critic should be ahead: its lead is what the generator learns from
    lead = scores_in_words(lines, objective)
    own, real = middle(lines, "loss_discriminator"), middle(lines, "d_real")
    fake = middle(lines, "d_fake_after")
    if objective.of_loss.probability:
        if fake < SURE_FAKE and real > SURE_REAL:
            return (f"{lead}: it is all but never deceived",)
        return None
    if own < LITTLE_LOSS:
        return (f"the discriminator's loss is {own:.3g}, near the smallest there is", lead)
    return None


def _generator_ahead(
    lines: Sequence[LogLine], objective: ObjectiveSettings
) -> tuple[str, ...] | None:
    if objective.of_loss.estimates_distance:
        distance = middle(lines, "d_real") - middle(lines, "d_fake_before")
        scale = max(abs(middle(lines, "d_real")), 1e-3)
        if distance < -FOOLED * scale:
            return (f"the critic's estimate of the distance is {distance:.3g}, below 0",)
        return None
    if objective.equilibrium is None:
        return None
    real, fake = middle(lines, "d_real"), middle(lines, "d_fake_before")
    if fake - real > FOOLED:
        words = scores_in_words(lines, objective)
        return (f"{words}: generated images look more real to it than real ones",)
    return None


def distance_of(lines: Sequence[LogLine], objective: ObjectiveSettings) -> float | None:
    """The critic's estimate of the distance, the median of some lines; None where its scale is its
    own: of other losses, and of a critic that neither a penalty nor a clip bounds."""
    bounded = objective.penalty != "none" or objective.clip > 0
    if not objective.of_loss.estimates_distance or not bounded:
        return None
    return middle(lines[-FEWEST:], "d_real") - middle(lines[-FEWEST:], "d_fake_before")


def _not_learning(
    lines: Sequence[LogLine], objective: ObjectiveSettings, furthest: float
) -> tuple[str, ...] | None:
    """A distance that has risen, and not fallen: Arjovsky et al. 2017 (arXiv 1701.07875), section
    4.2, see the estimate fall while pictures get better."""
    distance = distance_of(lines, objective)
    if distance is None or not distance > FALLEN * furthest:
        return None
    return (
        f"the critic's estimate of the distance is {distance:.3g}, and the largest so far "
        f"{furthest:.3g}: it has not fallen since the training began",
    )


def _oscillating(lines: Sequence[LogLine], objective: ObjectiveSettings) -> tuple[str, ...] | None:
    own, indifferent = middle(lines, "loss_discriminator"), indifferent_loss(objective)
    if indifferent is not None and own > WORSE * indifferent:
        return (
            f"the discriminator's loss is {own:.3g}, worse than the {indifferent:.3g} of one that "
            "answers every image alike: its steps overshoot",
            scores_in_words(lines, objective),
        )
    if len(lines) < WINDOW or objective.of_loss.output != "logit":
        return None
    for field, name in (("d_real", "D(x)"), ("d_fake_before", "D(G(z))")):
        values = [line[field] for line in lines if field in line]
        if len(values) < FEWEST:
            continue
        tenths = quantiles(values, n=10)
        usual = median(values)
        sides = [value > usual for value in values]
        turns = sum(a != b for a, b in pairwise(sides))
        if tenths[-1] - tenths[0] > SWING and turns >= 3:
            return (
                f"{name} swings between {tenths[0]:.2f} and {tenths[-1]:.2f}, "
                f"{turns} times in {len(values)} log lines",
            )
    return None


def _balanced(lines: Sequence[LogLine], objective: ObjectiveSettings) -> tuple[str, ...] | None:
    expected = objective.equilibrium
    if expected is None:
        return None
    real, fake = middle(lines, "d_real"), middle(lines, "d_fake_before")
    if abs(real - expected) < NEAR and abs(fake - expected) < NEAR:
        words = scores_in_words(lines, objective)
        words = f"{words}; at the equilibrium of this loss both are {expected:.2f}"
        return (words, *phase_health.held_by_switch(lines))
    return None


def indifferent_loss(objective: ObjectiveSettings) -> float | None:
    """The discriminator's loss where it gives every image the answer of the equilibrium: 2 log 2 =
    1.39 for the cross-entropy. None for a Wasserstein critic, whose scale is its own."""
    if not objective.of_loss.bounded:
        return None
    loss, answer = objective.part("loss", LOSSES), objective.equilibrium or 0.0
    if loss.properties.probability:
        if not 0 < answer < 1:
            return None  # labels that are no probabilities
        answer = log(answer / (1 - answer))
    same = torch.full((1,), answer)
    return float(loss.discriminator(same, same, objective.real_label, objective.fake_label))

"""One verdict on a training from its curves, when it is right and when it must stay quiet."""

from collections.abc import Sequence
from math import inf, log, nan
from random import Random
from typing import Any

import pytest

from zerosum.diagnosis.findings import indifferent_loss, judge
from zerosum.diagnosis.health import HealthWatch, diagnose
from zerosum.diagnosis.phase_health import FEWEST
from zerosum.diagnosis.verdicts import AGAINST, FAILURES, REMEDIES, RULES, VERDICTS
from zerosum.recipe.sections import ObjectiveSettings
from zerosum.records.logs import LogLine

GAN = ObjectiveSettings()
WASSERSTEIN = ObjectiveSettings(loss="wasserstein")
HEALTHY: dict[str, float] = {
    "loss_generator": 1.6,
    "loss_discriminator": 0.8,
    "d_real": 0.72,
    "d_fake_before": 0.29,
    "d_fake_after": 0.26,
    "gradient_norm_generator": 20.0,
    "gradient_norm_discriminator": 60.0,
    "spread_fake": 0.5,
    "spread_real": 0.52,
    "nearest_fake": 0.3,
    "nearest_real": 0.32,
    "contrast_fake": 0.45,
    "contrast_real": 0.48,
}


def lines_of(count: int, first: int = 1, **changed: float) -> list[dict[str, float]]:
    return [
        HEALTHY | changed | {"step": 50 * number, "images": 3200 * number}
        for number in range(first, first + count)
    ]


def verdict(lines: Sequence[LogLine], objective: ObjectiveSettings = GAN, **known: Any) -> str:
    return diagnose(lines, objective, **known).verdict


def test_a_healthy_training_is_learning() -> None:
    found = diagnose(lines_of(30), GAN)
    assert found.verdict == "learning" and not found.failing
    assert found.since == FEWEST * 3200
    assert "0.72" in found.evidence[0]


def test_nothing_is_said_before_there_are_lines_enough() -> None:
    for count in range(FEWEST):
        assert verdict(lines_of(count, spread_fake=0.01)) == "too early to say"
    assert verdict(lines_of(FEWEST)) == "learning"


def test_scores_at_the_equilibrium_are_balanced_and_it_is_said_what_that_proves() -> None:
    found = diagnose(lines_of(20, d_real=0.53, d_fake_before=0.47), GAN)
    assert found.verdict == "balanced" and not found.failing
    assert any("Nash" in text for text in found.remedies)


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        (GAN, 0.5),
        (ObjectiveSettings(real_label=0.9), 0.45),
        (ObjectiveSettings(loss="least-squares"), 0.5),
        (ObjectiveSettings(loss="hinge"), 0.0),
        (WASSERSTEIN, None),
        (ObjectiveSettings(loss="relativistic"), None),
    ],
)
def test_the_equilibrium_is_that_of_the_loss(
    objective: ObjectiveSettings, expected: float | None
) -> None:
    assert objective.equilibrium == pytest.approx(expected)


def test_a_discriminator_that_is_never_deceived_is_ahead() -> None:
    won = {"d_real": 0.97, "d_fake_before": 0.03, "d_fake_after": 0.002}
    found = diagnose([*lines_of(20), *lines_of(20, first=21, **won)], GAN)
    assert found.verdict == "discriminator-ahead" and found.failing
    assert 20 * 3200 < found.since < 30 * 3200
    assert "0.97" in found.evidence[0]


def test_a_strong_discriminator_that_still_teaches_is_not_ahead() -> None:
    strong = lines_of(20, d_real=0.9, d_fake_before=0.11, d_fake_after=0.08)
    assert verdict(strong) == "learning"


def test_a_hinge_discriminator_whose_loss_is_spent_is_ahead() -> None:
    hinge = ObjectiveSettings(loss="hinge")
    spent = lines_of(20, loss_discriminator=0.001, d_real=3.0, d_fake_before=-3.0)
    assert verdict(spent, hinge) == "discriminator-ahead"
    fair = lines_of(20, loss_discriminator=0.9, d_real=0.6, d_fake_before=-0.5)
    assert verdict(fair, hinge) == "learning"
    assert diagnose(fair, hinge).evidence[0].startswith("output D(x) is ")


def test_a_generator_that_looks_more_real_than_real_images_is_ahead() -> None:
    assert verdict(lines_of(20, d_real=0.4, d_fake_before=0.7)) == "generator-ahead"


BOUNDED = ObjectiveSettings(loss="wasserstein", penalty="gradient")


def by_distance(*distances: float) -> list[dict[str, float]]:
    return [
        line | {"d_real": distance, "d_fake_before": 0.0}
        for line, distance in zip(lines_of(len(distances)), distances, strict=True)
    ]


def test_a_distance_that_has_never_fallen_shows_a_generator_that_does_not_learn() -> None:
    grows = [0.6 + 6.6 * place / 39 for place in range(40)]
    found = diagnose(by_distance(*grows, *[7.2] * 20), BOUNDED)
    assert found.verdict == "not-learning" and found.failing
    assert "is 7.2" in found.evidence[0] and "train on" in found.remedies[0]
    # As wgan-gp has it on digits at 16 pixels: up to 10.9 in 380 steps, and 7.1 after 780.
    falls = [1.0, 3.0, 6.0, 8.0, 10.0, 10.6, 10.9, 10.9, *(10.9 - 0.1 * n for n in range(40))]
    assert verdict(by_distance(*falls), BOUNDED) == "learning"


def test_a_distance_that_was_level_from_the_beginning_accuses_nobody() -> None:
    chance = Random(0)
    level = by_distance(*(5 + chance.uniform(-0.3, 0.3) for _ in range(60)))
    assert verdict(level, BOUNDED) == "learning"


def test_a_distance_that_grows_from_anothers_weights_accuses_nobody() -> None:
    grown = by_distance(*(0.6 + 6.6 * min(place, 39) / 39 for place in range(60)))
    assert verdict(grown, BOUNDED) == "not-learning"
    assert verdict(grown, BOUNDED, images_before=64_000) == "learning"


def test_a_distance_that_was_not_finite_is_as_if_it_had_not_been_logged() -> None:
    lines = by_distance(*(0.6 + 6.6 * min(place, 39) / 39 for place in range(60)))
    lost: list[LogLine] = [*lines[:30], lines[30] | {"d_real": None}, *lines[31:]]
    assert verdict(lost, BOUNDED) == "not-learning"


def test_the_scale_of_a_critic_without_a_bound_grows_whatever_is_learnt() -> None:
    assert verdict(by_distance(*range(1, 61)), WASSERSTEIN) == "learning"


def test_a_critics_lead_is_no_failure_and_a_negative_distance_is() -> None:
    assert verdict(lines_of(20, d_real=30.0, d_fake_before=-40.0), WASSERSTEIN) == ("learning")
    turned = lines_of(20, d_real=1.0, d_fake_before=2.0)
    assert verdict(turned, WASSERSTEIN) == "generator-ahead"


def test_pictures_that_are_all_alike_are_a_collapse() -> None:
    found = diagnose([*lines_of(20), *lines_of(20, first=21, spread_fake=0.03)], GAN)
    assert found.verdict == "collapsed"
    assert "6%" in found.evidence[0]


def test_pictures_that_fade_to_an_even_grey_are_called_faded_and_not_collapsed() -> None:
    grey = {"contrast_fake": 0.014, "spread_fake": 0.02, "nearest_fake": 0.01}
    found = diagnose([*lines_of(20), *lines_of(20, first=21, **grey)], GAN)
    assert found.verdict == "faded" and found.failing
    assert "3% of the contrast" in found.evidence[0]
    assert any("network.discriminator.bias" in text for text in found.remedies)
    assert any("--learning-rate" in text for text in found.remedies)


def test_contrast_that_still_grows_is_no_fading() -> None:
    growing = [line | {"contrast_fake": 0.008 * (n + 1)} for n, line in enumerate(lines_of(9))]
    assert verdict(growing) == "learning"
    stuck = [*growing, *lines_of(20, first=10, contrast_fake=0.07)]
    assert verdict(stuck) == "faded"


def test_even_images_are_not_faded_where_the_real_ones_are_even_too() -> None:
    assert verdict(lines_of(20, contrast_fake=0.0, contrast_real=0.0)) == "learning"


def test_a_few_pictures_over_and_over_are_a_collapse() -> None:
    assert verdict(lines_of(20, nearest_fake=0.01)) == "collapsed"


def test_variety_that_still_grows_is_no_collapse() -> None:
    growing = [line | {"spread_fake": 0.02 * (n + 1)} for n, line in enumerate(lines_of(9))]
    assert verdict(growing) == "learning"
    stuck = [*growing, *lines_of(20, first=10, spread_fake=0.18)]
    assert verdict(stuck) == "collapsed"


LEARNT_BY_HEART = {"d_train": 3.0, "d_held_out": -0.5, "d_generated": -2.0}
"""r_v is 3.5 / 5 = 0.7."""


def lines_with(outputs: dict[str, float], count: int = 30) -> list[dict[str, float]]:
    return [line | outputs for line in lines_of(count)]


def noisy(lines: list[dict[str, float]], spread: float) -> list[dict[str, float]]:
    """Lines whose outputs on held-out images lie now above, now below, by so much."""
    for number, line in enumerate(lines):
        line["d_held_out"] += spread * (-1) ** number
    return lines


def test_a_discriminator_that_answers_held_out_images_as_generated_ones_memorises() -> None:
    found = diagnose(noisy(lines_with(LEARNT_BY_HEART), 0.5), GAN)
    assert found.verdict == "memorising" and found.failing
    assert "70% of the way" in found.evidence[0]
    assert any("--augmentation.method" in text for text in found.remedies)
    # As of the others that speak against a run: not before its 1,000th step.
    assert verdict(lines_with(LEARNT_BY_HEART, 19)) == "too early to say"
    assert verdict(lines_with(LEARNT_BY_HEART, 20)) == "memorising"


@pytest.mark.parametrize("field", LEARNT_BY_HEART)
@pytest.mark.parametrize("missing", [nan, inf, None])
def test_memorising_leaves_out_lines_that_have_one_of_its_outputs_not(
    field: str, missing: float | None
) -> None:
    lines = lines_with(LEARNT_BY_HEART)
    for line in lines[-2:]:
        del line[field]
        if missing is not None:
            line[field] = missing
    assert verdict(lines) == "memorising"


@pytest.mark.parametrize("objective", [GAN, WASSERSTEIN, ObjectiveSettings(loss="relativistic")])
def test_memorising_goes_by_the_place_between_training_and_generated_images_alone(
    objective: ObjectiveSettings,
) -> None:
    """Not by the scale of the outputs, nor by what is added to all of them."""
    for scale, offset in ((1.0, 0.0), (100.0, 1_000.0), (0.01, -5.0)):
        for held_out, expected in ((-0.5, True), (0.4, True), (0.6, False), (3.2, False)):
            outputs = LEARNT_BY_HEART | {"d_held_out": held_out}
            lines = lines_with({name: scale * v + offset for name, v in outputs.items()})
            assert (verdict(lines, objective) == "memorising") == expected


def test_memorising_is_not_said_by_chance_or_where_the_discriminator_tells_nothing() -> None:
    near = LEARNT_BY_HEART | {"d_held_out": 0.3}  # r_v is 0.54, and no more than noise
    assert verdict(noisy(lines_with(near), 2.0)) == "learning"
    behind = {"d_train": -2.0, "d_held_out": -3.0, "d_generated": 1.0}
    assert verdict(lines_with(behind)) == "learning"


def test_scores_that_swing_are_oscillating() -> None:
    swinging = [
        line | {"d_real": 0.95 if n % 4 < 2 else 0.3, "d_fake_before": 0.3}
        for n, line in enumerate(lines_of(24))
    ]
    assert verdict(swinging) == "oscillating"


def test_a_discriminator_that_is_sure_and_wrong_is_oscillating_and_not_balanced() -> None:
    # As RMSprop at 2e-3 makes it: both means near a half, and a loss far above 2 log 2.
    overshooting = lines_of(20, loss_discriminator=2.4, d_real=0.55, d_fake_before=0.55)
    found = diagnose(overshooting, GAN)
    assert found.verdict == "oscillating"
    assert "2.4" in found.evidence[0] and "1.39" in found.evidence[0]
    assert verdict(overshooting, WASSERSTEIN) != "oscillating"


@pytest.mark.parametrize(
    ("loss", "labels", "expected"),
    [
        ("non-saturating", (1.0, 0.0), 2 * log(2)),
        ("saturating", (0.9, 0.1), 2 * log(2)),
        ("least-squares", (1.0, 0.0), 0.25),
        ("hinge", (1.0, 0.0), 2.0),
        ("relativistic", (1.0, 0.0), log(2)),
        ("wasserstein", (1.0, 0.0), None),
        ("non-saturating", (3.0, 0.0), None),  # no probabilities
    ],
)
def test_an_indifferent_discriminators_loss_is_that_of_the_equilibrium(
    loss: Any, labels: tuple[float, float], expected: float | None
) -> None:
    found = indifferent_loss(
        ObjectiveSettings(loss=loss, real_label=labels[0], fake_label=labels[1])
    )
    assert found == (expected if expected is None else pytest.approx(expected))


def test_one_step_from_one_level_to_another_is_no_oscillation() -> None:
    before = lines_of(12, d_real=0.95, d_fake_before=0.05)
    after = lines_of(6, first=13, d_real=0.6, d_fake_before=0.4)
    assert verdict([*before, *after]) != "oscillating"


@pytest.mark.parametrize("field", ["loss_generator", "loss_discriminator"])
def test_numbers_on_their_way_to_infinity_have_diverged(field: str) -> None:
    assert verdict([line | {field: -3e6} for line in lines_of(3)]) == "diverged"
    assert verdict([line | {field: -3e9} for line in lines_of(3)], WASSERSTEIN) == "diverged"
    nowhere = [line | {field: float("nan")} for line in lines_of(20)]
    assert verdict(nowhere, WASSERSTEIN) == "diverged"


@pytest.mark.parametrize("field", HEALTHY)
@pytest.mark.parametrize("lost", [None, float("nan"), float("inf")])
def test_a_value_that_was_not_finite_is_as_if_it_had_not_been_logged(
    field: str, lost: float | None
) -> None:
    lines: list[LogLine] = [*lines_of(20), lines_of(1, first=21)[0] | {field: lost}]
    assert diagnose(lines, GAN) == diagnose([*lines_of(20), without(lines[-1], field)], GAN)


def without(line: LogLine, field: str) -> LogLine:
    return {name: value for name, value in line.items() if name != field}


@pytest.mark.parametrize("field", ["loss_generator", "loss_discriminator"])
@pytest.mark.parametrize("lost", [None, float("nan"), float("inf")])
def test_losses_that_stay_without_end_have_diverged(field: str, lost: float | None) -> None:
    found = diagnose([line | {field: lost} for line in lines_of(20)], GAN)
    assert found.verdict == "diverged"
    assert found.evidence == (f"the {field.split('_')[1]}'s loss is not finite",)


def test_the_scale_of_a_critic_without_a_bound_is_no_divergence() -> None:
    # `digits` with this loss at a rate of 1e-2, whose pictures were good.
    grown = lines_of(20, loss_generator=36_000.0, loss_discriminator=-10_000.0,
                     d_real=-18_600.0, d_fake_before=-28_700.0)  # fmt: skip
    assert verdict(grown, WASSERSTEIN) == "learning"


def test_one_wild_line_is_no_divergence() -> None:
    wild = lines_of(1, first=21, loss_generator=2e4)
    assert verdict([*lines_of(20), *wild]) == "learning"


def test_a_training_that_ended_by_itself_says_why() -> None:
    found = diagnose(lines_of(20), GAN, failure="training diverged at step 7: not finite")
    assert found.verdict == "diverged"
    assert found.evidence == ("training diverged at step 7: not finite",)
    assert diagnose([], GAN, failure="at once").since == 0


def test_runs_that_measured_no_variety_get_a_verdict_too() -> None:
    old = [
        {name: value for name, value in line.items() if not name.startswith(("spread", "nearest"))}
        for line in lines_of(20)
    ]
    assert verdict(old) == "learning"


def test_a_watch_tells_each_change_once_and_does_not_flicker() -> None:
    watch = HealthWatch(GAN)
    told = [watch.logged(line) for line in lines_of(12)]
    changes = [found.verdict for found in told if found is not None]
    assert changes == ["learning"]
    collapsed = lines_of(16, first=13, spread_fake=0.02)
    told = [watch.logged(line) for line in collapsed]
    assert [found.verdict for found in told if found is not None] == ["collapsed"]
    balanced = lines_of(16, first=29, d_real=0.5, d_fake_before=0.5)
    told = [watch.logged(line) for line in balanced]
    seen = [found.verdict for found in told if found is not None]
    assert seen[-1] == "balanced" and len(seen) <= 2


def test_a_change_needs_lines_that_agree() -> None:
    watch = HealthWatch(GAN, lines_of(12))
    even = {"d_real": 0.5, "d_fake_before": 0.5}
    told = [watch.logged(line) for line in lines_of(8, first=13, **even)]
    changes = [place for place, found in enumerate(told) if found is not None]
    assert watch.verdict == "balanced" and len(changes) == 1
    judged = [judge([*lines_of(12), *lines_of(n, first=13, **even)][-12:], GAN, 12 + n)[0]
              for n in range(1, 9)]  # fmt: skip
    assert changes[0] == judged.index("balanced") + 1, "the second line that shows it"


@pytest.mark.parametrize("bad", [
    {"spread_fake": 0.01},
    {"d_real": 0.99, "d_fake_before": 0.01, "d_fake_after": 0.001},
    {"d_real": 0.4, "d_fake_before": 0.7},
    {"loss_discriminator": 2.4, "d_real": 0.55, "d_fake_before": 0.55},
    {"spread_real": 0.0, "nearest_real": 0.0},
])  # fmt: skip
@pytest.mark.parametrize(("batch", "expected"), [
    (64, 1_000),  # 500 steps, then 500 more
    (16, 1_130),  # 500 steps, then 10,000 images: 625 steps, at the next log line
])  # fmt: skip
def test_a_verdict_against_a_run_waits_for_500_steps_and_lasts_500_more_and_10_000_images(
    bad: dict[str, float], batch: int, expected: int
) -> None:
    watch = HealthWatch(GAN)
    told = []
    for step in range(10, 1_500, 10):
        line = HEALTHY | bad | {"step": step, "images": batch * step}
        if (found := watch.logged(line)) is not None:
            told.append((found.verdict in FAILURES, step))
    assert told == [(True, expected)]


def test_a_verdict_against_a_run_may_not_be_interrupted() -> None:
    flickering = [
        HEALTHY | ({"spread_fake": 0.01} if step % 500 else {"spread_fake": 0.5})
        | {"step": step, "images": 64 * step}
        for step in range(10, 6_000, 10)
    ]  # fmt: skip
    # A median over six lines does not see one: eight good ones in a row, every 450 steps, it does.
    for place, line in enumerate(flickering):
        if place % 45 < 8:
            line["spread_fake"] = 0.5
    watch = HealthWatch(GAN)
    assert {found.verdict for line in flickering if (found := watch.logged(line))} == {"learning"}


def test_a_run_that_fails_now_one_way_now_another_has_the_verdict_of_most_lines() -> None:
    overshoots = {"loss_discriminator": 2.4, "d_real": 0.55, "d_fake_before": 0.55}
    deceived = overshoots | {"d_real": 0.4, "d_fake_before": 0.7}
    watch, told = HealthWatch(GAN), []
    for step in range(10, 1_010, 10):
        bad = deceived if 600 < step <= 800 else overshoots
        line = HEALTHY | bad | {"step": step, "images": 64 * step}
        if (found := watch.logged(line)) is not None:
            told.append((found.verdict, step, found.since))
    assert told == [("oscillating", 1_000, 500 * 64)]


def test_numbers_on_their_way_to_infinity_need_no_patience() -> None:
    watch = HealthWatch(GAN)
    lines = [HEALTHY | {"step": n, "images": 64 * n, "loss_generator": 3e6} for n in range(1, 4)]
    told = [found.verdict for line in lines if (found := watch.logged(line)) is not None]
    assert told == ["diverged"]


@pytest.mark.parametrize(("count", "expected"), [(30, "too early to say"), (110, "learning")])
def test_what_the_newest_lines_show_is_said_before_it_is_the_verdict(
    count: int, expected: str
) -> None:
    collapsed = {"spread_fake": 0.03}
    lines = [
        HEALTHY | (collapsed if count == 30 or step > 800 else {})
        | {"step": step, "images": 64 * step}
        for step in range(10, 10 * count + 10, 10)
    ]  # fmt: skip
    found = diagnose(lines, GAN)
    assert found.verdict == expected and not found.failing
    assert found.evidence[-2].startswith("the newest log lines look collapsed: 64 generated")
    assert "lasts for 500 steps and 10,000 images" in found.evidence[-1]


def test_the_command_says_of_a_finished_run_what_the_training_told_last() -> None:
    odd = {"spread_fake": 0.01}
    good, bad = lines_of(14), lines_of(30, first=15, **odd)
    again = lines_of(30, first=45)
    lines = [*good, *bad, *again]
    watch, told = HealthWatch(GAN), ["too early to say"]
    for count, line in enumerate(lines, 1):
        if (found := watch.logged(line)) is not None:
            told.append(found.verdict)
        assert diagnose(lines[:count], GAN).verdict == told[-1]
    assert told == ["too early to say", "learning", "collapsed", "learning"]


def test_every_verdict_has_its_rule_and_only_diverged_comes_at_once() -> None:
    assert set(RULES) == set(VERDICTS)
    assert {name for name in FAILURES if RULES[name] is not AGAINST} == {"diverged"}


def test_a_resumed_watch_is_the_one_that_was_never_stopped() -> None:
    lines = [*lines_of(10), *lines_of(20, first=11, spread_fake=0.01)]
    whole = HealthWatch(GAN, lines)
    for cut in range(len(lines)):
        resumed = HealthWatch(GAN, lines[:cut])
        for line in lines[cut:]:
            resumed.logged(line)
        assert (resumed.verdict, resumed.doubt) == (whole.verdict, whole.doubt)


@pytest.mark.parametrize(
    ("changed", "evidence"),
    [
        ({"spread_real": 0.0, "nearest_real": 0.0}, "64 real images are all but the same picture"),
        (
            {"spread_real": 0.3, "nearest_real": 0.0},
            "64 real images are a few pictures over and over: each has another that is all but the",
        ),
        (
            {"spread_real": 0.0, "nearest_real": 0.0, "variety_images": 1},
            "there is one training image",
        ),
    ],
)
def test_data_without_variety_is_said_to_have_none(
    changed: dict[str, float], evidence: str
) -> None:
    found = diagnose([line | changed for line in lines_of(20)], GAN)
    assert found.verdict == "no-variety" and found.failing
    assert found.evidence[0].startswith(evidence)
    assert "nothing to mend" not in " ".join(found.remedies)


def test_variety_is_told_of_as_many_images_as_were_compared() -> None:
    assert (
        "20 generated images differ by"
        in diagnose(lines_of(20, variety_images=20), GAN).evidence[-1]
    )


def test_every_verdict_has_remedies_and_the_failures_are_verdicts() -> None:
    assert set(REMEDIES) == set(VERDICTS)
    assert set(FAILURES) < set(VERDICTS)
    for name in FAILURES:
        assert 2 <= len(REMEDIES[name]) <= 3

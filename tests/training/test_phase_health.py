"""The verdict on a restoration, phase by phase."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scored_runs import output
from zerosum.diagnosis.health import HealthWatch, diagnose
from zerosum.diagnosis.phase_health import FEWEST, WINDOW
from zerosum.diagnosis.verdicts import FAILURES, REMEDIES, RESTORATION_REMEDIES, VERDICTS, Diagnosis
from zerosum.recipe.load import load_recipe, recipe_to_toml
from zerosum.recipe.phases import PHASE_WORDS
from zerosum.recipe.sections import ObjectiveSettings
from zerosum.records.lines import append_line
from zerosum.records.run import RunFolder

Lines = list[dict[str, Any]]
LASTING = 14
"""Log lines that a failure is shown before it is the verdict: 10,000 images are 12.5 lines."""
GAN = ObjectiveSettings()
CRITIC = {
    "loss_discriminator": 1.15,
    "d_real": 0.62,
    "d_fake_before": 0.39,
    "gradient_norm_discriminator": 4.0,
    "accuracy": 0.76,
}
GENERATOR = {"loss_pixel": 0.015, "gradient_norm_generator": 0.5}
MEASURED: dict[str, dict[str, float]] = {
    "generator": GENERATOR | {"generator_share": 1.0},
    "critic": CRITIC | {"generator_share": 0.0},
    "adversarial": CRITIC
    | GENERATOR
    | {"generator_share": 0.49, "loss_generator": 1.05, "d_fake_after": 0.38},
}


def phase(name: str, count: int, first: int = 1, **changed: float | Sequence[float]) -> Lines:
    """`count` log lines of a phase; fields with one value, or one a line."""
    lines: Lines = []
    for place in range(count):
        own = {
            field: value[place] if isinstance(value, Sequence) else value
            for field, value in changed.items()
        }
        number = first + place
        where = {"phase": name, "step": 50 * number, "images": 800 * number}
        lines.append(MEASURED[name] | own | where)
    return lines


def after(lines: Lines, name: str, count: int, **changed: float | Sequence[float]) -> Lines:
    """The lines, and then so many of a phase."""
    return [*lines, *phase(name, count, len(lines) + 1, **changed)]


def told(lines: Lines) -> list[Diagnosis]:
    """What a watch tells over these lines."""
    watch = HealthWatch(GAN)
    return [found for line in lines if (found := watch.logged(line)) is not None]


def falling(count: int) -> list[float]:
    return [0.03 * 0.95**place for place in range(count)]


def test_every_phase_of_a_healthy_restoration_is_learning_and_says_so_once() -> None:
    lines = phase("generator", 20, loss_pixel=falling(20))
    lines = after(lines, "critic", 10)
    lines = after(lines, "adversarial", 20)
    changes = [(found.phase, found.verdict, found.since // 800) for found in told(lines)]
    assert changes == [
        ("generator", "learning", FEWEST),
        ("critic", "learning", 20 + FEWEST),
        ("adversarial", "learning", 30 + FEWEST),
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("generator", "the generator began to learn alone"),
        ("critic", "the critic began to learn alone"),
        ("adversarial", "the two began to play against each other"),
    ],
)
def test_at_a_border_the_phase_that_began_is_named(name: str, words: str) -> None:
    before = [] if name == "generator" else phase("generator", 20)
    for count in range(1, FEWEST):
        found = diagnose(after(before, name, count), GAN)
        assert found.verdict == "too early to say" and found.phase == name
        images = 800 * (len(before) + FEWEST)
        assert found.evidence == (f"{words}: a verdict comes from about {images:,} images on",)
    assert diagnose(after(before, name, FEWEST), GAN).verdict != "too early to say"


def test_a_border_is_no_news_until_the_phase_has_a_verdict() -> None:
    lines = after(phase("generator", 20), "critic", FEWEST - 1)
    assert [found.phase for found in told(lines)] == ["generator"]


def test_a_resumed_watch_is_the_one_that_was_never_stopped() -> None:
    lines = after(phase("generator", 9), "critic", 14, accuracy=0.5)
    lines = after(lines, "adversarial", 14, generator_share=0.0)
    whole = HealthWatch(GAN, lines)
    for cut in range(len(lines)):
        resumed = HealthWatch(GAN, lines[:cut])
        for line in lines[cut:]:
            resumed.logged(line)
        assert (resumed.phase, resumed.verdict, resumed.doubt) == (
            whole.phase,
            whole.verdict,
            whole.doubt,
        )


def test_a_generator_alone_tells_what_its_pixel_loss_did() -> None:
    found = diagnose(phase("generator", 12, loss_pixel=falling(12)), GAN)
    assert found.verdict == "learning" and "pixel loss was 0.0264" in found.evidence[0]
    assert "the critic may come" not in found.evidence[0]
    still = diagnose(phase("generator", 12), GAN)
    assert still.verdict == "learning" and "the critic may come" in still.evidence[0]


def test_a_pixel_loss_that_rises_while_the_generator_is_alone_overshoots() -> None:
    count = WINDOW + LASTING
    rising = [0.015 * 1.06**place for place in range(count)]
    found = diagnose(phase("generator", count, loss_pixel=rising), GAN)
    assert found.verdict == "oscillating"
    assert any("--pretrain.generator_learning_rate" in text for text in found.remedies)
    wandering = [0.015, 0.02] * 3 + [0.024, 0.0149] * 3
    assert diagnose(phase("generator", 12, loss_pixel=wandering), GAN).verdict == "learning"


def test_a_critic_that_begins_by_chance_is_given_time() -> None:
    # As seen: at chance for the first lines, then it learns.
    accuracy = [0.50, 0.51, 0.51, 0.52, 0.51, 0.51, 0.52, 0.53, 0.55, 0.58, 0.62, 0.66]
    lines = phase("generator", 20)
    for count in range(1, len(accuracy) + 1):
        found = diagnose(after(lines, "critic", count, accuracy=accuracy[:count]), GAN)
        assert not found.failing, count
    assert found.verdict == "learning"
    early = diagnose(after(lines, "critic", FEWEST, accuracy=0.51), GAN)
    assert early.verdict == "too early to say" and "51%" in early.evidence[0]
    first = 800 * (len(lines) + WINDOW)
    assert f"a verdict comes from about {first:,} images on" in early.evidence[0]


def test_a_critic_that_has_stopped_learning_at_chance_leaves_the_generator_ahead() -> None:
    lines = after(phase("generator", 20), "critic", WINDOW + LASTING, accuracy=0.51)
    found = diagnose(lines, GAN)
    assert found.verdict == "generator-ahead"
    assert "no longer learns" in found.evidence[0]
    assert [(each.phase, each.verdict) for each in told(lines)][-1] == ("critic", "generator-ahead")


def test_a_slow_critic_that_still_rises_is_learning() -> None:
    accuracy = [0.50, 0.50, 0.51, 0.50, 0.51, 0.51, 0.52, 0.53, 0.53, 0.54, 0.54, 0.54]
    found = diagnose(phase("critic", 12, accuracy=accuracy), GAN)
    assert found.verdict == "learning" and "it learns" in found.evidence[0]


def test_a_critic_without_a_threshold_is_not_judged_by_its_sign() -> None:
    found = diagnose(phase("critic", 20, accuracy=0.5), ObjectiveSettings(loss="wasserstein"))
    assert found.verdict == "learning" and "right" not in found.evidence[0]


def test_a_generator_without_turns_is_ahead_once_the_critic_no_longer_learns() -> None:
    stuck: dict[str, Any] = {"generator_share": 0.01, "accuracy": 0.52, "loss_discriminator": 1.38}
    before = after(phase("generator", 10), "critic", 10)
    lines = after(before, "adversarial", WINDOW + LASTING, **stuck)
    found = diagnose(lines, GAN)
    assert found.verdict == "generator-ahead"
    assert "1% of the steps" in found.evidence[0] and "0.69" in found.evidence[0]
    assert "schedule.switch_loss" in found.evidence[0]
    early = diagnose(lines[: 20 + FEWEST], GAN)
    assert early.verdict == "too early to say"


def test_a_generator_waits_without_failing_while_the_critic_learns() -> None:
    accuracy = [0.50 + 0.01 * place for place in range(12)]
    lines = phase("adversarial", 12, generator_share=0.0, accuracy=accuracy)
    assert diagnose(lines, GAN).verdict == "learning"


def test_a_switch_logged_every_step_is_judged_by_the_mean() -> None:
    lines = phase("adversarial", 24, generator_share=[0.0, 0.0, 1.0] * 8)
    assert diagnose(lines, GAN).verdict == "learning"
    assert "33% of the steps" in diagnose(lines, GAN).evidence[0]


def test_lines_in_which_one_player_did_not_learn_are_no_obstacle() -> None:
    lines = phase("adversarial", 24)
    for place, line in enumerate(lines):
        gone = ("loss_generator", "d_fake_after") if place % 2 else tuple(CRITIC)
        for field in gone:
            del line[field]
    assert diagnose(lines, GAN).verdict == "learning"


def test_a_critic_that_is_sure_and_wrong_is_no_lead_of_the_generator() -> None:
    before = phase("generator", 10)
    lines = after(
        before, "adversarial", FEWEST + LASTING, generator_share=0.0, loss_discriminator=2.4,
        d_real=0.5, d_fake_before=0.5, accuracy=0.5,
    )  # fmt: skip
    assert diagnose(lines, GAN).verdict == "oscillating"


def test_equal_turns_against_a_critic_that_is_never_deceived_leave_it_ahead() -> None:
    won: dict[str, Any] = {"generator_share": 0.5, "d_real": 0.97, "d_fake_after": 0.003}
    found = diagnose(phase("adversarial", 20 + LASTING, **won), GAN)
    assert found.verdict == "discriminator-ahead"
    assert "50% of the steps" in found.evidence[0]
    assert any("--objective.pixel_weight" in text for text in found.remedies)


def test_balance_that_the_switch_makes_is_said_to_be_its_doing() -> None:
    near: dict[str, Any] = {"d_real": 0.54, "d_fake_before": 0.46}
    found = diagnose(phase("adversarial", 14, **near), GAN)
    assert found.verdict == "balanced"
    assert any("the switch holds them there" in text for text in found.evidence)
    fixed = diagnose(phase("adversarial", 14, generator_share=1.0, **near), GAN)
    assert fixed.verdict == "balanced"
    assert not any("switch" in text for text in fixed.evidence)


def test_a_pixel_loss_that_rises_while_both_play_is_worth_a_sentence() -> None:
    rising = [0.0150 + 0.0004 * place for place in range(12)]
    found = diagnose(phase("adversarial", 12, loss_pixel=rising), GAN)
    assert found.verdict == "learning"
    assert any("the pixel loss rises, from 0.016 to 0.0184" in text for text in found.evidence)
    level = diagnose(phase("adversarial", 12, loss_pixel=[0.015, 0.0153] * 6), GAN)
    assert not any("pixel loss" in text for text in level.evidence)


def test_a_training_without_phases_knows_nothing_of_them() -> None:
    lines = phase("adversarial", 14)
    for line in lines:
        del line["phase"], line["generator_share"], line["accuracy"]
    found = diagnose(lines, GAN)
    assert found.phase == "" and found.remedies == REMEDIES[found.verdict]
    assert "D(G(z))" in found.evidence[0]


def test_every_failure_of_a_restoration_has_remedies_of_its_own() -> None:
    # Restored pictures are not judged for these.
    unjudged = {"faded", "collapsed", "no-variety", "memorising"}
    assert set(RESTORATION_REMEDIES) >= set(FAILURES) - unjudged
    assert set(RESTORATION_REMEDIES) < set(VERDICTS)
    for name in set(RESTORATION_REMEDIES) & set(FAILURES):
        assert 2 <= len(RESTORATION_REMEDIES[name]) <= 3
    assert set(PHASE_WORDS) == set(MEASURED)


def test_the_command_prints_the_phase_and_that_of_each_verdict_so_far(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    recipe = load_recipe("restore", {"data.source": "digits"})
    run.recipe_file.write_text(recipe_to_toml(recipe))
    lines = after(phase("generator", 20, loss_pixel=falling(20)), "critic", 10)
    run.metrics_file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    for found in told(lines):
        append_line(run.health_file, {"images": found.since, "verdict": found.verdict})
    printed = output("health", run.path)
    assert printed[:3] == [
        "learning",
        "  phase: critic alone",
        "  the critic learns alone: it tells 76% of real and restored pictures right",
    ]
    assert printed[-2:] == [
        "       4,800 images  learning  (generator alone)",
        "      20,800 images  learning  (critic alone)",
    ]

"""The curves of one run as charts of its page."""

from collections.abc import Sequence

from zerosum.diagnosis.log_fields import curve_name, judge_name, output_word
from zerosum.evaluation.protocol import Protocol
from zerosum.evaluation.scores import ALL_SCORES
from zerosum.evaluation.titles import title
from zerosum.recipe import Recipe
from zerosum.records.score_line import COMPARED, ScoreLine
from zerosum.report.page.figures import Chart, Level, Lines, Series, logged_chart
from zerosum.report.score_chart import score_lines, scores_to_draw
from zerosum.report.scores import decimals_of, floor_value, number, with_error
from zerosum.report.summary import value

ARROWS = {"lower": "lower is better", "higher": "higher is better"}


def training_charts(lines: Lines, recipe: Recipe) -> list[Chart]:
    """Charts of metrics.jsonl: those for which something was measured."""
    found = [
        logged_chart(
            "pixel", "Pixel loss", "lower: closer to the original", lines,
            _named(recipe, "loss_pixel"),
        ),
        logged_chart(
            "distance", "Critic's distance",
            "E D(x) − E D(G(z)); larger: further apart", lines,
            _named(recipe, "distance"), levels=[Level(0.0, "no difference", "0")],
        ),
        _losses(lines, recipe),
        _discriminator(lines, recipe),
        _switch(lines, recipe),
        logged_chart(
            "gradients", "Gradient norms", "norm of each player's whole gradient", lines,
            _named(recipe, "gradient_norm_generator", "gradient_norm_discriminator"),
            may_be_log=True,
        ),
        logged_chart(
            "variety", "Variety", "root mean square difference of 64 pictures at 16×16 pixels",
            lines,
            _named(recipe, "spread_fake", "spread_real", "nearest_fake", "nearest_real"),
        ),
    ]  # fmt: skip
    return [chart for chart in found if chart is not None]


def _named(recipe: Recipe, *fields: str) -> list[tuple[str, str]]:
    return [(field, curve_name(field, recipe)) for field in fields]


def _losses(lines: Lines, recipe: Recipe) -> Chart | None:
    fields = ["loss_generator", "loss_discriminator"]
    unit = "adversarial loss" if recipe.restores else f"{recipe.objective.loss} loss"
    if any("penalty" in line for line in lines):
        fields.append("penalty")
        unit += ", without the penalty"
    curves = _named(recipe, *fields)
    levels = []
    if recipe.schedule.switch == "adaptive":
        threshold = recipe.schedule.switch_loss
        # It compares the mean of the losses on real and on restored images, which add up here.
        levels = [Level(2 * threshold, f"generator's turn: critic below 2 × {threshold:g}",
                        value(2 * threshold))]  # fmt: skip
    return logged_chart("losses", "Losses", unit, lines, curves, levels=levels)


def _discriminator(lines: Lines, recipe: Recipe) -> Chart | None:
    fields = ["d_real", "d_fake_before", "d_fake_after"]
    if recipe.restores:
        fields.append("accuracy")
    probability = recipe.objective.of_loss.output == "logit"
    unit = "probability of being real" if probability else "output, no unit; higher: more real"
    if probability and recipe.restores:
        unit += ", share told right"
    expected = recipe.objective.equilibrium
    levels = [] if expected is None else [Level(expected, "equilibrium", value(expected))]
    told = output_word(recipe.objective)
    return logged_chart(
        "discriminator", f"The {judge_name(recipe)}: {told}D(x) and D(G(z))", unit, lines,
        _named(recipe, *fields),
        levels=levels, limits=(0.0, 1.0) if probability else None,
    )  # fmt: skip


def _switch(lines: Lines, recipe: Recipe) -> Chart | None:
    game = [line for line in lines if line.get("phase") == "adversarial"]
    if recipe.schedule.switch != "adaptive" or not game:
        return None
    return logged_chart(
        "switch", "Who trains", "share of the steps in which the generator learnt", game,
        _named(recipe, "generator_share"),
        levels=[Level(0.5, "equal turns, the most that it gets", "0.5")], limits=(0.0, 0.6),
    )  # fmt: skip


def score_charts(lines: Sequence[ScoreLine]) -> list[Chart]:
    """A chart for each score: compared checkpoints as a curve, results as points, the floor.

    None where only one checkpoint was scored: the table says the same in less room.
    """
    shown = score_lines(lines)
    return [
        _score(name, [line for line in shown if name in line.scores])
        for name in scores_to_draw(shown)
    ]


def _score(name: str, lines: Sequence[ScoreLine]) -> Chart:
    floors = [line for line in lines if floor_value(line, name) is not None]
    decimals = decimals_of(
        name,
        [*(line.scores[name] for line in lines), *(line.floor[name] for line in floors)],
    )
    series = []
    for compared, label in ((True, "checkpoints compared, on fewer images"),
                            (False, "result, on images of its own")):  # fmt: skip
        group = [line for line in lines if (line.kind == COMPARED) is compared]
        if group:
            scores = [line.scores[name] for line in group]
            series.append(
                Series(
                    label,
                    0 if compared else 1,
                    [float(line.images) for line in group],
                    [score["value"] for score in scores],
                    [],
                    [],
                    [score["error"] for score in scores],
                    [with_error(name, score, decimals) for score in scores],
                    line=compared,
                )
            )
    heading = title(name, Protocol.from_dict(lines[-1].protocol).extractor)
    low, high = ALL_SCORES[name].bounds or (None, None)
    better = ARROWS[ALL_SCORES[name].better]
    levels = []
    if floors and (floor := floor_value(floors[-1], name)) is not None:
        levels = [Level(floor, "real against real", number(name, floor, decimals))]
    return Chart(
        f"score-{name}", heading, better, series,
        levels, [], [],
        low, high,
    )  # fmt: skip

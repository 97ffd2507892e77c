"""The curves of one run as charts, for its page and for its PNG files."""

from zerosum.diagnosis.log_fields import curve_name, discriminator_name, output_word
from zerosum.recipe.settings import Recipe
from zerosum.report.chart import Chart, Level
from zerosum.report.logged_chart import Lines, logged_chart
from zerosum.words import value

MOST_TURNS = 0.6
"""The generator's share of the steps is drawn up to this: an adaptive switch gives it a half at the
most, but for log lines of a few steps."""


def training_charts(lines: Lines, recipe: Recipe) -> list[Chart]:
    """Charts of metrics.jsonl: those for which something was measured."""
    makers = (
        pixel_chart, distance_chart, losses_chart, discriminator_chart, switch_chart,
        classifier_chart, overfitting_chart, augmentation_chart, gradients_chart, variety_chart,
    )  # fmt: skip
    return [chart for make in makers if (chart := make(lines, recipe)).series]


def _named(recipe: Recipe, *fields: str) -> list[tuple[str, str]]:
    return [(field, curve_name(field, recipe)) for field in fields]


def pixel_chart(lines: Lines, recipe: Recipe) -> Chart:
    """How far restored pictures are from their originals."""
    unit = "lower: closer to the original"
    return logged_chart(
        "pixel", "Pixel loss", unit, lines, _named(recipe, "loss_pixel"),
        axis=f"pixel loss\n{unit}",
    )  # fmt: skip


def distance_chart(lines: Lines, recipe: Recipe) -> Chart:
    """A Wasserstein critic's estimate of the distance."""
    return logged_chart(
        "distance", "Critic's distance", "E D(x) − E D(G(z)); larger: further apart", lines,
        _named(recipe, "distance"), levels=[Level(0.0, "no difference", "0")],
    )  # fmt: skip


def losses_chart(lines: Lines, recipe: Recipe) -> Chart:
    """What each player loses to the other, a classifier's losses, and where an adaptive switch
    gives the generator its turn."""
    fields = ["loss_generator", "loss_discriminator"]
    fields += ["loss_classifier_real", "loss_classifier_fake"]
    beside_pixels = "loss_pixel" in recipe.task.measures
    unit = "adversarial loss" if beside_pixels else f"{recipe.objective.loss} loss"
    axis = "adversarial loss" if beside_pixels else "loss"
    if any("penalty" in line for line in lines):
        fields.append("penalty")
        unit, axis = (f"{each}, without the penalty" for each in (unit, axis))
    levels = []
    if recipe.schedule.switch == "adaptive":
        switch_loss = recipe.schedule.switch_loss
        # It compares the mean of the losses on real and on restored images, which add up here.
        words = f"generator's turn: critic below 2 × {switch_loss:g}"
        levels = [Level(2 * switch_loss, words, value(2 * switch_loss))]
    return logged_chart(
        "losses", "Losses", unit, lines, _named(recipe, *fields), levels=levels, axis=axis
    )


def discriminator_chart(lines: Lines, recipe: Recipe) -> Chart:
    """What the discriminator says of real images and of fakes, before and after its step; of a
    restoration also how often it is right."""
    fields = ["d_real", "d_fake_before", "d_fake_after"]
    if accuracy := "accuracy" in recipe.task.measures:
        fields.append("accuracy")
    player, objective = discriminator_name(recipe), recipe.objective
    probability = objective.of_loss.output == "logit"
    unit = "probability of being real" if probability else "output, no unit; higher: more real"
    axis = unit if probability else f"{player}'s output, no unit\nhigher: more real"
    if probability and accuracy:
        unit, axis = f"{unit}, share told right", f"{unit},\nshare told right"
    expected = objective.equilibrium
    return logged_chart(
        "discriminator", f"The {player}: {output_word(objective)}D(x) and D(G(z))", unit, lines,
        _named(recipe, *fields),
        levels=[] if expected is None else [Level(expected, "equilibrium", value(expected))],
        limits=(0.0, 1.0) if probability else None, axis=axis,
    )  # fmt: skip


def switch_chart(lines: Lines, recipe: Recipe) -> Chart:
    """The history of an adaptive switch: the generator's share of the steps while both play."""
    game = [line for line in lines if line.get("phase") == "adversarial"]
    if recipe.schedule.switch != "adaptive":
        game = []
    before = [line for line in lines if line.get("phase") != "adversarial"] if game else []
    most = max((line.get("generator_share") or 0.0 for line in game), default=0.0)
    return logged_chart(
        "switch", "Who trains", "share of the steps in which the generator learnt", game,
        _named(recipe, "generator_share"),
        levels=[Level(0.5, "equal turns, the most that it gets", "0.5")],
        limits=(0.0, max(MOST_TURNS, most)),
        axis="share of the steps\nin which the generator learnt",
        x_first=float(before[-1]["images"]) if before else 0.0,
    )  # fmt: skip


def classifier_chart(lines: Lines, recipe: Recipe) -> Chart:
    """How often a discriminator that names classes names the right one."""
    chance = 1 / max(recipe.classes, 1)
    return logged_chart(
        "classifier", "Classes named by the discriminator", "share named right", lines,
        _named(recipe, "classified_real", "classified_fake"),
        levels=[Level(chance, "by chance", value(chance))], limits=(0.0, 1.0),
        axis="classes named by the\ndiscriminator, share right",
    )  # fmt: skip


def overfitting_chart(lines: Lines, recipe: Recipe) -> Chart:
    """What the discriminator says of held-out images beside those that it learns from."""
    player = discriminator_name(recipe)
    unit = "output, no unit; held-out near training: nothing learnt by heart"
    return logged_chart(
        "overfitting", f"The {player} on training, held-out and generated images", unit, lines,
        _named(recipe, "d_train", "d_held_out", "d_generated"),
        axis=f"{player}'s output, no unit\nhigher: more real",
    )  # fmt: skip


def augmentation_chart(lines: Lines, recipe: Recipe) -> Chart:
    """The probability of an adaptive augmentation, and what it follows."""
    target = recipe.augmentation.target
    words = "above it the probability rises"
    levels = [Level(target, words, value(target))] if recipe.augmentation.adapts else []
    return logged_chart(
        "augmentation", "Augmentation", "probability of each change; mean sign of output D(x)",
        lines, _named(recipe, "augmentation_probability", "sign_real"),
        levels=levels, axis="probability, mean sign",
    )  # fmt: skip


def gradients_chart(lines: Lines, recipe: Recipe) -> Chart:
    """The norm of each player's whole gradient; logarithmic when it spans over two decades."""
    return logged_chart(
        "gradients", "Gradient norms", "norm of each player's whole gradient", lines,
        _named(recipe, "gradient_norm_generator", "gradient_norm_discriminator"),
        may_be_log=True, axis="gradient norm",
    )  # fmt: skip


def variety_chart(lines: Lines, recipe: Recipe) -> Chart:
    """How much generated and real pictures differ among themselves."""
    return logged_chart(
        "variety", "Variety", "root mean square difference of 64 pictures at 16×16 pixels", lines,
        _named(recipe, "spread_fake", "spread_real", "nearest_fake", "nearest_real"),
    )  # fmt: skip

"""What a run's page says in words and tables: overview, last values, settings, environment."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from zerosum.evaluation.protocol import Protocol
from zerosum.recipe import Recipe, load_recipe, recipe_fields, set_differently, value_of, written
from zerosum.recipe.scores import title
from zerosum.records.commands import train_command
from zerosum.records.result import result_of
from zerosum.records.run import RunFolder
from zerosum.records.run_state import RunState
from zerosum.records.score_line import ScoreLine
from zerosum.report.page.findings import Findings
from zerosum.report.page.run_pictures import BEYOND, STEPS, WAYS, Interpolation
from zerosum.report.scores import floor_value, line_decimals, number, with_error
from zerosum.report.summary import (
    duration,
    generator_steps,
    image_counts,
    images_so_far,
    status_in_words,
)
from zerosum.studies.standing import run_standing
from zerosum.visible import shell_word
from zerosum.words import counted

MOST_SCORES = 5
"""In the head of the page."""

Rows = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Setting:
    """One field of the recipe. `shipped` is what the shipped recipe has, where that differs."""

    name: str
    value: str
    shipped: str | None
    meaning: str


@dataclass(frozen=True)
class MainScore:
    """One score of the run's result, as the head of the page shows it."""

    title: str
    text: str
    """The value and its error."""
    floor: str
    """What real images have against real ones; "" where that is not known at this size."""


def scoring_needs(recipe: Recipe) -> str:
    """What scoring needs that may be missing, as a further sentence; "" where it is nothing."""
    chosen = recipe.evaluation.extractor
    colours = chosen == "auto" and recipe.data.channels > 1
    if recipe.task.pairs or not (colours or chosen == "inception"):
        return ""
    return " It needs Inception's weights, and says where to get them if they are missing."


def headline(recipe: Recipe, state: RunState, shipped: str) -> str:
    """The run in a sentence: what was trained on what, for how long."""
    data = state.get("data", {})
    what = f"Recipe {shipped}" if shipped else f"A {recipe.network.kind} network"
    text = f"{what}, {recipe.objective.loss} loss, trained"
    if data:
        side = recipe.data.resolution
        kind = "grey" if recipe.data.channels == 1 else "colour"
        text += f" on {counted(data.get('train', 0), 'image')} of {data['name']}"
        text += f" ({side}×{side}, {kind})"
    images, seconds = int(state.get("images", 0)), float(state.get("seconds", 0.0))
    text += f": {images:,} images seen"
    if steps := generator_steps(recipe, state):
        text += f", {steps}"
    return f"{text} in {duration(seconds)}." if seconds > 0 else f"{text}."


def main_scores(scores: Sequence[ScoreLine], decides: str) -> list[MainScore]:
    """The scores of the run's result, the one that decides first; none where it was not scored."""
    line = result_of(scores)
    if line is None:
        return []
    own = line.scores
    extractor = Protocol.from_dict(line.protocol).extractor
    names = sorted(own, key=lambda name: name != decides)  # the others as they were asked for
    found = []
    for name in names[:MOST_SCORES]:
        decimals = line_decimals(line, name)
        floor = floor_value(line, name)
        told = "" if floor is None else number(name, floor, decimals)
        text = with_error(name, own[name], decimals)
        found.append(MainScore(title(name, extractor), text, told))
    return found


def overview(run: RunFolder, recipe: Recipe, state: RunState, shipped: str) -> Rows:
    """What was trained on what, how far, how fast, and how it ended."""
    data = state.get("data", {})
    images, seconds = int(state.get("images", 0)), float(state.get("seconds", 0.0))
    standing = run_standing(run)
    rows = [("status", status_in_words(standing))]
    rows.append(("recipe", shipped or "a file of its own"))
    rows.append(("network", f"{recipe.network.kind}, {recipe.objective.loss} loss"))
    if recipe.task.description:
        rows.append(("task", recipe.task.description))
    if data:
        rows.append(("data", str(data["name"])))
        rows.append(("images", image_counts(data)))
    else:
        rows.append(("data", recipe.data.source or "not known yet"))
    side, colour = recipe.data.resolution, "grey" if recipe.data.channels == 1 else "colour"
    rows.append(("picture size", f"{side}×{side}, {colour}"))
    rows.append(("images seen", images_so_far(standing, state)))
    if steps := generator_steps(recipe, state):
        rows.append(("steps", steps))
    if data.get("train"):
        rows.append(("epochs", f"{images / data['train']:.1f}"))
    rows.append(("training time", duration(seconds)))
    if seconds > 0:
        rows.append(("speed", f"{images / seconds:,.0f} images/s"))
    rows.append(("seed", str(recipe.seed)))
    if state.get("checkpoint"):
        rows.append(("newest checkpoint", str(state["checkpoint"])))
    rows.append(("folder", str(run.path)))
    return rows


def settings_table(recipe: Recipe, shipped: str) -> list[tuple[str, list[Setting]]]:
    """All fields by their section, with what the shipped recipe has where that differs."""
    changed = set_differently(load_recipe(shipped), recipe) if shipped else {}
    found = []
    for field in recipe_fields().values():
        before = written(changed[field.name][0]) if field.name in changed else None
        own = written(value_of(recipe, field.name))
        found.append(Setting(field.name, own, before, field.description))
    sections = groupby(found, key=lambda each: each.name.rpartition(".")[0])
    return [(section or "general", list(group)) for section, group in sections]


def environment(state: RunState) -> Rows:
    """Where it ran and with what."""
    rows = [("machine", str(state.get("machine", "not known")))]
    rows += [(name, str(state[name])) for name in ("precision", "devices") if name in state]
    rows += [(str(name), str(text)) for name, text in state.get("versions", {}).items()]
    if state.get("data", {}).get("fingerprint"):
        rows.append(("fingerprint of the images", str(state["data"]["fingerprint"])))
    if state.get("written"):
        rows.append(("last written", str(state["written"])))
    return rows


def steps_to_reproduce(
    run: RunFolder,
    state: RunState,
    findings: Sequence[Findings],
    ways: Interpolation | None,
) -> list[tuple[str, str]]:
    """The commands that make again what the page shows: purpose and command of each."""
    folder = shell_word(str(run.path))
    steps = [("the training, in a folder of its own with another --out",
              train_command(run, state))]  # fmt: skip
    steps.append(("the scores", f"zerosum evaluate {folder}"))
    if ways is not None:
        command = f"zerosum interpolate {folder} --pairs {WAYS} --steps {STEPS}"
        command += f" --beyond {BEYOND:g}" if ways.beyond else ""
        steps.append(("the interpolations", f"{command} --checkpoint {int(ways.checkpoint)}"))
    steps += [(each.title.rstrip("?").lower(), each.command) for each in findings]
    steps.append(("this page", f"zerosum report {folder}"))
    return steps

"""What is told of a run, wherever it is told: its summary, its page, a comparison."""

from collections.abc import Sequence

from zerosum.diagnosis.log_fields import curve_name
from zerosum.diagnosis.verdicts import Diagnosis
from zerosum.evaluation.protocol import Protocol
from zerosum.recipe.changes import set_differently, written
from zerosum.recipe.fields import recipe_fields
from zerosum.recipe.length import images_seen, longer_images, too_few_steps
from zerosum.recipe.load import load_recipe, read_recipe
from zerosum.recipe.scores import title
from zerosum.recipe.settings import Recipe, value_of
from zerosum.records.commands import train_command
from zerosum.records.logs import LogLine, ScoreLine, result_of
from zerosum.records.run import RunFolder
from zerosum.records.run_state import DataState, RunState
from zerosum.report.document import Mixed, Strong, Table
from zerosum.report.scores import floor_value, line_decimals, number, with_error
from zerosum.studies.standing import Standing, run_standing
from zerosum.visible import shell_word
from zerosum.words import counted, value

MOST_SCORES = 5
"""In the head of the page."""
LAST_VALUES = (
    "loss_generator",
    "loss_discriminator",
    "penalty",
    "loss_pixel",
    "distance",
    "d_real",
    "d_fake_before",
    "d_fake_after",
    "accuracy",
    "generator_share",
    "gradient_norm_generator",
    "gradient_norm_discriminator",
)
"""Fields of metrics.jsonl whose newest values are told."""


def headline(recipe: Recipe, state: RunState, shipped: str) -> str:
    """The run in a sentence: what was trained on what, for how long."""
    data = state.get("data", {})
    what = f"Recipe {shipped}" if shipped else f"A {recipe.network.kind} network"
    text = f"{what}, {recipe.objective.loss} loss, trained"
    if data:
        kind = "grey" if recipe.data.channels == 1 else "colour"
        text += f" on {counted(data.get('train', 0), 'image')} of {data['name']}"
        text += f" ({recipe.data.resolution.in_words}, {kind})"
    images, seconds = int(state.get("images", 0)), float(state.get("seconds", 0.0))
    text += f": {images:,} images seen"
    if steps := generator_steps(recipe, state):
        text += f", {steps}"
    return f"{text} in {duration(seconds)}." if seconds > 0 else f"{text}."


def main_scores(scores: Sequence[ScoreLine], decides: str) -> list[tuple[str, str, str]]:
    """Title, value and error, and floor of the scores of the run's result, the one that decides
    first; none where it was not scored."""
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
        found.append((title(name, extractor), with_error(name, own[name], decimals), told))
    return found


def overview(
    run: RunFolder, recipe: Recipe, state: RunState, shipped: str
) -> list[tuple[str, str]]:
    """What was trained on what, how far, how fast, and how it ended."""
    data, standing = state.get("data", {}), run_standing(run)
    images, seconds = int(state.get("images", 0)), float(state.get("seconds", 0.0))
    colour = "grey" if recipe.data.channels == 1 else "colour"
    rows = {
        "status": status_in_words(standing),
        "recipe": shipped or "a file of its own",
        "network": f"{recipe.network.kind}, {recipe.objective.loss} loss",
        "task": recipe.task.description,
        "data": str(data["name"]) if data else recipe.data.source or "not known yet",
        "images": image_counts(data) if data else "",
        "picture size": f"{recipe.data.resolution.in_words}, {colour}",
        "images seen": images_so_far(standing, state),
        "steps": generator_steps(recipe, state),
        "epochs": f"{images / data['train']:.1f}" if data.get("train") else "",
        "training time": duration(seconds),
        "speed": f"{images / seconds:,.0f} images/s" if seconds > 0 else "",
        "seed": str(recipe.seed),
        "newest checkpoint": str(state.get("checkpoint", "")),
        "folder": str(run.path),
    }
    return [(name, text) for name, text in rows.items() if text]


def status_in_words(standing: Standing) -> str:
    """How the run stands, with the reason when one is noted."""
    word = standing.status or "begun, nothing saved yet"
    if word == "running":
        word = "running, or ended without a word: the same command goes on from the checkpoint"
    return f"{word}: {standing.reason}" if standing.reason else word


def images_so_far(standing: Standing, state: RunState) -> str:
    """How many images were seen, and of how many; where a time decides that, of none."""
    images = int(state.get("images", 0))
    if standing.by_clock:
        return f"{images:,}"
    return images_seen(images, int(state.get("images_total", 0)))


def generator_steps(recipe: Recipe, state: RunState) -> str:
    """How many steps were played, and what a step is where the generator does not learn in each
    alone; "" before the first."""
    steps = int(state.get("step", 0))
    if not steps:
        return ""
    if recipe.task.phases:
        return counted(steps, "step")
    text = counted(steps, "generator step")
    critic = recipe.schedule.critic_steps
    return text if critic == 1 else f"{text}, {critic} of the critic for each"


def image_counts(data: DataState) -> str:
    """How many images train, are held out, and were skipped or converted."""
    counts = f"{data['train']:,} to train on, {data['held_out']:,} held out"
    if data.get("bad"):
        counts += f", {counted(data['bad'], 'unreadable file')} skipped"
    if data.get("converted"):
        counts += f", {data['converted']:,} converted"
    return counts


def duration(seconds: float) -> str:
    """Seconds as people say them: "12 s", "3 min 05 s", "2 h 07 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def last_line(lines: Sequence[LogLine], recipe: Recipe) -> Table | str:
    """The newest values as a table: means over the steps since the log line before."""
    if not lines:
        return "Nothing was logged yet."
    newest = lines[-1]
    rows = [
        (curve_name(field, recipe), value(newest[field]))
        for field in LAST_VALUES
        if field in newest
    ]
    return Table(("", f"at {newest['images']:,} images"), rows)


def environment(state: RunState) -> list[tuple[str, str]]:
    """Where it ran and with what."""
    rows = [("machine", str(state.get("machine", "not known")))]
    rows += [(name, str(state[name])) for name in ("precision", "devices") if name in state]
    if state.get("cuda_graph"):
        rows.append(("steps", "each as one CUDA graph"))
    rows += [(str(name), str(text)) for name, text in state.get("versions", {}).items()]
    if state.get("data", {}).get("fingerprint"):
        rows.append(("fingerprint of the images", str(state["data"]["fingerprint"])))
    if state.get("written"):
        rows.append(("last written", str(state["written"])))
    return rows


def next_steps(run: RunFolder, state: RunState, failing: bool) -> list[tuple[str, str]]:
    """What may be done with a run: purpose and command of each.

    Where the run is `failing`, what helps comes first, and a finished one is not told to go on.
    """
    folder = shell_word(str(run.path))
    recipe = read_recipe(run.recipe_file)
    look = f"zerosum health {folder}"
    first, last = [], [("how the training went", look)]
    if failing:
        first, last = [("what went wrong, and what helps", look)], []
    standing = run_standing(run)
    if standing.status != "finished":
        first.append(("continue", train_command(run, state)))
    elif not failing:
        steps = int(state.get("step", 0))
        longer = longer_images(
            recipe, state["data"]["train"], state["images"], steps, by_clock=standing.by_clock
        )
        short = bool(too_few_steps(recipe, steps))
        purpose = "train as long as this recipe needs" if short else "train twice as long"
        first.append((purpose, train_command(run, state, longer)))
    return [
        *first,
        *((use.purpose, use.line(folder)) for use in recipe.task.uses),
        ("the training as a film", f"zerosum film {folder}"),
        ("scores", f"zerosum evaluate {folder}"),
        *last,
        ("live curves", f"tensorboard --logdir {shell_word(str(run.tensorboard))}"),
    ]


def scoring_needs(recipe: Recipe) -> str:
    """What scoring needs that may be missing, as a further sentence; "" where it is nothing."""
    chosen = recipe.evaluation.extractor
    colours = chosen == "auto" and recipe.data.channels > 1
    if recipe.task.pairs or not (colours or chosen == "inception"):
        return ""
    return " It needs Inception's weights, and says where to get them if they are missing."


def changed_settings(recipe: Recipe, shipped: str) -> dict[str, tuple[str, str]]:
    """What the shipped recipe has and what the run has, by field, where they differ."""
    changed = set_differently(load_recipe(shipped), recipe) if shipped else {}
    return {field: (written(before), written(after)) for field, (before, after) in changed.items()}


def all_settings(recipe: Recipe, shipped: str) -> Table:
    """A row for each field, those that differ marked, beside what the shipped recipe has."""
    changed = changed_settings(recipe, shipped)
    rows: list[tuple[str, ...]] = []
    breaks, section = set(), ""
    for field in recipe_fields().values():
        own = written(value_of(recipe, field.name))
        before = changed[field.name][0] if field.name in changed else ""
        told = Mixed(Strong("≠"), " ", own) if field.name in changed else own
        if section != (section := field.name.rpartition(".")[0]):
            breaks.add(len(rows))
        rows.append((field.name, told, *((before,) if changed else ()), field.description))
    head = ("field", "value", *(("shipped",) if changed else ()), "meaning")
    return Table(head, rows, title="Table of all settings", look="settings",
                 breaks=frozenset(breaks))  # fmt: skip


def since(found: Diagnosis) -> str:
    """From how many images on a verdict holds, behind it; "" of one that says nothing yet."""
    return "" if found.verdict == "too early to say" else f", since {found.since:,} images"

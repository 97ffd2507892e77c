"""RUN/summary.md: what was trained on what, how it ended, and how to go on."""

from collections.abc import Sequence
from pathlib import Path

from zerosum.diagnosis.log_fields import curve_name
from zerosum.files import write_atomically
from zerosum.generation.film import training_sheets
from zerosum.recipe import Recipe, load_recipe, read_recipe, set_differently, too_few_steps, written
from zerosum.recipe.length import images_seen, longer_images
from zerosum.recipe.shipped import shipped_name
from zerosum.records.commands import train_command
from zerosum.records.log_line import LogLine
from zerosum.records.result import results_of
from zerosum.records.run import RunFolder
from zerosum.records.run_state import DataState, RunState
from zerosum.records.score_line import ScoreLine
from zerosum.report.charts import CHART_NAMES
from zerosum.report.document import (
    Block,
    Code,
    Commands,
    Document,
    Facts,
    Fixed,
    Heading,
    Link,
    Mixed,
    PictureFile,
    Points,
    Section,
    Table,
)
from zerosum.report.markdown import document_markdown
from zerosum.report.restoration import caption, picture_file
from zerosum.report.scores import SHOWN, protocol_lines, score_table, trade_off
from zerosum.studies.run_verdict import diagnose_run
from zerosum.studies.standing import Standing, run_standing
from zerosum.visible import shell_word
from zerosum.words import counted, value

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


def write_summary(run: RunFolder) -> Path:
    """Write RUN/summary.md from the run's files and return its path.

    Charts and sample grids are shown when they are there, so `write_charts` comes first. Raises
    ZerosumError when there is no run or the file cannot be written.
    """
    run.require()
    state = run.state()
    sections = [
        *health(run),
        Section("Last log line", (last_line(run.metrics(), read_recipe(run.recipe_file)),)),
        *scores(run),
        Section("Go on", (Commands(next_steps(run, state)),)),
        Section("Pictures", pictures(run)),
        *changed_settings(run, state),
        Section("Machine", (Facts(machine(state)),)),
    ]
    document = Document(run.path.resolve().name, sections, (Facts(about(run, state)),))
    write_atomically(run.summary_file, document_markdown(document).encode())
    return run.summary_file


def about(run: RunFolder, state: RunState) -> list[tuple[str, str]]:
    """What was trained on what, how far, how fast, and how it ended."""
    data = state.get("data", {})
    images, seconds = state.get("images", 0), state.get("seconds", 0.0)
    standing = run_standing(run)
    rows = [("status", status_in_words(standing))]
    if state.get("command"):
        rows.append(("command", Code(state["command"])))
    if data:
        rows.append(("data", str(data["name"])))
        rows.append(("images", image_counts(data)))
    rows.append(("images seen", images_so_far(standing, state)))
    if steps := generator_steps(read_recipe(run.recipe_file), state):
        rows.append(("steps", steps))
    if data.get("train"):
        rows.append(("epochs", f"{images / data['train']:.1f}"))
    rows.append(("training time", duration(seconds)))
    if seconds > 0:
        rows.append(("speed", f"{images / seconds:,.0f} images/s"))
    if state.get("checkpoint"):
        rows.append(("newest checkpoint", state["checkpoint"]))
    rows.append(("all settings", Link(run.recipe_file.name, run.recipe_file.name)))
    return rows


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


def scores(run: RunFolder) -> list[Section]:
    """Table and protocol of the run's result (of its newest comparison of checkpoints, where there
    is none), then of what else was measured; empty where nothing was scored."""
    shown = results_of(run.scores())[:SHOWN]
    if not shown:
        return []
    result, *others = shown
    blocks = measured(result)
    for other in others:
        blocks += [Heading(f"Also measured at {other.images:,} images"), *measured(other)]
    return [Section(f"Scores at {result.images:,} images", blocks)]


def measured(line: ScoreLine) -> list[Block | str]:
    """Table and protocol of a line of scores, with what is to be said of them."""
    below = [*protocol_lines(line), *(f"note       {note}" for note in line.notes)]
    return [Table(*score_table(line)), *filter(None, (trade_off(line),)), Fixed(below)]


def health(run: RunFolder) -> list[Section]:
    """The verdict on the run as it stands now; empty where nothing was logged."""
    if not run.metrics():
        return []
    found = diagnose_run(run)
    since = "" if found.verdict == "too early to say" else f", since {found.since:,} images"
    return [Section("Health", (f"{found.verdict}{since}", Points(found.evidence)))]


def next_steps(run: RunFolder, state: RunState) -> list[tuple[str, str]]:
    """What may be done with a run: purpose and command of each.

    Where something goes wrong, what helps comes first, and a finished run is not told to go on.
    """
    folder = shell_word(str(run.path))
    recipe = read_recipe(run.recipe_file)
    failing = diagnose_run(run).failing
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


def changed_settings(run: RunFolder, state: RunState) -> list[Section]:
    """A table of what differs from the shipped recipe; empty for another recipe."""
    name = shipped_name(str(state.get("command", "")))
    if not name:
        return []
    changed = set_differently(load_recipe(name), read_recipe(run.recipe_file))
    rows = [
        (Code(field), Mixed(Code(written(after)), " instead of ", Code(written(before))))
        for field, (before, after) in changed.items()
    ]
    title = Mixed("Set differently from ", Code(name))
    return [Section(title, (Facts(rows) if rows else "Nothing.",))]


def pictures(run: RunFolder) -> list[Block | str]:
    """The newest sample grid, the real images and the charts, by relative path."""
    task = read_recipe(run.recipe_file).task
    newest = training_sheets(run)[-1:]
    what = f"{task.sheet}, in rows," if task.pairs else task.sheet
    shown = [(f"{what} after {int(file.stem):,} images", file) for file in newest]
    shown.append(("real images as the discriminator sees them", run.samples / "reals.png"))
    if picture_file(run).is_file():
        shown.append((caption(run), picture_file(run)))
    shown += [(name, run.charts / f"{name}.png") for name in CHART_NAMES]
    blocks: list[Block | str] = []
    for label, file in shown:
        if file.is_file():
            path = file.relative_to(run.path).as_posix()
            blocks += [f"{label[0].upper()}{label[1:]}:", PictureFile(label, path)]
    return blocks or ["None yet."]


def machine(state: RunState) -> list[tuple[str, str]]:
    """Where it ran and with what."""
    rows = [("machine", str(state.get("machine", "not known")))]
    if "precision" in state:
        rows.append(("precision", str(state["precision"])))
    if "devices" in state:
        rows.append(("devices", str(state["devices"])))
    for name, version in state.get("versions", {}).items():
        rows.append((name, str(version)))
    return rows


def duration(seconds: float) -> str:
    """Seconds as people say them: "12 s", "3 min 05 s", "2 h 07 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"

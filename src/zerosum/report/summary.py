"""RUN/summary.md: what was trained on what, how it ended, and how to go on."""

from pathlib import Path

from zerosum.diagnosis.verdicts import Diagnosis
from zerosum.files import write_atomically
from zerosum.recipe.load import read_recipe
from zerosum.recipe.shipped import shipped_name
from zerosum.records.logs import results_of
from zerosum.records.run import RunFolder, training_sheets
from zerosum.report.charts import CHART_NAMES
from zerosum.report.document import (
    Block,
    Code,
    Commands,
    Document,
    Facts,
    Heading,
    Link,
    Mixed,
    PictureFile,
    Points,
    Section,
)
from zerosum.report.markdown import document_markdown
from zerosum.report.measured import measured
from zerosum.report.restoration import caption
from zerosum.report.run_facts import (
    changed_settings,
    environment,
    last_line,
    next_steps,
    overview,
    since,
)
from zerosum.report.scores import SHOWN
from zerosum.studies.run_verdict import diagnose_run


def write_summary(run: RunFolder) -> Path:
    """Write RUN/summary.md from the run's files and return its path.

    Charts and sample grids are shown when they are there, so `write_charts` comes first. Raises
    ZerosumError when there is no run or the file cannot be written.
    """
    run.require()
    recipe, state = read_recipe(run.recipe_file), run.state()
    shipped = shipped_name(state.get("command", ""))
    about = overview(run, recipe, state, shipped)
    if state.get("command"):
        about.insert(1, ("command", Code(state["command"])))
    about.append(("all settings", Link(run.recipe_file.name, run.recipe_file.name)))
    found, lines = diagnose_run(run), run.metrics()
    sections = [
        *([health(found)] if lines else []),
        Section("Last log line", (last_line(lines, recipe),)),
        *scores(run),
        Section("Go on", (Commands(next_steps(run, state, found.failing)),)),
        Section("Pictures", pictures(run)),
    ]
    if shipped:
        changed = [
            (Code(field), Mixed(Code(after), " instead of ", Code(before)))
            for field, (before, after) in changed_settings(recipe, shipped).items()
        ]
        title = Mixed("Set differently from ", Code(shipped))
        sections.append(Section(title, (Facts(changed) if changed else "Nothing.",)))
    sections.append(Section("Machine", (Facts(environment(state)),)))
    document = Document(run.path.resolve().name, sections, (Facts(about),))
    write_atomically(run.summary_file, document_markdown(document).encode())
    return run.summary_file


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


def health(found: Diagnosis) -> Section:
    """The verdict on the run as it stands now."""
    return Section("Health", (f"{found.verdict}{since(found)}", Points(found.evidence)))


def pictures(run: RunFolder) -> list[Block | str]:
    """The newest sample grid, the real images and the charts, by relative path."""
    task = read_recipe(run.recipe_file).task
    what = f"{task.sheet}, in rows," if task.pairs else task.sheet
    shown = [
        (f"{what} after {int(file.stem):,} images", file) for file in training_sheets(run)[-1:]
    ]
    shown.append(("real images as the discriminator sees them", run.samples / "reals.png"))
    if run.restoration_file.is_file():
        shown.append((caption(run), run.restoration_file))
    shown += [(name, run.charts / f"{name}.png") for name in CHART_NAMES]
    blocks: list[Block | str] = []
    for label, file in shown:
        if file.is_file():
            path = file.relative_to(run.path).as_posix()
            blocks += [f"{label[0].upper()}{label[1:]}:", PictureFile(label, path)]
    return blocks or ["None yet."]

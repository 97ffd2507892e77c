"""RUN/report.html: one run on one page, from its files alone."""

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from zerosum.analysis.ways import BEYOND, STEPS, WAYS
from zerosum.diagnosis.verdicts import Diagnosis
from zerosum.files import write_atomically
from zerosum.recipe.load import read_recipe
from zerosum.recipe.phases import PHASE_WORDS
from zerosum.recipe.settings import Recipe
from zerosum.recipe.shipped import shipped_name
from zerosum.records.commands import train_command
from zerosum.records.logs import LogLine, results_of
from zerosum.records.run import RunFolder
from zerosum.records.run_state import RunState
from zerosum.report.document import (
    Block,
    Charts,
    Code,
    Commands,
    Details,
    Document,
    Facts,
    Fixed,
    Heading,
    Hint,
    KeyScores,
    Mixed,
    Note,
    Points,
    Section,
    Strong,
    Table,
)
from zerosum.report.measured import measured
from zerosum.report.page.equilibrium import equilibrium_in_words
from zerosum.report.page.findings import (
    Findings,
    map_findings,
    neighbour_findings,
    projection_findings,
    read_modes,
)
from zerosum.report.page.render import NO_NOTES, document_html, page_path
from zerosum.report.page.run_pictures import (
    Interpolation,
    interpolation,
    restoration,
    sheets,
)
from zerosum.report.run_charts import training_charts
from zerosum.report.run_facts import (
    all_settings,
    changed_settings,
    environment,
    headline,
    main_scores,
    next_steps,
    overview,
    scoring_needs,
    since,
    status_in_words,
)
from zerosum.report.score_chart import score_charts
from zerosum.report.scores import SHOWN
from zerosum.studies.run_verdict import diagnose_run, verdicts_so_far
from zerosum.studies.standing import ended_short, run_standing
from zerosum.visible import shell_word

HOW_TO_READ = (
    "Bold: means over neighbouring log lines; faint: each line. Beside each name: the last log "
    "line; point at a curve, or focus it and use the arrow keys, for its means."
)


def write_run_page(
    run: RunFolder,
    out: Path | None = None,
    *,
    live: bool = False,
    made: Interpolation | None = None,
    notes: Markup = NO_NOTES,
) -> tuple[Path, Interpolation | None]:
    """Write the page of a run, RUN/report.html unless `out` says otherwise, with the author's
    `notes` in it.

    Returns its path and the interpolation in it, which the next call may be given as `made` to save
    the time. A `live` page reloads itself. Raises ZerosumError where there is no run, one of its
    files is damaged, or the page cannot be written.
    """
    run.require()
    path = page_path(run.path, out)
    document, ways = run_document(run, made)
    write_atomically(path, document_html(document, notes=notes, live=live))
    return path, ways


def run_document(
    run: RunFolder, made: Interpolation | None = None
) -> tuple[Document, Interpolation | None]:
    """All that the page shows, and the interpolation among it."""
    recipe, state, standing = read_recipe(run.recipe_file), run.state(), run_standing(run)
    folder, shipped = shell_word(str(run.path)), shipped_name(state.get("command", ""))
    found, short = diagnose_run(run), ended_short(standing.status, recipe, state)
    score = (Code(f"zerosum evaluate {folder}"), scoring_needs(recipe))
    main = main_scores(run.scores(), recipe.evaluation.decides)
    first: Block = KeyScores(main)
    if not main:
        first = Note(Mixed("Not scored yet: ", score[0], f" adds that.{score[1]}"))
    sections = [_scores(run, Mixed("Not scored yet. ", score[0], f" adds this.{score[1]}"))]
    if recipe.task.pairs and (restored := restoration(run)):
        sections.append(Section("Held-out pictures, restored", (restored,), "restored", "Restored"))
    lines = run.metrics()
    sections += [_curves(run, recipe, lines), _health(run, recipe, lines, found, short)]
    ways, findings = None, []
    if recipe.task.latents:
        ways = interpolation(run, made)
        sections.append(_interpolations(ways))
        findings.append(read_modes(run))
    findings += neighbour_findings(run, required=recipe.task.latents)
    findings += [map_findings(run), *projection_findings(run)] if recipe.task.latents else []
    sections += [Section(each.title, _finding(each), each.key) for each in findings]
    about: list[Block] = [Facts(overview(run, recipe, state, shipped))]
    if state.get("command"):
        about.append(Fixed((state["command"],), "The command that trained it"))
    steps: list[Block] = [Commands(steps_to_reproduce(run, state, findings, ways))]
    # The state must tell enough for the commands that go on from here.
    if standing.status != "finished" or "train" in state.get("data", {}):
        go_on = Commands(next_steps(run, state, found.failing), "Commands to go on with")
        steps += [Heading("Go on from here"), go_on]
    sections += [
        Section("What was trained on what", about, "overview", "What was trained"),
        Section("Settings", _settings(recipe, state, shipped), "settings"),
        Section("Reproduce", steps, "reproduce"),
    ]
    status = f" · {status_in_words(standing)}" + (f": {short}" if short else "")
    return Document(
        run.path.resolve().name,
        sections,
        (first,),
        sheets(run, recipe.task),
        kind="run",
        lead=headline(recipe, state, shipped),
        verdict=Mixed(Strong(found.verdict), status),
        failing=standing.status == "failed" or found.failing,
        folder=str(run.path),
    ), ways


def _scores(run: RunFolder, none: str) -> Section:
    """The result of the run, then others, newest first, each under its protocol; of compared
    checkpoints where there is nothing else."""
    blocks: list[Block | str] = []
    for place, line in enumerate(results_of(run.scores())[:SHOWN]):
        blocks += [Heading(f"At {line.images:,} images"), *measured(line, place)]
    return Section("Scores", blocks or (none,), "scores")


def _curves(run: RunFolder, recipe: Recipe, lines: Sequence[LogLine]) -> Section:
    charts = training_charts(lines, recipe)
    every = [*charts, *score_charts(run.scores())]
    unseen = f". The same are pictures in {run.charts}"
    blocks: list[Block | str] = [Hint(HOW_TO_READ, unseen), Charts(every)] if every else []
    return Section("Curves", blocks if charts else [*blocks, "Nothing was logged yet."], "curves")


def _health(
    run: RunFolder, recipe: Recipe, lines: Sequence[LogLine], found: Diagnosis, short: str
) -> Section:
    phase = f" (phase: {PHASE_WORDS.get(found.phase, found.phase)})" if found.phase else ""
    blocks: list[Block | str] = [
        Mixed(Strong(found.verdict), f"{phase}{since(found)}."),
        Points(found.evidence),
        Heading("What usually helps" if found.failing else "What to know"),
        Points(found.remedies),
        Heading("Is it at an equilibrium?"),
        " ".join(equilibrium_in_words(recipe, lines, short)),
    ]
    rows = [
        (f"{images:,}", verdict, PHASE_WORDS.get(phase, phase))
        for images, verdict, phase in verdicts_so_far(run, lines)
    ]
    table = Table(("images seen", "verdict", "phase"), rows, title="Table of verdicts")
    if len(rows) > 1:
        blocks += [Heading("Verdicts so far"),
                   table if recipe.task.phases else table.without(("phase",))]  # fmt: skip
    return Section("How the training went", blocks, "health", "Health")


def _interpolations(ways: Interpolation | None) -> Section:
    blocks: list[Block | str] = ["There is no checkpoint that could be read, so there is no "
                                 "generator to make them with."]  # fmt: skip
    if ways is not None:
        beyond = ", and half as far again past both of them" if ways.beyond else ""
        averaged = ", averaged weights" if ways.averaged else ""
        told = (
            f"Samples 0 to 1, 2 to 3, … 8 to 9 of seed 0 in ten {ways.method} steps{beyond}, of "
            f"checkpoint {ways.checkpoint}{averaged}. Smooth ways through believable pictures "
            "tell that the generator did more than learn examples by heart."
        )
        blocks = [ways.picture, told]
    return Section("From one picture to another", blocks, "interpolations", "Interpolations")


def _finding(found: Findings) -> Sequence[Block | str]:
    if not found.verdict:
        where = f"{found.needs} There " if found.needs else ""
        return (Mixed(f"Not computed. {where}", Code(found.command), " adds this."),)
    of = [("checkpoint", found.checkpoint)] if found.checkpoint else []
    blocks: list[Block | str | None] = [
        Strong(found.verdict), *found.sentences, found.table, *found.asked,
        Facts([*found.rows, *of]), found.picture,
    ]  # fmt: skip
    return [block for block in blocks if block is not None]


def _settings(recipe: Recipe, state: RunState, shipped: str) -> Sequence[Block | str]:
    told: list[Block | str] = ["The recipe is no shipped one: there is nothing to compare it with."]
    if shipped:
        rows = [(field, own, before)
                for field, (before, own) in changed_settings(recipe, shipped).items()]  # fmt: skip
        name, differently = Code(shipped), "Set differently from the shipped recipe"
        told = [Mixed("All as in the shipped recipe ", name, ".")]
        if rows:
            table = Table(("field", "value", "shipped"), rows, title=differently)
            told = [Mixed(f"{differently} ", name, ":"), table]
    return [
        *told,
        Details("All settings", (all_settings(recipe, shipped),)),
        Details("Machine and versions", (Facts(environment(state)),)),
    ]


def steps_to_reproduce(
    run: RunFolder,
    state: RunState,
    findings: Sequence[Findings],
    ways: Interpolation | None,
) -> list[tuple[str, str]]:
    """The commands that make again what the page shows: purpose and command of each."""
    folder = shell_word(str(run.path))
    steps = [("the training, in a folder of its own with another --out", train_command(run, state))]
    steps.append(("the scores", f"zerosum evaluate {folder}"))
    if ways is not None:
        command = f"zerosum interpolate {folder} --pairs {WAYS} --steps {STEPS}"
        command += f" --beyond {BEYOND:g}" if ways.beyond else ""
        steps.append(("the interpolations", f"{command} --checkpoint {int(ways.checkpoint)}"))
    steps += [(each.title.rstrip("?").lower(), each.command) for each in findings]
    steps.append(("this page", f"zerosum report {folder}"))
    return steps

"""The verdict on a run, from its files: its curves, its scores, and how it stands."""

from collections.abc import Sequence
from dataclasses import replace

from zerosum.diagnosis.health import diagnose
from zerosum.diagnosis.log_fields import LAST_STEP
from zerosum.diagnosis.phase_health import FEWEST, verdict_from
from zerosum.diagnosis.verdicts import Diagnosis
from zerosum.evaluation.likeness import MEANING, likeness
from zerosum.recipe.length import enough_images
from zerosum.recipe.load import read_recipe
from zerosum.recipe.phases import images_in_step, phases_of
from zerosum.recipe.settings import Recipe
from zerosum.records.commands import train_command
from zerosum.records.logs import LogLine, ScoreLine, result_of
from zerosum.records.run import BEST, RunFolder, checkpoint_names
from zerosum.records.run_state import RunState, divergence
from zerosum.studies.standing import ended_short, run_standing
from zerosum.visible import shell_word

LITTLE_PRECISION, LITTLE_RECALL = 0.1, 0.02


def diagnose_run(run: RunFolder) -> Diagnosis:
    """How a run is doing or did, by its curves, what its scores doubt of that, and how it ended.

    A restoration's recall is left aside: each picture has an original, so variety cannot go missing
    as it does where one picture is made of every latent.

    Raises ZerosumError when there is no run.
    """
    run.require()
    recipe, state = read_recipe(run.recipe_file), run.state()
    lines = [line for line in run.metrics() if LAST_STEP not in line]
    seen = int(lines[-1]["images"]) if lines else 0
    data = str(state.get("data", {}).get("name", ""))
    scores = () if recipe.task.pairs else run.scores()
    found = diagnose(
        lines,
        recipe.objective,
        images_before=state.get("images_before", 0),
        failure=divergence(state),
    )
    if found.verdict == "collapsed":
        found = _with_a_way_back(found, run)
    if few := little_recall(scores, seen, data):
        found = replace(found, evidence=(*found.evidence, few))
    if far := not_like_the_data(scores, seen, data):
        # First where the verdict says otherwise; else after what shows the verdict.
        told = (*found.evidence, far) if found.failing else (far, *found.evidence)
        found = replace(found, evidence=told)
    if not lines and not found.failing:
        step = images_in_step(recipe, phases_of(recipe, train_images=1)[0])
        soon = verdict_from(FEWEST * recipe.schedule.log_every * step)
        found = replace(found, evidence=(*found.evidence, soon))
    short = ended_short(run_standing(run).status, recipe, state)
    return _of_a_short_run(found, run, recipe, state, short) if short else found


def _with_a_way_back(found: Diagnosis, run: RunFolder) -> Diagnosis:
    """A collapse with the checkpoint from before it, where one is left: the best of the run where
    that is one, else the newest."""
    earlier = [name for name in checkpoint_names(run) if int(name) < found.since]
    if not earlier:
        return found
    best = (run.checkpoints / BEST).resolve().name
    name = best if best in earlier else earlier[-1]
    folder = shell_word(str(run.path))
    remedies = (
        f"use a checkpoint from before it: zerosum sample {folder} --checkpoint {name}",
        f"or begin a new run with it: --init-from {shell_word(str(run.checkpoints / name))}",
        *found.remedies,
    )
    return replace(found, remedies=remedies)


def _of_a_short_run(
    found: Diagnosis, run: RunFolder, recipe: Recipe, state: RunState, short: str
) -> Diagnosis:
    """A verdict with what shows most and helps most where a run was too short."""
    enough = enough_images(recipe, state["data"]["train"])
    remedy = f"train on: {train_command(run, state, enough)}"
    remedies = () if found.verdict == "too early to say" else found.remedies
    return replace(found, evidence=(short, *found.evidence), remedies=(remedy, *remedies))


def verdicts_so_far(run: RunFolder, lines: Sequence[LogLine]) -> list[tuple[int, str, str]]:
    """Every change of verdict of a run, oldest first: images seen, verdict, and the phase of a
    restoration, as the run's log `lines` name it, or ""."""
    phases = {line["images"]: str(line.get("phase", "")) for line in lines}
    return [(line.images, line.verdict, phases.get(line.images, "")) for line in run.health()]


def not_like_the_data(scores: Sequence[ScoreLine], seen: int, data: str) -> str:
    """That the images of a run's result are not like the data, in words, as a study says it; ""
    where they are, where that is not known, and for a result from the first half of the images
    seen, or against other images than the run's own."""
    line = result_of(scores)
    if line is None or line.images < seen / 2:
        return ""
    found = likeness(line)
    if found.like is not False or line.protocol["real_data"] not in (data, ""):
        return ""
    return f"not like the data at {line.images:,} images ({found.reason}): {MEANING}"


def little_recall(scores: Sequence[ScoreLine], seen: int, data: str) -> str:
    """That hardly any real image is like generated ones at the newest checkpoint that was scored
    against the run's own images, in words. It is told beside a verdict and makes none: a recall of
    nothing has a generator of one picture, and also one of many that all lack something.

    "" where that checkpoint is from the first half of the images seen, which says nothing of now,
    or where precision is as low: pictures that are nothing yet have no variety to miss.
    """
    lines = [
        line
        for line in scores
        if "recall" in line.scores and line.protocol["real_data"] in (data, "")
    ]
    images = max((line.images for line in lines), default=0)
    if not lines or images < seen / 2:
        return ""
    own = [line for line in lines if line.images == images]
    newest = result_of(own) or own[-1]
    precision, recall = newest.value("precision"), newest.value("recall")
    if recall is None or recall >= LITTLE_RECALL:
        return ""
    if precision is not None and precision < LITTLE_PRECISION:
        return ""
    return (
        f"recall is {recall:.3f} at {images:,} images: hardly any real image is like generated "
        "ones. Look at the sheet: they are few, or all of them lack something"
    )

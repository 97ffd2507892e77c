"""Where a run lives, and whether what lies there may be gone on with."""

import re
import shutil
from collections.abc import Collection
from itertools import count
from pathlib import Path

from zerosum.errors import UsageError, ZerosumError
from zerosum.recipe.fields import SHORTHANDS, recipe_fields
from zerosum.recipe.load import differences, later_fields, override, read_recipe, write_recipe
from zerosum.recipe.phases import images_total
from zerosum.recipe.settings import Recipe, value_of
from zerosum.records.lock import held
from zerosum.records.run import RunFolder, checkpoint_names, slug
from zerosum.records.runs import RUNS

FINGERPRINT = "data.fingerprint"
FITTING = {"data.resolution", "data.channels", "data.fit", "data.box", "data.range"}
"""Settings by which the same images have another fingerprint."""
ENDS_A_PHASE = ("schedule.log_every",)
"""A critic that learns alone is looked at in each log line: there its phase may end."""


def choose_run(
    recipe: Recipe,
    recipe_name: str,
    data_name: str,
    out: Path | None,
    given: Collection[str] = (),
    *,
    finished: bool = False,
) -> RunFolder:
    """The run folder of a command: `out`, or runs/RECIPE-DATA-N.

    Without `out` it is the newest of that name when it has the same settings and is unfinished (or
    may be `finished`, for a command that goes back in it), so that the same command goes on; else
    the next free number. A refused command takes no number: an empty folder is free. `given` are
    the fields that the command itself set.
    """
    if out is not None:
        return RunFolder(out)
    name = slug(f"{Path(recipe_name).stem}-{data_name}")
    newest = None
    for number in count(1):
        run = RunFolder(RUNS / f"{name}-{number}")
        if not run.path.exists() or _is_free(run.path):
            break
        newest = run
    if newest is None or not newest.exists():
        return run
    if newest.state().get("status") == "finished" and not finished:
        return run
    after = as_begun(newest, recipe, given)
    return run if changed_settings(read_recipe(newest.recipe_file), after) else newest


def as_begun(run: RunFolder, recipe: Recipe, given: Collection[str] = ()) -> Recipe:
    """The recipe to go on with where an earlier version began the run, whose recipes had fewer
    fields: what its file does not say stays as that version did it, but for the fields in `given`,
    which the command set by name.
    """
    if not run.exists():
        return recipe
    named = {field for name in given for field in SHORTHANDS.get(name, (name,))}
    before = read_recipe(run.recipe_file)
    missing = [name for name in later_fields(run.recipe_file) if name not in named]
    try:
        return override(recipe, {name: value_of(before, name) for name in missing})
    except UsageError:
        return recipe  # of other settings, which are told, or begin another run


def changed_settings(before: Recipe, after: Recipe, *, longer: bool = False) -> list[str]:
    """The settings that differ and on which the weights depend, each as "field: before → after";
    with `longer`, those of the length are left out."""
    fields, free = recipe_fields(), {"freely", "longer"} if longer else {"freely"}
    return [
        f"{name}: {old!r} → {new!r}"
        for name, (old, new) in differences(before, after).items()
        if fields[name].later not in free or (name in ENDS_A_PHASE and after.pretrain.critic_images)
    ]


def nothing_saved(run: RunFolder) -> bool:
    """Whether no checkpoint of a run was ever saved: what it trained is lost whoever goes on, and
    it begins at its first step, with whatever settings."""
    return not checkpoint_names(run) and not run.state().get("checkpoint")


def begin_or_continue(run: RunFolder, recipe: Recipe, train_images: int) -> None:
    """Write the recipe of a new run, or check that it is the one that began here.

    A longer schedule is allowed and written down, and any other where nothing was saved. Raises
    ZerosumError that lists what differs otherwise.
    """
    require_place(run, recipe, train_images)
    _delete_half_written(run)
    write_recipe(run.recipe_file, recipe)


def require_place(run: RunFolder, recipe: Recipe, train_images: int) -> None:
    """Raise ZerosumError where a recipe can neither begin nor go on in a folder; nothing is
    written."""
    if run.path.exists() and not run.exists() and not _is_empty(run.path):
        raise ZerosumError(
            f"{run.path} is not empty and not a run",
            "choose another folder with --out",
        )
    run.require_own_parts()
    if run.exists() and not nothing_saved(run):
        _refuse_other_settings(run, read_recipe(run.recipe_file), recipe, train_images)


def _refuse_other_settings(
    run: RunFolder, before: Recipe, after: Recipe, train_images: int
) -> None:
    changed = differences(before, after)
    fitted_otherwise = bool(FITTING & changed.keys())
    if FINGERPRINT in changed and not fitted_otherwise:
        raise ZerosumError(
            f"{run.path} was trained on other images: {before.data.source} then, "
            f"{after.data.source} now, and their content differs",
            "give it the same images, or choose another --out",
        )
    others = changed_settings(before, after, longer=True)
    if fitted_otherwise:
        others = [each for each in others if not each.startswith(FINGERPRINT)]
    if others:
        raise ZerosumError(
            f"{run.path} began with other settings: {'; '.join(others)}",
            "leave them as they were to continue it, or choose another --out and start from its "
            f"weights with --init-from {run.path}",
        )
    if images_total(after, train_images) < images_total(before, train_images):
        raise ZerosumError(
            f"{run.path} began with a longer schedule: "
            f"{images_total(before, train_images):,} images then, "
            f"{images_total(after, train_images):,} now",
            "give at least as many, or choose another --out; --stop-after ends a run early",
        )


def _is_free(folder: Path) -> bool:
    """Whether a refused command left nothing but the folder."""
    return folder.is_dir() and _is_empty(folder) and not held(folder)


def _is_empty(folder: Path) -> bool:
    """Whether nothing lies there but the lock and what a kill left of a recipe being written."""
    started = re.compile(r"\.lock|\.recipe\.toml\.\d+\.partial")
    return all(started.fullmatch(entry.name) for entry in folder.iterdir())


def _delete_half_written(run: RunFolder) -> None:
    """Delete what a killed process was writing beside its place."""
    for path in list(run.path.rglob(".*.partial")):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

"""Going back to an older checkpoint: what is newer is kept aside, as a run of its own."""

import shutil
from itertools import count
from pathlib import Path

from zerosum.errors import ZerosumError
from zerosum.files import sync, writing
from zerosum.records.checkpoint import damage
from zerosum.records.run import BEST, LATEST, PRETRAINED, RunFolder, checkpoint_names
from zerosum.training.checkpoints import point_to

ASIDE = "aside"


def whole_checkpoint(run: RunFolder, name: str) -> Path:
    """The folder of a checkpoint ("latest", "best" or images seen) that may be gone on from.

    Raises ZerosumError where there is none of that name, or where it is damaged.
    """
    if not run.exists():
        raise ZerosumError(
            f"there is no run at {run.path} with a checkpoint {name} to go back to",
            "name the folder of the run with --out",
        )
    folder = run.checkpoint(name)
    problem = damage(folder)
    if problem is not None:
        names = ", ".join(each for each in checkpoint_names(run) if each != folder.name)
        raise ZerosumError(
            f"checkpoint {folder.name} of {run.path} is damaged: {problem}",
            f"choose another: {names}" if names else "there is no other: train again",
        )
    return folder


def go_back(run: RunFolder, name: str) -> RunFolder | None:
    """Make a checkpoint the newest of its run; the run in which all newer ones are kept, or None
    where there was nothing newer.

    That run, RUN/aside/N, has the recipe, the state, all logs and sheets as they were, and the
    checkpoints that came after: every command takes it, and it can be trained on. Nothing is
    deleted here, and whatever moment this is stopped at, each checkpoint is in one of the two.
    """
    newer = [each for each in checkpoint_names(run) if int(each) > int(name)]
    if not newer:
        return None
    places = (run.path / ASIDE / str(number) for number in count(1))
    aside = RunFolder(next(place for place in places if not place.exists()))
    links = [link for link in (LATEST, BEST, PRETRAINED) if (run.checkpoints / link).is_symlink()]
    targets = {link: (run.checkpoints / link).readlink().name for link in links}
    with writing(aside.path):
        _copy_records(run, aside)
        for each in newer:
            (run.checkpoints / each).rename(aside.checkpoints / each)
        sync(aside.checkpoints)
        sync(run.checkpoints)
        for link, target in targets.items():
            if target in newer:
                point_to(aside.checkpoints / link, target)
                (run.checkpoints / link).unlink()
        point_to(aside.checkpoints / LATEST, newer[-1])
        point_to(run.checkpoints / LATEST, name)
    return aside


def _copy_records(run: RunFolder, aside: RunFolder) -> None:
    """Begin the run that is kept aside, in one go: what is half copied has no recipe's name."""
    beside = aside.path.with_name(f".{aside.path.name}.partial")
    shutil.rmtree(beside, ignore_errors=True)
    (beside / aside.checkpoints.name).mkdir(parents=True)
    files = (run.recipe_file, run.state_file, run.metrics_file, run.scores_file, run.health_file)
    for file in files:
        if file.is_file():
            shutil.copy2(file, beside / file.name)
    for folder in (run.samples, run.tensorboard):
        if folder.is_dir():
            shutil.copytree(folder, beside / folder.name)
    beside.rename(aside.path)
    sync(aside.path.parent)

"""What is compared: runs, single checkpoints of them, and images that other programs made."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from zerosum.comparing.labels import Named, label_sides
from zerosum.data.fit import Fitting
from zerosum.data.opening import fitting_of
from zerosum.data.sources import NAMES
from zerosum.errors import UsageError
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.evaluation.opening import open_images
from zerosum.reading import user_path
from zerosum.recipe.image_size import ImageSize
from zerosum.recipe.load import read_recipe
from zerosum.recipe.settings import Recipe
from zerosum.recipe.shipped import shipped_name
from zerosum.records.run import LATEST, RunFolder, checkpoint_names
from zerosum.records.runs import find_run, named_path


@dataclass(frozen=True)
class Side:
    """One of the things that are compared: a run with its recipe, or a folder's images."""

    label: str
    """Short, and no other side's."""
    path: str
    """As it was given; of a run that was given by its name, its folder."""
    run: RunFolder | None = None
    recipe: Recipe | None = None
    images: Images | None = None
    """Of a folder or archive; None for a run."""
    checkpoint: str = ""
    """The checkpoint of a run that was asked for; "" where it is free."""

    @property
    def restores(self) -> bool:
        """Whether it is a run that restores damaged pictures."""
        return self.recipe is not None and self.recipe.task.pairs

    @property
    def class_names(self) -> frozenset[str]:
        """The classes of its pictures, by folder or as they were asked for; none where these are
        not known."""
        if self.images is not None:
            return frozenset(self.images.class_names)
        assert self.recipe is not None
        return frozenset(self.recipe.data.classes if self.recipe.classes else ())

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of its pictures."""
        if self.images is not None:
            return self.images.shape
        assert self.recipe is not None
        return fitting_of(self.recipe.data).shape

    def shown_checkpoint(self, scored: str = "") -> str:
        """The checkpoint of a run whose pictures are shown or scored; "" where it has none.

        That which was asked for; else that of the scores (`scored`), where it is still there; else
        the best, where checkpoints were compared, as a training reports it; else the newest.
        """
        if self.checkpoint or self.run is None:
            return self.checkpoint
        names = checkpoint_names(self.run)
        if scored in names or not names:
            return scored if scored in names else ""
        return self.run.checkpoint(self.run.best_or_latest()).name


def open_sides(
    things: Sequence[str],
    checkpoint: str = "",
    *,
    data_root: Path | None = None,
    stage: Stage = no_stage,
) -> tuple[list[Side], str]:
    """The things by what the user wrote, in that order, and a short name for all together.

    `checkpoint` ("latest", "best", images seen, or "" for free) is that of all runs.
    Raises UsageError for the same one twice and for restorations beside something else;
    ZerosumError for what is neither a run nor images.
    """
    size = _size_of_first_run(things)
    found = [_opened(thing, checkpoint, data_root, stage, size) for thing in things]
    require_different([_key(side) for side in found], things)
    labels = label_sides([_named(side) for side in found])
    sides = [replace(side, label=label) for label, side in zip(labels.labels, found, strict=True)]
    _require_one_kind(sides)
    return sides, labels.folder()


def require_different(keys: Sequence[str], things: Sequence[str]) -> None:
    """Raise UsageError where two of the keys, one for each thing, are the same."""
    twice = [thing for thing, key in zip(things, keys, strict=True) if keys.count(key) > 1]
    if twice:
        alike = len(set(twice)) == 1
        raise UsageError(
            f"{twice[0]} is named twice" if alike else f"{twice[0]} and {twice[1]} are the same",
            "name each once; two checkpoints of one run are compared as "
            "RUN/checkpoints/000100000 RUN/checkpoints/000200000",
        )


def _key(side: Side) -> str:
    """The same for two ways to write the same thing; for a run also its checkpoint."""
    if side.run is not None:
        return f"{side.run.path.resolve()} {side.shown_checkpoint()}"
    return side.path if side.path in NAMES else str(user_path(side.path).resolve())


def _named(side: Side) -> Named:
    if side.run is None:
        assert side.images is not None
        return Named([*user_path(side.path).absolute().parent.parts[1:], side.images.name])
    path, checkpoints = Path(side.path).resolve(), side.run.checkpoints
    names = [name for name in path.parts[1:] if name != checkpoints.name]
    if path.parent == checkpoints.resolve():
        names[-2:] = ["/".join(names[-2:])]
    state = side.run.state()
    seen = int(side.checkpoint or state.get("images", 0))
    return Named(names, side.recipe, shipped_name(str(state.get("command", ""))), seen)


def _size_of_first_run(things: Sequence[str]) -> ImageSize | None:
    """That of the pictures of the first run among these things; None where there is none."""
    found = next(filter(None, (find_run(named_path(thing)) for thing in things)), None)
    return None if found is None else read_recipe(found[0].recipe_file).data.resolution


def _opened(
    thing: str, checkpoint: str, data_root: Path | None, stage: Stage, size: ImageSize | None
) -> Side:
    """One of the things. Beside a run, whose pictures have this `size`, folders become squares as
    large as they are, or are brought to its size where that is none."""
    squares = size is not None and size.is_square
    path = named_path(thing)
    found = find_run(path)
    if found is None:
        _require_no_runs(thing)
        images = open_images(
            thing,
            Fitting(0 if size is None or squares else size.written, 0, "crop"),
            part="all",
            squares=squares,
            data_root=data_root,
            progress=lambda done, total: stage(f"packing {thing}", done, total),
        )
        return Side(images.name, thing, images=images)
    run, own = found
    if own and checkpoint not in ("", LATEST, own):
        raise UsageError(
            f"{thing} is one checkpoint, and --checkpoint={checkpoint} another",
            "leave --checkpoint out",
        )
    asked = own or checkpoint
    chosen = run.checkpoint(asked).name if asked else ""
    recipe = read_recipe(run.recipe_file)
    return Side(run.path.resolve().name, str(path), run, recipe, checkpoint=chosen)


def _require_no_runs(thing: str) -> None:
    """Raise UsageError for a folder of runs: the pictures in them are sheets and charts."""
    path = user_path(thing)
    cells = path / "cells"  # of a study
    for folder in (cells, path):
        if folder.is_dir() and any(RunFolder(entry).exists() for entry in folder.iterdir()):
            raise UsageError(
                f"{thing} is a folder of runs, not of images",
                f"name the runs that are in it: zerosum compare {folder}/*",
            )


def _require_one_kind(sides: Sequence[Side]) -> None:
    """Raise UsageError for runs that restore beside anything else."""
    restoring = [side for side in sides if side.restores]
    others = [side for side in sides if side not in restoring]
    if restoring and others:
        whose = "makes new ones" if others[0].run is not None else "is a collection of pictures"
        raise UsageError(
            f"{restoring[0].label} restores damaged pictures, and {others[0].label} {whose}: "
            "their scores do not mean the same",
            "compare restorations with restorations, and generators with generators",
        )

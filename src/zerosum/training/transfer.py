"""Starting from another run's weights."""

from dataclasses import dataclass
from pathlib import Path

from zerosum.errors import ZerosumError
from zerosum.recipe.load import differences, read_recipe
from zerosum.recipe.settings import Recipe
from zerosum.records.checkpoint import read_state
from zerosum.records.run import RunFolder
from zerosum.records.runs import find_run, named_run
from zerosum.training.checkpoints import load_weights, newest_whole_checkpoint
from zerosum.training.players import Players

SHAPES = ("network.", "data.resolution", "data.channels")
"""Fields that decide which tensors a player has."""


@dataclass(frozen=True)
class Source:
    """A run whose weights another one starts from."""

    run: RunFolder
    checkpoint: str = ""
    """The name of one of its checkpoints; "" for the newest that is whole."""

    def __str__(self) -> str:
        return str(self.run.checkpoints / self.checkpoint if self.checkpoint else self.run.path)


def find_source(path: Path) -> Source:
    """The run that a path is, or whose checkpoint it is. Raises ZerosumError for any other."""
    path = named_run(path)
    if found := find_run(path):
        return Source(*found)
    folder, run = path.absolute().parent, RunFolder(path)
    if folder.name == run.checkpoints.name and (above := RunFolder(folder.parent)).exists():
        return Source(above, above.checkpoint(path.name).name)  # or says which it has
    run.require()
    return Source(run)


def demand_same_networks(source: RunFolder, recipe: Recipe) -> None:
    """Raise ZerosumError that names the fields in which the networks of another run differ."""
    source.require()
    other = read_recipe(source.recipe_file)
    different = [
        f"{name} is {old!r} there and {new!r} here"
        for name, (old, new) in differences(other, recipe).items()
        if name.startswith(SHAPES)
    ]
    if different:
        raise ZerosumError(
            f"the networks of {source.path} do not fit: {'; '.join(different)}",
            "set these fields to the values there",
        )


def checkpoint_of(source: Source) -> Path:
    """The folder of the checkpoint to start from. Raises ZerosumError where there is no whole one,
    or the one that is named is none of its run's."""
    if source.checkpoint:
        return source.run.checkpoint(source.checkpoint)
    newest, _ = newest_whole_checkpoint(source.run)
    # Without one, this raises: there is no checkpoint, or the newest is damaged.
    return newest or source.run.checkpoint()


def initialise_from(source: Source, players: Players) -> int:
    """Give the players the weights of another run's checkpoint; optimisers start fresh. The images
    that these weights were learnt from.

    The average starts from the other's average where it has one. Raises ZerosumError where there
    is no whole checkpoint, or the one that is named is damaged.
    """
    folder = checkpoint_of(source)
    load_weights(folder, "generator.safetensors", players.generator)
    load_weights(folder, "discriminator.safetensors", players.discriminator)
    if players.average is not None:
        averaged = (folder / "average.safetensors").exists()
        start = "average.safetensors" if averaged else "generator.safetensors"
        load_weights(folder, start, players.average)
    state = read_state(folder)
    return int(state["images"]) + int(state.get("images_before", 0))

"""Starting from another run's weights."""

from zerosum.errors import ZerosumError
from zerosum.recipe import Recipe, differences, read_recipe
from zerosum.run import RunFolder
from zerosum.training.checkpoints import load_weights, newest_whole_checkpoint
from zerosum.training.players import Players

SHAPES = ("network.", "data.resolution", "data.channels")
"""Fields that decide which tensors a player has."""


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


def initialise_from(source: RunFolder, players: Players) -> None:
    """Give the players the weights of another run's newest checkpoint; optimisers start fresh.

    The average starts from the other's average where it has one. Raises ZerosumError when there
    is no whole checkpoint.
    """
    found = newest_whole_checkpoint(source)
    # Without one, this raises: there is no checkpoint, or the newest is damaged.
    folder = found.folder or source.checkpoint()
    load_weights(folder, "generator.safetensors", players.generator)
    load_weights(folder, "discriminator.safetensors", players.discriminator)
    if players.average is not None:
        averaged = (folder / "average.safetensors").exists()
        start = "average.safetensors" if averaged else "generator.safetensors"
        load_weights(folder, start, players.average)

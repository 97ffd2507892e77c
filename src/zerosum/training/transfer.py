"""Starting from another run's weights."""

from zerosum.errors import ZerosumError
from zerosum.recipe import Recipe, differences, read_recipe
from zerosum.run import RunFolder
from zerosum.training.checkpoints import load_weights
from zerosum.training.players import Players

SHAPES = ("network.", "data.resolution", "data.channels")
"""Fields that decide which tensors a player has."""


def initialise_from(source: RunFolder, recipe: Recipe, players: Players) -> None:
    """Give the players the weights of another run's newest checkpoint; optimisers start fresh.

    The average starts from the other's average where it has one. Raises ZerosumError that names
    the fields in which the networks differ.
    """
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
    folder = source.checkpoint()
    load_weights(folder / "generator.safetensors", players.generator)
    load_weights(folder / "discriminator.safetensors", players.discriminator)
    if players.average is not None:
        averaged = folder / "average.safetensors"
        start = averaged if averaged.exists() else folder / "generator.safetensors"
        load_weights(start, players.average)

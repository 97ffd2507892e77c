"""Tasks from files of the user's: what is done to pictures that a generator learns to undo."""

from collections.abc import Callable
from typing import TypeVar

from zerosum.parts import Entries, register
from zerosum.recipe.damage import OWN_DAMAGES, OwnDamage
from zerosum.user_function import UserFunction

Function = TypeVar("Function", bound=Callable[..., object])


def damage(name: str, *, takes_colours: bool = False) -> Callable[[Function], Function]:
    """Register a task: a damage that a generator learns to undo, for `damage.own`, in a file that
    `--with` names.

    It stands on a function of `picture`, uint8 (height, width, channels) with 1 channel or 3, that
    gives what the generator is given in its place, of the same type and shape: its outlines, or the
    picture with a part taken out. The picture is a copy, which it may change. It may name `random`,
    a numpy.random.Generator, from which alone it takes what is random: the same picture is then
    damaged in the same way whenever a run is looked at.

    `takes_colours`: who undoes it colourises, so that `zerosum restore` gives colours to grey
    pictures. Raises ZerosumError where the function names other parameters.
    """

    def make(given: Callable[..., object]) -> Entries:
        function: UserFunction[object] = UserFunction.of(given, ("picture",), ("random",))
        return [(OWN_DAMAGES, OwnDamage(name, function, takes_colours))]

    return register("damage", name, make)

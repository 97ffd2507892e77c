"""Classes as people name them: of a run that learnt them."""

from zerosum.errors import UsageError
from zerosum.recipe.settings import Recipe
from zerosum.suggest import did_you_mean

SHOWN = 12
"""Classes that an error lists."""


def class_number(recipe: Recipe, wanted: str | int) -> int:
    """The number of a class by its name, or by its number where no class is called by a number: of
    those that are, 1 is the class called 1 and nothing else.

    Raises UsageError where the recipe learns no classes, or not this one.
    """
    names, text = recipe.data.classes, str(wanted)
    if not recipe.classes:
        raise UsageError(
            f"this run learnt no classes, so that none can be asked for: --class {text}",
            "leave --class out, or train a run that learns them: "
            "zerosum train RECIPE --data FOLDER --network.conditional yes "
            "--network.generator.classes norm",
        )
    if text in names:
        return names.index(text)
    numbered = not any(name.isdecimal() for name in names)
    if numbered and text.isdecimal() and int(text) < recipe.classes:
        return int(text)
    shown = [f"{number} {name}" if numbered else name for number, name in enumerate(names[:SHOWN])]
    known = ", ".join(shown)
    known += f", … ({len(names):,} in all)" if len(names) > SHOWN else ""
    hint = did_you_mean(text, names)
    raise UsageError(f"there is no class {text!r} in this run", f"{hint} It learnt {known}".strip())


def folder_name(name: str) -> str:
    """A class as the name of a folder: without what would lead to another one."""
    return name.replace("/", "-").replace("\\", "-").lstrip(".") or "-"

"""What the sides of a comparison are called: by what differs between them, else by their names.

One label a side, for tables, charts, pictures and sentences alike. Nothing of it is cut: where
names are long, what all of them begin with is left out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from zerosum.comparing.setting_words import Value, setting_words
from zerosum.recipe.changes import LENGTHS, SOURCE, by_shorthand, differing_fields
from zerosum.recipe.load import differences, load_recipe
from zerosum.recipe.settings import Recipe, value_of
from zerosum.records.run import slug
from zerosum.visible import visible

MOST_AXES = 3
"""Settings that a label has, at most; of more, the names tell more."""
LONGEST = 48
"""Letters of a label made of settings."""
LONG_NAME = 24
"""Letters from which on a name is shown without what all names begin with."""
SHORT_NAME = 12
"""Letters up to which names that somebody gave are kept as they are: they are looked for."""
NUMBERED = re.compile(r".*[-_]\d+")
"""Names that zerosum gives, or a study: they say little."""
WORDS = re.compile(r"([-_/ ,]+)")
"""What stands between the words of a name."""
SHORT_FOLDER = 32
SCORED = "evaluation.images"


@dataclass(frozen=True)
class Named:
    """What is known of a side before it has a label."""

    name: Sequence[str]
    """Of its path, from the outer to the inner."""
    recipe: Recipe | None = None
    """None for images of other programs."""
    shipped: str = ""
    """The recipe that its command named; "" where that is not known."""
    seen: int = 0
    """Real images that it has seen in training, or its checkpoint had."""


@dataclass(frozen=True)
class Labels:
    """A label for each side, all different, and the axes that they name (none: by names)."""

    labels: tuple[str, ...]
    axes: tuple[str, ...]

    def folder(self) -> str:
        """A short name for the folder of the comparison: what differs, two short names, or how many
        sides there are."""
        names = ["-".join(self.axes)] if self.axes else []
        if len(self.labels) == 2:
            names.append("-vs-".join(map(slug, self.labels)))
        short = [name for name in map(slug, names) if len(name) <= SHORT_FOLDER]
        return short[0] if short else f"{len(self.labels)}-sides"


def label_sides(sides: Sequence[Named]) -> Labels:
    """By recipe, images and settings, where at most three of them tell the runs apart; images of
    other programs by their names, and all sides by their names elsewhere, or where these are short
    ones that somebody gave."""
    by_name = unique_names([side.name for side in sides])
    own = ["".join(side.name[-1:]) for side in sides]
    given = [len(name) <= SHORT_NAME and not NUMBERED.fullmatch(name) for name in own]
    if all(given):
        return Labels(by_name, ())
    runs = [side for side in sides if side.recipe is not None]
    axes = differing_axes(runs)
    if not 0 < len(axes) <= MOST_AXES:
        return Labels(by_name, ())
    points = zip(*axes.values(), strict=True)  # of each run
    labels = tuple(
        name
        if side.recipe is None
        else visible(setting_words(dict(zip(axes, next(points), strict=True))))
        for side, name in zip(sides, by_name, strict=True)
    )
    if len(set(labels)) < len(labels) or max(map(len, labels)) > LONGEST:
        return Labels(by_name, ())
    return Labels(labels, tuple(axes))


def differing_axes(runs: Sequence[Named]) -> dict[str, list[Value]]:
    """What differs between runs, with the value of each: the recipe, the images, and fields. Of
    different recipes only what somebody changed in one of them; what both players have is one.
    Lengths, which the program may have made larger, only where they are all: as images seen."""
    recipes = [run.recipe for run in runs if run.recipe is not None]
    if len(recipes) < 2:
        return {}
    fields = differing_fields(recipes)
    found: dict[str, list[Value]] = {}
    if all(run.shipped for run in runs) and len({run.shipped for run in runs}) > 1:
        found["recipe"] = [run.shipped for run in runs]
        changed = {
            field
            for run, recipe in zip(runs, recipes, strict=True)
            for field in differences(load_recipe(run.shipped), recipe)
        }
        fields = [field for field in fields if field in changed]
    if SOURCE in fields:
        found["data"] = [recipe.data.source for recipe in recipes]
        # Size and colour follow the images.
        fields = [field for field in fields if not field.startswith("data.")]
    others = [field for field in fields if field not in LENGTHS]
    if fields and not (found or others):
        return {"images seen": [run.seen for run in runs]}
    for axis, field in by_shorthand(others, recipes).items():
        found[_short(axis)] = [value_of(recipe, field) for recipe in recipes]
    return found


def _short(axis: str) -> str:
    """The last word of a dotted name, with the player's; a shorthand in words."""
    if axis == SCORED:
        return "images scored"
    *outer, last = axis.split(".")
    player = f"{outer[-1]} " if outer and outer[-1] in ("generator", "discriminator") else ""
    return player + re.sub("[-_]", " ", last)


def unique_names(paths: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """A name for each path (its parts from the outer to the inner): the last part, with as many of
    those before it as tell it from the others; long ones without what all begin with."""
    depths = [1] * len(paths)
    for _ in range(max(map(len, paths), default=0)):
        names = ["/".join(parts[-depth:]) for parts, depth in zip(paths, depths, strict=True)]
        depths = [
            depth + (names.count(name) > 1) for name, depth in zip(names, depths, strict=True)
        ]
    names = [visible("/".join(parts[-depth:])) for parts, depth in zip(paths, depths, strict=True)]
    unique: list[str] = []
    for name in _without_beginning(names):
        told, number = name, 1
        while told in unique:
            number += 1
            told = f"{name} ({number})"
        unique.append(told)
    return tuple(unique)


def _without_beginning(names: Sequence[str]) -> list[str]:
    """Names without the words that all of them begin with, where they are long."""
    if len(names) < 2 or max(map(len, names)) <= LONG_NAME:
        return list(names)
    pieces = [WORDS.split(name) for name in names]
    # Whole words: "lr-0.0002" and "lr-0.0001" are told apart by 0.0002 and 0.0001.
    common = 0
    while len({tuple(own[: common + 1]) for own in pieces}) == 1:
        common += 1
        if any(len(own) <= common + 1 for own in pieces):
            break
    common -= common % 2  # a separator belongs to the word before it
    rest = ["".join(own[common:]) for own in pieces]
    return [f"…{each}" for each in rest] if common and all(rest) else list(names)

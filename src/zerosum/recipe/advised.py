"""Advice on somebody's pictures, as it is told: a line for each decision, and the command."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from zerosum.recipe.advice import Choice, Pictures
from zerosum.recipe.fields import option_words
from zerosum.recipe.image_size import ImageSize
from zerosum.recipe.load import load_recipe
from zerosum.recipe.phases import game_images
from zerosum.recipe.settings import Recipe
from zerosum.visible import shell_words
from zerosum.words import roughly


@dataclass(frozen=True)
class Advice:
    """What to train on some pictures. As text it is what `zerosum advise` prints."""

    data: str
    pictures: Pictures
    found: str
    """What the pictures are like, in words."""
    choice: Choice
    overrides: Mapping[str, object]
    """What is set otherwise than in the recipe, by names or shorthands: also what somebody gave."""
    images_per_second: float | None = None
    """Real images, over a few steps; None where none were made."""
    data_root: Path | None = None
    machine: Mapping[str, object] = field(default_factory=dict)
    """What was said of the machine, by options of `zerosum train`."""

    @property
    def recipe(self) -> str:
        """The name of the recipe."""
        return self.choice.size.recipe

    @property
    def settings(self) -> Recipe:
        """All settings."""
        return load_recipe(self.recipe, self.overrides)

    @property
    def seconds(self) -> float | None:
        """How long it trains on this machine, without scores; None where it was not measured."""
        if not self.images_per_second:
            return None
        return game_images(self.settings, self.pictures.train) / self.images_per_second

    @property
    def command(self) -> str:
        """The command that trains it, to be pasted into a shell."""
        words = ["zerosum", "train", self.recipe, "--data", self.data]
        if self.data_root is not None:
            words += ["--data-root", str(self.data_root)]
        words += [word for item in self.machine.items() for word in option_words(*item)]
        return shell_words([*words, *self.words()])

    def words(self) -> list[str]:
        """The settings as words of a command."""
        return [word for item in self.overrides.items() for word in option_words(*item)]

    def __str__(self) -> str:
        rows = [f"{title:<10}{text}" for title, text in self.rows()]
        return "\n".join([*rows, f"  {self.command}"])

    def rows(self) -> Iterator[tuple[str, str]]:
        """A title and a text for each line but the command."""
        recipe, size = self.settings, self.choice.size
        data, schedule, train = recipe.data, recipe.schedule, self.pictures.train
        images = game_images(recipe, train)
        colour = "grey" if data.channels == 1 else "colour"
        yield "found", self.found
        yield "recipe", f"{self.recipe}, networks of width {recipe.network.generator.width}"
        if all(self.overrides.get(name) == value for name, value in size.settings.items()):
            yield "known", size.why
        yield "pictures", f"{data.resolution.in_words}, {colour}, {FITS[data.fit]}"
        if whole := whole_size(recipe, self.pictures.proportions):
            trains = f"--data.resolution {whole} trains on nearly all of each"
            yield "shape", f"nearly all have one: {trains}"
        for rule in self.choice.reasons:
            if rule.field in TITLES and self.overrides.get(rule.field) == rule.value:
                yield TITLES[rule.field], rule.why
        average = f"; averaged weights, half-life {schedule.average:,} images"
        yield "batch", f"{schedule.batch} pictures{average if schedule.average else ''}"
        passes = f"each picture {images / train:,.0f} times" if images > train else ""
        yield "length", ", ".join([f"{images:,} images to see", *([passes] if passes else [])])
        if (speed := self.images_per_second) and self.seconds is not None:
            shown = roughly(self.choice.seen / speed)
            early = f"something is to be seen after {shown}, all is done after"
            if self.choice.seen == images:
                early = "done, and something is to be seen, after"
            if self.choice.seen > images:
                early = f"too short for pictures, which need {shown}: done after"
            yield "time", f"{early} {roughly(self.seconds)}, at {speed:,.0f} images/s"
        yield "expect", self.choice.expect


def whole_size(recipe: Recipe, proportions: float) -> ImageSize | None:
    """The size that a recipe could have instead of its squares where nearly all pictures have these
    proportions, width over height, so that hardly anything of them is cropped; None where squares
    do, or nothing is cropped."""
    size = recipe.data.resolution
    if recipe.data.fit != "crop" or not size.is_square:
        return None
    longer = round(size.width * max(proportions, 1 / proportions))
    wanted = ImageSize(longer, size.height) if proportions > 1 else ImageSize(size.width, longer)
    nearest = recipe.network.family.nearest_sizes(wanted)[0]
    return None if nearest.is_square else nearest


FITS = {
    "crop": "the middle of each",
    "pad": "the whole of each on black",
    "squash": "the whole of each, stretched",
    "box": "a box in the middle of each",
}
TITLES = {
    "data.flip": "mirrored",
    "augmentation.method": "augmented",
    "network.conditional": "classes",
    "data.max_bad": "bad files",
}
"""Rules that are told by themselves, with the title of their line."""

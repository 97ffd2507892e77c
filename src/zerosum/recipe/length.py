"""How long a training is: images, epochs and generator steps, and whether those are enough."""

from collections.abc import Collection

from zerosum.recipe.changes import LENGTHS
from zerosum.recipe.fields import SHORTHANDS
from zerosum.recipe.load import override
from zerosum.recipe.phases import (
    PHASE_WORDS,
    game_images,
    images_at_end,
    images_at_ends,
    images_in_step,
    images_total,
    phases_of,
)
from zerosum.recipe.settings import Recipe
from zerosum.words import counted

NARROW = 80
"""Columns of a narrow terminal."""


def generator_steps(recipe: Recipe, train_images: int) -> int:
    """Steps of the game itself, in each of which the generator learns once (at most once, where a
    switch decides who learns)."""
    game = phases_of(recipe, train_images)[-1]
    return _game_shown(recipe, train_images) // images_in_step(recipe, game)


def _game_shown(recipe: Recipe, train_images: int) -> int:
    """Real images that the game shows, which is made of whole steps."""
    begin, end = [0, *images_at_ends(recipe, train_images)][-2:]
    return end - begin


def enough_images(recipe: Recipe, train_images: int) -> int:
    """The `--images` of as many generator steps as the recipe needs; 0 where that is not known."""
    game = phases_of(recipe, train_images)[-1]
    return recipe.schedule.minimum_steps * images_in_step(recipe, game)


def long_enough(recipe: Recipe, train_images: int, given: Collection[str]) -> Recipe:
    """The recipe with as many images as its `schedule.minimum_steps` need, where its own epochs
    over so few images are fewer.

    Not where a person said how long, in `given` (fields and shorthands), nor where the recipe
    counts in images.
    """
    named = {field for name in given for field in SHORTHANDS.get(name, (name,))}
    if named & LENGTHS or recipe.schedule.images:
        return recipe
    enough = enough_images(recipe, train_images)
    if game_images(recipe, train_images) >= enough:
        return recipe
    return override(recipe, {"schedule.images": enough})


def length_in_words(asked: Recipe, recipe: Recipe, train_images: int) -> list[str]:
    """What a training will be, before its first step: images × epochs = images to see, in whole
    steps where these make it more, as the bar counts them = generator steps; how that compares with
    what the recipe needs; and what to type for another length.

    `recipe` is what will be trained, `asked` what it was before `long_enough`.
    """
    schedule, images = recipe.schedule, game_images(recipe, train_images)
    steps, enough = generator_steps(recipe, train_images), schedule.minimum_steps
    game = phases_of(recipe, train_images)[-1]
    several = images_in_step(recipe, game) > schedule.batch
    size = f"{schedule.critic_steps} × {schedule.batch:,}" if several else f"{schedule.batch:,}"
    epochs = "1 epoch" if images == train_images else f"{images / train_images:,.1f} epochs"
    step = "step" if recipe.task.phases else "generator step"
    shown = _game_shown(recipe, train_images)
    whole_steps = "" if shown == images else f"{images:,}, in whole steps "
    seen = (
        f"{counted(train_images, 'image')} × {epochs.replace('.0 ', ' ')} "
        f"= {whole_steps}{shown:,} to see"
    )
    played = f"= {counted(steps, step)} of {size}"
    whole = f"{seen} {played}"
    told = [whole] if len(whole) < NARROW else [seen, played]
    if alone := _alone_in_words(recipe, train_images):
        told.append(alone)
    if asked != recipe:
        own, short = counted(asked.schedule.epochs, "epoch"), generator_steps(asked, train_images)
        told.append(f"the recipe's own {own} would be {short:,}, too few: it trains {enough:,}")
        told.append(f"for those alone: --epochs {asked.schedule.epochs}")
    elif steps < enough:
        told.append(f"too few: with less than {enough:,} this recipe's pictures are unfinished")
        told.append(f"for {enough:,}: --images {enough_images(recipe, train_images)}")
    elif enough:
        told.append(f"enough: this recipe needs {enough:,} or more")
    return told


def _alone_in_words(recipe: Recipe, train_images: int) -> str:
    """What a restoration sees before the game, and all its images; "" without such phases."""
    *alone, _ = phases_of(recipe, train_images)
    if not alone:
        return ""
    upto = {"critic": "up to "}  # it ends where the critic is right often enough
    parts = [
        f"{upto.get(each.name, '')}{each.end - each.begin:,} {PHASE_WORDS[each.name]}"
        for each in alone
    ]
    total = images_at_end(recipe, train_images)
    return f"and first {', '.join(parts)}: {total:,} in all"


def longer_images(
    recipe: Recipe, train_images: int, images: int, steps: int, *, by_clock: bool = False
) -> int:
    """The `--images` to train on with after a run of so many images and generator steps: those
    that the recipe needs, and else twice as many. `by_clock`: a time decided, so that the images
    which its recipe asks for say nothing."""
    if too_few_steps(recipe, steps):
        return enough_images(recipe, train_images)
    if by_clock:
        return 2 * images
    # Whole steps may have gone far beyond what the schedule asked for.
    beyond = images - images_total(recipe, train_images)
    return 2 * (game_images(recipe, train_images) + max(0, beyond))


def images_seen(images: int, asked: int, noun: str = "") -> str:
    """How far a run is: "200 of 208"; or that its whole steps went beyond what was asked for."""
    if images <= asked:
        return f"{images:,} of {asked:,}{noun}"
    return f"{images:,}{noun} ({asked:,} asked for, in whole steps)"


def too_few_steps(recipe: Recipe, steps: int) -> str:
    """Why a run that ended after so many generator steps can have no good pictures yet, in words;
    "" where its recipe needs no more, or that is not known."""
    enough = recipe.schedule.minimum_steps
    if steps >= enough:
        return ""
    return f"{counted(steps, 'generator step')}, and this recipe needs {enough:,} or more"

"""A command with an option for every field of a recipe: what it says of words that are none."""

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zerosum.cli.topics import Groups, all_asked, help_all, option_word
from zerosum.cli.values import WORDS, whole_number
from zerosum.cli.words import Answer, Command, Completed, normal
from zerosum.errors import UsageError, ZerosumError
from zerosum.suggest import STEPS, letters
from zerosum.visible import shell_words

if TYPE_CHECKING:
    from zerosum.recipe.settings import Recipe

ANSWERS: Mapping[str, Answer] = {
    "cuda gpu mps": (
        "the device is a value here",
        "write --device cuda, cpu or mps; auto: the fastest",
    ),
    "cpu nocuda": ("the device is a value here", "write --device cpu"),
    "amp fp16 half mixedprecision": (
        "numbers of 16 bits are chosen by --precision",
        "write --precision bf16",
    ),
    "numworkers workers": (
        "images are decoded once and lie ready: there are no worker processes to count",
        "leave it out",
    ),
    "beta beta1 beta2": (
        "both betas of Adam are one setting, and each player has its own",
        "write --optimizer.generator.betas 0.5 0.999 --optimizer.discriminator.betas 0.5 0.999",
    ),
    "labelsmoothing smoothing": (
        "labels are smoothed by giving the target of real images",
        "write --objective.real_label 0.9 for a smoothing of 0.1",
    ),
    "average ema emadecay": (
        "the average of the weights is told by its half-life in images",
        "write --schedule.average 10000, for example; 0: no average",
    ),
    "name": ("a run is named by its folder", "write --out runs/NAME"),
}
"""What to say of words, by their letters alone, that are no options here."""
RESUME = {"resume", "continue", "restart", "load", "resumefrom", "goon"}


class FieldCommand(Command):
    """A command with an option for every field, grouped by the sections of a recipe in its help."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Also the fields; not where a shell completes words of which none can be a field."""
        own = click.Command.get_params(self, ctx)
        if isinstance(ctx.obj, Completed) and not ctx.obj.may_name(own):
            return own
        from zerosum.cli.fields import field_options

        return [*own[:-1], *field_options(), own[-1], help_all]

    def answer(
        self, ctx: click.Context, name: str, before: Sequence[str], after: Sequence[str]
    ) -> Answer | None:
        word = letters(name)
        if word in RESUME:
            return _on_going_on(ctx, after)
        if word in STEPS:
            return self._in_images(ctx, before, after)
        return next((said for words, said in ANSWERS.items() if word in words.split()), None)

    def too_many(self, ctx: click.Context, words: list[str]) -> UsageError:
        """Images without --data are what is most often left over."""
        if len(words) == 1 and not ctx.params.get("data"):
            first = ctx.params.get("recipe") or ctx.params.get("definition")
            command = shell_words([*ctx.command_path.split(), str(first), "--data", words[0]])
            return UsageError(f"a word too many: {words[0]}", f"images follow --data: {command}")
        return super().too_many(ctx, words)

    def _in_images(self, ctx: click.Context, before: Sequence[str], after: Sequence[str]) -> Answer:
        """How many images so many steps are, with this recipe and these settings."""
        what = "the length of a training is told in real images or in epochs, not in steps"
        steps = whole_number(after[0]) if after else None
        recipe = self._recipe(ctx, [*before, *after[1:]]) if steps else None
        if not steps or recipe is None:
            return what, "write --images N: steps of the generator times the images of each"
        from zerosum.recipe.sections import images_per_step

        each = images_per_step(recipe.schedule)
        return what, f"write --images {steps * each}: {steps:,} steps of {each:,} images each"

    def _recipe(self, ctx: click.Context, words: Sequence[str]) -> "Recipe | None":
        """The recipe that these words name, with the fields they set; None where they do not."""
        from zerosum.cli.fields import overrides
        from zerosum.recipe.load import load_recipe

        try:
            with self.make_context(ctx.info_name, self.understood(ctx, words), ctx.parent) as given:
                if not (recipe := given.params["recipe"]):
                    return None
                return load_recipe(recipe, overrides(given.params))
        except (click.ClickException, ZerosumError, KeyError):
            return None

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_help_text(ctx, formatter)
        formatter.write_paragraph()
        with formatter.indentation():
            if recipe := self._named(ctx):
                formatter.write_text(f"In brackets: what {recipe} sets.")
            elif "recipe" in (each.name for each in self.params):
                formatter.write_text(f"The values of a recipe: {ctx.command_path} dcgan --help")

    def groups(self, options: Sequence[click.Option], every: bool) -> Groups:
        """Of all options those of the command, the seed and the shorthands, the fields by
        section."""
        if not every:
            return super().groups(options, every)
        from zerosum.cli.fields import is_field, sections

        groups: dict[str, list[click.Option]] = {"Options": [], "Seed and shorthands": []}
        groups |= {section: [] for section in sections() if section}
        for option in options:
            section = option_word(option).rpartition(".")[0] or "Seed and shorthands"
            groups[section if is_field(option) else "Options"].append(option)
        return groups

    def _named(self, ctx: click.Context) -> str:
        """The recipe in the words that ask for help; "" where there is none."""
        named, _, _ = self.make_parser(ctx).parse_args(list(ctx.meta[WORDS]))
        return named["recipe"] if isinstance(named.get("recipe"), str) else ""

    def values(self, ctx: click.Context) -> Mapping[str, str]:
        """The values of the fields, by their options: those of the recipe that is named; else,
        where all options are shown, what a recipe has that says nothing."""
        from zerosum.cli.fields import default_values, field_values

        values = default_values() if all_asked(ctx) else {}
        if recipe := self._named(ctx):
            from zerosum.recipe.load import load_recipe

            values = field_values(load_recipe(recipe))
        return {normal(name): value for name, value in values.items()}


def _on_going_on(ctx: click.Context, after: Sequence[str]) -> Answer:
    """The command that goes on with a run: the same one, that of a run that was named, or of this
    folder."""
    what = "a training goes on by itself: the command that began it goes on where it stopped"
    from zerosum.records.run import RunFolder

    for word in after[:1]:
        with contextlib.suppress(ZerosumError, OSError):
            if command := RunFolder(Path(word)).state().get("command"):
                return what, f"write: {command}"
    path = ctx.command_path
    return what, f"write the same `{path} …` again, with the same --out where it had one"

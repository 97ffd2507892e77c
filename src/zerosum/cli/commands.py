"""`zerosum`: the list of commands."""

from importlib import import_module
from importlib.metadata import version

import click

COMMANDS = {
    "train": "Train a recipe on images; the same command again continues a run.",
    "sample": "Make pictures with a trained generator.",
    "interpolate": "Walk from one generated picture to another.",
    "film": "The training's sample grids as a film.",
    "restore": "Undo damage in pictures with a run of the recipe restore.",
    "evaluate": "Score a run or any images: FID, KID, precision, recall, coverage.",
    "modes": "Count the classes that a generator covers.",
    "neighbours": "Show the nearest real images of generated ones: did it copy?",
    "map": "Show real and generated images in two dimensions.",
    "health": "Tell how a training is doing, and what usually helps.",
    "compare": "Lay runs side by side: settings, scores, curves, samples.",
    "report": "Write one HTML page of a run or a study.",
    "study": "Run many trainings of one question, and lay their scores in one table.",
    "data": "Check, pack, show and clear up image data.",
    "recipes": "List the shipped recipes, or show one with its layers.",
}
"""Commands in the order of their help, each in the file of its name, loaded when it is used."""

EPILOG = """\b
A first run, on the bundled digits:
  zerosum train digits
On your own images:
  zerosum data check photos/
  zerosum train dcgan --data photos/
"""


class Commands(click.Group):
    """The commands by name, without importing them for the list."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in COMMANDS:
            return None
        command = getattr(import_module(f"zerosum.cli.{name}"), name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from zerosum.suggest import did_you_mean

            hint = did_you_mean(args[0], list(COMMANDS))
            ctx.fail(f"there is no command {args[0]!r}. {hint}".strip())
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, epilog=EPILOG)
@click.version_option(version("zerosum"), prog_name="zerosum")
def commands() -> None:
    """Train, measure and compare generative adversarial networks on your own images."""

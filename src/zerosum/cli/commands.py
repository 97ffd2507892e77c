"""`zerosum`: the list of commands."""

from importlib import import_module

import click
from click.shell_completion import CompletionItem

from zerosum.cli.words import Group, normal
from zerosum.errors import UsageError
from zerosum.suggest import by_word
from zerosum.visible import shell_words

COMMANDS = {
    "advise": "Look at images, and say what to train on them and how long it takes.",
    "train": "Train a recipe on images; the same command again continues a run.",
    "sample": "Make pictures with a trained generator.",
    "interpolate": "Walk from one generated picture to another.",
    "explore": "Open a page to explore the generator: seeds, directions, copies.",
    "film": "The training's sample grids as a film.",
    "restore": "Undo damage in pictures with a run of the recipe restore.",
    "export": "Write the generator for other programs: ONNX, Hugging Face, PyTorch.",
    "evaluate": "Score a run or any images: FID, KID, precision, recall, coverage.",
    "modes": "Count the classes that a generator covers.",
    "neighbours": "Show the nearest real images of generated ones: did it copy?",
    "project": "Find the latents whose pictures come nearest to given ones.",
    "map": "Show real and generated images in two dimensions.",
    "health": "Tell how a training is doing, and what usually helps.",
    "compare": "Lay runs side by side: settings, scores, curves, samples.",
    "report": "Write one HTML page of a run or a study.",
    "study": "Run many trainings of one question, and lay their scores in one table.",
    "data": "Check, pack, show and clear up image data.",
    "runs": "List the runs that are here: how far, how they went, their scores.",
    "recipes": "List the shipped recipes, or show one with its layers.",
    "parts": "Show the code of its own that a run was trained with.",
    "completion": "Let the shell complete names and options with Tab.",
    "help": "Show the help of a command.",
    "version": "Show the version.",
}
"""Commands in the order of their help, each in the file of its name, loaded when it is used."""

OTHERS = by_word(
    {
        "advise": "advice recommend suggest",
        "explore": "app browse demo gradio gui play ui web",
        "film": "animate gif movie video",
        "report": "charts curves plot",
        "data check": "check",
        "data clean": "clean",
        "train": "continue fit resume run start",
        "data show": "datasets",
        "compare": "diff",
        "evaluate": "eval fid metrics score scores test validate",
        "sample": "generate images",
        "study run": "grid search sweep",
        "health": "info status",
        "export": "convert deploy onnx publish push upload",
        "restore": "inpaint upscale",
        "runs": "list ls",
        "recipes": "models presets",
        "interpolate": "morph walk",
        "neighbours": "nearest",
        "data pack": "pack",
        "project": "invert inversion encode reconstruct recover",
        "map": "pca tsne umap",
        "recipes show": "show",
        "study stop": "stop",
        "study list": "studies",
    }
)
"""What others call a command, and its name here."""

EPILOG = """\b
A first run, on the bundled digits:
  zerosum train digits
On your own images:
  zerosum advise photos/
  zerosum train --data photos/
"""


class Commands(Group):
    """The commands by name, without importing them for the list."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in COMMANDS:
            return None
        command = getattr(import_module(f"zerosum.cli.{name}"), name)
        assert isinstance(command, click.Command)
        return command

    def no_command(self, ctx: click.Context, args: list[str], there: list[str]) -> UsageError:
        name = normal(args[0])
        if (right := OTHERS.get(name, "")).partition(" ")[0] in there:
            meant = f"zerosum {right} {shell_words(args[1:])}".strip()
            return UsageError(f"there is no command {args[0]}", f"did you mean: {meant}")
        from zerosum.recipe.shipped import shipped_recipes

        if name in shipped_recipes():
            meant = f"zerosum train {shell_words(args)}"
            return UsageError(f"{name} is a recipe, no command", f"did you mean: {meant}")
        return super().no_command(ctx, args, there)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        # click's own would import every command for its help.
        names = [name for name in COMMANDS if name.startswith(incomplete)]
        found = [CompletionItem(name, help=COMMANDS[name]) for name in names]
        return found or click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, epilog=EPILOG)
@click.version_option(
    None,
    "-V",
    "--version",
    package_name="zerosum",
    message="zerosum %(version)s",
    help="Show the version and exit.",
)
def commands() -> None:
    """Train, measure and compare generative adversarial networks on your own images."""

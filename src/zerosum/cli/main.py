"""`zerosum`: the list of commands, and what becomes of their errors."""

import logging
import os
import signal
import sys
from importlib import import_module
from importlib.metadata import version
from typing import Any

import click

from zerosum.cli.terminal import echo
from zerosum.errors import UsageError, ZerosumError
from zerosum.reading import reason
from zerosum.visible import visible

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


def main() -> None:
    """Run a command. Exit codes: 0 done, 1 failed, 2 wrong words, 128 + n stopped by signal n."""
    # Threads of one step wait for each other by spinning. When another program needs a core for a
    # moment, the default spins away a time slice at each layer: measured 1,530 images/s alone and
    # 106 beside one busy program of lowest priority; with this count 1,360 and 1,390.
    os.environ.setdefault("GOMP_SPINCOUNT", "20000")
    for stream in (sys.stdout, sys.stderr):
        # A name that is no UTF-8, in JSON as well.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        sys.exit(_run())
    except BrokenPipeError:
        # Whoever read our output has gone, as in `zerosum recipes | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


def _run() -> int:
    told = logging.StreamHandler()  # what was found damaged and is made anew
    told.setFormatter(logging.Formatter("zerosum: %(message)s"))
    logging.getLogger("zerosum").addHandler(told)
    # An exit that unwinds, so that half-written files are taken away again.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        # Not `commands()`, which turns a broken pipe into exit code 1.
        with commands.make_context("zerosum", sys.argv[1:]) as context:
            result: Any = commands.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        sys.stdout.flush()
        return done.exit_code
    except ZerosumError as error:
        _complain(error.what, error.remedy)
        return 2 if isinstance(error, UsageError) else 1
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.filename is None:
            raise
        # A file or folder that nobody thought to ask for: what is said of it is enough.
        _complain(
            f"{error.filename}: {reason(error)}", "make it accessible to you, or name another"
        )
        return 1
    except (click.Abort, KeyboardInterrupt):
        echo("stopped", err=True)
        return 130
    return result if isinstance(result, int) else 0


def _complain(what: str, remedy: str) -> None:
    echo(f"zerosum: {visible(what)}", err=True)
    echo(f"  {visible(remedy)}", err=True)

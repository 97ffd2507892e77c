"""`zerosum help COMMAND`: the same as `zerosum COMMAND --help`."""

import click

from zerosum.cli.words import Command


@click.command(cls=Command)
@click.argument("words", metavar="[COMMAND]", nargs=-1)
def help(words: tuple[str, ...]) -> None:
    """Show the help of COMMAND: zerosum help train, zerosum help study run."""
    from zerosum.cli.commands import commands

    with commands.make_context("zerosum", [*words, "--help"]) as context:
        commands.invoke(context)

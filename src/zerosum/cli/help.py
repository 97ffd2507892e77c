"""`zerosum help COMMAND`: the same as `zerosum COMMAND --help`."""

import click
from click.shell_completion import CompletionItem

from zerosum.cli.words import Command


def _complete(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    from zerosum.cli.commands import commands

    words = context.params.get(parameter.name) or ()
    command = commands.get_command(context, words[0]) if words else commands
    if not isinstance(command, click.Group):
        return []
    return command.shell_complete(command.context_class(command), incomplete)


@click.command(cls=Command)
@click.argument("words", metavar="[COMMAND]", nargs=-1, shell_complete=_complete)
def help(words: tuple[str, ...]) -> None:
    """Show the help of COMMAND: zerosum help train, zerosum help study run."""
    from zerosum.cli.commands import commands

    with commands.make_context("zerosum", [*words, "--help"]) as context:
        commands.invoke(context)

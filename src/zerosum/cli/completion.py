"""`zerosum completion`: names and options are completed by the shell."""

import os
from pathlib import PurePath

import click

from zerosum.cli.terminal import echo
from zerosum.cli.values import OneOf
from zerosum.cli.words import Command, Completed

VARIABLE = "_ZEROSUM_COMPLETE"
"""Set by the script of a shell, which so asks for completions."""
LINES = {
    "bash": ("~/.bashrc", 'eval "$(zerosum completion bash)"'),
    "zsh": ("~/.zshrc", 'eval "$(zerosum completion zsh)"'),
    "fish": ("~/.config/fish/config.fish", "zerosum completion fish | source"),
}
"""For each shell the file that it reads when it starts, and the line to add to it."""


@click.command(cls=Command)
@click.argument("shell", required=False, type=OneOf(list(LINES)))
def completion(shell: str | None) -> None:
    """Print the script that lets SHELL (bash, zsh or fish) complete what you type with Tab.

    Recipes, images, runs, studies and options are completed. Without SHELL: what to do, once.
    """
    if shell is not None:
        from click.shell_completion import get_completion_class

        from zerosum.cli.commands import commands

        kind = get_completion_class(shell)
        assert kind is not None
        echo(kind(commands, {}, "zerosum", VARIABLE).source())
        return
    mine = PurePath(os.environ.get("SHELL", "")).name
    for name in [mine] if mine in LINES else LINES:
        file, line = LINES[name]
        echo(f"{name}: add this line to {file}, and open a new terminal:\n\n  {line}\n")
    echo("Then Tab completes recipes, images, runs, studies and options.")


def complete(instruction: str) -> int:
    """Answer what the script of a shell asks for ("bash_complete"); the exit code."""
    from click.shell_completion import get_completion_class

    from zerosum.cli.commands import commands

    shell, _, task = instruction.partition("_")
    kind = get_completion_class(shell)
    if kind is None or task != "complete":
        return 1
    asked = kind(commands, {}, "zerosum", VARIABLE)
    words, incomplete = asked.get_completion_args()
    asked.ctx_args["obj"] = Completed((*words, incomplete))
    found = asked.get_completions(_as_declared(commands, words, asked.ctx_args["obj"]), incomplete)
    click.echo("\n".join(asked.format_completion(item) for item in found))
    return 0


def _as_declared(command: click.Command, words: list[str], asked: Completed) -> list[str]:
    """The words with every option by the name that it has here: click knows no other."""
    context = command.context_class(
        command, obj=asked, resilient_parsing=True, **command.context_settings
    )
    if isinstance(command, Command):
        return command.understood(context, words)
    for place, word in enumerate(words):
        if isinstance(command, click.Group) and not word.startswith("-"):
            below = command.get_command(context, word)
            rest = words[place + 1 :]
            return [*words[: place + 1], *(_as_declared(below, rest, asked) if below else rest)]
    return words

"""What is printed: names as they can be shown, whatever bytes they have (`zerosum.visible`)."""

import contextlib
import os
import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from zerosum.visible import visible_lines

if TYPE_CHECKING:
    from rich.console import Console


def echo(text: object = "", *, err: bool = False) -> None:
    """Print a text of one line or more; to the standard error with `err`."""
    click.echo(visible_lines(str(text)), err=err)


def echo_wrapped(text: str, *, err: bool = True, indent: int = 2) -> None:
    """Print a line, to the standard error unless `err` is False; on a terminal in as many as it
    needs, words and paths whole, those below the first `indent` letters further to the right."""
    width = None
    if err:
        width = help_width() if sys.stderr.isatty() else None
    elif (room := table_width()) < UNCUT:
        width = room
    for line in wrapped(text, width, indent):
        echo(line, err=err)


def print_wrapped(console: "Console", text: str) -> None:
    """The same on a console, above the bar that it may show."""
    width = console.width - 1 if console.is_terminal else None
    for line in wrapped(text, width):
        console.print(line, markup=False)


def wrapped(text: str, width: int | None, indent: int = 2) -> list[str]:
    """A line in as many of so many letters as it needs, broken between words; those below the first
    are `indent` letters further to the right. None: as it is.

    A command to type stays whole, and so does what is quoted: the terminal folds it where it has
    no room, so that it can be copied.
    """
    import textwrap

    if width is None or len(text) <= width:
        return [text]
    whole = re.sub(COMMAND, lambda found: found[0].replace(" ", GLUE), text)
    lines = textwrap.wrap(
        whole,
        width,
        subsequent_indent=" " * (indent + len(text) - len(text.lstrip())),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(GLUE, " ") for line in lines]


COMMAND = re.compile(r"(?:(?<=: )|(?<=`)|^ *)zerosum [^`]+|(?<!\w)'[^']*'")
"""A command of zerosum in a text, up to its end or its closing mark, or words in quotes."""
GLUE = "\0"
"""Stands for a space at which no line is broken, while lines are broken."""


UNCUT = 1_000
"""Letters of a line where no terminal says how many there is room for."""


def table_width() -> int:
    """Letters of a line of the standard output: those of the terminal, or as the variable COLUMNS
    says; `UNCUT` in a pipe or a file, where nothing is folded."""
    known = sys.stdout.isatty() or "COLUMNS" in os.environ
    return open_console().width if known else UNCUT


UNBROKEN = "\u00a0"
"""A space at which no line is broken: "too early to say" stays together."""
GAP = 2
"""Letters between two columns of a table."""


def open_console(**options: Any) -> "Console":
    """A console of rich that does no more to a text than to show it."""
    from rich.console import Console
    from rich.segment import Segment

    class Showing(Console):
        def on_broken_pipe(self) -> None:
            # Rich would end the process, and with it a training that is not saved.
            raise BrokenPipeError

        def render(self, *args: Any, **kwargs: Any) -> Iterable[Segment]:
            for segment in super().render(*args, **kwargs):
                if segment.control or segment.text.isprintable():
                    yield segment
                else:
                    yield Segment(visible_lines(segment.text), segment.style)

    return Showing(highlight=False, **options)


NARROWEST, WIDEST, USUAL = 50, 120, 80
"""Letters in a line of help."""


def help_width() -> int:
    """Letters in a line of help: those of the terminal, within reason.

    Every stream is asked for it, so that help that goes through a pipe to a pager fits as well;
    the variable COLUMNS counts before.
    """
    columns = os.environ.get("COLUMNS", "")
    width = int(columns) if columns.isdecimal() else 0
    for stream in (sys.__stdout__, sys.__stderr__, sys.__stdin__):
        if width or stream is None:
            break
        with contextlib.suppress(OSError, ValueError):
            width = os.get_terminal_size(stream.fileno()).columns
    return min(max(width or USUAL, NARROWEST), WIDEST) - 1

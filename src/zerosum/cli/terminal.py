"""What is printed: names as they can be shown, whatever bytes they have (`zerosum.visible`)."""

import contextlib
import os
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


def echo_wrapped(text: str) -> None:
    """Print a line to the standard error; on a terminal in as many as it needs, words and paths
    whole."""
    import textwrap

    lines = [text]
    if sys.stderr.isatty():
        indent = "  " + " " * (len(text) - len(text.lstrip()))
        lines = textwrap.wrap(
            text,
            help_width(),
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    for line in lines:
        echo(line, err=True)


def open_console(**options: Any) -> "Console":
    """A console of rich that does no more to a text than to show it."""
    from rich.console import Console
    from rich.segment import Segment

    class Showing(Console):
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

"""`zerosum version`."""

from importlib import metadata

import click

from zerosum.cli.terminal import echo
from zerosum.cli.words import Command


@click.command(cls=Command)
def version() -> None:
    """Show the version."""
    echo(f"zerosum {metadata.version('zerosum')}")

"""`zerosum version`."""

import click

from zerosum.cli.terminal import echo
from zerosum.cli.words import Command


@click.command(cls=Command)
def version() -> None:
    """Show the version."""
    print_version()


def print_version() -> None:
    """Print the name and the version."""
    from importlib import metadata

    echo(f"zerosum {metadata.version('zerosum')}")

"""Where the cache lies: an option of every command that opens images."""

import os
from pathlib import Path

import click

CACHE_ROOT = "zerosum.cache-root"
"""Under which a command's context keeps what was given."""


def _use_cache(ctx: click.Context, _parameter: click.Parameter, folder: Path | None) -> None:
    """Name the cache as the environment does, so that the processes of several devices and of a
    study's cells find it as well."""
    if folder is None:
        return
    from zerosum.data.cache_folder import CACHE_VARIABLE

    before = os.environ.get(CACHE_VARIABLE)

    def restore() -> None:
        os.environ.pop(CACHE_VARIABLE)
        if before is not None:
            os.environ[CACHE_VARIABLE] = before

    ctx.call_on_close(restore)
    os.environ[CACHE_VARIABLE] = str(folder.absolute())
    ctx.meta[CACHE_ROOT] = folder


cache_root_option = click.option(
    "--cache-root",
    type=click.Path(path_type=Path),
    expose_value=False,
    callback=_use_cache,
    help="Where packed images and features are kept.  [default: the variable ZEROSUM_CACHE, or the "
    "user's cache folder]",
)
"""--cache-root, which counts while the command runs and for all that it starts."""

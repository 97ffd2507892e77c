"""Where pictures go: files and folders that appear whole under their name, or not at all."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from zerosum.errors import UsageError, ZerosumError
from zerosum.files import sync, writing

# A sheet is one image in memory, and viewers give up on larger ones.
LARGEST_SHEET_PICTURES = 10_000
LARGEST_SHEET_PIXELS = 80_000_000


@contextlib.contextmanager
def staged_file(path: Path) -> Iterator[Path]:
    """A file beside `path` to write to; it takes the place of `path` when the block ends well.

    After an error or Ctrl-C nothing is left, and an earlier file of that name stays. Raises
    ZerosumError at once where `path` cannot be written.
    """
    beside = path.with_name(f".{path.stem}.{os.getpid()}.partial{path.suffix}")
    with writing(path):
        if path.is_dir():
            raise ZerosumError(f"{path} is a folder", "choose another --out")
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.touch()
        try:
            yield beside
            sync(beside)
            beside.replace(path)
            sync(path.parent)
        finally:
            beside.unlink(missing_ok=True)


@contextlib.contextmanager
def staged_folder(path: Path, option: str = "--out") -> Iterator[Path]:
    """A folder beside `path`, which `option` named, to fill; it becomes `path` when the block ends
    well.

    Raises ZerosumError when `path` is there and not empty: nobody's pictures are replaced or mixed.
    The files in it are not synced one by one, which would take longer than making the pictures;
    after a power cut the same command makes them again.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.partial")
    with writing(path):
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise ZerosumError(
                f"{path} is there already and not an empty folder",
                f"choose another {option}, or delete it first",
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.mkdir()
        try:
            yield beside
            if path.exists():
                path.rmdir()
            beside.replace(path)
            sync(path.parent)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def require_sheet(count: int, height: int, width: int, remedy: str) -> None:
    """Raise UsageError with that remedy when `count` pictures are too many for one sheet."""
    largest = min(LARGEST_SHEET_PICTURES, LARGEST_SHEET_PIXELS // (height * width))
    if count > largest:
        raise UsageError(
            f"a sheet of {count:,} pictures would be too large to open: "
            f"at {width}×{height} pixels {largest:,} is the most",
            remedy,
        )

"""Where a comparison is written: its folder, which no other comparison's files are in."""

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from zerosum.errors import ZerosumError
from zerosum.files import writing
from zerosum.reading import user_path
from zerosum.records.run import COMPARISON_FILE

COMPARISONS = Path("comparisons")
TEXT, NUMBERS = "compare.md", COMPARISON_FILE
CURVES, SCORES, SAMPLES = "curves.png", "scores.png", "samples.png"
FILES = (TEXT, NUMBERS, CURVES, SCORES, SAMPLES)


def choose_place(out: Path | None, name: str, paths: Sequence[str]) -> Path:
    """The folder to write to: `out`, or comparisons/NAME.

    The files of the same comparison (of the same `paths`) are replaced. The default goes on to
    NAME-2 where another comparison has the name; raises ZerosumError where `out` holds
    another one, or other files of these names, or cannot be written.
    """
    if out is None:
        number = 1
        out = COMPARISONS / name
        while _taken(out, paths):
            number += 1
            out = COMPARISONS / f"{name}-{number}"
    elif told := _taken(out, paths):
        raise ZerosumError(f"{out} {told}", "choose another --out, or delete that one first")
    return out


@contextlib.contextmanager
def place_kept(out: Path) -> Iterator[None]:
    """The folder is there and writable while something is made for it; after an error it goes
    again, if nothing came into it.

    Raises ZerosumError at once where nothing can be written.
    """
    made = [folder for folder in (out, *out.parents) if not folder.exists()]
    try:
        with writing(out):
            out.mkdir(parents=True, exist_ok=True)
        if not os.access(out, os.W_OK | os.X_OK):
            raise ZerosumError(
                f"cannot write into {out}", "choose another --out, or make it writable for you"
            )
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            for folder in made:
                folder.rmdir()
        raise


def identity(paths: Sequence[str]) -> list[str]:
    """What a comparison is known by: its sides, wherever it was called from."""
    return sorted(str(user_path(path).absolute()) for path in paths)


def _taken(folder: Path, paths: Sequence[str]) -> str:
    """Why these files cannot be written there, in words; "" where they can."""
    there = [name for name in FILES if (folder / name).exists()]
    if not there:
        return ""
    try:
        content = json.loads((folder / NUMBERS).read_text("utf-8"))
        compared = [str(side["path"]) for side in content["compared"]]
    except (OSError, ValueError, KeyError, TypeError):
        return f"has a file {there[0]} that no comparison wrote"
    if sorted(compared) == identity(paths):
        return ""
    return f"holds another comparison, of {', '.join(compared)}"

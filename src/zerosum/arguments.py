"""Arguments as people give them, before anything is imported that takes time: "10s", "fid"."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeVar

from zerosum.errors import UsageError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from zerosum.options import Threads

    Request = TypeVar("Request", bound=DataclassInstance)

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
TIME = r"(\d+(?:\.\d+)?) ?(s|m|h|d|secs?|mins?|hours?|days?)"


def seconds_of(text: str) -> float | None:
    """The seconds of a time such as 90s, 10m, 1.5h or 2d; None where it is none."""
    match = re.fullmatch(TIME, text.strip().lower())
    return float(match[1]) * UNITS[match[2][0]] if match else None


def text_of(value: object, name: str) -> str:
    """A name or path as text. Raises TypeError for what is neither."""
    if not isinstance(value, str | Path):
        raise TypeError(f"{name}= is a name or a path, not {_kind(value)}")
    return str(value)


def path_of(value: str | Path | None) -> Path | None:
    """A path; None where none was given."""
    return None if value is None else Path(value)


def paths_of(value: "str | Path | Sequence[str | Path]", name: str) -> tuple[Path, ...]:
    """Several paths from a sequence, or from one. Raises TypeError for anything else."""
    given = [value] if isinstance(value, str | Path) else value
    if not isinstance(given, Sequence) or not all(isinstance(each, str | Path) for each in given):
        raise TypeError(f"{name}= is a path or a list of paths, not {_kind(value)}")
    return tuple(map(Path, given))


def classes_of(value: "str | int | Sequence[str | int]") -> list[str]:
    """Classes by their names or numbers, of one or of several."""
    return [str(each) for each in ([value] if isinstance(value, str | int) else value)]


def words_of(value: str | Sequence[str], name: str) -> tuple[str, ...]:
    """Several words from a sequence, from one word, or from one text with commas between. Raises
    TypeError for anything else."""
    if isinstance(value, str):
        return tuple(word.strip() for word in value.split(",") if word.strip())
    if not isinstance(value, Sequence) or not all(isinstance(word, str) for word in value):
        raise TypeError(f"{name}= is one word or a list of words, not {_kind(value)}")
    return tuple(value)


def number_of(value: object, name: str) -> int:
    """How many of something; 1e6 is a whole number. Raises TypeError for what is none."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, SupportsIndex):
        raise TypeError(f"{name}= is a whole number, not {_kind(value)}")
    return index(value)


def threads_of(value: object) -> "Threads":
    """A number of processor threads, or "auto". Raises UsageError for a number below 1 and any
    other text, TypeError for what is neither."""
    if value == "auto":
        return "auto"
    number = None if isinstance(value, str) else number_of(value, "threads")
    if number is None or number < 1:
        raise UsageError(
            f"--threads={value} is no number of threads", "give auto, or a whole number from 1"
        )
    return number


def seconds_in(value: object) -> float:
    """The seconds of `stop_after`: a number of them, or a time such as "10m". Raises UsageError for
    a text that is no time or a number below 0, TypeError for what is neither."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError(f"stop_after= is in seconds, or a time such as '10m', not {_kind(value)}")
    seconds = seconds_of(value) if isinstance(value, str) else float(value)
    if seconds is None or not seconds >= 0:
        raise UsageError(
            f"--stop-after={value} is no time", "give seconds (90), or 90s, 10m, 1.5h, 2d in quotes"
        )
    return seconds


def request_of(kind: "type[Request]", given: Mapping[str, object]) -> "Request":
    """A request made of a function's arguments by name, as people write them: a path as text, one
    word for a list of them, images seen as a number. Raises TypeError for what cannot be meant."""
    values: dict[str, Any] = {}
    for each in fields(kind):
        value: Any = given.get(each.name, each.default)
        if value is each.default or (value is None and each.default in (MISSING, "")):
            continue
        option = each.metadata.get("option")
        if option is not None and option.kind == "time":
            value = seconds_in(value)
        elif option is not None and option.kind == "threads":
            value = threads_of(value)
        elif each.type == Path | None:
            value = Path(value)
        elif each.type == tuple[str, ...]:
            value = words_of(value, each.name)
        elif each.type is int:
            value = number_of(value, each.name)
        elif option is not None and option.kind == "checkpoint":
            value = str(value)
        elif each.type is str:
            value = text_of(value, each.name)
        values[each.name] = value
    return kind(**values)


def require_two(things: Sequence[object]) -> None:
    """Raise UsageError unless there are two things to compare."""
    if len(things) < 2:
        raise UsageError(
            "there is nothing to compare it with" if things else "nothing was named to compare",
            "name two or more runs, or folders or archives of images",
        )


def _kind(value: object) -> str:
    return f"{type(value).__name__} ({value!r})"[:80]

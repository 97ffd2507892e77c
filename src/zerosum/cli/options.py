"""Options made of what is described (`zerosum.options`): parameters of a command, and fields of the
requests that it takes."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import click

from zerosum.cli.known import DataName, RecipeName, RunName
from zerosum.cli.numbers import Count, Number, NumberOr, ThreadCount
from zerosum.cli.places import cache_root_option
from zerosum.cli.values import (
    CheckpointName,
    DeviceName,
    Duration,
    Minutes,
    Names,
    OneOf,
    ProtocolName,
    SizeOfImages,
    YesNo,
    score_names,
)
from zerosum.errors import UsageError
from zerosum.options import Kind, Option
from zerosum.processor import WATCH
from zerosum.recipe.image_size import ImageSize
from zerosum.recipe.names import NameOf


class OneFile(click.Path):
    """A file, beside which there is no second."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)


def repeated(kind: click.ParamType[Any] | None) -> dict[str, Any]:
    """What an option of these values needs beside its type: where it is given again, `Names` are
    added to those before, and a second file is refused; of other values the last one counts."""
    if isinstance(kind, Names):
        return {"multiple": True, "callback": _together}
    return {"multiple": True, "callback": _one} if isinstance(kind, OneFile) else {}


def _together(
    _ctx: click.Context, _option: click.Parameter, given: Sequence[tuple[str, ...]]
) -> tuple[str, ...] | None:
    return tuple(chain.from_iterable(given)) if given else None


def _one(_ctx: click.Context, option: click.Parameter, given: Sequence[Path]) -> Path | None:
    if len(given) > 1:
        names = " and ".join(map(str, given))
        raise UsageError(f"{option.opts[-1]} takes one file here, not {names}", "give one of them")
    return given[0] if given else None


KINDS: Mapping[Kind, click.ParamType[Any]] = {
    "checkpoint": CheckpointName(),
    "data": DataName(),
    "device": DeviceName(),
    "file": OneFile(),
    "minutes": Minutes(),
    "protocol": ProtocolName(),
    "recipe": RecipeName(),
    "run": RunName(),
    "scores": Names(score_names, own=True),
    "size": SizeOfImages(),
    "threads": ThreadCount(),
    "time": Duration(),
}
Result = TypeVar("Result")


def described(command: Callable[..., Result]) -> Callable[..., Result]:
    """Give a command an option for each of its parameters that is described, and for each described
    field of a parameter that is a dataclass. What is not given has the default that stands there.
    """
    parameters = inspect.signature(command).parameters.items()
    types = {name: each.annotation for name, each in parameters}
    requests = {name: _fields(kind) for name, kind in types.items() if is_dataclass(kind)}
    own = {name: each.default for name, each in parameters if isinstance(each.default, Field)}
    asked = {each for there in requests.values() for each in there}

    @functools.wraps(command)
    def call(**values: Any) -> Result:
        given = {name: value for name, value in values.items() if value is not None}
        words = {name: value for name, value in values.items() if name not in asked}
        words |= {name: given.get(name, each.default) for name, each in own.items()}
        for name, there in requests.items():
            words[name] = types[name](**{each: given[each] for each in there if each in given})
        if any(given.get(name, "auto") == "auto" for name in threads):
            WATCH.begin()  # what takes seconds is imported meanwhile
        return command(**words)

    options: list[tuple[str, Any, Field[Any]]] = []
    for name, annotation in types.items():
        there = requests.get(name, {})
        options += [(field, each.type, each) for field, each in there.items() if each.metadata]
        options += [(name, annotation, own[name])] if name in own else []
    threads = [name for name, _, each in options if each.metadata["option"].kind == "threads"]
    for name, annotation, each in reversed(options):
        if name == "data_root":
            cache_root_option(call)
        _option(name, annotation, each)(call)
    return call


def _fields(request: Any) -> dict[str, Field[Any]]:
    """The fields of a dataclass, its own before those that it inherits."""
    there = {each.name: each for each in fields(request)}
    own = [name for each in request.__mro__ for name in inspect.get_annotations(each)]
    return {name: there[name] for name in own}


def _option(
    name: str, annotation: Any, described: Field[Any]
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    option: Option = described.metadata["option"]
    word, usual = (option.name or name).replace("_", "-"), option.usual
    default = None if described.default is MISSING else described.default
    if usual is None and default is not None and default is not False:
        usual = "" if default in ("", ()) else str(default)
    if annotation == bool | None:
        word += f"/--no-{word}"
    kind, count = (None, 1) if annotation in (bool, bool | None) else click_type(annotation, option)
    pairs = get_origin(annotation) is tuple and get_origin(get_args(annotation)[0]) is tuple
    return click.option(
        name,
        *([f"-{option.short}"] if option.short else []),
        f"--{word}",
        *([f"--{option.also}"] if option.also else []),
        type=kind,
        nargs=count,
        **(repeated(kind) or {"multiple": pairs}),
        is_flag=True if kind is None else None,
        is_eager=option.first,
        # click takes a default of None for a value, and then asks for none.
        **({"required": True} if described.default is MISSING else {"default": None}),
        help=f"{option.help}  [default: {usual}]" if usual else option.help,
        metavar=option.metavar,
    )


def click_type(annotation: Any, option: Option | None = None) -> tuple[click.ParamType[Any], int]:
    """The type of an option's values and how many it takes."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if option and option.kind:
        return KINDS[option.kind], 1
    if origin is Literal or (option and option.choices):
        return OneOf(option.choices if option and option.choices else arguments), 1
    if origin in (Union, UnionType) and get_origin(arguments[-1]) is Literal:
        [word], number = get_args(arguments[-1]), click_type(arguments[0])[0]
        assert isinstance(number, Count | Number)
        return NumberOr(word, number), 1
    if origin in (Union, UnionType):
        return click_type(next(each for each in arguments if each is not NoneType), option)
    if hasattr(annotation, "__metadata__") and isinstance(annotation.__metadata__[0], NameOf):
        return OneOf(list(annotation.__metadata__[0].names), own=True), 1
    if hasattr(annotation, "__metadata__"):
        return click_type(arguments[0], option)
    if origin is tuple and get_origin(arguments[0]) is tuple:
        return click_type(arguments[0], option)
    if origin is tuple and arguments[-1] is Ellipsis:
        if marks := getattr(arguments[0], "__metadata__", ()):
            return Names(lambda: list(marks[0].names), own=True), 1
        return Names(partial(get_args, arguments[0])), 1
    if origin is tuple:
        return click_type(arguments[0], option)[0], len(arguments)
    least, most = (option.least, option.most) if option else (None, None)
    plain: dict[Any, click.ParamType[Any]] = {
        int: Count(*(None if each is None else int(each) for each in (least, most))),
        float: Number(least, most),
        bool: YesNo(),
        str: click.STRING,
        ImageSize: KINDS["size"],
        Path: click.Path(path_type=Path),
    }
    return plain[annotation], 1

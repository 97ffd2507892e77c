"""Python's functions and the commands ask for the same: what is described once, by the same name,
with the same default and of the same type."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import zerosum
from zerosum.analysis.requests import (
    MapRequest,
    ModesRequest,
    NeighboursRequest,
    ProjectRequest,
)
from zerosum.arguments import request_of
from zerosum.cli.interpolate import interpolate
from zerosum.cli.report import report
from zerosum.cli.sample import sample
from zerosum.comparing.request import CompareRequest
from zerosum.data.fit import Fit
from zerosum.evaluation.extractors import Precision, Resize
from zerosum.evaluation.images import Images
from zerosum.evaluation.opening import Part
from zerosum.evaluation.request import Request
from zerosum.exploring.request import ExploreRequest
from zerosum.exporting.request import ExportRequest
from zerosum.studies.request import StudyRequest
from zerosum.training.request import TrainRequest

NAMES = {"Fit": Fit, "Precision": Precision, "Resize": Resize, "Images": Images, "Part": Part}
"""Types that the modules of requests import for a type checker alone."""
WIDER: dict[Any, tuple[Any, ...]] = {
    Path | None: (str | Path | None, str | Path | zerosum.Run | None),
    Mapping[str, object]: (Mapping[str, object] | None,),
    tuple[str, ...]: (str | Sequence[str], str | int | Sequence[str | int]),
    str: (str | Path, str | int),
    float | None: (float | str | None,),
    int: (int | Sequence[tuple[int, int]],),
}
"""What a function may take besides what it makes of it."""


@dataclass(frozen=True)
class Pair:
    """A function of Python, and what its command is asked."""

    function: Callable[..., Any]
    asked: Any
    """A request, or a command whose parameters are described."""
    named: dict[str, str] = field(default_factory=dict)
    """Parameters that are called otherwise in Python, on purpose."""
    without: tuple[str, ...] = ()
    """Of the command alone."""


PAIRS = [
    Pair(zerosum.train, TrainRequest),
    Pair(
        zerosum.estimate,
        TrainRequest,
        without=("stop_after", "stop_on", "init_from", "back_to"),
    ),
    Pair(zerosum.evaluate, Request, without=("images", "array")),
    Pair(zerosum.compare, CompareRequest),
    Pair(zerosum.modes, ModesRequest, without=("images", "array")),
    Pair(zerosum.neighbours, NeighboursRequest),
    Pair(zerosum.map, MapRequest),
    Pair(zerosum.project, ProjectRequest, without=("pictures", "array")),
    Pair(zerosum.Run.project, ProjectRequest, without=("pictures", "array")),
    Pair(zerosum.study, StudyRequest),
    Pair(zerosum.export, ExportRequest),
    Pair(zerosum.Run.export, ExportRequest),
    Pair(zerosum.explore, ExploreRequest),
    Pair(zerosum.Run.explore, ExploreRequest),
    # Python gives the pictures themselves: ranked or not, at their size.
    Pair(zerosum.sample, sample.callback, without=("run", "rank_by", "scale")),
    Pair(
        zerosum.interpolate,
        interpolate.callback,
        {"fps": "frames_per_second"},
        ("run", "between", "scale"),
    ),
    Pair(zerosum.report, report.callback, without=("folder", "watch", "no_cells")),
]


def described(asked: Any) -> dict[str, tuple[Any, Any]]:
    """The type and the default of each thing that is asked."""
    if is_dataclass(asked):
        types = get_type_hints(asked, localns=NAMES)
        return {each.name: (types[each.name], default_of(each)) for each in fields(asked)}
    found: dict[str, tuple[Any, Any]] = {}
    for name, each in inspect.signature(asked).parameters.items():
        if is_dataclass(each.annotation):
            found |= described(each.annotation)
        else:
            given = each.default
            found[name] = each.annotation, default_of(given) if isinstance(given, Field) else given
    return found


def default_of(each: Field[Any]) -> Any:
    made = each.default_factory
    return each.default if made is MISSING else made()


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.function.__name__)
def test_a_function_takes_what_its_command_is_asked(pair: Pair) -> None:
    parameters = inspect.signature(pair.function).parameters
    for name, (kind, default) in described(pair.asked).items():
        if name in pair.without:
            continue
        taken = parameters[pair.named.get(name, name)]
        assert (taken.default or None) == (default or None), name
        assert taken.annotation in (kind, *WIDER.get(kind, ())), (name, taken.annotation, kind)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.function.__name__)
def test_what_a_function_takes_besides_is_known(pair: Pair) -> None:
    parameters = set(inspect.signature(pair.function).parameters)
    asked = {pair.named.get(name, name) for name in described(pair.asked)}
    what = {"recipe", "images", "things", "run", "definition", "folder", "self"}
    assert parameters - asked - what <= {
        "overrides", "devices", "pictures", "listener", "quiet", "best_first", "pairs", "cells",
        "latent", "browser",
    }  # fmt: skip


def test_arguments_are_taken_as_people_write_them() -> None:
    given = {
        "data": Path("photos"), "out": "runs/x", "stop_after": "10m", "stop_on": "diverged",
        "back_to": 200, "overrides": None, "data_root": None, "quiet": True,
    }  # fmt: skip
    assert request_of(TrainRequest, given) == TrainRequest(
        data="photos", out=Path("runs/x"), stop_after=600.0, stop_on=("diverged",), back_to="200"
    )
    many = {"extractor": None, "layer": None, "count": 1e3}
    assert request_of(MapRequest, many) == MapRequest(count=1000)
    for wrong in ({"count": 2.5}, {"count": True}, {"extractor": 5}, {"seed": "one"}):
        with pytest.raises(TypeError, match=next(iter(wrong))):
            request_of(MapRequest, wrong)

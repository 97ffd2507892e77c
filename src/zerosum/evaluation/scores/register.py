"""Scores from files of the user's."""

from collections.abc import Callable
from functools import partial
from typing import Literal, TypeVar

import numpy as np

from zerosum.evaluation.scores.distances import Features
from zerosum.evaluation.scores.errors import jackknife, partitions
from zerosum.evaluation.scores.given import FORMULAS, Given
from zerosum.evaluation.scores.score import Result
from zerosum.parts import Entries, register
from zerosum.randomness import random_for
from zerosum.recipe.scores import ALL_SCORES, SCORES, Score
from zerosum.user_function import UserFunction

Function = TypeVar("Function", bound=Callable[..., object])


def score(
    name: str,
    *,
    better: Literal["lower", "higher"],
    title: str = "",
    bounds: tuple[float, float] | None = None,
    floor: bool = False,
    error: bool = True,
) -> Callable[[Function], Function]:
    """Register a score, for `evaluation.scores` and `evaluate`, in a file that `--with` names.

    It stands on a function that gives one number of features, float32 arrays (count, dimension),
    which it must not change: `generated`, `real`, or both, as it names its parameters.

    `better`: which values are. `title`: what tables call it, its name where that is empty.
    `bounds`: what it is drawn between, None where it may be of any size. `floor`: whether real
    images are scored against other real ones as well, to say how good it can be. `error`: whether
    its standard error is found by leaving out a fifth of the generated images at a time, for which
    the function is called five times more.

    Raises ZerosumError where the function is no such one, or gives no finite number.
    """

    def make(given: Callable[..., object]) -> Entries:
        function = UserFunction.of(given, (), SIDES)
        if not function.names:
            raise ValueError(f"{given.__name__}() names no features; {EXAMPLE}")
        if better not in ("lower", "higher"):
            raise ValueError(f'better={better!r} is not allowed; take "lower" or "higher"')
        if bounds is not None and not (len(bounds) == 2 and bounds[0] < bounds[1]):
            raise ValueError(f"bounds={bounds!r} is not allowed; give two rising numbers: (0, 1)")
        shown = Score(
            title or name,
            better,
            "jackknife: without a fifth of the generated images" if error else "none",
            bounds=bounds,
            digits=("{:.3f}" if bounds else "{:.4g}").format,
            floor=floor,
        )
        features = random_for(0, "a score on trial").standard_normal((2, 64, 8), dtype=np.float32)
        _number(function, *features)
        own = partial(_score, function, error)
        return [(SCORES, shown), (ALL_SCORES, shown), (FORMULAS, own)]

    return register("score", name, make)


SIDES = ("generated", "real")
EXAMPLE = "a score is a function of generated and real, features (count, dimension): one number"


def _score(function: UserFunction[object], error: bool, given: Given) -> Result:
    fake, real = given.fake, given.real.features
    value = _number(function, fake, real)
    if not (error and given.errors):
        return Result(value)
    without = [
        [_number(function, np.delete(fake, fold, axis=0), real) for fold in folds]
        for folds in partitions(len(fake), 1)
    ]
    return jackknife(value, without)


def _number(function: UserFunction[object], fake: Features, real: Features) -> float:
    """What the function says of features. Raises ZerosumError where that is no finite number."""
    result = function(generated=_kept(fake), real=_kept(real))
    try:
        value = float(result)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        function.refuse(f"gives {type(result).__name__}", "a score has to be one number")
    if not np.isfinite(value):
        function.refuse(f"gives {value}, which is no finite number", "look for a division by 0")
    return value


def _kept(features: Features) -> Features:
    """The same numbers, which cannot be changed: they may lie in the cache."""
    view = features.view()
    view.flags.writeable = False
    return view

"""What befalls the processes of a training in tests, in each of them as it begins."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import torch

from zerosum import api
from zerosum.recipe.settings import Recipe
from zerosum.scoring.checkpoints import Scoring
from zerosum.training import companions, devices, loop, meeting
from zerosum.training.fabric import Fabric
from zerosum.training.request import Devices


def nothing() -> None: ...


def slow_work() -> None:
    """What one process does alone takes longer than the others wait within a step."""
    vars(devices)["TIME_LIMIT"] = timedelta(seconds=2)
    vars(meeting)["BEAT_EVERY"] = 2 / meeting.SILENCE
    if is_first():
        for name in ("sheet", "_compare", "report"):
            slow_once(Scoring, name)
    else:
        slow_once(api, "open_training")


def slow_once(owner: Any, name: str) -> None:
    """Have a function take 2.3 s more when it is called first."""
    function, calls = getattr(owner, name), 0

    def slowly(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 1:
            time.sleep(2.3)
        return function(*arguments, **options)

    setattr(owner, name, slowly)


def is_first() -> bool:
    return os.environ.get("LOCAL_RANK", "0") == "0"


def before_third_step(strike: Callable[[], object], *, first: bool = False) -> Callable[[], None]:
    """Have this befall one process, the second if not the first."""

    def begin() -> None:
        if is_first() != first:
            return
        function, calls = vars(loop)["take_step"], 0

        def struck(*arguments: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == 3:
                strike()
            return function(*arguments)

        vars(loop)["take_step"] = struck

    return begin


def at_the_images(strike: Callable[[], object]) -> Callable[[], None]:
    """Have this befall a process that another one soon waits for."""

    def begin() -> None:
        def struck(*_arguments: Any) -> None:
            strike()

        vars(api)["open_training"] = struck

    return begin


def short_limits() -> None:
    vars(devices)["TIME_LIMIT"] = timedelta(seconds=5)
    vars(meeting)["BEAT_EVERY"] = 5 / meeting.SILENCE


def little_patience() -> None:
    vars(meeting)["BEAT_EVERY"] = 0.04


def slow_sheet() -> None:
    little_patience()
    slow_once(Scoring, "sheet")


def other_settings() -> None:
    """The second process is given another seed, as on another machine."""
    settings_of = api.settings_of

    def otherwise(recipe: str | Recipe, data: str, overrides: Mapping[str, object]) -> Recipe:
        return settings_of(recipe, data, {**overrides, "seed": 7})

    if not is_first():
        vars(api)["settings_of"] = otherwise


def unreachable() -> None:
    """What PyTorch says where a machine's name leads to 127.0.0.1 on itself."""

    def launch() -> None:
        raise RuntimeError(
            "Gloo connectFullMesh failed with [third_party/gloo/gloo/transport/tcp/pair.cc:152] "
            "timed out connecting: SO_ERROR: Connection refused, remote=[127.0.0.1]:3493$1"
        )

    make = devices.make_fabric

    def made(asked: Devices) -> Fabric:
        fabric = make(asked)
        vars(fabric)["launch"] = launch
        return fabric

    vars(companions)["make_fabric"] = made


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def fail() -> None:
    raise KeyError("a bug")


def take_too_much_memory() -> None:
    torch.empty(2**50)


FAULTS: dict[str, Callable[[], None]] = {
    "": nothing,
    "slow work": slow_work,
    "other settings": other_settings,
    "short limits": short_limits,
    "little patience": little_patience,
    "slow sheet": slow_sheet,
    "unreachable": unreachable,
    "killed at the images": at_the_images(kill),
    "terminated at the images": at_the_images(terminate),
    "failed at the images": at_the_images(fail),
    "first killed": before_third_step(kill, first=True),
    "second killed": before_third_step(kill),
    "no memory in the first": before_third_step(take_too_much_memory, first=True),
    "no memory in the second": before_third_step(take_too_much_memory),
}

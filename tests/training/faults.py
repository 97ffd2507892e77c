"""What befalls the processes of a training in tests, in each of them as it begins."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from zerosum import api
from zerosum.scoring.checkpoints import Scoring
from zerosum.training import devices


def nothing() -> None: ...


def slow_work() -> None:
    """What one process does alone takes longer than the others wait within a step."""
    vars(devices)["TIME_LIMIT"] = timedelta(seconds=2)
    if os.environ.get("LOCAL_RANK", "0") == "0":
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


FAULTS: dict[str, Callable[[], None]] = {"": nothing, "slow work": slow_work}

"""The notebook runs from its first cell to its last, and is committed with what it shows."""

import re
import runpy
from pathlib import Path
from typing import Any

from tests.examples.notebooks import (
    ROOT,
    executed,
    opened,
    printed,
    require_committed,
    shown,
)

NOTEBOOK = "quickstart.ipynb"


def scores_of_the_study(text: str) -> list[list[float]]:
    lines = re.findall(r"^images \S+ FID \[(.*)\]$", text, re.MULTILINE)
    return [[float(value) for value in line.split(", ")] for line in lines]


def test_the_notebook_trains_looks_measures_and_compares(tmp_path: Path) -> None:
    notebook = executed(
        NOTEBOOK,
        tmp_path,
        {"220_000": "2_000", "SCORED = 1_000": "SCORED = 100", "seeds=(0, 1)": "seeds=(0,)"},
    )
    assert shown(notebook, "text/plain")[0].startswith("('finished', 2")
    assert "training:" in printed(notebook)
    assert [len(values) for values in scores_of_the_study(printed(notebook))] == [1, 1]
    assert len(shown(notebook, "image/png")) == 4


def test_the_notebook_is_committed_with_what_it_shows() -> None:
    require_committed(NOTEBOOK, pictures=4)
    assert shown(opened(NOTEBOOK), "text/html")


def test_the_study_of_the_notebook_compares_what_can_be_told_apart() -> None:
    short, long = scores_of_the_study(printed(opened(NOTEBOOK)))
    luck = max(max(short) - min(short), max(long) - min(long))
    assert len(short) == len(long) == 2
    assert min(short) - max(long) > 3 * luck


def tool(name: str) -> Any:
    return runpy.run_path(str(ROOT / "tools" / "run_notebook.py"))[name]


def test_of_a_bar_its_last_state_is_kept() -> None:
    last_states = tool("last_states")
    assert last_states("a\n\r 1%\r 50%\rdone\nb\n") == "a\ndone\nb\n"
    assert last_states("\r 1%\r\x1b[A") == ""


def test_times_and_speeds_are_not_kept() -> None:
    text = (
        "enough: this recipe needs 1,000 or more\n"
        "\r  1%\r\x1b[Aabout 3 min to go, at 165 images/s\n"
        "training: 100%|███| 30016/30016 [01:37<00:00, 307.04img/s, G=2.769, D=0.201]\n"
        "counting: 100%|███| 10/10 [1:00:01<00:00, 3.1img/s]\nFID [1.0, 2.0]\n"
    )
    assert tool("without_times")(tool("last_states")(text)).splitlines() == [
        "enough: this recipe needs 1,000 or more",
        "training: 100%|███| 30016/30016 G=2.769, D=0.201",
        "counting: 100%|███| 10/10",
        "FID [1.0, 2.0]",
    ]


def test_the_committed_training_was_long_enough() -> None:
    text = printed(opened(NOTEBOOK))
    assert "enough: this recipe needs" in text
    assert not re.search(r"img/s|images/s|too few", text)

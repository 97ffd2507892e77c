"""The notebook runs from its first cell to its last, and is committed with what it shows."""

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed: the extra test")
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed: the extra test")

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "examples" / "quickstart.ipynb"
LARGEST = 1_000_000
"""Bytes."""


def outputs(notebook: Any) -> list[Any]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def printed(notebook: Any) -> str:
    return "\n".join(output.get("text", "") for output in outputs(notebook))


def shown(notebook: Any, kind: str) -> list[str]:
    return [output["data"][kind] for output in outputs(notebook) if kind in output.get("data", {})]


def scores_of_the_study(text: str) -> list[list[float]]:
    lines = re.findall(r"^images \S+ FID \[(.*)\]$", text, re.MULTILINE)
    return [[float(value) for value in line.split(", ")] for line in lines]


def test_the_notebook_trains_looks_measures_and_compares(tmp_path: Path) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    # The same cells with smaller budgets.
    for cell in notebook.cells:
        for long, short in (("220_000", "2_000"), ("SCORED = 1_000", "SCORED = 100"),
                            ("seeds=(0, 1)", "seeds=(0,)")):  # fmt: skip
            cell.source = cell.source.replace(long, short)
    nbclient.NotebookClient(
        notebook, timeout=240, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()

    assert shown(notebook, "text/plain")[0].startswith("('finished', 2")
    assert "training:" in printed(notebook)
    assert [len(values) for values in scores_of_the_study(printed(notebook))] == [1, 1]
    assert len(shown(notebook, "image/png")) == 4


def test_the_notebook_is_committed_with_what_it_shows() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not [each for each in outputs(notebook) if each.output_type == "error"]
    assert len(shown(notebook, "image/png")) == 4 and shown(notebook, "text/html")
    assert NOTEBOOK.stat().st_size < LARGEST
    for text in (printed(notebook), *shown(notebook, "text/plain"), *shown(notebook, "text/html")):
        assert not re.search(r"/(home|root|tmp|work|Users)/|\r", text)


def test_the_study_of_the_notebook_compares_what_can_be_told_apart() -> None:
    short, long = scores_of_the_study(printed(nbformat.read(NOTEBOOK, as_version=4)))
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
    text = printed(nbformat.read(NOTEBOOK, as_version=4))
    assert "enough: this recipe needs" in text
    assert not re.search(r"img/s|images/s|too few", text)

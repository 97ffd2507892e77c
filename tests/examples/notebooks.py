"""What the tests of notebooks share: their outputs, and how they are committed."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

nbformat: Any = pytest.importorskip("nbformat", reason="nbformat is not installed: the extra test")
nbclient: Any = pytest.importorskip("nbclient", reason="nbclient is not installed: the extra test")

ROOT = Path(__file__).parents[2]
LARGEST = 1_000_000
"""Bytes."""


def opened(name: str) -> Any:
    """A notebook of examples/."""
    return nbformat.read(ROOT / "examples" / name, as_version=4)


def executed(name: str, folder: Path, shorter: Mapping[str, str]) -> Any:
    """The same with smaller budgets, by the text that stands for each, run in a folder."""
    notebook = opened(name)
    for cell in notebook.cells:
        for long, short in shorter.items():
            cell.source = cell.source.replace(long, short)
    return nbclient.NotebookClient(
        notebook, timeout=240, resources={"metadata": {"path": str(folder)}}
    ).execute()


def outputs(notebook: Any) -> list[Any]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def printed(notebook: Any) -> str:
    return "\n".join(output.get("text", "") for output in outputs(notebook))


def shown(notebook: Any, kind: str) -> list[str]:
    return [output["data"][kind] for output in outputs(notebook) if kind in output.get("data", {})]


def require_committed(name: str, pictures: int) -> None:
    """All cells were run once, in their order, without an error; what they show is small and names
    no machine."""
    notebook = opened(name)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not [each for each in outputs(notebook) if each.output_type == "error"]
    assert len(shown(notebook, "image/png")) == pictures
    assert (ROOT / "examples" / name).stat().st_size < LARGEST
    for text in (printed(notebook), *shown(notebook, "text/plain"), *shown(notebook, "text/html")):
        assert not re.search(r"/(home|root|tmp|work|Users)/|\r", text)

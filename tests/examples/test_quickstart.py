"""The notebook runs from its first cell to its last."""

from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed: the extra test")
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed: the extra test")

NOTEBOOK = Path(__file__).parents[2] / "examples" / "quickstart.ipynb"


def test_the_notebook_trains_looks_scores_and_compares(tmp_path: Path) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    budget = notebook.cells[1]
    # The same cells with a smaller budget.
    shorter = budget.source.replace("IMAGES = 60_000", "IMAGES = 4_000")
    shorter = shorter.replace("SCORED = 1_000", "SCORED = 100")
    assert shorter != budget.source
    budget.source = shorter

    nbclient.NotebookClient(
        notebook, timeout=240, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()

    printed = "\n".join(
        output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", [])
    )
    assert "('finished', 4032)" in "\n".join(
        str(output.get("data", {}).get("text/plain", ""))
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    )
    assert "training:" in printed and "features of the images:" in printed
    assert "latent 1 FID [" in printed
    pictures = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert len(pictures) == 4


def test_the_notebook_is_committed_without_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)

    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert not cell.get("execution_count")

"""The notebook for teaching: its loop trains, and it is committed with what it shows."""

import re
from pathlib import Path
from typing import Any

from tests.examples.notebooks import executed, opened, printed, require_committed, shown

NOTEBOOK = "step_by_step.ipynb"
PICTURES = 7


def loop(notebook: Any) -> str:
    """The cell that trains, from its loop on."""
    [cell] = [cell.source for cell in notebook.cells if "for step in range(STEPS)" in cell.source]
    return str(cell).partition("for step")[2]


def test_its_cells_run_and_answer_what_they_ask(tmp_path: Path) -> None:
    shorter = {"STEPS = 1_000": "STEPS = 20", "MADE = 1_000": "MADE = 100"}
    notebook = executed(NOTEBOOK, tmp_path, shorter)
    text = printed(notebook)
    assert "after 20 steps" in text and "undecided: 1.39" in text
    for asked in ("learnt from", "held out", "made"):
        assert re.search(rf"^{asked} +-?\d+\.\d\d$", text, re.MULTILINE), asked
    assert len(shown(notebook, "image/png")) == PICTURES
    assert list(tmp_path.iterdir()) == [], "it needs no files"


def test_it_is_committed_with_what_it_shows() -> None:
    require_committed(NOTEBOOK, PICTURES)


def test_its_loop_is_short() -> None:
    lines = [line for line in loop(opened(NOTEBOOK)).splitlines() if line.strip()]
    assert len(lines) <= 20

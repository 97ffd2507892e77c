"""Runs the notebooks of examples/, or one of them, and keeps what they print and draw.

    python tools/run_notebook.py [NOTEBOOK]

Of a progress bar its last state is kept, without times and speeds: they would be this machine's,
and on a busy one far from a reader's. What would name this machine is refused.
"""

import re
import socket
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

import nbclient

nbformat: Any = import_module("nbformat")  # which has no types
ROOT = Path(__file__).parents[1]


def main() -> None:
    """Run what is named, else all."""
    named = [Path(word) for word in sys.argv[1:]]
    for path in named or sorted((ROOT / "examples").glob("*.ipynb")):
        run(path)


def run(path: Path) -> None:
    """Run a notebook in an empty folder, and write it with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        place = {"metadata": {"path": folder}}
        nbclient.NotebookClient(notebook, timeout=3600, resources=place).execute()
        for cell in notebook.cells:
            cell.get("metadata", {}).pop("execution", None)
            clean(cell)
        # A short name is found in the letters of any picture.
        text = re.sub(r"[\w+/=\\]{200,}", "", nbformat.writes(notebook))
        for word in (folder, str(Path.home()), str(ROOT), socket.gethostname()):
            if len(word) > 1 and word in text:
                raise SystemExit(f"the outputs name this machine: {word}")
    notebook.metadata["language_info"] = {"name": "python"}
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def clean(cell: Any) -> None:
    """Join what a cell printed, with the last state of each bar."""
    printed, others = "", []
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            printed += output.text
        else:
            others.append(output)
    if not cell.get("outputs"):
        return
    text = without_times(last_states(printed))
    stream = [nbformat.v4.new_output("stream", name="stdout", text=text)] if text else []
    cell.outputs = [*stream, *others]


def last_states(text: str) -> str:
    """The lines that are left on a screen where bars are drawn over each other."""
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")]
    lines = [re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line).rstrip() for line in lines]
    return "\n".join(line for line in lines if line) + "\n" if any(lines) else ""


def without_times(text: str) -> str:
    """The same without the lines that tell how long it will take, and without a bar's clock."""
    text = re.sub(r"^about .* to go, at .*\n", "", text, flags=re.MULTILINE)
    clock = r" \[\d[\d:]*<[^,\]]*,[^,\]]*(?:, )?([^\]]*)\]"
    return re.sub(clock, lambda found: f" {found[1]}".rstrip(), text)


if __name__ == "__main__":
    main()

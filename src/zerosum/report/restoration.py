"""RUN/charts/restoration.png: held-out pictures damaged, restored, and as they were."""

from pathlib import Path

import numpy as np
from PIL import Image

from zerosum.data import PackedData
from zerosum.data.grid import grid, save_png
from zerosum.evaluation.restoration import numbered
from zerosum.generation.restored import restoration_versions
from zerosum.recipe.load import read_recipe
from zerosum.records.run import RunFolder
from zerosum.report.scores import VERSIONS

PICTURES = 8
"""The first held-out ones, whatever became of them."""


def picture_file(run: RunFolder) -> Path:
    """Where the picture lies, if there is one."""
    return run.charts / "restoration.png"


def write_restoration(run: RunFolder, data: PackedData, *, device: str = "auto") -> Path | None:
    """Draw the first held-out pictures, one a column: a row for each version and one for the
    originals; returns the path, or None where nothing was held out.

    `data` is what the run was trained on. Of the best checkpoint, as the scores are, or of the
    newest where none were compared. Raises ZerosumError where a file is missing or cannot be
    written.
    """
    count = min(PICTURES, len(data.held_out))
    if not count:
        return None
    originals = numbered(data, np.arange(count))
    versions = restoration_versions(run, originals, checkpoint=run.best_or_latest(), device=device)
    sides = {VERSIONS[name]: side.images for name, side in versions.items()}
    sides["original"] = originals.images
    sheet = grid(np.concatenate([each.read(0, count) for each in sides.values()]), columns=count)
    text = {
        "run": run.path.resolve().name,
        "data": data.name,
        "seed": str(read_recipe(run.recipe_file).seed),
        "rows": ", ".join(sides),
        "columns": f"held-out pictures 0 to {count - 1}",
        **{f"checkpoint of {VERSIONS[name]}": side.checkpoint for name, side in versions.items()
           if side.checkpoint},
    }  # fmt: skip
    save_png(sheet, picture_file(run), text)
    return picture_file(run)


def caption(run: RunFolder) -> str:
    """What the picture shows, from its own text fields; "" where it has none, or is damaged."""
    try:
        with Image.open(picture_file(run)) as image:
            text = getattr(image, "text", {})
    except (OSError, SyntaxError, ValueError):
        return ""
    if not {"rows", "columns"} <= set(text):
        return ""
    return f"rows from the top: {text['rows']}; {text['columns']}, which nobody chose"

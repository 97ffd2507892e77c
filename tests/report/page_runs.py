"""A run folder with all that a page can show, hand-written in a fraction of a second."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.generation.conftest import write_checkpoint
from tests.report.conftest import STATE, lines_of
from zerosum.data.grid import grid, save_png
from zerosum.randomness import random_for
from zerosum.recipe.load import load_recipe, recipe_to_toml
from zerosum.records.run import RunFolder

SMALL = {
    "network.generator.width": 8,
    "network.discriminator.width": 8,
    "data.resolution": 16,
    "schedule.log_every": 25,
}
PROTOCOL = {
    "name": "custom", "fakes": 500, "reals": 500, "real_data": "digits", "real_part": "held out",
    "real_fingerprint": "00", "resolution": 16, "channels": 1, "extractor": "digits",
    "weights": "f645", "resize": "none", "precision": "float32", "approximate": False,
    "source": "demo", "fit": "pad", "checkpoint": "000080000", "generator": "last", "seed": 0,
    "version": "0.1.0",
}  # fmt: skip
MODES = {
    "class_names": ["0", "<b>1</b>"], "counts": [70, 30], "shares": [0.5, 0.5],
    "total_variation": 0.2, "chi_square": 16.0, "p_value": 6.3e-5, "missed": [], "untold": [],
    "under_represented": [], "confidence": 0.9, "unsure": 0.05, "how": "the digit classifier",
    "unlike": 0.1, "images": 100, "verdict": "covers all 2 classes", "checkpoint": "000080000",
}  # fmt: skip
POINTS = {"smallest": 0.1, "5 %": 0.2, "median": 0.5, "95 %": 0.9}
NEIGHBOURS = {
    "verdict": "does not look copied: 1.0% of 1,000 generated images are that near",
    "space": "digits", "generated": 1000, "training": 8000, "held_out": 2000, "near_share": 0.01,
    "identical": 0, "threshold": 0.2, "base_line": "held-out images",
    "notes": ["3 of 8,000 training images repeat others"],
    "copies": {
        "generated": {"count": 1, "of": 1000, "ratio": POINTS},
        "held out": {"count": 0, "of": 0, "ratio": None},
    },
    "distances": {"generated to training": POINTS, "held out to training": None},
    "checkpoint": "000080000", "weights": "last", "seed": 0,
}  # fmt: skip


def score_line(images: int, value: float, kind: str = "compared", **changed: Any) -> dict[str, Any]:
    """A line of scores.jsonl with FID and recall; the protocol with parts changed by name."""
    return {
        "images": images,
        "kind": kind,
        "compared": 0,
        "scores": {
            "fid": {"value": value, "error": 0.25},
            "recall": {"value": 0.5, "error": None},
        },
        "protocol": PROTOCOL | {"checkpoint": f"{images:09d}"} | changed,
        "floor": {"fid": {"value": 0.5, "error": 0.01}},
        "floor_words": "8,000 of digits (train) against these",
        "floor_size": "",
        "notes": ["500 images are few"],
    }


def bare_run(folder: Path, overrides: dict[str, object] | None = None) -> RunFolder:
    """A run that was begun, and no more."""
    run = RunFolder(folder)
    run.path.mkdir(parents=True)
    recipe = load_recipe("digits", SMALL | (overrides or {}))
    run.recipe_file.write_text(recipe_to_toml(recipe))
    return run


def full_run(folder: Path, *, sheets: int = 3, lines: int = 25, **state: Any) -> RunFolder:
    """A run of digits with log lines, scores, grids, a checkpoint, modes and neighbours.

    Fields of its state by name.
    """
    run = bare_run(folder)
    write_checkpoint(run, load_recipe("digits", SMALL), images=80_000)
    run.state_file.write_text(json.dumps(STATE | state))
    write_lines(run.metrics_file, [
        line | {"spread_fake": 0.4, "spread_real": 0.5, "nearest_fake": 0.2, "nearest_real": 0.3}
        for line in lines_of(lines)
    ])  # fmt: skip
    write_lines(run.scores_file, [
        score_line(40_000, 9.0), score_line(60_000, 5.0), score_line(80_000, 4.0, "reported"),
    ])  # fmt: skip
    write_lines(run.health_file, [
        {"images": 9600, "verdict": "collapsed", "evidence": ["all alike"]},
        {"images": 22_400, "verdict": "learning", "evidence": []},
    ])  # fmt: skip
    for number in range(sheets):
        save_png(noise_sheet(number), run.samples / f"{number * 1000:09d}.png", {})
    save_png(noise_sheet(-1), run.samples / "reals.png", {})
    (run.path / "modes.json").write_text(json.dumps(MODES))
    (run.path / "neighbours.json").write_text(json.dumps(NEIGHBOURS))
    for name in ("modes", "neighbours"):
        save_png(Image.new("RGB", (640, 200), "white"), run.charts / f"{name}.png", {})
    return run


def noise_sheet(number: int, side: int = 16) -> Image.Image:
    """A grid of 64 grey pictures of noise."""
    shape = (64, side, side, 1)
    pixels = random_for(0, f"sheet {number}").integers(0, 256, shape, dtype=np.uint8)
    return grid(pixels, columns=8)


def write_lines(path: Path, lines: Sequence[dict[str, Any]]) -> None:
    """A file of JSON lines."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

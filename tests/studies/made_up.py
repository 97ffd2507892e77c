"""Cells that were never trained: run folders as trainings leave them, written in a moment."""

import json
from collections.abc import Mapping, Sequence

from zerosum.evaluation.protocol import Protocol
from zerosum.recipe.load import recipe_to_toml
from zerosum.recipe.phases import images_total
from zerosum.studies.cells import Cell
from zerosum.studies.folder import StudyFolder

PROTOCOL = Protocol(
    name="custom",
    fakes=100,
    reals=100,
    real_data="digits",
    real_part="held out",
    real_fingerprint="a" * 64,
    resolution=32,
    channels=1,
    extractor="digits",
    weights="b" * 12,
    resize="none",
    precision="float32",
    approximate=False,
    source="cell",
    fit="pad",
    checkpoint="000000320",
    generator="last",
    version="0",
)


def write_cell(
    folder: StudyFolder,
    cell: Cell,
    fid: float | None = None,
    *,
    status: str = "finished",
    reason: str = "",
    compared: Sequence[tuple[int, float]] = (),
    precision: float | None = None,
) -> None:
    """A run that ended with that status and FID; `compared`: images and FID along the way, all of
    that `precision` where there is one."""
    run = folder.run(cell.name)
    run.path.mkdir(parents=True)
    run.recipe_file.write_text(recipe_to_toml(cell.settings()))
    total = 320 if status == "running" else images_total(cell.settings(), 0)
    state = {
        "status": status, "reason": reason, "images": 320, "images_total": total, "seconds": 9.0,
    }  # fmt: skip
    run.state_file.write_text(json.dumps(state))
    lines = [score_line(value, images, "selection", precision) for images, value in compared]
    if fid is not None:
        lines.append(score_line(fid, 320, "final", precision))
    run.scores_file.write_text("".join(json.dumps(line) + "\n" for line in lines))


def score_line(
    fid: float, images: int, kind: str, precision: float | None = None
) -> Mapping[str, object]:
    """A line of scores.jsonl."""
    scores = {"fid": {"value": fid, "error": 0.5}}
    if precision is not None:
        scores["precision"] = {"value": precision, "error": 0.01}
    return {
        "images": images,
        "kind": kind,
        "scores": scores,
        "protocol": PROTOCOL.as_dict(),
        "notes": [],
    }

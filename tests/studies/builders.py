"""Results of studies from hand-written score lines."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zerosum.records.logs import ScoreLine
from zerosum.records.run import RunFolder
from zerosum.studies.cells import Cell, cells_of
from zerosum.studies.results import CellResult, SettingResult, by_setting
from zerosum.studies.settings import Study
from zerosum.studies.standing import Status

PROTOCOL: Mapping[str, Any] = {
    "name": "digits",
    "fakes": 10_000,
    "reals": 2000,
    "real_data": "digits",
    "real_part": "held out",
    "real_fingerprint": "02f4",
    "resolution": 32,
    "channels": 1,
    "extractor": "digits",
    "weights": "f645",
    "resize": "none",
    "precision": "float32",
    "approximate": False,
    "source": "a-cell",
    "fit": "pad",
    "checkpoint": "000200000",
    "generator": "average",
    "version": "0.1.0",
}


def score_line(
    value: float,
    *,
    score: str = "fid",
    error: float | None = 0.5,
    kind: str = "final",
    more: Mapping[str, float] | None = None,
    **parts: Any,
) -> dict[str, Any]:
    """A line of scores.jsonl with one score and `more`; `parts` are of its protocol."""
    others = {name: {"value": each, "error": 0.001} for name, each in (more or {}).items()}
    return {
        "images": 200_000,
        "kind": kind,
        "scores": {score: {"value": value, "error": error}, **others},
        "protocol": {**PROTOCOL, **parts},
        "notes": [],
    }


def result_of(
    cell: Cell,
    value: float | None = None,
    *,
    status: Status = "finished",
    reason: str = "",
    verdict: str = "",
    score: str = "fid",
    error: float | None = 0.5,
    run: RunFolder | None = None,
    **parts: Any,
) -> CellResult:
    """A cell's result; without a value it has no scores."""
    line = None if value is None else score_line(value, score=score, error=error, **parts)
    return CellResult(
        cell=cell,
        run=run or RunFolder(Path("nowhere") / cell.name),
        status=status,
        reason=reason,
        verdict=verdict,
        images=200_000 if status != "waiting" else 0,
        images_total=200_000,
        seconds=600.0 if status != "waiting" else 0.0,
        scores=None if line is None else ScoreLine.from_dict(line),
    )


def settings_of(study: Study, values: Sequence[float | None], **fields: Any) -> list[SettingResult]:
    """Every cell of a study's grid with these values in their order; a cell of None waits."""
    cells = cells_of(study)
    return by_setting(
        result_of(cell, value, status="waiting" if value is None else "finished", **fields)
        for cell, value in zip(cells, values, strict=True)
    )


def settings_with_precision(
    study: Study, values: Sequence[float], precisions: Sequence[float]
) -> list[SettingResult]:
    """Every cell of a study's grid with an FID and a precision, in their order."""
    return by_setting(
        result_of(cell, value, more={"precision": precision, "recall": 0.0})
        for cell, value, precision in zip(cells_of(study), values, precisions, strict=True)
    )


def grid_study(**fields: Any) -> Study:
    """Two learning rates and two optimizers, three seeds; `fields` replace its own."""
    content: dict[str, Any] = {
        "name": "four",
        "recipe": ("digits",),
        "seeds": (0, 1, 2),
        "grid": {"learning-rate": (2e-3, 2e-4), "optimizer": ("adam", "rmsprop")},
    }
    return Study(**{**content, **fields})


def latent_study(**fields: Any) -> Study:
    """One axis of three numbers, three seeds."""
    content: dict[str, Any] = {
        "name": "latents",
        "recipe": ("digits",),
        "seeds": (0, 1, 2),
        "grid": {"latent": (1, 4, 16)},
    }
    return Study(**{**content, **fields})

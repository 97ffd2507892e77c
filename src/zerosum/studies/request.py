"""What a user asks of a study: which of its cells are trained, how long, and with what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from zerosum import options
from zerosum.options import Precision, Threads, option

Sampler = Literal["grid", "random", "tpe"]


@dataclass(frozen=True, kw_only=True)
class StudyRequest:
    """How to run a study; what is empty is as its file says, or chosen to fit."""

    out: Path | None = options.out("The study folder.", "studies/NAME")
    preset: str = option(
        "",
        "One of the study's own presets, such as cpu-hours: shorter, smaller, for a processor.",
        metavar="NAME",
    )
    data: str = option("", "Images in place of the study's.", kind="data")
    data_root: Path | None = options.data_root()
    overrides: Mapping[str, object] = field(default_factory=dict)
    """Fields of a recipe that are set in every cell, by their names."""
    images: int = 0
    """Real images that each cell is trained on; 0: as the study says, and so below."""
    epochs: int = 0
    jobs: int = option(
        1,
        "Cells at a time; they share the processor cores, and take CUDA devices in turn.",
        least=1,
    )
    minutes: float = option(0.0, "Training time of every cell.", "")
    only: tuple[str, ...] = option(
        (), "Cells whose name holds one of these words, or axis=value; with commas between."
    )
    sampler: Sampler = option(
        "grid",
        "grid: every combination; random and tpe draw --trials of them, also from ranges.",
    )
    trials: int = option(0, "Combinations to draw.", "", least=1)
    threads: Threads = option(
        "auto",
        "Processor threads of a cell; auto: as its work can use, of the cores that are shared out"
        " among --jobs, and other programs leave free; 1 with --ray.",
        kind="threads",
        also="cores",
    )
    ray: str = option("", "Run on a Ray cluster: auto, or HOST:PORT.", metavar="ADDRESS")
    prune: bool = option(False, "Stop cells early whose scores on the way are poor.")
    device: str = options.device()
    precision: Precision = options.precision()

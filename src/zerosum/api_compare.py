"""One comparison from what the user named to its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zerosum.comparing.comparability import choose_lines, result_lines
from zerosum.comparing.rescore import Rescore, Scorer, score_again
from zerosum.comparing.sides import Side, open_sides
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.networks import choose_device
from zerosum.records.score_line import ScoreLine
from zerosum.report.comparison.compare import Comparison, tell_comparison
from zerosum.report.comparison.place import choose_place, place_kept


@dataclass(frozen=True)
class CompareOptions:
    """How to compare; what is empty is chosen to fit."""

    again: Rescore | None = None
    """Score everything anew, like this; None: the newest scores of each run are shown."""
    out: Path | None = None
    """The folder to write to."""
    checkpoint: str = ""
    """Of all runs: "latest", "best" or images seen; "" for that of their scores."""
    seed: int = 0
    """Of the pictures."""
    device: str = "auto"
    data_root: Path | None = None


def compare_sides(
    things: Sequence[str],
    options: CompareOptions,
    score: Scorer,
    stage: Stage = no_stage,
) -> Comparison:
    """Lay runs and folders of images side by side, and write the comparison's files.

    `score` scores anew, where that is asked for. Raises UsageError or ZerosumError, which say what
    to do, before anything is written.
    """
    choose_device(options.device)  # a wrong name is told before anything is opened
    sides, name = open_sides(things, options.checkpoint, data_root=options.data_root, stage=stage)
    out = choose_place(options.out, name, things)
    with place_kept(out):
        lines: list[ScoreLine | None]
        if options.again is not None:
            lines = list(score_again(sides, options.again, score, stage))
        else:
            lines = choose_lines([_lines_of(side) for side in sides])
        return tell_comparison(
            sides,
            lines,
            out,
            seed=options.seed,
            device=options.device,
            data_root=options.data_root,
        )


def _lines_of(side: Side) -> list[ScoreLine]:
    return [] if side.run is None else result_lines(side.run.scores(), side.checkpoint)

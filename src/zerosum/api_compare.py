"""The public Python API of comparisons. The command is thin over it."""

from collections.abc import Sequence
from pathlib import Path

from zerosum.api_evaluate import evaluate_request
from zerosum.api_run import Run, path_named
from zerosum.api_threads import working_with
from zerosum.arguments import request_of, require_two
from zerosum.comparing.comparability import choose_lines, result_lines
from zerosum.comparing.request import CompareRequest
from zerosum.comparing.rescore import score_again
from zerosum.comparing.samples import sample_rows
from zerosum.comparing.sides import Side, open_sides
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.networks.device import choose_device
from zerosum.notebook import stages
from zerosum.options import Threads
from zerosum.records.logs import ScoreLine
from zerosum.report.comparison.compare import Comparison, tell_comparison
from zerosum.report.comparison.place import choose_place, place_kept
from zerosum.spelling import python_call


@python_call(images="count")
def compare(
    things: Sequence[Run | str | Path],
    *,
    again: bool = False,
    out: str | Path | None = None,
    checkpoint: str | int = "",
    seed: int = 0,
    count: int = 0,
    against: str | Path = "",
    scores: str | Sequence[str] = (),
    extractor: str = "",
    layer: str = "",
    weights: str | Path | None = None,
    device: str = "auto",
    threads: Threads = "auto",
    data_root: str | Path | None = None,
    quiet: bool = False,
) -> Comparison:
    """Lay runs, checkpoints and folders of images side by side: settings that differ, scores,
    curves, samples. A notebook shows it as tables; it is written to `out`, or comparisons/.

    Scores are compared only where they were measured alike; `again` scores all now, under one
    protocol, by `count` images of each, `against`, `scores`, `extractor`, `layer` and `weights` as
    in `evaluate`, and keeps the scores with the runs. `checkpoint` is that of all runs, `seed` that
    of the pictures; `threads` are as in `evaluate`. Raises ZerosumError, which says what to do,
    and TypeError.
    """
    if isinstance(things, str | Path | Run):
        raise TypeError("things= is a list of two or more: compare([run, other])")
    require_two(things)
    asked = request_of(CompareRequest, locals())
    asked.require_again()
    with stages(quiet) as stage:
        return compare_things([path_named(thing, "things") for thing in things], asked, stage)


def compare_things(
    things: Sequence[str], asked: CompareRequest, stage: Stage = no_stage
) -> Comparison:
    """`compare` for who has a request ready.

    Raises UsageError or ZerosumError, which say what to do, before anything is written.
    """
    choose_device(asked.device)  # refuses a wrong name before anything is opened
    sides, name = open_sides(things, asked.checkpoint, data_root=asked.data_root, stage=stage)
    out = choose_place(asked.out, name, things)
    with place_kept(out):
        lines: Sequence[ScoreLine | None]
        if asked.again:
            lines = score_again(sides, asked.scoring(), evaluate_request, stage)
        else:
            lines = choose_lines([_lines_of(side) for side in sides])
        with working_with(asked.threads, asked.device, quick=True):
            samples = sample_rows(
                sides, lines, seed=asked.seed, device=asked.device, data_root=asked.data_root
            )
        return tell_comparison(sides, lines, samples, out)


def _lines_of(side: Side) -> list[ScoreLine]:
    return [] if side.run is None else result_lines(side.run.scores(), side.checkpoint)

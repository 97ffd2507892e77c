"""Which line of scores.jsonl is the result of a run: nobody else decides it.

A training writes lines by which its best checkpoint is selected and, in the end, a final one; users
have others measured at any time. A run has one result, whatever is measured later.
"""

from collections.abc import Sequence

from zerosum.records.score_line import FINAL, MANUAL, SELECTION, ScoreLine


def result_of(lines: Sequence[ScoreLine]) -> ScoreLine | None:
    """The final score of the run among its lines, oldest first: the newest that its training wrote.

    Where it wrote none (it should not, or was ended by the clock), what was measured by hand of the
    newest checkpoint: of the most generated images, and the first of these. None where checkpoints
    were compared at most.
    """
    final = [line for line in lines if line.kind == FINAL]
    if final:
        return final[-1]
    manual = [line for line in lines if line.kind == MANUAL]
    return max(
        manual,
        key=lambda line: (line.images, int(line.protocol.get("fakes", 0))),
        default=None,
    )


def results_of(lines: Sequence[ScoreLine]) -> list[ScoreLine]:
    """The result first, then what else was measured, newest first: of what was measured alike, of
    the same checkpoint, once. Where there is no result, the newest comparison of checkpoints."""
    result = result_of(lines)
    if result is None:
        return list(lines[-1:])
    shown = [result]
    for line in reversed(lines):
        if line.kind != SELECTION and not any(_alike(line, each) for each in shown):
            shown.append(line)
    return shown


def _alike(one: ScoreLine, other: ScoreLine) -> bool:
    """Whether one has no score that the other has not, measured otherwise in nothing but the
    versions and the names of protocols."""
    if one.images != other.images or not one.scores.keys() <= other.scores.keys():
        return False
    parts, others = one.protocol, other.protocol
    names = (parts.keys() | others.keys()) - {"name", "version"}
    return all(parts.get(name) == others.get(name) for name in names)

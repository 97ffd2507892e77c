"""Which line of scores.jsonl is the result of a run: nobody else decides it.

A training writes lines that compare its checkpoints and, in the end, one that reports its own final
score; users ask for others at any time. A run has one result, whatever is asked for later.
"""

from collections.abc import Sequence

from zerosum.records.score_line import ASKED, COMPARED, REPORTED, ScoreLine


def result_of(lines: Sequence[ScoreLine]) -> ScoreLine | None:
    """The run's own final score among its lines, oldest first: the newest that its training
    reported.

    Where its training reported none (it was told not to, or was ended by the clock), what was asked
    for of the newest checkpoint that anybody asked for: of the most generated images, and the first
    of these. None where checkpoints were compared at most.
    """
    reported = [line for line in lines if line.kind == REPORTED]
    if reported:
        return reported[-1]
    asked = [line for line in lines if line.kind == ASKED]
    return max(
        asked,
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
        if line.kind != COMPARED and not any(_alike(line, each) for each in shown):
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

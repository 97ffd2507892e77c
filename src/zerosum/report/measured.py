"""All that is shown of a line of scores: its tables, its protocol, and what is to be said."""

from zerosum.records.logs import ScoreLine
from zerosum.report.class_scores import class_table
from zerosum.report.document import Block, Fixed
from zerosum.report.scores import protocol_lines, score_table, trade_off


def measured(line: ScoreLine, place: int = 0) -> list[Block | str]:
    """The tables and the protocol of a line of scores, with what is to be said of them; `place`
    tells lines of one number of images apart."""
    why, by_class = trade_off(line), class_table(line)
    lines = [*protocol_lines(line), *(f"note       {note}" for note in line.notes)]
    label = f"Protocol of the scores at {line.images:,} images, {place + 1}"
    blocks: list[Block | str] = [score_table(line)]
    if by_class is not None:
        blocks += [f"{by_class.title}:", by_class]
    return [*blocks, *([why] if why else []), Fixed(lines, label)]

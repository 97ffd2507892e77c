"""Which cells' scores were measured alike, so that they may be laid side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from zerosum.evaluation.protocol import Protocol, disagreements
from zerosum.studies.results import CellResult, SettingResult

DRAWN_BY_SEED = "real_fingerprint"
"""The one part that may differ between seeds: where a data set has no test images of its own, the
seed chooses which are held out."""


def protocol_of(result: CellResult) -> Protocol | None:
    """How a cell was scored; None where it was not."""
    return None if result.scores is None else Protocol.from_dict(result.scores["protocol"])


def measured_alike(one: CellResult, other: CellResult) -> bool:
    """Whether the scores of two cells may be compared: every decisive part of their protocols
    agrees.

    Cells of different seeds may have been scored against other images of the same data, if these
    are as many and of the same part: what the seed changes is what seeds are for.
    """
    a, b = protocol_of(one), protocol_of(other)
    if a is None or b is None:
        return False
    differ = set(disagreements(a, b))
    same_draw = (a.real_data, a.real_part, a.reals) == (b.real_data, b.real_part, b.reals)
    same_images = one.cell.data == other.cell.data
    if one.cell.seed != other.cell.seed and same_draw and same_images:
        differ -= {DRAWN_BY_SEED}
    return not differ


def groups(results: Sequence[CellResult]) -> list[list[CellResult]]:
    """The cells that have scores, those measured alike together; groups and cells in the order of
    their first appearance."""
    found: list[list[CellResult]] = []
    for result in results:
        if result.scores is None:
            continue
        for group in found:
            # One cell of each seed stands for its group: a study may have thousands of cells.
            if all(measured_alike(result, other) for other in _one_a_seed(group)):
                group.append(result)
                break
        else:
            found.append([result])
    return found


def group_of_setting(
    setting: SettingResult, found: Sequence[Sequence[CellResult]]
) -> tuple[int | None, tuple[CellResult, ...]]:
    """The number of the group that most of a setting's cells are in, and these cells; None and ()
    where none has scores."""
    numbers = {cell.cell.name: place for place, group in enumerate(found) for cell in group}
    own = [numbers[cell.cell.name] for cell in setting.cells if cell.cell.name in numbers]
    if not own:
        return None, ()
    number = max(dict.fromkeys(own), key=own.count)
    return number, tuple(cell for cell in setting.cells if numbers.get(cell.cell.name) == number)


def seeds_draw_reals(results: Sequence[CellResult]) -> bool:
    """Whether cells of one group were scored against different real images."""
    prints = {protocol.real_fingerprint for each in results if (protocol := protocol_of(each))}
    return len(prints) > 1


def common_protocol(results: Sequence[CellResult]) -> Mapping[str, Any]:
    """The parts of the protocols of a group in which all of its cells agree."""
    protocols = [protocol.as_dict() for each in results if (protocol := protocol_of(each))]
    if not protocols:
        return {}
    first, *others = protocols
    return {
        part: value for part, value in first.items() if all(each[part] == value for each in others)
    }


def _one_a_seed(group: Sequence[CellResult]) -> list[CellResult]:
    return list({each.cell.seed: each for each in reversed(group)}.values())

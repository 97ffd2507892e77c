"""Which scores were measured alike, so that they may be laid side by side; and what differs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zerosum.evaluation.protocol import DECISIVE, OF_SOME, Protocol, disagreements
from zerosum.records.logs import ScoreLine, result_of, results_of

PARTS = {
    "fakes": "number of generated images",
    "reals": "number of real images",
    "real_fingerprint": "real images",
    "resolution": "size in pixels",
    "channels": "grey or colour",
    "fit": "how pictures got their size (fit)",
    "extractor": "feature network",
    "weights": "weights of the feature network",
    "resize": "resizing",
    "precision": "precision of the feature network",
    "damage": "damage",
    "classes": "classes",
    "own_scores": "files of own scores",
}
"""What a sentence calls the decisive parts of a protocol."""
DRAWN_BY_SEED = "real_fingerprint"
"""The one part that may differ between seeds: where a data set has no test images of its own, the
seed chooses which are held out."""


@dataclass(frozen=True)
class Draw:
    """What chose the held-out images of a run: its images as they were named, and its seed."""

    data: str
    seed: int


def protocol_of(line: ScoreLine) -> Protocol:
    """How a line's numbers were measured."""
    return Protocol.from_dict(line.protocol)


def comparable(one: ScoreLine, other: ScoreLine) -> bool:
    """Whether the numbers of two lines may be laid side by side: every decisive part of their
    protocols agrees."""
    return _agree(protocol_of(one), protocol_of(other))


def _agree(a: Protocol, b: Protocol, one: Draw | None = None, other: Draw | None = None) -> bool:
    """Whether two protocols agree; with draws, of which the seed is a part of what is measured,
    other images of the same data will do, if these are as many and of the same part."""
    differ = set(disagreements(a, b))
    if one is not None and other is not None:
        same = (a.real_data, a.real_part, a.reals) == (b.real_data, b.real_part, b.reals)
        if one.seed != other.seed and one.data == other.data and same:
            differ -= {DRAWN_BY_SEED}
    return not differ


def measured_alike(
    lines: Sequence[ScoreLine | None], draws: Sequence[Draw] | None = None
) -> list[list[int]]:
    """The places of the lines that are all comparable with each other; groups and places in the
    order of their first appearance.

    With `draws`, one for each line, runs of other seeds that were scored against other held-out
    images of the same data are comparable: where seeds are compared, their scatter holds that luck.
    The errors of single runs do not, so that these are compared without.
    """
    found: list[list[int]] = []
    kinds: list[dict[object, tuple[Protocol, Draw | None]]] = []
    for place, line in enumerate(lines):
        if line is None:
            continue
        protocol, draw = protocol_of(line), draws[place] if draws else None
        # One line of each kind stands for its group: a study may have thousands of cells.
        kind = (*(getattr(protocol, part) for part in DECISIVE), protocol.real_data,
                protocol.real_part, draw)  # fmt: skip
        for group, own in zip(found, kinds, strict=True):
            if all(_agree(protocol, other, draw, drawn) for other, drawn in own.values()):
                group.append(place)
                own.setdefault(kind, (protocol, draw))
                break
        else:
            found.append([place])
            kinds.append({kind: (protocol, draw)})
    return found


def groups(lines: Sequence[ScoreLine | None]) -> list[list[int]]:
    """The places of the lines of single runs that are comparable, the largest group first."""
    return sorted(measured_alike(lines), key=len, reverse=True)


def result_lines(lines: Sequence[ScoreLine], checkpoint: str = "") -> list[ScoreLine]:
    """The lines that can stand for a run, its result first, then the newest: of that checkpoint,
    where one is named. Where none was reported or asked for, how checkpoints were compared."""
    own = [line for line in lines if checkpoint in ("", line.checkpoint)]
    return results_of(own) if result_of(own) else own[::-1]


def choose_lines(lines: Sequence[Sequence[ScoreLine]]) -> list[ScoreLine | None]:
    """One line for each side, of its lines in the order of `result_lines`; None where it has none.

    The results, where these are comparable. Where they are not, but all sides have scores of the
    same checkpoint that are, the first of those.
    """
    scored = [own for own in lines if own]
    first: list[ScoreLine | None] = [own[0] if own else None for own in lines]
    if not scored or all(comparable(own[0], scored[0][0]) for own in scored):
        return first
    alike = [[line for line in own if line.checkpoint == own[0].checkpoint] for own in lines]
    for wanted in next(own for own in alike if own):
        found = [next((line for line in own if comparable(line, wanted)), None) for own in alike]
        if all(line is not None for line, own in zip(found, lines, strict=True) if own):
            return found
    return first


def seeds_draw_reals(lines: Sequence[ScoreLine]) -> bool:
    """Whether lines of one group were scored against different real images."""
    return len({protocol_of(line).real_fingerprint for line in lines}) > 1


def common_parts(lines: Sequence[ScoreLine]) -> Mapping[str, Any]:
    """The parts of the protocols of a group in which all of its lines agree."""
    first, *others = (protocol_of(line).as_dict() for line in lines)
    return {
        part: value for part, value in first.items() if all(each[part] == value for each in others)
    }


def differing_parts(protocols: Sequence[Mapping[str, Any]]) -> list[str]:
    """The decisive parts in which not all protocols agree, without those that follow from another
    one that is named."""
    parts = [part for part in DECISIVE if len({repr(own.get(part)) for own in protocols}) > 1]
    follow = {
        "real_fingerprint": ("reals", "classes"),
        "extractor": ("weights", "resize"),
        "fakes": ("classes",),
    }
    left_out = {each for part in parts for each in follow.get(part, ())}
    for part in ("fit", *OF_SOME):  # a line does not say: an old one, or without such scores
        if len({own.get(part) for own in protocols} - {None, ""}) < 2:
            left_out.add(part)
    return [part for part in parts if part not in left_out]


def difference_words(one: Protocol, other: Protocol) -> str:
    """The decisive parts in which two protocols differ, each with both values."""
    both = (one.as_dict(), other.as_dict())
    return "; ".join(_both(part, both) for part in differing_parts(both))


def _both(part: str, protocols: Sequence[Mapping[str, Any]]) -> str:
    what, words = PARTS[part], [_in_words(part, protocol) for protocol in protocols]
    if part == "damage":
        kinds, seeds = zip(*(text.rpartition("; seed ")[::2] for text in words), strict=True)
        if kinds[0] == kinds[1]:
            what, words = "seed of the damage", list(seeds)
    if words[0] == words[1]:
        return f"{what}: {words[0]} both, but not the same ones"
    return f"{what}: {words[0]} here, {words[1]} there"


def differences_of_groups(named: Mapping[str, Sequence[ScoreLine]]) -> dict[str, str]:
    """What the lines of each group have that others' have not: A: "60 real images of mnist (test)",
    B: …"""
    common = {name: common_parts(lines) for name, lines in named.items()}
    parts = differing_parts(list(common.values()))
    texts = {name: ", ".join(_phrase(part, own) for part in parts) for name, own in common.items()}
    if len(set(texts.values())) == 1:
        *_, last = texts
        texts[last] += ", but not the same ones"
    return texts


def _phrase(part: str, protocol: Mapping[str, Any]) -> str:
    """One part of a protocol in words that stand by themselves."""
    words = _in_words(part, protocol)
    if part in ("reals", "real_fingerprint"):
        return _in_words("real_fingerprint", protocol).replace(" of ", " real images of ", 1)
    if part in ("fakes", "resolution"):
        return f"{words} {'generated images' if part == 'fakes' else 'pixels'}"
    if part == "channels":
        return words
    return f"{'features' if part == 'extractor' else part} {words}"


def _in_words(part: str, protocol: Mapping[str, Any]) -> str:
    value = protocol.get(part)
    if part == "real_fingerprint":
        return f"{protocol['reals']:,} of {protocol['real_data']} ({protocol['real_part']})"
    if part == "channels":
        return "grey" if value == 1 else "colour"
    return f"{value:,}" if isinstance(value, int) else str(value or "none")

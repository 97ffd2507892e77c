"""The lines of a run's logs, and which line of scores.jsonl is the result of the run.

A training writes scores by which its best checkpoint is selected and, in the end, final ones; users
have others measured at any time. A run has one result, whatever is measured later; nobody else
decides which.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, TypedDict

LogLine = Mapping[str, Any]
"""A line of metrics.jsonl, field → value: where a training stands, and what its steps since the
last one measured. Which fields it has depends on the recipe and on the step; `images` is in each.
`diagnosis/log_fields.py` says what each is. All are numbers but `phase`, a word, and None where one
was not finite."""

EARLIER_NAMES = {
    "score_real": "d_real",
    "score_fake_before": "d_fake_before",
    "score_fake_after": "d_fake_after",
}
"""Fields as an earlier version wrote them."""

SELECTION, FINAL, MANUAL = "selection", "final", "manual"
"""Kinds of lines: of a checkpoint on the way, on fewer images, by which the best is selected; the
result of a training; what `zerosum evaluate` and `zerosum compare --again` measured."""
EARLIER_KINDS = {"compared": SELECTION, "reported": FINAL, "asked": MANUAL}
"""As an earlier version wrote them."""

VERSIONS = {"damaged": "damaged", "pretrained": "pre-trained", "restored": "adversarial"}
"""What is said of the versions of a held-out picture, in this order."""
Value = Mapping[str, float | None]
"""A score: its `value` (None for infinity), its `error` (None where there are too few images), the
error's degrees of `freedom`, and where other tools print one its `deviation`."""


def finite_values(line: LogLine) -> LogLine:
    """A line without what was not finite."""
    return {name: value for name, value in line.items() if is_finite(value)}


def is_finite(value: object) -> bool:
    """Whether a field of a line holds a value: a file has None for what is not finite."""
    return value is not None and (not isinstance(value, float) or isfinite(value))


def named_as_now(line: LogLine) -> LogLine:
    """A line with today's names. An earlier version wrote a penalty of 0 where the recipe has
    none."""
    if EARLIER_NAMES.keys().isdisjoint(line):
        return line
    named = {EARLIER_NAMES.get(name, name): value for name, value in line.items()}
    if named.get("penalty") == 0:
        del named["penalty"]
    return named


@dataclass(frozen=True)
class ScoreLine:
    """A line of scores.jsonl: the scores of a checkpoint, or of images that are no run's, and all
    that they depend on."""

    kind: str
    images: int
    """Real images that the generator had seen; 0 for images that are no run's."""
    scores: Mapping[str, Value]
    protocol: Mapping[str, Any]
    """How it was measured: the fields of a `Protocol`, as they were written."""
    floor: Mapping[str, Value] = field(default_factory=dict)
    """What real images have against real ones."""
    floor_words: str = ""
    """Which real images those are."""
    floor_size: str | None = None
    """The size of the floor where it is another than that of the scores, else ""; None in lines
    that were written before they said so."""
    floor_generated: Mapping[str, Value] = field(default_factory=dict)
    """What as many generated images have, where the floor is of another size."""
    notes: tuple[str, ...] = ()
    compared: int = 0
    """Of a training's result: how many checkpoints were compared."""
    versions: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    """Of a run that restores pictures: all scores of the versions "damaged", "pretrained" and
    "restored"."""
    modes: "CoveredClasses | None" = None
    """Classes covered, where digits were classified."""
    classes: "Mapping[str, ClassScores]" = field(default_factory=dict)
    """By the name of each class, where scores were measured within them."""

    @property
    def checkpoint(self) -> str:
        """Images that the generator had seen, nine digits; "" for images that are no run's."""
        return str(self.protocol.get("checkpoint", ""))

    @property
    def of_run(self) -> bool:
        """Whether its images are those of a run's checkpoint."""
        return bool(self.images or self.checkpoint)

    @property
    def ranked(self) -> Mapping[str, Value]:
        """What ranks it: its scores; of restored pictures, those of the last version."""
        return list(self.versions.values())[-1] if self.versions else self.scores

    def value(self, score: str) -> float | None:
        """The value of a score; None where it was not measured, or is infinite."""
        return self.scores[score]["value"] if score in self.scores else None

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "ScoreLine":
        """From JSON; what an earlier version did not write is empty."""
        floor = ("floor", "floor_words", "floor_size", "floor_generated")
        there = (*floor, "compared", "modes", "classes")
        return cls(
            kind=EARLIER_KINDS.get(content["kind"], content["kind"]),
            images=int(content.get("images", 0)),
            scores=content["scores"],
            protocol=content["protocol"],
            notes=tuple(content.get("notes", ())),
            versions=content.get("restoration", {}).get("versions", {}),
            **{name: content[name] for name in there if name in content},
        )

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        line: dict[str, Any] = {"images": self.images} if self.of_run else {}
        line["kind"] = self.kind
        if self.kind == FINAL:
            line["compared"] = self.compared
        line |= {"scores": self.scores, "protocol": self.protocol}
        line |= {"floor": self.floor, "floor_words": self.floor_words}
        if self.floor_size is not None:
            line |= {"floor_size": self.floor_size, "floor_generated": self.floor_generated}
        line["notes"] = list(self.notes)
        if self.versions:
            line["restoration"] = {"count": self.protocol["fakes"], "versions": self.versions}
        if self.modes is not None:
            line["modes"] = self.modes
        if self.classes:
            line["classes"] = self.classes
        return line


class ClassScores(TypedDict):
    """The scores within one class."""

    fakes: int
    """Generated images of it."""
    reals: int
    scores: Mapping[str, Value]
    floor: Mapping[str, Value]
    """What real images of it have against real ones; of the size that the line's floor has."""


class CoveredClasses(TypedDict):
    """How many classes are covered of how many, and that in words."""

    covered: int
    classes: int
    verdict: str


@dataclass(frozen=True)
class VerdictLine:
    """A line of health.jsonl: from how many images on the verdict is another, and what shows it."""

    images: int
    verdict: str
    evidence: tuple[str, ...] = ()


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
    names -= set() if parts.get("classes") else {"classes"}
    return all(parts.get(name) == others.get(name) for name in names)

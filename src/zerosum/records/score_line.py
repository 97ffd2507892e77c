"""A line of scores.jsonl: what was measured of a run, how, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SELECTION, FINAL, MANUAL = "selection", "final", "manual"
"""Kinds of lines: of a checkpoint on the way, on fewer images, by which the best is selected; the
result of a training; what `zerosum evaluate` and `zerosum compare --again` measured."""
EARLIER_KINDS = {"compared": SELECTION, "reported": FINAL, "asked": MANUAL}
"""As an earlier version wrote them."""

Value = Mapping[str, float | None]
"""A score: its `value` (None for infinity), its `error` (None where there are too few images), the
error's degrees of `freedom`, and where other tools print one its `deviation`."""


@dataclass(frozen=True)
class ScoreLine:
    """The scores of a checkpoint, or of images that are no run's, and all that they depend on."""

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
    modes: Mapping[str, Any] | None = None
    """Classes covered, where digits were classified: covered, classes, verdict."""

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
        there = ("floor", "floor_words", "floor_size", "floor_generated", "compared", "modes")
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
        return line

"""A line of health.jsonl: a change of the verdict on a training's health."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class VerdictLine:
    """From how many images on the verdict is another one, and what shows it."""

    images: int
    verdict: str
    evidence: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "VerdictLine":
        """From JSON."""
        evidence = tuple(content.get("evidence", ()))
        return cls(int(content["images"]), content["verdict"], evidence)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

"""Sections with fields that name parts."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel, PrivateAttr

from zerosum.parts import found_in, owner
from zerosum.recipe.names import NameOf

Found = TypeVar("Found")


class NamesParts(BaseModel):
    """A section with fields that name parts. Each stays that of the file which the recipe names,
    also where another recipe brings another part of that name later."""

    _files: dict[str, str] = PrivateAttr(default_factory=dict)
    """By field, the digest of the file that its part is from; none of those of zerosum."""

    def model_post_init(self, _context: object) -> None:
        for field, kind in self.named().items():
            if digest := owner(kind, getattr(self, field)):
                self._files[field] = digest

    @classmethod
    def named(cls) -> dict[str, str]:
        """The fields that name a part, each with the kind of part."""
        return {
            field: each.kind
            for field, info in cls.model_fields.items()
            for each in info.metadata
            if isinstance(each, NameOf)
        }

    def is_own(self, field: str) -> bool:
        """Whether a field names a part of the user's."""
        return field in self._files

    def part(self, field: str, there: Mapping[str, Found]) -> Found:
        """What a dictionary has of the part that a field names."""
        kind, digest = self.named()[field], self._files.get(field, "")
        return found_in(there, kind, getattr(self, field), digest)

    def foreign(self, digests: Sequence[str]) -> list[str]:
        """The fields whose parts come from files with none of these digests."""
        return [field for field, digest in self._files.items() if digest not in digests]

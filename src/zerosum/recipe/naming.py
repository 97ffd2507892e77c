"""Sections with fields that name parts."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TypeVar, get_args

from pydantic import BaseModel, PrivateAttr, ValidationInfo, field_validator

from zerosum.parts import found_in, owner
from zerosum.recipe.names import NameOf

Found = TypeVar("Found")


class NamesParts(BaseModel):
    """A section with fields that name parts. Each stays that of the file which the recipe names,
    also where another recipe brings another part of that name later."""

    _files: dict[tuple[str, str], str] = PrivateAttr(default_factory=dict)
    """By kind and name, the digest of the file that a part is from; none of those of zerosum."""

    @field_validator("*")
    @classmethod
    def _each_once(cls, value: object, field: ValidationInfo) -> object:
        if field.field_name in cls.named() and isinstance(value, tuple):
            for name in value:
                if value.count(name) > 1:
                    raise ValueError(f"it names {name!r} twice; name each once")
        return value

    def model_post_init(self, _context: object) -> None:
        for field, kind in self.named().items():
            for name in self._names(field):
                if digest := owner(kind, name):
                    self._files[kind, name] = digest

    @classmethod
    @cache  # each step of a training asks for its loss
    def named(cls) -> Mapping[str, str]:
        """The fields that name a part, or several, each with the kind of part."""
        return {
            field: each.kind
            for field, info in cls.model_fields.items()
            for marks in (info.metadata, *map(_marks, get_args(info.annotation)))
            for each in marks
            if isinstance(each, NameOf)
        }

    def is_own(self, field: str) -> bool:
        """Whether a field names a part of the user's."""
        return (self.named()[field], getattr(self, field)) in self._files

    def part(self, field: str, there: Mapping[str, Found]) -> Found:
        """What a dictionary has of the part that a field names."""
        kind, name = self.named()[field], getattr(self, field)
        return found_in(there, kind, name, self._files.get((kind, name), ""))

    def own_parts(self, field: str, there: Mapping[str, Found]) -> list[Found]:
        """What a dictionary has of the user's parts among those that a field names, in order."""
        kind = self.named()[field]
        return [found_in(there, kind, *own) for own in self.own_files(field)]

    def own_files(self, field: str) -> list[tuple[str, str]]:
        """The names of the user's parts among those that a field names, in order, each with the
        digest of its file."""
        kind = self.named()[field]
        return [
            (name, self._files[kind, name])
            for name in self._names(field)
            if (kind, name) in self._files
        ]

    def foreign(self, digests: Sequence[str]) -> list[str]:
        """The fields whose parts come from files with none of these digests."""
        foreign = {part for part, digest in self._files.items() if digest not in digests}
        return [
            field
            for field, kind in self.named().items()
            if any((kind, name) in foreign for name in self._names(field))
        ]

    def _names(self, field: str) -> Sequence[str]:
        value: str | tuple[str, ...] = getattr(self, field)
        return (value,) if isinstance(value, str) else value


def _marks(annotation: object) -> Sequence[object]:
    """What `Annotated` says of the values of a tuple."""
    return getattr(annotation, "__metadata__", ())

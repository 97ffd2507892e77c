"""The section of a recipe that names files of parts."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from zerosum.checksums import with_checksum
from zerosum.errors import ZerosumError
from zerosum.parts import brought, read_part, require_apart, use
from zerosum.recipe.sections import Settings
from zerosum.trust import digest_of


class PartFile(Settings):
    """A Python file of the user's: its text is part of the recipe, so that a run is trained on
    with the same and looked at without the file."""

    name: str
    sha256: str
    text: str

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if isinstance(value, str | Path):
            return kept_text(value)
        return value

    @model_validator(mode="after")
    def _run(self) -> Self:
        self.require_whole()
        use(self.name, self.text)
        return self

    def require_whole(self) -> None:
        """Raise ZerosumError where the name is a path, or the text another than it was."""
        names = PurePosixPath(self.name).name, PureWindowsPath(self.name).name
        if set(names) != {self.name} or self.name in ("", "..") or not self.name.isprintable():
            raise ZerosumError(
                f"a file of parts is called {self.name!r}, which is no name of a file",
                "give the name without folders: my_parts.py",
            )
        if self.sha256 != digest_of(self.text):
            raise ZerosumError(
                f"the text of {self.name} is not what its sha256 says",
                'put it back as it was, or name the file itself: files = ["FILE.py"]',
            )

    @property
    def written(self) -> str:
        """As differences and tables have it."""
        return with_checksum(self.name, self.sha256)


class PartsSettings(Settings):
    """Python files that bring losses and other parts of your own."""

    files: tuple[PartFile, ...] = Field(
        (), description="Python files with parts of your own, which the recipe then names"
    )

    @field_validator("files", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str | Path) else value

    @model_validator(mode="after")
    def _apart(self) -> Self:
        require_apart([each.sha256 for each in self.files])
        return self

    def brought(self, kind: str) -> dict[str, str]:
        """The names of all parts of a kind that the files bring, each with its file's digest."""
        return brought(kind, [each.sha256 for each in self.files])

    @property
    def image_sets(self) -> dict[str, str]:
        """Those that `data.source` may name."""
        return self.brought("image set")

    @property
    def extractors(self) -> dict[str, str]:
        """Those that `evaluation.extractor` may name."""
        return self.brought("extractor")


def kept_text(path: str | Path) -> dict[str, str]:
    """A file that the user names, as recipes and studies keep it: the fields of a `PartFile`.
    Raises UsageError where it cannot be read."""
    name, text = read_part(path)
    return {"name": name, "sha256": digest_of(text), "text": text}


def kept_files(files: object, where: str) -> list[PartFile]:
    """The files of parts that something kept as texts, not run; `where` is what errors call it.

    Raises ZerosumError where one is a path, which only who names a recipe may have read and run,
    or not what a run writes.
    """
    if not isinstance(files, list | tuple):
        files = [files]
    return [_kept_file(each, where) for each in files]


def _kept_file(given: object, where: str) -> PartFile:
    fields = PartFile.model_fields
    table = given if isinstance(given, Mapping) else {}
    if set(table) != set(fields) or not all(isinstance(each, str) for each in table.values()):
        what = f"names {given!r}" if isinstance(given, str) else "has a file without name and text"
        raise ZerosumError(
            f"{where} {what} in its parts, which zerosum never writes: nothing of it is run",
            "it was changed by hand: get it again from where it comes, or put it back as it was",
        )
    file = PartFile.model_construct(**table)
    file.require_whole()
    return file

"""The section of a recipe that names files of parts."""

from pathlib import Path
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from zerosum.errors import ZerosumError
from zerosum.parts import brought, digest_of, read_part, use
from zerosum.recipe.sections import Settings


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
            name, text = read_part(value)
            return {"name": name, "sha256": digest_of(text), "text": text}
        return value

    @model_validator(mode="after")
    def _run(self) -> Self:
        if self.sha256 != digest_of(self.text):
            raise ZerosumError(
                f"the text of {self.name} is not what its sha256 says",
                'put it back as it was, or name the file itself: files = ["FILE.py"]',
            )
        use(self.name, self.text)
        return self

    @property
    def written(self) -> str:
        """As differences and tables have it."""
        return f"{self.name} (sha256 {self.sha256[:12]})"


class PartsSettings(Settings):
    """Python files that bring losses and other parts of your own."""

    files: tuple[PartFile, ...] = Field(
        (), description="Python files with parts of your own, which the recipe then names"
    )

    @field_validator("files", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str | Path) else value

    def brought(self, kind: str) -> dict[str, str]:
        """The names of all parts of a kind that the files bring, each with its file's digest."""
        return brought(kind, [each.sha256 for each in self.files])

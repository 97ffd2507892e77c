"""What analyses found of a run, kept by what it was measured on.

RUN/NAME.json and RUN/charts/NAME.png are those of the most images of the newest checkpoint: that is
what the page shows. Any other result stands beside them, under a name
that says what it is of, so that a small one never replaces a large one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from zerosum.checksums import DamagedError, read_object
from zerosum.files import write_atomically, write_json, writing
from zerosum.records.run import RunFolder, checkpoint_names, slug


@dataclass(frozen=True)
class Basis:
    """What a result was measured on."""

    checkpoint: str
    weights: str
    """"average" or "last"; "" in results of versions that did not say, as below."""
    images: int
    """How many generated ones."""
    seed: int | None
    features: str
    searched: str = ""
    """What else it depends on, as a digest; "" of analyses where that is nothing."""

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Basis":
        """That of a result as it was written down."""
        return cls(
            str(content.get("checkpoint", "")),
            str(content.get("weights", "")),
            int(content.get("images", content.get("generated", 0))),
            content.get("seed"),
            str(content.get("features", content.get("space", ""))),
            str(content.get("searched", "")),
        )

    def words(self) -> str:
        """As a part of a file's name."""
        seed = "" if self.seed is None else f"seed-{self.seed}"
        features = slug(self.features) if self.features else ""
        parts = (self.checkpoint, self.weights, str(self.images), seed, features, self.searched)
        return "-".join(filter(None, parts))

    def rank(self, run: RunFolder) -> tuple[bool, int, int]:
        """The higher, the more the page wants it: one of a checkpoint that is there, of the newest,
        of the most images."""
        there = self.checkpoint in checkpoint_names(run)
        return there, int(self.checkpoint) if self.checkpoint.isdigit() else 0, self.images


Result = TypeVar("Result")


@dataclass(frozen=True)
class Kept(Generic[Result]):
    """A result as it was written down."""

    result: Result
    verdict: str
    """In words; "" of a map, which has none."""
    basis: Basis


def read_kept(path: Path, kind: TypeAdapter[Result]) -> Kept[Result] | None:
    """The result in a file of a run; None where there is no file.

    Fields that older versions did not write are as `kind` has them. Raises DamagedError for what is
    no such result.
    """
    try:
        content = read_object(path.read_bytes())
    except FileNotFoundError:
        return None
    try:
        result = kind.validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise DamagedError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    return Kept(result, str(content.get("verdict", "")), Basis.of(content))


def keep(
    run: RunFolder, name: str, content: Mapping[str, Any], picture: bytes | None, out: Path | None
) -> tuple[Path | None, Path]:
    """Write a result and its picture (to `out`, where that is given), and return the picture's path
    and that of the result.

    `content` has the fields of `Basis`. The result that stood under NAME gets a name of its own
    where this one takes its place. Raises ZerosumError where a file cannot be written.
    """
    basis, numbers, chart = Basis.of(content), run.path / f"{name}.json", run.charts / f"{name}.png"
    before = _standing(numbers)
    if before is not None and before.rank(run) > basis.rank(run):
        numbers, chart = _own(run, name, basis)
    elif before is not None and before != basis:
        for old, new in zip((numbers, chart), _own(run, name, before), strict=True):
            if old.is_file():
                with writing(new):
                    old.replace(new)
    write_json(numbers, dict(content))
    if picture is None:
        return None, numbers
    write_atomically(out or chart, picture)
    return (out or chart, numbers)


def _standing(numbers: Path) -> Basis | None:
    """What the result under a file's name was measured on; None where there is none that can be
    read."""
    try:
        return Basis.of(read_object(numbers.read_bytes()))
    except (OSError, DamagedError, ValueError, TypeError):
        return None


def _own(run: RunFolder, name: str, basis: Basis) -> tuple[Path, Path]:
    own = f"{name}-{basis.words()}"
    return run.path / f"{own}.json", run.charts / f"{own}.png"

"""What the listeners of all experiment trackers do alike."""

import tomllib
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType

from zerosum.data import PackedData
from zerosum.errors import UsageError
from zerosum.files import write_atomically
from zerosum.records.logs import LogLine, ScoreLine, is_finite
from zerosum.records.run import RunFolder
from zerosum.training.progress import Listener

Scalar = str | int | float | bool


class Tracker(Listener):
    """A listener that keeps one run of an experiment tracker, from the first event that it tells
    of: a training that is refused leaves nothing there.

    The tracker's name of that run stands in the run folder, in the file SERVICE.id, so that a
    training that goes on goes on there. Where it goes on from an older checkpoint, points between
    that and where it was stopped are there twice.
    """

    service = ""
    """What is imported, and the extra that installs it."""

    def __init__(self) -> None:
        self.module = _imported(self.service)
        self.folder: RunFolder | None = None
        self.is_open = False

    def open(self, name: str, settings: Mapping[str, Scalar], known: str) -> str:
        """Begin a run of the tracker, or go on with the `known` one unless that is "": what it is
        called from now on. `settings`: field → value of the recipe."""
        raise NotImplementedError

    def numbers(self, values: Mapping[str, float], images: int) -> None:
        """Add a point to each of these curves, at so many images seen."""
        raise NotImplementedError

    def picture(self, path: Path, images: int) -> None:
        """Add a sample sheet, a PNG."""
        raise NotImplementedError

    def close(self, status: str) -> None:
        """The run is "finished", "stopped" or "failed"."""
        raise NotImplementedError

    def data_opened(self, data: PackedData, run: RunFolder) -> None:  # noqa: ARG002
        self.folder = run

    def logged(self, line: LogLine) -> None:
        values = {
            name: float(value)
            for name, value in line.items()
            if name != "images" and isinstance(value, int | float) and is_finite(value)
        }
        self._begin()
        self.numbers(values, int(line["images"]))

    def sampled(self, path: Path, images: int) -> None:
        if path.stem.isdigit():  # not the real images
            self._begin()
            self.picture(path, images)

    def evaluated(self, line: ScoreLine) -> None:
        values = {
            f"{line.kind}/{name}": value
            for name, score in line.scores.items()
            if (value := score["value"]) is not None
        }
        self._begin()
        self.numbers(values, line.images)

    def ended(self) -> None:
        if self.is_open and self.folder is not None:
            self.is_open = False
            self.close(self.folder.state().get("status", "stopped"))

    def _begin(self) -> None:
        if self.is_open or self.folder is None:
            return
        file = self.folder.path / f"{self.service}.id"
        known = file.read_text(encoding="utf-8").strip() if file.exists() else ""
        recipe = tomllib.loads(self.folder.recipe_file.read_text(encoding="utf-8"))
        settings = dict(_flat(recipe))
        name = self.open(self.folder.path.resolve().name, settings, known)
        self.is_open = True
        if name != known:
            write_atomically(file, f"{name}\n".encode())


def _flat(table: Mapping[str, object], above: str = "") -> Iterator[tuple[str, Scalar]]:
    """The fields of a recipe by their dotted names."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value if isinstance(value, Scalar) else str(value)


def _imported(service: str) -> ModuleType:
    """The tracker's own package. Raises UsageError where it is not installed."""
    try:
        return import_module(service)
    except ImportError as error:
        raise UsageError(
            f"{service} is not installed", f"install it: pip install 'zerosum[{service}]'"
        ) from error

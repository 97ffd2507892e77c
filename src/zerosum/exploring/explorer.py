"""What the page asks of a generator: sheets, pictures that are chosen and moved, ways between them,
and the training pictures nearest to them."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from zerosum.analysis.nearest_picture import NearestPicture, nearest_picture, training_pictures
from zerosum.data.grid import as_image, filled_sheet, png_bytes, sheet_png
from zerosum.evaluation.copies import Pictures
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.generation.directions import PrincipalDirections, principal_directions
from zerosum.generation.generator import TrainedGenerator
from zerosum.generation.interpolate import mixed, positions, usual_method
from zerosum.records.run import RunFolder, slug

SHEET, COLUMNS = 64, 8
"""Pictures of a sheet, and side by side on it."""
MOST_COLUMNS = 12
"""So many classes at most have a column each."""
STEPS = 9
"""Pictures of a way."""
NO_TRUNCATION = 3.0
"""Of a normal latent 0.3 % of the values are larger: a truncation there is taken for none."""


@dataclass(frozen=True)
class Chosen:
    """A picture by its numbers."""

    number: int = 0
    """As in `zerosum sample`."""
    seed: int = 0
    class_name: str = ""
    """"": the classes take turns, or there are none."""
    truncate: float | None = None
    moves: tuple[float, ...] = ()
    """Along the first principal directions, in standard deviations of latents."""


@dataclass(frozen=True)
class Tile:
    """A chosen picture, as a file and in words."""

    chosen: Chosen
    png: bytes
    caption: str


@dataclass(frozen=True)
class Explorer:
    """A generator of a run, looked at by several at a time."""

    generator: TrainedGenerator
    run: RunFolder | None = None
    """Whose training pictures are searched; None where there are none on this machine."""
    data_root: Path | None = None
    """Where those of a named set lie; None: in the user's data folder."""
    directions: PrincipalDirections = field(init=False)
    _training: list[Pictures] = field(default_factory=list, init=False)
    """Once they were looked through."""
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    """A network with classes keeps those it is asked for at the moment."""
    _search: threading.Lock = field(default_factory=threading.Lock, init=False)
    """While training pictures are looked through for the first time, pictures are made all the
    same."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "directions", principal_directions(self.generator))

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that it learnt."""
        return self.generator.recipe.data.classes if self.generator.recipe.classes else ()

    @property
    def truncates(self) -> bool:
        """Whether its latents can be truncated."""
        return self.generator.recipe.network.prior == "normal"

    def sheet(self, first: Chosen) -> tuple[int, list[Tile]]:
        """The columns of a sheet, and its pictures: from number 0 on, of the same seed, class and
        truncation. Where classes take turns, each has a column if they are few."""
        of_class = self._of_class(first)
        columns = of_class.turns if 1 < of_class.turns <= MOST_COLUMNS else COLUMNS
        numbers = range(SHEET // columns * columns)
        pixels = self._pixels(of_class.latents(first.seed, numbers, first.truncate))
        chosen = [replace(first, number=number, moves=()) for number in numbers]
        return columns, [self._tile(*each) for each in zip(chosen, pixels, strict=True)]

    def picture(self, chosen: Chosen) -> Tile:
        """One picture, moved as was asked for."""
        return self._tile(chosen, self._one(chosen))

    def way(self, first: Chosen, last: Chosen) -> tuple[list[bytes], bytes]:
        """The pictures between two, both among them, and the file of a sheet of them, all PNGs."""
        network, where = self.generator.recipe.network, positions(STEPS)
        method = usual_method(network.prior)
        ends = self._inputs(first), self._inputs(last)
        pixels = self._pixels(mixed(*ends, where, method, network.latent)[0])
        text = self.generator.labels() | {
            "from": self.caption(first),
            "to": self.caption(last),
            "positions": " ".join(f"{at:.4g}" for at in where),
            "method": method,
        }
        sheet = sheet_png(filled_sheet(pixels, len(where)), pixels.shape[1:], text)
        return [png_bytes(as_image(each), {}) for each in pixels], sheet

    def nearest(self, chosen: Chosen, stage: Stage = no_stage) -> tuple[NearestPicture, bytes]:
        """The training picture nearest to one, and its PNG. The first time all training pictures
        are looked through. Raises ZerosumError where there are none on this machine."""
        assert self.run is not None
        with self._search:
            if not self._training:
                self._training.append(training_pictures(self.run, stage, self.data_root))
        found = nearest_picture(self._one(chosen), self._training[0])
        return found, png_bytes(as_image(found.pixels), {})

    def caption(self, chosen: Chosen) -> str:
        """Its numbers in words."""
        words = [f"seed {chosen.seed}", f"number {chosen.number}"]
        words += [f"class {name}"] if (name := self._class_name(chosen)) else []
        words += [f"truncated at {chosen.truncate:g}"] if chosen.truncate is not None else []
        words += [f"moved {_moves(chosen.moves)}"] if any(chosen.moves) else []
        return ", ".join(words)

    def file_name(self, chosen: Chosen, kind: str = "") -> str:
        """What its PNG is called."""
        parts = slug(self.generator.run), self.generator.checkpoint, f"seed{chosen.seed}"
        return "-".join([*parts, f"{chosen.number:06d}", *([kind] if kind else [])]) + ".png"

    def _tile(self, chosen: Chosen, pixels: NDArray[np.uint8]) -> Tile:
        """With the text fields that `zerosum sample` gives single pictures, and the moves."""
        text = self.generator.labels() | {"seed": str(chosen.seed)}
        if chosen.truncate is not None:
            text["truncate"] = f"{chosen.truncate:g}"
        if name := self._class_name(chosen):
            text["classes"] = name
        text["index"] = str(chosen.number)
        if any(chosen.moves):
            text["directions"] = _moves(chosen.moves)
        return Tile(chosen, png_bytes(as_image(pixels), text), self.caption(chosen))

    def _class_name(self, chosen: Chosen) -> str:
        """The class of its picture; "" where none were learnt."""
        if not self.classes:
            return ""
        return self.classes[int(self._of_class(chosen).classes_of([chosen.number])[0])]

    def _of_class(self, chosen: Chosen) -> TrainedGenerator:
        return self.generator.of_classes([chosen.class_name] if chosen.class_name else [])

    def _inputs(self, chosen: Chosen) -> Tensor:
        inputs = self._of_class(chosen).latents(chosen.seed, [chosen.number], chosen.truncate)
        return self.directions.moved(inputs, chosen.moves)

    def _one(self, chosen: Chosen) -> NDArray[np.uint8]:
        pixels: NDArray[np.uint8] = self._pixels(self._inputs(chosen))[0]
        return pixels

    def _pixels(self, inputs: Tensor) -> NDArray[np.uint8]:
        with self._lock:
            return self.generator.make(inputs)


def _moves(moves: Sequence[float]) -> str:
    """Those that are not 0: "1: +2.5, 3: -1"."""
    return ", ".join(f"{number}: {move:+g}" for number, move in enumerate(moves, 1) if move)

"""The samples of a study: a strip a setting, of the same latents.

Strips are kept in charts/strips/ for as long as their checkpoint is the newest."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zerosum.comparing.samples import PICTURES
from zerosum.data.grid import as_image, save_png
from zerosum.data.png import open_png
from zerosum.errors import ZerosumError
from zerosum.generation.generator import load_generator
from zerosum.recipe.load import read_recipe
from zerosum.studies.folder import StudyFolder
from zerosum.studies.results import CellResult, SettingResult, standing_of

NUMBERS = range(PICTURES)
"""The pictures of `zerosum sample` that are shown: nobody chose them."""
SEED = 0


@dataclass(frozen=True)
class Strip:
    """The samples of one cell, or why there are none."""

    cell: CellResult
    pictures: NDArray[np.uint8] | None
    """(n, H, W, C) uint8; None where there are none."""
    reason: str
    """Why there are none."""
    images: int = 0
    """Seen by the checkpoint."""

    @property
    def words(self) -> str:
        """Which cell it is of, or why there are no pictures."""
        if self.pictures is None:
            return self.reason
        told = f"seed {self.cell.cell.seed}, {self.images:,} images seen"
        return told if self.cell.status == "finished" else f"{told}; {standing_of(self.cell)}"


def setting_strip(folder: StudyFolder, setting: SettingResult, device: str) -> Strip:
    """The samples of a setting's first cell that has a checkpoint; without one, why the first cell
    has none."""
    first, *others = setting.cells
    strip = read_strip(folder, first, device)
    for cell in others:
        if strip.pictures is not None:
            break
        other = read_strip(folder, cell, device)
        strip = other if other.pictures is not None else strip
    return strip


def strips_folder(folder: StudyFolder) -> Path:
    """Where strips are kept."""
    return folder.charts / "strips"


def read_strip(folder: StudyFolder, cell: CellResult, device: str) -> Strip:
    """The samples of a cell's newest checkpoint: from its strip, where that is of this checkpoint,
    else made on `device` and kept.

    What cannot be made has its reason in one line. Raises ZerosumError where the strip cannot be
    written.
    """
    try:
        checkpoint = cell.run.checkpoint()
        if not read_recipe(cell.run.recipe_file).task.latents:
            return Strip(cell, None, "restores pictures: it makes none from latents")
        path = strips_folder(folder) / f"{cell.cell.name}-{_key(checkpoint)}.png"
        kept = _kept(path)
        if kept is None:
            generator = load_generator(cell.run, checkpoint.name, device=device)
            kept = generator(generator.latents(SEED, NUMBERS))
            labels = generator.labels() | {"seed": str(SEED), "pictures": str(len(kept))}
            _forget_older(path, cell.cell.name)
            save_png(as_image(np.concatenate(list(kept), axis=1)), path, labels)
    except ZerosumError as error:
        return Strip(cell, None, _why(cell, error))
    return Strip(cell, kept, "", int(checkpoint.name))


def _why(cell: CellResult, error: ZerosumError) -> str:
    if cell.status == "waiting":
        return "waiting"
    if not cell.run.checkpoints.is_dir():
        return f"{cell.status}, no checkpoint"
    return error.what.replace(f"{cell.run.path} ", "").replace(f"{cell.run.path}/", "")


def _kept(path: Path) -> NDArray[np.uint8] | None:
    """The pictures of a strip, (n, H, W, C); None without one, or where it is damaged."""
    try:
        image = open_png(path)
        count = int(getattr(image, "text", {})["pictures"])
        pixels = np.asarray(image, dtype=np.uint8)
        if pixels.ndim == 2:
            pixels = pixels[:, :, None]
        return np.stack(np.split(pixels, count, axis=1))
    except (OSError, KeyError, ValueError):
        return None


def _key(checkpoint: Path) -> str:
    """Images seen, and a digest of the checkpoint's own note, which holds checksums of its weights:
    the same run begun anew has another one."""
    try:
        note = (checkpoint / "state.json").read_bytes()
    except OSError:
        note = b""
    return f"{checkpoint.name}-{hashlib.sha256(note).hexdigest()[:8]}"


def _forget_older(path: Path, cell: str) -> None:
    """Remove the strips of a cell's earlier checkpoints."""
    for old in path.parent.glob("*.png"):
        if old.stem.rsplit("-", 2)[0] == cell and old != path:
            old.unlink(missing_ok=True)

"""What a run writes down about itself: metrics.jsonl, TensorBoard, sample grids, state.json."""

import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from zerosum.data.grid import filled_sheet, sheet_png
from zerosum.diagnosis.log_fields import LAST_STEP, curve_tags
from zerosum.files import sync, write_atomically, writing
from zerosum.recipe.settings import Recipe
from zerosum.records.lines import append_line, write_lines
from zerosum.records.logs import LogLine, ScoreLine
from zerosum.records.run import RunFolder

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


class LogWriter:
    """The open files of a run's curves. Opening them drops what lies after `images`.

    A killed run has written lines beyond its last checkpoint; they will be written again. With
    -1, where there is no checkpoint, the pictures before the first step are dropped too.
    """

    def __init__(self, run: RunFolder, recipe: Recipe, images: int) -> None:
        self.run = run
        self.tags = curve_tags(recipe)
        self.ended = any(LAST_STEP in line for line in run.metrics())
        """Whether metrics.jsonl may have the line of a step that the training ended with."""
        run.drop_lines_after(images)
        _delete_samples_after(run, images)
        self.images = images
        self.hook = threading.excepthook
        threading.excepthook = self._thread_failed

    @cached_property
    def board(self) -> "SummaryWriter":
        """TensorBoard's file, which is begun by the first curve or picture: of a run that is over
        nothing is written, not even an empty one."""
        from torch.utils.tensorboard import SummaryWriter

        with writing(self.run.tensorboard):
            return SummaryWriter(str(self.run.tensorboard), purge_step=self.images + 1)

    def log(self, line: LogLine) -> None:
        """Append a line to metrics.jsonl and its values to TensorBoard.

        That of a step which the training ended with stands in metrics.jsonl alone, and until the
        next line comes.
        """
        if self.ended:
            lines = [each for each in self.run.metrics() if LAST_STEP not in each]
            write_lines(self.run.metrics_file, lines)
        append_line(self.run.metrics_file, line, synced=False)
        self.ended = LAST_STEP in line
        if self.ended:
            return
        with writing(self.run.tensorboard):
            for field, tag in self.tags.items():
                if field in line:
                    self.board.add_scalar(tag, line[field], int(line["images"]))

    def scored(self, line: ScoreLine, curves: Mapping[str, float]) -> None:
        """Append a line to scores.jsonl, and a point to each of TensorBoard's `curves`."""
        self.run.add_scores(line)
        with writing(self.run.tensorboard):
            for tag, value in curves.items():
                self.board.add_scalar(tag, value, line.images)

    def picture(
        self, name: str, images: NDArray[np.uint8], seen: int, text: dict[str, str]
    ) -> Path:
        """Write a grid of (n, H, W, C) uint8 images as samples/NAME.png, enlarged where they are
        small, and to TensorBoard, which enlarges by itself. Returns its path."""
        pixels = filled_sheet(images, 8)
        content = sheet_png(pixels, images.shape[1:], text)
        path = self.run.samples / f"{name}.png"
        write_atomically(path, content)
        tag = "samples/fakes" if name.isdigit() else f"samples/{name}"
        with writing(self.run.tensorboard):
            self.board.add_image(tag, pixels, seen, dataformats="HWC")
        return path

    def has_picture(self, name: str) -> bool:
        """Whether the grid is written already, as it is where a run goes on."""
        return (self.run.samples / f"{name}.png").exists()

    def sync(self) -> None:
        """Make all that was logged so far survive a crash: before a checkpoint counts on it."""
        if self.run.metrics_file.exists():
            with writing(self.run.metrics_file):
                sync(self.run.metrics_file)
        if "board" in vars(self):
            with writing(self.run.tensorboard):
                self.board.flush()

    def close(self) -> None:
        """Close the files."""
        try:
            if "board" in vars(self):
                with writing(self.run.tensorboard):
                    self.board.close()
        finally:
            threading.excepthook = self.hook

    def _thread_failed(self, failed: "threading.ExceptHookArgs") -> None:
        """Say nothing of TensorBoard's thread that cannot write: the next call of `board` raises
        its error here, where it is told by its path."""
        module = type(failed.thread).__module__
        if not (module.startswith("tensorboard.") and isinstance(failed.exc_value, OSError)):
            self.hook(failed)


def _delete_samples_after(run: RunFolder, images: int) -> None:
    """Delete the grids of a killed run that lie beyond its last checkpoint."""
    for path in run.samples.glob("*.png"):
        if path.stem.isdigit() and int(path.stem) > images:
            path.unlink()

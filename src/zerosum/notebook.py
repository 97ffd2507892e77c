"""Progress for notebooks and scripts: a bar where the cell, or the script, prints."""

from collections.abc import Mapping
from typing import Any

from tqdm import tqdm

from zerosum.data import PackedData
from zerosum.run import RunFolder
from zerosum.training import Silent


class ProgressBar(Silent):
    """A listener for `zerosum.train`: one bar for the training, one for each stage of scoring.

    Plain text, so that it needs no widgets: it works in every notebook, console and log.
    """

    def __init__(self) -> None:
        self.bar: tqdm[Any] | None = None
        self.stage = ""

    def message(self, text: str) -> None:
        tqdm.write(text)

    def data_opened(self, data: PackedData, run: RunFolder) -> None:
        tqdm.write(f"{data.name}: {len(data.train):,} images to train on → {run.path}")

    def begin(self, images: int, total: int) -> None:
        self._open("training", images, total)

    def stepped(self, images: int, total: int) -> None:
        self._move(images, total)

    def glimpsed(self, line: Mapping[str, Any]) -> None:
        if self.bar is not None:
            losses = {
                player: f"{line[field]:.3f}"
                for player, field in (("G", "loss_generator"), ("D", "loss_discriminator"))
                if field in line
            }
            self.bar.set_postfix(losses, refresh=False)

    def scoring(self, what: str, done: int, total: int) -> None:
        if self.bar is None or self.stage != what:
            self._open(what, done, total)
        self._move(done, total)

    def end(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None

    def _open(self, what: str, done: int, total: int) -> None:
        self.end()
        self.stage = what
        self.bar = tqdm(desc=what, initial=done, total=total, unit="img", mininterval=0.5)

    def _move(self, done: int, total: int) -> None:
        if self.bar is not None:
            self.bar.total = total
            self.bar.update(done - self.bar.n)

"""A run as Python has it, and what a run or images may be named by."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zerosum.arguments import text_of
from zerosum.data.sources import NAMES
from zerosum.evaluation.images import Images, array_images
from zerosum.exporting.request import FormatName
from zerosum.frames import frame_of
from zerosum.generation.generator import TrainedGenerator, load_generator
from zerosum.options import Threads
from zerosum.recipe.load import read_recipe
from zerosum.recipe.settings import Recipe
from zerosum.records.logs import LogLine
from zerosum.records.run import RunFolder
from zerosum.records.run_state import RunState
from zerosum.records.runs import named_path, named_run
from zerosum.report import write_charts, write_summary
from zerosum.studies.standing import run_standing
from zerosum.training.outcome import Outcome

if TYPE_CHECKING:
    from pandas import DataFrame

    from zerosum.api_results import ProjectionReport
    from zerosum.exploring.serving import OpenPage
    from zerosum.exporting.export import Exported


@dataclass(frozen=True)
class Run:
    """A run on disk: what it was trained with, where it stands, and its generator."""

    folder: RunFolder
    outcome: Outcome | None = None
    """How the training that gave this run ended; None for a run that was opened."""

    @classmethod
    def open(cls, path: str | Path) -> "Run":
        """The run in a folder, or of that name in runs/. Raises ZerosumError when there is none."""
        folder = RunFolder(named_run(text_of(path, "path")))
        folder.require()
        return cls(folder)

    @property
    def path(self) -> Path:
        """The run folder."""
        return self.folder.path

    def recipe(self) -> Recipe:
        """All settings, defaults written out."""
        return read_recipe(self.folder.recipe_file)

    def state(self) -> RunState:
        """Where it stands: status, step, images, seconds, machine, versions, data."""
        return self.folder.state()

    def __repr__(self) -> str:
        state = self.state()
        status, images = run_standing(self.folder).status or "begun", state.get("images", 0)
        return f"<run {self.path}: {status}, {images:,} images>"

    def metrics(self) -> list[LogLine]:
        """The lines of its curves, oldest first."""
        return self.folder.metrics()

    def frame(self) -> "DataFrame":
        """The lines of its curves as a table of pandas, by the images seen: a column a field, NaN
        where a line has none. Raises ZerosumError where pandas is not installed."""
        return frame_of(self.metrics(), "images")

    def scores(self) -> list[dict[str, Any]]:
        """The lines of its scores, oldest first: values with errors, protocol, floor and notes."""
        return [line.as_dict() for line in self.folder.scores()]

    def generator(self, checkpoint: str = "latest", *, device: str = "auto") -> TrainedGenerator:
        """A callable: seeds, or latents (n, latent) float32 → images n×H×W×C uint8.

        The average of the weights where the run keeps one. `checkpoint` is "latest", "best" or a
        number of images.
        """
        return load_generator(self.folder, checkpoint, device=device)

    def export(
        self,
        format: FormatName = "onnx",
        *,
        out: str | Path | None = None,
        push: str = "",
        checkpoint: str | int = "latest",
        average: bool | None = None,
        threads: Threads = "auto",
        quiet: bool = False,
    ) -> "Exported":
        """The generator for other programs, as `zerosum.export` writes it."""
        from zerosum.api_export import export

        return export(
            self, format, out=out, push=push, checkpoint=checkpoint, average=average,
            threads=threads, quiet=quiet,
        )  # fmt: skip

    def explore(
        self,
        *,
        port: int = 0,
        browser: bool = True,
        checkpoint: str | int = "latest",
        average: bool | None = None,
        device: str = "auto",
        threads: Threads = "auto",
        data_root: str | Path | None = None,
    ) -> "OpenPage":
        """A page on this machine to explore the generator, as `zerosum.explore` opens it."""
        from zerosum.api_explore import explore

        return explore(
            self, port=port, browser=browser, checkpoint=checkpoint, average=average,
            device=device, threads=threads, data_root=data_root,
        )  # fmt: skip

    def project(
        self,
        pictures: str | Path | Sequence[str | Path] | NDArray[np.uint8] = (),
        *,
        count: int = 0,
        steps: int = 200,
        starts: int = 2,
        classes: str | int | Sequence[str | int] = (),
        out: str | Path | None = None,
        checkpoint: str | int = "latest",
        average: bool | None = None,
        seed: int = 0,
        device: str = "auto",
        threads: Threads = "auto",
        data_root: str | Path | None = None,
        quiet: bool = False,
    ) -> "ProjectionReport":
        """The latents whose pictures come nearest to given ones, as `zerosum.project` finds
        them."""
        from zerosum.api_analyses import project

        return project(
            self, pictures, count=count, steps=steps, starts=starts, classes=classes, out=out,
            checkpoint=checkpoint, average=average, seed=seed, device=device, threads=threads,
            data_root=data_root, quiet=quiet,
        )  # fmt: skip


def run_named(run: Run | str | Path) -> RunFolder:
    """The folder of a run, of its path, or of its name below runs/."""
    return run.folder if isinstance(run, Run) else RunFolder(named_run(text_of(run, "run")))


def path_named(thing: Run | str | Path, name: str) -> str:
    """The path of a run, of a path or of a name below runs/ or studies/; a data set's name as it
    is."""
    if isinstance(thing, Run):
        return str(thing.path)
    text = text_of(thing, name)
    return text if text in NAMES else str(named_path(text))


def images_named(thing: Run | str | Path | NDArray[np.uint8]) -> tuple[str, Images | None]:
    """What to score: the path or name of images, or what to call images in memory, and these."""
    if isinstance(thing, np.ndarray):
        return "array", array_images(thing)
    return path_named(thing, "images"), None


def write_reports(folder: RunFolder) -> None:
    """Write the charts and the summary of a run anew."""
    write_charts(folder)
    write_summary(folder)

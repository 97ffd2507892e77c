"""A run of each task, and what was exported of it: once, since translating takes seconds."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from tests.generation.conftest import make_run, write_checkpoint
from tests.generation.restored_runs import small_recipe
from zerosum.api_export import write_export
from zerosum.exporting.export import Exported
from zerosum.exporting.request import ExportRequest, FormatName
from zerosum.generation.generator import TrainedGenerator, load_generator
from zerosum.recipe.load import recipe_to_toml
from zerosum.records.run import RunFolder

__all__ = ["make_run"]
Kind = Literal["latents", "classes", "restored"]
CLASSES: dict[str, object] = {
    "network.kind": "resnet", "data.resolution": 16, "data.channels": 3, "latent": 6, "width": 4,
    "network.conditional": True, "network.generator.classes": "norm",
    "network.generator.embedding": 3, "data.classes": ("cat", "dog", "eel"),
    "data.source": "/home/somebody/pictures",
}  # fmt: skip
RESTORED: dict[str, object] = {
    "network.generator.norm": "spectral", "network.generator.attention": 0, "seed": 5,
}  # fmt: skip


@dataclass(frozen=True)
class Made:
    """An export, and the generator of the run that it should be."""

    generator: TrainedGenerator
    exported: Exported
    run: RunFolder

    @property
    def path(self) -> Path:
        return self.exported.path


@pytest.fixture(scope="session")
def run_of(
    make_run: Callable[..., RunFolder], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Kind], RunFolder]:
    """A function: the run of each task, always the same one. Pictures of latents are grey and
    averaged; those of classes coloured, by conditional norms; the U-Net has spectral norm."""
    runs: dict[Kind, RunFolder] = {}

    def restored() -> RunFolder:
        run, recipe = (
            RunFolder(tmp_path_factory.mktemp("runs") / "restored"),
            small_recipe(RESTORED),
        )
        run.path.mkdir()
        run.recipe_file.write_text(recipe_to_toml(recipe))
        write_checkpoint(run, recipe, images=3000)
        return run

    def run_of(kind: Kind) -> RunFolder:
        make = {
            "latents": lambda: make_run({"schedule.average": 1000}),
            "classes": lambda: make_run(CLASSES),
            "restored": restored,
        }
        if kind not in runs:
            runs[kind] = make[kind]()
        return runs[kind]

    return run_of


@pytest.fixture(scope="session")
def made(run_of: Callable[[Kind], RunFolder]) -> Callable[[FormatName, Kind], Made]:
    """A function: what was exported of the run of a task, always the same file."""
    there: dict[tuple[str, str], Made] = {}

    def made(format: FormatName, kind: Kind) -> Made:
        if (format, kind) not in there:
            run = run_of(kind)
            exported = write_export(run, ExportRequest(format=format))
            there[format, kind] = Made(load_generator(run, device="cpu"), exported, run)
        return there[format, kind]

    return made

"""The samples of a study's settings, and all its files, from a study of two tiny runs."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.generation.conftest import write_checkpoint
from tests.studies.builders import latent_study
from zerosum.generation.generator import load_generator
from zerosum.recipe.load import recipe_to_toml
from zerosum.report.sample_sheet import sample_sheet
from zerosum.report.study import write_study_reports
from zerosum.studies import strips
from zerosum.studies.cells import cells_of
from zerosum.studies.folder import StudyFolder
from zerosum.studies.results import read_results
from zerosum.studies.settings import Study
from zerosum.studies.strips import read_strip, strips_folder

SMALL = {"network.generator.width": 4, "network.discriminator.width": 4, "evaluation.images": 0}
STUDY = latent_study(name="tiny", seeds=(0,), grid={"latent": (2, 8, 16)}, settings=SMALL)


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    """Two cells that have a checkpoint and one that waits."""
    folder = StudyFolder(tmp_path / "tiny")
    folder.write_study(STUDY, "")
    for cell in cells_of(STUDY)[:2]:
        run = folder.run(cell.name)
        run.path.mkdir(parents=True)
        run.recipe_file.write_text(recipe_to_toml(cell.settings()))
        write_checkpoint(run, cell.settings(), images=1000)
        state = {"status": "finished", "images": 1000, "images_total": 1000, "seconds": 10.0}
        run.state_file.write_text(json.dumps(state))
    return folder


def report(folder: StudyFolder, study: Study = STUDY, **options: Any) -> None:
    write_study_reports(folder, study, read_results(folder, cells_of(study)), **options)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The checkpoints of which a generator was loaded."""
    loaded: list[str] = []

    def load(run: Any, checkpoint: str, **options: Any) -> Any:
        loaded.append(f"{run.path.name} {checkpoint}")
        return load_generator(run, checkpoint, **options)

    monkeypatch.setattr(strips, "load_generator", load)
    return loaded


def test_all_files_are_written_while_cells_are_waiting(folder: StudyFolder) -> None:
    report(folder)
    # No charts of scores: those want two scores.
    for path in (folder.table_file, folder.samples_file):
        assert path.stat().st_size > 500, path
    assert "samples.png" in folder.table_file.read_text()


def test_a_generator_is_loaded_once_for_a_checkpoint(folder: StudyFolder, made: list[str]) -> None:
    report(folder)
    assert made == ["latent-2_seed-0 000001000", "latent-8_seed-0 000001000"]
    first = folder.samples_file.read_bytes()
    report(folder)
    assert len(made) == 2
    assert folder.samples_file.read_bytes() == first


def test_a_newer_checkpoint_takes_the_place_of_the_old_strip(
    folder: StudyFolder, made: list[str]
) -> None:
    report(folder)
    cell = cells_of(STUDY)[0]
    write_checkpoint(folder.run(cell.name), cell.settings(), images=2000)
    report(folder)
    assert made[2:] == ["latent-2_seed-0 000002000"]
    names = sorted(path.name.rsplit("-", 1)[0] for path in strips_folder(folder).iterdir())
    assert names == ["latent-2_seed-0-000002000", "latent-8_seed-0-000001000"]


def test_a_kept_strip_has_the_pictures_of_the_generator(folder: StudyFolder) -> None:
    (result, *_) = read_results(folder, cells_of(STUDY))
    fresh, kept = read_strip(folder, result, "cpu"), read_strip(folder, result, "cpu")
    assert fresh.pictures is not None and kept.pictures is not None
    assert fresh.pictures.shape == (10, 32, 32, 1) and fresh.images == 1000
    np.testing.assert_array_equal(fresh.pictures, kept.pictures)


def test_a_cell_without_a_checkpoint_says_why_it_has_no_pictures(folder: StudyFolder) -> None:
    *_, waiting = read_results(folder, cells_of(STUDY))
    strip = read_strip(folder, waiting, "cpu")
    assert (strip.pictures, strip.reason) == (None, "waiting")


def test_damaged_weights_leave_a_row_with_the_reason(folder: StudyFolder) -> None:
    result = read_results(folder, cells_of(STUDY))[0]
    for file in result.run.checkpoint().glob("*.safetensors"):
        file.write_bytes(b"nothing")
    strip = read_strip(folder, result, "cpu")
    assert strip.pictures is None and "damaged" in strip.reason
    report(folder)


def test_a_damaged_strip_is_made_again(folder: StudyFolder, made: list[str]) -> None:
    report(folder)
    for path in strips_folder(folder).iterdir():
        path.write_bytes(b"\x89PNG nothing")
    report(folder)
    assert len(made) == 4


def test_without_samples_no_generator_is_loaded(folder: StudyFolder, made: list[str]) -> None:
    report(folder, samples=False)
    assert not made and not folder.samples_file.exists()


def test_grey_and_coloured_pictures_of_two_sizes_stand_on_one_sheet(folder: StudyFolder) -> None:
    grey = np.zeros((10, 32, 32, 1), np.uint8)
    colour = np.full((10, 64, 64, 3), (200, 30, 90), np.uint8)
    path = folder.path / "sheet.png"
    sample_sheet([("grey", grey), ("colour", colour)]).save(path)
    pixels = np.asarray(Image.open(path).convert("RGB")).reshape(-1, 3)
    assert (pixels == (200, 30, 90)).all(axis=1).sum() == 10 * 64 * 64
    assert (pixels == 0).all(axis=1).sum() >= 10 * 64 * 64

"""Which cells are not worth going on."""

from pathlib import Path

from tests.studies.made_up import write_cell
from tests.studies.tiny import tiny_study
from zerosum.studies.cells import cells_of
from zerosum.studies.folder import StudyFolder
from zerosum.studies.prune import poor_reason

CELLS = cells_of(tiny_study(grid={"latent": (1, 2, 4, 8)}))
NAMES = [cell.name for cell in CELLS]


def reason(
    folder: Path,
    own: list[tuple[int, float]],
    others: int = 3,
    precision: float | None = None,
    own_precision: float | None = None,
) -> str:
    """Why the first cell should stop beside others with FIDs 10, 20, 30 after 100 images."""
    study = StudyFolder(folder)
    write_cell(study, CELLS[0], status="running", compared=own, precision=own_precision)
    for cell, fid in zip(CELLS[1 : 1 + others], (10.0, 20.0, 30.0), strict=False):
        write_cell(study, cell, compared=[(100, fid), (200, fid / 2)], precision=precision)
    return poor_reason(study, NAMES[0], NAMES, "fid")


def test_a_cell_worse_than_the_median_at_the_same_images_is_poor(tmp_path: Path) -> None:
    assert reason(tmp_path, [(100, 25.0)]) == (
        "at 100 images its best fid was 25, and the median of 3 others 20"
    )


def test_a_cell_better_than_the_median_goes_on(tmp_path: Path) -> None:
    assert reason(tmp_path, [(100, 15.0)]) == ""


def test_a_cell_counts_by_its_best_score_so_far(tmp_path: Path) -> None:
    assert reason(tmp_path, [(100, 9.0), (200, 25.0)]) == ""


def test_nothing_is_stopped_beside_few_others(tmp_path: Path) -> None:
    assert reason(tmp_path, [(100, 99.0)], others=2) == ""


def test_a_cell_ahead_of_all_others_is_held_against_nobody(tmp_path: Path) -> None:
    assert reason(tmp_path, [(300, 99.0)]) == ""


def test_nothing_is_stopped_beside_others_that_make_noise(tmp_path: Path) -> None:
    assert reason(tmp_path, [(100, 99.0)], precision=0.001, own_precision=0.3) == ""


def test_noise_is_stopped_beside_others_that_are_like_the_data(tmp_path: Path) -> None:
    assert reason(tmp_path, [(100, 99.0)], precision=0.3, own_precision=0.0)

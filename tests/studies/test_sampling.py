"""Settings that are drawn."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.studies.made_up import write_cell
from tests.studies.tiny import tiny_study
from zerosum.errors import UsageError
from zerosum.studies.cells import Cell
from zerosum.studies.folder import StudyFolder
from zerosum.studies.recorded import all_cells
from zerosum.studies.request import Sampler
from zerosum.studies.sampling import DrawnQueue, random_point
from zerosum.studies.settings import Range, Study

DRAWN = tiny_study(
    grid={
        "learning-rate": Range(low=1e-5, high=1e-1, log=True),
        "latent": Range(low=1, high=100, whole=True),
        "optimizer": ("adam", "rmsprop"),
    }
)


@given(number=st.integers(0, 10_000))
def test_a_draw_lies_in_its_ranges_and_is_the_same_again(number: int) -> None:
    point = random_point(DRAWN, number)

    assert 1e-5 <= point["learning-rate"] <= 1e-1  # type: ignore[operator]
    assert isinstance(point["latent"], int) and 1 <= point["latent"] <= 100
    assert point["optimizer"] in ("adam", "rmsprop")
    assert point == random_point(DRAWN, number)


def test_a_logarithmic_range_is_drawn_evenly_in_the_logarithm() -> None:
    rates = [float(str(random_point(DRAWN, number)["learning-rate"])) for number in range(400)]

    assert 0.4 < sum(rate < 1e-3 for rate in rates) / len(rates) < 0.6


def drawn(study: Study, folder: StudyFolder, sampler: Sampler, trials: int) -> list[Cell]:
    """Every cell of a study, whose FID is the distance of the rate from 1e-3 in decades."""
    queue = DrawnQueue(study, folder, sampler, trials)
    while (cell := queue.next([])) is not None:
        rate = float(str(cell.axes["learning-rate"]))
        write_cell(folder, cell, fid=abs(math.log10(rate) + 3))
    return all_cells(study, folder)


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_a_study_that_goes_on_draws_what_it_would_have_drawn(
    sampler: Sampler, tmp_path: Path
) -> None:
    whole = StudyFolder(tmp_path / "whole")
    halves = StudyFolder(tmp_path / "halves")
    for folder in (whole, halves):
        folder.path.mkdir()
    drawn(DRAWN, halves, sampler, 6)

    assert drawn(DRAWN, halves, sampler, 14) == drawn(DRAWN, whole, sampler, 14)


def test_tpe_draws_where_earlier_trials_did_well(tmp_path: Path) -> None:
    distance = {}
    samplers: tuple[Sampler, ...] = ("random", "tpe")
    for sampler in samplers:
        folder = StudyFolder(tmp_path / sampler)
        folder.path.mkdir()
        rates = [cell.axes["learning-rate"] for cell in drawn(DRAWN, folder, sampler, 40)]
        late = [abs(math.log10(float(str(rate))) + 3) for rate in rates[20:]]
        distance[sampler] = sum(late) / len(late)

    assert distance["tpe"] < distance["random"]


def test_every_trial_has_a_cell_for_each_seed(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    study = DRAWN.model_copy(update={"seeds": (0, 1)})
    cells = drawn(study, folder, "random", 3)

    assert [cell.seed for cell in cells] == [0, 1] * 3
    assert cells[0].axes == cells[1].axes != cells[2].axes


def test_of_a_grid_of_lists_a_sampler_draws_no_more_than_its_trials(tmp_path: Path) -> None:
    queue = DrawnQueue(tiny_study(), StudyFolder(tmp_path), "random", 1)
    first = queue.next(())
    assert first is not None and first.name == "trial-000_seed-0"
    assert queue.next(()) is None


def test_a_sampler_needs_a_number_of_trials(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        DrawnQueue(DRAWN, StudyFolder(tmp_path), "random", 0)

    assert "--trials" in caught.value.remedy

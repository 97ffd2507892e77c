"""The commands that train and score a cell."""

from pathlib import Path

import click
from hypothesis import given
from hypothesis import strategies as st

from tests.studies.made_up import write_cell
from tests.studies.tiny import tiny_study
from zerosum.cli.fields import overrides
from zerosum.cli.train import train
from zerosum.recipe.load import load_recipe
from zerosum.studies.attempt import Means, next_command, train_command
from zerosum.studies.cells import cells_of
from zerosum.studies.folder import StudyFolder

MEANS = Means(1)


@given(
    rate=st.floats(1e-6, 1),
    betas=st.tuples(st.floats(0, 0.99), st.floats(0, 0.99)),
    flip=st.booleans(),
    scores=st.lists(st.sampled_from(["kid", "precision", "recall"]), unique=True, max_size=3),
)
def test_the_command_of_a_cell_sets_what_the_cell_sets(
    rate: float, betas: tuple[float, float], flip: bool, scores: list[str]
) -> None:
    settings = {
        "learning-rate": rate,
        "optimizer.generator.betas": betas,
        "data.flip": flip,
        "evaluation.scores": ("fid", *scores),
    }
    [cell] = cells_of(tiny_study(grid={}, settings=settings))
    words = train_command(cell, StudyFolder(Path("s")).run(cell.name), MEANS)
    context = click.Context(train)
    train.parse_args(context, words[1:])

    assert load_recipe(words[1], overrides(context.params)) == cell.settings()


def test_a_finished_and_scored_cell_needs_nothing(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    [cell] = cells_of(tiny_study(grid={}, settings={"evaluation.images": 100}))
    assert next_command(folder, cell, MEANS)[0] == "train"
    write_cell(folder, cell, fid=3.0)
    assert next_command(folder, cell, MEANS) == []


def test_a_cell_that_was_killed_while_it_was_scored_is_scored_again(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    [cell] = cells_of(tiny_study(grid={}, settings={"evaluation.images": 100}))
    write_cell(folder, cell)

    assert next_command(folder, cell, MEANS)[0] == "train"


def test_a_cell_by_the_clock_is_evaluated_when_its_time_is_up(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    study = tiny_study(grid={}, images=0, minutes=0.1, settings={"evaluation.images": 100})
    [cell] = cells_of(study)
    first = next_command(folder, cell, MEANS)
    assert first[-2:] == ["--stop-after", "6.0s"]
    write_cell(folder, cell, status="stopped")

    assert next_command(folder, cell, MEANS)[:2] == ["evaluate", str(folder.run(cell.name).path)]


def test_a_cell_that_diverged_is_not_tried_again(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    [cell] = cells_of(tiny_study(grid={}))
    write_cell(folder, cell, status="failed", reason="not finite")

    assert next_command(folder, cell, MEANS) == []

"""The table of a study: its layout, its honest best, what stands in for a missing score."""

from typing import Any

import pytest

from tests.studies.builders import (
    grid_study,
    latent_study,
    result_of,
    settings_of,
    settings_with_precision,
)
from zerosum.comparing.noise import holm, welch
from zerosum.report.study.tables import everything_table, score_tables
from zerosum.studies.cells import cells_of, longer_cell
from zerosum.studies.results import by_setting
from zerosum.studies.settings import Also, Longer, Study, Table
from zerosum.studies.table import lay_out, table_axes


def test_the_last_axis_stands_along_the_top_and_the_others_down_the_side() -> None:
    assert table_axes(grid_study()) == (("learning-rate",), ("optimizer",))


def test_an_axis_alone_stands_down_the_side() -> None:
    assert table_axes(latent_study()) == (("latent",), ())


def test_the_study_says_which_axes_are_rows_and_the_rest_are_columns() -> None:
    study = grid_study(table=Table(rows=("optimizer",)))
    assert table_axes(study) == (("optimizer",), ("learning-rate",))


def test_every_axis_has_a_place_also_one_that_the_study_forgot() -> None:
    study = grid_study(
        grid={"latent": (1, 2), "width": (4, 8), "optimizer": ("adam", "sgd")},
        table=Table(rows=("latent",), columns=("width",)),
    )
    assert table_axes(study) == (("latent", "optimizer"), ("width",))


def test_values_are_averaged_over_the_seeds_with_their_sample_deviation() -> None:
    settings = settings_of(latent_study(), [1, 2, 3, 5, 5, 5, 9, 9, 12])
    measured = [entry.measured("fid") for entry in settings]
    assert [each.mean for each in measured] == [2, 5, 10]
    assert [each.spread for each in measured] == pytest.approx([1, 0, 3**0.5])
    assert [each.error for each in measured] == [None, None, None]


def test_one_seed_has_the_scores_own_error_and_no_spread() -> None:
    settings = settings_of(latent_study(seeds=(0,)), [1, 2, 3], error=0.25)
    measured = settings[0].measured("fid")
    assert (measured.spread, measured.error) == (None, 0.25)


def test_the_table_has_a_place_for_every_combination() -> None:
    layout = lay_out(grid_study(), settings_of(grid_study(), [float(n) for n in range(12)]))
    assert [line.head for line in layout.grid] == [("0.002",), ("0.0002",)]
    assert layout.columns == (("adam",), ("rmsprop",))
    means = [[e.measured("fid").mean for e in line.entries if e] for line in layout.grid]
    assert means == [[1, 4], [7, 10]]


@pytest.mark.parametrize(
    ("values", "why", "best"),
    [
        ([1.0, 1.1, 0.9, 5, 5.2, 4.8, 9, 9.1, 8.9], "clear", "latent 1"),
        ([1.0, 9.0, 5.0, 5, 6, 4, 9, 1, 8], "noise", None),
        ([1.0, 1.1, 0.9, 5, None, None, 9, 9.1, 8.9], "seeds missing", None),
        ([1.0, None, None, 5, None, None, 9, None, None], "one seed", None),
    ],
)
def test_the_best_is_only_what_is_better_by_more_than_chance(
    values: list[float | None], why: str, best: str | None
) -> None:
    (ranking,) = lay_out(latent_study(), settings_of(latent_study(), values)).rankings
    assert ranking.why == why
    assert (ranking.best.words if ranking.best else None) == best
    assert ranking.entries[0].words == "latent 1"


def test_of_a_score_that_is_better_higher_the_highest_is_the_best() -> None:
    study = latent_study(table=Table(score="recall"))
    settings = settings_of(study, [0.1, 0.11, 0.1, 0.5, 0.51, 0.5, 0.8, 0.8, 0.81], score="recall")
    (ranking,) = lay_out(study, settings).rankings
    assert ranking.best is not None and ranking.best.words == "latent 16"


def two_data(**parts: Any) -> tuple[Study, list[Any]]:
    study = latent_study(data=("digits", "mnist"), grid={"latent": (1, 4)}, seeds=(0, 1))
    cells = cells_of(study)
    other = {"real_data": "mnist", "real_fingerprint": "ffff", **parts}
    values = [1.0, 1.1, 5.0, 5.1, 0.5, 0.51, 0.2, 0.21]
    results = [
        result_of(cell, value, **(other if cell.data == "mnist" else {}))
        for cell, value in zip(cells, values, strict=True)
    ]
    return study, by_setting(results)


def test_scores_against_other_images_are_ranked_apart() -> None:
    study, settings = two_data()
    layout = lay_out(study, settings)
    assert layout.groups == 2
    best = [ranking.best.words for ranking in layout.rankings if ranking.best]
    assert best == ["digits, latent 1", "mnist, latent 4"]


def test_a_table_that_stands_alone_says_what_its_letters_mean() -> None:
    """As LaTeX, Markdown or CSV a table has no sentences above it."""
    layout = lay_out(*two_data())
    for table in (*score_tables(layout), everything_table(layout)):
        assert any("[A]" in cell for row in table.rows for cell in row)
        assert dict(table.notes)["[A]"].endswith("of digits (held out)")
        assert dict(table.notes)["[B]"].endswith("of mnist (held out)")


def test_the_seed_may_choose_the_held_out_images() -> None:
    study = latent_study()
    results = [
        result_of(cell, 1.0 + cell.seed, real_fingerprint=f"seed-{cell.seed}")
        for cell in cells_of(study)
    ]
    layout = lay_out(study, by_setting(results))
    assert layout.groups == 1
    assert [len(entry.scored) for entry in layout.entries] == [3, 3, 3]


def test_other_images_of_the_same_seed_may_not_be_compared() -> None:
    study = latent_study(seeds=(0,))
    results = [
        result_of(cell, 1.0, real_fingerprint=f"other-{cell.axes['latent']}")
        for cell in cells_of(study)
    ]
    assert lay_out(study, by_setting(results)).groups == 3


def test_a_seed_that_was_measured_in_another_way_is_not_averaged() -> None:
    study = latent_study()
    results = [
        result_of(cell, 1.0, fakes=500 if cell.name == "latent-1_seed-2" else 10_000)
        for cell in cells_of(study)
    ]
    first = lay_out(study, by_setting(results)).entries[0]
    assert len(first.measured("fid").values) == 2
    assert first.standing == ("measured in another way",)


def test_settings_beside_the_grid_and_those_trained_longer_have_rows_of_their_own() -> None:
    study = latent_study(seeds=(0,), also=(Also(name="wide", set={"width": 32}),))
    cells = cells_of(study)
    more = longer_cell(cells[0], Longer(epochs=50))
    results = [result_of(cell, 2.0) for cell in cells] + [result_of(more, 1.0)]
    layout = lay_out(study, by_setting(results))
    assert [line.head for line in layout.grid] == [("1",), ("4",), ("16",)]
    assert [line.head for line in layout.beside] == [("wide",), ("latent 1, longer 50 epochs",)]
    assert [ranking.longer for ranking in layout.rankings] == [False, True]


def test_cells_without_a_score_say_how_they_stand() -> None:
    study = latent_study(grid={"latent": (1, 2, 3, 4, 5)}, seeds=(0,))
    cells = cells_of(study)
    results = [
        result_of(cells[0], status="failed", reason="training diverged at step 3"),
        result_of(cells[1], status="failed", reason="no space left"),
        result_of(cells[2], status="waiting"),
        result_of(cells[3], status="pruned", reason="worse than half"),
        result_of(cells[4], reason="scoring failed"),
    ]
    standing = [entry.standing for entry in by_setting(results)]
    assert standing == [
        ("diverged",),
        ("failed: no space left",),
        ("waiting",),
        ("pruned",),
        ("no score: scoring failed",),
    ]


def test_a_collapsed_cell_is_marked_beside_its_number() -> None:
    study = latent_study()
    results = [
        result_of(cell, 1.0, verdict="collapsed" if cell.name == "latent-1_seed-0" else "learning")
        for cell in cells_of(study)
    ]
    assert by_setting(results)[0].marks == ("collapsed in 1 of 3",)


def test_a_table_of_nothing_is_no_error() -> None:
    study = latent_study()
    layout = lay_out(study, settings_of(study, [None] * 9))
    assert layout.scores == () and layout.rankings == ()
    assert [entry.standing for entry in layout.entries] == [("3 × waiting",)] * 3


def test_welch_agrees_with_a_case_that_is_solved_by_hand() -> None:
    # t = 10 / √2 with 2 degrees of freedom, for which p = 1 − t / √(2 + t²).
    assert welch([0, 2], [10, 12]) == pytest.approx(1 - (50 / 52) ** 0.5)
    assert welch([1, 1], [2, 2]) == 0.0
    assert welch([1, 1], [1, 1]) == 1.0


def test_holm_stops_at_the_first_that_fails() -> None:
    assert holm([0.01, 0.02, 0.04]) == [True, True, True]
    assert holm([0.02, 0.02, 0.04]) == [False, False, False]
    assert holm([0.04, 0.001, 0.03]) == [False, True, False]


def test_where_no_setting_is_like_the_data_nothing_is_ranked() -> None:
    values = [1, 1.1, 0.9, 5, 5.2, 4.8, 9, 9.1, 8.9]
    layout = lay_out(latent_study(), settings_with_precision(latent_study(), values, [0.005] * 9))
    assert layout.nothing_like and layout.rankings == ()
    assert not any(layout.is_best(entry) for entry in layout.entries)


def test_settings_that_are_not_like_the_data_are_ranked_by_nothing_and_beat_nobody() -> None:
    values = [1, 1.1, 0.9, 5, 5.2, 4.8, 9, 9.1, 8.9]
    precisions = [0.0, 0.0, 0.0, 0.5, 0.5, 0.5, 0.0, 0.4, 0.0]
    layout = lay_out(latent_study(), settings_with_precision(latent_study(), values, precisions))
    (ranking,) = layout.rankings
    # One seed of the last setting is like the data: its spread says the rest.
    assert [entry.words for entry in ranking.entries] == ["latent 4", "latent 16"]
    assert [entry.words for entry in layout.unlike] == ["latent 1"]
    assert layout.is_best(layout.entries[1]) and not layout.nothing_like


def test_before_anything_was_scored_nothing_is_said_to_be_unlike_the_data() -> None:
    layout = lay_out(latent_study(), settings_of(latent_study(), [None] * 9))
    assert not layout.nothing_like and layout.unlike == ()

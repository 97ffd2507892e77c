"""The charts of a study: every setting is on them, at any time."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from tests.studies.builders import (
    grid_study,
    latent_study,
    result_of,
    score_line,
    settings_of,
    settings_with_precision,
)
from zerosum.records.lines import append_line
from zerosum.records.run import RunFolder
from zerosum.report.charts import png
from zerosum.report.score_chart import minutes_at
from zerosum.report.study.figures import progress_figure, settings_figure
from zerosum.report.study.heat_map import COLOURS, PLAIN, heat_table, lightness
from zerosum.report.study.texts import UNLIKE
from zerosum.studies.cells import cells_of
from zerosum.studies.results import CellResult, by_setting
from zerosum.studies.settings import Range, Study
from zerosum.studies.table import Layout, lay_out


def words(figure: Figure) -> str:
    """All the texts of a figure, once it was drawn."""
    png(figure)
    found = [text.get_text() for axes in figure.axes for text in axes.texts]
    for axes in figure.axes:
        found += [label.get_text() for label in (*axes.get_xticklabels(), *axes.get_yticklabels())]
    found += [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    return "\n".join(found).replace("\n", " ")


def settings_chart(study: Study, layout: Layout) -> Figure:
    """The chart of settings of which two were scored."""
    figure = settings_figure(study, layout)
    assert figure is not None
    return figure


def progress_chart(study: Study, layout: Layout) -> Figure:
    """The chart of scores on the way, of which there are two."""
    figure = progress_figure(study, layout)
    assert figure is not None
    return figure


def test_one_axis_of_numbers_is_a_line_over_them() -> None:
    study = latent_study(grid={"latent": (1, 4, 100)})
    settings = settings_of(study, [1, 1.1, 0.9, 5, 5.2, 4.8, 9, 9.1, 8.9])
    figure = settings_chart(study, lay_out(study, settings))
    (axes,) = figure.axes
    assert axes.get_xscale() == "log"
    assert "1 4 100" in words(figure)


def test_single_seeds_are_shown_beside_their_mean() -> None:
    study = latent_study()
    settings = settings_of(study, [1, 1.1, 0.9, 5, 5.2, 4.8, 9, 9.1, 8.9])
    (axes,) = settings_chart(study, lay_out(study, settings)).axes
    seeds = [
        value
        for line in axes.get_lines()
        if line.get_markerfacecolor() == "white"
        for value in np.asarray(line.get_ydata()).tolist()
    ]
    assert sorted(seeds) == [0.9, 1.0, 1.1, 4.8, 5.0, 5.2, 8.9, 9.0, 9.1]


def test_one_axis_of_names_is_a_row_for_each() -> None:
    study = latent_study(grid={"optimizer": ("adam", "sgd", "rmsprop")})
    figure = settings_chart(study, lay_out(study, settings_of(study, [1.0] * 9)))
    assert "optimizer adam optimizer sgd optimizer rmsprop" in words(figure)


def test_two_axes_are_a_heat_map_with_the_numbers_in_it() -> None:
    study = grid_study(seeds=(0,))
    figure = settings_chart(study, lay_out(study, settings_of(study, [12.5, 50, 100, 200])))
    text = words(figure)
    assert all(number in text for number in ("12.5", "50", "100", "200", "± 0.5"))
    assert "learning-rate 0.002" in text and "optimizer rmsprop" in text


def test_scores_within_their_errors_have_nearly_one_colour() -> None:
    def lightest_and_darkest(values: list[float]) -> float:
        study = grid_study(seeds=(0,))
        heat = heat_table(lay_out(study, settings_of(study, values)))
        assert heat is not None
        squares = [square for _, own in heat.rows for square in own if square is not None]
        light = [sum(to_rgb(square.ground)) for square in squares]
        return max(light) - min(light)

    near, far = (
        lightest_and_darkest([14.9, 14.7, 14.8, 14.6]),
        lightest_and_darkest([9, 14, 20, 30]),
    )
    assert near < 0.2 < 0.9 < far  # each is ± 0.5


def test_a_failed_setting_is_hatched_and_says_why() -> None:
    study = grid_study(seeds=(0,))
    cells = cells_of(study)
    results = [result_of(cell, 1.0) for cell in cells[1:]]
    results.insert(0, result_of(cells[0], status="failed", reason="training diverged at step 3"))
    figure = settings_chart(study, lay_out(study, by_setting(results)))
    assert "diverged" in words(figure)
    assert [patch for patch in figure.axes[0].patches if patch.get_hatch()]


def test_a_setting_that_is_not_like_the_data_has_no_colour() -> None:
    study = grid_study(seeds=(0,))
    layout = lay_out(study, settings_with_precision(study, [12.5, 50, 100, 200], [0.4, 0.3, 0, 0]))
    figure = settings_chart(study, layout)
    colours = [patch.get_facecolor() for patch in figure.axes[0].patches]
    assert colours[2] == colours[3] == PLAIN and len(set(colours)) == 3
    assert words(figure).count("not like the data") == 2
    heat = heat_table(layout)
    assert heat is not None and "Grey: not like the data" in heat.legend
    squares = [square for _, own in heat.rows for square in own if square is not None]
    assert [UNLIKE in square.below for square in squares] == [False, False, True, True]


def test_where_no_setting_is_like_the_data_the_charts_have_no_colours_and_say_so() -> None:
    study = grid_study(seeds=(0,))
    layout = lay_out(study, settings_with_precision(study, [12.5, 50, 100, 200], [0.0] * 4))
    figure = settings_chart(study, layout)
    assert {patch.get_facecolor() for patch in figure.axes[0].patches} == {PLAIN}
    assert "no setting is like the data" in " ".join(figure.get_suptitle().split())
    heat = heat_table(layout)
    assert heat is not None and "No colours" in heat.legend
    assert len({square.ground for _, own in heat.rows for square in own if square}) == 1


def test_the_better_is_lighter_also_in_grey() -> None:
    assert lightness(3, worst=300, best=3) == 1 and lightness(300, worst=300, best=3) == 0
    assert lightness(0.9, worst=0.1, best=0.9) == 1
    greys = [np.dot(COLOURS(share)[:3], (0.299, 0.587, 0.114)) for share in np.linspace(0, 1, 20)]
    assert all(np.diff(greys) > 0)


def test_drawn_settings_are_points_over_each_axis() -> None:
    study = latent_study(
        seeds=(0,),
        grid={"learning-rate": Range(low=1e-5, high=1e-2, log=True), "optimizer": ("adam", "sgd")},
    )
    plain = grid_study(seeds=(0,), grid={"learning-rate": (1e-4, 1e-3), "optimizer": ("adam",)})
    figure = settings_chart(study, lay_out(study, settings_of(plain, [1, 2])))
    assert [axes.get_xlabel() for axes in figure.axes] == ["learning-rate", "optimizer"]


@pytest.mark.parametrize("study", [latent_study(), grid_study(), latent_study(grid={})])
def test_before_two_scores_are_there_no_chart_is_drawn(study: Any) -> None:
    for first in (None, 12.5):
        values = [first, *([None] * (len(cells_of(study)) - 1))]
        layout = lay_out(study, settings_of(study, values))
        assert settings_figure(study, layout) is None and progress_figure(study, layout) is None


def with_scores(tmp_path: Path, count: int) -> list[CellResult]:
    """Cells that were compared twice on their way and then reported."""
    study = latent_study(grid={"latent": tuple(range(1, count + 1))}, seeds=(0,))
    results = []
    for number, cell in enumerate(cells_of(study)):
        run = RunFolder(tmp_path / cell.name)
        run.path.mkdir()
        append_line(run.metrics_file, {"images": 1000, "seconds": 60.0})
        append_line(run.metrics_file, {"images": 2000, "seconds": 180.0})
        for images, value in ((1000, 50.0), (2000, 20.0 + number)):
            line = score_line(value, kind="selection", fakes=2500)
            append_line(run.scores_file, line | {"images": images})
        append_line(run.scores_file, score_line(19.0 + number) | {"images": 2000})
        results.append(result_of(cell, 19.0 + number, run=run))
    return results


def test_scores_on_the_way_stand_against_images_and_against_minutes(tmp_path: Path) -> None:
    study = latent_study(grid={"latent": (1, 2)}, seeds=(0,))
    figure = progress_chart(study, lay_out(study, by_setting(with_scores(tmp_path, 2))))
    images, minutes = figure.axes
    assert np.asarray(images.get_lines()[0].get_xdata()).tolist() == [1000, 2000]
    assert np.asarray(minutes.get_lines()[0].get_xdata()).tolist() == [1, 3]
    assert np.asarray(images.get_lines()[1].get_ydata()).tolist() == [19.0]
    assert "latent 1 latent 2" in words(figure)


def test_what_real_images_score_against_real_ones_is_a_line(tmp_path: Path) -> None:
    study, cells = latent_study(grid={"latent": (1, 2)}, seeds=(0,)), with_scores(tmp_path, 2)
    floor = {"fid": {"value": 1.5, "error": None}}
    cells = [
        replace(cell, scores=replace(cell.run.scores()[-1], floor=floor, floor_size=""))
        for cell in cells
    ]
    figure = progress_chart(study, lay_out(study, by_setting(cells)))
    for axes in figure.axes:
        level = next(each for each in axes.get_lines() if each.get_label() == "real against real")
        assert set(np.asarray(level.get_ydata()).tolist()) == {1.5}
    assert "real against real" in words(figure)


def test_results_of_the_same_length_are_not_cut_off_at_the_right(tmp_path: Path) -> None:
    study = latent_study(grid={"latent": (1, 2)}, seeds=(0,))
    cells = with_scores(tmp_path, 2)
    for cell in cells:  # of each only the result, all at one place
        *_, result = cell.run.scores()
        cell.run.scores_file.write_text("")
        cell.run.add_scores(result)
    figure = progress_chart(study, lay_out(study, by_setting(cells)))
    images, minutes = figure.axes
    assert images.get_xlim()[1] > 1.03 * 2000 and minutes.get_xlim()[1] > 1.03 * 3


def test_of_many_settings_the_best_five_are_named(tmp_path: Path) -> None:
    study = latent_study(grid={"latent": tuple(range(1, 15))}, seeds=(0,))
    figure = progress_chart(study, lay_out(study, by_setting(with_scores(tmp_path, 14))))
    text = words(figure)
    assert "latent 5" in text and "latent 6" not in text and "all others" in text


def test_minutes_follow_from_the_log_and_from_the_newest_checkpoint() -> None:
    lines = [{"images": 100, "seconds": 60.0}, {"images": 200, "seconds": 180.0}]
    assert minutes_at([50, 150, 300], lines) == (0.5, 2.0, 4.5)
    assert minutes_at([50], [], (100, 60.0)) == (0.5,)
    assert np.isnan(minutes_at([50], [])).all()

"""Labels, settings, the place, tables and pictures of a comparison."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.conftest import STATE, lines_of
from zerosum.comparing.labels import Labels, Named, label_sides, unique_names
from zerosum.comparing.sides import Side
from zerosum.errors import ZerosumError
from zerosum.recipe.changes import differing_fields
from zerosum.recipe.load import load_recipe, read_recipe
from zerosum.records.run import RunFolder
from zerosum.report.chart import Chart
from zerosum.report.comparison.charts import Log, curve_charts, curves_figure
from zerosum.report.comparison.place import FILES, choose_place, place_kept
from zerosum.report.comparison.settings import data_notes, settings_section, training_section
from zerosum.report.document import Table
from zerosum.report.looks import look
from zerosum.report.markdown import markdown_table
from zerosum.report.sample_sheet import enlarged, sample_sheet, tile_shape
from zerosum.visible import visible
from zerosum.words import listed

names = st.lists(st.text("ab/$|\n", min_size=1, max_size=50), min_size=1, max_size=3)


def side_of(run: RunFolder, label: str = "") -> Side:
    recipe = read_recipe(run.recipe_file)
    return Side(label or run.path.name, str(run.path), run, recipe)


@given(st.lists(names, max_size=6))
def test_labels_are_unique_and_on_one_line(paths: list[list[str]]) -> None:
    labels = unique_names(paths)
    assert len(set(labels)) == len(paths) == len(labels)
    assert not any("\n" in label for label in labels)


def test_labels_are_as_short_as_they_can_be() -> None:
    assert unique_names([["a", "x"], ["b", "x"], ["b", "y"]]) == ("a/x", "b/x", "y")


def named(name: str, shipped: str = "dcgan", seen: int = 0, **overrides: object) -> Named:
    """A run of a shipped recipe with fields changed; _ for the dots of their names."""
    dotted = {field.replace("__", "."): value for field, value in overrides.items()}
    return Named((name,), load_recipe(shipped, dotted), shipped, seen)


LONG = "experiments-of-november-with-spectral-norm-and-all-of-the-faces"


def test_runs_are_called_by_the_settings_in_which_they_differ() -> None:
    found = label_sides([named("faces-1", width=16), named("faces-2", width=32)])
    assert found == Labels(("width 16", "width 32"), ("width",))
    assert found.folder() == "width"
    two = [named(f"{LONG}-{n}", latent=n, seed=n) for n in (2, 3)]
    assert label_sides(two).labels == ("latent 2, seed 2", "latent 3, seed 3")


def test_runs_of_different_recipes_are_called_by_these_and_by_what_was_changed() -> None:
    one, other = named(LONG, "dcgan"), named(f"{LONG}-2", "wgan-gp", seed=3)
    assert label_sides([one, other]).labels == ("dcgan, seed 0", "wgan-gp, seed 3")
    other = named(f"{LONG}-2", "wgan-gp")
    assert label_sides([one, other]) == Labels(("dcgan", "wgan-gp"), ("recipe",))
    assert label_sides([one, other]).folder() == "recipe"


def test_a_length_is_no_name_where_something_else_differs() -> None:
    changed: dict[str, Any] = {"schedule__epochs": 8}
    for player in ("generator", "discriminator"):
        changed[f"optimizer__{player}__learning_rate"] = 0.001
    one = named("photos-1", **changed)
    other = named("photos-2", schedule__images=128_000)  # which the program made of its epochs
    assert label_sides([one, other]).labels == ("learning rate 0.001", "learning rate 0.0002")
    assert label_sides([one, other]).folder() == "learning-rate"
    other = named("photos-2", "wgan-gp", schedule__images=128_000)
    assert label_sides([named("photos-1"), other]).labels == ("dcgan", "wgan-gp")


def test_runs_of_other_lengths_alone_are_called_by_the_images_that_they_saw() -> None:
    one = named("photos-1", seen=25_728, schedule__epochs=8)
    other = named("photos-2", seen=64_000, schedule__images=128_000)
    assert label_sides([one, other]).labels == ("images seen 25,728", "images seen 64,000")
    other = named("photos-2", seen=25_728, schedule__images=128_000)
    assert label_sides([one, other]).labels == ("photos-1", "photos-2")


def test_the_images_of_an_evaluation_are_not_called_by_a_trainings_name() -> None:
    one, other = named("photos-1"), named("photos-2", evaluation__images=0)
    assert label_sides([one, other]).labels == ("images scored 10,000", "images scored 0")


def test_short_names_that_somebody_gave_are_kept() -> None:
    found = label_sides([named("wide", width=32), named("narrow", width=16)])
    assert found.labels == ("wide", "narrow") and found.folder() == "wide-vs-narrow"


def test_alike_runs_are_called_by_the_part_of_their_names_that_differs() -> None:
    names = [f"{LONG}-{rest}" for rest in ("a-first-attempt", "b-first-attempt", "a-second")]
    found = label_sides([named(name) for name in names])
    assert found.labels == ("…a-first-attempt", "…b-first-attempt", "…a-second")
    assert found.folder() == "3-sides"


def test_runs_that_differ_in_much_are_called_by_their_names() -> None:
    changed: dict[str, Any] = {"seed": 1, "latent": 7, "width": 16, "batch": 8}
    found = label_sides([named("faces-1"), named("faces-2", **changed)])
    assert found.labels == ("faces-1", "faces-2")


def test_images_of_other_programs_keep_their_name_beside_settings() -> None:
    folder = Named(("theirs-from-elsewhere",))
    found = label_sides([named("faces-1", width=16), folder, named("faces-2", width=32)])
    assert found.labels == ("width 16", "theirs-from-elsewhere", "width 32")


@given(st.lists(names, min_size=2, max_size=8, unique_by=tuple), st.text("ab-_", max_size=80))
def test_no_label_cuts_what_tells_two_names_apart(paths: list[list[str]], common: str) -> None:
    labels = unique_names([[*parts[:-1], common + parts[-1]] for parts in paths])
    assert len(set(labels)) == len(paths)
    for label, parts in zip(labels, paths, strict=True):
        assert visible(parts[-1])[-1] == label.partition(" (")[0][-1:]


def test_the_fingerprint_of_the_images_and_their_place_alone_are_no_difference() -> None:
    one = load_recipe("digits", {"data.source": "/a/faces.zip", "data.fingerprint": "aa"})
    same = load_recipe("digits", {"data.source": "/b/faces.zip", "data.fingerprint": "aa"})
    other = load_recipe("digits", {"data.source": "/a/faces.zip", "data.fingerprint": "bb"})
    assert differing_fields([one, same]) == []
    assert data_notes([one, same]) == [
        "the images are the same, though they lie at different places"
    ]
    assert differing_fields([one, other]) == []
    assert "were not the same" in data_notes([one, other])[0]
    wide = load_recipe("digits", {"data.source": "cifar10", "width": 128})
    assert differing_fields([one, wide]) == [
        "data.source", "network.generator.width", "network.discriminator.width",
    ]  # fmt: skip


def test_settings_say_what_differs_and_that_one_run_is_luck(
    make_run: Callable[..., RunFolder],
) -> None:
    one, other = make_run([], name="a"), make_run([], name="b", loss="hinge")
    section = settings_section([side_of(one), side_of(other)])
    assert section.table is not None
    assert section.table.head == ("", "a", "b")
    assert section.table.rows == (("objective.loss", "non-saturating", "hinge"),)
    assert section.lines[0] == "all settings are the same but objective.loss"
    assert "luck of its seed" in section.lines[1]
    same = settings_section([side_of(one), side_of(make_run([], name="c"))])
    assert same.table is None and same.lines == ("all settings are the same",)


def test_machines_are_told_only_where_they_differ(make_run: Callable[..., RunFolder]) -> None:
    one, two = make_run(lines_of(9), name="a"), make_run(lines_of(9), name="b")
    section = training_section([side_of(one), side_of(two)])
    assert section.table is not None and not section.lines
    rows = {row[0]: row[1:] for row in section.table.rows}
    assert rows["images seen"] == ("80,000", "80,000")
    assert rows["epochs"] == ("10.0", "10.0") and rows["training time"][0] == "3 min 05 s"
    assert rows["status"] == ("stopped", "stopped") and rows["health"] == ("learning", "learning")
    elsewhere = make_run([], name="c", state=STATE | {"machine": "another desk"})
    section = training_section([side_of(one), side_of(elsewhere)])
    assert section.table is not None and section.table.rows[-1][0] == "machine"
    assert "different machines" in section.lines[0]


def test_a_run_that_has_only_begun_can_be_told(make_run: Callable[..., RunFolder]) -> None:
    begun = make_run([], state={})
    section = training_section([side_of(begun)])
    assert section.table is not None
    assert ("status", "begun, nothing saved yet") in section.table.rows
    figure, notes = curves_figure([side_of(begun)])
    assert figure is None and notes == ("demo has logged nothing yet: no curves of it",)


def test_of_one_log_line_it_is_said_that_it_makes_no_curve(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.metrics_file.write_text(f"{json.dumps(lines_of(1)[0])}\n")
    _, notes = curves_figure([Side("demo", "x", folder, load_recipe("digits"))])
    assert notes == ("demo has logged one line: a point for it, no curve",)


def logs(*losses: str) -> dict[str, Log]:
    return {
        f"{number}": Log(
            lines_of(5, distance=1.0) if loss == "wasserstein" else lines_of(5),
            load_recipe("digits", {"objective.loss": loss}),
            number,
        )
        for number, loss in enumerate(losses)
    }


def test_curves_share_a_panel_only_where_they_mean_the_same() -> None:
    charts = curve_charts(logs("non-saturating", "saturating", "wasserstein"))
    told = {chart.key.partition("\n")[::2]: labels_of(chart) for chart in charts}
    assert told["distance", ""] == ("2",)
    assert told["loss_generator", "(saturating)"] == ("1",)
    assert told["d_real", ""] == ("0", "1"), "a critic's output is no probability"
    alike = curve_charts(logs("hinge", "hinge"))
    assert [(chart.key, labels_of(chart)) for chart in alike] == [
        ("loss_generator", ("0", "1")), ("loss_discriminator", ("0", "1")),
    ]  # fmt: skip


def labels_of(chart: Chart) -> tuple[str, ...]:
    return tuple(one.label for one in chart.series)


def test_no_two_of_many_sides_look_alike() -> None:
    assert len({look(number) for number in range(72)}) == 72
    first = [look(number) for number in range(4)]
    assert len({each.line for each in first}) == len({each.marker for each in first}) == 4


@hypothesis.settings(max_examples=5)
@given(values=st.lists(st.floats(), min_size=1, max_size=30), name=st.text(max_size=10))
def test_any_values_and_any_name_can_be_drawn(
    values: list[float], name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = RunFolder(tmp_path_factory.mktemp("run"))
    lines = [each | {"loss_generator": value} for each, value in zip(
        lines_of(len(values)), values, strict=True)]  # fmt: skip
    folder.metrics_file.write_text("".join(json.dumps(each) + "\n" for each in lines))
    figure, _ = curves_figure([Side(f"${name}_", "x", folder, load_recipe("digits"))])
    assert figure is not None
    figure.canvas.draw()


def test_the_same_comparison_replaces_its_files_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    place = choose_place(None, "one-vs-two", ["a", "b"])
    assert place == Path("comparisons/one-vs-two")
    place.mkdir(parents=True)
    compared = [{"path": str(tmp_path / name)} for name in ("a", "b")]
    (place / "compare.json").write_text(json.dumps({"compared": compared}))
    assert choose_place(None, "one-vs-two", ["b", "a"]) == place
    assert choose_place(None, "one-vs-two", ["a", "c"]) == Path("comparisons/one-vs-two-2")
    with pytest.raises(ZerosumError, match="holds another comparison"):
        choose_place(place, "one-vs-two", ["a", "c"])


@pytest.mark.parametrize("name", FILES)
def test_files_of_somebody_else_are_never_replaced(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(ZerosumError, match=name):
        choose_place(tmp_path, "a-vs-b", ["a", "b"])


def test_after_an_error_no_empty_folder_stays(tmp_path: Path) -> None:
    with pytest.raises(KeyError), place_kept(tmp_path / "new" / "out"):
        assert (tmp_path / "new" / "out").is_dir()
        raise KeyError
    assert not (tmp_path / "new").exists()
    with pytest.raises(KeyError), place_kept(tmp_path):
        raise KeyError
    assert tmp_path.is_dir()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ZerosumError, match="cannot write"), place_kept(tmp_path / "file" / "out"):
        pass


@given(st.lists(st.text(min_size=1, max_size=300), min_size=2, max_size=9, unique=True))
def test_the_folder_of_any_comparison_has_a_short_name(labels: list[str]) -> None:
    assert 0 < len(Labels(tuple(labels), ()).folder()) <= 32
    assert 0 < len(Labels(tuple(labels), tuple(labels)).folder()) <= 32


@given(st.lists(st.tuples(st.integers(1, 300), st.integers(1, 300)), min_size=1, max_size=5))
def test_pictures_are_enlarged_to_the_largest_and_only_by_whole_steps(
    shapes: list[tuple[int, int]],
) -> None:
    tile = tile_shape(shapes)
    largest = tuple(map(max, zip(*shapes, strict=True)))
    assert max(tile) >= min(max(largest), 256)
    if max(largest) <= 256 and max(tile) < 256:
        times = tile[0] // largest[0]
        assert tile == (times * largest[0], times * largest[1]) and max(tile) >= 64


def test_small_pictures_are_enlarged_with_nearest_neighbour() -> None:
    pictures = np.array([[0, 50], [100, 255]], dtype=np.uint8).reshape(1, 2, 2, 1)
    large = enlarged(pictures, (4, 4))
    assert large.shape == (1, 4, 4, 3)
    assert large[0, :, :, 0].tolist() == [
        [0, 0, 50, 50], [0, 0, 50, 50], [100, 100, 255, 255], [100, 100, 255, 255],
    ]  # fmt: skip
    beside_larger = enlarged(pictures, (7, 7))  # three times, and white around it
    assert (
        beside_larger[0, :6, :6, 0].tolist()
        == pictures[0, :, :, 0].repeat(3, 0).repeat(3, 1).tolist()
    )
    assert (beside_larger[0, 6:] == 255).all() and (beside_larger[0, :, 6:] == 255).all()
    sheet = sample_sheet(
        [("grey", pictures), ("a very long label " * 9, np.zeros((3, 8, 8, 3), np.uint8))]
    )
    assert sheet.mode == "RGB" and sheet.width == 3 * (64 + 2) + 2


def test_markdown_marks_the_best_and_escapes_names() -> None:
    table = Table(("", "FID ↓"), (("a|b", "3 ± 1"), ("c", "9 ± 1")), frozenset({(0, 1)}))
    assert markdown_table(table).splitlines() == [
        "|  | FID ↓ |", "| --- | --- |", "| a\\|b | **3 ± 1** \\* |", "| c | 9 ± 1 |",
    ]  # fmt: skip
    assert [listed(["a", "b", "c"][:count]) for count in range(4)] == [
        "", "a", "a and b", "a, b and c",
    ]  # fmt: skip


def test_what_is_noted_of_a_run_stays_readable(make_run: Callable[..., RunFolder]) -> None:
    state: dict[str, Any] = STATE | {"status": "failed", "reason": "not finite: loss_generator"}
    section = training_section([side_of(make_run([], state=state))])
    assert section.table is not None
    assert section.table.rows[0] == ("status", "failed: not finite: loss_generator")

"""What a study says in words: its tables, the sentences under them, the notes, table.md."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.studies.builders import (
    grid_study,
    latent_study,
    result_of,
    settings_of,
    settings_with_precision,
)
from zerosum.records.run import RunFolder
from zerosum.report.document import Table
from zerosum.report.markdown import markdown_table as markdown
from zerosum.report.scores import decimals_of, with_error
from zerosum.report.study.effect_words import what_mattered
from zerosum.report.study.heat_map import heat_table
from zerosum.report.study.measured import protocol_texts
from zerosum.report.study.sentences import sentences_of
from zerosum.report.study.story import standing_sentence, write_document
from zerosum.report.study.tables import everything_table, score_tables
from zerosum.report.study.texts import failed_text, published_notes, unmatched_text
from zerosum.studies.cells import cells_of
from zerosum.studies.folder import StudyFolder
from zerosum.studies.results import SettingResult, by_setting, failed_cells
from zerosum.studies.settings import Also, Published, Study
from zerosum.studies.table import Layout, lay_out

CLEAR = [1.0, 1.1, 0.9, 5, 5.2, 4.8, 9, 9.1, 8.9]


def texts(table: Table) -> list[list[str]]:
    return [list(row) for row in table.rows]


def bold(table: Table) -> list[str]:
    return [table.rows[row][place] for row, place in sorted(table.best)]


class Told:
    """What a study says, part by part."""

    def __init__(self, layout: Layout) -> None:
        self.standing = standing_sentence(layout)
        self.tables = tuple(score_tables(layout))
        self.sentences, self.effects = sentences_of(layout), what_mattered(layout)
        self.notes = tuple(published_notes(layout))
        self.unmatched = tuple(map(unmatched_text, layout.unmatched))
        self.everything, self.protocols = everything_table(layout), protocol_texts(layout)
        self.failed = tuple(map(failed_text, failed_cells(layout.results)))


def study_tables(study: Study, settings: Sequence[SettingResult]) -> Told:
    return Told(lay_out(study, settings))


def told(study: Study, values: list[float | None], **fields: object) -> Told:
    return study_tables(study, settings_of(study, values, **fields))


def published(**fields: object) -> Published:
    content = {
        "where": {"latent": 1},
        "scores": {"fid": 76.55},
        "protocol": "another network",
        "source": "a report",
    }
    return Published.model_validate(content | fields)


def test_a_table_shows_the_mean_and_the_spread_over_seeds() -> None:
    (table,) = told(latent_study(), list(CLEAR)).tables
    assert table.head == ("latent", "FID (digits) ↓")
    assert texts(table) == [["1", "1.00 ± 0.10"], ["4", "5.00 ± 0.20"], ["16", "9.00 ± 0.10"]]


def test_a_column_has_as_many_decimals_as_its_largest_spread_has_in_two_digits() -> None:
    values: list[float | None] = [1.23, 1.24, 1.25, 5, 5.2, 4.81, 90.1, 90.2, 90.9]
    (table,) = told(latent_study(), values).tables
    assert [row[1] for row in texts(table)] == ["1.24 ± 0.01", "5.00 ± 0.20", "90.40 ± 0.44"]


def test_a_column_has_more_decimals_where_its_smallest_spread_would_read_as_none() -> None:
    (table,) = told(latent_study(), [1.25, 1.3, 1.38, 5, 5.2, 4.81, 90, 123, 57]).tables
    assert [row[1] for row in texts(table)] == ["1.31 ± 0.07", "5.00 ± 0.20", "90.00 ± 33.00"]


@given(
    st.sampled_from(["fid", "kid"]),
    st.lists(
        st.tuples(st.floats(1e-4, 1e4), st.none() | st.floats(2e-3, 1.0)), min_size=1, max_size=5
    ),
)
def test_every_number_of_a_column_has_the_same_decimals_and_no_error_reads_as_none(
    name: str, pairs: list[tuple[float, float | None]]
) -> None:
    scores = [
        {"value": value, "error": None if error is None else error * value}
        for value, error in pairs
    ]
    decimals = decimals_of(name, scores)
    assert decimals is not None
    for score in scores:
        parts = with_error(name, score, decimals).split(" ± ")
        assert {len(part.partition(".")[2]) for part in parts} == {decimals}
        assert all(float(error) > 0 for error in parts[1:])


def test_the_best_is_bold_and_the_sentence_says_how_that_was_decided() -> None:
    found = told(latent_study(), list(CLEAR))
    assert len(bold(found.tables[0])) == 1
    assert any("Welch" in sentence and "Holm" in sentence for sentence in found.sentences)


def test_with_one_seed_nothing_is_bold_and_the_sentence_says_why() -> None:
    found = told(latent_study(seeds=(0,)), [1, 5, 9])
    assert not bold(found.tables[0])
    assert texts(found.tables[0])[0] == ["1", "1.00 ± 0.50"]
    assert "One seed each: ± is the score's own error" in found.sentences[0]
    assert any(sentence.startswith("Nothing is bold") for sentence in found.sentences)


def test_fewer_seeds_than_the_others_are_told() -> None:
    values: list[float | None] = [1, 1.2, None, 5, None, None, 9, 9.1, 8.9]
    rows = texts(told(latent_study(), values).tables[0])
    assert "2 seeds, waiting" in rows[0][1]
    assert "†" in rows[1][1] and "2 × waiting" in rows[1][1]


def test_a_table_says_what_the_signs_in_it_mean_and_no_others() -> None:
    study = latent_study(published=(published(),))
    values: list[float | None] = [1, 1.2, None, 5, None, None, 9, 9.1, 8.9]
    found = told(study, values)
    signs = [[sign for sign, _ in table.notes] for table in (*found.tables, found.everything)]
    assert signs == [["†", "¹"], ["¹"]]
    assert found.tables[0].notes[1][1] == found.notes[0]


def test_what_may_not_be_compared_is_marked_and_said() -> None:
    study = latent_study(data=("digits", "mnist"), grid={"latent": (1, 4)}, seeds=(0, 1))
    results = [
        result_of(cell, 1.0, real_data=cell.data, real_fingerprint=cell.data)
        for cell in cells_of(study)
    ]
    found = study_tables(study, by_setting(results))
    assert "[A]" in texts(found.tables[0])[0][1] and "[B]" in texts(found.tables[0])[1][1]
    (sentence,) = [each for each in found.sentences if "may not be compared" in each]
    assert "A: 2,000 real images of digits" in sentence and "of mnist" in sentence
    assert [lines[0] for lines in found.protocols] == ["group      A", "group      B"]


def test_a_published_number_stands_beside_ours_with_its_note() -> None:
    found = told(latent_study(published=(published(),)), list(CLEAR))
    assert found.tables[0].head == ("latent", "FID (digits) ↓", "published")
    assert [row[2] for row in texts(found.tables[0])] == ["76.55 ¹", "", ""]
    assert found.notes == ("not comparable with ours: another network (a report)",)


def test_published_numbers_of_no_setting_are_listed_by_name() -> None:
    number = published(where={}, name="a U-Net", scores={"fid": 800})
    found = told(latent_study(published=(number,)), list(CLEAR))
    assert found.tables[0].head == ("latent", "FID (digits) ↓")
    assert found.unmatched[0].startswith("a U-Net: FID 800; not comparable with ours")


def test_a_setting_beside_the_grid_is_a_row_below_or_a_table_of_its_own() -> None:
    also = (Also(name="wide", set={"width": 32}),)
    below = told(latent_study(also=also), [*CLEAR, 2, 2, 2]).tables
    assert [len(below), texts(below[0])[-1][0]] == [1, "wide"]
    own = told(grid_study(also=also), [float(n) for n in range(15)]).tables
    assert len(own) == 2 and texts(own[1])[0][0] == "wide"


def test_every_failed_cell_is_named_with_its_reason() -> None:
    study = latent_study()
    results = [
        result_of(cell, status="failed", reason="training diverged at step 7")
        if cell.name == "latent-4_seed-1"
        else result_of(cell, 1.0 + cell.seed)
        for cell in cells_of(study)
    ]
    found = study_tables(study, by_setting(results))
    assert found.failed == (
        "latent-4_seed-1: failed at 200,000 images: training diverged at step 7",
    )
    assert "diverged" in texts(found.tables[0])[1][1]
    assert any("latent-4_seed-1" in sentence for sentence in found.effects)
    assert found.standing == "9 cells of 3 settings: 8 finished, 1 failed; 8 scored"


def test_what_mattered_is_a_sentence_an_axis() -> None:
    values: list[float | None] = [float(100 * (n < 6) + 5 * (n % 6 < 3) + n % 3) for n in range(12)]
    sentences = told(grid_study(), values).effects
    assert sentences[0].startswith("learning-rate explains 100 % ±")
    assert "at 0.0002, the best" in sentences[0]
    assert sentences[1].startswith("optimizer explains")
    assert "differs by seed alone" in sentences[2]


def test_the_protocol_leaves_out_what_differs_from_cell_to_cell() -> None:
    study = latent_study()
    results = [result_of(cell, 1.0, source=cell.name) for cell in cells_of(study)]
    (lines,) = study_tables(study, by_setting(results)).protocols
    text = "\n".join(lines)
    assert "2,000 images of digits (held out)" in text and "averaged weights" in text
    assert "latent-1_seed-0" not in text and "000200000" not in text


def test_a_study_that_has_not_begun_has_its_table_of_waiting_cells() -> None:
    found = told(latent_study(), [None] * 9)
    assert [row[1] for row in texts(found.tables[0])] == ["3 × waiting"] * 3
    assert found.sentences == ("Nothing was scored yet.",)
    assert found.effects == ()


def test_every_row_is_as_long_as_its_head() -> None:
    found = told(grid_study(published=(published(where={"optimizer": "adam"}),)), [1.0] * 12)
    for table in (*found.tables, found.everything):
        assert {len(row) for row in table.rows} == {len(table.head)}


def test_bars_in_a_name_do_not_break_a_markdown_table() -> None:
    table = Table(("a", "b"), (("x|y", "1"),), frozenset({(0, 1)}), mark="", texts=1)
    assert markdown(table).splitlines()[2] == r"| x\|y | **1** |"


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    return StudyFolder(tmp_path / "my study")


def test_table_md_has_everything_and_shows_the_pictures_that_are_there(folder: StudyFolder) -> None:
    study = latent_study(published=(published(), published(where={}, name="other")))
    run = RunFolder(folder.path / "cells" / "latent-1_seed-0")
    settings = settings_of(study, list(CLEAR), run=run)
    folder.charts.mkdir(parents=True)
    folder.write_study(study, "# Why?\n")
    (folder.charts / "settings.png").write_bytes(b"")
    write_document(folder, lay_out(study, settings))
    text = folder.table_file.read_text()
    for heading in ("# latents", "## What mattered", "## All settings", "## How it was measured"):
        assert heading in text
    assert "charts/settings.png" in text and "charts/progress.png" not in text
    assert "zerosum study run" in text and "'" in text.split("--out")[1]
    assert "other: FID 76.55" in text


def test_where_no_setting_is_like_the_data_only_that_is_said() -> None:
    settings = settings_with_precision(latent_study(), CLEAR, [0.01] * 9)
    found = study_tables(latent_study(), settings)
    assert not bold(found.tables[0])
    assert found.sentences[0].startswith("No setting is like the data: of 100 generated images")
    assert not any("best" in sentence or "bold" in sentence for sentence in found.sentences[1:])
    assert found.effects == ("What mattered is not told: no setting is like the data.",)
    assert "not like the data" not in texts(found.tables[0])[0][1]


def test_runs_that_ended_before_the_steps_that_their_recipe_needs_are_told_once() -> None:
    settings = settings_of(latent_study(), list(CLEAR), verdict="balanced")
    cut = replace(settings[0].cells[0], needed_steps=1_000)
    some = [replace(settings[0], cells=(cut, *settings[0].cells[1:])), *settings[1:]]
    found = study_tables(latent_study(), some)
    assert found.sentences[0] == (
        "1 of 9 runs ended before the 1,000 generator steps that the recipe needs: "
        f"{cut.cell.name}. Their verdicts and distances to the equilibrium mean little."
    )
    assert "balanced (too few steps) (1 of 3)" in str(found.everything.rows[0])
    every = [
        replace(each, cells=tuple(replace(cell, needed_steps=1_000) for cell in each.cells))
        for each in settings
    ]
    told = study_tables(latent_study(), every).sentences[0]
    assert told.startswith("All runs ended before the 1,000 generator steps that the recipe needs.")
    assert "generator steps" not in study_tables(latent_study(), settings).sentences[0]


def test_a_single_setting_that_is_not_like_the_data_is_told() -> None:
    study = latent_study(grid={}, seeds=(0,))
    found = study_tables(study, settings_with_precision(study, [120.0], [0.0]))
    assert found.sentences[0].startswith("The only setting is not like the data")


def test_settings_that_are_not_like_the_data_are_named_among_those_that_are() -> None:
    precisions = [0.5] * 3 + [0.4] * 3 + [0.0] * 3
    found = study_tables(latent_study(), settings_with_precision(latent_study(), CLEAR, precisions))
    assert "latent 16" in found.sentences[0] and "neither ranked" in found.sentences[0]
    assert texts(found.tables[0])[2][1].endswith(", not like the data")
    assert len(bold(found.tables[0])) == 1
    assert any("3 cells are not like the data" in sentence for sentence in found.effects)


def test_without_a_score_of_overlap_it_is_said_that_nobody_knows() -> None:
    found = told(latent_study(), list(CLEAR))
    assert any(sentence.startswith("None of precision, recall") for sentence in found.sentences)
    assert len(bold(found.tables[0])) == 1


def test_a_setting_beside_the_grid_that_alone_is_like_the_data_contradicts_nothing() -> None:
    study = grid_study(seeds=(0,), also=(Also(name="mlp", set={"width": 32}),))
    settings = settings_with_precision(study, [80, 90, 50, 92, 55], [0, 0, 0, 0, 0.046])
    found = study_tables(study, settings)
    assert found.effects == ("What mattered is not told: no setting of the grid is like the data.",)
    column = found.everything.head.index("like the data")
    assert [row[column] for row in texts(found.everything)] == ["no"] * 4 + ["yes"]
    heat = heat_table(lay_out(study, settings))
    assert heat is not None and "no setting of the grid is like the data" in heat.legend

"""Published numbers stand beside the settings that they are of, and no others."""

from tests.studies.builders import grid_study, result_of, settings_of
from zerosum.studies.cells import cells_of, longer_cell
from zerosum.studies.results import SettingResult, by_setting
from zerosum.studies.settings import Longer, Published
from zerosum.studies.table import Layout, lay_out, published_name, same_value


def published(**where: object) -> Published:
    return Published.model_validate(
        {"where": where, "scores": {"fid": 76.5}, "protocol": "another network"}
    )


def laid_beside(numbers: list[Published], settings: list[SettingResult]) -> Layout:
    return lay_out(grid_study(published=tuple(numbers)), settings)


def test_a_number_is_matched_by_all_the_axes_it_names() -> None:
    number = published(**{"recipe": "digits", "learning-rate": 0.002, "optimizer": "adam"})
    found = laid_beside([number], settings_of(grid_study(), [None] * 12))
    assert [len(entry.published) for entry in found.entries] == [1, 0, 0, 0]
    assert found.unmatched == ()


def test_whole_numbers_and_others_are_compared_by_value() -> None:
    assert same_value(1, 1.0) and same_value((0.5, 1), [0.5, 1.0])
    assert not same_value(1, True) and not same_value("1", 1)


def test_a_number_that_fits_nothing_is_listed_by_its_name_or_its_axes() -> None:
    numbers = [published(optimizer="sgd"), Published(name="another model", protocol="by eye")]
    found = laid_beside(numbers, settings_of(grid_study(), [None] * 12))
    assert [published_name(each) for each in found.unmatched] == ["optimizer sgd", "another model"]


def test_what_was_trained_for_longer_must_be_named_as_such() -> None:
    cell = cells_of(grid_study())[0]
    more = longer_cell(cell, Longer(epochs=50))
    settings = by_setting([result_of(cell), result_of(more)])
    short = published(optimizer="adam")
    long = published(optimizer="adam", longer="50 epochs")
    assert [entry.published for entry in laid_beside([short, long], settings).entries] == [
        (short,),
        (long,),
    ]

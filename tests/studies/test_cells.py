"""Which runs a study is made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.studies.tiny import tiny_study
from zerosum.comparing.setting_words import shown
from zerosum.errors import UsageError, ZerosumError
from zerosum.studies.cells import cells_of, longer_cell, only, with_budget, with_settings
from zerosum.studies.load import parse_study
from zerosum.studies.settings import Also, Change, Longer


@given(
    latents=st.lists(st.integers(1, 500), min_size=1, max_size=4, unique=True),
    rates=st.lists(st.floats(1e-6, 1), min_size=1, max_size=4, unique_by=lambda x: f"{x:g}"),
    seeds=st.lists(st.integers(0, 99), min_size=1, max_size=3, unique=True),
)
def test_a_grid_has_a_cell_for_every_combination_and_seed(
    latents: list[int], rates: list[float], seeds: list[int]
) -> None:
    study = tiny_study(
        grid={"latent": tuple(latents), "learning-rate": tuple(rates)}, seeds=tuple(seeds)
    )
    cells = cells_of(study)

    assert len({cell.name for cell in cells}) == len(latents) * len(rates) * len(seeds)
    for cell in cells:
        recipe = cell.settings()
        assert recipe.network.latent == cell.axes["latent"]
        assert recipe.optimizer.generator.learning_rate == cell.axes["learning-rate"]
        assert recipe.optimizer.discriminator.learning_rate == cell.axes["learning-rate"]
        assert recipe.seed == cell.seed


def test_a_change_holds_where_it_says_and_its_budget_wins_over_the_studys() -> None:
    change = Change(where={"recipe": "dcgan"}, set={"epochs": 15})
    study = tiny_study(recipe=("dcgan", "wgan"), change=(change,), grid={})
    dcgan, wgan = (cell.settings().schedule for cell in cells_of(study))

    assert (dcgan.images, dcgan.epochs) == (0, 15)
    assert wgan.images == 320


def test_a_setting_outside_of_the_grid_takes_the_studys_settings_but_no_axis() -> None:
    study = tiny_study(also=(Also(name="mlp", recipe="mlp", set={}),))
    beside = cells_of(study)[-1]

    assert beside.name == "mlp_seed-0"
    assert beside.settings().network.kind == "mlp"
    assert beside.settings().network.latent == 100
    assert beside.settings().schedule.images == 320


def test_options_scale_every_cell() -> None:
    change = Change(where={"latent": 2}, set={"images": 9})
    beside = Also(name="longer than the others", set={"epochs": 9})
    study = with_budget(tiny_study(change=(change,), also=(beside,)), images=64)

    assert {cell.settings().schedule.images for cell in cells_of(study)} == {64}


def test_an_option_may_not_set_an_axis() -> None:
    with pytest.raises(UsageError, match="latent is an axis"):
        with_settings(tiny_study(), {"network.latent": 5})
    with pytest.raises(UsageError, match="epochs is an axis"):
        with_budget(tiny_study(grid={"epochs": (1, 2)}, images=0), images=64)


def test_cells_are_chosen_by_a_part_of_their_name_or_by_an_axis() -> None:
    cells = cells_of(tiny_study(grid={"latent": (1, 16)}))

    assert [cell.axes["latent"] for cell in only(cells, ("latent=1",))] == [1]
    assert [cell.axes["latent"] for cell in only(cells, ("latent-16",))] == [16]
    assert only(cells, ()) == cells
    with pytest.raises(UsageError, match="leaves no cell"):
        only(cells, ("nothing",))


def test_a_cell_whose_settings_do_not_go_together_is_named() -> None:
    study = tiny_study(grid={"objective.penalty": ("none", "gradient")})

    with pytest.raises(ZerosumError, match=r"cell penalty-gradient_seed-0: objective\.penalty"):
        cells_of(study)


def test_two_cells_never_share_a_folder() -> None:
    study = tiny_study(data=("a/photos.zip", "b/photos.zip"), grid={})

    with pytest.raises(ZerosumError, match="two cells of the study are called photos_seed-0"):
        cells_of(study)


def test_a_grid_with_a_range_asks_for_a_sampler() -> None:
    study = parse_study('recipe = "digits"\n[grid]\nlatent = {low = 1, high = 9}', "mine", "")

    with pytest.raises(UsageError, match="latent is a range") as caught:
        cells_of(study)
    assert "--sampler" in caught.value.remedy


def test_a_longer_cell_differs_in_its_budget_alone() -> None:
    cell = cells_of(tiny_study())[0]
    longer = longer_cell(cell, Longer(epochs=50))

    assert longer.settings().schedule.epochs == 50
    assert longer.settings().schedule.images == 0
    assert longer.axes == {**cell.axes, "longer": "50 epochs"}
    assert longer.settings().network == cell.settings().network


def test_values_are_shown_as_people_write_them() -> None:
    assert [shown(value) for value in (2e-3, 2e-5, 70_000, 16, True, "adam", "a/b.zip")] == [
        "0.002", "2e-05", "70,000", "16", "yes", "adam", "b.zip",
    ]  # fmt: skip

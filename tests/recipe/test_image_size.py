"""Sizes of images: how they are written, and which of them each family can have."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerosum.errors import UsageError
from zerosum.networks.blocks import map_sizes
from zerosum.recipe.image_size import ImageSize, parse_size
from zerosum.recipe.load import load_recipe
from zerosum.recipe.tasks import FAMILIES

SIZES = st.builds(ImageSize, st.integers(1, 999_999), st.integers(1, 999_999))
SIDES = st.integers(16, 256)


@given(SIZES)
def test_a_size_comes_back_from_what_is_written(size: ImageSize) -> None:
    assert parse_size(size.written) == parse_size(str(size)) == parse_size(size.in_words) == size
    assert parse_size(json.loads(json.dumps(size.written))) == size
    assert isinstance(size.written, int) == size.is_square
    assert size.turned.turned == size and ImageSize.of_shape(size.shape) == size


def test_the_width_is_written_before_the_height() -> None:
    assert parse_size("64x96").sides == (64, 96)
    assert parse_size("64x96").shape == (96, 64)
    assert parse_size(" 64 X 96 ") == parse_size("64×96") == ImageSize(width=64, height=96)
    assert parse_size(64) == parse_size("64") == parse_size("64x64") == ImageSize(64, 64)


@pytest.mark.parametrize(
    "wrong", ["", "64x", "x64", "64x0", 0, -64, "6.5x8", "64x64x3", "wide", True, None, 64.5]
)
def test_what_is_no_size_is_refused_with_how_to_write_one(wrong: object) -> None:
    with pytest.raises(ValueError, match="width x height, such as 64x96"):
        parse_size(wrong)


@pytest.mark.parametrize(
    ("recipe", "size", "nearest"),
    [
        ("dcgan", "64x78", "64x80"),
        ("dcgan", 33, "32"),
        ("dcgan", "72x64", "64 or 80x64"),
        ("sngan-resnet", "40x250", "32x256 or 48x256"),
        ("r3", "31x33", "32"),
        ("restore", "64x96", "64"),
        ("restore", 80, "64"),
    ],
)
def test_a_size_that_networks_cannot_have_is_refused_with_the_nearest(
    recipe: str, size: int | str, nearest: str
) -> None:
    with pytest.raises(UsageError) as caught:
        load_recipe(recipe, {"data.resolution": size})
    assert f"data.resolution = {size!r} is no size" in caught.value.what
    assert caught.value.remedy == f"take {nearest}"


@given(st.sampled_from(sorted(FAMILIES)), SIDES, SIDES)
def test_the_nearest_sizes_are_possible_ones(kind: str, width: int, height: int) -> None:
    family = FAMILIES[kind]
    for size in family.nearest_sizes(ImageSize(width, height)):
        assert family.nearest_sizes(size) == [size]


@given(st.integers(1, 16), st.integers(1, 16))
def test_maps_are_halved_down_to_four_pixels_or_until_a_side_is_odd(
    width: int, height: int
) -> None:
    *_, smallest = sizes = map_sizes(ImageSize(16 * width, 16 * height))
    assert len(sizes) >= 3 and min(smallest.sides) >= 4
    assert min(smallest.sides) < 8 or smallest.width % 2 or smallest.height % 2
    assert {(each.width << k, each.height << k) for k, each in enumerate(sizes)} == {sizes[0].sides}


@pytest.mark.parametrize(
    ("size", "smallest"), [(16, 4), (64, 4), (256, 4), ("64x96", "4x6"), ("64x80", "4x5"), (48, 6)]
)
def test_the_smallest_map_of_usual_sizes(size: int | str, smallest: int | str) -> None:
    assert map_sizes(parse_size(size))[-1] == parse_size(smallest)


def test_a_recipe_has_a_square_as_a_number_and_anything_else_as_text() -> None:
    square = load_recipe("dcgan", {"data.resolution": "64x64"})
    assert square == load_recipe("dcgan")
    assert square.model_dump()["data"]["resolution"] == 64
    other = load_recipe("dcgan", {"data.resolution": "64x96"})
    assert other.model_dump(mode="json")["data"]["resolution"] == "64x96"
    auto = load_recipe("r3", {"data.resolution": "64x96", "objective.penalty_weight": "auto"})
    assert auto.penalty_weight == pytest.approx(2e-4 * 64 * 96 / auto.schedule.batch)

"""What the rules advise holds for any pictures: it can be trained, and more is never less."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerosum.networks.build import demand_room
from zerosum.recipe.advice import (
    FEWEST,
    FEWEST_TRAINED,
    RULES,
    SIZES,
    Choice,
    Pictures,
    choose,
    choose_within,
    possible_sizes,
)
from zerosum.recipe.advised import Advice
from zerosum.recipe.expectations import EXPECTATIONS
from zerosum.recipe.length import long_enough
from zerosum.recipe.load import load_recipe
from zerosum.recipe.oddities import oddities
from zerosum.recipe.settings import Recipe, value_of

FACES = Pictures(
    count=16_000, train=12_800, side=64, aspect=1.2, grey=False, classes=0, least_of_class=0,
    bad=0.0,
)  # fmt: skip


@st.composite
def pictures(draw: st.DrawFn) -> Pictures:
    count = draw(st.one_of(st.integers(FEWEST, 200), st.integers(FEWEST, 2_000_000)))
    return Pictures(
        count=count,
        train=draw(st.integers(FEWEST_TRAINED, count)),
        side=draw(st.integers(8, 9_000)),
        aspect=draw(st.floats(1, 200)),
        grey=draw(st.booleans()),
        classes=draw(st.sampled_from([0, 2, 1_000])),
        least_of_class=draw(st.integers(1, 2_000)),
        bad=draw(st.floats(0, 1)),
    )


def recipe_of(choice: Choice) -> Recipe:
    return load_recipe(choice.size.recipe, choice.settings)


def require_possible(choice: Choice, of: Pictures) -> None:
    recipe = recipe_of(choice)
    demand_room(recipe)  # both players can be laid out at this resolution
    assert recipe.schedule.batch <= of.train
    assert recipe.schedule.images >= recipe.schedule.batch
    assert not oddities(recipe)
    assert recipe.data.channels == (1 if of.grey else 3)
    assert long_enough(recipe, of.train, choice.settings) == recipe
    assert recipe.network.kind == load_recipe(choice.size.recipe).network.kind


@settings(max_examples=40)
@given(pictures(), st.booleans())
def test_what_is_advised_can_be_trained(of: Pictures, on_processor: bool) -> None:
    require_possible(choose(of, on_processor=on_processor), of)


@settings(max_examples=40)
@given(pictures(), st.floats(0.01, 10**7), st.floats(1e-3, 10**6))
def test_what_is_advised_for_a_time_can_be_trained(
    of: Pictures, seconds: float, speed: float
) -> None:
    require_possible(choose_within(of, seconds, lambda _: speed), of)


def rank(choice: Choice) -> int:
    return SIZES.index(choice.size)


@settings(max_examples=40)
@given(pictures(), st.integers(0, 10**6), st.integers(0, 10**6), st.booleans())
def test_more_pictures_are_never_trained_less(
    of: Pictures, more: int, of_them: int, on_processor: bool
) -> None:
    larger = replace(of, count=of.count + more, train=of.train + min(more, of_them))
    before = choose(of, on_processor=on_processor)
    after = choose(larger, on_processor=on_processor)
    assert rank(after) == rank(before)
    assert after.images >= before.images
    assert recipe_of(after).schedule.batch >= recipe_of(before).schedule.batch


@settings(max_examples=40)
@given(
    pictures(),
    st.floats(0.1, 10**6),
    st.floats(1, 100),
    st.lists(st.floats(0.01, 10**5), min_size=len(SIZES), max_size=len(SIZES)),
)
def test_more_time_is_never_trained_less(
    of: Pictures, seconds: float, times: float, speeds: list[float]
) -> None:
    def speed(choice: Choice) -> float:
        return speeds[rank(choice)]

    before, after = (choose_within(of, each, speed) for each in (seconds, seconds * times))
    assert rank(after) >= rank(before)
    if rank(after) == rank(before):
        assert after.images >= before.images


@settings(max_examples=40)
@given(pictures(), st.floats(0.1, 10**6), st.floats(0.01, 10**5))
def test_a_time_is_kept_to_and_shows_something_where_anything_can(
    of: Pictures, seconds: float, speed: float
) -> None:
    choice = choose_within(of, seconds, lambda _: speed)
    batch = recipe_of(choice).schedule.batch
    assert choice.images <= max(seconds * speed, batch)
    if any(each.seen <= seconds * speed for each in possible_sizes(of)):
        assert choice.images >= choice.seen


def test_faces_are_trained_as_our_own_run_showed_them() -> None:
    choice = choose(FACES, on_processor=True)
    assert choice.size.recipe == "photos"
    assert choice.settings == {"images": 200_000}
    assert choose(FACES, on_processor=False).size.name == "full"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"grey": True, "side": 28}, {"recipe": "digits", "data.channels": 1}),
        ({"grey": True}, {"recipe": "photos", "data.channels": 1, "data.flip": False}),
        ({"side": 32}, {"recipe": "photos", "data.resolution": 32}),
        (
            {"classes": 10, "least_of_class": 500},
            {"network.conditional": True, "network.generator.classes": "norm"},
        ),
        ({"classes": 2, "least_of_class": 499}, {"network.conditional": False}),
        (
            {"grey": True, "side": 28, "classes": 10, "least_of_class": 600},
            {"recipe": "digits", "network.generator.classes": "norm"},
        ),
        ({"aspect": 2.5}, {"data.fit": "pad"}),
        ({}, {"augmentation.method": "none"}),
        (
            {"count": 9_000, "train": 7_200},
            {"augmentation.method": "diffaugment", "augmentation.kinds": ("colour", "shift")},
        ),
        ({"count": 9_000, "grey": True, "side": 28}, {"augmentation.method": "none"}),
        ({"count": 300, "train": 240}, {"data.flip": True, "schedule.images": 96_000}),
        (
            {"count": 12, "train": 10},
            {"schedule.batch": 8, "schedule.images": 8_000, "schedule.average": 2_500},
        ),
        ({"bad": 0.03}, {"data.max_bad": 0.1}),
        ({"bad": 0.5}, {"data.max_bad": 0.01}),
    ],
)
def test_what_pictures_are_like_decides(
    changed: dict[str, object], told: dict[str, object]
) -> None:
    choice = choose(replace(FACES, **changed), on_processor=True)  # type: ignore[arg-type]
    recipe = recipe_of(choice)
    for name, value in told.items():
        found = value_of(recipe, name) if "." in name else choice.size.recipe
        assert found == value, name


def test_what_a_person_sets_counts_before_the_advice() -> None:
    choice = choose(FACES, on_processor=False)
    assert choice.beside({"network.generator.width": 48, "epochs": 3}) == {
        "evaluation.images": 10_000, "network.discriminator.width": 64,
        "network.generator.width": 48, "learning-rate": 2e-4, "epochs": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    "given", [{"network.conditional": False}, {"network.generator.norm": "none"}]
)
def test_how_classes_enter_is_left_to_who_learns_none_or_takes_no_norm(
    given: dict[str, object],
) -> None:
    choice = choose(replace(FACES, classes=2, least_of_class=600), on_processor=True)
    settings = choice.beside(given)
    assert "network.generator.classes" not in settings
    load_recipe(choice.size.recipe, settings)


def told(given: dict[str, object]) -> str:
    of = replace(FACES, count=3_000, train=2_400, classes=2, least_of_class=600)
    choice = choose(of, on_processor=True)
    return str(Advice("photos", of, "3,000 pictures", choice, choice.beside(given)))


def test_what_a_person_overrules_is_not_told() -> None:
    assert all(title in told({}) for title in ("\nmirrored", "\naugmented", "\nclasses"))
    text = told({"data.flip": False, "augmentation.method": "none", "network.conditional": False})
    assert not any(title in text for title in ("mirrored", "\naugmented", "\nclasses"))


def test_each_rule_has_its_reason_and_each_number_of_pictures_an_expectation() -> None:
    assert all(rule.when and rule.why for rule in (*RULES, *SIZES))
    bounds = [each.below for each in EXPECTATIONS]
    assert bounds[-1] == 0 and bounds[:-1] == sorted(bounds[:-1])

"""Overrides, shorthands, and the way to a file and back."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerosum.recipe.fields import SHORTHANDS, recipe_fields
from zerosum.recipe.load import (
    differences,
    later_fields,
    load_recipe,
    override,
    read_recipe,
    recipe_to_toml,
)
from zerosum.recipe.settings import Recipe, value_of
from zerosum.recipe.shipped import shipped_recipes

SHARES = st.floats(0.0, 0.9)
COUNTS = st.integers(0, 2**53)
POSITIVE = st.integers(1, 2**53)
PLAYER: dict[str, st.SearchStrategy[Any]] = {
    "kind": st.sampled_from(["adam", "adamw", "rmsprop", "sgd"]),
    "learning_rate": st.floats(1e-12, 1e3),
    "betas": st.tuples(SHARES, SHARES),
}
CHOSEN: dict[str, st.SearchStrategy[Any]] = {
    "seed": COUNTS,
    "data.source": st.text(st.characters(exclude_categories=["Cs"])),
    "data.resolution": st.sampled_from([16, 64, 80, 256, "64x96", "256x16"]),
    "data.channels": st.sampled_from([1, 3]),
    "data.fit": st.sampled_from(["crop", "pad", "squash"]),
    "data.flip": st.booleans(),
    "data.zoom": SHARES,
    "data.limit": COUNTS,
    "data.validation": SHARES,
    "network.latent": POSITIVE,
    "network.prior": st.sampled_from(["normal", "uniform"]),
    "network.generator.width": POSITIVE,
    "network.generator.norm": st.sampled_from(["batch", "instance", "layer", "none"]),
    "network.generator.bias": st.sampled_from(["none", "without-norm", "all"]),
    "network.discriminator.dropout": SHARES,
    "network.discriminator.spectral_norm": st.booleans(),
    "objective.real_label": st.floats(-10, 10),
    "objective.clip": st.floats(0, 10),
    **{f"optimizer.generator.{name}": values for name, values in PLAYER.items()},
    **{f"optimizer.discriminator.{name}": values for name, values in PLAYER.items()},
    "schedule.epochs": POSITIVE,
    "schedule.minimum_steps": COUNTS,
    "schedule.batch": POSITIVE,
    "schedule.critic_batches": st.sampled_from(["fresh", "same"]),
    "schedule.average": COUNTS,
    # With the one that decides, which is fid unless it is set.
    "evaluation.scores": st.lists(st.sampled_from(["kid", "recall"]), unique=True).map(
        lambda more: ("fid", *more)
    ),
}
OVERRIDES = st.fixed_dictionaries({}, optional=CHOSEN)


def _without_contradiction(overrides: dict[str, object]) -> None:
    if overrides.get("network.discriminator.spectral_norm"):
        overrides.pop("objective.clip", None)


@given(st.sampled_from(["dcgan", "mlp"]), OVERRIDES)
def test_a_recipe_comes_back_from_its_file_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, name: str, overrides: dict[str, object]
) -> None:
    if name == "mlp" and overrides.get("network.generator.norm") == "instance":
        overrides["network.generator.norm"] = "layer"
    _without_contradiction(overrides)
    recipe = load_recipe(name, overrides)
    path = tmp_path_factory.getbasetemp() / "round-trip.toml"
    path.write_text(recipe_to_toml(recipe), encoding="utf-8")
    assert read_recipe(path) == recipe


@given(OVERRIDES)
def test_overrides_set_their_fields_and_no_others(overrides: dict[str, object]) -> None:
    _without_contradiction(overrides)
    before = Recipe()
    after = override(before, overrides)
    assert {name: value_of(after, name) for name in overrides} == overrides
    changed = differences(before, after)
    assert set(changed) <= set(overrides)
    assert all(changed[name] == (value_of(before, name), overrides[name]) for name in changed)


@pytest.mark.parametrize("name", shipped_recipes())
def test_the_file_of_a_run_has_every_field_written_out(name: str) -> None:
    import tomllib

    content = tomllib.loads(recipe_to_toml(load_recipe(name)))

    def leaves(table: dict[str, Any], prefix: str = "") -> list[str]:
        return [
            leaf
            for key, value in table.items()
            for leaf in (
                leaves(value, f"{prefix}{key}.") if isinstance(value, dict) else [prefix + key]
            )
        ]

    assert sorted(leaves(content)) == sorted(recipe_fields())


def test_a_recipe_differs_from_itself_in_nothing() -> None:
    assert differences(load_recipe("wgan"), load_recipe("wgan")) == {}


def test_a_shorthand_sets_the_field_of_both_players() -> None:
    given: dict[str, object] = {"learning-rate": 3e-3, "optimizer": "sgd", "width": 5}
    recipe = load_recipe("dcgan", given)
    optimizer, network = recipe.optimizer, recipe.network
    assert optimizer.generator.learning_rate == optimizer.discriminator.learning_rate == 3e-3
    assert optimizer.generator.kind == optimizer.discriminator.kind == "sgd"
    assert network.generator.width == network.discriminator.width == 5


def test_every_shorthand_stands_for_fields_that_exist() -> None:
    fields = recipe_fields()
    assert all(target in fields for targets in SHORTHANDS.values() for target in targets)
    assert not set(SHORTHANDS) & set(fields)


def test_a_field_beats_a_shorthand_that_came_before_it() -> None:
    recipe = load_recipe("dcgan", {"width": 5, "network.generator.width": 7})
    assert (recipe.network.generator.width, recipe.network.discriminator.width) == (7, 5)


def test_epochs_asked_for_beat_the_images_of_a_recipe() -> None:
    assert load_recipe("digits").schedule.images > 0
    longer = load_recipe("digits", {"epochs": 3}).schedule
    assert (longer.epochs, longer.images) == (3, 0)
    assert load_recipe("digits", {"schedule.epochs": 3}).schedule.images == 0
    assert load_recipe("digits", {"epochs": 3, "images": 100}).schedule.images == 100


def test_every_field_has_a_description() -> None:
    for field in recipe_fields().values():
        assert len(field.description) > 5, field.name
        assert not field.description.endswith("."), field.name


def test_overrides_leave_the_file_of_the_recipe_alone(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text(recipe_to_toml(load_recipe("dcgan")))
    before = path.read_bytes()
    assert load_recipe(str(path), {"batch": 3}).schedule.batch == 3
    assert path.read_bytes() == before


def as_written_before(recipe: Recipe) -> str:
    """A run's file without the fields that came later."""
    lines = recipe_to_toml(recipe).splitlines()
    later = ("bias = ", "generator_label = ")
    return "\n".join(line for line in lines if not line.startswith(later))


@pytest.mark.parametrize(
    ("name", "more", "biases"),
    [
        ("sngan", {}, ("none", "none")),
        ("mlp", {}, ("all", "all")),
        ("restore", {}, ("without-norm", "without-norm")),
        ("restore", {"network.discriminator.norm": "layer"}, ("without-norm", "all")),
    ],
)
def test_a_run_of_before_keeps_the_layers_it_was_begun_with(
    tmp_path: Path, name: str, more: dict[str, object], biases: tuple[str, str]
) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(as_written_before(load_recipe(name, {**more, "data.fingerprint": "1a2b"})))
    network = read_recipe(path).network
    assert (network.generator.bias, network.discriminator.bias) == biases
    assert later_fields(path) == [
        "network.generator.bias",
        "network.discriminator.bias",
        "objective.generator_label",
    ]


@pytest.mark.parametrize(
    ("loss", "target"), [("non-saturating", 0.9), ("least-squares", 0.9), ("saturating", 0.8)]
)
def test_a_run_of_before_keeps_what_its_generator_aimed_at(
    tmp_path: Path, loss: str, target: float
) -> None:
    labels = {"objective.real_label": 0.9, "objective.fake_label": 0.2, "objective.loss": loss}
    path = tmp_path / "recipe.toml"
    path.write_text(as_written_before(load_recipe("dcgan", {**labels, "data.fingerprint": "1a2b"})))
    assert read_recipe(path).objective.generator_label == pytest.approx(target, abs=1e-15)


def test_a_run_of_before_keeps_last_values_of_0_as_values_that_stay(tmp_path: Path) -> None:
    recipe = load_recipe("dcgan", {"schedule.decay": "linear", "data.fingerprint": "1a2b"})
    path = tmp_path / "recipe.toml"
    path.write_text(as_written_before(recipe).replace('"same"', "0"))
    assert read_recipe(path) == recipe


def test_a_recipe_of_the_users_own_takes_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(as_written_before(load_recipe("dcgan")))
    assert read_recipe(path).network.discriminator.bias == "without-norm"
    assert later_fields(path) == []

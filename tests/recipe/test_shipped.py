"""Every shipped recipe says where it comes from and is what the sources say."""

import re

import pytest

from zerosum.recipe.load import load_recipe
from zerosum.recipe.settings import Recipe
from zerosum.recipe.shipped import headline, shipped_recipes, shipped_text

EXPECTED = [
    "cifar10-classes", "dcgan", "dcgan-bedroom", "dcgan-faces", "dcgan-mnist", "digits",
    "digits-classes", "lsgan", "mlp", "photos", "r3", "sngan", "sngan-resnet", "wgan",
    "wgan-bedroom", "wgan-extra", "wgan-gp", "wgan-gp-bedroom",
]  # fmt: skip


def header(name: str) -> str:
    """The comment lines before the first table."""
    return shipped_text(name).partition("\n[")[0]


def test_all_recipes_are_shipped() -> None:
    assert [name for name in shipped_recipes() if name in EXPECTED] == EXPECTED


@pytest.mark.parametrize("name", shipped_recipes())
def test_a_shipped_recipe_loads_and_names_its_source_and_what_differs(name: str) -> None:
    assert isinstance(load_recipe(name), Recipe)
    assert all(line.startswith("#") for line in header(name).strip().splitlines())
    assert re.search(r"arXiv \d{4}\.\d{5}|arXiv \d{4}\.\d{4}|github\.com/", header(name))
    assert "Source:" in header(name) or "arXiv" in headline(shipped_text(name))
    assert "Differs:" in header(name)
    assert 20 < len(headline(shipped_text(name))) <= 100


def test_wgan_has_the_settings_of_its_paper() -> None:
    recipe = load_recipe("wgan")
    assert (recipe.objective.loss, recipe.objective.clip) == ("wasserstein", 0.01)
    assert recipe.objective.penalty == "none"
    for player in (recipe.optimizer.generator, recipe.optimizer.discriminator):
        assert (player.kind, player.learning_rate) == ("rmsprop", 5e-5)
    assert (recipe.schedule.batch, recipe.schedule.critic_steps) == (64, 5)
    assert recipe.schedule.critic_batches == "fresh"


def test_wgan_gp_has_the_settings_of_its_paper() -> None:
    recipe = load_recipe("wgan-gp")
    objective = recipe.objective
    assert (objective.loss, objective.clip) == ("wasserstein", 0.0)
    assert (objective.penalty, objective.penalty_weight) == ("gradient", 10.0)
    assert recipe.network.discriminator.norm == "instance"
    for player in (recipe.optimizer.generator, recipe.optimizer.discriminator):
        assert (player.kind, player.learning_rate, player.betas) == ("adam", 1e-4, (0.0, 0.9))
    assert (recipe.schedule.batch, recipe.schedule.critic_steps) == (64, 5)


def test_wgan_extra_has_the_settings_of_fastai() -> None:
    recipe = load_recipe("wgan-extra")
    network = recipe.network
    assert (network.generator.extra_layers, network.discriminator.extra_layers) == (1, 1)
    assert recipe.objective.clip == 0.01
    for player in (recipe.optimizer.generator, recipe.optimizer.discriminator):
        assert (player.kind, player.learning_rate, player.betas) == ("adam", 2e-4, (0.0, 0.99))
    assert (recipe.schedule.batch, recipe.schedule.critic_steps) == (128, 5)


def test_dcgan_has_the_settings_of_its_paper() -> None:
    recipe = load_recipe("dcgan")
    for player in (recipe.optimizer.generator, recipe.optimizer.discriminator):
        assert (player.kind, player.learning_rate, player.betas) == ("adam", 2e-4, (0.5, 0.999))
    assert (recipe.schedule.batch, recipe.network.latent) == (128, 100)
    assert recipe.data.resolution.sides == (64, 64)


@pytest.mark.parametrize("name", ["wgan", "wgan-gp"])
def test_a_bedroom_variant_differs_in_the_generators_activation_alone(name: str) -> None:
    from zerosum.recipe.load import differences

    changed = differences(load_recipe(name), load_recipe(f"{name}-bedroom"))
    assert changed == {"network.generator.activation": ("relu", "leaky-relu")}


@pytest.mark.parametrize("name", ["wgan", "wgan-gp"])
def test_wasserstein_recipes_have_the_generator_of_dcgan_faces(name: str) -> None:
    ours, theirs = load_recipe(name).network.generator, load_recipe("dcgan-faces").network.generator
    # But for the biases, in which the authors' codes differ.
    assert ours.model_copy(update={"bias": theirs.bias}) == theirs


def test_sngan_and_lsgan_are_hinge_with_spectral_norm_and_least_squares() -> None:
    sngan, lsgan = load_recipe("sngan"), load_recipe("lsgan")
    assert (sngan.objective.loss, sngan.network.discriminator.spectral_norm) == ("hinge", True)
    assert lsgan.objective.loss == "least-squares"

"""Players that learn classes: what their outputs are made of."""

import copy

import pytest
import torch
from torch import Tensor, nn

from zerosum.networks.build import build_discriminator, build_generator
from zerosum.networks.classes import (
    ConditionalDiscriminator,
    ConditionalGenerator,
    ConditionalNorm,
    one_hot,
)
from zerosum.recipe.load import load_recipe
from zerosum.recipe.settings import Recipe
from zerosum.recipe.tasks import FAMILIES, FamilyName

CLASSES = ("cat", "dog", "eel")
SMALL = {
    "width": 4, "latent": 6, "network.conditional": True, "network.generator.embedding": 5,
    "data.classes": CLASSES, "data.resolution": 16,
}  # fmt: skip
OF_LATENTS = [name for name, family in FAMILIES.items() if family.task.latents]


def recipe_of(family: FamilyName, **more: object) -> Recipe:
    bare = {f"network.{player}.norm": "none" for player in ("generator", "discriminator")}
    fields = {**SMALL, "network.kind": family, **(bare if family == "r3" else {}), **more}
    return load_recipe("dcgan", fields)


def embedding_of(generator: ConditionalGenerator) -> Tensor:
    return generator.embedding.weight


@pytest.fixture(params=OF_LATENTS)
def recipe(request: pytest.FixtureRequest) -> Recipe:
    return recipe_of(request.param)


def test_a_generator_is_given_the_embedding_of_the_class_beside_the_latent(recipe: Recipe) -> None:
    generator = build_generator(recipe).eval()
    assert isinstance(generator, ConditionalGenerator)
    latents, labels = torch.randn(4, 6), torch.tensor([0, 2, 1, 2])
    inputs = torch.cat([latents, one_hot(labels, 3)], dim=1)
    embedded = embedding_of(generator)[labels]
    wanted = generator.network(torch.cat([latents, embedded], dim=1))
    assert torch.equal(generator(inputs), wanted)
    other = torch.cat([latents, one_hot(labels.flip(0), 3)], dim=1)
    assert not torch.equal(generator(other), wanted)


def test_a_discriminator_adds_the_projection_on_the_class(recipe: Recipe) -> None:
    """Miyato and Koyama 2018, equation 3: a linear output of the features, and their product with
    the vector of the class; and beyond it a bias of the class, where the layer has biases."""
    discriminator = build_discriminator(recipe).eval()
    assert isinstance(discriminator, ConditionalDiscriminator)
    seen: list[Tensor] = []
    *_, last = (each for each in discriminator.modules() if isinstance(each, nn.Conv2d | nn.Linear))
    last.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    images, labels = torch.rand(5, 3, 16, 16) * 2 - 1, torch.tensor([0, 1, 2, 1, 0])
    logits = discriminator(images, labels)
    features, vectors = seen[0].flatten(1), last.weight.flatten(1)
    bias = last.bias if last.bias is not None else torch.zeros(4)
    wanted = features @ vectors[0] + bias[0]
    wanted = wanted + (features * vectors[1 + labels]).sum(1) + bias[1 + labels]
    torch.testing.assert_close(logits, wanted, rtol=1e-4, atol=1e-5)


def test_a_discriminator_that_names_classes_has_an_output_for_each(recipe: Recipe) -> None:
    """Odena et al. 2017, section 3: of the same features; and no layer more than a projection."""
    named = recipe_of(recipe.network.kind, **{"network.discriminator.classes": "classifier"})
    discriminator, projection = (build_discriminator(each) for each in (named, recipe))
    images = torch.rand(5, 3, 16, 16) * 2 - 1
    outputs = discriminator.eval()(images)
    assert outputs.shape == (5, 1 + len(CLASSES)) and outputs.dtype == torch.float32
    labels = torch.tensor([0, 1, 2, 1, 0])
    expected = projection.eval()(images, labels)
    torch.testing.assert_close(outputs[:, 0] + outputs[range(5), 1 + labels], expected)


@pytest.mark.parametrize("norm", ["batch", "instance", "layer"])
def test_norms_scale_and_shift_by_class(norm: str) -> None:
    recipe = recipe_of(
        "dcgan", **{"network.generator.classes": "norm", "network.generator.norm": norm}
    )
    generator = build_generator(recipe).eval()
    assert isinstance(generator, ConditionalGenerator)
    layers = [each for each in generator.modules() if isinstance(each, ConditionalNorm)]
    assert len(layers) == 2  # at 4×4 and 8×8
    latents, labels = torch.randn(3, 6), torch.tensor([0, 2, 2])
    inputs = torch.cat([latents, one_hot(labels, 3)], dim=1)
    told: list[tuple[Tensor, Tensor]] = []
    first = layers[0]
    first.norm.register_forward_hook(lambda _, given, made: told.append((given[0], made.clone())))
    first.register_forward_hook(lambda _, given, made: told.append((given[0], made.clone())))
    generator(inputs)
    (_, normed), (_, made) = told
    embedded = embedding_of(generator)[labels]
    scale, shift = (embedded @ each.weight.T for each in (first.scale, first.shift))
    torch.testing.assert_close(
        made, normed * (1 + scale[:, :, None, None]) + shift[:, :, None, None]
    )
    assert float(scale.detach().abs().max()) > 0


@pytest.mark.parametrize("family", [name for name in OF_LATENTS if name != "r3"])
def test_a_step_of_adam_moves_a_norm_for_a_class_not_much_farther_than_for_all(
    family: FamilyName,
) -> None:
    """Adam moves each number by the learning rate, and a shift for a class is a sum over all
    numbers of an embedding: of large ones a step in a wrong direction silences maps for good."""
    by_norm = {"network.generator.classes": "norm", "network.generator.embedding": 64}
    generator = build_generator(recipe_of(family, **by_norm))
    assert isinstance(generator, ConditionalGenerator)
    norms = [each for each in generator.modules() if isinstance(each, ConditionalNorm)]

    def shifts() -> Tensor:
        embedded = embedding_of(generator).detach()
        return torch.cat([(each.shift.weight.detach() @ embedded.T).flatten() for each in norms])

    before, rate = shifts(), 1e-4
    adam = torch.optim.Adam(generator.parameters(), lr=rate)
    latents = torch.cat([torch.randn(6, 6), one_hot(torch.arange(6) % 3, 3)], dim=1)
    (generator(latents) - 1).square().mean().backward()
    adam.step()
    assert float((shifts() - before).abs().max()) < 10 * rate


@pytest.mark.parametrize("family", [name for name in OF_LATENTS if name != "r3"])
def test_classes_change_what_a_norm_gives_by_little_at_first(family: FamilyName) -> None:
    """As the norm's own scales begin near 1 and its shifts at 0, so do those of each class."""
    by_norm = {"network.generator.classes": "norm", "network.generator.embedding": 64}
    generator = build_generator(recipe_of(family, **by_norm))
    norms = [each for each in generator.modules() if isinstance(each, ConditionalNorm)]
    drawn = torch.cat([w.weight.flatten() for each in norms for w in (each.scale, each.shift)])
    assert float(drawn.detach().std()) == pytest.approx(0.02, rel=0.1)


def test_a_copy_of_a_generator_has_classes_of_its_own() -> None:
    """The average is a copy: what one is asked for is nothing to the other."""
    generator = build_generator(recipe_of("dcgan", **{"network.generator.classes": "norm"}))
    average = copy.deepcopy(generator)
    assert isinstance(generator, ConditionalGenerator)
    assert isinstance(average, ConditionalGenerator)
    norms = [each for each in average.modules() if isinstance(each, ConditionalNorm)]
    assert norms and all(each.wanted is average.wanted for each in norms)
    assert average.wanted is not generator.wanted


def test_embeddings_beside_latents_are_as_large_as_those() -> None:
    recipe = recipe_of("dcgan", **{"network.generator.embedding": 2000})
    generator = build_generator(recipe)
    assert isinstance(generator, ConditionalGenerator)
    assert float(embedding_of(generator).detach().std()) == pytest.approx(1, abs=0.05)


def test_one_hot_is_pytorchs() -> None:
    labels = torch.tensor([3, 0, 2])
    assert torch.equal(one_hot(labels, 4), nn.functional.one_hot(labels, 4).float())


def test_players_without_classes_are_as_they_were() -> None:
    without = {"network.conditional": False, "network.generator.embedding": 64}
    recipe = recipe_of("dcgan", **without)
    assert recipe.classes == 0 and recipe.discriminator_outputs == 1
    assert isinstance(build_generator(recipe), nn.Sequential)
    assert build_discriminator(recipe)(torch.zeros(2, 3, 16, 16)).shape == (2,)

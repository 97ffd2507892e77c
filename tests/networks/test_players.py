"""Both players of every recipe: shapes, counts, ranges, and that they learn."""

from itertools import product

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from torch import nn

from zerosum.data import Split
from zerosum.data.batches import Batches
from zerosum.networks.blocks import ACTIVATIONS, MAP_NORMS, VECTOR_NORMS
from zerosum.networks.build import build_discriminator, build_generator, example_input
from zerosum.networks.describe import count_parameters, describe_players
from zerosum.randomness import random_for
from zerosum.recipe.load import load_recipe
from zerosum.recipe.settings import Recipe
from zerosum.recipe.shipped import shipped_recipes
from zerosum.recipe.tasks import FAMILIES
from zerosum.training.game import Game
from zerosum.training.players import build_players
from zerosum.training.step import train_step

SMALL: dict[str, object] = {"latent": 6, "width": 4}


def convolutions(network: nn.Module) -> list[nn.Conv2d | nn.ConvTranspose2d]:
    return [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]


def shapes(network: nn.Module, given: torch.Tensor) -> list[tuple[int, ...]]:
    """Of one image's output of each block, from first to last."""
    result = []
    for block in network.children():
        given = block(given)
        result.append(tuple(given.shape[1:]))
    return result


def play(recipe: Recipe, generator: nn.Module, discriminator: nn.Module) -> None:
    """Demand images in range and one finite logit each."""
    shape = example_input(recipe, 3).shape
    images = generator(torch.randn(shape, generator=torch.Generator().manual_seed(1)))
    assert images.shape == (3, recipe.data.channels, *recipe.data.resolution.shape)
    assert images.dtype == torch.float32
    linear = recipe.task.pairs or recipe.network.kind == "r3"
    assert linear or float(images.detach().abs().max()) <= 1
    logits = discriminator(images)
    assert logits.shape == (3,)
    assert bool(logits.isfinite().all())


@pytest.mark.parametrize("name", shipped_recipes())
def test_every_recipe_takes_two_steps_and_learns(name: str) -> None:
    recipe = load_recipe(name, {"batch": 4, "width": 8})
    shape = (32, *recipe.data.resolution.shape, recipe.data.channels)
    pixels = random_for(0, "test images").integers(0, 256, shape, dtype=np.uint8)
    fabric = Fabric(accelerator="cpu", devices=1)
    split = Split(pixels, np.arange(32), np.arange(32) % 2, ("even", "odd"))
    batches = Batches(split, recipe.data, 0, fabric.device)
    players = build_players(recipe, fabric)
    game = Game(recipe, players, batches, fabric, players.generator, players.discriminator)
    before = {
        f"{player}.{name}": weight.clone()
        for player, network in players.modules().items()
        for name, weight in network.named_parameters()
    }
    images = 0
    for step in (1, 2):
        result = train_step(game, step, images)
        images += result.images
        assert bool(result.measures.isfinite().all())
    for player, network in players.modules().items():
        for name, weight in network.named_parameters():
            assert bool(weight.isfinite().all()), name
            cancels = recipe.objective.loss in ("wasserstein", "hinge")
            if cancels and name.removeprefix("network.") in (
                "logit.convolution.bias",
                "logit.linear.bias",
            ):
                continue  # in the difference of two means; of a hinge's within its margin
            assert not torch.equal(weight, before[f"{player}.{name}"]), f"{player}.{name}"


def test_dcgan_has_the_parameters_of_its_reference() -> None:
    recipe = load_recipe("dcgan")
    assert count_parameters(build_generator(recipe)) == 3_576_704
    assert count_parameters(build_discriminator(recipe)) == 2_765_568


def biased(network: nn.Module) -> list[str]:
    """The convolutions and linear layers that have a bias."""
    return [
        name
        for name, layer in network.named_modules()
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear) and layer.bias is not None
    ]


MAPS = ["32x32", "16x16", "8x8", "4x4"]
ENDS = [["image.convolution"], ["32x32.convolution", "logit.convolution"]]
SOURCES: dict[str, list[list[str]]] = {
    # Radford et al.'s code (Newmu/dcgan_code) and PyTorch's example: none.
    "dcgan": [[], []],
    "dcgan-faces": [[], []],
    "dcgan-bedroom": [[], []],
    "dcgan-mnist": [[], []],
    "digits": [[], []],
    # Arjovsky et al.'s models/dcgan.py: none.
    "wgan": [[], []],
    "wgan-bedroom": [[], []],
    # fastai's basic_critic: the first layer has one. The last one's cancels in the loss.
    "wgan-extra": [[], ENDS[1]],
    # Mao et al.'s ops.py, Gulrajani et al.'s gan_64x64.py: all that no norm follows (LSGAN's
    # before norms too, where they do nothing).
    "lsgan": ENDS,
    "wgan-gp": ENDS,
    "wgan-gp-bedroom": ENDS,
    # Miyato et al.'s SNDCGANDiscriminator: every layer.
    "sngan": [ENDS[0], [f"{side}.convolution" for side in (*MAPS, "logit")]],
    "mlp": [
        ["image.linear"],
        [f"{name}.linear" for name in ("hidden1", "hidden2", "hidden3", "logit")],
    ],
}


@pytest.mark.parametrize("name", SOURCES)
def test_layers_have_the_biases_of_their_source(name: str) -> None:
    recipe = load_recipe(name, {"width": 4})
    assert [biased(build_generator(recipe)), biased(build_discriminator(recipe))] == SOURCES[name]


def test_discriminator_of_photos_sees_how_strong_contrasts_are() -> None:
    """Batch norm takes a factor away, and without a bias before it nothing else is left of one."""
    torch.manual_seed(0)
    recipe = load_recipe("photos", {"width": 4})
    discriminator = build_discriminator(recipe).train()
    for layer, parameter in discriminator.named_parameters():
        if layer.endswith("bias"):
            nn.init.normal_(parameter)  # They begin at 0, and are learnt.
    images = torch.randn(8, recipe.data.channels, *recipe.data.resolution.sides)
    whole, half = (discriminator(images * factor) for factor in (1.0, 0.5))
    assert (whole - half).abs().max() > 0.05


def test_a_restoration_has_the_biases_of_fastais() -> None:
    recipe = load_recipe("restore", {"width": 4})
    for network in (build_generator(recipe), build_discriminator(recipe)):
        layers = {name for name, layer in network.named_modules() if isinstance(layer, nn.Conv2d)}
        bare = layers - set(biased(network))
        assert all(
            name.split(".")[-1] in ("query", "key", "value")
            for name in bare - {"logit.convolution"}
        )
        assert len(bare) in (3, 4)


@pytest.mark.parametrize("kind", FAMILIES)
@pytest.mark.parametrize("norm", ["batch", "layer", "none"])
def test_no_layer_before_a_norm_has_a_bias_unless_all_have(kind: str, norm: str) -> None:
    more = {"network.kind": kind, "data.resolution": 32, **damage(kind)}
    more |= {"network.discriminator.norm": norm}
    more |= {"network.generator.norm": "none" if kind == "unet" and norm == "layer" else norm}
    if kind == "r3" and norm != "none":
        return
    for bias in ("none", "without-norm", "all"):
        more |= {"network.generator.bias": bias, "network.discriminator.bias": bias}
        recipe = load_recipe("dcgan", {**SMALL, **more})
        for network in (build_generator(recipe), build_discriminator(recipe)):
            blocks = [dict(block.named_children()) for block in network.modules()]
            normed = [
                block["norm"] and next(iter(block.values())) for block in blocks if "norm" in block
            ]
            assert all((layer.bias is not None) == (bias == "all") for layer in normed)
            assert bool(biased(network)) == (bias != "none")


def test_dcgan_mnist_has_the_shapes_of_its_source() -> None:
    recipe = load_recipe("dcgan-mnist")
    generator, discriminator = build_generator(recipe), build_discriminator(recipe)
    maps = shapes(generator, torch.zeros(2, 16))[1:]
    assert maps == [(64, 4, 4), (32, 8, 8), (16, 16, 16), (1, 32, 32)]
    geometry = [(c.kernel_size, c.stride, c.padding) for c in convolutions(generator)]
    assert geometry == [((4, 4), (1, 1), (0, 0))] + 3 * [((4, 4), (2, 2), (1, 1))]
    assert shapes(discriminator, torch.zeros(2, 1, 32, 32))[:-1] == [
        (16, 16, 16),
        (32, 8, 8),
        (64, 4, 4),
    ]


@pytest.mark.parametrize("name", ["dcgan-bedroom", "dcgan-faces", "wgan", "wgan-gp"])
def test_the_large_generator_goes_from_1024_to_128_channels(name: str) -> None:
    recipe = load_recipe(name)
    outputs = [convolution.out_channels for convolution in convolutions(build_generator(recipe))]
    assert outputs == [1024, 512, 256, 128, 3]
    critic = [c.out_channels for c in convolutions(build_discriminator(recipe))]
    assert critic == [64, 128, 256, 512, 1]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("dcgan-faces", nn.ReLU),
        ("dcgan-bedroom", nn.LeakyReLU),
        ("wgan", nn.ReLU),
        ("wgan-bedroom", nn.LeakyReLU),
        ("wgan-gp-bedroom", nn.LeakyReLU),
    ],
)
def test_generators_have_the_activation_of_their_recipe(name: str, kind: type[nn.Module]) -> None:
    layers = list(build_generator(load_recipe(name)).modules())
    activations = [layer for layer in layers if isinstance(layer, nn.ReLU | nn.LeakyReLU)]
    assert [type(layer) for layer in activations] == [kind] * 4
    slopes = {layer.negative_slope for layer in activations if isinstance(layer, nn.LeakyReLU)}
    assert slopes <= {0.2}


def test_dropout_follows_exactly_the_three_normalised_blocks() -> None:
    discriminator = build_discriminator(load_recipe("dcgan-bedroom"))
    kinds = [type(layer).__name__ for layer in discriminator.modules()]
    block = ["Sequential", "DownsamplingConv2d", "BatchNorm2d", "LeakyReLU", "Dropout"]
    first, logit = (
        ["Sequential", "DownsamplingConv2d", "LeakyReLU"],
        ["Logit", "MapsToVector", "Flatten"],
    )
    assert kinds == ["Sequential", *first, *block, *block, *block, *logit]
    assert {m.p for m in discriminator.modules() if isinstance(m, nn.Dropout)} == {0.4}


def test_an_extra_layer_is_a_3x3_convolution_in_each_player() -> None:
    recipe = load_recipe("wgan-extra")
    for network in (build_generator(recipe), build_discriminator(recipe)):
        extra = [c for c in convolutions(network) if c.kernel_size == (3, 3)]
        assert [(c.in_channels, c.out_channels) for c in extra] == [(64, 64)]


@pytest.mark.parametrize(
    ("kind", "resolution", "channels"),
    [
        case
        for case in product(FAMILIES, [16, 32, 64, 128, 256, "64x96", "48x32"], [1, 3])
        # The smallest map of a unet would have a side of 2.
        if case[:2] != ("unet", 16) and not (case[0] == "unet" and isinstance(case[1], str))
    ],
)
def test_every_kind_plays_at_every_resolution(
    kind: str, resolution: int | str, channels: int
) -> None:
    more = {"network.kind": kind, "data.resolution": resolution, "data.channels": channels}
    recipe = load_recipe("dcgan", {**SMALL, **more, **damage(kind)})
    play(recipe, build_generator(recipe), build_discriminator(recipe))


def damage(kind: str) -> dict[str, object]:
    """What a recipe of this kind needs besides: a unet has nothing to do without damage, and r3 has
    no norms."""
    if kind == "r3":
        return {f"network.{player}.norm": "none" for player in ("generator", "discriminator")}
    return {"damage.jpeg": 1.0} if kind == "unet" else {}


WEIGHT_NORMS = ("weight", "spectral")
NORMS = [
    *((kind, n) for kind in ("dcgan", "resnet") for n in MAP_NORMS if n not in WEIGHT_NORMS),
    ("r3", "none"),
    *(("mlp", norm) for norm in VECTOR_NORMS),
    *(("unet", norm) for norm in ("batch", "none", *WEIGHT_NORMS)),
]


@pytest.mark.parametrize(("kind", "norm"), NORMS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_norm_and_activation_plays(kind: str, norm: str, activation: str) -> None:
    more: dict[str, object] = {"network.kind": kind, "data.resolution": 32}
    for player in ("generator", "discriminator"):
        more[f"network.{player}.activation"] = activation
    more["network.generator.norm"] = norm
    more["network.discriminator.norm"] = "none" if norm in WEIGHT_NORMS else norm
    if kind not in ("resnet", "r3"):
        more["network.discriminator.dropout"] = 0.5
    more |= damage(kind)
    recipe = load_recipe("dcgan", {**SMALL, **more})
    play(recipe, build_generator(recipe), build_discriminator(recipe))


def test_instance_norm_is_torchs_affine_one() -> None:
    draws = torch.Generator().manual_seed(0)
    given = torch.randn(3, 5, 8, 8, generator=draws) * 3 + 1
    ours, reference = MAP_NORMS["instance"](5), nn.InstanceNorm2d(5, affine=True)
    assert count_parameters(ours) == count_parameters(reference) == 10
    torch.testing.assert_close(ours(given), reference(given), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["dcgan", "mlp", "sngan", "sngan-resnet", "r3", "wgan-gp"])
def test_initial_weights_depend_on_the_seed_alone(name: str) -> None:
    def weights(seed: int) -> torch.Tensor:
        torch.manual_seed(seed + 17)
        recipe = load_recipe(name, {**SMALL, "seed": seed % 5})
        players = (build_generator(recipe), build_discriminator(recipe))
        return torch.cat([p.detach().flatten() for net in players for p in net.parameters()])

    assert torch.equal(weights(0), weights(5))
    assert not torch.equal(weights(0), weights(1))


@pytest.mark.parametrize("name", ["dcgan", "mlp", "sngan", "wgan-gp"])
def test_initial_weights_are_normal_with_a_deviation_of_002(name: str) -> None:
    recipe = load_recipe(name)
    for network in (build_generator(recipe), build_discriminator(recipe)):
        for path, weight in network.named_parameters():
            values = weight.detach()
            if values.ndim > 1 and values.numel() > 10_000:
                assert float(values.std()) == pytest.approx(0.02, rel=0.05), path
                assert abs(float(values.mean())) < 1e-3, path
            elif path.endswith("bias"):
                assert not values.any(), path
            elif "norm" in path:
                assert float((values - 1).abs().max()) < 0.2, path


def test_the_two_players_start_with_unrelated_weights() -> None:
    recipe = load_recipe("dcgan")
    generator = convolutions(build_generator(recipe))[-2].weight.detach().flatten()
    discriminator = convolutions(build_discriminator(recipe))[1].weight.detach().flatten()
    assert generator.shape == discriminator.shape
    related = float(torch.corrcoef(torch.stack([generator, discriminator]))[0, 1])
    assert abs(related) < 0.02


@pytest.mark.parametrize("kind", ["dcgan", "resnet", "mlp"])
def test_a_black_picture_has_a_gradient_under_bfloat16(kind: str) -> None:
    """There tanh is -1 for all that is below -3.5, and its gradient is 0."""
    generator = build_generator(load_recipe("dcgan", {**SMALL, "network.kind": kind}))
    *_, pixels = (each for each in generator.modules() if isinstance(each, nn.Tanh))
    pixels.register_forward_pre_hook(lambda _, given: (given[0] - 6,))
    with torch.autocast("cpu", torch.bfloat16):
        images = generator(torch.randn(4, 6))
    assert images.dtype == torch.float32
    images.mean().backward()
    first = next(generator.parameters()).grad
    assert first is not None and float(first.abs().max()) > 0


@pytest.mark.parametrize("kind", FAMILIES)
@pytest.mark.parametrize("spectral", [False, True])
def test_logits_are_float32_under_bfloat16_and_tell_images_apart(kind: str, spectral: bool) -> None:
    more = {"network.kind": kind, "data.resolution": 32, **damage(kind)}
    more["network.discriminator.spectral_norm"] = spectral and kind != "r3"
    discriminator = build_discriminator(load_recipe("sngan", {**SMALL, **more})).eval()
    images = torch.rand(64, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        logits = discriminator(images)
    assert logits.dtype == torch.float32
    # Between 1 and 2 bfloat16 has 128 numbers.
    assert len(logits.unique()) == len(images)


@pytest.mark.parametrize("kind", [kind for kind in FAMILIES if kind != "r3"])
def test_spectral_norm_bounds_the_largest_singular_value_of_every_weight(kind: str) -> None:
    recipe = load_recipe(
        "sngan", {**SMALL, "network.kind": kind, "data.resolution": 32, **damage(kind)}
    )
    discriminator = build_discriminator(recipe).train()
    images = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    for _ in range(30):  # One power iteration each.
        discriminator(images)
    discriminator.eval()
    weights = [m.weight for m in discriminator.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(weights) == {"unet": 9, "resnet": 12}.get(kind, 4)
    for weight in weights:
        singular = torch.linalg.svdvals(weight.detach().flatten(1))
        assert float(singular[0]) == pytest.approx(1.0, abs=0.02)


def test_describing_the_players_tells_layers_shapes_and_counts() -> None:
    lines = describe_players(load_recipe("dcgan"))
    assert "generator: 3,576,704 parameters" in lines
    assert "discriminator: 2,765,568 parameters" in lines
    rows = [line.split() for line in lines]
    assert ["4x4.convolution", "ConvTranspose2d", "512×4×4", "819,200"] in rows
    assert any(row[0] == "logit.vector" and "1" in row for row in rows if row)


def test_describing_tells_the_layers_under_spectral_norm_by_their_own_names() -> None:
    text = "\n".join(describe_players(load_recipe("sngan")))
    assert "Conv2d" in text
    assert "arametriz" not in text

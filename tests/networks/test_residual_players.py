"""The residual players: SNGAN's and R3GAN's blocks, resampling and initial weights."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zerosum.errors import UsageError
from zerosum.networks.build import build_discriminator, build_generator
from zerosum.networks.r3 import Block, Enlarge, LearntMaps, Shrink
from zerosum.networks.resnet import DownsamplingBlock, UpsamplingBlock
from zerosum.recipe.image_size import ImageSize
from zerosum.recipe.load import load_recipe
from zerosum.recipe.settings import Recipe


def resnet(**more: object) -> Recipe:
    return load_recipe("sngan-resnet", {"width": 4, **more})


def r3(**more: object) -> Recipe:
    return load_recipe("r3", {"width": 8, **more})


def outputs(network: nn.Module, given: Tensor, kinds: tuple[type[nn.Module], ...]) -> list[str]:
    """Shapes of one image's maps after each module of some kinds."""
    found: list[str] = []
    for module in network.modules():
        if isinstance(module, kinds):
            module.register_forward_hook(
                lambda _module, _given, maps: found.append("×".join(map(str, maps.shape[1:])))
            )
    network(given)
    return found


def smoothed(images: Tensor, factor: float) -> Tensor:
    """Images with [1, 2, 1] over rows and columns, of this sum, and zeros beyond the edges."""
    line = torch.tensor([1.0, 2.0, 1.0]) / 4
    kernel = (line[:, None] * line * factor).expand(images.shape[1], 1, 3, 3)
    return F.conv2d(images, kernel, padding=1, groups=images.shape[1])


def test_sngans_resnet_has_the_maps_of_the_papers_table_for_imagenet() -> None:
    recipe = load_recipe("sngan-resnet", {"width": 64, "data.resolution": 128})
    with torch.device("meta"):
        from zerosum.networks.resnet import resnet_discriminator, resnet_generator

        generator, discriminator = resnet_generator(recipe), resnet_discriminator(recipe)
        latents, images = torch.zeros(2, recipe.network.latent), torch.zeros(2, 3, 128, 128)
        made = outputs(generator, latents, (nn.Unflatten, UpsamplingBlock))
        told = outputs(discriminator, images, (DownsamplingBlock,))
    assert made == [
        "1024×4×4", "1024×8×8", "512×16×16", "256×32×32", "128×64×64", "64×128×128",
    ]  # fmt: skip
    assert told == [
        "64×64×64", "128×32×32", "256×16×16", "512×8×8", "1024×4×4", "1024×4×4",
    ]  # fmt: skip


def test_a_shortcut_sees_the_input_as_it_was_before_the_activation() -> None:
    recipe = resnet()
    block = DownsamplingBlock(4, 4, recipe.network.discriminator, halving=False)
    nn.init.zeros_(block.convolution2.weight)
    assert block.convolution2.bias is not None
    nn.init.zeros_(block.convolution2.bias)
    maps = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    assert torch.equal(block(maps), maps)


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_residual_convolutions_of_sngan_begin_by_glorot_times_the_root_of_two(player: str) -> None:
    build = build_generator if player == "generator" else build_discriminator
    network = build(load_recipe("sngan-resnet", {"width": 16, "seed": 1}))
    blocks = [m for m in network.modules() if isinstance(m, UpsamplingBlock | DownsamplingBlock)]
    convolved = [block for block in blocks if isinstance(block.shortcut, nn.Conv2d)]
    largest = max(convolved, key=lambda block: block.convolution2.weight.numel())
    layers: list[nn.Module] = [largest.convolution2, largest.shortcut]
    for layer, gain in zip(layers, (math.sqrt(2), 1.0), strict=True):
        bound = "parametrizations.weight.original"  # Of a layer with spectral norm.
        name = bound if hasattr(layer, "parametrizations") else "weight"
        values = layer.get_parameter(name).detach()
        ends = (values.shape[0] + values.shape[1]) * values[0, 0].numel()
        assert float(values.std()) == pytest.approx(gain * math.sqrt(2 / ends), rel=0.05)
        assert float(values.abs().max()) <= gain * math.sqrt(6 / ends) + 1e-6


def test_every_layer_of_sngans_resnet_has_a_bias_as_the_authors_have() -> None:
    for network in (build_generator(resnet()), build_discriminator(resnet())):
        layers = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
        assert all(layer.bias is not None for layer in layers)


def test_r3_enlarges_and_shrinks_with_the_filter_1_2_1() -> None:
    images = torch.randn(2, 3, 8, 6, generator=torch.Generator().manual_seed(0))
    between = torch.zeros(2, 3, 16, 12)
    between[:, :, ::2, ::2] = images
    enlarge = Enlarge(3, 3, ImageSize(width=12, height=16), "none")
    assert torch.allclose(enlarge(images), smoothed(between, 4.0), atol=1e-6)
    expected = smoothed(images, 1.0)[:, :, ::2, ::2]
    shrink = Shrink(3, 3, ImageSize(width=6, height=8), "none")
    assert torch.allclose(shrink(images), expected, atol=1e-6)


def test_blocks_of_r3_begin_as_the_identity_with_weights_by_their_number() -> None:
    recipe = r3(**{"data.resolution": 32, "network.generator.blocks": 2, "width": 32})
    blocks = [m for m in build_generator(recipe).modules() if isinstance(m, Block)]
    assert len(blocks) == 8, "two at each of 4, 8, 16 and 32 pixels"
    maps = torch.randn(2, 128, 4, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(blocks[0](maps), maps)
    gain = math.sqrt(2 / (1 + 0.2**2)) * 8**-0.25
    for layer in (blocks[0].widen, blocks[0].mix):
        spread = gain / math.sqrt(layer.weight[0].numel())
        assert float(layer.weight.detach().std()) == pytest.approx(spread, rel=0.05)
    assert blocks[0].mix.groups == 16, "256 channels in groups of 16"
    assert blocks[0].narrow.bias is None and blocks[0].mix.bias is not None


def test_r3_makes_images_by_a_linear_layer_that_go_beyond_black_and_white() -> None:
    generator = build_generator(r3())
    images = generator(torch.randn(64, 64, generator=torch.Generator().manual_seed(0)) * 3)
    assert float(images.detach().abs().max()) > 1
    assert isinstance(list(generator.children())[-1], nn.Conv2d)


def test_r3s_learnt_maps_begin_normal_and_its_vectors_with_a_gain_of_one() -> None:
    generator = build_generator(r3(width=64))
    [maps] = [m for m in generator.modules() if isinstance(m, LearntMaps)]
    assert float(maps.weight.detach().std()) == pytest.approx(1, rel=0.05)
    spread = 1 / math.sqrt(64)
    linear = next(m for m in generator.modules() if isinstance(m, nn.Linear))
    assert float(linear.weight.detach().std()) == pytest.approx(spread, rel=0.05)


@pytest.mark.parametrize(
    ("recipe", "field", "value", "said"),
    [
        ("r3", "network.generator.norm", "batch", "network.generator.norm to 'none'"),
        ("r3", "network.discriminator.spectral_norm", True, "spectral_norm at false"),
        ("r3", "network.discriminator.dropout", 0.5, "network.discriminator.dropout at 0.0"),
        ("sngan-resnet", "network.generator.extra_layers", 1, "extra_layers at 0"),
        ("dcgan", "network.discriminator.blocks", 2, "network.discriminator.blocks at 1"),
    ],
)
def test_what_a_family_has_no_layers_for_is_refused(
    recipe: str, field: str, value: object, said: str
) -> None:
    with pytest.raises(UsageError) as raised:
        load_recipe(recipe, {field: value})
    assert said in raised.value.remedy

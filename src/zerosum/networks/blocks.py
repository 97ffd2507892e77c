"""The layers that several networks share, by the names the recipes use."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.amp import is_autocast_available

from zerosum.networks.instance_norm import InstanceNorm
from zerosum.networks.joining import BatchNorm1d, BatchNorm2d
from zerosum.recipe.image_size import ImageSize
from zerosum.recipe.network import Bias
from zerosum.recipe.settings import Recipe

SMALLEST = 4
"""The shorter side of the smallest feature map in pixels, at least, in families that halve a
picture."""
LEAK = 0.2
"""Slope of LeakyReLU below zero: Radford et al. 2015 (arXiv 1511.06434), section 4."""

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": lambda: nn.ReLU(inplace=True),
    "leaky-relu": lambda: nn.LeakyReLU(LEAK, inplace=True),
}

MAP_NORMS: dict[str, Callable[[int], nn.Module]] = {
    "batch": BatchNorm2d,
    "instance": InstanceNorm,
    "layer": lambda channels: nn.GroupNorm(1, channels),
    "none": lambda channels: nn.Identity(),  # noqa: ARG005
    # These act on the weights, once they are drawn (`build.build_generator`).
    "weight": lambda channels: nn.Identity(),  # noqa: ARG005
    "spectral": lambda channels: nn.Identity(),  # noqa: ARG005
}
"""Norms of feature maps (n, channels, height, width), each with a learnt scale and shift."""

VECTOR_NORMS: dict[str, Callable[[int], nn.Module]] = {
    "batch": BatchNorm1d,
    "layer": nn.LayerNorm,
    "none": lambda units: nn.Identity(),  # noqa: ARG005
}
"""Norms of vectors (n, units), each with a learnt scale and shift."""

NORMS = nn.BatchNorm2d | nn.BatchNorm1d | InstanceNorm | nn.GroupNorm | nn.LayerNorm
"""What these make."""


def has_bias(bias: Bias, norm: str) -> bool:
    """Whether a layer has a bias, by the rule of its player and the norm that follows the layer.

    A norm subtracts the mean that a bias would add, and has a shift of its own. Norms of weights
    ("weight", "spectral") do neither.
    """
    return bias == "all" or (bias == "without-norm" and norm in ("none", "weight", "spectral"))


def map_sizes(size: ImageSize) -> list[ImageSize]:
    """The sizes of a picture's feature maps: its own, and each half of the one before, as long as
    both sides are whole and `SMALLEST` or more. Those of a square whose side is a power of two end
    with 4×4, those of 64×96 with 4×6."""
    sizes = [size]
    while all(side % 2 == 0 and side // 2 >= SMALLEST for side in sizes[-1].sides):
        sizes.append(ImageSize(sizes[-1].width // 2, sizes[-1].height // 2))
    return sizes


def size_name(size: ImageSize) -> str:
    """What a layer whose maps have this size is called: 4x4, 4x6."""
    return f"{size.width}x{size.height}"


def named(*layers: tuple[str, nn.Module]) -> nn.Sequential:
    """A sequence whose layers keep their names in checkpoints and messages.

    Layers that do nothing are left out.
    """
    sequence = nn.Sequential()
    for name, layer in layers:
        if not isinstance(layer, nn.Identity):
            sequence.add_module(name, layer)
    return sequence


def hidden(
    layer: nn.Conv2d | nn.ConvTranspose2d | nn.Linear,
    norm: str,
    activation: str,
    dropout: float = 0.0,
) -> nn.Sequential:
    """A layer with its norm, its activation, and the share of its units that is dropped after."""
    if isinstance(layer, nn.Linear):
        kind, normalised = "linear", VECTOR_NORMS[norm](layer.out_features)
    else:
        kind, normalised = "convolution", MAP_NORMS[norm](layer.out_channels)
    return named(
        (kind, layer),
        ("norm", normalised),
        ("activation", ACTIVATIONS[activation]()),
        ("dropout", nn.Dropout(dropout) if dropout else nn.Identity()),
    )


class Pixels(nn.Tanh):
    """A generator's last activation, in float32 whatever the layers before are computed in.

    In bfloat16 tanh is -1 below -3.5, and its gradient there 0: of a picture that was once all
    black nothing would be learnt any more.
    """

    def forward(self, values: Tensor) -> Tensor:
        """Values of any shape → pixels in [-1, 1], float32."""
        return super().forward(values.float())


class Logit(nn.Sequential):
    """A discriminator's last layer, in float32 whatever the others are computed in: rounded to
    bfloat16, the outputs for many images would be the same."""

    def forward(self, given: Tensor) -> Tensor:
        """Features (n, …) → logits (n,) float32; (n, outputs) where there are several."""
        kind = given.device.type
        # The device "meta", which has shapes alone, has no autocast.
        exact = (
            torch.autocast(kind, enabled=False) if is_autocast_available(kind) else nullcontext()
        )
        with exact:
            logits: Tensor = super().forward(given.float())  # type: ignore[no-untyped-call]
        return logits


def logit(layer: nn.Conv2d | nn.Linear) -> Logit:
    """A discriminator's last layer, whose one output an image becomes the logits (n,); several
    become vectors (n, outputs)."""
    kind = "linear" if isinstance(layer, nn.Linear) else "convolution"
    flat = nn.Flatten(0 if layer.weight.shape[0] == 1 else 1)
    return Logit(OrderedDict([(kind, layer), ("vector", flat)]))


@torch.no_grad()
def initialise(network: nn.Module, generator: torch.Generator) -> None:
    """Weights from N(0, 0.02), scales from N(1, 0.02), shifts and biases 0, in place.

    Radford et al. 2015 (arXiv 1511.06434), section 4, for the weights; the scales as the authors'
    code draws them. Draws come from `generator` alone.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            draw_normal(module.weight, 0.0, generator)
        elif isinstance(module, NORMS):
            draw_normal(module.weight, 1.0, generator)
        else:
            continue
        if module.bias is not None:
            module.bias.zero_()


def draw_normal(weight: Tensor, mean: float, generator: torch.Generator) -> None:
    """A weight from N(mean, 0.02), in place."""
    weight.copy_(torch.empty(weight.shape).normal_(mean, 0.02, generator=generator))


@dataclass(frozen=True)
class Family:
    """How the two players of a family are made from a recipe."""

    generator: Callable[[Recipe], nn.Module]
    """Vectors of `network.generator_inputs` numbers to images, where they are made of latents."""
    discriminator: Callable[[Recipe], nn.Module]
    """Images to `discriminator_outputs` of the recipe: (n,) where that is one, else (n, outputs).
    """
    initialise: Callable[[nn.Module, torch.Generator], None] = initialise
    without_norm: Callable[[nn.Module], Iterable[nn.Module]] = lambda _player: ()
    """The layers of a player whose weights a norm of weights leaves alone."""

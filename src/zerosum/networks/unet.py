"""The players that restore pictures: a U-Net (Ronneberger et al. 2015, arXiv 1505.04597) and the
critic of fastai's restoration GAN.

A U-Net here ends in a correction that is added to the damaged picture, so that it begins as one
that changes almost nothing. As in fastai, neither self-attention nor the critic's last layer has a
bias, whatever `bias` says of the others.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zerosum.networks.attention import SelfAttention
from zerosum.networks.blocks import ACTIVATIONS, LEAK, Family, has_bias, hidden, logit, named
from zerosum.recipe.network import PlayerSettings
from zerosum.recipe.settings import Recipe

HALVINGS = 3
"""Of the resolution, in the small encoder."""
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_SPREAD = (0.229, 0.224, 0.225)
"""Of the red, green and blue values, 0 to 1, that torchvision's networks were trained on."""


class SmallEncoder(nn.Module):
    """Three halvings, two convolutions each; `width` channels at full size, doubled each time."""

    def __init__(self, channels: int, settings: PlayerSettings) -> None:
        super().__init__()
        self.channels = [settings.width * 2**level for level in range(HALVINGS + 1)]
        self.stages = nn.ModuleList([_layer(channels, settings.width, settings)])
        for before, after in zip(self.channels[:-1], self.channels[1:], strict=True):
            self.stages.append(
                nn.Sequential(
                    _layer(before, after, settings, stride=2),
                    _layer(after, after, settings),
                )
            )

    def forward(self, images: Tensor) -> list[Tensor]:
        """(n, C, H, W) → maps at H, H/2, H/4 and H/8."""
        maps = [images]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        return maps[1:]


class ResNetEncoder(nn.Module):
    """torchvision's resnet34 (He et al. 2016, arXiv 1512.03385) but for its last stage and layer.

    Its last stage would halve 64 pixels to 2, and look further than a tile reaches.
    """

    def __init__(self) -> None:
        super().__init__()
        self.channels = [64, 64, 128, 256]
        self.stages = _resnet_stages()

    def load_resnet(self, weights: dict[str, Tensor]) -> None:
        """Put torchvision's weights of a whole resnet34 in place of these.

        Raises RuntimeError where they are of another network.
        """
        self.stages.load_state_dict(_resnet_stages(weights).state_dict())

    def forward(self, images: Tensor) -> list[Tensor]:
        """(n, 1 or 3, H, W) in [-1, 1] → maps at H/2, H/4, H/8 and H/16."""
        mean = images.new_tensor(IMAGENET_MEAN)[:, None, None]
        spread = images.new_tensor(IMAGENET_SPREAD)[:, None, None]
        maps = [((images.expand(-1, 3, -1, -1) + 1) / 2 - mean) / spread]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        return maps[1:]


def _resnet_stages(weights: dict[str, Tensor] | None = None) -> nn.ModuleList:
    # PyTorch 2.6 computes a little when torchvision has it import its compiler, which fails where
    # a network is laid out without memory.
    with torch.device("cpu"):
        from torchvision.models import resnet34

    network = resnet34(weights=None)
    if weights is not None:
        network.load_state_dict(weights)
    return nn.ModuleList(
        [
            nn.Sequential(network.conv1, network.bn1, network.relu),
            nn.Sequential(network.maxpool, network.layer1),
            network.layer2,
            network.layer3,
        ]
    )


class Enlarge(nn.Module):
    """Twice the size by pixel shuffle (Shi et al. 2016, arXiv 1609.05158), then a blur over 2×2
    pixels, both against checkerboards (Aitken et al. 2017, arXiv 1707.02937; Sugawara et al. 2018,
    arXiv 1806.02658)."""

    def __init__(self, before: int, after: int, settings: PlayerSettings) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(before, after * 4, 1, bias=has_bias(settings.bias, "none"))
        self.activation = ACTIVATIONS[settings.activation]()

    def forward(self, maps: Tensor) -> Tensor:
        """(n, before, h, w) → (n, after, 2h, 2w)."""
        larger = F.pixel_shuffle(self.activation(self.convolution(maps)), 2)
        return F.avg_pool2d(F.pad(larger, (1, 0, 1, 0), mode="replicate"), 2, stride=1)


class UNet(nn.Module):
    """Damaged pictures (n, C, H, W) in [-1, 1] → restored ones of the same shape.

    H and W are multiples of `multiple`; the values may go a little beyond [-1, 1]. `reach` is how
    many pixels away a pixel of the input can change one of the output, where that is bounded by
    less than the picture.
    """

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        settings, channels = recipe.network.generator, recipe.data.channels
        resolution = recipe.data.resolution.width  # of a square, as all that it learns on
        self.encoder: SmallEncoder | ResNetEncoder
        if settings.encoder == "small":
            self.encoder = SmallEncoder(channels, settings)
            skips = self.encoder.channels[:-1]
            self.multiple, self.reach = 2**HALVINGS, 64
        else:
            self.encoder = ResNetEncoder()
            skips = [0, *self.encoder.channels[:-1]]
            self.multiple, self.reach = 16, 320
        if settings.attention:
            # Windows of attention lie on a grid of the training's resolution.
            self.multiple = resolution
            self.reach += resolution
        self.enlarge = nn.ModuleList()
        self.join = nn.ModuleList()
        before = self.encoder.channels[-1]
        for level in reversed(range(len(skips))):
            after = skips[level] or settings.width
            self.enlarge.append(Enlarge(before, after, settings))
            join: list[nn.Module] = [_layer(after + skips[level], after, settings)]
            if settings.attention == resolution >> level:
                join.append(SelfAttention(after, settings.attention))
            self.join.append(nn.Sequential(*join))
            before = after
        self.last = _layer(before + channels, before, settings)
        self.correction = nn.Conv2d(before, channels, 1, bias=has_bias(settings.bias, "none"))

    def forward(self, damaged: Tensor) -> Tensor:
        skips = self.encoder(damaged)
        maps = skips.pop()
        for enlarge, join in zip(self.enlarge, self.join, strict=True):
            larger = enlarge(maps)
            # The resnet has no map of the full size to lay beside.
            maps = join(torch.cat([larger, skips.pop()], dim=1) if skips else larger)
        correction: Tensor = self.correction(self.last(torch.cat([maps, damaged], dim=1)))
        return damaged + correction


class ResidualBlock(nn.Module):
    """Two convolutions whose result is laid beside their input: twice the channels."""

    def __init__(self, channels: int, settings: PlayerSettings) -> None:
        super().__init__()
        self.first = _layer(channels, channels, settings, norm="none")
        self.second = _layer(channels, channels, settings, norm="none")

    def forward(self, maps: Tensor) -> Tensor:
        """(n, channels, h, w) → (n, 2 × channels, h, w)."""
        return torch.cat([maps, self.second(self.first(maps))], dim=1)


def unet_discriminator(recipe: Recipe) -> nn.Sequential:
    """Images (n, channels, side, side) in [-1, 1] → logits (n,).

    As fastai's critic: a halving to `width` channels, a residual block whose result is laid beside
    its input, then halvings that double the channels, each after a dropout of whole channels, with
    self-attention after the first of them; down to 4×4, where fastai has three of them.
    """
    settings, channels = recipe.network.discriminator, recipe.data.channels
    whole = recipe.data.resolution.width
    side, width = whole // 2, settings.width
    network = named(
        (f"{side}x{side}", _layer(channels, width, settings, 4, stride=2)),
        ("dropout", nn.Dropout2d(settings.dropout / 2) if settings.dropout else nn.Identity()),
        ("residual", ResidualBlock(width, settings)),
    )
    width *= 2
    while side > 4:
        side //= 2
        block = named(
            ("dropout", nn.Dropout2d(settings.dropout) if settings.dropout else nn.Identity()),
            ("halving", _layer(width, width * 2, settings, 4, stride=2)),
        )
        width *= 2
        if side == whole // 4:
            block.add_module("attention", SelfAttention(width, side))
        network.add_module(f"{side}x{side}", block)
    network.add_module("logit", logit(nn.Conv2d(width, 1, 4, bias=False)))
    return network


def _layer(
    before: int,
    after: int,
    settings: PlayerSettings,
    kernel: int = 3,
    *,
    stride: int = 1,
    norm: str = "",
) -> nn.Sequential:
    """A convolution as its player's settings say it; `norm` where theirs is not meant."""
    norm = norm or settings.norm
    biased = has_bias(settings.bias, norm)
    convolution = nn.Conv2d(before, after, kernel, stride, 1, bias=biased)
    return hidden(convolution, norm, settings.activation)


@torch.no_grad()
def initialise_unet(network: nn.Module, generator: torch.Generator) -> None:
    """Weights after He et al. 2015 (arXiv 1502.01852, equation 14), shifts and biases 0, in place.

    The four pixels that a shuffle makes of one begin equal (Aitken et al. 2017, section 3.2), and
    the correction close to 0.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            inputs = module.weight[0].numel()
            spread = math.sqrt(2 / ((1 + LEAK**2) * inputs))
            shape = module.weight.shape
            module.weight.copy_(torch.empty(shape).normal_(0.0, spread, generator=generator))
            if module.bias is not None:
                module.bias.zero_()
    for module in network.modules():
        if isinstance(module, Enlarge):
            # Channel c of the output comes from channels 4c to 4c + 3.
            module.convolution.weight.copy_(module.convolution.weight[::4].repeat_interleave(4, 0))
        elif isinstance(module, UNet):
            module.correction.weight.mul_(0.01)


def _without_norm(player: nn.Module) -> list[nn.Module]:
    """A U-Net's last layer, whose weights set the range of what it corrects, and its resnet, which
    has a norm of its own."""
    if not isinstance(player, UNet):
        return []
    own = isinstance(player.encoder, ResNetEncoder)
    return [player.correction, *(player.encoder.modules() if own else ())]


FAMILY = Family(UNet, unet_discriminator, initialise_unet, _without_norm)

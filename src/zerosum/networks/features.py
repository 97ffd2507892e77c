"""What the layers of a discriminator see in images."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zerosum.networks.classes import ConditionalDiscriminator
from zerosum.networks.register import OwnPlayer


def layer_outputs(discriminator: nn.Module, images: Tensor) -> list[Tensor]:
    """The outputs (n, channels, …) of all layers with weights but the last, of images (n, C, H, W)
    in [-1, 1]; none of a user's network that is no sequence of layers."""
    if isinstance(discriminator, ConditionalDiscriminator):
        return layer_outputs(discriminator.network, images)
    outputs, given = [], images
    for layer in _layers_but_the_last(discriminator):
        given = layer(given)
        if next(layer.parameters(), None) is not None:
            outputs.append(given)
    return outputs


def _layers_but_the_last(discriminator: nn.Module) -> list[nn.Module]:
    if not isinstance(discriminator, OwnPlayer):
        return list(discriminator.children())[:-1]
    network = discriminator.network
    layers = list(network) if isinstance(network, nn.Sequential) else []
    while layers and next(layers[-1].parameters(), None) is None:
        layers.pop()  # such as what makes (n,) of (n, 1)
    return layers[:-1]


def feature_distances(ones: list[Tensor], others: list[Tensor]) -> Tensor:
    """How far the `layer_outputs` of n images are from those of n others, or of one: (n,), from 0,
    the same, to 2.

    Of each layer 1 - cosine similarity of the channels, the mean over its places; of all layers the
    mean. Half of the distance of Zhang et al. 2018 (arXiv 1801.03924), equation 1, with all weights
    alike.
    """
    pairs = zip(ones, others, strict=True)
    distances = [
        (1 - F.cosine_similarity(one, other, dim=1)).reshape(len(one), -1).mean(1)
        for one, other in pairs
    ]
    return torch.stack(distances).mean(0)

"""What a feature network is to the scores: uint8 images in, rows of float32 numbers out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Resize = Literal["tf1", "clean", "none"]
Precision = Literal["float32", "bf16"]

Compute = Callable[[Tensor, Sequence[str]], dict[str, Tensor]]


@dataclass(frozen=True)
class Extractor:
    """A feature network, ready on its device.

    `compute(images, layers)` takes uint8 images (n, H, W, C), on any device, C = 1 or 3, of any
    size, and gives for each asked layer its features, float32 (n, dimension), on the CPU; images
    beyond the dimension of a batch do not influence each other. `layers` maps each layer's name to
    its dimension; `logits` is the layer of class logits before the softmax, "" where the network
    (or its weights file) has none.
    """

    name: str
    """"inception", "digits", "dinov2-vit-s-14", …"""
    layers: Mapping[str, int]
    default_layer: str
    weights: str
    """The first 12 digits of the weights' SHA-256."""
    resize: Resize
    precision: Precision
    device: torch.device
    batch: int
    """Images in a batch that suit the device."""
    compute: Compute
    logits: str = ""
    class_names: tuple[str, ...] = ()
    """What its logits tell apart, where images have classes of these names."""
    approximate: tuple[str, ...] = ()
    """Layers whose features are not those of the real network, by the note in the weights file."""

    file: str = ""
    """Of the user's, with its checksum, where the network is from one."""

    def label(self, layer: str) -> str:
        """What a table calls features of a layer: "inception-2048-approx", "digits"."""
        only = layer != self.logits and len(self.layers) == 1 + bool(self.logits)
        name = self.name if only else f"{self.name}-{layer}"
        return f"{name}-approx" if layer in self.approximate else name


@dataclass(frozen=True)
class OwnExtractors:
    """Extractors of the user's that can be asked for."""

    digests: Mapping[str, str]
    """By name that of the file."""
    shape: tuple[int, int, int]
    """Of the images that they get, (H, W, C)."""

"""The `digits` extractor: a small classifier of handwritten digits that comes with zerosum.

Inception knows photographs; what makes a digit readable moves its features little. This network
was trained on digits: its features tell readable from unreadable, its logits which digit it is.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from zerosum.errors import UsageError
from zerosum.evaluation.extractors.extractor import Extractor, Precision
from zerosum.evaluation.extractors.small_classifier import (
    CLASSES,
    FEATURES,
    SIDE,
    SmallClassifier,
)
from zerosum.evaluation.extractors.weights import read_weights

FILE = Path(__file__).with_name("digits.safetensors")
SHA256 = "f64588b148fc"  # its beginning; tools/train_digit_classifier.py tells it
LAYER = "features"
LOGITS = "logits"
TEN_DIGITS = tuple("0123456789")
BATCH = {"cpu": 256, "cuda": 2048, "mps": 512}
MARGIN = 4
"""Digits that are this much smaller than 32 pixels, as MNIST's are, get a black margin."""


def open_digits(weights: Path | None, precision: Precision, device: torch.device) -> Extractor:
    """The digit extractor, always in float32: it is small."""
    if weights is not None:
        raise UsageError(
            "the digits extractor has its weights with it",
            "leave --weights out, or choose --extractor=inception",
        )
    if precision != "float32":
        raise UsageError("the digits extractor computes in float32 alone", "leave --precision out")
    read = read_weights(FILE, SHA256)
    network = SmallClassifier()
    # Counters that only training needs are not stored.
    network.load_state_dict(dict(read.tensors), strict=False)
    network = network.to(device).to(memory_format=torch.channels_last)
    network.eval().requires_grad_(False)

    def compute(images: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        with (
            torch.inference_mode(),
            torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False),
        ):
            features, logits = network(prepared(images.to(device)))
        found = {LAYER: features.cpu(), LOGITS: logits.cpu()}
        return {layer: found[layer] for layer in layers}

    return Extractor(
        name="digits",
        layers={LAYER: FEATURES, LOGITS: CLASSES},
        default_layer=LAYER,
        logits=LOGITS,
        class_names=TEN_DIGITS,
        weights=read.hash,
        resize="none",
        precision="float32",
        device=device,
        batch=BATCH.get(device.type, 256),
        compute=compute,
    )


def prepared(images: Tensor) -> Tensor:
    """Grey uint8 images (n, H, W, 1) → float32 (n, 1, 32, 32) in [-1, 1], as `at_side` brings them
    there. Raises UsageError for colour."""
    if images.shape[3] != 1:
        raise UsageError(
            "the digits extractor takes grey images, and these are in colour",
            "choose --extractor=inception, or read them as grey: --channels 1",
        )
    return at_side(images) / 127.5 - 1


def at_side(images: Tensor) -> Tensor:
    """Images (n, H, W, C) uint8 → (n, C, 32, 32) float32, 0 to 255. Those of 28 to 31 pixels get a
    black margin; others are resized (bicubic, antialiased)."""
    planes = images.permute(0, 3, 1, 2).float()
    height, width = planes.shape[2:]
    if height == width and SIDE - MARGIN <= height <= SIDE:
        before = (SIDE - height) // 2
        after = SIDE - height - before
        return F.pad(planes, (before, after, before, after))
    return F.interpolate(planes, (SIDE, SIDE), mode="bicubic", antialias=True).clamp(0, 255)

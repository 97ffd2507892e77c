"""The feature networks, by name: `open_extractor` finds the weights and puts one on a device."""

from pathlib import Path

import torch

from zerosum.errors import UsageError
from zerosum.evaluation.extractors.extractor import Extractor, Precision, Resize
from zerosum.suggest import did_you_mean

__all__ = ["EXTRACTORS", "Extractor", "Precision", "Resize", "open_extractor"]

EXTRACTORS = (
    "inception",
    "digits",
    "dinov2-vit-s-14",
    "dinov2-vit-b-14",
    "dinov2-vit-l-14",
    "dinov2-vit-g-14",
)


def open_extractor(
    name: str,
    *,
    weights: Path | None = None,
    resize: Resize = "tf1",
    precision: Precision = "float32",
    device: torch.device | None = None,
    download: bool = False,
) -> Extractor:
    """The extractor of that name with its weights, on the device.

    `weights` names their file; without it they are looked for where users put them, and fetched
    where that is allowed with `download`. Raises UsageError for a name that there is not, and
    ZerosumError where the weights are missing or damaged.
    """
    device = device or torch.device("cpu")
    if name == "digits":
        from zerosum.evaluation.extractors.digits import open_digits

        return open_digits(weights, precision, device)
    if name == "inception":
        from zerosum.evaluation.extractors.inception import open_inception

        return open_inception(weights, resize, precision, device, download)
    if name in EXTRACTORS:
        from zerosum.evaluation.extractors.dinov2 import open_dinov2

        return open_dinov2(name, weights, resize, precision, device, download)
    raise UsageError(
        f"there is no extractor {name!r}",
        did_you_mean(name, EXTRACTORS) or f"choose from: {', '.join(EXTRACTORS)}",
    )

"""The feature networks, by name: `open_extractor` finds the weights and puts one on a device."""

from pathlib import Path

import torch

from zerosum.errors import UsageError
from zerosum.evaluation.extractors.extractor import Extractor, Precision, Resize
from zerosum.suggest import did_you_mean
from zerosum.weights import MissingWeightsError

__all__ = ["EXTRACTORS", "Extractor", "Precision", "Resize", "open_extractor"]

EXTRACTORS = (
    "inception",
    "digits",
    "dinov2-vit-s-14",
    "dinov2-vit-b-14",
    "dinov2-vit-l-14",
    "dinov2-vit-g-14",
)
NEED_NONE = "`zerosum health RUN` and `zerosum neighbours RUN --pixels` need none"


def open_extractor(
    name: str,
    *,
    weights: Path | None = None,
    resize: Resize = "tf1",
    precision: Precision = "float32",
    device: torch.device | None = None,
    download: bool = False,
    without: str = "",
) -> Extractor:
    """The extractor of that name with its weights, on the device.

    `weights` names their file; without it they are looked for where users put them, and fetched
    where that is allowed with `download`. `without` is what a user may do who has none. Raises
    UsageError for a name that there is not, MissingWeightsError where there are no weights, and
    ZerosumError where they are damaged.
    """
    device = device or torch.device("cpu")
    if name == "digits":
        from zerosum.evaluation.extractors.digits import open_digits

        return open_digits(weights, precision, device)
    if name == "inception":
        from zerosum.evaluation.extractors.inception import open_inception

        try:
            return open_inception(weights, resize, precision, device, download)
        except MissingWeightsError as error:
            raise error.or_else(without or NEED_NONE) from error
    if name in EXTRACTORS:
        from zerosum.evaluation.extractors.dinov2 import open_dinov2

        return open_dinov2(name, weights, resize, precision, device, download)
    raise UsageError(
        f"there is no extractor {name!r}",
        did_you_mean(name, EXTRACTORS) or f"choose from: {', '.join(EXTRACTORS)}",
    )

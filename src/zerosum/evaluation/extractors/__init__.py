"""The feature networks, by name: `open_extractor` finds the weights and puts one on a device."""

from pathlib import Path

import torch

from zerosum.errors import UsageError
from zerosum.evaluation.extractors.extractor import Extractor, OwnExtractors, Precision, Resize
from zerosum.parts import owner
from zerosum.recipe.extractors import AUTO, EXTRACTORS
from zerosum.suggest import did_you_mean
from zerosum.weights import MissingWeightsError

__all__ = ["Extractor", "OwnExtractors", "Precision", "Resize", "open_extractor"]

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
    own: OwnExtractors | None = None,
) -> Extractor:
    """The extractor of that name with its weights, on the device.

    `weights` names their file; without it they are looked for where users put them, and fetched
    where that is allowed with `download`. `without` is what a user may do who has none; `own`
    are those of the user's. Raises UsageError for a name that there is not,
    MissingWeightsError where there are no weights, and ZerosumError where they are damaged.
    """
    device = device or torch.device("cpu")
    if own is not None and name in own.digests:
        return _open_own(name, own, weights, precision, device)
    if name == "digits":
        from zerosum.evaluation.extractors.digits import open_digits

        return open_digits(weights, precision, device)
    if name == "inception":
        from zerosum.evaluation.extractors.inception import open_inception

        try:
            return open_inception(weights, resize, precision, device, download)
        except MissingWeightsError as error:
            raise error.or_else(without or NEED_NONE) from error
    if name in EXTRACTORS and name != AUTO and not owner("extractor", name):
        from zerosum.evaluation.extractors.dinov2 import open_dinov2

        return open_dinov2(name, weights, resize, precision, device, download)
    there = [each for each in EXTRACTORS if each != AUTO and not owner("extractor", each)]
    there += own.digests if own is not None else ()
    yours = "one of yours comes from a file that the run keeps, or that --with names"
    raise UsageError(
        f"there is no extractor {name!r}",
        did_you_mean(name, there) or f"choose from: {', '.join(there)}; {yours}",
    )


def _open_own(
    name: str,
    own: OwnExtractors,
    weights: Path | None,
    precision: Precision,
    device: torch.device,
) -> Extractor:
    if weights is not None:
        raise UsageError(f"{name} has its weights from its own file", "leave --weights out")
    if precision != "float32":
        raise UsageError(f"{name} computes as its own file says", "leave --precision out")
    from zerosum.evaluation.extractors.register import open_own

    return open_own(name, own, device)

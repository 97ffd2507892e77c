"""The feature network that the pictures of a run are made with, from the command line's options."""

from typing import Any

from zerosum.errors import UsageError
from zerosum.evaluation.extractors import Extractor, open_extractor
from zerosum.evaluation.images import Images
from zerosum.evaluation.opening import choose_extractor
from zerosum.networks import choose_device


def run_extractor(reals: Images, options: dict[str, Any]) -> tuple[Extractor, str]:
    """The extractor and layer that `extractor`, `layer`, `weights` and `device` choose for these
    images; what is empty is chosen to fit. Raises UsageError for a layer that there is not."""
    extractor = open_extractor(
        choose_extractor(options["extractor"] or "auto", reals),
        weights=options["weights"],
        device=choose_device(options["device"]),
        download=True,
    )
    layer = options["layer"] or extractor.default_layer
    if layer not in extractor.layers:
        raise UsageError(
            f"{extractor.name} has no layer {layer!r}",
            f"choose from: {', '.join(extractor.layers)}",
        )
    return extractor, layer

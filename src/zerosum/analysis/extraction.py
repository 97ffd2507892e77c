"""The feature network that an analysis looks at images with."""

from zerosum.analysis.requests import Analysis
from zerosum.errors import UsageError
from zerosum.evaluation.extractors import Extractor, open_extractor
from zerosum.evaluation.images import Images
from zerosum.evaluation.opening import choose_extractor
from zerosum.networks import choose_device


def run_extractor(reals: Images, asked: Analysis, *, without: str = "") -> tuple[Extractor, str]:
    """The extractor and layer that were asked for; what is empty is chosen to fit these images.

    `without` is what a user may do who has no weights for it. Raises UsageError for a layer that
    there is not.
    """
    extractor = open_extractor(
        choose_extractor(asked.extractor or "auto", reals),
        weights=asked.weights,
        device=choose_device(asked.device),
        download=True,
        without=without,
    )
    layer = asked.layer or extractor.default_layer
    if layer not in extractor.layers:
        raise UsageError(
            f"{extractor.name} has no layer {layer!r}",
            f"choose from: {', '.join(extractor.layers)}",
        )
    return extractor, layer

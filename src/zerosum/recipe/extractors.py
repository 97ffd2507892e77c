"""The feature networks that can be named, beside the sentence of the field that names one."""

from typing import Annotated

from zerosum.recipe.names import NameOf

AUTO = "auto"
EXTRACTORS: dict[str, None] = dict.fromkeys(
    (
        AUTO,
        "inception",
        "digits",
        "dinov2-vit-s-14",
        "dinov2-vit-b-14",
        "dinov2-vit-l-14",
        "dinov2-vit-g-14",
    )
)
ExtractorName = Annotated[str, NameOf("extractor", EXTRACTORS)]

"""The real side as one file, for people who do not have the images: features and what they are."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.evaluate import Measure, RealSide
from zerosum.evaluation.features import Features
from zerosum.run import write_atomically

SUFFIX = ".safetensors"
FORMAT = 1
FEATURES = "features"


def save_reference(path: Path, reals: RealSide, features: Features, measure: Measure) -> None:
    """Write features (count, dimension) float32 with all that a protocol says of them."""
    if path.suffix != SUFFIX:
        raise UsageError(f"{path} does not end in {SUFFIX}", "give --save-reference such a name")
    content = {
        "format": FORMAT,
        "name": reals.name,
        "part": reals.part,
        "fingerprint": reals.fingerprint,
        "shape": list(reals.shape),
        **network_of(measure),
    }
    matrix = {FEATURES: np.ascontiguousarray(features)}
    write_atomically(path, save(matrix, metadata={"zerosum": json.dumps(content)}))


def network_of(measure: Measure) -> dict[str, Any]:
    """What must agree for features to be laid beside each other."""
    extractor = measure.extractor
    return {
        "extractor": extractor.name,
        "layer": measure.layer,
        "weights": extractor.weights,
        "resize": extractor.resize,
        "precision": extractor.precision,
    }


def read_reference(path: Path) -> dict[str, Any]:
    """What a reference file says of itself. Raises ZerosumError where it is none."""
    try:
        with safe_open(path, framework="numpy") as file:
            content: dict[str, Any] = json.loads(file.metadata()["zerosum"])
            if content["format"] != FORMAT:
                raise ValueError(f"format {content['format']}")
            return content
    except FileNotFoundError as error:
        raise ZerosumError(
            f"there is no reference at {path}", "make one: zerosum evaluate … --save-reference FILE"
        ) from error
    except (SafetensorError, OSError, ValueError, LookupError, TypeError) as error:
        raise ZerosumError(
            f"{path} is not a reference of this version of zerosum",
            "make it again: zerosum evaluate … --save-reference FILE",
        ) from error


def load_reference(path: Path, measure: Measure) -> RealSide:
    """The real side of a reference file. Raises UsageError where it was made with another network,
    layer, resizing or precision."""
    content = read_reference(path)
    for name, wanted in network_of(measure).items():
        if content[name] != wanted:
            raise UsageError(
                f"{path} was made with {name} {content[name]}, and this is {wanted}",
                f"score with that one, or make the reference again with {wanted}",
            )
    with safe_open(path, framework="numpy") as file:
        features = file.get_tensor(FEATURES)
    height, width, channels = content["shape"]
    return RealSide(
        content["name"],
        content["part"],
        len(features),
        content["fingerprint"],
        (height, width, channels),
        None,
        {measure.layer: features},
    )

"""The real side as one file, for people who do not have the images: features and what they are."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from zerosum.checksums import checked_object, read_object
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.extractors import Precision, Resize
from zerosum.evaluation.features import Features
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import Measure
from zerosum.files import write_atomically
from zerosum.reading import reason, require_regular
from zerosum.recipe.image_size import ImageSize

SUFFIX = ".safetensors"
FORMAT = 2
FEATURES, LABELS = "features", "labels"
DTYPES = {FEATURES: np.float32, LABELS: np.int64}
MAKE = "make one: zerosum evaluate … --save-reference FILE.safetensors"


@dataclass(frozen=True)
class Reference:
    """What a reference file says of itself; its features stay on disk."""

    path: Path
    images: Images
    """The real side, still without its features; `fit` is "" in files that do not say."""
    crc32: Mapping[str, str]
    """Of the features and, where the images have classes, of the labels."""
    extractor: str
    layer: str
    weights: str
    resize: Resize
    precision: Precision


def is_reference(text: str) -> bool:
    """Whether what a user names as real images is a saved reference."""
    return text.endswith(SUFFIX)


def require_place(path: Path) -> None:
    """Raise where no reference can be written, before the minutes that computing one takes."""
    if path.suffix != SUFFIX:
        raise UsageError(f"{path} does not end in {SUFFIX}", "give --save-reference such a name")
    if path.is_dir():
        raise UsageError(f"{path} is a folder", "name a file with --save-reference")
    if path.exists():
        try:
            read_reference(path)
        except ZerosumError as error:
            raise UsageError(
                f"{path} is there already, and is not a reference",
                "give --save-reference another name: it would be overwritten",
            ) from error


def save_reference(path: Path, reals: Images, features: Features, measure: Measure) -> None:
    """Write features (count, dimension) float32 with all that a protocol says of them."""
    require_place(path)
    content = {
        "format": FORMAT,
        "name": reals.name,
        "part": reals.part,
        "fingerprint": reals.fingerprint,
        "shape": list(reals.shape),
        "fit": reals.fit,
        "class_names": list(reals.class_names),
        **network_of(measure),
    }
    tensors: dict[str, NDArray[Any]] = {FEATURES: np.ascontiguousarray(features)}
    if reals.labels is not None:
        tensors[LABELS] = np.ascontiguousarray(reals.labels)
    for tensor, values in tensors.items():
        content[tensor] = {"shape": list(values.shape), "crc32": _crc32(values)}
    metadata = {"zerosum": json.dumps(checked_object(content))}
    try:
        write_atomically(path, save(tensors, metadata=metadata))
    except ZerosumError as error:
        raise ZerosumError(error.what, "name another file with --save-reference") from error


def _crc32(values: NDArray[Any]) -> str:
    """CRC-32 of the bytes of an array, in hexadecimal."""
    return f"{zlib.crc32(values.data):08x}"


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


def read_reference(path: Path) -> Reference:
    """What a reference file says of itself. Raises ZerosumError where it is none."""
    try:
        require_regular(path)
        with safe_open(path, framework="numpy") as file:
            content = read_object((file.metadata() or {})["zerosum"])
            if content["format"] != FORMAT:
                raise ValueError(f"format {content['format']}")
            shapes = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118
        written = {name: content[name] for name in (FEATURES, LABELS) if name in content}
        if shapes != {name: each["shape"] for name, each in written.items()}:
            raise ValueError("tensors of other shapes")
        height, width, channels = content["shape"]
        images = Images(
            str(content["name"]),
            shapes[FEATURES][0],
            (int(height), int(width), int(channels)),
            str(content["fingerprint"]),
            _no_pixels,
            fit=str(content.get("fit", "")),
            class_names=tuple(map(str, content.get("class_names", ()))),
            part=str(content["part"]),
        )
        network = {name: str(content[name]) for name in ("extractor", "layer", "weights")}
        return Reference(
            path=path,
            images=images,
            crc32={name: each["crc32"] for name, each in written.items()},
            resize=content["resize"],
            precision=content["precision"],
            **network,
        )
    except FileNotFoundError as error:
        raise ZerosumError(f"there is no reference at {path}", MAKE) from error
    except OSError as error:
        raise ZerosumError(f"{path} cannot be read: {reason(error)}", MAKE) from error
    except (SafetensorError, ValueError, LookupError, TypeError) as error:
        raise ZerosumError(
            f"{path} is damaged, or not a reference of this version of zerosum", MAKE
        ) from error


def _no_pixels(_first: int, _count: int) -> NDArray[np.uint8]:
    raise ValueError("a saved reference has features, and no pixels")


def require_agreement(reference: Reference, given: Mapping[str, Any]) -> None:
    """Raise UsageError where `given` asks for something else than a reference was made with.

    Its keys are fields of `Reference` and its images; what is empty, None or "auto" was not given.
    """
    for name, wanted in given.items():
        made = (vars(reference.images) | vars(reference))[name]
        if wanted in ("", None, "auto") or wanted == made:
            continue
        option = "split" if name == "part" else name
        raise UsageError(
            f"{reference.path} was made with {name} {made}, and {wanted} was asked for",
            f"leave --{option} out, or make the reference again with it",
        )


def require_shape(reference: Reference, name: str, shape: tuple[int, int, int], run: bool) -> None:
    """Raise UsageError where generated images of `shape` are no match for a reference's."""
    wanted = reference.images.shape
    if shape == wanted:
        return
    made, has = (
        f"{ImageSize.of_shape(each).in_words} pixels in {'grey' if each[2] == 1 else 'colour'}"
        for each in (wanted, shape)
    )
    options = []
    if shape[:2] != wanted[:2]:
        options.append(f"--resolution {ImageSize.of_shape(wanted)}")
    if shape[2] != wanted[2]:
        options.append(f"--channels {wanted[2]}")
    raise UsageError(
        f"{reference.path} was made of images of {made}, and {name} has {has}",
        "make a reference of images as this run has them, with --save-reference"
        if run
        else f"add {' '.join(options)}",
    )


def load_reference(reference: Reference, measure: Measure) -> Images:
    """The real side of a reference file. Raises UsageError where it was made with another network,
    layer, resizing or precision."""
    for name, wanted in network_of(measure).items():
        made = getattr(reference, name)
        if made != wanted:
            option = "name those with --weights" if name == "weights" else f"choose --{name} {made}"
            raise UsageError(
                f"{reference.path} was made with {name} {made}, and this is {wanted}",
                f"{option}, or make the reference again",
            )
    with safe_open(reference.path, framework="numpy") as file:
        tensors = {name: file.get_tensor(name) for name in reference.crc32}
    for name, values in tensors.items():
        if values.dtype != DTYPES[name] or _crc32(values) != reference.crc32[name]:
            raise ZerosumError(
                f"{reference.path} is damaged: its {name} are not what was written", MAKE
            )
    features, labels = tensors[FEATURES], tensors.get(LABELS)
    if not np.isfinite(features).all():
        raise ZerosumError(f"{reference.path} is damaged: its features are no finite numbers", MAKE)
    return replace(reference.images, features={measure.layer: features}, labels=labels)

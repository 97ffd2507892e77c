"""Feature networks from files of the user's."""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn

from zerosum.errors import ZerosumError
from zerosum.evaluation.extractors.extractor import Extractor, OwnExtractors
from zerosum.evaluation.extractors.weights import HASH_DIGITS
from zerosum.files import checksum
from zerosum.parts import Entries, found_in, named_files, register, written
from zerosum.randomness import random_for, seed_for
from zerosum.reading import reason, require_regular
from zerosum.recipe.extractors import EXTRACTORS
from zerosum.user_function import UserFunction, kind_of

Function = TypeVar("Function", bound=Callable[..., object])

LAYER = "features"
BATCH = {"cpu": 32, "cuda": 256, "mps": 64}
NOISE = 1e-3
"""By how much of the largest feature those of one image may differ from batch to batch."""
HOW = (
    "it has to make a torch.nn.Module or a function: images, float32 (n, channels, height, width) "
    "from 0 to 1, to features (n, dimension)"
)


@dataclass(frozen=True)
class Own:
    """A feature network of the user's: what makes it, and the files that it reads, None where they
    are not said."""

    maker: UserFunction[object]
    files: Sequence[Path] | None


OWN_EXTRACTORS: dict[str, Own] = {}


def extractor(
    name: str, *, files: Sequence[str | Path] | None = None
) -> Callable[[Function], Function]:
    """Register a feature network, for `evaluation.extractor` and `--extractor`, in a file that
    `--with` names.

    It stands on a function without parameters that makes the network: a module of torch, or a
    function, that turns images, float32 (n, channels, height, width) from 0 to 1, of 1 channel
    (grey) or 3, into features, real numbers (n, dimension). A module is moved to the device and
    computes as in `eval()`; what it draws when it is made is drawn from a fixed seed. The features
    of an image do not depend on the others of its batch.

    Features are those of one network, kept and compared, while three things stay: the text of its
    file, the parameters and buffers of a module, and the content of the `files` (and folders) that
    it reads. What has no parameters or buffers says its files, and none as `files=[]`.

    Raises ZerosumError where the function has parameters; and when it is used, where what it makes
    gives no such features or does not say its files, or where one of these cannot be read.
    """

    def make(given: Callable[..., object]) -> Entries:
        paths = None if files is None else named_files(files)
        return [(EXTRACTORS, None), (OWN_EXTRACTORS, Own(UserFunction.of(given, ()), paths))]

    return register("extractor", name, make)


def open_own(name: str, own: OwnExtractors, device: torch.device) -> Extractor:
    """The user's extractor of that name, once it was tried on two images. Raises ZerosumError with
    its line where it gives no features of them."""
    made_by = found_in(OWN_EXTRACTORS, "extractor", name, own.digests[name])
    maker = made_by.maker
    with _seeded(seed_for(0, f"extractor/{name}"), device), maker.telling():
        network = maker()
        if not callable(network):
            maker.refuse(f"gives {kind_of(network)}", HOW)
        if isinstance(network, nn.Module):
            network = network.to(device).eval()
        features = partial(_features, network, maker, device)
        dimension = _try(features, maker, own.shape)  # whose first images make lazy layers whole
        digest = _digest(network, made_by)

    def compute(images: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        return dict.fromkeys(layers, features(images))

    return Extractor(
        name=name,
        layers={LAYER: dimension},
        default_layer=LAYER,
        weights=digest[:HASH_DIGITS],
        resize="none",
        precision="float32",
        device=device,
        batch=BATCH.get(device.type, 32),
        compute=compute,
        file=written(maker.file.digest),
    )


@contextlib.contextmanager
def _seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Draws in here are of a seed, on the CPU and the device; outside they go on as if none had
    been."""
    if device.type == "cpu":
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)  # torch.manual_seed seeds all devices
            yield
    else:
        with torch.random.fork_rng(devices=[device], device_type=device.type):
            torch.manual_seed(seed)
            yield


def _features(
    network: Callable[..., object],
    maker: UserFunction[object],
    device: torch.device,
    images: Tensor,
) -> Tensor:
    """Those of uint8 images (n, H, W, C): float32 (n, dimension) on the CPU."""
    planes = images.to(device).permute(0, 3, 1, 2).contiguous().float() / 255
    with (
        torch.inference_mode(),
        torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False),
        maker.telling(),
    ):
        found = network(planes)
        if (
            not isinstance(found, Tensor)
            or found.ndim != 2
            or len(found) != len(images)
            or not found.shape[1]
            or found.is_complex()
        ):
            maker.refuse(
                f"makes {kind_of(found)} of images {tuple(planes.shape)}",
                f"it has to make real numbers ({len(images)}, dimension), one or more an image: "
                "take .flatten(1)",
            )
        if not found.isfinite().all():
            maker.refuse("makes features that are not finite", "look for divisions by 0")
        return found.float().cpu()


def _try(
    features: Callable[[Tensor], Tensor], maker: UserFunction[object], shape: tuple[int, int, int]
) -> int:
    """How many numbers an image's features are."""
    drawn = random_for(0, "an extractor on trial").integers(0, 256, (2, *shape), "uint8")
    images = torch.from_numpy(drawn)
    both, alone = features(images), features(images[1:])
    if (both[1:] - alone).abs().max() > NOISE * both.abs().max():
        maker.refuse(
            "gives an image other features alone than beside another one",
            "they depend on the image alone: no statistics of a batch, nothing drawn at random",
        )
    return both.shape[1]


def _digest(network: object, own: Own) -> str:
    """SHA-256 over all that features depend on: the text, a module's weights, and the files."""
    digest = hashlib.sha256(own.maker.file.digest.encode())
    weights: list[tuple[str, Tensor]] = []
    what = "a function, whose weights nobody sees"
    if isinstance(network, nn.Module):
        weights = [*network.named_parameters(), *network.named_buffers()]
        what = "a module without weights"
    if not weights and own.files is None:
        own.maker.refuse(
            f"gives {what}: it is not known when its features are others",
            'name the files that it reads, files=["weights.pt"], or that there are none, files=[], '
            "in its @zerosum.extractor",
        )
    for name, tensor in weights:
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        content = tensor.detach().cpu().reshape(-1).contiguous()
        digest.update(content.view(torch.uint8).numpy().tobytes())
    for path in own.files or ():
        digest.update(os.fsencode(_content(path)))
    return digest.hexdigest()


def _content(path: Path) -> str:
    """The checksum of a file; of a folder, those of all files in it, with their names."""
    try:
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*") if each.is_file())
            return " ".join(f"{each.relative_to(path)} {checksum(each)}" for each in inside)
        require_regular(path)
        return checksum(path)
    except OSError as error:
        raise ZerosumError(
            f"{path} cannot be read: {reason(error)}",
            "put it there, or take it out of the files that an extractor of yours names",
        ) from error

"""Feature networks from files of the user's."""

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor, nn

from zerosum.evaluation.extractors.extractor import Extractor, OwnExtractors
from zerosum.evaluation.extractors.weights import HASH_DIGITS
from zerosum.parts import Entries, found_in, register, written
from zerosum.randomness import random_for, seed_for
from zerosum.recipe.extractors import EXTRACTORS
from zerosum.user_function import UserFunction, kind_of

Function = TypeVar("Function", bound=Callable[..., object])

OWN_EXTRACTORS: dict[str, UserFunction[object]] = {}
"""What makes each of them."""
LAYER = "features"
BATCH = {"cpu": 32, "cuda": 256, "mps": 64}
NOISE = 1e-3
"""By how much of the largest feature those of one image may differ from batch to batch."""
HOW = (
    "it has to make a torch.nn.Module or a function: images, float32 (n, channels, height, width) "
    "from 0 to 1, to features (n, dimension)"
)


def extractor(name: str) -> Callable[[Function], Function]:
    """Register a feature network, for `evaluation.extractor` and `--extractor`, in a file that
    `--with` names.

    It stands on a function without parameters that makes the network: a module of torch, or a
    function, that turns images, float32 (n, channels, height, width) from 0 to 1, of 1 channel
    (grey) or 3, into features (n, dimension). A module is moved to the device and computes as in
    `eval()`; what it draws when it is made is drawn from a fixed seed. The features of an image do
    not depend on the others of its batch.

    Raises ZerosumError where the function has parameters; and when it is used, where what it makes
    gives no such features.
    """

    def make(given: Callable[..., object]) -> Entries:
        return [(EXTRACTORS, None), (OWN_EXTRACTORS, UserFunction.of(given, ()))]

    return register("extractor", name, make)


def open_own(name: str, own: OwnExtractors, device: torch.device) -> Extractor:
    """The user's extractor of that name, once it was tried on two images. Raises ZerosumError with
    its line where it gives no features of them."""
    maker = found_in(OWN_EXTRACTORS, "extractor", name, own.digests[name])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_for(0, f"extractor/{name}"))
        network = maker()
        if not callable(network):
            maker.refuse(f"gives {kind_of(network)}", HOW)
        if isinstance(network, nn.Module):
            network = network.to(device).eval()
        features = partial(_features, network, maker, device)
        dimension = _try(features, maker, own.shape)  # whose first images make lazy layers whole

    def compute(images: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        return dict.fromkeys(layers, features(images))

    return Extractor(
        name=name,
        layers={LAYER: dimension},
        default_layer=LAYER,
        weights=_digest(network, maker.file.digest)[:HASH_DIGITS],
        resize="none",
        precision="float32",
        device=device,
        batch=BATCH.get(device.type, 32),
        compute=compute,
        file=written(maker.file.digest),
    )


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
    if not isinstance(found, Tensor) or found.ndim != 2 or len(found) != len(images):
        maker.refuse(
            f"makes {kind_of(found)} of images {tuple(planes.shape)}",
            f"it has to make a tensor ({len(images)}, dimension): take .flatten(1)",
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


def _digest(network: object, file: str) -> str:
    """SHA-256 over the file and, of a module, its weights."""
    digest = hashlib.sha256(file.encode())
    for name, tensor in network.state_dict().items() if isinstance(network, nn.Module) else ():
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.cpu().reshape(-1).contiguous().view(torch.uint8).numpy())
    return digest.hexdigest()

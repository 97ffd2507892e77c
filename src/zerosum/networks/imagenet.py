"""torchvision's ImageNet weights of resnet34: for a U-Net's encoder, and for a feature loss."""

from pathlib import Path

import torch
from torch import nn

from zerosum.download import Checksum, fetch
from zerosum.errors import ZerosumError
from zerosum.files import checksum
from zerosum.networks.unet import ResNetEncoder, UNet
from zerosum.weights import MissingWeightsError, Weights


def load_imagenet_encoder(generator: nn.Module) -> None:
    """Give a U-Net's resnet34 its ImageNet weights, in place.

    Raises ZerosumError where they are neither on disk nor to be downloaded.
    """
    assert isinstance(generator, UNet) and isinstance(generator.encoder, ResNetEncoder)
    _load(generator.encoder)


def imagenet_features() -> ResNetEncoder:
    """A frozen resnet34 with its ImageNet weights, in evaluation mode: images (n, C, H, W) in
    [-1, 1] → four maps.

    Raises ZerosumError where the weights are neither on disk nor to be downloaded.
    """
    encoder = ResNetEncoder()
    _load(encoder)
    return encoder.eval().requires_grad_(False)


def weights_path() -> Path:
    """Where torchvision keeps the file: below $TORCH_HOME, or the user's cache folder."""
    return Path(str(torch.hub.get_dir())) / "checkpoints" / _url().rpartition("/")[2]


def _url() -> str:
    from torchvision.models import ResNet34_Weights

    return str(ResNet34_Weights.IMAGENET1K_V1.url)


def _sha256(path: Path) -> str:
    """How the SHA-256 of torchvision's file begins: the end of its name."""
    return path.stem.rpartition("-")[2]


def _load(encoder: ResNetEncoder) -> None:
    path = weights_path()
    if not path.is_file():
        _download(path)
    try:
        if not checksum(path).startswith(_sha256(path)):
            raise ValueError("another SHA-256 than its name says")
        # Only tensors are read: nothing in the file is run.
        encoder.load_resnet(torch.load(path, map_location="cpu", weights_only=True))
    except Exception as error:  # a damaged file raises nearly anything
        raise ZerosumError(
            f"{path} is not torchvision's file of resnet34 weights",
            "delete it, so that it is downloaded again, or train with --network.pretrained=no",
        ) from error


def _download(path: Path) -> None:
    try:
        fetch([_url()], path, Checksum("sha256", _sha256(path)))
    except OSError as error:
        missing = Weights(
            "ImageNet (resnet34)",
            path,
            _url(),
            without="--network.pretrained=no --objective.feature_weight 0",
        )
        raise MissingWeightsError(missing, str(error)) from error

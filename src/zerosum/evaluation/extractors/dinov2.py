"""DINOv2 features (Oquab et al. 2023, arXiv 2304.07193), by torch-fidelity.

Stein et al. 2023 (arXiv 2306.04675) find that Fréchet distances in this space agree better with
people than Inception's do.
"""

import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.error import URLError

import torch
from torch import Tensor, nn

from zerosum import download
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.extractors.extractor import Extractor, Precision, Resize
from zerosum.evaluation.extractors.resize import resized
from zerosum.evaluation.extractors.weights import HASH_DIGITS

SIDE = 224
DIMENSIONS = {
    "dinov2-vit-s-14": 384,
    "dinov2-vit-b-14": 768,
    "dinov2-vit-l-14": 1024,
    "dinov2-vit-g-14": 1536,
}
LAYER = "dinov2"
WEIGHTS = "https://dl.fbaipublicfiles.com/dinov2"
"""Where the hub's own list of models has them from."""
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
BATCH = {"cpu": 16, "cuda": 128, "mps": 32}


def fetch_model(name: str) -> nn.Module:
    """The network, through torch's hub, which keeps it in its own cache.

    The weights are put there before the hub looks for them: it gives up a large download for
    good when the connection breaks off.
    """
    from torch_fidelity.feature_extractor_dinov2 import MODEL_METADATA, FeatureExtractorDinoV2

    model = MODEL_METADATA[name]
    kept = Path(torch.hub.get_dir()) / "checkpoints" / f"{model}_pretrain.pth"
    download.fetch([f"{WEIGHTS}/{model}/{kept.name}"], kept)
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(download.SILENCE)  # the hub itself waits for ever
    try:
        network: nn.Module = FeatureExtractorDinoV2(name, [LAYER]).model
    finally:
        socket.setdefaulttimeout(before)
    return network


def open_dinov2(
    name: str,
    weights: Path | None,
    resize: Resize,
    precision: Precision,
    device: torch.device,
    download: bool,
    fetch: Callable[[str], nn.Module] = fetch_model,
) -> Extractor:
    """A DINOv2 extractor. Raises ZerosumError where the network is not to be had."""
    if weights is not None:
        raise UsageError(f"{name} has no --weights: torch's hub keeps them", "leave --weights out")
    if resize == "none":
        raise UsageError(f"{name} takes images of 224 pixels", "choose --resize tf1 or clean")
    if not download:
        raise ZerosumError(
            f"{name} is only fetched by `zerosum evaluate`", "score the run with that when it ends"
        )
    try:
        model = fetch(name).to(device).eval().requires_grad_(False)
    except (URLError, OSError, RuntimeError) as error:
        raise ZerosumError(
            f"{name} could not be fetched from torch's hub ({error})",
            "try again where the network reaches GitHub and dl.fbaipublicfiles.com: the hub keeps "
            f"code and weights in {torch.hub.get_dir()}; or do without: --extractor=inception",
        ) from error
    kind = torch.bfloat16 if precision == "bf16" else torch.float32
    model = model.to(kind)
    mean, deviation = (
        torch.tensor(each, device=device)[:, None, None] for each in (MEAN, DEVIATION)
    )

    def compute(images: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        large = resized(images.to(device), SIDE, resize) / 255
        with torch.inference_mode():
            found = model(((large - mean) / deviation).to(kind)).float().cpu()
        return dict.fromkeys(layers, found)

    return Extractor(
        name=name,
        layers={LAYER: DIMENSIONS[name]},
        default_layer=LAYER,
        weights=_hash(model),
        resize=resize,
        precision=precision,
        device=device,
        batch=BATCH.get(device.type, 16),
        compute=compute,
    )


def _hash(model: nn.Module) -> str:
    """The first digits of the SHA-256 of all weights: the hub's file is not ours to name."""
    import hashlib

    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:HASH_DIGITS]

"""The Inception network of FID: TensorFlow's of 2015-12-05, in torch-fidelity's translation."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from zerosum.download import Checksum, fetch
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.extractors.extractor import Extractor, Precision, Resize
from zerosum.evaluation.extractors.fusing import folded, fuse
from zerosum.evaluation.extractors.resize import resized
from zerosum.evaluation.extractors.weights import (
    Weights,
    find_weights,
    read_weights,
    weights_folder,
)
from zerosum.weights import MissingWeightsError
from zerosum.weights import Weights as MissingWeights

FILE = "weights-inception-2015-12-05-6726825d.pth"
SHA256 = "6726825d"  # of that file, its beginning
VARIABLE = "ZEROSUM_INCEPTION_WEIGHTS"
SIDE = 299
LOGITS = "logits_unbiased"
STAGES = {
    "64": ("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "MaxPool_1"),
    "192": ("Conv2d_3b_1x1", "Conv2d_4a_3x3", "MaxPool_2"),
    "768": (
        "Mixed_5b", "Mixed_5c", "Mixed_5d",
        "Mixed_6a", "Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e",
    ),
    "2048": ("Mixed_7a", "Mixed_7b", "Mixed_7c"),
}  # fmt: skip
"""The modules up to each layer whose mean over all places is a feature; in order."""
BATCH = {"cpu": 16, "cuda": 256, "mps": 64}


class InceptionFeatures(nn.Module):
    """The network cut at its feature layers, with each batch norm folded into its convolution."""

    def __init__(self, weights: Weights, path: Path) -> None:
        super().__init__()
        network = _torch_fidelity_network(weights, path)
        self.stages = nn.ModuleDict(
            {
                layer: nn.Sequential(*(folded(getattr(network, name)) for name in names))
                for layer, names in STAGES.items()
            }
        )
        self.classes = network.get_parameter("fc.weight")

    def forward(self, images: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Images (n, 3, 299, 299) from −1 to 1 → the asked layers, float32 (n, dimension)."""
        maps, found = images, {}
        last = "2048" if LOGITS in layers else max(layers, key=int)
        for layer, stage in self.stages.items():
            maps = stage(maps)
            found[layer] = maps.float().mean((2, 3))
            if layer == last:
                break
        if LOGITS in layers:
            found[LOGITS] = found["2048"] @ self.classes.float().T
        return {layer: found[layer] for layer in layers}


def open_inception(
    weights: Path | None,
    resize: Resize,
    precision: Precision,
    device: torch.device,
    download: bool,
) -> Extractor:
    """The Inception extractor. Raises ZerosumError that says which weights are wanted and where to
    put them, where there are none."""
    path = find_weights(weights, VARIABLE, FILE) or _downloaded(download)
    if resize == "none":
        raise UsageError("inception takes images of 299 pixels", "choose --resize tf1 or clean")
    read = read_weights(path, SHA256 if path.name == FILE else "")
    kind = torch.bfloat16 if precision == "bf16" else torch.float32
    network = InceptionFeatures(read, path).to(device, kind).to(memory_format=torch.channels_last)
    if device.type == "cpu":
        fuse(network.stages, kind)

    def compute(images: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        large = resized(images.to(device), SIDE, resize)
        with (
            torch.inference_mode(),
            torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False),
        ):
            found = network(large.sub_(128).div_(128).to(kind), layers)
        return {layer: values.cpu() for layer, values in found.items()}

    has_logits = bool(read.tensors["fc.weight"].any())
    dimensions = {layer: int(layer) for layer in STAGES}
    return Extractor(
        name="inception",
        layers=dimensions | ({LOGITS: 1008} if has_logits else {}),
        default_layer="2048",
        logits=LOGITS if has_logits else "",
        weights=read.hash,
        approximate=approximate_layers(read.notes),
        resize=resize,
        precision=precision,
        device=device,
        batch=BATCH.get(device.type, 32),
        compute=compute,
    )


def weights_at_hand() -> Path | None:
    """The weights' file that is found without downloading one; None where there is none."""
    return find_weights(None, VARIABLE, FILE)


def require_weights() -> None:
    """Raise ZerosumError where no file is found without downloading one; it is not read."""
    if weights_at_hand() is None:
        raise _missing()


def how_to_get_weights() -> str:
    """What to do where there are none."""
    return _missing().without_option().remedy


def _missing(problem: str = "") -> MissingWeightsError:
    weights = MissingWeights(
        "Inception",
        weights_folder() / FILE,
        "the releases of toshas/torch-fidelity on GitHub",
        variable=VARIABLE,
        option="--weights",
    )
    return MissingWeightsError(weights, problem)


def approximate_layers(notes: Mapping[str, str]) -> tuple[str, ...]:
    """The layers behind a module that the weights' note `estimated` names ("Mixed_7b.… , …")."""
    estimated = {name.strip().partition(".")[0] for name in notes.get("estimated", "").split(",")}
    behind: list[str] = []
    for layer, names in STAGES.items():
        if behind or estimated & set(names):
            behind.append(layer)
    return (*behind, LOGITS) if behind else ()


def _torch_fidelity_network(weights: Weights, path: Path) -> nn.Module:
    """torch-fidelity's network with these weights. It reads them from a file that torch saved."""
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

    file = io.BytesIO()
    torch.save(dict(weights.tensors), file)
    file.seek(0)
    try:
        network: nn.Module = FeatureExtractorInceptionV3(
            "inception-v3-compat", ["2048"], feature_extractor_weights_path=file
        )
    except RuntimeError as error:
        raise ZerosumError(
            f"{path} does not hold the weights of this network",
            f"give torch-fidelity's {FILE}, or a .safetensors file with the same names",
        ) from error
    return network


def _downloaded(allowed: bool) -> Path:
    """torch-fidelity's own file, fetched now where that is allowed."""
    from torch_fidelity.feature_extractor_inceptionv3 import URL_INCEPTION_V3

    target, problem = weights_folder() / FILE, ""
    if allowed:
        try:
            fetch([URL_INCEPTION_V3], target, Checksum("sha256", SHA256))
            return target
        except OSError as error:
            problem = str(error)
    raise _missing(problem)

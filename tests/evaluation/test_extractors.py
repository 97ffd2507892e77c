"""The feature networks are those whose names they bear, and say what is wrong with weights."""

import copy
import io
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.error import URLError

import numpy as np
import platformdirs
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch_fidelity.feature_extractor_inceptionv3 import (
    BasicConv2d,
    FeatureExtractorInceptionV3,
    InceptionA,
    InceptionB,
    InceptionE_1,
)

from zerosum.data.sources.idx import DIGITS, DIGITS_FOR_TRAINING, read_idx
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.extractors import Extractor, dinov2, open_extractor
from zerosum.evaluation.extractors.digits import FILE as DIGIT_WEIGHTS
from zerosum.evaluation.extractors.fusing import (
    MaxPool,
    folded,
    fuse,
    has_fused_convolutions,
)
from zerosum.evaluation.extractors.inception import (
    FILE,
    LOGITS,
    VARIABLE,
    approximate_layers,
)
from zerosum.evaluation.extractors.weights import read_weights
from zerosum.randomness import random_for
from zerosum.recipe.extractors import AUTO, EXTRACTORS

LAYERS = ("64", "192", "768", "2048")


def noise(*shape: int) -> Tensor:
    pixels = random_for(0, "noise", *shape).integers(0, 256, shape, dtype=np.uint8)
    return torch.from_numpy(pixels)


# ---- Digits ----


@pytest.fixture(scope="module")
def digits() -> Extractor:
    return open_extractor("digits")


@pytest.fixture(scope="module")
def held_out() -> tuple[Tensor, Tensor]:
    """The bundled digits that nothing was trained on, (n, 28, 28, 1) uint8, and their labels."""
    images, labels = (
        torch.from_numpy(read_idx(DIGITS / f"{kind}-ubyte.xz")[DIGITS_FOR_TRAINING:].copy())
        for kind in ("images-idx3", "labels-idx1")
    )
    return images[..., None], labels


def test_the_small_classifier_has_features_and_logits(digits: Extractor) -> None:
    assert digits.layers == {"features": 64, "logits": 10}
    assert (digits.default_layer, digits.logits, digits.resize) == ("features", "logits", "none")
    assert digits.label("features") == "digits" and digits.approximate == ()
    assert digits.label(digits.logits) == f"digits-{digits.logits}"
    assert len(digits.weights) == 12
    found = digits.compute(noise(5, 32, 32, 1), ("features", "logits"))
    assert found["features"].shape == (5, 64) and found["logits"].shape == (5, 10)
    assert found["features"].dtype == torch.float32
    assert list(digits.compute(noise(2, 32, 32, 1), ("features",))) == ["features"]


def test_the_small_classifier_reads_digits_that_it_has_not_seen(
    digits: Extractor, held_out: tuple[Tensor, Tensor]
) -> None:
    images, labels = held_out
    assert len(images) == 2000
    logits = digits.compute(images, ("logits",))["logits"]
    right = (logits.argmax(1) == labels).float().mean()
    assert right >= 0.99


def test_the_digit_weights_are_small() -> None:
    assert DIGIT_WEIGHTS.stat().st_size <= 500_000


def test_digits_without_their_margin_are_the_same(
    digits: Extractor, held_out: tuple[Tensor, Tensor]
) -> None:
    images = held_out[0][:50]
    padded = torch.zeros(50, 32, 32, 1, dtype=torch.uint8)
    padded[:, 2:30, 2:30] = images
    layers = ("features", "logits")
    one, other = digits.compute(images, layers), digits.compute(padded, layers)
    assert all(torch.equal(one[layer], other[layer]) for layer in layers)


@pytest.mark.parametrize("side", [56, 64])
def test_digits_of_other_sizes_are_still_read(
    side: int, digits: Extractor, held_out: tuple[Tensor, Tensor]
) -> None:
    images, labels = held_out[0][:200], held_out[1][:200]
    padded = nn.functional.pad(images, (0, 0, 2, 2, 2, 2))
    large = nn.functional.interpolate(
        padded.permute(0, 3, 1, 2).float(), (side, side), mode="bicubic"
    )
    pixels = large.clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)
    logits = digits.compute(pixels, ("logits",))["logits"]
    assert (logits.argmax(1) == labels).float().mean() > 0.97


def test_colour_is_no_digit(digits: Extractor) -> None:
    with pytest.raises(UsageError, match="takes grey images, and these are in colour") as error:
        digits.compute(noise(2, 32, 32, 3), ("features",))
    assert "--extractor inception" in error.value.remedy


def test_the_small_classifier_takes_no_other_weights_and_no_other_precision(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="weights with it"):
        open_extractor("digits", weights=tmp_path / "other.safetensors")
    with pytest.raises(UsageError, match="float32"):
        open_extractor("digits", precision="bf16")


def test_an_unknown_extractor_gets_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="no extractor 'inceptoin'") as error:
        open_extractor("inceptoin")
    assert "inception" in error.value.remedy
    with pytest.raises(UsageError) as error:
        open_extractor("zebra")
    assert all(name in error.value.remedy for name in EXTRACTORS if name != AUTO)


# ---- Inception, with its weights ----


@pytest.fixture(scope="module")
def inception(inception_weights: Path) -> Extractor:
    return open_extractor("inception", weights=inception_weights)


@pytest.fixture(scope="module")
def weights_pth(inception_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same weights as torch-fidelity wants them: a .pth file of float32 tensors."""
    path = tmp_path_factory.mktemp("weights") / "inception.pth"
    tensors = load_file(inception_weights)
    torch.save({name: tensor.float() for name, tensor in tensors.items()}, path)
    return path


@pytest.fixture
def photos(real_data: Path) -> Tensor:
    """Eight of CIFAR-10's images, (8, 32, 32, 3) uint8."""
    with zipfile.ZipFile(real_data / "cifar10.zip") as archive:
        names = [name for name in archive.namelist() if name.endswith(".png")][::1400][:8]
        images = [np.asarray(Image.open(io.BytesIO(archive.read(name)))) for name in names]
    return torch.from_numpy(np.stack(images))


@pytest.mark.real
def test_inception_has_four_layers_and_its_name_says_how_real_they_are(
    inception: Extractor,
) -> None:
    assert inception.layers == {"64": 64, "192": 192, "768": 768, "2048": 2048}
    assert inception.default_layer == "2048"
    assert inception.label("768") == "inception-768"
    assert inception.label("2048") == "inception-2048-approx"
    assert inception.label("64") == "inception-64"


@pytest.mark.real
def test_weights_whose_last_layer_is_absent_give_no_logits(inception: Extractor) -> None:
    assert inception.logits == "" and LOGITS not in inception.layers


@pytest.mark.real
def test_weights_with_a_last_layer_give_logits(
    weights_pth: Path, photos: Tensor, tmp_path: Path
) -> None:
    tensors = torch.load(weights_pth, weights_only=True)
    last = random_for(0, "last layer").standard_normal((1008, 2048)).astype(np.float32)
    tensors["fc.weight"] = torch.from_numpy(last)
    torch.save(tensors, tmp_path / "full.pth")
    extractor = open_extractor("inception", weights=tmp_path / "full.pth")
    assert extractor.logits == LOGITS and extractor.layers[LOGITS] == 1008
    assert extractor.label("2048") == "inception-2048"  # a .pth file carries no notes
    found = extractor.compute(photos[:2], ("2048", LOGITS))
    wanted = found["2048"] @ torch.from_numpy(last).T
    torch.testing.assert_close(found[LOGITS], wanted, rtol=1e-4, atol=1e-3)


@pytest.mark.real
def test_features_are_those_of_torch_fidelitys_network(
    inception: Extractor, weights_pth: Path, photos: Tensor
) -> None:
    network = FeatureExtractorInceptionV3(
        "inception-v3-compat", list(LAYERS), feature_extractor_weights_path=str(weights_pth)
    )
    wanted = dict(zip(LAYERS, network(photos.permute(0, 3, 1, 2)), strict=True))
    found = inception.compute(photos, LAYERS)
    for layer in LAYERS:
        assert found[layer].shape == (8, int(layer)) and found[layer].dtype == torch.float32
        assert relative_gap(found[layer], wanted[layer]) < 1e-4, layer
        assert found[layer].std() > 0.01


def relative_gap(found: Tensor, wanted: Tensor) -> float:
    """The largest difference of any image's features, by the length of its feature vector."""
    return float(((found - wanted).norm(dim=1) / wanted.norm(dim=1)).max())


@pytest.mark.real
def test_a_pth_file_and_a_safetensors_file_give_the_same_features(
    inception: Extractor, weights_pth: Path, photos: Tensor
) -> None:
    other = open_extractor("inception", weights=weights_pth)
    assert other.weights != inception.weights and len(other.weights) == 12
    one, two = (each.compute(photos[:2], ("768",))["768"] for each in (inception, other))
    assert torch.equal(one, two)


@pytest.mark.real
def test_features_do_not_depend_on_the_other_images_nor_on_how_many(
    inception: Extractor, photos: Tensor
) -> None:
    together = inception.compute(photos, ("768", "2048"))
    others = photos.clone()
    others[3:] = 255 - others[3:]
    beside = inception.compute(others, ("768", "2048"))
    alone = inception.compute(photos[:3], ("768", "2048"))
    for layer in ("768", "2048"):
        assert torch.equal(together[layer][:3], beside[layer][:3])
        assert relative_gap(alone[layer], together[layer][:3]) < 1e-4
        assert relative_gap(beside[layer][3:], together[layer][3:]) > 0.05


@pytest.mark.real
def test_one_layer_is_the_same_alone_and_among_others(inception: Extractor, photos: Tensor) -> None:
    every = inception.compute(photos[:2], LAYERS)
    assert torch.equal(inception.compute(photos[:2], ("192",))["192"], every["192"])
    swapped = inception.compute(photos[:2], ("2048", "64"))
    assert list(swapped) == ["2048", "64"] and torch.equal(swapped["2048"], every["2048"])


@pytest.mark.real
def test_grey_images_are_taken_as_colour(inception: Extractor, photos: Tensor) -> None:
    grey = photos[:2, :, :, :1]
    one = inception.compute(grey, ("192",))["192"]
    assert torch.equal(one, inception.compute(grey.expand(-1, -1, -1, 3), ("192",))["192"])


@pytest.mark.real
def test_half_the_precision_is_close_and_another_resizing_is_not_the_same(
    inception: Extractor, inception_weights: Path, photos: Tensor
) -> None:
    wanted = inception.compute(photos[:3], ("768",))["768"]
    coarse = open_extractor("inception", weights=inception_weights, precision="bf16")
    found = coarse.compute(photos[:3], ("768",))["768"]
    assert found.dtype == torch.float32 and coarse.precision == "bf16"
    assert 0 < relative_gap(found, wanted) < 0.1
    clean = open_extractor("inception", weights=inception_weights, resize="clean")
    assert relative_gap(clean.compute(photos[:3], ("768",))["768"], wanted) > 0.01


@pytest.mark.real
def test_inception_cannot_do_without_resizing(inception_weights: Path) -> None:
    with pytest.raises(UsageError, match="299 pixels"):
        open_extractor("inception", weights=inception_weights, resize="none")


@pytest.mark.real
def test_weights_are_found_where_users_put_them(
    inception_weights: Path, weights_pth: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(inception_weights))
    assert open_extractor("inception").approximate
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setattr(platformdirs, "user_data_path", lambda _: tmp_path)
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / FILE).symlink_to(weights_pth)
    with pytest.raises(ZerosumError, match="is damaged: its SHA-256 begins with"):
        open_extractor("inception")
    monkeypatch.setattr("zerosum.evaluation.extractors.inception.SHA256", "")
    assert not open_extractor("inception").approximate


# ---- Inception, without ----


@pytest.fixture
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without weights; the folder where they would lie."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(platformdirs, "user_data_path", lambda _: tmp_path)
    return tmp_path / "weights"


def test_missing_weights_are_named_with_the_place_where_they_go(no_weights: Path) -> None:
    with pytest.raises(ZerosumError, match="no Inception weights") as error:
        open_extractor("inception")
    for part in (FILE, "torch-fidelity", str(no_weights / FILE), "--weights", VARIABLE):
        assert part in error.value.remedy


def test_a_download_that_fails_says_so_and_names_the_file(
    no_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr("urllib.request.OpenerDirector.open", fail)
    monkeypatch.setattr("zerosum.download.WAIT", 0)
    with pytest.raises(ZerosumError, match="no route to host") as error:
        open_extractor("inception", download=True)
    assert str(no_weights / FILE) in error.value.remedy


def test_nothing_is_downloaded_where_it_is_not_allowed(
    no_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []
    monkeypatch.setattr("urllib.request.OpenerDirector.open", lambda *args, **_: calls.append(args))
    with pytest.raises(ZerosumError):
        open_extractor("inception")
    assert not calls and not no_weights.exists()


def test_weights_that_were_named_and_are_not_there_are_not_replaced_by_others(
    no_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ZerosumError, match="no weights at nowhere") as error:
        open_extractor("inception", weights=Path("nowhere.pth"), download=True)
    assert "--weights" in error.value.remedy
    monkeypatch.setenv(VARIABLE, "elsewhere.pth")
    with pytest.raises(ZerosumError, match="no weights at elsewhere") as error:
        open_extractor("inception", download=True)
    assert VARIABLE in error.value.remedy
    assert not no_weights.exists()


TENSORS = {"layer.weight": torch.arange(6.0).reshape(2, 3), "layer.steps": torch.tensor(7)}


def test_a_pth_file_of_tensors_is_read(tmp_path: Path) -> None:
    torch.save({name: tensor.half() for name, tensor in TENSORS.items()}, tmp_path / "new.pth")
    torch.save(TENSORS, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    for name in ("new.pth", "old.pth"):
        found = read_weights(tmp_path / name)
        assert found.tensors["layer.weight"].dtype == torch.float32
        assert torch.equal(found.tensors["layer.weight"], TENSORS["layer.weight"])
        assert found.notes == {} and len(found.hash) == 12


def test_a_safetensors_file_is_read_with_its_notes(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_file(TENSORS, path, {"estimated": "Mixed_7b.branch_pool.conv"})
    found = read_weights(path)
    assert torch.equal(found.tensors["layer.weight"], TENSORS["layer.weight"])
    assert found.tensors["layer.steps"].dtype == torch.int64
    assert approximate_layers(found.notes) == ("2048", LOGITS)


@pytest.mark.parametrize(
    ("estimated", "layers"),
    [
        ("", ()),
        ("Mixed_7a.branch3x3.conv", ("2048", LOGITS)),
        ("Mixed_7c.x, Mixed_6a.y", ("768", "2048", LOGITS)),
        ("Conv2d_1a_3x3", ("64", "192", "768", "2048", LOGITS)),
    ],
)
def test_a_layer_behind_an_estimated_module_is_approximate(
    estimated: str, layers: tuple[str, ...]
) -> None:
    assert approximate_layers({"estimated": estimated}) == layers


class Harm:
    """Something whose unpickling runs code."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return Path.touch, (self.file,)


@pytest.mark.parametrize("plain", [True, False])
def test_a_pickle_with_code_is_refused_and_the_code_not_run(plain: bool, tmp_path: Path) -> None:
    harmed, path = tmp_path / "harmed", tmp_path / "weights.pth"
    content = {"fc.weight": Harm(harmed)}
    if plain:
        path.write_bytes(pickle.dumps(content, protocol=2))
    else:
        torch.save(content, path)
    with pytest.raises(ZerosumError, match="no file of weights"):
        open_extractor("inception", weights=path)
    assert not harmed.exists()
    pickle.loads(pickle.dumps(content))
    assert harmed.exists()  # so it would have


def cut_in_half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def garbage(_: bytes) -> bytes:
    return b"<html>Not Found</html>" * 50


def emptied(_: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("damage", [cut_in_half, garbage, emptied])
@pytest.mark.parametrize("name", ["weights.pth", "weights.safetensors"])
def test_a_damaged_file_is_refused(
    name: str, damage: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    path = tmp_path / name
    if name.endswith(".pth"):
        torch.save(TENSORS, path)
    else:
        save_file(TENSORS, path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ZerosumError, match="no file of weights") as error:
        open_extractor("inception", weights=path)
    assert str(path) in error.value.what and "torch-fidelity" in error.value.remedy


@pytest.mark.parametrize("content", [TENSORS, {}, [torch.zeros(2)], {"epoch": 3}, torch.zeros(2)])
def test_a_file_of_something_else_is_refused(content: object, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "other.pth")
    with pytest.raises(ZerosumError):
        open_extractor("inception", weights=tmp_path / "other.pth")


# ---- DINOv2 ----


class Mean(nn.Module):
    """In place of a network that only the net has: each channel's mean."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(3))

    def forward(self, images: Tensor) -> Tensor:
        assert images.shape[2:] == (224, 224)
        return images.mean((2, 3)) * self.scale


def test_dinov2_is_only_fetched_where_that_is_allowed() -> None:
    with pytest.raises(ZerosumError, match="dinov2-vit-s-14 is only fetched"):
        open_extractor("dinov2-vit-s-14")


def test_dinov2_that_cannot_be_fetched_says_what_else_there_is() -> None:
    def fail(_: str) -> nn.Module:
        raise URLError("no route to host")

    with pytest.raises(ZerosumError, match="could not be fetched") as error:
        dinov2.open_dinov2(
            "dinov2-vit-s-14", None, "clean", "float32", torch.device("cpu"), True, fail
        )
    assert "--extractor inception" in error.value.remedy


def test_dinov2_sees_images_of_224_pixels_scaled_as_imagenets() -> None:
    extractor = dinov2.open_dinov2(
        "dinov2-vit-b-14", None, "clean", "float32", torch.device("cpu"), True, lambda _: Mean()
    )
    assert extractor.layers == {"dinov2": 768} and extractor.label("dinov2") == "dinov2-vit-b-14"
    white = torch.full((2, 40, 30, 3), 255, dtype=torch.uint8)
    found = extractor.compute(white, ("dinov2",))["dinov2"]
    mean, deviation = torch.tensor(dinov2.MEAN), torch.tensor(dinov2.DEVIATION)
    torch.testing.assert_close(found, ((1 - mean) / deviation).expand(2, 3))


def test_a_label_names_the_layer_only_where_there_are_several(digits: Extractor) -> None:
    several = replace(digits, name="net", layers={"a": 1, "b": 2}, logits="", approximate=("b",))
    assert (several.label("a"), several.label("b")) == ("net-a", "net-b-approx")


# ---- Inception's layers, fused ----


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_fused_layers_give_the_same_bits_as_one_by_one(kind: torch.dtype) -> None:
    torch.manual_seed(0)
    layers = [BasicConv2d(3, 16, kernel_size=3, stride=2), nn.MaxPool2d(kernel_size=3, stride=2)]
    layers += [InceptionA(16, 8), InceptionB(8 + 64 + 64 + 96), InceptionE_1(384 + 96 + 232)]
    plain = folded(nn.Sequential(*layers).eval()).to(kind).to(memory_format=torch.channels_last)
    faster = copy.deepcopy(plain)
    fuse(faster, kind)
    assert any(isinstance(layer, MaxPool) for layer in faster.modules())
    if has_fused_convolutions(kind):
        assert not any(isinstance(layer, BasicConv2d) for layer in faster.modules())
    images = torch.randn(16, 3, 78, 80).to(kind, memory_format=torch.channels_last)
    with torch.inference_mode():
        assert torch.equal(faster(images), plain(images))

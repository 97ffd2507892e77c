"""The players that restore pictures."""

from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest
import torch
from torch import Tensor, nn

from zerosum.errors import UsageError, ZerosumError
from zerosum.networks.attention import SelfAttention
from zerosum.networks.build import build_discriminator, build_generator
from zerosum.networks.imagenet import imagenet_features, load_imagenet_encoder, weights_path
from zerosum.networks.unet import Enlarge, UNet
from zerosum.recipe.load import load_recipe
from zerosum.recipe.settings import Recipe

SMALL: dict[str, object] = {"width": 4, "data.resolution": 32, "network.generator.attention": 8}


def recipe(**fields: object) -> Recipe:
    return load_recipe(
        "restore", SMALL | {name.replace("__", "."): v for name, v in fields.items()}
    )


def unet(settings: Recipe) -> UNet:
    network = build_generator(settings).eval()
    assert isinstance(network, UNet)
    return network


def pictures(*shape: int) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0)) * 2 - 1


@pytest.mark.parametrize("encoder", ["small", "resnet34"])
@pytest.mark.parametrize("channels", [1, 3])
def test_it_takes_pictures_of_any_multiple_of_its_grid(encoder: str, channels: int) -> None:
    network = unet(recipe(network__generator__encoder=encoder, data__channels=channels))
    assert network.multiple == 32
    for height, width in ((32, 32), (64, 96)):
        given = pictures(2, channels, height, width)
        assert network(given).shape == given.shape


@pytest.mark.parametrize("norm", ["batch", "weight", "none"])
def test_it_begins_by_changing_next_to_nothing(norm: str) -> None:
    network = unet(recipe(network__generator__norm=norm)).train()
    given = pictures(4, 3, 32, 32)
    difference = (network(given) - given).detach().abs()
    assert 0 < float(difference.max()) < 0.2


def test_what_an_enlargement_makes_of_one_pixel_begins_without_a_checkerboard() -> None:
    network = unet(recipe())
    layers = [layer for layer in network.modules() if isinstance(layer, Enlarge)]
    assert len(layers) == 3
    for layer in layers:
        maps = pictures(1, layer.convolution.in_channels, 5, 5)
        shuffled = torch.pixel_shuffle(layer.convolution(maps), 2)
        blocks = shuffled.unfold(2, 2, 2).unfold(3, 2, 2).flatten(-2)
        torch.testing.assert_close(blocks, blocks[..., :1].expand_as(blocks))


@pytest.mark.parametrize("attention", [0, 8])
def test_no_pixel_changes_one_beyond_the_reach(attention: int) -> None:
    network = unet(recipe(network__generator__attention=attention))
    for layer in network.modules():
        if isinstance(layer, SelfAttention):
            nn.init.constant_(layer.factor, 1.0)
    side = 256
    given = pictures(1, 3, side, side).requires_grad_()
    middle = side // 2
    network(given)[0, :, middle, middle].sum().backward()
    assert given.grad is not None
    touched = given.grad[0].abs().sum(0).nonzero() - middle
    assert int(touched.abs().max()) <= network.reach
    assert int(touched.abs().max()) > 16


def test_attention_of_a_map_of_its_window_is_over_the_whole_map() -> None:
    layer = SelfAttention(16, 6)
    nn.init.constant_(layer.factor, 0.5)
    maps = pictures(2, 16, 6, 6)
    query, key, value = (part(maps).flatten(2) for part in (layer.query, layer.key, layer.value))
    weights = (query.transpose(1, 2) @ key / query.shape[1] ** 0.5).softmax(-1)
    found = (value @ weights.transpose(1, 2)).view_as(maps)
    torch.testing.assert_close(layer(maps), maps + 0.5 * found)


def test_attention_of_a_larger_map_is_that_of_each_window_by_itself() -> None:
    layer = SelfAttention(8, 4)
    nn.init.constant_(layer.factor, 1.0)
    maps = pictures(2, 8, 8, 12)
    whole = layer(maps)
    for top in (0, 4):
        for left in (0, 4, 8):
            window = (..., slice(top, top + 4), slice(left, left + 4))
            torch.testing.assert_close(whole[window], layer(maps[window]))


def test_the_critic_is_fastais() -> None:
    critic = build_discriminator(load_recipe("restore", {"width": 8}))
    convolutions = [layer for layer in critic.modules() if isinstance(layer, nn.Conv2d)]
    assert [c.out_channels for c in convolutions if c.kernel_size == (4, 4)] == [8, 32, 64, 128, 1]
    assert sum(isinstance(layer, SelfAttention) for layer in critic.modules()) == 1
    dropped = [layer.p for layer in critic.modules() if isinstance(layer, nn.Dropout2d)]
    assert dropped == [0.075, 0.15, 0.15, 0.15]
    assert all(hasattr(layer, "parametrizations") for layer in convolutions)


@pytest.mark.parametrize("norm", ["weight", "spectral"])
def test_a_norm_of_the_weights_spares_the_last_layer_and_the_resnet(norm: str) -> None:
    network = unet(recipe(network__generator__encoder="resnet34", network__generator__norm=norm))
    with_norm = [n for n, layer in network.named_modules() if hasattr(layer, "parametrizations")]
    assert with_norm
    assert not [n for n in with_norm if n.startswith("encoder") or n == "correction"]


@pytest.fixture
def torch_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    yield tmp_path


def without_network(*_: object, **__: object) -> None:
    raise URLError("no route to host")


def test_weights_that_cannot_be_had_are_one_clear_line(
    torch_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("urllib.request.OpenerDirector.open", without_network)
    monkeypatch.setattr("zerosum.download.WAIT", 0)
    network = unet(recipe(network__generator__encoder="resnet34", network__pretrained=True))
    with pytest.raises(ZerosumError) as caught:
        load_imagenet_encoder(network)
    assert "could not be downloaded (download.pytorch.org: no route to host)" in caught.value.what
    assert str(torch_home) in caught.value.remedy
    assert "--network.pretrained no" in caught.value.remedy


def test_a_file_that_holds_other_things_is_one_clear_line(torch_home: Path) -> None:
    weights_path().parent.mkdir(parents=True)
    weights_path().write_bytes(b"no weights")
    with pytest.raises(ZerosumError, match="is not torchvision's file"):
        imagenet_features()
    torch.save({"conv1.weight": torch.zeros(1)}, weights_path())
    with pytest.raises(ZerosumError, match="is not torchvision's file"):
        imagenet_features()
    assert torch_home in weights_path().parents


def test_weights_on_disk_become_the_encoders(
    torch_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torchvision.models import resnet34

    whole = resnet34(weights=None)
    weights_path().parent.mkdir(parents=True)
    torch.save(whole.state_dict(), weights_path())
    network = unet(recipe(network__generator__encoder="resnet34", network__pretrained=True))
    with pytest.raises(ZerosumError, match="is not torchvision's file"):
        load_imagenet_encoder(network)  # its name says another SHA-256
    monkeypatch.setattr("zerosum.networks.imagenet.checksum", lambda _: "b627a593")
    load_imagenet_encoder(network)
    whole.eval()
    given = pictures(2, 3, 32, 32)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    spread = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    maps = whole.relu(whole.bn1(whole.conv1(((given + 1) / 2 - mean) / spread)))
    torch.testing.assert_close(network.encoder(given)[0], maps)
    deepest = whole.layer3(whole.layer2(whole.layer1(whole.maxpool(maps))))
    torch.testing.assert_close(network.encoder(given)[-1], deepest, rtol=1e-3, atol=1e-4)
    assert torch_home in weights_path().parents


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"damage.shrink": 0, "damage.number": 0, "damage.jpeg": 0}, "undoes damage"),
        ({"damage.grey": 1, "data.channels": 1}, "takes colours away"),
        ({"network.generator.norm": "instance"}, "would depend on the size"),
        ({"network.generator.attention": 8}, "side of none of the feature maps"),
        ({"network.pretrained": True}, "is for network.generator.encoder = 'resnet34'"),
        ({"objective.loss": "hinge"}, "compares a cross-entropy"),
        ({"objective.pixel_weight": 0}, "needs objective.pixel_weight above 0"),
        ({"network.kind": "dcgan"}, "is for network.kind = 'unet'"),
        ({"data.resolution": 16}, "squares of 32, 64, 128 or 256 pixels"),
        ({"data.resolution": "64x96"}, "restores pictures of any shape"),
        ({"damage.jpeg_quality": (70, 10)}, "two rising numbers from 1 to 95"),
    ],
)
def test_settings_that_make_no_sense_together_are_refused(
    fields: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        load_recipe("restore", fields)
    assert message in caught.value.what
    assert caught.value.remedy

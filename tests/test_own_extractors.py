"""Feature networks of the user's own, from a Python file."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.models import ResNet18_Weights, resnet18

import zerosum
from tests.in_process import run_command
from tests.test_parts import TINY, examples, train
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.extractors import Extractor, OwnExtractors, open_extractor
from zerosum.recipe.load import load_recipe

pytestmark = pytest.mark.usefixtures("own_parts")

HEAD = """\
import torch
from torch import nn

import zerosum


@zerosum.extractor("mine")
def mine():
"""
SMALL = HEAD + "    return nn.Sequential(nn.Flatten(), nn.LazyLinear(5))\n"
DIGITS = (
    HEAD.replace('("mine")', '("mine", files=[])')
    + """\
    from zerosum.evaluation.extractors.digits import FILE, prepared
    from zerosum.evaluation.extractors.small_classifier import SmallClassifier
    from zerosum.evaluation.extractors.weights import read_weights

    network = SmallClassifier().eval()
    network.load_state_dict(dict(read_weights(FILE).tensors), strict=False)
    return lambda images: network(prepared((255 * images).round().permute(0, 2, 3, 1)))[0]
"""
)


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a feature network, beside which commands are given."""
    monkeypatch.setattr("zerosum.api_run.write_charts", lambda _run: [])
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "mine.py"
    file.write_text(SMALL)
    return file


def opened(shape: tuple[int, int, int] = (8, 8, 1)) -> Extractor:
    """The network of that file."""
    recipe = load_recipe("digits", {"with": "mine.py", "evaluation.extractor": "mine"})
    return open_extractor("mine", own=OwnExtractors(recipe.parts.extractors, shape))


def features(extractor: Extractor, shape: tuple[int, int, int] = (8, 8, 1)) -> torch.Tensor:
    """Those of three images."""
    images = torch.arange(3 * 8 * 8 * shape[2]).reshape(3, *shape).to(torch.uint8)
    return extractor.compute(images, [extractor.default_layer])[extractor.default_layer]


def test_own_features_are_those_of_the_same_network_of_zerosum(mine: Path) -> None:
    mine.write_text(DIGITS)
    torch.testing.assert_close(features(opened()), features(open_extractor("digits")))


def test_images_are_scored_in_the_features_of_the_file_that_is_named(mine: Path) -> None:
    Path("real").mkdir()
    for number in range(20):
        Image.effect_noise((8, 8), 60).save(f"real/{number}.png")
    images = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 1), np.uint8)
    score = partial(
        zerosum.evaluate, images, "real", scores="kid", extractor="mine", device="cpu", quiet=True
    )
    told = score(parts=mine).protocol
    assert told.extractor == "mine" and told.own_extractor.startswith("mine.py (sha256 ")
    with pytest.raises(UsageError, match="no extractor 'mine'"):
        score()


def test_a_training_is_scored_in_own_features_and_evaluate_without_the_file(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given: Mapping[str, object] = {
        **TINY, "with": "mine.py", "evaluation.extractor": "mine", "evaluation.images": 20,
        "evaluation.scores": ("kid",), "evaluation.decides": "kid",
    }  # fmt: skip
    run = train("run", given)
    assert run.folder.scores()[-1].protocol["extractor"] == "mine"
    mine.unlink()
    words = ("evaluate", "run", "--images", "20", "--extractor", "mine", "--device", "cpu")
    assert run_command(*words) == 0
    assert "features   mine of mine.py (sha256 " in capsys.readouterr().out
    line, later = run.folder.scores()
    assert later.protocol["weights"] == line.protocol["weights"]
    assert later.value("kid") == line.value("kid")
    other = train("other", {})
    with pytest.raises(UsageError, match="'mine' is from a file that not all of these were"):
        zerosum.compare([run, other], again=True, quiet=True)
    Path("made").mkdir()
    Image.new("L", (8, 8)).save("made/1.png")
    with pytest.raises(UsageError, match="that run keeps, and made came with none") as raised:
        zerosum.compare([run, "made"], again=True, quiet=True)
    assert "zerosum evaluate FOLDER --against DATA --extractor mine" in raised.value.remedy


OF_A_MODULE = (
    HEAD + "    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 5))\n"
    "    network[1].weight.data = torch.load('weights/5.pt').T\n    return network\n"
)
OF_A_FUNCTION = (
    HEAD + "    weights = torch.load('weights/5.pt')\n"
    "    return lambda images: images.flatten(1) @ weights\n"
)


@pytest.mark.parametrize("changed", ["text", "weights"])
@pytest.mark.parametrize(
    "text",
    [
        OF_A_MODULE,
        OF_A_FUNCTION.replace('"mine"', '"mine", files=["weights/5.pt"]'),
        OF_A_FUNCTION.replace('"mine"', '"mine", files=["weights"]'),
    ],
    ids=["a module", "a file", "a folder"],
)
def test_another_text_or_other_weights_are_other_features(
    mine: Path, text: str, changed: str
) -> None:
    Path("weights").mkdir()
    torch.save(torch.ones(64, 5), "weights/5.pt")
    mine.write_text(text)
    first = opened()
    assert opened().weights == first.weights
    if changed == "text":
        mine.write_text(mine.read_text() + "# Another.\n")
    else:
        torch.save(torch.zeros(64, 5), "weights/5.pt")
    assert opened().weights != first.weights


def test_a_file_that_is_named_and_not_there_is_told(mine: Path) -> None:
    mine.write_text(DIGITS.replace("files=[]", "files=['5.pt']"))
    with pytest.raises(ZerosumError, match=r"5\.pt cannot be read") as raised:
        opened()
    assert "put it there" in raised.value.remedy


def test_what_a_module_keeps_beside_its_weights_is_let_be(mine: Path) -> None:
    mine.write_text(
        HEAD + "    class Net(nn.Linear):\n"
        "        def get_extra_state(self):\n            return {'made': 2026}\n\n"
        "    return nn.Sequential(nn.Flatten(), Net(64, 5))\n"
    )
    assert opened().layers == {"features": 5}


def test_random_weights_are_the_same_each_time_and_nothing_is_dropped(mine: Path) -> None:
    mine.write_text(SMALL.replace("(5)", "(9), nn.BatchNorm1d(9), nn.Dropout()"))
    one, other = features(opened()), features(opened())
    assert torch.equal(one, other) and one.dtype == torch.float32 and one.shape == (3, 9)


def test_the_networks_of_the_docs_give_features(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        ResNet18_Weights, "get_state_dict", lambda *_args, **_words: resnet18().state_dict()
    )
    module, function = [each for each in examples() if "@zerosum.extractor" in each]
    mine.write_text(module.replace('"resnet18"', '"mine"'))
    for shape in ((8, 8, 1), (8, 8, 3)):
        assert features(opened(shape), shape).shape == (3, 512)
    torch.save(torch.ones(64, 5), "directions.pt")
    mine.write_text(function.replace('"directions"', '"mine"'))
    assert features(opened()).shape == (3, 5)


def test_what_is_wrong_is_said_before_a_run_begins(mine: Path) -> None:
    mine.write_text(HEAD + "    return nn.Conv2d(1, 4, 3)\n")
    given = {"with": "mine.py", "evaluation.extractor": "mine", "evaluation.images": 20}
    with pytest.raises(ZerosumError, match=r"mine\.py, line 7: mine makes .* of shape \(2, 4, 30"):
        train("run", given)
    assert not Path("run").exists()


WRONG = {
    "parameters": ("    return 1", "mine(device) names 'device'"),
    "a name of ours": ("    return 1", "extractor 'digits': zerosum has one of that name"),
    "no function": ("    return 1", "line 7: mine gives int"),
    "raises": ("    return nn.Lineer(3)", "mine.py, line 9: AttributeError"),
    "raises in torch": ("    return nn.Conv2d(3, 4, 3)", "mine.py, line 7: RuntimeError"),
    "no tensor": ("    return lambda images: images.mean((1, 2, 3)).numpy()", "makes float32 of"),
    "no numbers": ("    return lambda images: images.flatten(1)[:, :0]", "float32 of shape (2, 0)"),
    "complex": ("    return lambda images: images.flatten(1) * 1j", "makes torch.complex64 of"),
    "of another dimension": (
        "    return lambda images: images.flatten(1)[:, : 1 + len(images)]",
        "line 7: RuntimeError",
    ),
    "a layer without its size": (
        "    class Net(nn.Module):\n"
        "        def __init__(self):\n"
        "            super().__init__()\n"
        "            self.unused = nn.LazyLinear(3)\n\n"
        "        def forward(self, images):\n"
        "            return images.flatten(1)\n\n"
        "    return Net()",
        "line 7: ",
    ),
    "weights that nobody sees": (
        "    weights = torch.ones(64, 3)\n    return lambda images: images.flatten(1) @ weights",
        "line 7: mine gives a function, whose",
    ),
    "a module without weights": ("    return nn.Flatten()", "line 7: mine gives a module without"),
    "not finite": ("    return lambda images: images.flatten(1) / 0", "that are not finite"),
    "of a batch": (
        "    return lambda images: images.flatten(1) - images.mean()",
        "gives an image other features alone than beside another one",
    ),
    "random": ("    return lambda images: torch.rand(len(images), 3)", "other features alone"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_in_a_feature_network_is_said_with_its_line(mine: Path, case: str) -> None:
    body, expected = WRONG[case]
    text = HEAD + body + "\n"
    if case == "parameters":
        text = text.replace("mine()", "mine(device)")
    if case == "a name of ours":
        text = text.replace('"mine"', '"digits"')
    mine.write_text(text)
    with pytest.raises(ZerosumError) as raised:
        opened()
    assert expected in raised.value.what


@pytest.mark.usefixtures("mine")
def test_options_of_our_networks_are_refused() -> None:
    own = OwnExtractors(load_recipe("digits", {"with": "mine.py"}).parts.extractors, (8, 8, 1))
    with pytest.raises(UsageError, match="its weights from its own file"):
        open_extractor("mine", own=own, weights=Path("other.pt"))
    with pytest.raises(UsageError, match="computes as its own file says"):
        open_extractor("mine", own=own, precision="bf16")

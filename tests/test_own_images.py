"""Image sets of the user's own, from a Python file."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import zerosum
from tests.in_process import run_command
from tests.studies.tiny import tiny_study
from tests.test_parts import CPU, TINY, examples
from zerosum.data import PackedData, open_data
from zerosum.errors import ZerosumError
from zerosum.recipe.load import load_recipe
from zerosum.studies.attempt import Means, next_command
from zerosum.studies.begin import begin_study
from zerosum.studies.cells import cells_of
from zerosum.studies.folder import StudyFolder
from zerosum.studies.own_parts import with_texts

pytestmark = pytest.mark.usefixtures("own_parts")

HEAD = """\
import numpy as np
from PIL import Image

import zerosum


@zerosum.images("mine")
def mine():
"""
NOISE = """\
    draw = np.random.default_rng(3)
    for number in range(24):
        image = draw.integers(0, 256, (16, 16), np.uint8)
        yield [image, "abab"[number // 6], "test" if number < 12 else "train"]
"""
SPLITS = ("test", "a"), ("test", "b"), ("train", "a"), ("train", "b")
"""Of each six of these images, with their class."""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with an image set, beside which commands are given."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "mine.py"
    file.write_text(HEAD + NOISE)
    return file


def opened(source: str = "mine") -> PackedData:
    """The images that a recipe with that file names."""
    given = {"with": "mine.py", "data.source": source, "data.resolution": 16}
    recipe = load_recipe("digits", given)
    return open_data(recipe.data, 0, own=recipe.parts.image_sets)


@pytest.mark.usefixtures("mine")
def test_an_image_set_is_packed_as_the_same_images_in_folders_are() -> None:
    draw = np.random.default_rng(3)
    for number in range(24):
        (folder := Path("folder", *SPLITS[number // 6])).mkdir(parents=True, exist_ok=True)
        image = draw.integers(0, 256, (16, 16), np.uint8)
        Image.fromarray(image).save(folder / f"{number:02d}.png")
    own = opened()
    assert own.fingerprint == opened("folder").fingerprint
    assert own.train.class_names == ("a", "b") and own.test_split


def test_another_text_and_other_files_make_another_pack(mine: Path) -> None:
    Path("data.bin").write_bytes(b"12")
    text = mine.read_text().replace('"mine"', '"mine", files=["data.bin"]')
    mine.write_text(text.replace("(3)", "(len(open('data.bin').read()))"))
    first = opened().fingerprint
    assert opened().fingerprint == first
    Path("data.bin").write_bytes(b"1234")
    second = opened().fingerprint
    mine.write_text(mine.read_text().replace("256", "200"))
    assert len({first, second, opened().fingerprint}) == 3


def test_images_are_listed_anew_where_a_file_gives_more_of_them(mine: Path) -> None:
    Path("count").write_text("3")
    text = mine.read_text().replace('"mine"', '"mine", files=["count"]')
    mine.write_text(text.replace("range(24)", "range(int(open('count').read()))"))
    assert len(opened().all) == 3
    Path("count").write_text("12")
    assert len(opened().all) == 12


def test_a_run_has_its_images_where_the_files_of_the_set_are_not(mine: Path) -> None:
    Path("count").write_text("12")
    mine.write_text(mine.read_text().replace('"mine"', '"mine", files=["count"]'))
    recipe = load_recipe("digits", {"with": "mine.py", "data.source": "mine"})
    own, packed = recipe.parts.image_sets, open_data(recipe.data, 0, own=recipe.parts.image_sets)
    Path("count").unlink()
    of_a_run = recipe.data.model_copy(update={"fingerprint": packed.fingerprint})
    assert open_data(of_a_run, 0, own=own).fingerprint == packed.fingerprint
    for other in (recipe.data, of_a_run.model_copy(update={"channels": 3})):
        with pytest.raises(ZerosumError) as raised:
            open_data(other, 0, own=own)
        assert str(Path("count").absolute()) in raised.value.what


def test_a_data_set_of_torch_is_an_image_set(mine: Path) -> None:
    body = """\
    import torch

    images = torch.arange(6 * 256, dtype=torch.uint8).reshape(6, 16, 16)
    return torch.utils.data.TensorDataset(images, torch.arange(6) % 2)
"""
    mine.write_text(HEAD + body)
    data = opened()
    assert np.array_equal(data.all.pixels[5].ravel(), np.arange(256))
    assert data.all.labels is not None and data.all.labels.tolist() == [0, 1] * 3


def test_pictures_of_pillow_are_read_as_their_files_would_be(mine: Path) -> None:
    deep = np.arange(256, dtype=np.uint16).reshape(16, 16) * 257
    Image.fromarray(deep).save("deep.png")
    turned = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16))
    turned.getexif()[0x0112] = 6
    turned.save("turned.png", exif=turned.getexif())
    mine.write_text(
        HEAD + "    for name in ('deep.png', 'turned.png') * 3:\n        yield Image.open(name)\n"
    )
    Path("folder").mkdir()
    for number in range(3):
        for name in ("deep.png", "turned.png"):
            Path("folder", f"{number}-{name}").write_bytes(Path(name).read_bytes())
    own, files = opened(), opened("folder")
    assert own.fingerprint == files.fingerprint and own.deep


def test_the_image_set_of_the_docs_trains_and_is_scored_against_without_the_file(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [text] = [each for each in examples() if "@zerosum.images" in each]
    mine.write_text(text)
    draw = np.random.default_rng(0)
    faces = draw.integers(0, 256, (80, 32, 32), np.uint8)
    np.savez("faces.npz", faces=faces, people=np.arange(80) % 4)
    given = {**TINY, "with": "mine.py"}
    run = zerosum.train("digits", "faces", "run", overrides=given, devices=CPU, quiet=True)
    assert 'source = "faces"' in (run.path / "recipe.toml").read_text()
    mine.unlink()
    words = ("evaluate", "run", "--against", "faces", "--split", "train", "--scores", "precision")
    assert run_command(*words, "--images", "10", "--extractor", "digits", "--device", "cpu") == 0
    assert "64 images of faces (train)" in capsys.readouterr().out


def test_cells_of_a_study_train_on_the_set_of_its_file(mine: Path) -> None:
    study = with_texts(tiny_study(grid={}, data=("mine",), settings={"with": str(mine)}))
    folder = StudyFolder(mine.parent / "study")
    begin_study(folder, study, "")
    [cell] = cells_of(folder.study())
    words = next_command(folder, cell, Means(1))
    assert words[words.index("--data") + 1] == "mine"


OK = "np.zeros((16, 16), np.uint8)"
WRONG = {
    "it has parameters": ("", "mine(root) names 'root'"),
    "one of ours": ("", "image set 'digits': zerosum has one of that name"),
    "no images": ("    return 5", "line 7: mine gives int"),
    "none": ("    return []", "line 7: mine gives no images"),
    "floats": ("    yield np.zeros((3, 16, 16))", "gives image 0 as float64 of shape (3, 16, 16)"),
    "a dict": ("    return {'train': []}", "line 7: mine gives a dict"),
    "dicts": ("    yield {'image': 0}", "gives image 0 as a dict"),
    "too small": ("    yield np.zeros((4, 9), np.uint8)", "image 0, which is no use: too small"),
    "raises": (f"    yield {OK}\n    yield 1 / 0", "mine.py, line 10: ZeroDivisionError"),
    "label": (f"    yield {OK}, 0.5", "gives image 0 with the label 0.5"),
    "split": (f"    yield {OK}, 3, 'val'", "gives image 0 in the split 'val'"),
    "cut short": ("    yield Image.open('cut.png')", "gives image 0, which cannot be read"),
    "random": (
        f"    yield {OK}, int(np.random.default_rng().integers(10**9))",
        "gives another image 0 when it is called again",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_an_image_set_is_said_with_its_line(mine: Path, case: str) -> None:
    body, expected = WRONG[case]
    text = HEAD + (body or NOISE) + "\n"
    if case == "it has parameters":
        text = text.replace("mine()", "mine(root)")
    if case == "one of ours":
        text = text.replace('"mine"', '"digits"')
    mine.write_text(text)
    Image.effect_noise((32, 32), 50).save("whole.png")
    Path("cut.png").write_bytes(Path("whole.png").read_bytes()[:400])
    with pytest.raises(ZerosumError) as raised:
        opened()
    assert expected in raised.value.what
    assert ("put the channels last" in raised.value.remedy) == (case == "floats")


@pytest.mark.usefixtures("mine")
def test_a_recipe_without_the_file_has_no_set_of_that_name() -> None:
    opened()
    recipe = load_recipe("digits", {"data.source": "mine"})
    with pytest.raises(ZerosumError, match="there is nothing at mine"):
        open_data(recipe.data, 0, own=recipe.parts.image_sets)
    with pytest.raises(ZerosumError, match="there is nothing at mine"):
        zerosum.evaluate(np.zeros((20, 16, 16, 1), np.uint8), "mine", quiet=True)

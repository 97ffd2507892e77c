"""`zerosum map`: a picture of both sides, or what the digit classifier says of one image."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.scored_runs import output, pictures_of_noise, refusal, run_on
from zerosum.analysis import plane as planes
from zerosum.data.sources.idx import DIGITS, DIGITS_FOR_TRAINING, read_idx
from zerosum.errors import UsageError, ZerosumError
from zerosum.records.run import RunFolder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Grey, of 16 pixels."""
    folder = tmp_path_factory.mktemp("map")
    return run_on(pictures_of_noise(folder / "pictures", 60), folder / "run")


@pytest.fixture(scope="module")
def seven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a handwritten 7, in colour, as scans are."""
    images, labels = (
        read_idx(DIGITS / f"{kind}-ubyte.xz")[DIGITS_FOR_TRAINING:]
        for kind in ("images-idx3", "labels-idx1")
    )
    path = tmp_path_factory.mktemp("file") / "my seven.png"
    Image.fromarray(images[np.flatnonzero(labels == 7)[0]]).convert("RGB").save(path)
    return path


def test_real_and_generated_images_are_drawn(run: RunFolder) -> None:
    lines = output("map", run.path, "--images", 30, "--extractor", "digits")
    assert lines == [str(run.charts / "map.png")]
    with Image.open(run.charts / "map.png") as picture:
        colours = {colour for _, colour in picture.convert("RGB").getcolors(1 << 20)}  # type: ignore[union-attr]
    assert (217, 95, 2) in colours  # rings of real images


def test_a_map_of_few_images_does_not_replace_one_of_many(run: RunFolder) -> None:
    output("map", run.path, "--images", 30, "--extractor", "digits")
    before = (run.charts / "map.png").read_bytes()
    (few,) = output("map", run.path, "--images", 12, "--extractor", "digits")
    assert few == str(run.charts / "map-000200000-last-12-seed-0-digits.png")
    assert (run.charts / "map.png").read_bytes() == before


def test_one_picture_of_the_run_gets_probabilities(run: RunFolder) -> None:
    *chances, path = output("map", run.path, "--image", 3)
    assert len(chances) == 3 and all(re.fullmatch(r"\d  \d+\.\d%", line) for line in chances)
    assert path == str(run.charts / "probabilities-3.png") and Path(path).is_file()


def test_a_file_gets_probabilities(run: RunFolder, seven: Path, tmp_path: Path) -> None:
    out = tmp_path / "seven.png"
    lines = output("map", run.path, "--image", seven, "--out", out)
    assert re.fullmatch(r"7  9\d\.\d%", lines[0]) and lines[-1] == str(out)
    assert out.read_bytes().startswith(b"\x89PNG")


def test_umap_that_is_not_installed_is_told_before_any_features(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planes, "find_spec", lambda _name: None)
    # No --extractor: looking for Inception's weights would be another error.
    error = refusal("map", run.path, "--method", "umap")
    assert "umap-learn" in error.what and "zerosum[umap]" in error.remedy
    assert not isinstance(error, UsageError)


@pytest.mark.parametrize(
    ("image", "reason"),
    [("nowhere.png", "No such file"), ("-3", "No such file"), ("notes.txt", "cannot identify")],
)
def test_what_is_neither_number_nor_file_is_refused(
    image: str, reason: str, run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    monkeypatch.chdir(tmp_path)
    error = refusal("map", run.path, "--image", image)
    assert isinstance(error, UsageError)
    assert f"{image} is neither a picture number nor an image file ({reason}" in error.what
    assert "--image 0" in error.remedy


@pytest.mark.parametrize("words", [[], ["--image", "0"]])
def test_a_wrong_ending_is_refused(words: list[str], run: RunFolder) -> None:
    error = refusal("map", run.path, *words, "--out", "map.svg")
    assert isinstance(error, UsageError) and "map.svg does not end in .png" in error.what


def test_pictures_in_colour_are_no_digits(tmp_path: Path) -> None:
    pictures = pictures_of_noise(tmp_path / "pictures", 30, channels=3)
    run = run_on(pictures, tmp_path / "run", data_channels=3)
    error = refusal("map", run.path, "--image", 0)
    assert "in colour" in error.what and "zerosum modes RUN" in error.remedy


def test_a_run_that_is_missing_is_named_and_not_made(tmp_path: Path, seven: Path) -> None:
    missing = tmp_path / "missing"
    for words in ([], ["--image", seven], ["--image", 0]):
        error = refusal("map", missing, *words)
        assert isinstance(error, ZerosumError) and "there is no run at" in error.what
    assert not missing.exists()

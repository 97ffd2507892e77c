"""`zerosum neighbours`: the verdict first, then the numbers, the picture and the JSON."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.scored_runs import output, pictures_of_noise, refusal, run_on
from zerosum.errors import UsageError
from zerosum.records.run import RunFolder

FEW = ("--images", 40, "--extractor", "digits", "--device", "cpu")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Trained on 80 grey pictures, with 40 more held out."""
    folder = tmp_path_factory.mktemp("neighbours")
    pictures = pictures_of_noise(folder / "pictures", 120)
    return run_on(pictures, folder / "run", data_validation=1 / 3)


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        assert np.asarray(image.convert("L")).std() > 10
        return image.size


def test_the_verdict_comes_first_and_picture_and_numbers_are_written(run: RunFolder) -> None:
    lines = output("neighbours", run.path, *FEW, "--n", 2, "--neighbours", 3)
    picture, numbers = run.charts / "neighbours.png", run.path / "neighbours.json"
    assert lines[-2:] == [str(picture), str(numbers)]
    told = json.loads(numbers.read_text())
    assert lines[0] == told["verdict"]
    assert (told["generated"], told["training"], told["held_out"]) == (40, 80, 40)
    assert (told["space"], told["checkpoint"], told["seed"]) == ("digits", "000200000", 0)
    own, usual = (
        told["distances"][of]["median"] for of in ("generated to training", "held out to training")
    )
    assert lines[1] == (
        f"  nearest training image: {own:.3g} away in the median, {usual:.3g} for held-out images "
        "(features of digits)"
    )
    assert len(lines) == 4, "the numbers are in the file"
    assert told["copies"]["held out"]["of"] == 40 and told["copies"]["training"]["of"] == 80
    small = size_of(picture)
    output("neighbours", run.path, *FEW, "--n", 3, "--neighbours", 7)
    assert all(large > little for large, little in zip(size_of(picture), small, strict=True))


def test_a_search_of_few_images_does_not_replace_one_of_many(run: RunFolder) -> None:
    output("neighbours", run.path, *FEW, "--n", 1)
    written = output("neighbours", run.path, *FEW[2:], "--images", 12, "--n", 1)[-1]
    assert written == str(run.path / "neighbours-000200000-last-12-seed-0-digits.json")
    assert json.loads((run.path / "neighbours.json").read_text())["generated"] == 40
    assert json.loads(Path(written).read_text())["generated"] == 12


def test_distances_of_pixels_have_files_of_their_own(run: RunFolder, tmp_path: Path) -> None:
    lines = output("neighbours", run.path, "--images", 20, "--n", 1, "--pixels")
    told = json.loads((run.path / "neighbours-pixels.json").read_text())
    assert told["space"] == "pixels" and lines[1].endswith(" (pixels)")
    assert (run.charts / "neighbours-pixels.png").is_file()
    # 256 pixels from 0 to 1 are no further than 16 from each other.
    assert 0 < told["distances"]["generated to training"]["median"] < 16
    other = tmp_path / "pictures" / "other.PNG"
    assert str(other) in output(
        "neighbours", run.path, "--images", 20, "--n", 1, "--pixels", "--out", other
    )
    assert other.is_file()


def test_a_run_that_held_nothing_out_is_compared_with_training_images(tmp_path: Path) -> None:
    pictures = pictures_of_noise(tmp_path / "pictures", 30)
    run = run_on(pictures, tmp_path / "run", data_validation=0.0)
    lines = output("neighbours", run.path, *FEW, "--n", 1, "--neighbours", 2)
    assert lines[0].endswith("as against 0 of 30 training pictures among each other")
    assert "for training images (features of digits)" in lines[1]
    assert json.loads((run.path / "neighbours.json").read_text())["held_out"] == 0


def test_one_training_picture_over_and_over_gives_no_verdict(tmp_path: Path) -> None:
    pictures = pictures_of_noise(tmp_path / "pictures", 1)
    for number in range(1, 60):
        (pictures / f"{number:03d}.png").write_bytes((pictures / "000.png").read_bytes())
    run = run_on(pictures, tmp_path / "run", data_validation=0.5)
    lines = output("neighbours", run.path, *FEW, "--n", 1, "--neighbours", 2)
    assert lines[0] == "no verdict: the 30 training images are the same picture, over and over"
    assert lines[2].startswith("note: 29 of 30 training images repeat others")
    assert len(lines) <= 5
    assert (run.charts / "neighbours.png").is_file()


@pytest.mark.parametrize(
    ("words", "what", "remedy"),
    [
        (["--out", "x.jpg"], "x.jpg does not end in .png", "--out"),
        (["--pixels", "--extractor", "digits"], "need no feature network", "--pixels"),
        (["--images", 10, "--n", 1, "--neighbours", 11], "11 neighbours of 10", "--images"),
        (["--extractor", "digit"], "no extractor 'digit'", "digits"),
        (["--extractor", "digits", "--layer", "pool"], "no layer 'pool'", "features"),
    ],
)
def test_wrong_words_are_refused_and_nothing_is_written(
    words: list[object], what: str, remedy: str, run: RunFolder
) -> None:
    before = sorted(run.path.rglob("*"))
    error = refusal("neighbours", run.path, *words)
    assert isinstance(error, UsageError)
    assert what in error.what and remedy in error.remedy
    assert sorted(run.path.rglob("*")) == before


def test_more_neighbours_than_training_images_are_refused(tmp_path: Path) -> None:
    pictures = pictures_of_noise(tmp_path / "pictures", 6)
    run = run_on(pictures, tmp_path / "run", data_validation=0.0)
    error = refusal("neighbours", run.path, *FEW, "--neighbours", 6)
    assert "6 neighbours of 6 training images" in error.what


def test_a_run_that_is_missing_is_named(tmp_path: Path) -> None:
    assert "there is no run at" in refusal("neighbours", tmp_path / "missing").what
    assert "is not a run" in refusal("neighbours", tmp_path).what
    assert list(tmp_path.iterdir()) == []


def test_training_images_that_are_gone_are_named(tmp_path: Path) -> None:
    run = run_on(tmp_path / "gone", tmp_path / "run")
    assert "gone" in refusal("neighbours", run.path).what

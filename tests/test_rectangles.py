"""Pictures that are no squares, from files to what is made and measured."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import zerosum
from tests.data.files import noise, save, write_folder
from zerosum.data.opening import fitting_of
from zerosum.records.run import training_sheets

SMALL: dict[str, object] = {
    "data.resolution": "16x32", "data.channels": 1, "width": 4, "latent": 4, "batch": 8,
    "images": 48, "data.flip": True, "data.zoom": 0.3, "schedule.log_every": 1,
    "schedule.average": 20, "schedule.minimum_steps": 0, "evaluation.images": 0,
}  # fmt: skip
"""Pictures 16 wide and 32 high."""


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {f"{seed}.png": noise(seed, size=(20, 40)) for seed in range(40)}
    return write_folder(tmp_path_factory.mktemp("rectangles") / "photos", files)


@pytest.fixture(scope="module")
def run(photos: Path) -> zerosum.Run:
    more = {"augmentation.method": "diffaugment"}
    return zerosum.train("dcgan", photos, photos.parent / "run", overrides=SMALL | more, quiet=True)


def grey_noise(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (40, 20), dtype=np.uint8)
    return save(Image.fromarray(pixels))


def weights(run: zerosum.Run) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in run.folder.checkpoint().glob("*.safetensors")}


def test_a_stopped_training_goes_on_to_the_same_bits(run: zerosum.Run, photos: Path) -> None:
    more = SMALL | {"augmentation.method": "diffaugment"}
    out = photos.parent / "stopped"
    stopped = zerosum.train("dcgan", photos, out, overrides=more, stop_after=1e-9, quiet=True)
    assert stopped.state()["status"] == "stopped"
    whole = zerosum.train("dcgan", photos, out, overrides=more, quiet=True)
    assert weights(whole) == weights(run)


@pytest.mark.parametrize("recipe", ["sngan-resnet", "r3", "mlp"])
def test_every_family_learns_pictures_that_are_no_squares(recipe: str, photos: Path) -> None:
    more = {"augmentation.method": "ada", "augmentation.probability": 0.9}
    if recipe == "r3":  # its outputs are compared in pairs, so that none has a sign to go by
        more["augmentation.target"] = 0
    out = photos.parent / recipe
    made = zerosum.train(recipe, photos, out, overrides=SMALL | more, quiet=True)
    assert made.generator()(range(3)).shape == (3, 32, 16, 1)


def test_the_pictures_of_a_run_have_its_shape(run: zerosum.Run, tmp_path: Path) -> None:
    samples = zerosum.sample(run, 6, out=tmp_path / "six.zip")
    assert samples.images.shape == (6, 32, 16, 1) and repr(samples).startswith("6 pictures, 16×32")
    with Image.open(training_sheets(run.folder)[-1]) as sheet:
        rows, columns = 8, 8
        assert (sheet.width // 3, sheet.height // 3) == (columns * 18 + 2, rows * 34 + 2)
    ways = zerosum.interpolate(run, 2, steps=4, out=tmp_path / "ways.mp4")
    assert ways.images.shape == (2, 4, 32, 16, 1)
    assert "| picture size | 16×32, grey |" in (run.path / "summary.md").read_text()


def test_pictures_of_a_run_are_scored_at_their_shape(
    run: zerosum.Run, photos: Path, tmp_path: Path
) -> None:
    own = zerosum.evaluate(run, count=12, extractor="digits", scores=["fid"])
    assert own.protocol.resolution == "16x32"
    zerosum.sample(run, 12, out=tmp_path / "twelve")
    saved = zerosum.evaluate(
        tmp_path / "twelve", against=photos, extractor="digits", channels=1, scores=["fid"]
    )
    assert saved.protocol.resolution == "16x32"
    assert saved["fid"] == pytest.approx(own["fid"])
    square = zerosum.evaluate(
        tmp_path / "twelve",
        against=photos,
        extractor="digits",
        channels=1,
        scores=["fid"],
        resolution=16,
    )
    assert "12 of 12 images of twelve are not 16×16" in " ".join(square.notes)
    for wrong, told in (("16x4", "too small"), ("wide", "no size")):
        with pytest.raises(zerosum.ZerosumError, match=told):
            zerosum.evaluate(tmp_path / "twelve", against=photos, resolution=wrong)


def test_a_folder_is_brought_to_the_shape_of_the_run_that_it_is_compared_with(
    run: zerosum.Run, tmp_path: Path
) -> None:
    own = write_folder(tmp_path / "own", {f"{seed}.png": grey_noise(seed) for seed in range(12)})
    out = tmp_path / "compared"
    zerosum.compare(
        [run, own], out=out, again=True, extractor="digits", scores="fid", count=12, quiet=True
    )
    text = (out / "compare.md").read_text()
    assert "12 of 12 images of own are not 16×32" in text


def test_a_run_of_another_shape_is_not_gone_on_with(run: zerosum.Run, photos: Path) -> None:
    turned = SMALL | {"augmentation.method": "diffaugment", "data.resolution": "32x16"}
    with pytest.raises(zerosum.ZerosumError, match="'16x32' → '32x16'") as caught:
        zerosum.train("dcgan", photos, run.path, overrides=turned, quiet=True)
    assert "fingerprint" not in caught.value.what


def test_pictures_of_a_run_are_searched_for_copies(run: zerosum.Run) -> None:
    found = zerosum.neighbours(run, count=12, extractor="digits").found
    assert found.copies.generated.nearest.shape == (12,) and not found.copies.generated.copies.all()


def test_a_pack_of_squares_is_named_as_before_there_were_others() -> None:
    facts = fitting_of(zerosum.load_recipe("dcgan").data).facts()
    assert facts == {"resolution": 64, "channels": 3, "fit": "crop", "box": 0}

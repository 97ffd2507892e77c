"""Restored pictures: in tiles as whole, of any size and kind, and folders of them."""

import io
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms
from safetensors.torch import save_file
from tests.generation.conftest import seal
from tests.generation.test_full_disk import no_file_larger_than
from tests.permissions import closed

from zerosum.data.sources.source import File
from zerosum.errors import UsageError, ZerosumError
from zerosum.generation.generator import TrainedGenerator, load_generator
from zerosum.generation.images import run_images
from zerosum.generation.picture_files import Picture, open_picture, picture_png
from zerosum.generation.restore import RestoredFile, restore_files, restore_picture, targets
from zerosum.generation.tiles import Tiling, spans, tiling
from zerosum.networks.attention import SelfAttention
from zerosum.networks.build import build_discriminator, build_generator
from zerosum.networks.unet import UNet
from zerosum.recipe.load import load_recipe, recipe_to_toml
from zerosum.records.run import RunFolder

Pixels = NDArray[np.uint8]
MakeRun = Callable[..., RunFolder]
SMALL = {"network.generator.width": 4, "network.discriminator.width": 4}
PLAIN = {"network.generator.attention": 0}
ATTENTIVE = {"data.resolution": 32, "network.generator.attention": 8}


def restoring_run(path: Path, overrides: Mapping[str, object] | None = None) -> RunFolder:
    """A run that restores, with one checkpoint of random weights that change a picture visibly."""
    run = RunFolder(path)
    recipe = load_recipe("restore", {**SMALL, **(overrides or {})})
    folder = run.checkpoints / "000001000"
    folder.mkdir(parents=True)
    run.recipe_file.write_text(recipe_to_toml(recipe))
    generator, discriminator = build_generator(recipe), build_discriminator(recipe)
    assert isinstance(generator, UNet)
    with torch.no_grad():
        generator.correction.weight.mul_(50)
        for module in generator.modules():
            if isinstance(module, SelfAttention):
                module.factor.fill_(1.0)
    for name, player in (("generator", generator), ("discriminator", discriminator)):
        weights = {key: value.contiguous() for key, value in player.state_dict().items()}
        save_file(weights, folder / f"{name}.safetensors")
    seal(folder, images=1000)
    (run.checkpoints / "latest").symlink_to(folder.name)
    return run


@pytest.fixture(scope="module")
def make_generator(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., TrainedGenerator]:
    """A function that makes a restoring generator; overrides of the recipe by dotted name."""

    def make(overrides: dict[str, object] | None = None) -> TrainedGenerator:
        path = tmp_path_factory.mktemp("runs") / "restoring"
        return load_generator(restoring_run(path, overrides), device="cpu")

    return make


@pytest.fixture(scope="module")
def attentive(make_generator: Callable[..., TrainedGenerator]) -> TrainedGenerator:
    """RGB, small encoder, attention in windows of 32 pixels."""
    return make_generator(ATTENTIVE)


@pytest.fixture(scope="module")
def plain(make_generator: Callable[..., TrainedGenerator]) -> TrainedGenerator:
    """RGB, small encoder, no attention."""
    return make_generator(PLAIN)


@pytest.fixture(scope="module")
def grey_run(make_generator: Callable[..., TrainedGenerator]) -> TrainedGenerator:
    """One channel, no attention."""
    return make_generator(PLAIN | {"data.channels": 1})


def picture(height: int, width: int, channels: int = 3, seed: int = 0) -> Pixels:
    """Something with large and small forms, uint8 (height, width, channels)."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (height // 16 + 1, width // 16 + 1, channels))
    large = coarse.repeat(16, 0).repeat(16, 1)[:height, :width]
    return (large + random.integers(-20, 21, large.shape)).clip(0, 255).astype(np.uint8)


def as_input(pixels: Pixels) -> torch.Tensor:
    return torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 127.5 - 1


# Tiles.


@pytest.mark.parametrize("overrides", [ATTENTIVE, PLAIN], ids=["attention", "no attention"])
def test_tiles_of_the_small_encoder_are_parts_of_the_whole_picture(
    make_generator: Callable[..., TrainedGenerator], overrides: dict[str, object]
) -> None:
    generator = make_generator(overrides)
    tiles = tiling(generator, 224)
    damaged = as_input(picture(352, 480))
    whole, tiled = generator.compute(damaged), torch.full_like(damaged, torch.nan)
    for down in spans(352, tiles):
        for across in spans(480, tiles):
            tile = generator.compute(damaged[..., down.start : down.end, across.start : across.end])
            tiled[..., down.first : down.last, across.first : across.last] = tile[
                ...,
                down.first - down.start : down.last - down.start,
                across.first - across.start : across.last - across.start,
            ]
    assert (whole - damaged).abs().mean() > 0.02
    assert (tiled - whole).abs().max() < 1e-4


@pytest.mark.parametrize("overrides", [ATTENTIVE, PLAIN], ids=["attention", "no attention"])
def test_a_picture_restored_in_tiles_is_the_one_restored_at_once(
    make_generator: Callable[..., TrainedGenerator], overrides: dict[str, object]
) -> None:
    generator, pixels = make_generator(overrides), picture(301, 423)
    whole, tiled = restore_picture(generator, pixels), restore_picture(generator, pixels, tile=224)
    assert not np.array_equal(whole, pixels)
    assert np.abs(whole.astype(int) - tiled).max() <= 1  # a value on the edge between two levels
    assert (whole != tiled).mean() < 1e-3


@pytest.mark.parametrize("side", [224, 270])
def test_the_network_never_sees_more_than_a_tile(attentive: TrainedGenerator, side: int) -> None:
    seen: list[tuple[int, ...]] = []
    hook = attentive.module.register_forward_pre_hook(
        lambda _, inputs: seen.append(tuple(inputs[0].shape))
    )
    restore_picture(attentive, picture(400, 200), tile=side)
    hook.remove()
    assert len(seen) > 2
    assert all(shape[0] == 1 and max(shape[2:]) <= side for shape in seen)


@given(st.integers(1, 60), st.sampled_from([8, 16, 64]), st.integers(1, 300), st.integers(0, 5))
def test_what_tiles_keep_is_the_side_without_gaps_and_with_its_surroundings(
    length: int, multiple: int, overlap: int, larger: int
) -> None:
    length *= multiple
    smallest = -(-(2 * overlap + multiple) // multiple) * multiple
    tiles = Tiling(smallest + larger * multiple, multiple, overlap)
    found = spans(length, tiles)
    assert [span.first for span in found] == [0, *(span.last for span in found[:-1])]
    assert found[-1].last == length
    for span in found:
        assert span.start % multiple == span.end % multiple == 0
        assert 0 < span.end - span.start <= tiles.side
        assert span.start == 0 or span.first - span.start >= overlap
        assert span.end == length or span.end - span.last >= overlap
        assert span.first < span.last


def test_tiles_that_would_be_all_overlap_are_refused_with_the_smallest_that_are_not(
    attentive: TrainedGenerator,
) -> None:
    with pytest.raises(UsageError, match="give tile=224 or more") as caught:
        tiling(attentive, 223)
    assert "96 pixels to every side" in caught.value.what
    assert tiling(attentive, 224).side == 224
    assert tiling(attentive, 270).side == 256  # on the grid of its windows
    assert tiling(attentive).side == 1024


def test_progress_is_told_tile_by_tile(attentive: TrainedGenerator) -> None:
    shares: list[float] = []
    restore_picture(attentive, picture(400, 200), tile=224, progress=shares.append)
    assert len(shares) > 2
    assert shares == sorted(shares)
    assert shares[-1] == 1


# Pixels.


@settings(max_examples=25)
@given(st.integers(1, 200), st.integers(1, 200), st.booleans())
def test_a_restored_picture_has_the_size_of_the_damaged_one(
    plain: TrainedGenerator, attentive: TrainedGenerator, height: int, width: int, attends: bool
) -> None:
    pixels = picture(height, width)
    restored = restore_picture(attentive if attends else plain, pixels)
    assert restored.shape == pixels.shape
    assert restored.dtype == np.uint8


def test_a_picture_of_the_training_size_is_restored_as_in_the_training(
    attentive: TrainedGenerator,
) -> None:
    pixels = picture(32, 32)
    expected = (attentive.compute(as_input(pixels)) + 1) * 127.5
    levels = expected[0].permute(1, 2, 0).round().clamp(0, 255).numpy()
    assert np.array_equal(restore_picture(attentive, pixels), levels.astype(np.uint8))


def test_precision_does_not_depend_on_what_surrounds_the_call(plain: TrainedGenerator) -> None:
    pixels = picture(40, 56)
    with torch.autocast("cpu", torch.bfloat16):
        inside = restore_picture(plain, pixels)
    assert np.array_equal(inside, restore_picture(plain, pixels))


def test_a_grey_picture_stays_grey_in_a_run_of_colours(plain: TrainedGenerator) -> None:
    grey = picture(40, 56, channels=1)
    restored = restore_picture(plain, grey)
    assert restored.shape == (40, 56, 1)
    coloured = restore_picture(plain, grey.repeat(3, axis=2))
    assert np.array_equal(restored[..., 0], np.asarray(Image.fromarray(coloured).convert("L")))


def test_a_run_that_has_learnt_to_colourise_colours_a_grey_picture(
    make_generator: Callable[..., TrainedGenerator],
) -> None:
    generator = make_generator(PLAIN | {"damage.grey": 0.5})
    restored = restore_picture(generator, picture(40, 56, channels=1))
    assert restored.shape == (40, 56, 3)
    assert np.ptp(restored, axis=2).max() > 0


def test_a_run_of_grey_pictures_restores_the_lightness_and_keeps_the_colours(
    grey_run: TrainedGenerator,
) -> None:
    pixels = 64 + picture(40, 56) // 2  # no value at either end, where colours would be cut off
    light, *colours = Image.fromarray(pixels).convert("YCbCr").split()
    restored = Image.fromarray(restore_picture(grey_run, pixels)).convert("YCbCr").split()
    expected = restore_picture(grey_run, np.asarray(light)[..., None])[..., 0].astype(int)
    inside = np.abs(expected - 127) < 64
    assert inside.mean() > 0.5
    for found, wanted in zip(restored, (expected, *colours), strict=True):
        difference = np.abs(np.asarray(found, dtype=int) - np.asarray(wanted))
        assert difference[inside].max() <= 2  # the rounding of YCbCr


# Refusals.


def test_a_run_that_restores_has_no_latents(attentive: TrainedGenerator) -> None:
    calls: list[Callable[[], object]] = [
        lambda: attentive(range(3)),
        lambda: attentive(torch.zeros(3, 100)),
        lambda: attentive.latents(0, range(3)),
    ]
    for call in calls:
        with pytest.raises(UsageError, match="restores damaged pictures") as caught:
            call()
        assert "zerosum restore RUN PICTURE --out FOLDER" in caught.value.remedy


def test_pictures_of_a_run_that_restores_are_not_made_for_scores_of_new_ones(
    tmp_path: Path,
) -> None:
    with pytest.raises(UsageError, match="zerosum restore RUN"):
        run_images(restoring_run(tmp_path / "run"), 10, device="cpu")


def test_a_run_of_new_pictures_restores_none(tiny_run: RunFolder, tmp_path: Path) -> None:
    generator = load_generator(tiny_run)
    with pytest.raises(UsageError, match="zerosum train restore --data"):
        restore_picture(generator, picture(32, 32, channels=1))
    with pytest.raises(UsageError, match="zerosum train restore --data"):
        restore_files(generator, tmp_path, tmp_path / "out")


# Files.


def file_of(image: Image.Image, name: str, **options: object) -> File:
    content = io.BytesIO()
    endings = {"jpg": "JPEG", "tif": "TIFF"}
    ending = name.rpartition(".")[2]
    image.save(content, endings.get(ending, ending.upper()), **options)
    return File(name, content.getvalue())


def opened(file: File) -> Picture:
    finding, found = open_picture(file)
    assert found is not None, finding.problem
    return found


def reopened(found: Picture) -> Image.Image:
    with Image.open(io.BytesIO(picture_png(found, {"run": "x"}))) as image:
        image.load()
        return image


@pytest.mark.parametrize(
    ("mode", "restored"),
    [("L", "L"), ("LA", "LA"), ("1", "L"), ("RGB", "RGB"), ("RGBA", "RGBA"), ("P", "RGB")],
)
def test_the_mode_of_a_picture_is_kept_and_a_palette_becomes_rgb(mode: str, restored: str) -> None:
    original = Image.fromarray(picture(24, 32, channels=4), "RGBA").convert("RGB")
    if mode in ("LA", "RGBA"):
        original.putalpha(Image.fromarray(picture(24, 32, 1)[..., 0]))
    image = reopened(opened(file_of(original.convert(mode), "x.png")))
    assert image.mode == restored
    assert image.size == (32, 24)


def test_transparency_and_the_colours_below_it_are_kept() -> None:
    pixels = picture(24, 32, channels=4)
    pixels[:12, :, 3] = 0
    image = reopened(opened(file_of(Image.fromarray(pixels), "x.png")))
    assert np.array_equal(np.asarray(image), pixels)


def test_a_transparent_colour_of_a_palette_becomes_transparency() -> None:
    palette = Image.fromarray(picture(24, 32)).quantize(16)
    image = reopened(opened(file_of(palette, "x.gif", transparency=0)))
    assert image.mode == "RGBA"
    assert image.getchannel("A").getextrema() == (0, 255)


@pytest.mark.parametrize("name", ["x.jpg", "x.tif"])
def test_a_picture_stored_on_its_side_is_turned_upright(name: str) -> None:
    stored = Image.fromarray(np.full((24, 32), 40, np.uint8))
    stored.paste(200, (0, 0, 32, 12))  # the upper half is light; upright it is the right half
    exif = Image.Exif()
    exif[0x0112] = 6
    image = np.asarray(opened(file_of(stored, name, exif=exif)).image, dtype=int)
    assert image.shape == (32, 24)
    assert image[:, :8].mean() < 60 and image[:, 16:].mean() > 180


@pytest.mark.parametrize("options", [{}, {"transparency": 0}])
def test_sixteen_bits_become_eight_and_that_is_told(options: dict[str, object]) -> None:
    wide = Image.fromarray(np.full((24, 32), 0x8080, np.uint16))
    finding, found = open_picture(file_of(wide, "x.png", **options))
    assert found is not None
    assert np.unique(np.asarray(found.image)).tolist() == [0x80]
    assert "16 bits made 8" in finding.conversions


def test_a_profile_is_kept_where_it_fits_the_picture() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    coloured = opened(file_of(Image.fromarray(picture(24, 32)), "x.png", icc_profile=profile))
    assert reopened(coloured).info["icc_profile"] == profile
    grey = Picture(coloured.image.convert("L"), None, coloured.profile)
    assert "icc_profile" not in reopened(grey).info


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty file"),
        (b"<html>404</html>", "not an image"),
        (file_of(Image.new("RGB", (64, 64)), "x.png").content[:-20], "truncated"),
        (
            file_of(Image.fromarray(np.full((9, 9), np.nan, np.float32)), "x.tif").content,
            "finite",
        ),
    ],
)
def test_a_file_that_is_no_picture_has_a_problem(content: bytes, problem: str) -> None:
    finding, found = open_picture(File("x.png", content))
    assert found is None
    assert problem in finding.problem


# Folders.


def save(path: Path, pixels: Pixels) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three pictures, one of them broken, and what is no picture."""
    folder = tmp_path / "photos"
    save(folder / "a.png", picture(24, 32))
    save(folder / "deep" / "er" / "b.jpg", picture(20, 24))
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "notes.txt").write_text("hello")
    return folder


def files_below(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))


def by_name(results: list[RestoredFile]) -> dict[str, RestoredFile]:
    return {result.name: result for result in results}


@pytest.mark.timeout(60)
def test_folders_without_permission_and_pipes_are_named_and_left(
    plain: TrainedGenerator, photos: Path, tmp_path: Path
) -> None:
    os.mkfifo(photos / "pipe.png")
    with closed(photos / "deep"):
        results = by_name(list(restore_files(plain, photos, tmp_path / "out")))
    assert results["deep/"].problem == "cannot be read: permission denied"
    assert "a named pipe" in results["pipe.png"].problem
    assert results["a.png"].made
    with closed(photos), pytest.raises(ZerosumError, match="photos cannot be read: permission"):
        restore_files(plain, photos, tmp_path / "out")
    with pytest.raises(ZerosumError, match="no regular file lies at"):
        restore_files(plain, photos / "pipe.png", tmp_path / "out")
    os.mkfifo(tmp_path / "out" / "b.png")
    with pytest.raises(ZerosumError, match="is there already"):
        restore_files(plain, save(tmp_path / "b.jpg", picture(20, 24)), tmp_path / "out")


def test_a_folder_is_restored_with_its_subfolders_and_unreadable_files_are_left(
    plain: TrainedGenerator, photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "out"
    results = by_name(list(restore_files(plain, photos, out)))
    assert files_below(out) == ["a.png", "deep/er/b.png"]
    assert sorted(results) == ["a.png", "broken.jpg", "deep/er/b.jpg"]
    assert results["a.png"].path == out / "a.png"
    assert results["broken.jpg"].path is None and results["broken.jpg"].problem
    assert (photos / "broken.jpg").read_bytes() == b"\xff\xd8\xff"
    with Image.open(out / "a.png") as image, Image.open(photos / "a.png") as original:
        assert np.array_equal(np.asarray(image), restore_picture(plain, np.asarray(original)))
        assert image.info["checkpoint"] == "000001000"
        assert image.info["run"] == "restoring"


def test_one_picture_is_restored_under_its_name(plain: TrainedGenerator, photos: Path) -> None:
    out = photos.parent / "out"
    [result] = restore_files(plain, photos / "deep" / "er" / "b.jpg", out)
    assert result.path == out / "b.png"
    with Image.open(out / "b.png") as image:
        assert image.size == (24, 20)


@pytest.mark.parametrize(
    ("names", "called"),
    [
        (["a/x.jpg", "b/x.jpg", "y"], ["a/x.png", "b/x.png", "y.png"]),
        (["x.jpg", "x.png", "y.png"], ["x.jpg.png", "x.png.png", "y.png"]),
        (["x.jpg", "X.png"], ["x.jpg.png", "X.png.png"]),
        (["x.jpg", "x.jpg.gif", "x.png"], ["x.jpg.png", "x.jpg.gif.png", "x.png.png"]),
    ],
)
def test_no_two_pictures_get_one_name(names: list[str], called: list[str]) -> None:
    assert list(targets(names).values()) == called


def test_the_same_call_goes_on_and_leaves_what_is_there(
    plain: TrainedGenerator, photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    list(restore_files(plain, photos, out))
    before = (out / "a.png").stat().st_ino
    (out / "deep" / "er" / "b.png").unlink()
    results = by_name(list(restore_files(plain, photos, out)))
    assert (out / "a.png").stat().st_ino == before
    assert not results["a.png"].made and results["deep/er/b.jpg"].made


def test_a_stopped_call_leaves_no_half_written_picture(
    plain: TrainedGenerator, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"

    def stop(_: Path, __: Path) -> None:
        raise KeyboardInterrupt

    results = restore_files(plain, photos, out)
    next(results)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stop)
        with pytest.raises(KeyboardInterrupt):
            list(results)
    assert files_below(out) == ["a.png"]
    list(restore_files(plain, photos, out))
    assert files_below(out) == ["a.png", "deep/er/b.png"]


def test_what_somebody_else_put_there_is_never_replaced(
    plain: TrainedGenerator, photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    save(out / "deep" / "er" / "b.png", picture(8, 8))
    kept = (out / "deep" / "er" / "b.png").read_bytes()
    with pytest.raises(ZerosumError, match=r"b\.png is there already, and checkpoint 000001000"):
        restore_files(plain, photos, out)
    assert files_below(out) == ["deep/er/b.png"]
    assert (out / "deep" / "er" / "b.png").read_bytes() == kept


def test_restored_pictures_inside_the_folder_are_not_restored_again(
    plain: TrainedGenerator, photos: Path
) -> None:
    out = photos / "restored"
    list(restore_files(plain, photos, out))
    names = sorted(result.name for result in restore_files(plain, photos, out))
    assert names == ["a.png", "broken.jpg", "deep/er/b.jpg"]


def test_restored_pictures_do_not_go_among_the_damaged_ones(
    plain: TrainedGenerator, photos: Path
) -> None:
    for source in (photos, photos / "a.png"):
        with pytest.raises(UsageError, match="choose another out="):
            restore_files(plain, source, photos / "deep" / "..")


def test_a_full_disk_is_told_and_leaves_nothing_half_written(
    plain: TrainedGenerator, photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with (
        no_file_larger_than(600),
        pytest.raises(ZerosumError, match=r"no space left to write .*a\.png"),
    ):
        list(restore_files(plain, photos, out))
    assert files_below(out) == []


def test_progress_reaches_its_end(plain: TrainedGenerator, photos: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    list(restore_files(plain, photos, tmp_path / "out", progress=lambda *at: told.append(at)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] > 0

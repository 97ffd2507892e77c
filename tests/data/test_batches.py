"""The endless stream of training images."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from zerosum.data import Split
from zerosum.data import batches as batches_module
from zerosum.data.batches import Batches
from zerosum.recipe.data import DataSettings

CPU = torch.device("cpu")


def numbered(images: int, side: int = 16, channels: int = 1, first: int = 3) -> Split:
    """A split whose images tell their own row: every other row of the pack."""
    rows = np.arange(first, first + 2 * images, 2)
    pixels = np.zeros((rows[-1] + 2, side, side, channels), np.uint8)
    pixels[rows] = (rows % 256)[:, None, None, None]
    return Split(pixels, rows, None, ())


def random_split(images: int = 20, channels: int = 3) -> Split:
    pixels = np.random.default_rng(0).integers(0, 256, (images, 16, 16, channels), dtype=np.uint8)
    return Split(pixels, np.arange(images), None, ())


def stream(split: Split, seed: int = 0, **fields: object) -> Batches:
    return Batches(split, DataSettings.model_validate({"resolution": 16, **fields}), seed, CPU)


def rows_of(images: torch.Tensor) -> list[int]:
    return ((images[:, 0, 0, 0] + 1) * 127.5).round().int().tolist()


@given(st.integers(1, 60), st.integers(0, 3), st.integers(0, 5))
def test_every_epoch_has_every_image_once(images: int, seed: int, epoch: int) -> None:
    split = numbered(images)
    seen = rows_of(stream(split, seed).at(epoch * images, images))
    assert sorted(seen) == sorted(row % 256 for row in split.rows.tolist())


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=8), st.booleans(), st.booleans())
def test_the_stream_does_not_depend_on_the_batch_size(
    sizes: list[int], flip: bool, zoom: bool
) -> None:
    share = 0.5 if zoom else 0.0
    whole = stream(random_split(), flip=flip, zoom=share).at(0, sum(sizes))
    batches = stream(random_split(), flip=flip, zoom=share)
    starts = np.cumsum([0, *sizes])
    parts = [batches.at(int(start), size) for start, size in zip(starts, sizes, strict=False)]
    torch.testing.assert_close(torch.cat(parts), whole, rtol=0, atol=0)


def test_any_part_of_the_stream_may_be_asked_for_in_any_order() -> None:
    split = random_split()
    batches = stream(split, flip=True)
    late, early = batches.at(1_000_000, 7), batches.at(3, 7)
    torch.testing.assert_close(stream(split, flip=True).at(1_000_000, 7), late)
    torch.testing.assert_close(stream(split, flip=True).at(3, 7), early)


def test_epochs_and_seeds_have_different_orders() -> None:
    split = numbered(40)
    batches = stream(split)
    first, second = rows_of(batches.at(0, 40)), rows_of(batches.at(40, 40))
    assert first != second
    assert first != rows_of(stream(split, seed=1).at(0, 40))
    assert first != sorted(first)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_batch_is_float_channels_last_and_exact_at_the_ends(channels: int) -> None:
    split = random_split(channels=channels)
    pixels = np.array(split.pixels)
    pixels[0, 0, 0, 0], pixels[0, 0, 1, 0] = 0, 255
    split = replace(split, pixels=pixels)
    batch = stream(split).at(0, 20)
    assert (batch.shape, batch.dtype) == ((20, channels, 16, 16), torch.float32)
    assert batch.is_contiguous(memory_format=torch.channels_last)
    assert (batch.min().item(), batch.max().item()) == (-1, 1)
    values = ((batch + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    assert sorted(image.tobytes() for image in values) == sorted(
        image.tobytes() for image in pixels
    )


def by_original(split: Split, batches: Batches) -> list[tuple[NDArray[np.uint8], torch.Tensor]]:
    """Each image of the first epoch beside its original."""
    order = rows_of(stream(numbered(len(split), first=0)).at(0, len(split)))
    pixels = [split.pixels[row // 2] for row in order]
    return list(zip(pixels, batches.at(0, len(split)), strict=True))


@pytest.mark.parametrize("channels", [1, 3])
def test_flips_mirror_about_half_of_the_images(channels: int) -> None:
    split = random_split(100, channels)
    flipped = 0
    for original, image in by_original(split, stream(split, flip=True)):
        seen = ((image + 1) * 127.5).round().permute(1, 2, 0).numpy()
        mirrored = bool((seen == original[:, ::-1]).all())
        assert mirrored or (seen == original).all()
        flipped += mirrored
    assert 30 <= flipped <= 70


def test_an_image_is_not_flipped_the_same_way_in_every_epoch() -> None:
    split = random_split(1)
    images = stream(split, flip=True).at(0, 40)
    distinct = {image.numpy().tobytes() for image in images}
    assert len(distinct) == 2


def test_zoom_cuts_a_square_out_and_enlarges_it() -> None:
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    pixels = np.broadcast_to(ramp[None, None, :, None], (50, 64, 64, 1)).copy()
    pixels = np.concatenate([pixels, pixels.swapaxes(1, 2)], axis=3)[..., [0, 1, 1]]
    split = Split(pixels, np.arange(50), None, ())
    batch = (stream(split, zoom=0.5).at(0, 50) + 1) / 2
    widths = (batch[:, 0, 32, -1] - batch[:, 0, 32, 0]).numpy()
    heights = (batch[:, 1, -1, 32] - batch[:, 1, 0, 32]).numpy()
    np.testing.assert_allclose(widths, heights, atol=0.02)  # squares stay squares
    assert widths.min() == pytest.approx(0.5, abs=0.06)
    assert widths.max() == pytest.approx(1.0, abs=0.06)
    lefts = batch[:, 0, 32, 0].numpy()
    assert lefts.min() < 0.05
    assert lefts.max() > 0.25  # the square moves about
    assert (lefts + widths).max() <= 1


def test_no_zoom_and_the_smallest_zoom_are_the_same_picture() -> None:
    split = random_split()
    plain, zoomed = stream(split).at(0, 20), stream(split, zoom=1e-9).at(0, 20)
    torch.testing.assert_close(plain, zoomed, rtol=0, atol=1e-4)


def test_images_that_live_on_the_device_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    split = numbered(30, channels=3)
    mapped = stream(split, flip=True, zoom=0.3)
    monkeypatch.setattr(batches_module, "free_memory", lambda _: 4 * 30 * 16 * 16 * 3)
    monkeypatch.setattr(batches_module, "MOVED_AT_ONCE", 7)
    resident = stream(split, flip=True, zoom=0.3)
    assert resident._resident is not None
    assert mapped._resident is None
    torch.testing.assert_close(resident.at(13, 50), mapped.at(13, 50), rtol=0, atol=0)
    monkeypatch.setattr(batches_module, "free_memory", lambda _: 4 * 30 * 16 * 16 * 3 - 1)
    assert stream(split)._resident is None


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=8), st.integers(0, 100_000))
def test_a_label_belongs_to_its_image_in_every_epoch_and_after_a_new_start(
    sizes: list[int], begin: int
) -> None:
    split = with_labels(numbered(20, channels=3))
    starts = begin + np.cumsum([0, *sizes])
    stayed = stream(split, flip=True, zoom=0.2)
    for start, size in zip(starts.tolist(), sizes, strict=False):
        for batches in (stayed, stream(split, flip=True, zoom=0.2)):
            labels = batches.labels(start, size)
            assert labels is not None
            assert (labels.dtype, labels.shape) == (torch.int64, (size,))
            assert labels.tolist() == rows_of(batches.at(start, size))


def test_images_without_classes_have_no_labels() -> None:
    assert stream(numbered(20)).labels(0, 20) is None


def with_labels(split: Split) -> Split:
    """The class of each image of `numbered` is its row."""
    return replace(split, labels=np.arange(len(split.pixels), dtype=np.int64))


@pytest.mark.cuda
def test_a_cuda_device_gets_the_same_images() -> None:
    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA device")
    split = random_split()
    fields = DataSettings.model_validate({"resolution": 16, "flip": True, "zoom": 0.3})
    device = torch.device("cuda")
    batches = Batches(split, fields, 0, device)
    images = batches.at(13, 50)
    assert images.device.type == "cuda"
    expected = stream(split, flip=True, zoom=0.3).at(13, 50)
    torch.testing.assert_close(images.cpu(), expected, rtol=0, atol=1e-5)

"""Damage: what each kind does, and that it depends on the seed and the image alone."""

import io
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from zerosum.data.damage import damage_batch, damage_held_out, damage_picture
from zerosum.randomness import random_for
from zerosum.recipe.damage import DamageSettings

KINDS = ("shrink", "grey", "noise", "hole", "number", "jpeg")
ALL = DamageSettings(shrink=0.7, grey=0.3, noise=0.5, hole=0.5, number=0.5, jpeg=0.7)


def picture(height: int = 48, width: int = 64, channels: int = 3) -> NDArray[np.uint8]:
    """A smooth picture with some detail, of mid tones."""
    random = random_for(0, "picture", height, width, channels)
    coarse = random.integers(60, 180, (6, 8, channels), dtype=np.uint8)
    layers = [
        np.asarray(Image.fromarray(coarse[..., layer]).resize((width, height)))
        for layer in range(channels)
    ]
    fine = random.integers(-8, 9, (height, width, channels))
    return (np.stack(layers, axis=-1) + fine).astype(np.uint8)


def damaged(pixels: NDArray[np.uint8], seed: int = 0, **settings: Any) -> NDArray[np.uint8]:
    return damage_picture(pixels, DamageSettings(**settings), random_for(seed, "test"))


def images(count: int) -> Tensor:
    pixels = np.stack([picture(32, 32) for _ in range(count)])
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1


def test_the_same_image_of_the_stream_gets_the_same_damage_in_any_batch() -> None:
    whole = damage_batch(images(6), ALL, 3, 100)
    parts = [damage_batch(images(2), ALL, 3, 100 + first) for first in (0, 2, 4)]
    assert torch.equal(whole, torch.cat(parts))
    assert whole.shape == (6, 3, 32, 32)
    assert whole.is_contiguous(memory_format=torch.channels_last)


def test_the_same_picture_is_damaged_otherwise_in_the_next_epoch_and_with_another_seed() -> None:
    first = damage_batch(images(4), ALL, 3, 0)
    assert not torch.equal(first, damage_batch(images(4), ALL, 3, 4))
    assert not torch.equal(first, damage_batch(images(4), ALL, 4, 0))


def test_held_out_pictures_always_get_the_damage_of_their_number() -> None:
    pixels = np.stack([picture(32, 32)] * 5)
    whole = damage_held_out(pixels, ALL, 0, range(5))
    assert np.array_equal(whole[3:], damage_held_out(pixels[3:], ALL, 0, [3, 4]))
    assert not np.array_equal(whole[0], whole[1])


def test_without_any_probability_nothing_happens() -> None:
    assert not DamageSettings().is_done
    assert np.array_equal(damaged(picture()), picture())


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_alone_changes_a_picture_and_keeps_its_size(kind: str) -> None:
    settings: dict[str, Any] = {kind: 1.0}
    changed = damaged(picture(), **settings)
    assert changed.shape == picture().shape
    assert changed.dtype == np.uint8
    assert not np.array_equal(changed, picture())
    assert DamageSettings(**settings).is_done


@given(st.integers(5, 80), st.integers(5, 80), st.sampled_from([1, 3]), st.integers(0, 2**31))
def test_any_picture_keeps_its_size_and_channels(
    height: int, width: int, channels: int, seed: int
) -> None:
    kinds: dict[str, Any] = {kind: 1.0 for kind in KINDS if channels == 3 or kind != "grey"}
    changed = damaged(picture(height, width, channels), seed=seed, **kinds)
    assert changed.shape == (height, width, channels)


def test_grey_leaves_brightness_and_no_colour() -> None:
    changed = damaged(picture(), grey=1.0)
    assert np.array_equal(changed[..., 0], changed[..., 1])
    assert np.array_equal(changed[..., 0], changed[..., 2])
    assert abs(float(changed.mean()) - float(picture().mean())) < 12


def test_a_hole_is_one_grey_square_of_the_share_asked_for() -> None:
    changed = damaged(np.zeros((40, 60, 3), np.uint8), hole=1.0, hole_side=(0.5, 0.5))
    rows, columns = np.nonzero(changed[..., 0])
    assert int(np.ptp(rows)) == int(np.ptp(columns)) == 19
    assert len(rows) == 400
    assert set(changed[changed > 0]) == {128}


def test_noise_has_the_strength_asked_for_and_no_bias() -> None:
    flat = np.full((128, 128, 3), 128, np.uint8)
    noise = damaged(flat, noise=1.0, noise_strength=(0.1, 0.1)).astype(float) - 128
    assert noise.std() == pytest.approx(25.5, rel=0.03)
    assert abs(noise.mean()) < 0.5


def test_a_larger_factor_leaves_less_detail() -> None:
    def detail(factor: float) -> float:
        changed = damaged(picture(), shrink=1.0, shrink_factor=(factor, factor)).astype(float)
        return float(np.abs(np.diff(changed, axis=0)).mean())

    assert detail(1.0) > detail(2.0) > detail(4.0)
    assert np.array_equal(damaged(picture(), shrink=1.0, shrink_factor=(1, 1)), picture())


def test_jpeg_is_that_of_pillow_at_the_quality_asked_for() -> None:
    content = io.BytesIO()
    Image.fromarray(picture()).save(content, format="JPEG", quality=20)
    expected = np.asarray(Image.open(content))
    assert np.array_equal(damaged(picture(), jpeg=1.0, jpeg_quality=(20, 20)), expected)


def test_a_number_is_white_lies_within_and_moves() -> None:
    black = np.zeros((64, 64, 3), np.uint8)
    places = set()
    for seed in range(8):
        changed = damaged(black, seed, number=1.0)
        rows, columns = np.nonzero(changed[..., 0] > 100)
        assert len(rows) > 10
        assert np.array_equal(changed[..., 0], changed[..., 2])
        places.add((int(rows.min()), int(columns.min())))
    assert len(places) > 5


def test_a_change_of_one_kind_leaves_the_others_as_they_were() -> None:
    with_hole = damaged(np.zeros((40, 40, 3), np.uint8), hole=1.0)
    rows, columns = np.nonzero(with_hole[..., 0])
    both = damaged(np.zeros((40, 40, 3), np.uint8), hole=1.0, shrink=1.0, number=0.0)
    assert np.array_equal(both, with_hole)  # black stays black, the hole keeps its place
    assert len(rows) == len(columns) > 0

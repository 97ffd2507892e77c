"""Restored pictures against their originals: PSNR and SSIM by hand, and who is compared by what."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from zerosum.data import PackedData, Split, open_data
from zerosum.data.damage import damage_held_out
from zerosum.errors import ZerosumError
from zerosum.evaluation.extractors import open_extractor
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import Measure
from zerosum.evaluation.named_protocol import CUSTOM, name_of
from zerosum.evaluation.protocol import Protocol, disagreements
from zerosum.evaluation.restoration import (
    Originals,
    compare_pictures,
    compare_pixels,
    damage_words,
    divide_held_out,
    mean_psnr,
    mean_result,
    numbered,
    score_restoration,
)
from zerosum.evaluation.scoring import score_images
from zerosum.randomness import random_for
from zerosum.recipe.damage import DamageSettings
from zerosum.recipe.load import load_recipe

Pixels = NDArray[np.uint8]


def noise(count: int, channels: int, name: str = "noise", side: int = 16) -> Pixels:
    shape = (count, side, side, channels)
    return random_for(0, name).integers(0, 256, shape, dtype=np.uint8)


def images_of(pixels: Pixels, name: str) -> Images:
    height, width, channels = pixels.shape[1:]
    return Images(
        name,
        len(pixels),
        (height, width, channels),
        f"{name} {pixels.sum()}",
        lambda first, count: pixels[first : first + count],
    )


def data_of(pixels: Pixels, held_out: int) -> PackedData:
    """The last `held_out` pictures are held out."""
    rows = np.arange(len(pixels), dtype=np.int64)
    train, held = (Split(pixels, part, None, ()) for part in np.split(rows, [len(rows) - held_out]))
    return PackedData("made", f"{pixels.sum()}", train, held, False, 0, 0)


# PSNR and SSIM


@given(st.integers(0, 2**32), st.sampled_from([1, 3]), st.integers(1, 3), st.integers(0, 255))
def test_psnr_is_ten_times_the_logarithm_of_255_squared_over_the_mean_squared_difference(
    seed: int, channels: int, count: int, spread: int
) -> None:
    random = np.random.default_rng(seed)
    one = random.integers(0, 256, (count, 12, 12, channels), dtype=np.uint8)
    change = random.integers(-spread, spread + 1, one.shape)
    other = np.clip(one + change, 0, 255).astype(np.uint8)
    psnr, ssim = compare_pixels(one, other)
    for number in range(count):
        squared = np.square(one[number].astype(float) - other[number]).mean()
        wanted = math.inf if squared == 0 else 10 * math.log10(255**2 / squared)
        assert psnr[number] == pytest.approx(wanted, abs=1e-4)
        assert -1 <= ssim[number] <= 1 + 1e-9
    assert compare_pixels(other, one)[1] == pytest.approx(ssim, abs=1e-9)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_beside_itself_has_an_ssim_of_1_and_an_infinite_psnr(channels: int) -> None:
    pixels = noise(3, channels)
    psnr, ssim = compare_pixels(pixels, pixels)
    assert ssim == pytest.approx(np.ones(3), abs=1e-9)
    assert np.isinf(psnr).all()


def test_ssim_is_that_of_the_paper() -> None:
    # In windows of 11 × 11, mirrored at the border.
    one, other = noise(1, 1, "one"), noise(1, 1, "other")
    places = np.arange(11) - 5
    bell = np.exp(-(places**2) / (2 * 1.5**2))
    weights = np.outer(bell, bell) / bell.sum() ** 2
    wide_x, wide_y = (
        np.pad(each[0, ..., 0].astype(float), 5, mode="reflect") for each in (one, other)
    )
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    similarities = []
    for row, column in np.ndindex(16, 16):
        x, y = (wide[row : row + 11, column : column + 11] for wide in (wide_x, wide_y))
        mean_x, mean_y = (weights * x).sum(), (weights * y).sum()
        var_x, var_y = (weights * (x - mean_x) ** 2).sum(), (weights * (y - mean_y) ** 2).sum()
        covariance = (weights * (x - mean_x) * (y - mean_y)).sum()
        similar = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
        similarities.append(similar / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)))
    assert compare_pixels(one, other)[1][0] == pytest.approx(np.mean(similarities), abs=1e-9)


def test_pictures_are_compared_each_with_its_own_original_over_all_batches() -> None:
    one, other = noise(150, 1, "one"), noise(150, 1, "other")
    psnr, ssim = compare_pictures(images_of(one, "one"), images_of(other, "other"))
    for number in (0, 63, 64, 149):
        alone = compare_pixels(one[number : number + 1], other[number : number + 1])
        assert (psnr[number], ssim[number]) == (pytest.approx(alone[0][0]), pytest.approx(alone[1]))


def test_the_mean_has_the_standard_error_over_pictures() -> None:
    result = mean_result(np.array([20.0, 22.0, 27.0]))
    assert result.value == pytest.approx(23)
    assert result.error == pytest.approx(math.sqrt((9 + 1 + 16) / 2 / 3))
    assert mean_result(np.array([20.0])).error is None


def test_pictures_that_the_damage_left_alone_count_in_no_mean_psnr() -> None:
    values = {"damaged": np.array([20.0, math.inf, 22.0]), "restored": np.array([25.0, 40.0, 27.0])}
    means, left_out = mean_psnr(values)
    assert (means["damaged"].value, means["restored"].value, left_out) == (21, 26, 1)
    perfect = {"damaged": np.array([20.0, 22.0]), "restored": np.array([25.0, math.inf])}
    means, left_out = mean_psnr(perfect)
    assert (means["restored"].value, means["restored"].error, left_out) == (math.inf, None, 0)
    untouched = {"damaged": np.array([math.inf, math.inf]), "restored": np.array([30.0, 32.0])}
    means, left_out = mean_psnr(untouched)
    assert (means["damaged"].value, means["restored"].value, left_out) == (math.inf, 31, 0)


# Which pictures


@given(st.integers(20, 400), st.integers(0, 500), st.integers(0, 5))
def test_no_picture_has_a_part_in_both_the_choice_and_the_number(
    there: int, wanted: int, seed: int
) -> None:
    held_out = divide_held_out(data_of(noise(500, 1, side=2), there), seed, wanted)
    compared, reported = set(held_out.compared.numbers), set(held_out.reported.numbers)
    assert not compared & reported
    assert compared | set(held_out.others.numbers) == set(range(there))
    assert len(compared) == max(min(wanted, there) // 4, 10)
    assert 10 <= len(reported) == len(held_out.reported) <= there - len(compared)
    if 40 <= wanted <= there:
        assert len(compared) + len(reported) == wanted
    again = divide_held_out(data_of(noise(500, 1, side=2), there), seed, wanted)
    assert (again.reported.numbers == held_out.reported.numbers).all()
    assert again.reported.images.fingerprint == held_out.reported.images.fingerprint


@given(st.lists(st.integers(0, 29), min_size=1, max_size=30, unique=True), st.integers(1, 40))
def test_each_picture_keeps_its_number(numbers: list[int], count: int) -> None:
    data = data_of(noise(50, 1), 30)
    chosen = numbered(data, np.array(numbers)).first(count)
    assert chosen.numbers.tolist() == numbers[:count]
    wanted = data.held_out.take(np.array(numbers[:count]))
    assert (chosen.images.read(0, len(chosen)) == wanted).all()


def test_too_few_held_out_pictures_are_told() -> None:
    for held_out, told in ((0, "made has none"), (19, "made has only 19")):
        with pytest.raises(ZerosumError, match=told) as error:
            divide_held_out(data_of(noise(60, 1), held_out), 0, 100)
        assert "data.validation" in error.value.remedy


# Scores

DAMAGE = DamageSettings(shrink=1.0, jpeg=0.5)


@pytest.fixture(scope="module")
def digits() -> Originals:
    """60 held-out digits with their numbers."""
    recipe = load_recipe("digits")
    return divide_held_out(open_data(recipe.data, 0), 0, 80, "pad").reported


@pytest.fixture(scope="module")
def measure() -> Measure:
    return Measure(open_extractor("digits"), "features", ("fid", "kid", "precision", "recall"))


def damaged(originals: Originals) -> Images:
    pixels = originals.images.read(0, len(originals))
    return images_of(damage_held_out(pixels, DAMAGE, 0, originals.numbers), "damaged")


def test_a_perfect_restoration_has_a_fid_of_0_and_a_psnr_above_the_damaged_pictures(
    digits: Originals, measure: Measure
) -> None:
    versions = {
        "damaged": damaged(digits),
        "restored": replace(digits.images, checkpoint="000003000", weights="last"),
    }
    scores = score_restoration(digits, versions, DAMAGE, 0, measure)
    assert list(scores.versions) == ["damaged", "restored"]
    assert scores.values == {name: scores.versions["restored"][name] for name in measure.scores}
    assert list(scores.versions["damaged"]) == [*measure.scores, "psnr", "ssim"]
    before, after = scores.versions["damaged"], scores.versions["restored"]
    assert after["fid"].value < 1e-3 < 1 < before["fid"].value
    assert 10 < before["psnr"].value < after["psnr"].value == math.inf
    assert before["ssim"].value < 0.99 < after["ssim"].value
    assert "60 restored pictures are equal to their originals: infinite PSNR" in scores.notes
    assert scores.floor is None, "other real pictures are further away than a restoration is"
    line = json.loads(json.dumps(scores.line("manual").as_dict(), allow_nan=False))
    assert line["restoration"]["count"] == 60
    infinite = line["restoration"]["versions"]["restored"]["psnr"]
    assert infinite == {"value": None, "error": None, "freedom": 0}
    assert line["restoration"]["versions"]["damaged"]["psnr"]["error"] > 0


def test_the_protocol_says_what_both_sides_are(digits: Originals, measure: Measure) -> None:
    versions = {"restored": replace(damaged(digits), checkpoint="000003000", weights="last")}
    protocol = score_restoration(digits, versions, DAMAGE, 7, measure).protocol
    assert (protocol.name, protocol.real_part, protocol.fit) == (CUSTOM, "held out", "pad")
    lines = protocol.lines()
    assert "restored   60 images of damaged, checkpoint 000003000, last weights" in lines
    assert "damaged    shrink 1 (2 to 4), jpeg 0.5 (10 to 70); seed 7" in lines
    assert "originals  60 images of digits (held out), the same pictures before the damage" in lines
    assert Protocol.from_dict(json.loads(json.dumps(protocol.as_dict()))) == protocol
    reals = replace(digits.images, part="held out")
    generated = score_images(damaged(digits), reals, measure).protocol
    assert set(disagreements(generated, protocol)) == {"damage"}
    assert name_of(protocol) == CUSTOM


def test_the_words_of_the_damage_name_what_can_happen() -> None:
    damage = DamageSettings(noise=0.25, noise_strength=(0.1, 0.2), hole=1, number=0.5, grey=1)
    assert (
        damage_words(damage) == "grey 1, noise 0.25 (0.1 to 0.2), hole 1 (0.2 to 0.4), number 0.5"
    )

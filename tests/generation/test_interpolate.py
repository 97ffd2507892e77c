from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageSequence
from PIL.GifImagePlugin import GifImageFile

from zerosum.data.grid import FRAME
from zerosum.errors import ZerosumError
from zerosum.generation.generator import load_generator
from zerosum.generation.interpolate import (
    METHODS,
    between,
    positions,
    usual_method,
    write_interpolation,
)
from zerosum.records.run import RunFolder

VALUES = st.one_of(
    st.just(0.0), st.floats(-10, 10, width=32), st.floats(-(2.0**-60), 2.0**-60, width=32)
)
ENDS = st.integers(1, 6).flatmap(
    lambda size: st.tuples(
        st.lists(VALUES, min_size=size, max_size=size),
        st.lists(VALUES, min_size=size, max_size=size),
    )
)


def row(values: list[float]) -> torch.Tensor:
    return torch.tensor([values], dtype=torch.float32)


def cell(sheet: NDArray[np.uint8], line: int, column: int, side: int) -> NDArray[np.uint8]:
    step = side + 2
    return sheet[2 + step * line :, 2 + step * column :][:side, :side]


@given(ENDS, st.floats(-2, 3), st.sampled_from(METHODS))
def test_every_way_is_finite_everywhere(
    ends: tuple[list[float], list[float]], position: float, method: str
) -> None:
    mixed = between(row(ends[0]), row(ends[1]), position, method)
    assert mixed.isfinite().all()


@given(ENDS, st.sampled_from(METHODS), st.floats(-2, 3))
def test_opposite_and_equal_ends_are_finite_too(
    ends: tuple[list[float], list[float]], method: str, position: float
) -> None:
    first = row(ends[0])
    for last in (-first, first, first * 1.5, -first * 0.5):
        assert between(first, last, position, method).isfinite().all()


@given(ENDS, st.sampled_from(METHODS))
def test_the_ends_are_exact(ends: tuple[list[float], list[float]], method: str) -> None:
    first, last = row(ends[0]), row(ends[1])
    assert torch.equal(between(first, last, 0.0, method), first)
    assert torch.equal(between(first, last, 1.0, method), last)


@given(ENDS, st.floats(0, 1))
def test_spherical_lengths_lie_on_the_line_between_the_ends(
    ends: tuple[list[float], list[float]], position: float
) -> None:
    first, last = row(ends[0]).double(), row(ends[1]).double()
    if first.shape[1] == 1 or not first.norm() or not last.norm():
        return  # no way round: the straight line
    expected = (1 - position) * first.norm() + position * last.norm()
    mixed = between(first.float(), last.float(), position, "spherical")
    assert torch.isclose(mixed.double().norm(), expected, rtol=1e-5, atol=1e-30)


def test_spherical_is_shoemakes_formula() -> None:
    draws = torch.Generator().manual_seed(0)
    first, last = torch.randn(2, 1, 20, generator=draws, dtype=torch.float64).float()
    unit_first, unit_last = first / first.norm(), last / last.norm()
    angle = torch.arccos((unit_first * unit_last).sum())
    for position in (-0.4, 0.2, 0.7, 1.3):
        direction = (
            torch.sin((1 - position) * angle) * unit_first + torch.sin(position * angle) * unit_last
        ) / torch.sin(angle)
        length = (1 - position) * first.norm() + position * last.norm()
        mixed = between(first, last, position, "spherical")
        assert torch.allclose(mixed, length * direction, atol=1e-5)


def test_opposite_ends_turn_half_a_circle() -> None:
    first = row([3.0, 0.0, 4.0])
    middle = between(first, -first, 0.5, "spherical")
    assert abs(float(middle.norm()) - 5) < 1e-5
    assert abs(float((middle * first).sum())) < 1e-5


def test_linear_is_the_straight_line_beyond_the_ends_too() -> None:
    mixed = between(row([0.0, 1.0]), row([2.0, 5.0]), 1.5, "linear")
    assert mixed.tolist() == [[3.0, 7.0]]


@given(st.integers(2, 60), st.floats(0, 3))
def test_positions_are_even_and_hold_both_ends(steps: int, beyond: float) -> None:
    where = positions(steps, beyond)
    assert 0.0 in where
    assert 1.0 in where
    assert np.allclose(np.diff(where), 1 / (steps - 1))
    assert where[0] <= -beyond + 1e-9
    assert where[-1] >= 1 + beyond - 1e-9
    assert sum(0 <= at <= 1 for at in where) == steps


def test_the_usual_method_keeps_to_the_prior() -> None:
    assert usual_method("normal") == "spherical"
    assert usual_method("uniform") == "linear"


@pytest.mark.parametrize("method", METHODS)
def test_the_ends_are_the_plain_samples_bit_for_bit(
    tiny_run: RunFolder, tmp_path: Path, method: str
) -> None:
    generator = load_generator(tiny_run)
    pairs = [(0, 1), (3, 17), (8, 8)]
    where = write_interpolation(
        generator,
        tmp_path / "x.png",
        pairs,
        seed=5,
        steps=4,
        beyond=0.5,
        method=method,
        scale=1,
    )
    with Image.open(tmp_path / "x.png") as image:
        # In colour, for the frames around the ends.
        assert image.mode == "RGB" and image.getpixel((2 * 34, 0)) == FRAME
        sheet, fields = np.asarray(image.convert("L")), dict(image.info)
    assert sheet.shape == (3 * 34 + 2, 8 * 34 + 2)
    samples = generator(generator.latents(5, range(20)))[:, :, :, 0]
    for line, (first, last) in enumerate(pairs):
        assert np.array_equal(cell(sheet, line, where.index(0), 32), samples[first])
        assert np.array_equal(cell(sheet, line, where.index(1), 32), samples[last])
    middle = cell(sheet, 0, where.index(0) + 1, 32)
    assert not np.array_equal(middle, samples[0])
    assert fields["pairs"] == "0-1 3-17 8-8"
    assert fields["method"] == method
    assert fields["seed"] == "5"
    assert fields["checkpoint"] == "000200000"


def test_a_gif_goes_there_and_back(colour_run: RunFolder, tmp_path: Path) -> None:
    generator = load_generator(colour_run)
    write_interpolation(generator, tmp_path / "x.gif", [(0, 1), (2, 3)], steps=5, scale=1)
    with GifImageFile(tmp_path / "x.gif") as image:
        assert len(list(ImageSequence.Iterator(image))) == 8
        image.seek(0)
        assert image.size == (2 * 18 + 2, 18 + 2)
        assert image.info["duration"] == 100
        first = np.asarray(image.convert("RGB"))
        image.seek(4)
        there = np.asarray(image.convert("RGB"))
    samples = generator([0, 1, 2, 3]).astype(int)
    # A GIF has 256 colours to a frame, so the pictures are close but not equal.
    assert np.abs(cell(first, 0, 0, 16) - samples[0]).mean() < 8
    assert np.abs(cell(there, 0, 1, 16) - samples[3]).mean() < 8


def test_a_film_of_many_pairs_keeps_each_on_its_place(tiny_run: RunFolder, tmp_path: Path) -> None:
    generator = load_generator(tiny_run)
    pairs = [(2 * pair, 2 * pair + 1) for pair in range(40)]
    write_interpolation(generator, tmp_path / "x.gif", pairs, steps=3, scale=1)
    samples = generator(range(80))[:, :, :, 0]
    with GifImageFile(tmp_path / "x.gif") as image:
        assert len(list(ImageSequence.Iterator(image))) == 4
        image.seek(0)
        first = np.asarray(image.convert("L"))
        image.seek(2)
        last = np.asarray(image.convert("L"))
    assert np.array_equal(cell(first, 5, 4, 32), samples[2 * 39])
    assert np.array_equal(cell(last, 5, 4, 32), samples[2 * 39 + 1])


def test_an_mp4_holds_every_frame(tiny_run: RunFolder, tmp_path: Path) -> None:
    import imageio_ffmpeg

    write_interpolation(load_generator(tiny_run), tmp_path / "x.mp4", [(0, 1)], steps=5)
    frames, _ = imageio_ffmpeg.count_frames_and_secs(str(tmp_path / "x.mp4"))
    assert frames == 8
    assert [path.name for path in tmp_path.iterdir()] == ["x.mp4"]


def test_an_unknown_suffix_is_refused(tiny_run: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(ZerosumError, match="has no ending") as caught:
        write_interpolation(load_generator(tiny_run), tmp_path / "x", [(0, 1)])
    assert ".png or .mp4 or .gif" in caught.value.remedy


def test_a_sheet_too_large_to_open_is_refused(tiny_run: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(ZerosumError, match="too large to open"):
        write_interpolation(load_generator(tiny_run), tmp_path / "x.png", [(0, 1)], steps=20_000)

"""What is black and white in deep pictures is decided for the set, never for each picture."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from tests.data.conftest import Settings
from tests.data.files import noise, save, write_folder
from zerosum.cli.data import data
from zerosum.data import open_data
from zerosum.data.check import examine
from zerosum.data.fit import Fitting
from zerosum.data.pack import open_pack
from zerosum.data.ranges import Values, eight_bits, range_of
from zerosum.data.sources import File, find_source
from zerosum.errors import UsageError, ZerosumError
from zerosum.recipe.load import load_recipe
from zerosum.recipe.value_range import ValueRange, parse_range

GREY, COLOUR = Fitting(16, 1, "squash"), Fitting(16, 3, "squash")


def tiff(values: NDArray[Any], **options: Any) -> bytes:
    stream = io.BytesIO()
    tifffile.imwrite(stream, values, **options)
    return stream.getvalue()


def flat(value: float, dtype: Any = np.float32, **options: Any) -> bytes:
    """A grey TIFF of one value."""
    return tiff(np.full((20, 24), value, dtype), photometric="minisblack", **options)


def pgm(value: int, largest: int = 65535) -> bytes:
    return b"P5 24 20 %d\n" % largest + np.full((20, 24), value, ">u2").tobytes()


def packed(folder: Path, files: dict[str, bytes], fitting: Fitting = GREY) -> list[int]:
    """The middle pixel of each file of a set, in the order of the names."""
    pack = open_pack(find_source(str(write_folder(folder / "set", files))), fitting)
    assert pack.index["bad"] == 0, pack.index["bad_names"]
    return [int(value) for value in pack.pixels[:, 8, 8, 0]]


@pytest.mark.parametrize("white", [1.0, 255.0, 65535.0])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_black_stays_black_whatever_the_others_are(
    tmp_path: Path, white: float, dtype: Any
) -> None:
    white = min(white, 65504.0) if dtype == np.float16 else white
    files = {
        f"{name}.tif": flat(value, dtype)
        for name, value in {"a": 0.0, "b": white / 5, "c": white}.items()
    }
    assert packed(tmp_path, files) == [0, 51, 255]


def test_a_set_that_is_all_black_is_black(tmp_path: Path) -> None:
    assert packed(tmp_path, {"a.tif": flat(0), "b.tif": flat(0)}) == [0, 0]


def test_values_from_minus_one_to_one_are_not_clipped(tmp_path: Path) -> None:
    files = {"a.tif": flat(-1), "b.tif": flat(0), "c.tif": flat(1), "d.tif": flat(0.5)}
    assert packed(tmp_path, files) == [0, 128, 255, 191]


def test_a_small_overshoot_does_not_change_the_range(tmp_path: Path) -> None:
    files = {"a.tif": flat(-0.03), "b.tif": flat(0.5), "c.tif": flat(1.04)}
    assert packed(tmp_path, files) == [0, 128, 255]


@pytest.mark.parametrize("value", [0, 200, 300, 25700, 65535])
def test_a_pgm_equals_a_png_and_a_tiff_of_sixteen_bits(tmp_path: Path, value: int) -> None:
    files = {
        "a.pgm": pgm(value),
        "b.png": save(Image.fromarray(np.full((20, 24), value, np.uint16))),
        "c.tif": flat(value, np.uint16),
    }
    assert packed(tmp_path, files) == [round(value / 257)] * 3


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64, np.int16])
def test_white_is_low_where_the_file_says_so(tmp_path: Path, dtype: Any) -> None:
    ramp = np.linspace(0, 1, 24, dtype=np.float64)[None, :].repeat(20, 0)
    top = 1 if np.issubdtype(dtype, np.floating) else min(np.iinfo(dtype).max, 65535)
    if dtype == np.int16:
        top = 255
    ordinary, negative = (ramp * top).astype(dtype), ((1 - ramp) * top).astype(dtype)
    files = {
        "a.tif": tiff(ordinary, photometric="minisblack"),
        "b.tif": tiff(negative, photometric="miniswhite"),
    }
    source = find_source(str(write_folder(tmp_path / "set", files)))
    pixels = open_pack(source, GREY).pixels[:].astype(int)
    assert np.abs(pixels[0] - pixels[1]).max() <= 1
    assert pixels[0, 8, 0] < 20 < 235 < pixels[0, 8, 15]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("planar", [False, True])
def test_floating_point_colours_are_read(dtype: Any, compression: str | None, planar: bool) -> None:
    colours = np.zeros((20, 24, 3), dtype)
    colours[..., 0], colours[..., 1] = 1.0, 0.2
    arranged = np.moveaxis(colours, -1, 0) if planar else colours
    content = tiff(
        np.ascontiguousarray(arranged),
        photometric="rgb",
        compression=compression,
        planarconfig="separate" if planar else "contig",
    )
    found, pixels = examine(File("x.tif", content), COLOUR)
    assert pixels is not None, found.problem
    assert pixels[8, 8].tolist() == [255, 51, 0]
    assert (found.width, found.height, found.grey) == (24, 20, False)
    assert found.conversions == ("wide values made 8 bits",)


def test_transparent_floating_point_colours_lie_on_white() -> None:
    colours = np.zeros((20, 24, 4), np.float32)
    colours[:10, :, 3] = 1
    _, pixels = examine(
        File("x.tif", tiff(colours, photometric="rgb", extrasamples=["unassalpha"])), COLOUR
    )
    assert pixels is not None
    assert (pixels[3].max(), pixels[12].min()) == (0, 255)


def test_planar_colours_of_sixteen_bits_keep_their_high_bytes() -> None:
    colours = np.zeros((3, 20, 24), np.uint16)
    colours[0], colours[1] = 300, 65535
    _, pixels = examine(
        File("x.tif", tiff(colours, photometric="rgb", planarconfig="separate")), COLOUR
    )
    assert pixels is not None
    assert pixels[8, 8].tolist() == [1, 255, 0]


def test_unsigned_values_over_two_billion_are_not_negative(tmp_path: Path) -> None:
    files = {"a.tif": flat(0, np.uint32), "b.tif": flat(2**32 - 1, np.uint32)}
    assert packed(tmp_path, files, Fitting(16, 1, "squash", range="0-4294967295")) == [0, 255]


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_deep_colours_stand_upright(orientation: int) -> None:
    upright = np.zeros((24, 20, 3), np.float32)
    upright[:12] = 1
    stored = {
        1: upright,
        3: np.rot90(upright, 2),
        6: np.rot90(upright, 1),
        8: np.rot90(upright, -1),
    }[orientation]
    content = tiff(
        np.ascontiguousarray(stored),
        photometric="rgb",
        extratags=[(274, 3, 1, orientation, True)],
    )
    found, pixels = examine(File("x.tif", content), COLOUR)
    assert pixels is not None
    assert (found.width, found.height) == (20, 24)
    assert (pixels[3].min(), pixels[12].max()) == (255, 0)


@pytest.mark.parametrize("dtype", [np.complex64, np.uint8])
def test_what_nobody_reads_is_a_bad_file(dtype: Any) -> None:
    content = tiff(np.ones((20, 24, 5), dtype), photometric="minisblack", planarconfig="contig")
    found, pixels = examine(File("x.tif", content), COLOUR)
    assert pixels is None
    assert "not read" in found.problem


def test_a_truncated_tiff_of_floating_point_colours_is_a_bad_file() -> None:
    content = tiff(np.ones((64, 64, 3), np.float32), photometric="rgb")
    found, pixels = examine(File("x.tif", content[:-5000]), COLOUR)
    assert pixels is None
    assert found.problem


@given(st.integers(0, 700), st.integers(1, 255), st.sampled_from(["rgb", "minisblack"]))
def test_no_damaged_byte_of_a_deep_tiff_can_stop_it(place: int, flip: int, kind: str) -> None:
    shape = (20, 24, 3) if kind == "rgb" else (20, 24)
    content = bytearray(tiff(np.ones(shape, np.float64), photometric=kind))
    content[place] ^= flip
    found, pixels = examine(File("x.tif", bytes(content)), COLOUR)
    assert (pixels is None) == bool(found.problem)


@pytest.mark.parametrize(("side", "problem"), [(9000, "512 MiB"), (2000, "truncated")])
def test_a_small_file_that_claims_to_be_large_is_not_decoded(side: int, problem: str) -> None:
    content = tiff(np.ones((20, 24, 3), np.float64), photometric="rgb")
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        places = [file.pages.first.tags[name].valueoffset for name in ("ImageWidth", "ImageLength")]
    huge = bytearray(content)
    for place in places:
        huge[place : place + 2] = side.to_bytes(2, "little")
    assert problem in examine(File("x.tif", bytes(huge)), COLOUR)[0].problem


def test_tags_decide_where_all_files_agree(tmp_path: Path) -> None:
    agreeing = [(280, 3, 1, 0, True), (281, 3, 1, 4095, True)]
    files = {
        "a.tif": flat(0, np.uint16, extratags=agreeing),
        "b.tif": flat(4095, np.uint16, extratags=agreeing),
    }
    assert packed(tmp_path, files) == [0, 255]


def test_tags_that_tell_of_each_picture_alone_do_not_count(tmp_path: Path) -> None:
    files = {
        f"{name}.tif": flat(value, np.float32, extratags=[(341, 11, 1, max(value, 0.1), True)])
        for name, value in {"a": 0.2, "b": 1.0}.items()
    }
    assert packed(tmp_path, files) == [51, 255]


def test_the_settings_decide_where_they_say(tmp_path: Path) -> None:
    files = {
        "a.png": save(Image.fromarray(np.full((20, 24), 4095, np.uint16))),
        "b.tif": flat(819, np.int16),
        "c.png": save(Image.new("L", (24, 20), 51)),
        "d.tif": tiff(np.full((20, 24, 3), 819, np.uint16), photometric="rgb"),
    }
    assert packed(tmp_path, files, Fitting(16, 1, "squash", range="0-4095")) == [255, 51, 51, 51]


def test_colours_of_a_png_that_cannot_be_read_so_are_told() -> None:
    rows = np.full((20, 24, 3), 819, ">u2")
    content = _png_of_sixteen_bits(rows)
    wanted = {"16-bit": ValueRange(0, 4095)}
    found, pixels = examine(File("x.png", content), COLOUR, wanted)  # type: ignore[arg-type]
    assert pixels is None
    assert "0 to 65535 only" in found.problem
    assert examine(File("x.png", content), COLOUR)[1] is not None


def _png_of_sixteen_bits(rows: NDArray[Any]) -> bytes:
    import struct
    import zlib

    height, width, _ = rows.shape
    lines = b"".join(b"\0" + row.tobytes() for row in rows)
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines)),
        (b"IEND", b""),
    ]
    chunks = [
        len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)
        for kind, content in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize(
    ("kind", "lowest", "highest"),
    [
        ("floating-point", 0.0, 8.0),  # high dynamic range? or 8-bit, and nearly black?
        ("floating-point", -3.0, 2.5),
        ("floating-point", 0.0, 1e6),
        ("floating-point", 0.0, 4095.0),
        ("whole-number", -1000.0, 1000.0),
        ("whole-number", 0.0, 9.0),
        ("whole-number", 0.0, 4095.0),
    ],
)
def test_what_cannot_be_told_is_asked(kind: Any, lowest: float, highest: float) -> None:
    with pytest.raises(ZerosumError, match="cannot be told what is white") as told:
        range_of(Values(kind, lowest, highest))
    assert "--data.range" in told.value.remedy


def test_a_set_whose_range_cannot_be_told_is_refused_by_check_and_training_alike(
    tmp_path: Path, settings: Settings
) -> None:
    folder = write_folder(tmp_path / "set", {f"{i}.tif": flat(i) for i in range(9)})
    told = CliRunner().invoke(data, ["check", str(folder)], standalone_mode=False)
    assert told.return_value == 1
    assert "training refuses it: it cannot be told what is white: floating-point" in told.output
    with pytest.raises(ZerosumError, match="9 files run from 0 to 8"):
        open_data(settings(folder, channels=1), 0)
    words = ["check", str(folder), "--data.range", "0-8"]
    assert CliRunner().invoke(data, words, standalone_mode=False).return_value == 0
    assert len(open_data(settings(folder, channels=1, range="0-8"), 0).all) == 9


def test_checking_and_training_tell_how_deep_values_are_read(
    tmp_path: Path, settings: Settings
) -> None:
    files = {"a.tif": flat(0), "b.tif": flat(0.75), "c.png": noise(1)}
    folder = write_folder(tmp_path / "set", files)
    told = "floating-point values in 2 files run from 0 to 0.75; black to white is 0-1"
    output = CliRunner().invoke(data, ["check", str(folder)]).output
    assert told in output
    assert open_data(settings(folder), 0).deep == (told,)
    dark = {"a.png": save(Image.fromarray(np.full((20, 24), 4000, np.uint16))), "b.pgm": pgm(0)}
    output = CliRunner().invoke(data, ["check", str(write_folder(tmp_path / "d", dark))]).output
    assert "16-bit values in 2 files run from 0 to 4000; black to white is 0-65535" in output
    assert "the brightest has 6% of white" in output


def test_packs_and_fingerprints_of_ordinary_pictures_do_not_know_of_ranges(
    tmp_path: Path, pictures: dict[str, bytes]
) -> None:
    """A run of before there was a range goes on: its images have the same fingerprint."""
    import hashlib

    pack = open_pack(find_source(str(write_folder(tmp_path / "set", pictures))), COLOUR)
    known = {"resolution": 16, "channels": 3, "fit": "squash", "box": 0}
    assert pack.index["fitting"] == known
    digest = hashlib.sha256(pack.pixels[:].tobytes() + pack.test.tobytes())
    digest.update(json.dumps([[], known]).encode())
    assert pack.index["fingerprint"] == digest.hexdigest()
    other = open_pack(find_source(str(tmp_path / "set")), Fitting(16, 3, "squash", range="0-1"))
    assert other.folder != pack.folder


def test_a_recipe_without_the_field_still_opens(tmp_path: Path) -> None:
    file = tmp_path / "old.toml"
    file.write_text('[data]\nsource = "digits"\nresolution = 32\n')
    assert load_recipe(str(file)).data.range == "auto"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("auto", None),
        ("0-1", ValueRange(0, 1)),
        ("-1-1", ValueRange(-1, 1)),
        ("-1000--10", ValueRange(-1000, -10)),
        ("0 - 65535", ValueRange(0, 65535)),
        ("0.5-.75", ValueRange(0.5, 0.75)),
    ],
)
def test_a_range_is_two_numbers(text: str, expected: ValueRange | None) -> None:
    assert parse_range(text) == expected


@pytest.mark.parametrize("text", ["", "1-0", "1-1", "5", "0:1", "a-b", "nan-1", "0-1-2"])
def test_a_wrong_range_is_told(text: str) -> None:
    with pytest.raises(UsageError, match=r"data\.range"):
        load_recipe("dcgan", {"data.range": text})


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.lists(st.floats(-2e6, 2e6), min_size=1))
def test_brighter_values_never_become_darker(
    black: float, width: float, values: list[float]
) -> None:
    rising = np.sort(np.array(values))
    scaled = eight_bits(rising, ValueRange(black, black + width))
    assert (np.diff(scaled.astype(int)) >= 0).all()
    negative = eight_bits(rising, ValueRange(black, black + width), white_is_low=True)
    np.testing.assert_array_equal(negative, 255 - scaled)


def test_an_evaluation_of_folders_takes_a_range(tmp_path: Path) -> None:
    from zerosum.evaluation.opened_request import open_request
    from zerosum.evaluation.request import Request

    folder = str(write_folder(tmp_path / "set", {f"{i}.tif": flat(i) for i in range(9)}))

    def opened(wanted: str) -> int:
        request = Request(folder, folder, range=wanted)
        sides = open_request(request, None, lambda _what, _done, _total: None)
        assert sides.folder is not None
        notes = sides.folder.notes
        assert any("floating-point values in 9 files run from 0 to 8" in n for n in notes)
        return int(sides.folder.read(8, 9)[0, 8, 8, 0])

    assert opened("0-8") == 255
    assert opened("0-16") == 128
    with pytest.raises(ZerosumError, match="cannot be told") as told:
        opened("")
    assert "evaluate: --range 0-8" in told.value.remedy
    with pytest.raises(UsageError, match='range="8-0"'):
        opened("8-0")

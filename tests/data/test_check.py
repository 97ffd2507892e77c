"""Each kind of odd or broken file is told apart, and none stops the others."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.data.files import noise, save
from zerosum.data.check import Finding, examine
from zerosum.data.fit import Fitting
from zerosum.data.sources import File

COLOUR = Fitting(16, 3, "squash")
GREY = Fitting(16, 1, "squash")


def finding(content: bytes, name: str = "x.png") -> Finding:
    return examine(File(name, content), None)[0]


def pixel(content: bytes, fitting: Fitting = COLOUR) -> list[int]:
    """The middle pixel of a fitted picture."""
    found, pixels = examine(File("x.image", content), fitting)
    assert pixels is not None, found.problem
    return [int(value) for value in pixels[8, 8]]


def plain(mode: str, colour: object, size: tuple[int, int] = (20, 20)) -> Image.Image:
    return Image.new(mode, size, colour)  # type: ignore[arg-type]


def png_chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content).to_bytes(4)
    return len(content).to_bytes(4) + kind + content + checksum


def bomb(side: int) -> bytes:
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IEND", b"")


def damaged_png() -> bytes:
    content = bytearray(noise(1))
    content[content.index(b"IDAT") + 20] ^= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty file"),
        (b"<html>not found</html>", "not an image"),
        (noise(1)[:-300], "truncated"),
        (save(plain("RGB", "red", (200, 200)), "JPEG")[:-200], "truncated"),
        (damaged_png(), "damaged (checksum is wrong)"),
        (bomb(10_000), "decompression bomb (over 89 million pixels)"),
        (bomb(30_000), "decompression bomb (over 89 million pixels)"),
        (noise(1, (7, 50)), "too small (7×50; both sides must be 8 or more)"),
    ],
)
def test_bad_files_are_told_with_the_reason(content: bytes, problem: str) -> None:
    for fitting in (None, COLOUR):
        found, pixels = examine(File("x.png", content), fitting)
        assert (found.problem, pixels) == (problem, None)


@pytest.mark.parametrize(
    ("name", "content", "conversion"),
    [
        ("x.jpg", noise(1), "PNG, though named .jpg"),
        ("x.gif", save(plain("RGB", "red"), "GIF"), "palette made RGB"),
        (
            "x.gif",
            save(plain("L", 9), "GIF", save_all=True, append_images=[plain("L", 200)]),
            "first frame of several",
        ),
        ("x.jpg", save(plain("CMYK", (0, 0, 0, 0)), "JPEG"), "CMYK made RGB"),
        ("x.png", save(plain("I;16", 70)), "16 bits made 8"),
        ("x.tif", save(plain("I;16", 70), "TIFF"), "16 bits made 8"),
        ("x.tif", save(plain("F", 0.5), "TIFF"), "wide values made 8 bits"),
        ("x.png", save(plain("1", 1)), "one bit made grey"),
        ("x.png", save(plain("RGBA", (1, 2, 3, 40))), "transparency laid on white"),
        ("x.png", save(plain("RGBA", (1, 2, 3, 255))), "alpha channel dropped, all opaque"),
    ],
)
def test_conversions_are_told(name: str, content: bytes, conversion: str) -> None:
    found = finding(content, name)
    assert found.problem == ""
    assert conversion in found.conversions


@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "TIFF", "WEBP"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_plain_files_are_not_called_converted(form: str, mode: str) -> None:
    # 1,616 bytes a row: a number with a 16 in it is no sign of 16 bits.
    found = finding(save(plain(mode, 7, (1616, 16)), form), "x." + form.lower())
    assert (found.problem, found.conversions) == ("", ())


@pytest.mark.parametrize(
    ("image", "options", "expected"),
    [
        (plain("L", 70), {}, [70, 70, 70]),
        (plain("RGB", (10, 20, 30)), {}, [10, 20, 30]),
        (plain("RGB", (10, 20, 30)).quantize(), {}, [10, 20, 30]),
        (plain("1", 1), {}, [255, 255, 255]),
        (plain("I;16", 65535), {}, [255, 255, 255]),
        (plain("I;16", 257 * 100), {}, [100, 100, 100]),
        (plain("RGBA", (10, 20, 30, 0)), {}, [255, 255, 255]),
        (plain("RGBA", (55, 155, 255, 128)), {}, [155, 205, 255]),
        (plain("LA", (55, 128)), {}, [155, 155, 155]),
        (plain("L", 70), {"transparency": 70}, [255, 255, 255]),
        (plain("RGB", (10, 20, 30)), {"transparency": (10, 20, 30)}, [255, 255, 255]),
    ],
)
def test_every_kind_of_png_has_the_right_colours(
    image: Image.Image, options: dict[str, object], expected: list[int]
) -> None:
    assert pixel(save(image, "PNG", **options)) == pytest.approx(expected, abs=1)


def test_values_that_are_not_finite_make_a_bad_file() -> None:
    assert "not finite" in examine(File("x.tif", save(plain("F", np.nan), "TIFF")), GREY)[0].problem


def test_cmyk_becomes_the_colour_it_prints() -> None:
    cyan = save(plain("CMYK", (255, 0, 0, 0)), "JPEG", quality=95)
    assert pixel(cyan) == pytest.approx([0, 255, 255], abs=6)


def test_sixteen_bit_colour_keeps_its_high_byte() -> None:
    rows = b"".join(
        b"\0" + struct.pack(">3H", 10 * 257, 20 * 257, 30 * 257) * 20 for _ in range(20)
    )
    header = struct.pack(">IIBBBBB", 20, 20, 16, 2, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header)
    content += png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")
    assert finding(content).conversions == ("16 bits made 8",)
    assert pixel(content) == [10, 20, 30]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
def test_pictures_stand_upright_whatever_their_exif_says(orientation: int, form: str) -> None:
    upright = np.zeros((40, 24, 3), np.uint8)
    upright[:20, :12] = (255, 0, 0)
    upright[20:, :12] = (0, 255, 0)
    upright[:20, 12:] = (0, 0, 255)
    turned_back = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
        8: lambda a: np.rot90(a, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(turned_back(upright)))
    options = {"quality": 95, "subsampling": 0} if form == "JPEG" else {}
    content = save(stored, form, exif=exif, **options)
    found, pixels = examine(File("x.image", content), Fitting(16, 3, "squash"))
    assert pixels is not None
    assert ("turned upright (EXIF)" in found.conversions) == (orientation != 1)
    assert (found.width, found.height) == (24, 40)
    corners = {"top": (pixels[3, 3], 0), "bottom": (pixels[12, 3], 1), "right": (pixels[3, 12], 2)}
    for colour, channel in corners.values():
        assert colour.argmax() == channel
        assert colour.max() > 200


def test_a_damaged_exif_block_does_not_spoil_the_picture() -> None:
    content = save(plain("RGB", "red"), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff garbage")
    assert finding(content, "x.jpg").problem == ""


def test_large_jpegs_are_decoded_reduced_and_stay_the_same() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    image = Image.fromarray(pixels).resize((1024, 768), Image.Resampling.BICUBIC)
    content = save(image, "JPEG", quality=95)
    exact = np.asarray(Image.open(io.BytesIO(content)).resize((64, 64), Image.Resampling.BICUBIC))
    found, fitted = examine(File("x.jpg", content), Fitting(64, 3, "squash"))
    assert fitted is not None
    assert (found.width, found.height) == (1024, 768)
    assert np.abs(fitted.astype(int) - exact).mean() < 1


@given(st.binary(max_size=200), st.integers(0, 600))
def test_no_bytes_at_all_can_stop_it(garbage: bytes, place: int) -> None:
    for form in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"):
        content = save(plain("RGB", "red"), form)
        found, pixels = examine(File("x.image", content[:place] + garbage), COLOUR)
        assert (pixels is None) == bool(found.problem)


@pytest.mark.real
def test_the_hostile_collection_is_seen_through(real_data: Path) -> None:
    from zerosum.data.inspection import inspect
    from zerosum.data.sources import find_source

    inspection = inspect(find_source(str(real_data / "hostile.tar.gz")))
    bad = {found.name: found.problem for found in inspection.bad}
    assert len(bad) == 7
    assert all(name.startswith("hostile/bad/") for name in bad)
    assert bad["hostile/bad/bomb.png"].startswith("decompression bomb")
    assert inspection.good == 24 + 18 + 2  # good, to convert, oddly named
    assert (len(inspection.ignored), len(inspection.left_out)) == (1, 2)
    told = {found.name.rpartition("/")[2]: found.conversions for found in inspection.converted}
    assert set(told) == {
        "transparent.png",
        "grey-16bit.png",
        "grey-alpha.png",
        "palette-transparent.gif",
        "cmyk.jpg",
        "one-bit.png",
        "animated.gif",
        "palette.png",
        "png-named.jpg",
        "exif-rotated.jpg",
    }
    assert ("hostile/converted/duplicate-of-a-good-one.jpg", "hostile/good/000001.jpg") in (
        inspection.duplicates
    )

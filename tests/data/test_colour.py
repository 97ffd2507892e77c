"""Embedded colour profiles: what they mean is what is trained on; broken ones do no harm."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageCms

from tests.data.files import save, write_folder
from tests.data.profiles import D50, DISPLAY_P3, SRGB, colour_profile, grey_profile, ink_profile
from zerosum.cli.data import data
from zerosum.data.check import Finding, examine
from zerosum.data.fit import Fitting
from zerosum.data.sources import File

COLOUR, GREY = Fitting(16, 3, "squash"), Fitting(16, 1, "squash")
WIDE = colour_profile("Wide Gamut", DISPLAY_P3, 2.2)
BUILT_IN = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def encoded(linear: float) -> float:
    """sRGB's transfer curve (IEC 61966-2-1), 0 to 255."""
    linear = min(1.0, max(0.0, linear))
    curve = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    return 255 * curve


def meant(colour: tuple[int, int, int], gamma: float) -> list[float]:
    """The sRGB colour of one of the wide gamut, by its matrices and curves alone."""
    linear = [(value / 255) ** gamma for value in colour]
    there = np.array(DISPLAY_P3).T @ linear
    return [encoded(value) for value in np.linalg.solve(np.array(SRGB).T, there)]


def fitted(content: bytes, fitting: Fitting = COLOUR) -> tuple[Finding, list[int]]:
    found, pixels = examine(File("x.image", content), fitting)
    assert pixels is not None, found.problem
    return found, [int(value) for value in pixels[8, 8]]


@pytest.mark.parametrize("colour", [(120, 140, 90), (30, 60, 160), (200, 180, 150), (0, 255, 0)])
@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP"])
def test_colours_become_those_of_srgb(colour: tuple[int, int, int], form: str) -> None:
    options = {"lossless": True} if form == "WEBP" else {}
    content = save(Image.new("RGB", (20, 20), colour), form, icc_profile=WIDE, **options)
    found, pixel = fitted(content)
    assert pixel == pytest.approx(meant(colour, 2.2), abs=1.5)
    assert "colours converted from Wide Gamut to sRGB" in found.conversions


def test_transparent_and_palette_pictures_keep_their_transparency() -> None:
    colour = (120, 140, 90)
    picture = Image.new("RGBA", (20, 20), (*colour, 255))
    picture.paste((*colour, 0), (0, 0, 20, 8))
    _, pixels = examine(File("x.png", save(picture, icc_profile=WIDE)), COLOUR)
    assert pixels is not None
    assert pixels[2].min() == 255
    assert pixels[14, 8].tolist() == pytest.approx(meant(colour, 2.2), abs=1.5)
    palette = Image.new("RGB", (20, 20), colour).quantize()
    assert fitted(save(palette, icc_profile=WIDE))[1] == pytest.approx(meant(colour, 2.2), abs=1.5)


def test_greys_follow_their_curve() -> None:
    content = save(Image.new("L", (20, 20), 100), icc_profile=grey_profile("Grey 1.8", 1.8))
    expected = encoded((100 / 255) ** 1.8)
    found, pixel = fitted(content, GREY)
    assert pixel == pytest.approx([expected], abs=1.5)
    assert found.conversions == ("colours converted from Grey 1.8 to sRGB",)
    assert fitted(content)[1] == pytest.approx([expected] * 3, abs=1.5)


def test_deep_greys_follow_their_curve() -> None:
    picture = Image.fromarray(np.full((20, 20), 100 * 257, np.uint16))
    content = save(picture, icc_profile=grey_profile("Grey 1.8", 1.8))
    assert fitted(content, GREY)[1] == pytest.approx([encoded((100 / 255) ** 1.8)], abs=1.5)


def test_a_grey_picture_with_a_profile_of_colours_stays_grey() -> None:
    content = save(Image.new("L", (20, 20), 100), "JPEG", icc_profile=WIDE)
    red, green, blue = fitted(content)[1]
    assert max(red, green, blue) - min(red, green, blue) <= 1
    assert red == pytest.approx(encoded((100 / 255) ** 2.2), abs=2)


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P"])
def test_a_profile_that_says_srgb_changes_no_bit(mode: str) -> None:
    random = np.random.default_rng(0).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    picture = Image.fromarray(random).convert(mode)
    plain, tagged = save(picture), save(picture, icc_profile=BUILT_IN)
    found, pixels = examine(File("x.png", tagged), COLOUR)
    expected, same = examine(File("x.png", plain), COLOUR)
    np.testing.assert_array_equal(pixels, same)
    assert found.conversions == expected.conversions


@pytest.mark.parametrize(
    ("profile", "note"),
    [
        (b"no profile", "broken colour profile ignored"),
        (WIDE[:200], "broken colour profile ignored"),
        (WIDE[:16] + b"CMYK" + WIDE[20:], "colour profile of another kind of picture ignored"),
        (grey_profile("Grey", 1.8), "colour profile of another kind of picture ignored"),
    ],
)
def test_a_broken_profile_is_noted_and_ignored(profile: bytes, note: str, tmp_path: Path) -> None:
    content = save(Image.new("RGB", (20, 20), (120, 140, 90)), icc_profile=profile)
    found, pixel = fitted(content)
    assert (found.conversions, pixel) == ((note,), [120, 140, 90])
    folder = write_folder(tmp_path / "set", {"x.png": content})
    assert f"x.png: {note}\n" in CliRunner().invoke(data, ["check", str(folder)]).output


@pytest.mark.parametrize("place", range(0, len(WIDE), 7))
def test_no_damage_of_a_profile_spoils_a_picture(place: int) -> None:
    damaged = bytearray(WIDE)
    damaged[place] ^= 0xFF
    found, _ = fitted(save(Image.new("RGB", (20, 20), "red"), icc_profile=bytes(damaged)))
    assert found.problem == ""


def test_control_characters_of_a_name_are_left_out() -> None:
    profile = colour_profile("Wi\x1b[31mde", DISPLAY_P3, 2.2)
    found, _ = fitted(save(Image.new("RGB", (20, 20), "red"), icc_profile=profile))
    assert found.conversions == ("colours converted from Wi[31mde to sRGB",)


def srgb_of_lab(lightness: float, a: float, b: float) -> list[float]:
    """CIE Lab under D50 → sRGB, by the formulae of CIE 15 and the primaries' matrix."""
    y = (lightness + 16) / 116

    def back(value: float) -> float:
        return value**3 if value > 6 / 29 else 3 * (6 / 29) ** 2 * (value - 4 / 29)

    xyz = [
        part * back(value) for part, value in zip(D50, (y + a / 500, y, y - b / 200), strict=True)
    ]
    return [encoded(value) for value in np.linalg.solve(np.array(SRGB).T, xyz)]


@pytest.mark.parametrize("form", ["TIFF", "JPEG"])
def test_inks_become_the_colours_of_their_profile(form: str) -> None:
    profile = ink_profile("Four Inks", (255, 128, 128), (140, 108, 98))
    options = {"quality": 95} if form == "JPEG" else {}

    def pixel(inks: tuple[int, int, int, int]) -> list[int]:
        picture = Image.new("CMYK", (20, 20), inks)
        found, colour = fitted(save(picture, form, icc_profile=profile, **options))
        assert "colours converted from Four Inks to sRGB" in found.conversions
        return colour

    expected = srgb_of_lab(140 / 2.55, 108 - 128, 98 - 128)
    assert pixel((0, 0, 0, 0)) == pytest.approx([255] * 3, abs=2)
    assert pixel((255, 0, 0, 0)) == pytest.approx(expected, abs=3)
    assert pixel((0, 0, 0, 255)) == pytest.approx([0] * 3, abs=2)

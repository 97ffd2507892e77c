"""Colour profiles for the tests, as small as the standard (ICC.1:2001-04) allows."""

import struct

# Chromaticities of the primaries (SMPTE RP 431-2; Adobe RGB (1998)), as XYZ under D50.
DISPLAY_P3 = ((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1572, 0.0666, 0.7841))
SRGB = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
D50 = (0.9642, 1.0, 0.8249)


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(map(_fixed, values))


def _gamma(value: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256)) + b"\0\0"


def _description(name: str) -> bytes:
    text = name.encode() + b"\0"
    content = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * 78
    return content + b"\0" * (-len(content) % 4)


def _profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    table, content = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, tag in tags.items():
        table += name + struct.pack(">II", start + len(content), len(tag))
        content += tag
    size = start + len(content)
    header = struct.pack(">I4sI4s4s4s", size, b"\0" * 4, 0x02100000, b"mntr", space, b"XYZ ")
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28
    header += b"".join(map(_fixed, D50))
    return header.ljust(128, b"\0") + table + content


def colour_profile(
    name: str, primaries: tuple[tuple[float, float, float], ...], gamma: float
) -> bytes:
    """A profile of three primaries and one gamma."""
    tags = {b"desc": _description(name), b"wtpt": _xyz(D50), b"cprt": b"text\0\0\0\0none\0\0\0\0"}
    for letter, primary in zip("rgb", primaries, strict=True):
        tags[f"{letter}XYZ".encode()] = _xyz(primary)
        tags[f"{letter}TRC".encode()] = _gamma(gamma)
    return _profile(b"RGB ", tags)


def grey_profile(name: str, gamma: float) -> bytes:
    """A profile of greys with one gamma."""
    tags = {
        b"desc": _description(name),
        b"wtpt": _xyz(D50),
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"kTRC": _gamma(gamma),
    }
    return _profile(b"GRAY", tags)


def ink_profile(name: str, white: tuple[int, int, int], cyan: tuple[int, int, int]) -> bytes:
    """A profile of four inks whose table has two colours: `white` where there is no cyan, and
    `cyan` where it is full, both as Lab (L 0 to 255, a and b from 128); black is where black is."""
    straight = bytes(range(256))
    table = b""
    for corner in range(16):  # cyan varies slowest, black fastest
        table += bytes((0, 128, 128)) if corner & 1 else bytes(cyan if corner & 8 else white)
    matrix = b"".join(_fixed(float(row == column)) for row in range(3) for column in range(3))
    lut = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + matrix + straight * 4 + table + straight * 3
    tags = {
        b"desc": _description(name),
        b"wtpt": _xyz(D50),
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"A2B0": lut + b"\0" * (-len(lut) % 4),
    }
    profile = bytearray(_profile(b"CMYK", tags))
    profile[12:16], profile[20:24] = b"prtr", b"Lab "
    return bytes(profile)

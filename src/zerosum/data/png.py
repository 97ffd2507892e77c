"""PNG files are held against their own checksums: Pillow does not look at those of the pixels."""

import io
import struct
import zlib
from pathlib import Path

from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def open_png(path: Path) -> Image.Image:
    """A picture that zerosum wrote, loaded. Raises OSError or ValueError where it is damaged."""
    content = path.read_bytes()
    require_intact_png(content)
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            image.load()
            return image
    except (SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(str(error)) from error


def require_intact_png(content: bytes) -> None:
    """Raise ValueError where a PNG's checksums are wrong; other content is left alone."""
    if not content.startswith(SIGNATURE):
        return
    start = len(SIGNATURE)
    while start + 12 <= len(content):  # length, kind, data, checksum
        length, kind = struct.unpack_from(">I4s", content, start)
        end = start + 8 + length
        if content[end : end + 4] != zlib.crc32(content[start + 4 : end]).to_bytes(4):
            raise ValueError("truncated" if end + 4 > len(content) else "checksum is wrong")
        if kind == b"IEND":
            return
        start = end + 4
    raise ValueError("truncated")

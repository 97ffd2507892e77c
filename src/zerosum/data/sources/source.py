"""What a source of images is: names, and the bytes behind them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from zerosum.data.sources.aside import Aside

# The image files that are read, with the format that the ending promises (None: any).
FORMATS: dict[str, str | None] = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".png": "PNG",
    ".gif": "GIF",
    ".bmp": "BMP",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".avif": "AVIF",
    ".pgm": "PPM",
    ".ppm": "PPM",
    ".image": None,  # from tables that do not say
}


@dataclass(frozen=True)
class File:
    """One file of a source; `problem` says why `content` could not be had ("" when it could)."""

    name: str
    content: bytes
    problem: str = ""


@dataclass(frozen=True)
class Source:
    """A collection of files that may be images.

    `name` is short, for folder names and tables. `signature` changes when the source does and is
    cheap to find. `names` lists all files with "/" between folders, in a fixed order; `read`
    gives the named files one after the other, in that order. `class_names` orders the classes
    where the source numbers them itself. `classes` gives the class of each file where the source
    tells it otherwise than by its folders. `left_out` tells what was not listed because it is no
    image of the user's, `unreadable` the folders into which nobody may look. `gone`: what it reads
    is not there, so that only what was packed of it before can be had.
    """

    name: str
    signature: str
    names: Callable[[], list[str]]
    read: Callable[[Sequence[str]], Iterator[File]]
    class_names: tuple[str, ...] = ()
    classes: Callable[[], Mapping[str, str] | None] = lambda: None
    left_out: Callable[[], Sequence[Aside]] = tuple
    unreadable: Sequence[Aside] = ()
    gone: bool = False


def suffix(name: str) -> str:
    """The ending of a file's name in small letters, with its dot; "" where there is none."""
    base = name.rpartition("/")[2]
    return "." + base.rpartition(".")[2].lower() if "." in base[1:] else ""


def is_image_name(name: str) -> bool:
    """Whether a file is treated as an image: by its ending, or by having none."""
    return suffix(name) in FORMATS or suffix(name) == ""


def within(names: list[str], folder: str) -> list[str]:
    """The names below `folder` ("" for all), relative to it."""
    if not folder:
        return names
    prefix = folder.strip("/") + "/"
    return [name.removeprefix(prefix) for name in names if name.startswith(prefix)]

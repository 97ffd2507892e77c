"""How large images are: squares by one number, others as width x height."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_SIDE, MOST_SIDE = 16, 256
"""Of images that networks are trained on, in pixels."""
HOW = "write a side in pixels, such as 64, or width x height, such as 64x96"


@dataclass(frozen=True)
class ImageSize:
    """Pixels across and down.

    A recipe, a command and JSON have it as it is `written`: a square as its side, 64; anything else
    with its width before its height, as sizes of images are written everywhere, "64x96". Sentences
    have it `in_words`: 64×96.
    """

    width: int
    height: int

    @classmethod
    def of_shape(cls, shape: Sequence[int]) -> "ImageSize":
        """That of pixels of shape (height, width, …)."""
        return cls(shape[1], shape[0])

    @property
    def written(self) -> int | str:
        """As it stands in a recipe: 64, or "64x96"."""
        return self.width if self.is_square else f"{self.width}x{self.height}"

    def __str__(self) -> str:
        return str(self.written)

    @property
    def in_words(self) -> str:
        """Width × height."""
        return f"{self.width}×{self.height}"

    @property
    def is_square(self) -> bool:
        """Whether it is as wide as high."""
        return self.width == self.height

    @property
    def sides(self) -> tuple[int, int]:
        """Width and height, in pixels."""
        return self.width, self.height

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width, in the order of arrays."""
        return self.height, self.width

    @property
    def pixels(self) -> int:
        """How many there are."""
        return self.width * self.height

    @property
    def turned(self) -> "ImageSize":
        """That of pictures that are turned by a quarter of a circle."""
        return ImageSize(self.height, self.width)


def parse_size(value: object) -> ImageSize:
    """What 64, "64" or "64x96" says: width before height.

    Raises ValueError, with what is allowed, for anything else.
    """
    if isinstance(value, ImageSize):
        return value
    text = "" if isinstance(value, bool) else "".join(str(value).split()).lower()
    match = re.fullmatch(r"([1-9]\d{0,5})(?:\.0|[x×]([1-9]\d{0,5}))?", text, re.ASCII)
    if not match:
        raise ValueError(HOW)
    return ImageSize(int(match[1]), int(match[2] or match[1]))

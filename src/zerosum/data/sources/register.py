"""Image sets from files of the user's."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from itertools import islice
from operator import index
from pathlib import Path
from typing import NoReturn, TypeVar

import numpy as np
from PIL import Image, ImageOps

from zerosum.data.check import wrong_size
from zerosum.data.sources.folder import open_folder
from zerosum.data.sources.named import NAMES, OWN_SETS
from zerosum.data.sources.source import File, Source
from zerosum.errors import ZerosumError
from zerosum.parts import Entries, named_files, register
from zerosum.reading import reason
from zerosum.user_function import UserFunction

Function = TypeVar("Function", bound=Callable[..., object])

SPLITS = ("train", "test")
DEFAULTS = (None, None, "train")
"""Of what a function gives of an image: the image itself, its label, its split."""
ENDING = ".image"
PLAIN = {"L": b"P5", "RGB": b"P6"}
"""Modes of Pillow that are written as PGM and PPM."""
HOW = (
    "give images one after the other, each uint8 (height, width) or (height, width, 3), or of PIL; "
    "with classes (image, label), with a test split (image, label, split)"
)
CHANNELS_LAST = (
    "put the channels last: .permute(1, 2, 0) of a tensor, .transpose(1, 2, 0) of an array; "
)


def images(name: str, *, files: Sequence[str | Path] = ()) -> Callable[[Function], Function]:
    """Register an image set, for `data.source` and `--data`, in a file that `--with` names.

    It stands on a function without parameters that gives images one after the other: it yields
    them, or returns what can be gone through, such as an array of them or a data set of torch. An
    image is uint8 (height, width) or (height, width, channels), with 1 channel of grey, 3 of RGB
    or 4 with alpha, 8 pixels or more on each side; or it is one of PIL. It comes alone or in a
    tuple or a list: with its label, a text or a whole number (None: it has none), and after that
    the split that it is of, "train" or "test".

    The function is called when its images are packed, twice or more, once for their labels, and
    gives the same in the same order. They are packed anew where the text of its file is another,
    or where one of the `files` (and folders) is, which it reads. Nothing else is looked at: where a
    file has changed that is not named there, the old pack stays in use.

    Raises ZerosumError where the function has parameters, or zerosum has a set of that name.
    """

    def make(given: Callable[..., object]) -> Entries:
        if name in NAMES:
            raise ValueError("zerosum has one of that name; give it another name")
        own = OwnImages(name, UserFunction.of(given, ()), named_files(files))
        return [(OWN_SETS, own.source)]

    return register("image set", name, make, "images")


@dataclass(frozen=True)
class OneImage:
    """What a user's function gives of one image."""

    name: str
    """In the source: its split and its place."""
    label: str
    """"": it has none."""
    image: Image.Image


@dataclass(frozen=True)
class OwnImages:
    """An image set of the user's: what its function gives, as files."""

    name: str
    function: UserFunction[object]
    files: Sequence[Path]

    def source(self) -> Source:
        """The set as any other source."""
        facts, missing = "", None
        try:
            facts = " ".join(map(_facts, self.files))
        except ZerosumError as error:
            missing = error  # which matters where the images are not packed
        signature = f"own {self.name} {self.function.file.digest} {facts}"

        @cache
        def listed() -> list[tuple[str, str]]:
            """The name and the label of each image."""
            if missing:
                raise missing
            found = [(each.name, each.label) for each in self._all()]
            if not found:
                self.function.refuse("gives no images", HOW)
            return found

        def classes() -> dict[str, str] | None:
            labels = dict(listed())
            return labels if any(labels.values()) else None

        return Source(
            self.name,
            signature,
            lambda: [name for name, _ in listed()],
            lambda names: self._read(names, listed()),
            classes=classes,
            gone=missing is not None,
        )

    def _read(self, names: Sequence[str], listed: Sequence[tuple[str, str]]) -> Iterator[File]:
        """The images of these names, in that order."""
        given, place = self._all(), 0
        for name in names:
            wanted = int(name.rpartition("/")[2].removesuffix(ENDING))
            if wanted < place:
                given, place = self._all(), 0
            found = next(islice(given, wanted - place, None), None)
            place = wanted + 1
            if found is None or (found.name, found.label) != listed[wanted]:
                self.function.refuse(
                    f"gives another image {wanted:,} when it is called again",
                    "give the same in the same order: sort what is listed, draw by a fixed seed",
                )
            yield File(name, self._content(found.image, wanted))

    def _all(self) -> Iterator[OneImage]:
        """What the function gives. Raises ZerosumError where something of it is no image."""
        given = self.function()
        if isinstance(given, Mapping):
            self.function.refuse(f"gives a {type(given).__name__}", HOW)
        if not isinstance(given, Iterable):
            if not (hasattr(given, "__getitem__") and hasattr(given, "__len__")):
                self.function.refuse(f"gives {type(given).__name__}", HOW)
            given = map(given.__getitem__, range(len(given)))
        with self.function.telling():
            for place, each in enumerate(given):
                yield self._one(each, place)

    def _one(self, given: object, place: int) -> OneImage:
        some: tuple[object, ...] = tuple(given) if isinstance(given, tuple | list) else (given,)
        if not 1 <= len(some) <= len(DEFAULTS):
            self._refuse(place, f" as a {type(given).__name__} of {len(some)}", HOW)
        image, label, split = some + DEFAULTS[len(some) :]
        if split not in SPLITS:
            self._refuse(place, f" in the split {split!r}", 'the splits are "train" and "test"')
        if label is not None and not isinstance(label, str):
            try:
                label = str(index(label))  # type: ignore[arg-type]
            except TypeError:
                what = f" with the label {label!r}"
                self._refuse(place, what, "a label is a text, a whole number or None")
        if not isinstance(image, Image.Image):
            image = self._picture(image, place)
        if problem := wrong_size(*image.size):
            self._refuse(place, f", which is no use: {problem}", "leave it out")
        return OneImage(f"{split}/{place:06d}{ENDING}", label or "", image)

    def _picture(self, given: object, place: int) -> Image.Image:
        if isinstance(given, Mapping):
            what = f" as a {type(given).__name__}"
            self._refuse(place, what, 'give what is in it: yield each["image"], each["label"]')
        array = np.asarray(given)
        if array.ndim == 3 and array.shape[2] == 1:
            array = array[:, :, 0]
        if array.dtype != np.uint8 or not (array.ndim == 2 or array.shape[2:] in ((3,), (4,))):
            what = f"{array.dtype} of shape {array.shape}" if array.ndim else repr(given)
            first = array.ndim == 3 and array.shape[0] in (1, 3, 4)
            self._refuse(place, f" as {what}", CHANNELS_LAST + HOW if first else HOW)
        return Image.fromarray(array)

    def _content(self, image: Image.Image, place: int) -> bytes:
        """An image as the bytes of a file."""
        try:
            image = ImageOps.exif_transpose(image)
            if "transparency" in image.info:
                image = image.convert("RGBA")
            if image.mode in PLAIN and not image.info.get("icc_profile"):
                return b"%s %d %d 255\n" % (PLAIN[image.mode], *image.size) + image.tobytes()
            image.save(file := BytesIO(), "TIFF")
            return file.getvalue()
        except Exception as error:  # Pillow's decoders raise nearly anything
            self._refuse(
                place, f", which cannot be read: {error}", "leave it out, or convert it to RGB"
            )

    def _refuse(self, place: int, what: str, remedy: str) -> NoReturn:
        self.function.refuse(f"gives image {place:,}{what}", remedy)


def _facts(path: Path) -> str:
    """What changes when a file or a folder does. Raises ZerosumError where it is not there."""
    try:
        if path.is_dir():
            return open_folder(path, path.name).signature
        facts = path.stat()
    except OSError as error:
        raise ZerosumError(
            f"{path.absolute()} cannot be read: {reason(error)}",
            "give the command from where it lies, put it there, or take it out of the `files` that "
            "an image set of yours names",
        ) from error
    return f"{facts.st_size} {facts.st_mtime_ns}"

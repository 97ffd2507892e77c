"""Pictures restored by a run of the recipe `restore`: pixels, or whole folders of files."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zerosum.data.sources.folder import open_folder, read_file
from zerosum.data.sources.source import File, is_image_name, suffix
from zerosum.errors import UsageError, ZerosumError
from zerosum.files import write_atomically, writing
from zerosum.generation.generator import TrainedGenerator, require_restoring
from zerosum.generation.picture_files import LOSSES, open_picture, picture_png
from zerosum.generation.sample import Progress
from zerosum.generation.tiles import Tiling, compute_in_tiles, tiling
from zerosum.reading import reason, require_regular

STEPS = 1000
"""What a picture counts for in the progress, so that a large one moves it by its tiles."""


@dataclass(frozen=True)
class RestoredFile:
    """What became of a file: its restored picture is at `path`, made now or there already.

    `problem` tells why there is none (`path` is None then), `losses` what of the file the restored
    picture does not have.
    """

    name: str
    path: Path | None
    made: bool
    problem: str = ""
    losses: tuple[str, ...] = ()


def restore_picture(
    generator: TrainedGenerator,
    pixels: NDArray[np.uint8],
    *,
    tile: int | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> NDArray[np.uint8]:
    """A picture uint8 (H, W, 1 or 3) → the restored one, of the same height and width.

    A grey picture comes back grey, but as (H, W, 3) where the run has learnt to colourise. A run
    of grey pictures restores how light a coloured one is and keeps its colours. A large picture is
    computed in tiles of `tile` pixels (see `tiling`); `progress` is told the share that is done.
    Raises UsageError for a run that does not restore, and for tiles that are too small.
    """
    require_restoring(generator)
    tiles = tiling(generator, tile)
    if generator.recipe.data.channels == pixels.shape[2]:
        return compute_in_tiles(generator, pixels, tiles, progress)
    if pixels.shape[2] == 3:
        return _lightness_restored(generator, pixels, tiles, progress)
    restored = compute_in_tiles(generator, pixels.repeat(3, axis=2), tiles, progress)
    if generator.recipe.damage.takes_colours:
        return restored
    return np.asarray(Image.fromarray(restored).convert("L"))[..., None]


def _lightness_restored(
    generator: TrainedGenerator,
    pixels: NDArray[np.uint8],
    tiles: Tiling,
    progress: Callable[[float], None],
) -> NDArray[np.uint8]:
    """A coloured picture by a generator of grey ones: the Y of its YCbCr, as in a JPEG."""
    light, blue, red = Image.fromarray(pixels).convert("YCbCr").split()
    restored = compute_in_tiles(generator, np.asarray(light)[..., None], tiles, progress)
    parts = (Image.fromarray(restored[..., 0]), blue, red)
    return np.asarray(Image.merge("YCbCr", parts).convert("RGB"))


def restore_files(
    generator: TrainedGenerator,
    source: Path,
    out: Path,
    *,
    tile: int | None = None,
    progress: Progress = lambda _done, _total: None,
) -> Iterator[RestoredFile]:
    """Restore a picture, or all pictures in a folder and its subfolders, as PNGs in `out`.

    The files come one by one as they are done. The subfolders are kept, and so are transparency,
    EXIF's idea of upright, and an ICC profile that fits; `restore_picture` tells what becomes of
    colours. Nothing is overwritten: what this checkpoint has restored into `out` before is left,
    so that the same call goes on where another was stopped. `progress` is called with parts done
    and to do. Raises ZerosumError, before anything is written, when there are no pictures, or
    `out` has another file where a restored picture belongs.
    """
    require_restoring(generator)
    tiling(generator, tile)  # a wrong --tile is told first
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file", "give --out a folder, which may be a new one")
    try:
        names, read, unreadable = _in_folder(source, out) if source.is_dir() else _one(source, out)
    except OSError as error:
        raise ZerosumError(
            f"{source} cannot be read: {reason(error)}", "make it readable for you"
        ) from error
    paths = {name: out / target for name, target in targets(names).items()}
    there = {name for name in names if _made_by(generator, paths[name])}
    missing = [name for name in names if name not in there]
    done = (RestoredFile(name, paths[name], made=False) for name in names if name in there)

    def each() -> Iterator[RestoredFile]:
        for number, file in enumerate(read(missing)):

            def of_all(share: float, number: int = number) -> None:
                progress(round(STEPS * (number + share)), STEPS * len(missing))

            yield _restored(generator, file, paths[file.name], tile, of_all)
            of_all(1)

    return chain(done, unreadable, each())


def _restored(
    generator: TrainedGenerator,
    file: File,
    path: Path,
    tile: int | None,
    progress: Callable[[float], None],
) -> RestoredFile:
    found, picture = open_picture(file)
    if picture is None:
        return RestoredFile(file.name, None, made=False, problem=found.problem)
    with writing(path):  # now: minutes may pass until there is something to write
        path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.atleast_3d(np.asarray(picture.image))
    restored = restore_picture(generator, pixels, tile=tile, progress=progress)
    image = Image.fromarray(restored if restored.shape[2] == 3 else restored[..., 0])
    write_atomically(path, picture_png(replace(picture, image=image), generator.labels()))
    losses = tuple(loss for loss in found.conversions if loss in LOSSES)
    return RestoredFile(file.name, path, made=True, losses=losses)


def targets(names: Iterable[str]) -> dict[str, str]:
    """What the restored picture of each file is called: a/x.jpg → a/x.png.

    Where two files would meet there, both keep their endings: x.jpg and x.png become x.jpg.png and
    x.png.png. That capitals differ is not enough: on many disks it is the same name.
    """
    called = {name: f"{name[: len(name) - len(suffix(name))]}.png" for name in names}
    while True:
        meeting: dict[str, list[str]] = {}
        for name, target in called.items():
            meeting.setdefault(target.casefold(), []).append(name)
        crowded = [name for group in meeting.values() if len(group) > 1 for name in group]
        longer = {name: f"{name}.png" for name in crowded}
        if all(called[name] == target for name, target in longer.items()):
            return called
        called |= longer


Read = Callable[[list[str]], Iterable[File]]


def _in_folder(source: Path, out: Path) -> tuple[list[str], Read, list[RestoredFile]]:
    """The names of the pictures below a folder, relative to it, how they are read, and the
    subfolders that cannot be."""
    inside, outside = out.resolve(), source.resolve()
    if inside == outside:
        raise _same_folder(source)
    folder = open_folder(source, source.name)
    names = [name for name in folder.names() if is_image_name(name)]
    if inside.is_relative_to(outside):
        # What was restored before is not to be restored again.
        below = f"{inside.relative_to(outside).as_posix()}/"
        names = [name for name in names if not name.startswith(below)]
    unreadable = [
        RestoredFile(aside.name, None, made=False, problem=f"cannot be read: {aside.why}")
        for aside in folder.unreadable
    ]
    if not names and not unreadable:
        raise ZerosumError(
            f"there are no pictures in {source}", "give a picture, or a folder with JPEG, PNG, …"
        )
    return names, folder.read, unreadable


def _one(source: Path, out: Path) -> tuple[list[str], Read, list[RestoredFile]]:
    """The name of a picture, and how it is read."""
    if not source.is_file():
        what = "no regular file lies" if source.exists() else "there is nothing"
        raise ZerosumError(f"{what} at {source}", "give a picture, or a folder of pictures")
    if out.resolve() == source.parent.resolve():
        raise _same_folder(out)

    def read(names: list[str]) -> Iterator[File]:
        return (read_file(source, name) for name in names)

    return [source.name], read, []


def _same_folder(folder: Path) -> UsageError:
    return UsageError(
        f"the pictures to restore lie in {folder}, where the restored ones should go",
        "choose another --out, for example a new folder",
    )


def _made_by(generator: TrainedGenerator, path: Path) -> bool:
    """Whether the generator has restored a picture to this path; ZerosumError for another file."""
    if not path.exists():
        return False
    labels = generator.labels()
    try:
        require_regular(path)
        with Image.open(path, formats=["PNG"]) as image:
            made = all(image.info.get(key) == value for key, value in labels.items())
    except Exception:  # no PNG, or a damaged one
        made = False
    if made:
        return True
    raise ZerosumError(
        f"{path} is there already, and checkpoint {generator.checkpoint} of {generator.run} did "
        "not make it",
        "choose another --out, or delete it first",
    )

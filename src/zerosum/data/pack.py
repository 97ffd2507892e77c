"""The pack: all usable images of a source, decoded once, as one memory-mapped array.

A pack is a folder: pixels.npy (uint8, N×H×W×C), test.npy (bool, N), labels.npy (int64, N; only
where the source has classes) and index.json, which has the checksums of all four. It lies in the
cache under a name that is a function of the source's signature and the fitting, so a changed source
gets a new pack.
"""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from logging import getLogger
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from zerosum.checksums import DamagedError, checked_object, crc32, read_object
from zerosum.data.cache_folder import cache_folder, require_room, telling_cache_errors
from zerosum.data.check import Finding
from zerosum.data.fit import Fitting
from zerosum.data.layout import layout, question
from zerosum.data.pixels import Pixels
from zerosum.data.pool import examine_all
from zerosum.data.ranges import PRESUMED, Kind, Ranges, Values, decided, gather, sentences
from zerosum.data.sources.source import Source, is_image_name, suffix
from zerosum.errors import ZerosumError
from zerosum.files import sync
from zerosum.recipe.value_range import parse_range
from zerosum.visible import visible

LOG = getLogger(__name__)

FORMAT = 3
"""Of a pack; another number makes new packs. 2: with checksums. 3: one range for the deep pictures
of a set, and colours in sRGB. The fingerprint of pictures that this leaves alone is as before."""
FIRST_NAMES = 5  # of the bad files, kept for the error message
PARTIAL = ".partial"
INDEX, PIXELS, TEST, LABELS = "index.json", "pixels.npy", "test.npy", "labels.npy"
MISSING = "it is missing"
ARCHIVES = (".zip", ".tar", ".tgz", ".gz", ".xz", ".bz2")

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Pack:
    """An opened pack. `index` is what index.json says."""

    folder: Path
    pixels: Pixels
    labels: NDArray[np.int64] | None
    test: NDArray[np.bool_]
    index: dict[str, Any]


def packs_folder(cache: Path | None = None) -> Path:
    """Where packs lie: below `cache`, $ZEROSUM_CACHE or the user's cache folder."""
    return cache_folder(cache) / "packs"


def pack_path(source: Source, fitting: Fitting, cache: Path | None = None) -> Path:
    """Where the pack of a source lies, whether it was made or not."""
    key = json.dumps([FORMAT, source.signature, fitting.facts()])
    return packs_folder(cache) / f"{source.name}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def open_pack(
    source: Source,
    fitting: Fitting,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> Pack:
    """The pack of a source, made now if it is not in the cache.

    Of several processes that ask for the same pack one makes it and the others wait. Raises
    ZerosumError when the source has no images or there is no room for the pack.
    """
    folder = pack_path(source, fitting, cache)

    def require_whole(*, pixels: bool) -> None:
        with telling_cache_errors("read the image cache", folder.parent):
            whole = not _problem(folder, pixels=pixels)
        if not whole:
            with telling_cache_errors("write the image cache", folder.parent):
                _make_alone(source, fitting, folder, progress, pixels=pixels)

    def require_same_pixels(fingerprint: str) -> None:
        require_whole(pixels=True)
        if read_index(folder)["fingerprint"] != fingerprint:
            raise ZerosumError(
                f"the pack {folder} was damaged, and made anew it has other pixels",
                "give the command again: it begins with these",
            )

    require_whole(pixels=False)
    with telling_cache_errors("read the image cache", folder.parent):
        index = read_index(folder)
        check = partial(require_same_pixels, index["fingerprint"])
        return Pack(
            folder,
            Pixels(folder / PIXELS, (index["images"], *fitting.shape), check),
            np.load(folder / LABELS) if LABELS in index["files"] else None,
            np.load(folder / TEST),
            index,
        )


def read_index(folder: Path) -> dict[str, Any]:
    """What a pack's index.json says. Raises DamagedError where it is not what was written."""
    return read_object((folder / INDEX).read_bytes(), demanded=True)


def _problem(folder: Path, *, pixels: bool) -> str:
    """What is wrong with a pack, "" where nothing is. Of its pixels only the size is looked at,
    unless `pixels`: they may be many."""
    if not (folder / INDEX).is_file():
        return MISSING
    try:
        for name, expected in read_index(folder)["files"].items():
            with (folder / name).open("rb") as file:  # whether it may be read is told now
                if file.seek(0, 2) != expected["bytes"]:
                    return f"{name} has another size"
            if (pixels or name != PIXELS) and crc32(folder / name) != expected["crc32"]:
                return f"{name} is not what was written"
    except DamagedError as error:
        return f"{INDEX}: {error}"
    except FileNotFoundError as error:
        return f"{Path(error.filename).name} is missing"
    return ""


def _make_alone(
    source: Source, fitting: Fitting, folder: Path, progress: Progress | None, *, pixels: bool
) -> None:
    """Make a pack, unless another process has made it meanwhile."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(folder.parent)
    with FileLock(lock_of(folder)):
        problem = _problem(folder, pixels=pixels)
        if not problem:
            return
        if problem != MISSING:
            LOG.warning(f"the pack {folder} is damaged ({problem}): it is made anew")
        _make(source, fitting, folder, progress)


def lock_of(folder: Path) -> Path:
    """The file that is locked while a pack is being made or removed."""
    return folder.with_name(folder.name + ".lock")


def remove_leftovers(packs: Path) -> None:
    """Remove what packings that were killed have left: those whose lock nobody holds."""
    for folder in packs.glob("*" + PARTIAL):
        try:
            with FileLock(lock_of(folder.with_suffix("")), timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
        except Timeout:
            pass  # it is being made at this moment
        except PermissionError:
            pass  # another user's, in a cache that several share


def _make(source: Source, fitting: Fitting, folder: Path, progress: Progress | None) -> None:
    """Make a pack beside its place and rename it; whatever stops this, nothing stays."""
    names = source.names()
    wanted = [name for name in names if is_image_name(name)]
    if not wanted:
        archives = [name for name in names if suffix(name) in ARCHIVES]
        raise ZerosumError(
            f"{source.name} has no images",
            f"it holds {archives[0]}: give the path of that"
            if archives
            else "give a folder, zip or tar with .jpg, .png, .webp, .gif, .bmp or .tif files",
        )
    if unclear := question(wanted):
        raise ZerosumError(*unclear)
    require_room("the packed images", folder.parent, len(wanted) * int(np.prod(fitting.shape)))
    partial = folder.with_name(folder.name + PARTIAL)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        _fill(source, wanted, fitting, partial, progress)
        for file in partial.iterdir():
            sync(file)
        shutil.rmtree(folder, ignore_errors=True)  # what is left of a pack without its index
        partial.rename(folder)
        sync(folder.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _fill(
    source: Source, wanted: list[str], fitting: Fitting, folder: Path, progress: Progress | None
) -> None:
    asked = parse_range(fitting.range)
    ranges = dict.fromkeys(PRESUMED, asked) if asked else dict(PRESUMED)
    decoded = _decode_all(source, wanted, fitting, ranges, folder, progress)
    chosen = decided(decoded.deep, asked)
    if any(ranges[kind] != each for kind, each in chosen.items()):
        # Only now that all were seen it is known what is black and white.
        ranges |= chosen
        decoded = _decode_all(source, wanted, fitting, ranges, folder, progress)
    parts = layout(decoded.good, source.class_names, source.classes())
    digest = decoded.digest
    np.save(folder / TEST, parts.test)
    if parts.labels is not None:
        np.save(folder / LABELS, parts.labels)
        digest.update(parts.labels.tobytes())
    digest.update(parts.test.tobytes())
    bad = decoded.bad
    index = {
        "name": source.name,
        "signature": source.signature,
        "images": len(decoded.good),
        "test": int(parts.test.sum()),
        "bad": len(bad),
        "bad_names": [visible(f"{found.name}: {found.problem}") for found in bad[:FIRST_NAMES]],
        "converted": decoded.converted,
        "class_names": list(parts.class_names),
        "fitting": fitting.facts(),
        "deep": sentences(decoded.deep, ranges),
    }
    digest.update(json.dumps([index["class_names"], index["fitting"]]).encode())
    index["fingerprint"] = digest.hexdigest()
    index["files"] = {
        file.name: {"bytes": file.stat().st_size, "crc32": crc32(file)}
        for file in sorted(folder.iterdir())
    }
    text = json.dumps(checked_object(index), indent=2, ensure_ascii=False)
    (folder / INDEX).write_text(text, encoding="utf-8")


@dataclass
class Decoded:
    """What came of decoding all files: the names of the good ones, the bad ones, the extremes of
    the deep ones by their kind, and SHA-256 over the pixels."""

    good: list[str]
    bad: list[Finding]
    deep: dict[Kind, Values]
    converted: int
    digest: "hashlib._Hash"


def _decode_all(
    source: Source,
    wanted: list[str],
    fitting: Fitting,
    ranges: Ranges,
    folder: Path,
    progress: Progress | None,
) -> Decoded:
    """Write pixels.npy."""
    decoded = Decoded([], [], {}, 0, hashlib.sha256())
    done = 0
    with (folder / PIXELS).open("wb") as file:
        _write_header(file, (len(wanted), *fitting.shape))
        for findings, pixels in examine_all(source.read(wanted), len(wanted), fitting, ranges):
            content = pixels.tobytes()
            file.write(content)
            decoded.digest.update(content)
            decoded.good += [found.name for found in findings if not found.problem]
            decoded.bad += [found for found in findings if found.problem and not found.ignored]
            decoded.converted += sum(bool(found.conversions) for found in findings)
            gather(decoded.deep, (found.values for found in findings))
            done += len(findings)
            if progress:
                progress(done, len(wanted))
        _write_header(file, (len(decoded.good), *fitting.shape))
    return decoded


def _write_header(file: BinaryIO, shape: tuple[int, ...]) -> None:
    """A .npy header at the file's start; it has the same length whatever the number of rows."""
    file.seek(0)
    np.lib.format.write_array_header_1_0(
        file, {"descr": "|u1", "fortran_order": False, "shape": shape}
    )

"""What scores need of the real images alone, kept on disk beside their features: the next
evaluation against the same ones computes none of it again, and has the same numbers to the last
digit."""

import contextlib
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from logging import getLogger
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from zerosum.checksums import checked_object, read_object
from zerosum.data.cache_folder import features_folder
from zerosum.errors import ZerosumError
from zerosum.evaluation.extractors import Extractor
from zerosum.evaluation.features import Features, features_path
from zerosum.evaluation.images import Images
from zerosum.evaluation.scores.kept import Array, Kept, Remembered, content_of
from zerosum.files import shortened, write_atomically
from zerosum.versions import versions

LOG = getLogger(__name__)

SUFFIX = ".safetensors"
FORMAT = 1  # of these files; another number computes everything anew
SMALLEST = 2**20
"""Numbers in a matrix of features: of a smaller one everything is computed within a second."""
CONTENT = "content"
SOURCES = Path(__file__).parent
"""Where the code of the scores lies."""


class RealCache:
    """Arrays of one matrix of features as files in a folder, whose names begin with `name`; read
    from disk once."""

    def __init__(self, folder: Path, name: str, features: Features) -> None:
        self.folder, self.name = folder, name
        self._matrix = content_of(features)
        self._memory = Remembered()

    def path(self, what: str, depends: Sequence[object]) -> Path:
        """Where an array lies, whether it is there or not: by all that it depends on."""
        parts = [FORMAT, self.name, self._matrix, what, repr(tuple(depends))]
        digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
        return self.folder / f"{shortened(self.name)}-{what}-{digest}{SUFFIX}"

    def read(self, what: str, depends: Sequence[object], like: Array) -> Array | None:
        """As `Kept` says. None too where the file is damaged, or was made by other code or
        with another number of threads, which changes last digits."""
        found = self._memory.read(what, depends, like)
        if found is None:
            found = self._read(self.path(what, depends), like)
            if found is not None:
                self._memory.write(what, depends, found)
        return found

    def _read(self, path: Path, like: Array) -> Array | None:
        try:
            with safe_open(path, framework="numpy") as file:
                facts = read_object((file.metadata() or {})["zerosum"], demanded=True)
                if facts["name"] != path.name:
                    raise ValueError("another file under this name")
                if facts["made"] != _made():
                    return None
                array: Array = file.get_tensor(CONTENT)
            same = (array.shape, array.dtype) == (like.shape, like.dtype)
            if same and content_of(array) == facts[CONTENT]:
                return array
        except (FileNotFoundError, PermissionError):
            return None
        except (SafetensorError, OSError, ValueError, LookupError, TypeError):
            pass
        LOG.warning(f"{path} is damaged: what it held is computed anew")
        return None

    def write(self, what: str, depends: Sequence[object], array: Array) -> None:
        """As `Kept` says; only in memory where the disk is full or may not be written to."""
        self._memory.write(what, depends, array)
        content = np.ascontiguousarray(array)
        path = self.path(what, depends)
        facts = {"name": path.name, "made": _made(), CONTENT: content_of(content)}
        metadata = {"zerosum": json.dumps(checked_object(facts))}
        with contextlib.suppress(ZerosumError):
            write_atomically(path, save({CONTENT: content}, metadata=metadata))

    def of(self, features: Features, /) -> Kept:
        """As `Kept` says."""
        return RealCache(self.folder, self.name, features)


def kept_of(
    images: Images, extractor: Extractor, layer: str, features: Features, cache: Path | None = None
) -> Kept:
    """What is kept of real images, of whose `features`: on disk, unless they are few."""
    if features.size < SMALLEST:
        return Remembered()
    name = features_path(images, extractor, layer, cache).stem
    return RealCache(features_folder(cache), name, features)


def _made() -> dict[str, object]:
    """What the last digits depend on besides the features."""
    known = versions()
    libraries = {name: known[name] for name in ("zerosum", "torch", "numpy")}
    processor = torch.backends.cpu.get_cpu_capability()
    threads = torch.get_num_threads()
    return {**libraries, "processor": processor, "threads": threads, "code": _code(SOURCES)}


@cache
def _code(folder: Path) -> str:
    """A digest of the code of the scores and of their floor: in a checkout it changes under the
    same version, constants such as the subsets of KID included."""
    digest = hashlib.sha256()
    for path in [*sorted(folder.glob("scores/*.py")), folder / "floor.py"]:
        with contextlib.suppress(OSError):  # installed without its text
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]

"""The pixels of a pack: mapped from disk, and held against their checksum when first read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Pixels:
    """All images of a pack, uint8 (N, H, W, C), whose rows are read as those of an array are.

    `require_whole` is called before the first reading, and raises where the file cannot be read.

    The first reading goes through the whole file once. It is not done before: where all features
    of the images lie in the cache, nobody reads the pixels.
    """

    def __init__(
        self, file: Path, shape: tuple[int, ...], require_whole: Callable[[], None]
    ) -> None:
        self.shape = shape
        self._file = file
        self._require_whole = require_whole
        self._mapped: NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> NDArray[np.uint8]:
        found: NDArray[np.uint8] = self.mapped()[rows]
        return found

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.mapped(), dtype=dtype, copy=copy)

    def mapped(self) -> NDArray[np.uint8]:
        """The array; it stays on disk until it is used.

        Raises ZerosumError where it is damaged and cannot be made anew.
        """
        if self._mapped is None:
            self._require_whole()
            # A plain view of the mapped file: np.memmap's own indexing is slower.
            self._mapped = np.asarray(np.load(self._file, mmap_mode="r"))
        return self._mapped

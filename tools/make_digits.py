"""Choose the 10,000 bundled digits from MNIST's training set.

    python tools/make_digits.py FOLDER   # the folder with MNIST's four idx files

Writes two idx files, compressed with xz, into the package. The first 8,000 digits train, the last
2,000 are held out; the seed is fixed, so the script gives the same files every time.
"""

import gzip
import lzma
import sys
from pathlib import Path

import numpy as np

CHOSEN = 10_000
SEED = 0
TARGET = Path(__file__).parents[1] / "src" / "zerosum" / "data" / "digits"
IMAGE_HEADER = 16  # bytes: magic number, count, rows, columns
LABEL_HEADER = 8  # bytes: magic number, count


def idx(magic: int, array: np.ndarray) -> bytes:
    """The bytes of an idx file that holds `array` (uint8)."""
    return np.array([magic, *array.shape], dtype=">u4").tobytes() + array.tobytes()


def main(folder: Path) -> None:
    """Read MNIST's training files in `folder` and write the chosen digits."""
    images = gzip.decompress((folder / "train-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((folder / "train-labels-idx1-ubyte.gz").read_bytes())
    pixels = np.frombuffer(images, np.uint8, offset=IMAGE_HEADER).reshape(-1, 28, 28)
    classes = np.frombuffer(labels, np.uint8, offset=LABEL_HEADER)
    rows = np.random.default_rng(SEED).choice(len(pixels), size=CHOSEN, replace=False)
    TARGET.mkdir(exist_ok=True)
    for name, content in {
        "images-idx3-ubyte.xz": idx(0x803, pixels[rows]),
        "labels-idx1-ubyte.xz": idx(0x801, classes[rows]),
    }.items():
        path = TARGET / name
        path.write_bytes(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))
        print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

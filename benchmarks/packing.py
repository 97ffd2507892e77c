"""How fast and in how much memory zerosum packs JPEGs.

    python benchmarks/packing.py --images 300000

Makes that many 178×218 JPEGs in a scratch folder (links to 200 different ones, so that they need
no room), packs them to 64 px, and prints images/s and the peak of anonymous memory over all
processes as one line of JSON. Linux only: it reads /proc.
"""

import argparse
import json
import os
import platform
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

from zerosum.data.fit import Fitting
from zerosum.data.pack import open_pack
from zerosum.data.sources import find_source

DIFFERENT = 200
SIZE = (178, 218)
SECONDS_BETWEEN_LOOKS = 0.02


def make_images(folder: Path, count: int) -> None:
    """`count` JPEGs of smooth noise, in subfolders of 1,000."""
    random = np.random.default_rng(0)
    originals = folder / "originals"
    originals.mkdir()
    for index in range(min(count, DIFFERENT)):
        small = Image.fromarray(random.integers(0, 256, (28, 23, 3), dtype=np.uint8))
        small.resize(SIZE, Image.Resampling.BICUBIC).save(originals / f"{index}.jpg", quality=90)
    for index in range(count):
        place = folder / "images" / f"{index // 1000:04d}" / f"{index:07d}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.hardlink_to(originals / f"{index % DIFFERENT}.jpg")


def anonymous_memory(process: int) -> int:
    """Bytes of anonymous memory that a process and its children hold."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
        threads = Path(f"/proc/{process}/task").glob("*/children")
        children = [int(child) for thread in threads for child in thread.read_text().split()]
    except OSError:
        return 0  # it has ended
    lines = dict(line.split(":", 1) for line in status.splitlines())
    own = int(lines.get("RssAnon", "0 kB").split()[0]) * 1024
    return own + sum(anonymous_memory(child) for child in children)


def main() -> None:
    """Make, pack, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--resolution", type=int, default=64)
    arguments = parser.parse_args()
    packed = threading.Event()
    peak = 0

    def watch() -> None:
        nonlocal peak
        while not packed.wait(SECONDS_BETWEEN_LOOKS):
            peak = max(peak, anonymous_memory(os.getpid()))

    with tempfile.TemporaryDirectory() as scratch:
        make_images(Path(scratch), arguments.images)
        watcher = threading.Thread(target=watch)
        watcher.start()
        start = time.perf_counter()
        try:
            source = find_source(f"{scratch}/images")
            pack = open_pack(source, Fitting(arguments.resolution, 3, "crop"), Path(scratch))
        finally:
            packed.set()
            watcher.join()
        seconds = time.perf_counter() - start
    result = {
        "images": len(pack.pixels),
        "seconds": round(seconds, 2),
        "images_per_second": round(len(pack.pixels) / seconds),
        "peak_anonymous_mb": round(peak / 2**20, 1),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "pillow": PIL.__version__,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()

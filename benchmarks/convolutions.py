"""The convolutions of DCGANs on this processor: PyTorch's, and as matrix products.

    python benchmarks/convolutions.py                        # bf16, one thread
    python benchmarks/convolutions.py --precision 32
    ONEDNN_MAX_CPU_ISA=AVX512_CORE_BF16 python benchmarks/convolutions.py    # as without AMX

For each shape and each of the three maps of `zerosum.networks.products` it prints the time of each
way in µs, the best of the repeats in a tenth of a second, with a star at the fastest. The rule of
`zerosum.networks.convolution` is read off from such tables.
"""

import argparse
import signal
import time
from collections.abc import Callable

import torch
from torch import Tensor

from zerosum.networks.products import Way, downsample, upsample, weight_gradient
from zerosum.processor.instructions import has_amx

SHAPES = (
    *((64, 1, 16, 16), (64, 16, 32, 8), (64, 32, 64, 4), (128, 1, 64, 16), (128, 3, 64, 16)),
    *((128, 64, 128, 4), (128, 128, 256, 4), (128, 256, 512, 4), (128, 64, 128, 8)),
    *((128, 128, 256, 8), (128, 3, 64, 32), (128, 64, 128, 16)),
)
"""Batch, channels of the images, of the maps, and the height and width of the maps."""
WAYS: tuple[Way, ...] = ("convolution", "im2col", "banded")
SECONDS = 0.1


def best(function: Callable[[], Tensor]) -> float:
    """The shortest time of a call, in µs."""
    function()
    shortest, until = float("inf"), time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        began = time.perf_counter()
        function()
        shortest = min(shortest, time.perf_counter() - began)
    return shortest * 1e6


def drawn(dtype: torch.dtype, *shape: int) -> Tensor:
    """Random values, channels-last."""
    return torch.randn(shape).to(dtype).contiguous(memory_format=torch.channels_last)


def row(dtype: torch.dtype, count: int, channels: int, depth: int, side: int) -> str:
    """The times of one shape."""
    images = drawn(dtype, count, channels, 2 * side, 2 * side)
    maps, weight = drawn(dtype, count, depth, side, side), drawn(dtype, depth, channels, 4, 4)
    calls: dict[str, Callable[[Way], Tensor]] = {
        "downsample": lambda way: downsample(images, weight, way),
        "upsample": lambda way: upsample(maps, weight, way),
        "weight_gradient": lambda way: weight_gradient(images, maps, way),
    }
    ways = WAYS if channels <= 3 and side <= 16 else WAYS[:2]
    cells = [f"{count:4} × {channels:3} ↔ {depth:3}, {side:2}×{side:<2}"]
    for name, call in calls.items():
        times = [best(lambda call=call, way=way: call(way)) for way in ways]  # type: ignore[misc]
        marks = [f"{each:7.0f}{'*' if each == min(times) else ' '}" for each in times]
        cells.append(f"{name}{''.join(marks).ljust(8 * len(WAYS))}")
    return " | ".join(cells)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--precision", choices=("bf16", "32"), default="bf16")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    dtype = torch.bfloat16 if options.precision == "bf16" else torch.float32
    amx = "with" if has_amx() else "without"
    print(f"torch {torch.__version__}, {amx} AMX, {dtype}, µs: {', '.join(WAYS)}")
    for shape in SHAPES:
        print(row(dtype, *shape), flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as in `… | head`
    main()

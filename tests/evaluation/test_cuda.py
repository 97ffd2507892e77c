"""Features and scores on a CUDA device: the processor's, to rounding."""

from pathlib import Path

import numpy as np
import pytest
import torch

from zerosum.data.sources.idx import DIGITS, read_idx
from zerosum.evaluation.extractors import open_extractor

pytestmark = pytest.mark.cuda

COUNT = 64


def digit_images() -> torch.Tensor:
    return torch.from_numpy(read_idx(DIGITS / "images-idx3-ubyte.xz")[:COUNT, ..., None].copy())


def test_digit_features_are_those_of_the_processor() -> None:
    images = digit_images()
    on_cuda, on_cpu = (
        open_extractor("digits", device=torch.device(device)).compute(images, ("features",))
        for device in ("cuda", "cpu")
    )
    torch.testing.assert_close(on_cuda["features"], on_cpu["features"], rtol=1e-4, atol=1e-4)


def test_inception_features_are_those_of_the_processor(inception_weights: Path) -> None:
    random = np.random.default_rng(0)
    images = torch.from_numpy(random.integers(0, 256, (8, 64, 64, 3), dtype=np.uint8))
    on_cuda, on_cpu = (
        open_extractor("inception", device=torch.device(device), weights=inception_weights).compute(
            images, ("768", "2048")
        )
        for device in ("cuda", "cpu")
    )
    for layer, features in on_cpu.items():
        torch.testing.assert_close(on_cuda[layer], features, rtol=1e-3, atol=1e-3)

"""How images reach the size that a network takes, as products with two small matrices.

Every resizing here is linear and works on rows and columns apart, so one matrix for each direction
says all of it, and a whole batch is resized by two matrix products.
"""

from functools import cache

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from zerosum.evaluation.extractors.extractor import Resize


@cache
def tf1_matrix(before: int, after: int) -> Tensor:
    """(after, before) float32: bilinear as TensorFlow 1 does it, with corners not aligned.

    Output pixel i lies at i · before / after of the input, and mixes the two input pixels around
    that. It is not antialiased, and it is what the published FIDs were computed with.
    """
    place = torch.arange(after, dtype=torch.float32) * torch.tensor(before / after)
    low = place.long()
    share = place - low.float()
    high = (low + 1).clamp(max=before - 1)
    matrix = torch.zeros(after, before)
    rows = torch.arange(after)
    matrix[rows, low] += 1 - share
    matrix[rows, high] += share
    return matrix


@cache
def clean_matrix(before: int, after: int) -> Tensor:
    """(after, before) float32: Pillow's bicubic filter in floating point, antialiased where it
    shrinks, as Parmar et al. 2022 (arXiv 2104.11222) ask for. Read off Pillow itself."""
    unit = Image.fromarray(np.eye(before, dtype=np.float32))
    # Each column of the identity is an image of one bright row; all are resized at once.
    shrunk = unit.resize((before, after), Image.Resampling.BICUBIC)
    return torch.from_numpy(np.asarray(shrunk).copy())


MATRICES = {"tf1": tf1_matrix, "clean": clean_matrix}


def resized(images: Tensor, side: int, resize: Resize) -> Tensor:
    """uint8 images (n, H, W, C) → float32 (n, 3, side, side) from 0 to 255, channels last in
    memory. Grey images become colour by repetition.

    "clean" clips what the bicubic filter overshoots, as Pillow does for bytes, but does not round.
    """
    matrix = MATRICES[resize]
    rows = matrix(images.shape[1], side).to(images.device)
    columns = matrix(images.shape[2], side).to(images.device)
    planes = images.permute(0, 3, 1, 2).float()
    large = rows @ (planes @ columns.T)
    if resize == "clean":
        large = large.clamp(0, 255)
    return large.expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)

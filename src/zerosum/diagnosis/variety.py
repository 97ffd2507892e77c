"""How different a batch of generated images is, beside as many real ones: collapse shows here."""

import torch
import torch.nn.functional as F
from torch import Tensor

SIDE = 16
"""Pixels that images are shrunk to first: variety of content, not of grain."""
PICTURES = 64
"""Generated and real images that are compared, unless there are fewer real ones."""


@torch.inference_mode()
def variety(fake: Tensor, real: Tensor) -> dict[str, float]:
    """Distances within a batch of generated and within a batch of real images.

    Both (n, C, H, W), of values from −1 to 1. `spread_fake` and `spread_real` are the mean distance
    of two images, `nearest_fake` and `nearest_real` that of an image to its nearest: root mean
    square differences of pixels, 0 (all images alike) to 2. A generator with one picture has no
    spread; one with a few pictures has spread, but nearest neighbours that are all but equal.
    `contrast_fake` and `contrast_real` are the mean standard deviation of an image's pixels about
    the mean of its channel, 0 (one even colour) to 1 (half black, half white).
    `variety_images` is n, of each.
    """
    measured: dict[str, float] = {"variety_images": len(real)}
    for name, images in (("fake", fake), ("real", real)):
        small = F.adaptive_avg_pool2d(images.float(), min(SIDE, *images.shape[-2:]))
        small = small.nan_to_num(0.0).clamp(-1, 1)
        vectors = small.flatten(1)
        distances = torch.cdist(vectors, vectors) / vectors.shape[1] ** 0.5
        count = len(vectors)
        others = ~torch.eye(count, dtype=torch.bool, device=distances.device)
        nearest = distances.masked_fill(~others, torch.inf).amin(1)
        measured[f"spread_{name}"] = float(distances[others].mean()) if count > 1 else 0.0
        measured[f"nearest_{name}"] = float(nearest.mean()) if count > 1 else 0.0
        variances = small.var((2, 3), correction=0).mean(1)
        measured[f"contrast_{name}"] = float(variances.sqrt().mean())
    return measured

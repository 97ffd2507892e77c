"""Self-attention on feature maps."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class SelfAttention(nn.Module):
    """Every place of a map looks at every other: Zhang et al. 2019 (arXiv 1805.08318), section 3.

    What it finds is added with a learnt factor that begins at 0. A map larger than `window` ×
    `window` is divided into such windows, each by itself: at the training's resolution the window
    is the whole map, and larger pictures meet the number of places that was trained with, at a
    cost that grows with their area alone. The sides of a map are multiples of `window`.
    """

    def __init__(self, channels: int, window: int) -> None:
        super().__init__()
        self.window = window
        inner = max(1, channels // 8)
        self.query = nn.Conv2d(channels, inner, 1, bias=False)
        self.key = nn.Conv2d(channels, inner, 1, bias=False)
        self.value = nn.Conv2d(channels, channels, 1, bias=False)
        self.factor = nn.Parameter(torch.zeros(1))

    def forward(self, maps: Tensor) -> Tensor:
        """(n, channels, height, width) → the same shape."""
        query, key, value = (
            self._windows(part(maps)) for part in (self.query, self.key, self.value)
        )
        found = F.scaled_dot_product_attention(query, key, value)
        return maps + self.factor * self._maps(found, maps.shape)

    def _windows(self, maps: Tensor) -> Tensor:
        """(n, c, h, w) → (windows, places, c)."""
        count, channels, height, width = maps.shape
        side = self.window
        parts = maps.reshape(count, channels, height // side, side, width // side, side)
        return parts.permute(0, 2, 4, 3, 5, 1).reshape(-1, side * side, channels)

    def _maps(self, places: Tensor, shape: torch.Size) -> Tensor:
        """The way back."""
        count, channels, height, width = shape
        side = self.window
        parts = places.reshape(count, height // side, width // side, side, side, channels)
        return parts.permute(0, 5, 1, 3, 2, 4).reshape(count, channels, height, width)

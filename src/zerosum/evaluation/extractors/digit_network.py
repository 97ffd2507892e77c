"""The network of the `digits` extractor: a small classifier of handwritten digits.

`tools/train_digit_classifier.py` trains it; its weights are digits.safetensors beside this file.
"""

import torch.nn.functional as F
from torch import Tensor, nn

WIDTHS = (24, 48, 96)
FEATURES = 64
CLASSES = 10
SIDE = 32


class DigitClassifier(nn.Module):
    """Three stages of two 3×3 convolutions, each halved, then the mean over places and two layers.

    The features are what the last layer sees: after a batch norm, which keeps their scales alike,
    and a ReLU.
    """

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 1
        for width in WIDTHS:
            layers += [*_convolution(before, width), *_convolution(width, width), nn.MaxPool2d(2)]
            before = width
        self.stages = nn.Sequential(*layers)
        self.hidden = nn.Linear(before * 4, FEATURES, bias=False)
        self.norm = nn.BatchNorm1d(FEATURES)
        self.classes = nn.Linear(FEATURES, CLASSES)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Digits (n, 1, 32, 32) float in [-1, 1] → features (n, 64) and logits (n, 10)."""
        maps = F.avg_pool2d(self.stages(images), 2)
        features = F.relu(self.norm(self.hidden(maps.flatten(1))))
        return features, self.classes(features)


def _convolution(before: int, after: int) -> list[nn.Module]:
    return [
        nn.Conv2d(before, after, 3, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    ]

"""A small classifier of images, the network of the `digits` extractor.

`tools/train_digit_classifier.py` trains that one; its weights are digits.safetensors beside this
file. The score `train-on-generated` trains others.
"""

import torch.nn.functional as F
from torch import Tensor, nn

WIDTHS = (24, 48, 96)
FEATURES = 64
CLASSES = 10
SIDE = 32


class SmallClassifier(nn.Module):
    """Three stages of two 3×3 convolutions, each halved, then the mean over places and two layers.

    The features are what the last layer sees: after a batch norm, which keeps their scales alike,
    and a ReLU.
    """

    def __init__(self, channels: int = 1, classes: int = CLASSES) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = channels
        for width in WIDTHS:
            layers += [*_convolution(before, width), *_convolution(width, width), nn.MaxPool2d(2)]
            before = width
        self.stages = nn.Sequential(*layers)
        self.hidden = nn.Linear(before * 4, FEATURES, bias=False)
        self.norm = nn.BatchNorm1d(FEATURES)
        self.classes = nn.Linear(FEATURES, classes)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Images (n, channels, 32, 32) float in [-1, 1] → features (n, 64) and logits
        (n, classes)."""
        maps = F.avg_pool2d(self.stages(images), 2)
        features = F.relu(self.norm(self.hidden(maps.flatten(1))))
        return features, self.classes(features)


def _convolution(before: int, after: int) -> list[nn.Module]:
    return [
        nn.Conv2d(before, after, 3, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    ]

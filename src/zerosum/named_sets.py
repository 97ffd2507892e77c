"""The image sets that are known by name: what `data/sources/named.py` opens."""

from collections.abc import Mapping

NAMED_SETS: Mapping[str, str] = {
    "digits": "10,000 handwritten digits, in the package",
    "stacked-digits": "digits as the colours of one image: 1,000 modes",
    "mnist": "70,000 handwritten digits, downloaded",
    "stacked-mnist": "MNIST's as the colours of one image: 1,000 modes",
    "fashion-mnist": "70,000 grey pieces of clothing, downloaded",
    "cifar10": "60,000 photographs in ten classes, downloaded",
    "celeba": "faces, which you get from their publisher",
    "lsun-bedroom": "bedrooms, which you get from their publisher",
}
"""What each is, in a line."""

"""Adaptive discriminator augmentation: each change with a probability, which follows overfitting.

Karras et al. 2020 (arXiv 2006.06676): the changes and their ranges by its appendix B, the
probability by section 3.1. Pure functions of images float32 (n, C, H, W) in [-1, 1], of numbers
drawn for each image, float32 (n, NUMBERS), and of the probability, a scalar on their device;
differentiable to second order in the images, and each image for itself.

It differs from the paper in one thing: images are read bilinearly between their pixels, where the
paper enlarges them before and shrinks them afterwards with a wavelet's filter. Real and generated
images are blurred alike.
"""

from collections.abc import Mapping, Sequence
from math import pi, sqrt

import torch
from torch import Tensor

from zerosum.adversarial.resampling import moved
from zerosum.recipe.augmentation import Kind

UNIFORM = (
    *("flip?", "flip", "turn?", "turn", "shift?", "shift x", "shift y"),
    *("scale?", "rotate before?", "rotate before", "stretch?", "rotate after?", "rotate after"),
    *("move?", "brightness?", "contrast?", "luma flip?", "luma flip", "hue?", "hue"),
    "saturation?",
)
NORMAL = ("scale", "stretch", "move x", "move y", "brightness", "contrast", "saturation")
NUMBERS = len(UNIFORM) + len(NORMAL)
"""Drawn for each image, whichever kinds are done: the first uniform in [0, 1), the others N(0, 1).
Those with a question mark say whether, the others how much."""

SHIFT = 0.125
"""Of the side: the largest shift by whole pixels, and the standard deviation of one by any."""
EVERY = 4
"""Steps between two changes of the probability."""

Drawn = Mapping[str, Tensor]
"""The numbers of the images by their names, (n,) each."""


def ada(images: Tensor, numbers: Tensor, kinds: Sequence[Kind], probability: Tensor) -> Tensor:
    """Images each changed by each of the kinds flip, turn, shift, geometry and colour with this
    probability. An image to which nothing happens stays as it is, bit for bit; only colour leaves
    [-1, 1]."""
    drawn = dict(zip((*UNIFORM, *NORMAL), numbers.unbind(1), strict=True))
    if set(kinds) - {"colour"}:
        inverse, changed = where_from(drawn, kinds, probability, *images.shape[-2:])
        images = torch.where(_each(changed), moved(images, inverse), images)
    if "colour" in kinds:
        images = coloured(images, drawn, probability)
    return images


def where_from(
    drawn: Drawn, kinds: Sequence[Kind], probability: Tensor, height: int, width: int
) -> tuple[Tensor, Tensor]:
    """The place that each place of the result is read from, by chance: float32 (n, 2, 3), in pixels
    from the centre; and which images are changed at all, (n,)."""
    one = torch.ones_like(drawn["flip"])
    still = one * 0
    matrix = affine(one, still, still, one)
    changed = one < 0

    def then(name: str, change: Tensor, likely: Tensor = probability) -> None:
        """The change with the chance `name`, after those before it."""
        nonlocal matrix, changed
        does = drawn[f"{name}?"] < likely
        matrix = torch.where(does[:, None, None], _product(matrix, change), matrix)
        changed = changed | does

    if "flip" in kinds:
        then("flip", affine(torch.where(drawn["flip"] < 0.5, one, -one), still, still, one))
    if "turn" in kinds:
        # What is not square is turned by half a circle, or not.
        step = pi / 2 if height == width else pi
        then("turn", rotation(step * (drawn["turn"] * (2 * pi / step)).floor()).round())
    if "shift" in kinds:
        by = [
            ((1 - 2 * drawn[f"shift {axis}"]) * SHIFT * side).round()
            for axis, side in (("x", width), ("y", height))
        ]
        then("shift", affine(one, still, still, one, *by))
    if "geometry" in kinds:
        # Two rotations, of which one at least happens with the probability.
        rotates = 1 - (1 - probability).clamp(min=0).sqrt()
        scale, stretch = (torch.exp2(-0.2 * drawn[name]) for name in ("scale", "stretch"))
        then("scale", affine(scale, still, still, scale))
        then("rotate before", rotation(pi * (2 * drawn["rotate before"] - 1)), rotates)
        then("stretch", affine(stretch, still, still, 1 / stretch))
        then("rotate after", rotation(pi * (2 * drawn["rotate after"] - 1)), rotates)
        by = [-SHIFT * width * drawn["move x"], -SHIFT * height * drawn["move y"]]
        then("move", affine(one, still, still, one, *by))
    return matrix, changed


def coloured(images: Tensor, drawn: Drawn, probability: Tensor) -> Tensor:
    """Brightness + N(0, 0.2), contrast × 2^N(0, 0.5), then the luma (the mean of the channels) of
    the other sign, the hue turned by any angle, saturation × 2^N(0, 1). Grey images have no hue
    and no saturation."""
    changed = drawn["hue"] < 0

    def chance(name: str, value: Tensor, otherwise: float) -> Tensor:
        nonlocal changed
        does = drawn[f"{name}?"] < probability
        changed = changed | does
        return _each(torch.where(does, value, value.new_full((), otherwise)))

    brightness = chance("brightness", 0.2 * drawn["brightness"], 0.0)
    contrast = chance("contrast", torch.exp2(0.5 * drawn["contrast"]), 1.0)
    flip = chance("luma flip", 1 - 2 * (drawn["luma flip"] < 0.5).float(), 1.0)
    angle = chance("hue", pi * (2 * drawn["hue"] - 1), 0.0)
    saturation = chance("saturation", torch.exp2(drawn["saturation"]), 1.0)

    lit = (images + brightness) * contrast
    luma = lit.mean(1, keepdim=True)
    chroma = lit - luma
    # The vector product with the luma's axis, which turns colours by a quarter of a circle.
    across = (lit.roll(1, 1) - lit.roll(-1, 1)) / sqrt(3)
    turned = saturation * (angle.cos() * chroma + angle.sin() * across)
    return torch.where(_each(changed), flip * luma + turned, images)


def affine(
    xx: Tensor, xy: Tensor, yx: Tensor, yy: Tensor, x: Tensor | None = None, y: Tensor | None = None
) -> Tensor:
    """(n, 2, 3) of its parts (n,); without a shift where there is none."""
    none = torch.zeros_like(xx)
    rows = [xx, xy, none if x is None else x, yx, yy, none if y is None else y]
    return torch.stack(rows, dim=1).reshape(-1, 2, 3)


def rotation(angle: Tensor) -> Tensor:
    """About the centre by angles (n,) in radians: (n, 2, 3)."""
    return affine(angle.cos(), -angle.sin(), angle.sin(), angle.cos())


def _product(first: Tensor, second: Tensor) -> Tensor:
    """The map that does `second` to a place and then `first`: (n, 2, 3) each. Not by a matrix
    product of PyTorch, which may be in low precision."""
    linear = (first[:, :, :2, None] * second[:, None]).sum(2)
    return torch.cat([linear[:, :, :2], linear[:, :, 2:] + first[:, :, 2:]], dim=2)


def _each(values: Tensor) -> Tensor:
    """A number for each image as images are multiplied by: (n,) → (n, 1, 1, 1)."""
    return values[:, None, None, None]


def next_probability(
    probability: Tensor, mean_sign: Tensor, target: float, images: int, speed: int
) -> Tensor:
    """The probability after `images` more real images, on which the discriminator's outputs had
    this mean sign: higher where that is above the target, lower where it is below, by what takes it
    from 0 to 1 in `speed` images. Section 3.1; kept from 0 to 1, where the paper has no upper
    bound: beyond it nothing changes but how long it takes to come back."""
    return (probability + (mean_sign - target).sign() * (images / speed)).clamp(0, 1)

"""Instance norm (Ulyanov et al. 2016, arXiv 1607.08022) with its derivatives written out.

A gradient penalty differentiates the gradient of a critic once more. PyTorch has no kernel for the
second derivative of a norm, and slow ones for channels-last maps. Here all is a few means over a
map and a weighted sum of maps.

For maps x of one channel of one image, with E the mean over its pixels, γ and β the channel's scale
and shift:

    x̂ = r (x - E x)    r = 1 / √(E (x - E x)² + ε)    y = γ x̂ + β        ibid., equation 2

Gradients of a loss, with g its gradient at y, and c = E g x̂; Σ is over images and pixels:

    at x: γ r (g - E g - c x̂)        at γ: Σ g x̂        at β: Σ g

Gradients of a function of these three, with v, w and u its gradients at them, and
a = E v g - E v · E g, b = E v x̂:

    at g: γ r (v - E v - b x̂) + w x̂ + u
    at x: -γ r² ((a - 3 b c) x̂ + c (v - E v) + b (g - E g)) + w r (g - E g - c x̂)
    at γ: Σ r (a - b c)
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function


class InstanceNorm(nn.InstanceNorm2d):
    """Maps (n, channels, height, width) → the same shape and dtype, with a learnt scale and shift.

    `nn.InstanceNorm2d(channels, affine=True)` with the same parameters, for maps of one pixel too
    (β), and any number of derivatives. Statistics are float32, or float64 for float64 maps.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels, affine=True)

    def forward(self, maps: Tensor) -> Tensor:
        scale, shift = self.weight.view(1, -1, 1, 1), self.bias.view(1, -1, 1, 1)
        # A compiler derives and joins the operations itself; PyTorch 2.11's takes the gradients of
        # the function below for zero.
        normalise = _normalise if torch.compiler.is_compiling() else _Normalise.apply
        normalised: Tensor = normalise(maps, scale, shift, self.eps)[0]
        return normalised


def _mean(maps: Tensor) -> Tensor:
    """E: (n, channels, 1, 1)."""
    return maps.mean((2, 3), keepdim=True)


def _centre(x: Tensor, epsilon: float) -> tuple[Tensor, Tensor]:
    """x - E x and r."""
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    centred = wide - _mean(wide)
    return centred, (_mean(centred.square()) + epsilon).rsqrt()


def _normalise(
    x: Tensor, scale: Tensor, shift: Tensor, epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    """y, x - E x and r."""
    centred, r = _centre(x, epsilon)
    return torch.addcmul(shift, centred, scale * r).to(x.dtype), centred, r


class _Normalise(Function):
    """(x, γ, β, ε) → y; x - E x and r come with it, for its gradients alone.

    What is kept for gradients is an output, as torch.func asks.
    """

    generate_vmap_rule = True

    forward = staticmethod(_normalise)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        x, scale, _, ctx.epsilon = inputs
        ctx.mark_non_differentiable(*output[1:])
        ctx.save_for_backward(x, scale, *output[1:])

    @staticmethod
    def backward(ctx: Any, g: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:
        x, scale, centred, r = ctx.saved_tensors
        gradients = _Gradients.apply(g, x, scale, centred, r, ctx.epsilon)
        return *gradients[:3], None


class _Gradients(Function):
    """(g, x, γ, x - E x, r, ε) → the gradients at x, γ and β; E g and c come with them.

    x is there to be differentiated by: what is computed from it is taken from the forward pass.
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(
        g: Tensor, x: Tensor, scale: Tensor, centred: Tensor, r: Tensor, _epsilon: float
    ) -> tuple[Tensor, ...]:
        wide, pixels = g.to(centred.dtype), g[0, 0].numel()
        mean, c, slope = _mean(wide), _mean(wide * centred) * r, scale * r
        at_x = torch.addcmul(-slope * mean, wide, slope)
        at_x.addcmul_(centred, -slope * r * c)
        at_scale, at_shift = (pixels * each.sum(0, keepdim=True) for each in (c, mean))
        return at_x.to(x.dtype), at_scale, at_shift, mean, c

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        *tensors, ctx.epsilon = inputs
        ctx.mark_non_differentiable(*output[3:])
        ctx.save_for_backward(*tensors, *output[3:])

    @staticmethod
    def backward(
        ctx: Any, v: Tensor, w: Tensor, u: Tensor, *_: Tensor
    ) -> tuple[Tensor | None, ...]:
        g, x, scale, centred, r, g_mean, c = ctx.saved_tensors
        v_wide, g_wide, pixels = v.to(centred.dtype), g.to(centred.dtype), g[0, 0].numel()
        if torch.is_grad_enabled():  # Asked for a third derivative: all by operations that have it.
            centred, r = _centre(x, ctx.epsilon)
            g_mean, c = _mean(g_wide), _mean(g_wide * centred) * r
        v_mean, slope = _mean(v_wide), scale * r
        a = _mean(v_wide * g_wide) - v_mean * g_mean
        b = _mean(v_wide * centred) * r
        shared = r * (w - slope * b)  # x - E x counts so much at g, and g - E g at x.
        at_g = torch.addcmul(u - slope * v_mean, v_wide, slope)
        at_g.addcmul_(centred, shared)
        at_x = torch.addcmul(slope * r * c * v_mean - shared * g_mean, v_wide, -slope * r * c)
        at_x.addcmul_(g_wide, shared)
        at_x.addcmul_(centred, -r * r * (slope * (a - 3 * b * c) + w * c))
        at_scale = pixels * (r * (a - b * c)).sum(0, keepdim=True)
        return at_g.to(g.dtype), at_x.to(x.dtype), at_scale, None, None, None

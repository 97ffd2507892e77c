"""A network's layers as a processor computes them fastest, to the same bits: large maps are read
and written once, where PyTorch's layers one by one do it several times."""

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def folded(module: nn.Module) -> nn.Module:
    """The module with every batch norm folded into the convolution before it."""
    for child in module.modules():
        convolution, norm = getattr(child, "conv", None), getattr(child, "bn", None)
        if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            child.conv = fuse_conv_bn_eval(convolution, norm)
            child.bn = nn.Identity()
    return module.eval().requires_grad_(False)


def fuse(network: nn.Module, kind: torch.dtype) -> None:
    """Make each convolution with its ReLU, in a folded network, one call of oneDNN's, and max
    pooling maxima alone. Convolutions stay where this PyTorch or processor has no such call for
    numbers of that `kind`."""
    from torch_fidelity.feature_extractor_inceptionv3 import BasicConv2d

    convolutions = has_fused_convolutions(kind)
    for name, child in list(network.named_children()):
        if isinstance(child, nn.MaxPool2d):
            if (child.kernel_size, child.stride, child.padding) == (3, 2, 0):
                setattr(network, name, MaxPool())
        elif isinstance(child, BasicConv2d):
            if convolutions:
                setattr(network, name, ConvolutionReLU(child.conv))
        else:
            fuse(child, kind)


def has_fused_convolutions(kind: torch.dtype) -> bool:
    """Whether oneDNN is there, computes with that kind of numbers, and can be asked for both."""
    operators = torch.ops.mkldnn
    if not (torch._C._has_mkldnn and hasattr(operators, "_convolution_pointwise")):
        return False
    return kind == torch.float32 or bool(operators._is_mkldnn_bf16_supported())


class ConvolutionReLU(nn.Module):
    """max(convolution, 0), where the convolution has a bias and no groups."""

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        self.convolution = convolution

    def forward(self, maps: Tensor) -> Tensor:
        """(n, channels in, H, W) → (n, channels out, H', W'), of the weight's type."""
        layer = self.convolution
        output: Tensor = torch.ops.mkldnn._convolution_pointwise(
            maps,
            layer.weight,
            layer.bias,
            list(layer.padding),
            list(layer.stride),
            list(layer.dilation),
            layer.groups,
            "relu",
            [],
            "",
        )
        return output


class MaxPool(nn.Module):
    """Max pooling of 3 × 3 with stride 2, without the places of the maxima, which PyTorch's layer
    looks for too."""

    def forward(self, maps: Tensor) -> Tensor:
        """(n, channels, H, W) → (n, channels, (H - 1) // 2, (W - 1) // 2)."""
        return _maxima(_maxima(maps, 2), 3)


def _maxima(maps: Tensor, dimension: int) -> Tensor:
    """Of each three neighbours along a dimension, two apart."""
    count = (maps.shape[dimension] - 1) // 2
    first, second, third = (
        maps.narrow(dimension, start, 2 * count - 1)[_every_other(dimension)] for start in range(3)
    )
    largest = torch.maximum(first, second)
    return torch.maximum(largest, third, out=largest)


def _every_other(dimension: int) -> tuple[slice, ...]:
    return (slice(None),) * dimension + (slice(None, None, 2),)

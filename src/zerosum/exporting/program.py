"""A generator as a program of tensors that does without zerosum: what all of it is given and makes,
in batches of any size.

Every program makes the same pictures twice: `pixels`, uint8 (n, height, width, channels) from 0 to
255, as picture files and screens have them, and `images`, float32 (n, channels, height, width) in
[-1, 1], as networks do. ONNX Runtime computes only what is asked for.
"""

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrize

from zerosum.data.batches import grey_levels
from zerosum.errors import ZerosumError, first_line
from zerosum.exporting.subject import multiple_of
from zerosum.generation.generator import TrainedGenerator
from zerosum.networks.build import build_generator
from zerosum.networks.classes import ConditionalGenerator
from zerosum.networks.convolution import leave_to_pytorch
from zerosum.recipe.settings import Recipe
from zerosum.recipe.tasks import TaskName

OUTPUTS = ("pixels", "images")
METADATA = torch.ops.aten._assert_tensor_metadata.default
"""Demands the device of the example, and makes nothing."""
Shapes = tuple[dict[int, object], ...]


class Program(nn.Module):
    """A generator as it is exported. Each subclass is that of a task."""

    inputs: ClassVar[tuple[str, ...]]
    """What it is given, by name and in order."""

    def __init__(self, generator: TrainedGenerator) -> None:
        super().__init__()
        self.network = _plain(generator)

    @classmethod
    def given(cls, _recipe: Recipe, inputs: Tensor) -> tuple[Tensor, ...]:
        """What `inputs` of the generator itself (`TrainedGenerator.compute`) are to the program."""
        return (inputs,)

    def shapes(self) -> Shapes:
        """The dimensions of each input that are of any size."""
        batch = torch.export.Dim("batch")
        return tuple({0: batch} for _ in self.inputs)


def outputs(images: Tensor) -> tuple[Tensor, Tensor]:
    """Both, of images as a network makes them."""
    return grey_levels(images), images


class OfLatents(Program):
    """Latents, float32 (n, latent)."""

    inputs = ("latents",)

    def forward(self, latents: Tensor) -> tuple[Tensor, Tensor]:
        """Pixels and images."""
        return outputs(self.network(latents))


class OfClasses(Program):
    """Latents, float32 (n, latent), and the number of the class of each picture, int64 (n,)."""

    inputs = ("latents", "classes")

    @classmethod
    def given(cls, recipe: Recipe, inputs: Tensor) -> tuple[Tensor, ...]:
        latents, weights = torch.split(inputs, [recipe.network.latent, recipe.classes], dim=1)
        return latents.contiguous(), weights.argmax(1)

    def forward(self, latents: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
        """Pixels and images."""
        assert isinstance(self.network, ConditionalGenerator)
        # By their numbers, not by weights of all: a number of no class is refused, not black.
        embedded = functional.embedding(classes, self.network.embedding.weight)
        return outputs(self.network.of_embedded(latents, embedded))


class OfPictures(Program):
    """Damaged pictures, uint8 (n, height, width, channels) from 0 to 255, whose sides are multiples
    of the network's grid, two at least; what it makes is of the same size."""

    inputs = ("damaged",)

    def __init__(self, generator: TrainedGenerator) -> None:
        super().__init__(generator)
        self.multiple = multiple_of(generator)

    @classmethod
    def given(cls, _recipe: Recipe, inputs: Tensor) -> tuple[Tensor, ...]:
        return (grey_levels(inputs).contiguous(),)

    def shapes(self) -> Shapes:
        # PyTorch takes what has one place along a side for something else.
        rows, columns = (torch.export.Dim(name, min=2) for name in ("rows", "columns"))
        sides = {1: self.multiple * rows, 2: self.multiple * columns}
        return ({0: torch.export.Dim("batch"), **sides},)

    def forward(self, damaged: Tensor) -> tuple[Tensor, Tensor]:
        """Pixels and images, which may go a little beyond [-1, 1]."""
        return outputs(self.network(damaged.permute(0, 3, 1, 2).float() / 127.5 - 1))


PROGRAMS: dict[TaskName, type[Program]] = {
    "latent": OfLatents,
    "classes": OfClasses,
    "restore": OfPictures,
}


def program_of(recipe: Recipe) -> type[Program]:
    """The program of a recipe's task."""
    return PROGRAMS[recipe.task.name]


def captured(program: Program, example: tuple[Tensor, ...]) -> torch.export.ExportedProgram:
    """The program as a graph of PyTorch's operations; `example` is what it may be given, of two
    pictures or more. Raises ZerosumError where PyTorch cannot follow it."""
    program.eval().requires_grad_(False)
    try:
        graph = torch.export.export(program, example, dynamic_shapes=program.shapes(), strict=False)
    except Exception as error:  # of many kinds, from version to version
        raise not_translated("a graph", error) from error
    for node in list(graph.graph.nodes):
        node.meta.pop("stack_trace", None)  # paths of this machine
        if node.target is METADATA:
            graph.graph.erase_node(node)
    graph.graph_module.recompile()
    return graph


def not_translated(into: str, error: Exception) -> ZerosumError:
    """The sentence for a network that this version of PyTorch cannot translate."""
    cause: BaseException = error
    while cause.__cause__ is not None:  # the first errors tell which step it was, and no more
        cause = cause.__cause__
    return ZerosumError(
        f"PyTorch {torch.__version__} cannot make {into} of this network: {first_line(cause)}",
        "try another version of PyTorch, or --format=hub, which needs no translation; in a network "
        "of your own write x.shape[0] in place of len(x)",
    )


def _plain(generator: TrainedGenerator) -> nn.Module:
    """The network of a generator, whose weights are what they are computed to be, spectral norm
    among it, and whose convolutions are PyTorch's."""
    # Built anew: taking a parametrization from a copy would take it from the original too.
    network = build_generator(generator.recipe).eval()
    network.load_state_dict(generator.module.state_dict())
    for layer in list(network.modules()):
        for name in list(getattr(layer, "parametrizations", ())):
            parametrize.remove_parametrizations(layer, name, leave_parametrized=True)
    leave_to_pytorch(network)
    return network.to(memory_format=torch.contiguous_format)

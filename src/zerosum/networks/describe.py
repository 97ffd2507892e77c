"""The layers of both players with their output shapes and parameter counts, as text."""

import torch
from torch import Tensor, nn

from zerosum.networks.build import (
    build_discriminator,
    build_generator,
    example_input,
    example_labels,
)
from zerosum.recipe.settings import Recipe


def describe_players(recipe: Recipe) -> list[str]:
    """Lines of a table for each player: layer, shape of one image's output, parameters."""
    data = recipe.data
    image = torch.zeros(2, data.channels, *data.resolution.shape)
    labels = example_labels(recipe, 2)
    known = not recipe.classes or bool(recipe.data.classes)
    return [
        *_describe("generator", build_generator(recipe), example_input(recipe, 2)),
        *_describe("discriminator", build_discriminator(recipe), image, *labels),
        *([] if data.resolution.is_square else ["", "maps: channels × height × width"]),
        *([] if known else ["", f"of {recipe.classes} classes; the images say how many there are"]),
    ]


def count_parameters(network: nn.Module) -> int:
    """Trainable numbers of a network."""
    return sum(parameter.numel() for parameter in network.parameters())


def _kind(layer: nn.Module) -> str:
    """What PyTorch calls a layer of this kind, whoever computes it and whatever normalises it."""
    kinds = [kind for kind in type(layer).__mro__ if kind.__module__.startswith("torch.nn.modules")]
    return kinds[0].__name__


@torch.no_grad()
def _describe(player: str, network: nn.Module, *example: Tensor) -> list[str]:
    rows = [("input", "", _shape(example[0]), "")]

    def note(name: str, layer: nn.Module, output: Tensor) -> None:
        parameters = count_parameters(layer)
        rows.append((name, _kind(layer), _shape(output), f"{parameters:,}" if parameters else ""))

    layers = [
        (name, layer)
        for name, layer in network.named_modules()
        if _is_leaf(layer) and "parametrizations" not in name
    ]
    hooks = [
        layer.register_forward_hook(lambda layer, _, output, name=name: note(name, layer, output))
        for name, layer in layers
    ]
    network.train()(*example)
    for hook in hooks:
        hook.remove()
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    table = [
        f"{name:<{widths[0]}}  {kind:<{widths[1]}}  {shape:>{widths[2]}}  {count:>{widths[3]}}"
        for name, kind, shape, count in rows
    ]
    return ["", f"{player}: {count_parameters(network):,} parameters", *table]


def _is_leaf(layer: nn.Module) -> bool:
    """A layer proper, not a sequence of layers."""
    return not [name for name, _ in layer.named_children() if name != "parametrizations"]


def _shape(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape[1:])) or "1"

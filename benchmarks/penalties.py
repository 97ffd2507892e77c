"""Steps of a recipe whose penalty is differentiated, with PyTorch's convolutions and with ours.

    python benchmarks/penalties.py                       # r3, in what `--precision auto` takes
    python benchmarks/penalties.py r3 --precision 32 --rounds 5
    python benchmarks/penalties.py --memory trimmed      # freed memory goes back to the system
    python benchmarks/penalties.py dcgan --set width=32 --set batch=64 --memory trimmed
    ONEDNN_MAX_CPU_ISA=AVX2 python benchmarks/penalties.py --precision 32

The sides take turns in one process with one thread, on random images. What is compared is images
per second of processor time, so that other programs count little. --memory is for a whole process:
what the C library was told once it does not forget.
"""

import argparse
import statistics
import time
from contextlib import nullcontext
from functools import partial
from typing import Literal

import numpy as np
import torch
from torch import nn

from zerosum.data.batches import Batches
from zerosum.data.opening import Split
from zerosum.networks.convolution import EachMapToValue, GroupedConv2d, PointwiseConv2d
from zerosum.processor.memory import kept_memory
from zerosum.recipe.load import load_recipe
from zerosum.recipe.settings import Recipe
from zerosum.training.devices import make_fabric
from zerosum.training.game import Game
from zerosum.training.players import build_players
from zerosum.training.request import Devices
from zerosum.training.step import train_step

OURS = EachMapToValue, GroupedConv2d, PointwiseConv2d


def game_of(recipe: Recipe, precision: Literal["auto", "32", "bf16"], plain: bool) -> Game:
    """A training on random images; `plain`: with PyTorch's convolutions instead of ours."""
    shape, count = recipe.data.resolution.shape, 4 * recipe.schedule.batch
    size = (count, *shape, recipe.data.channels)
    pixels = np.random.default_rng(0).integers(0, 256, size, dtype=np.uint8)
    fabric = make_fabric(Devices(device="cpu", precision=precision))
    players = build_players(recipe, fabric)
    for player in (players.generator, players.discriminator):
        for layer in player.modules():
            if plain and isinstance(layer, OURS):
                layer.forward = partial(nn.Conv2d.forward, layer)  # type: ignore[method-assign]
    split = Split(pixels, np.arange(count), None, ())
    batches = Batches(split, recipe.data, recipe.seed, fabric.device)
    return Game(recipe, players, batches, fabric, players.generator, players.discriminator)


def images_per_second(game: Game, steps: range) -> float:
    """Real images per second of processor time over these steps."""
    shown, began = 0, time.process_time()
    for step in steps:
        shown += train_step(game, step, step * game.recipe.schedule.batch).images
    return shown / (time.process_time() - began)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("recipe", nargs="?", default="r3")
    parser.add_argument("--precision", choices=("auto", "32", "bf16"), default="auto")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE")
    parser.add_argument("--memory", choices=("kept", "trimmed"), default="kept")
    options = parser.parse_args()
    torch.set_num_threads(1)
    recipe = load_recipe(options.recipe, dict(each.split("=") for each in options.set))
    plain, ours = (game_of(recipe, options.precision, plain) for plain in (True, False))
    sides = {"PyTorch's": plain, "ours": ours}
    speeds: dict[str, list[float]] = {name: [] for name in sides}
    with kept_memory() if options.memory == "kept" else nullcontext():
        for game in sides.values():
            images_per_second(game, range(1, 3))  # warms up
        for number in range(options.rounds):
            first = 3 + number * options.steps
            for name, game in sides.items():
                steps = range(first, first + options.steps)
                speeds[name].append(images_per_second(game, steps))
    for name, found in speeds.items():
        ratios = [one / other for one, other in zip(found, speeds["PyTorch's"], strict=True)]
        print(
            f"{name}: {statistics.median(found):.1f} images/s, ratio "
            f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        )


if __name__ == "__main__":
    main()

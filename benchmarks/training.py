"""Training speed, side by side: a script as tutorials write it, and zerosum, on the same images.

    python benchmarks/training.py dcgan --data faces/            # a folder of JPEGs
    python benchmarks/training.py dcgan-mnist --data digits/     # a folder of PNGs
    python benchmarks/training.py wgan-gp --data faces/ --rounds 5
    python benchmarks/training.py dcgan --data faces/ --workers 8 --sides captured,tutorial,resident

The sides take turns, each in a process of its own, for --rounds rounds. Both train the same
networks with the same batch size; the script reads with ImageFolder and DataLoader(num_workers=2),
computes in float32 and draws its losses with .item() at every step. zerosum decodes into its pack
once; that time is measured and printed apart. What is compared is images per second of steps after
the first ones, image loading included. zerosum's precision is what `auto` takes, or --precision.

--sides names them in the order of their turns:

    tutorial            the script
    resident            the script with its images decoded and on the device before the clock starts
    zerosum             zerosum's steps as they come, on a GPU without a graph
    captured            on a GPU, each of them as one CUDA graph, which zerosum takes there
    compiled            zerosum with --compile, without a graph
    compiled+captured   both

A side that is over --side-seconds is ended, and said to be; the others go on. Ratios are zerosum's
over each side of the script.
"""

import argparse
import contextlib
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

import torch

Figures = dict[str, float]
Precision = Literal["auto", "32", "bf16"]

WARM_UP = {"cpu": 2, "cuda": 20}
"""Generator steps that are not counted."""
TUTORIAL, RESIDENT, ZEROSUM = "tutorial", "resident", "zerosum"
COMPILED, CAPTURED, BOTH = "compiled", "captured", "compiled+captured"
SIDES = TUTORIAL, RESIDENT, ZEROSUM, CAPTURED, COMPILED, BOTH


def tutorial(recipe_name: str, data: Path, steps: int, workers: int, resident: bool) -> Figures:
    """The script: ImageFolder, DataLoader, float32, Adam, BCELoss or WGAN-GP, plain modules."""
    from torchvision import datasets, transforms

    from zerosum.recipe.load import load_recipe

    started = time.perf_counter()
    recipe = load_recipe(recipe_name)
    side, channels = recipe.data.resolution.width, recipe.data.channels
    batch, latent = recipe.schedule.batch, recipe.network.latent
    grey = [transforms.Grayscale()] if channels == 1 else []
    fit = [transforms.Pad(2)] if channels == 1 else [transforms.Resize(side)]
    steps_of_loading = [*grey, *fit, transforms.CenterCrop(side), transforms.ToTensor()]
    normal = transforms.Normalize([0.5] * channels, [0.5] * channels)
    images = datasets.ImageFolder(str(data), transforms.Compose([*steps_of_loading, normal]))
    loader = torch.utils.data.DataLoader(
        images, batch, shuffle=True, num_workers=workers, drop_last=True
    )
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    def stream() -> Iterator[torch.Tensor]:
        if resident:
            everything = torch.cat([pictures for pictures, _ in loader]).to(device)
            while True:
                order = torch.randperm(len(everything), device=device)
                for first in range(0, len(everything) - batch + 1, batch):
                    yield everything[order[first : first + batch]]
        while True:
            for pictures, _ in loader:
                yield pictures.to(device)

    width = recipe.network.generator.width, recipe.network.discriminator.width
    wasserstein = recipe.objective.loss == "wasserstein"
    generator = tutorial_generator(latent, width[0], channels, side).to(device)
    critic = tutorial_discriminator(width[1], channels, side, wasserstein).to(device)
    rates = recipe.optimizer.generator
    optimizers = [
        torch.optim.Adam(player.parameters(), lr=rates.learning_rate, betas=rates.betas)
        for player in (generator, critic)
    ]
    step = wgan_gp_step if wasserstein else dcgan_step
    batches = stream()

    def one_step() -> int:
        return step(generator, critic, optimizers[0], optimizers[1], batches, latent, device)

    return timed(one_step, steps, started)


def tutorial_generator(latent: int, width: int, channels: int, side: int) -> torch.nn.Sequential:
    """DCGAN's generator as a list of layers."""
    nn = torch.nn
    size, maps = 4, width * side // 8
    layers: list[torch.nn.Module] = [
        nn.ConvTranspose2d(latent, maps, 4, 1, 0, bias=False),
        nn.BatchNorm2d(maps),
        nn.ReLU(True),
    ]
    while size * 2 < side:
        size, maps = size * 2, maps // 2
        layers += [nn.ConvTranspose2d(maps * 2, maps, 4, 2, 1, bias=False)]
        layers += [nn.BatchNorm2d(maps), nn.ReLU(True)]
    return nn.Sequential(
        *layers, nn.ConvTranspose2d(maps, channels, 4, 2, 1, bias=False), nn.Tanh()
    )


def tutorial_discriminator(
    width: int, channels: int, side: int, critic: bool
) -> torch.nn.Sequential:
    """DCGAN's discriminator as a list of layers; a critic has instance norm and no sigmoid."""
    nn = torch.nn
    layers: list[torch.nn.Module] = [nn.Conv2d(channels, width, 4, 2, 1, bias=False)]
    layers += [nn.LeakyReLU(0.2, True)]
    size, maps = side // 2, width
    while size > 4:
        size, maps = size // 2, maps * 2
        norm = nn.InstanceNorm2d(maps, affine=True) if critic else nn.BatchNorm2d(maps)
        layers += [nn.Conv2d(maps // 2, maps, 4, 2, 1, bias=False), norm, nn.LeakyReLU(0.2, True)]
    layers += [nn.Conv2d(maps, 1, 4, 1, 0, bias=False), nn.Flatten(0)]
    return nn.Sequential(*layers) if critic else nn.Sequential(*layers, nn.Sigmoid())


def dcgan_step(
    generator: torch.nn.Module,
    discriminator: torch.nn.Module,
    generator_optimizer: torch.optim.Optimizer,
    discriminator_optimizer: torch.optim.Optimizer,
    batches: Iterator[torch.Tensor],
    latent: int,
    device: torch.device,
) -> int:
    """One step with BCELoss, its numbers read at once; returns the real images shown."""
    loss = torch.nn.BCELoss()
    real = next(batches)
    ones, zeros = (torch.full((len(real),), value, device=device) for value in (1.0, 0.0))
    discriminator.zero_grad()
    judged = discriminator(real)
    loss_real = loss(judged, ones)
    loss_real.backward()
    fake = generator(torch.randn(len(real), latent, 1, 1, device=device))
    judged_fake = discriminator(fake.detach())
    loss_fake = loss(judged_fake, zeros)
    loss_fake.backward()
    discriminator_optimizer.step()
    generator.zero_grad()
    judged_again = discriminator(fake)
    loss_generator = loss(judged_again, ones)
    loss_generator.backward()
    generator_optimizer.step()
    for value in (judged.mean(), loss_real + loss_fake, judged_again.mean(), loss_generator):
        value.item()
    return len(real)


def wgan_gp_step(
    generator: torch.nn.Module,
    critic: torch.nn.Module,
    generator_optimizer: torch.optim.Optimizer,
    critic_optimizer: torch.optim.Optimizer,
    batches: Iterator[torch.Tensor],
    latent: int,
    device: torch.device,
) -> int:
    """Five critic steps on fresh batches with a gradient penalty, then the generator's."""
    shown = 0
    for _ in range(5):
        real = next(batches)
        shown += len(real)
        fake = generator(torch.randn(len(real), latent, 1, 1, device=device))
        share = torch.rand(len(real), 1, 1, 1, device=device)
        between = (share * real + (1 - share) * fake.detach()).requires_grad_(True)
        judged = critic(between)
        (gradient,) = torch.autograd.grad(
            judged, between, torch.ones_like(judged), create_graph=True, retain_graph=True
        )
        penalty = ((gradient.view(len(real), -1).norm(2, dim=1) - 1) ** 2).mean()
        loss = critic(fake).mean() - critic(real).mean() + 10 * penalty
        critic.zero_grad()
        loss.backward(retain_graph=True)
        critic_optimizer.step()
        loss.item()
    generator.zero_grad()
    loss_generator = -critic(fake).mean()
    loss_generator.backward()
    generator_optimizer.step()
    loss_generator.item()
    return shown


def zerosum_side(
    recipe_name: str,
    data: Path,
    steps: int,
    cache: str,
    precision: Precision,
    compiled: bool,
    captured: bool,
) -> Figures:
    """The same training through zerosum's step, from its pack."""
    os.environ["ZEROSUM_CACHE"] = cache
    from zerosum.data import open_data
    from zerosum.data.batches import Batches
    from zerosum.recipe.load import load_recipe
    from zerosum.training.captured import CapturedStep
    from zerosum.training.compiled import compiled_forward
    from zerosum.training.devices import make_fabric
    from zerosum.training.finite import FiniteWatch
    from zerosum.training.game import Game
    from zerosum.training.meter import Meter
    from zerosum.training.players import build_players
    from zerosum.training.request import Devices
    from zerosum.training.step import train_step

    started = time.perf_counter()
    recipe = load_recipe(recipe_name, {"data.validation": 0.0})
    images = open_data(recipe.data.model_copy(update={"source": str(data)}), recipe.seed)
    packing = time.perf_counter() - started
    fabric = make_fabric(Devices(precision=precision))
    fabric.launch()
    players = build_players(recipe, fabric)
    batches = Batches(images.train, recipe.data, recipe.seed, fabric.device)
    modules = players.generator, players.discriminator
    generate, discriminate = map(compiled_forward, modules) if compiled else modules
    game = Game(recipe, players, batches, fabric, generate, discriminate)
    if captured:
        say = partial(print, file=sys.stderr)
        game = replace(game, captured=CapturedStep(game, say))
    meter, watch = Meter(fabric.device), FiniteWatch(players, fabric.device)
    done = [0, 0]

    def one_step() -> int:
        done[0] += 1
        result = train_step(game, done[0], done[1])
        meter.add(result)
        watch.look(done[0], result)
        if done[0] % recipe.schedule.log_every == 0:
            watch.check()
            meter.means().tolist()
        done[1] += result.images
        return result.images

    return timed(one_step, steps, started) | {"packing": packing}


def timed(one_step: Callable[[], int], steps: int, started: float) -> Figures:
    """Run the steps; images/s after the warm-up, and the whole time since `started`."""
    for _ in range(WARM_UP["cuda" if torch.cuda.is_available() else "cpu"]):
        one_step()
    _wait()
    begin = time.perf_counter()
    images = sum(one_step() for _ in range(steps))
    _wait()
    now = time.perf_counter()
    figures = {
        "images_per_second": images / (now - begin),
        "seconds": now - started,
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    if torch.cuda.is_available():
        figures["device_megabytes"] = torch.cuda.max_memory_allocated() / 2**20
    return figures


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def in_a_process(side: str, arguments: argparse.Namespace, cache: str) -> Figures | None:
    """Measure one side in a fresh process; None where that takes too long."""
    command = [sys.executable, __file__, arguments.recipe, "--data", str(arguments.data)]
    command += ["--steps", str(arguments.steps), "--side", side, "--cache", cache]
    command += ["--workers", str(arguments.workers), "--precision", arguments.precision]
    limit = arguments.side_seconds
    try:
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        print(f"{side}: not done within {limit:.0f} s", flush=True)
        return None
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measured(arguments: argparse.Namespace) -> Figures:
    """One side, in this process."""
    shared = (arguments.recipe, arguments.data, arguments.steps)
    if arguments.side in (TUTORIAL, RESIDENT):
        return tutorial(*shared, arguments.workers, arguments.side == RESIDENT)
    compiled, captured = arguments.side in (COMPILED, BOTH), arguments.side in (CAPTURED, BOTH)
    return zerosum_side(*shared, arguments.cache, arguments.precision, compiled, captured)


def main() -> None:
    """Run the sides in turn and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("recipe", choices=["dcgan", "dcgan-mnist", "wgan-gp"])
    parser.add_argument("--data", type=Path, required=True, help="class folders of images")
    parser.add_argument("--steps", type=int, default=20, help="generator steps that are timed")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2, help="of the script's DataLoader")
    parser.add_argument("--precision", choices=["auto", "32", "bf16"], default="auto")
    parser.add_argument("--sides", default=f"{TUTORIAL},{ZEROSUM}", help=",".join(SIDES))
    parser.add_argument("--side-seconds", type=float, help="at most, of one side in one round")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    parser.add_argument("--cache", default="", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        print(json.dumps(measured(arguments)))
        return
    sides = arguments.sides.split(",")
    if unknown := set(sides) - set(SIDES):
        parser.error(f"no such side: {', '.join(sorted(unknown))}; there are {', '.join(SIDES)}")
    rounds: list[dict[str, Figures]] = []
    # Ctrl-C, or the limit of benchmarks/gpu/run.sh, ends it with what there is.
    with tempfile.TemporaryDirectory() as cache, contextlib.suppress(KeyboardInterrupt):
        for _ in range(arguments.rounds):
            rounds.append({})
            for side in sides:
                figures = in_a_process(side, arguments, cache)
                if figures is not None:
                    rounds[-1][side] = figures
                    print(side, {name: round(v, 2) for name, v in figures.items()}, flush=True)
    print(
        f"{machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}, "
        f"python {platform.python_version()}, {arguments.workers} workers"
    )
    print_results(sides, rounds)


def print_results(sides: Sequence[str], rounds: Sequence[Mapping[str, Figures]]) -> None:
    """A line a side that was done, and one for each of zerosum's over each of the script's."""
    for side in sides:
        done = [one[side] for one in rounds if side in one]
        if done:
            memory = max(one.get("device_megabytes", one["peak_megabytes"]) for one in done)
            print(
                f"{side:17} {_spread([one['images_per_second'] for one in done], 1)} images/s   "
                f"peak {memory:,.0f} MB"
            )
    packing = [one["packing"] for sides in rounds for one in sides.values() if "packing" in one]
    if packing:
        print(f"packing   {max(packing):9.1f} s, once")
    scripts = [side for side in sides if side in (TUTORIAL, RESIDENT)]
    for mine in (side for side in sides if side not in scripts):
        for script in scripts:
            ratios = [
                one[mine]["images_per_second"] / one[script]["images_per_second"]
                for one in rounds
                if mine in one and script in one
            ]
            if ratios:
                print(f"ratio     {_spread(ratios, 2)} {mine} / {script}, pair by pair")


def _spread(values: Sequence[float], decimals: int) -> str:
    """Median and range."""
    least, most = (f"{each:.{decimals}f}" for each in (min(values), max(values)))
    middle = f"{statistics.median(values):9.{decimals}f}"
    return f"{middle} (median of {len(values)}; {least} to {most})"


def machine() -> str:
    """The GPU, or the processor and what it can do."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    name = platform.processor() or platform.machine()
    return f"{name}, CPU capability {torch.backends.cpu.get_cpu_capability()}"


if __name__ == "__main__":
    main()

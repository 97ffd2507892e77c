"""`zerosum interpolate RUN`: the way from one picture to another."""

from pathlib import Path
from typing import Literal

import click

from zerosum import options
from zerosum.cli.options import described
from zerosum.cli.pictures import GeneratorOptions, run_argument, usual_name
from zerosum.cli.terminal import echo
from zerosum.cli.words import Command
from zerosum.options import option

USUAL_PAIRS, USUAL_STEPS = 5, 10
MOST_NAMED = 8
"""Pairs that the name of a sheet tells."""


@click.command(cls=Command)
@run_argument
@described
def interpolate(
    run: Path,
    pairs: int = option(USUAL_PAIRS, "How many pairs: samples 0 and 1, 2 and 3, …", least=1),
    between: tuple[tuple[int, int], ...] = option(
        (),
        "Between these two samples of `zerosum sample` with this seed, instead of --pairs. "
        "May be given several times.",
        least=0,
        metavar="I J",
    ),
    steps: int = option(
        USUAL_STEPS, "Pictures from one end to the other, both ends among them.", least=2
    ),
    beyond: float = option(0.0, "Go on past both ends by this share of the way.", least=0),
    method: Literal["linear", "spherical"] | None = option(
        None,
        "A straight line, or a turn at even speed that keeps to the lengths the generator knows.",
        "spherical for a normal prior, linear for a uniform one",
    ),
    out: Path | None = options.out(
        "x.png: a sheet, a row per pair. x.gif or x.mp4: a film, there and back. A file is "
        "replaced.",
        "RUN/samples/interpolation-CHECKPOINT-seedSEED.png",
    ),
    fps: float = options.frames_per_second(),
    scale: int | None = options.scale(),
    *,
    which: GeneratorOptions,
) -> None:
    """Show the way between samples of RUN, by mixing their latents. Where RUN learnt classes,
    --class cat stays within one, and --class cat,dog goes from one to the other.

    Smooth ways through believable pictures tell that the generator did more than learn examples by
    heart.
    """
    from zerosum.generation.interpolate import write_interpolation
    from zerosum.records.run import RunFolder

    folder = RunFolder(run)
    generator = which.load(folder)
    chosen = list(between) or [(2 * pair, 2 * pair + 1) for pair in range(pairs)]
    unusual = (
        f"pairs{pairs}" if pairs != USUAL_PAIRS and not between else "",
        *(f"{first}to{last}" for first, last in between[:MOST_NAMED]),
        f"and{len(between) - MOST_NAMED}more" if len(between) > MOST_NAMED else "",
        f"steps{steps}" if steps != USUAL_STEPS else "",
        f"beyond{beyond:g}" if beyond else "",
        method or "",
    )
    path = out or folder.samples / usual_name("interpolation", generator, which.seed, unusual)
    with which.working():
        positions = write_interpolation(
            generator,
            path,
            chosen,
            seed=which.seed,
            steps=steps,
            beyond=beyond,
            method=method,
            frames_per_second=fps,
            scale=scale,
        )
    if method == "spherical" and generator.recipe.network.prior == "uniform":
        echo("note: the latents were uniform in training; --method linear keeps within them")
    ways = ", ".join(f"{first} to {last}" for first, last in chosen[:8])
    echo(f"samples {ways}{', …' if len(chosen) > 8 else ''} of seed {which.seed}")
    if beyond:
        first, last = positions.index(0) + 1, positions.index(1) + 1
        text = f"{len(positions)} pictures each; the two samples are number {first} and {last}"
        echo(f"{text}, in frames" if path.suffix.lower() == ".png" else text)
    echo(path)

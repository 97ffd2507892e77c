"""`zerosum interpolate RUN`: the way from one picture to another."""

from pathlib import Path
from typing import Any

import click

from zerosum.cli.pictures import (
    frames_per_second_option,
    load,
    picture_options,
    run_argument,
    scale_option,
    usual_name,
)
from zerosum.cli.terminal import echo
from zerosum.cli.values import Count, Number, OneOf
from zerosum.cli.words import Command

USUAL_PAIRS, USUAL_STEPS = 5, 10
MOST_NAMED = 8
"""Pairs that the name of a sheet tells."""


@click.command(cls=Command)
@run_argument
@click.option(
    "--pairs",
    type=Count(1),
    default=USUAL_PAIRS,
    show_default=True,
    help="How many pairs: samples 0 and 1, 2 and 3, …",
)
@click.option(
    "--between",
    type=Count(0),
    nargs=2,
    multiple=True,
    metavar="I J",
    help="Between these two samples of `zerosum sample` with this seed, instead of --pairs. "
    "May be given several times.",
)
@click.option(
    "--steps",
    type=Count(2),
    default=USUAL_STEPS,
    show_default=True,
    help="Pictures from one end to the other, both ends among them.",
)
@click.option(
    "--beyond",
    type=Number(0),
    default=0.0,
    show_default=True,
    help="Go on past both ends by this share of the way.",
)
@click.option(
    "--method",
    type=OneOf(["linear", "spherical"]),
    help="A straight line, or a turn at even speed that keeps to the lengths the generator knows.  "
    "[default: spherical for a normal prior, linear for a uniform one]",
)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="x.png: a sheet, a row per pair. x.gif or x.mp4: a film, there and back. A file is "
    "replaced.  [default: RUN/samples/interpolation-CHECKPOINT-seedSEED.png]",
)
@frames_per_second_option
@scale_option
@picture_options
def interpolate(
    run: Path,
    pairs: int,
    between: tuple[tuple[int, int], ...],
    steps: int,
    beyond: float,
    method: str | None,
    out: Path | None,
    fps: float,
    scale: int | None,
    **options: Any,
) -> None:
    """Show the way between samples of RUN, by mixing their latents.

    Smooth ways through believable pictures tell that the generator did more than learn examples by
    heart.
    """
    from zerosum.generation import write_interpolation
    from zerosum.records.run import RunFolder

    folder = RunFolder(run)
    generator = load(folder, options)
    seed = options["seed"]
    chosen = list(between) or [(2 * pair, 2 * pair + 1) for pair in range(pairs)]
    unusual = (
        f"pairs{pairs}" if pairs != USUAL_PAIRS and not between else "",
        *(f"{first}to{last}" for first, last in between[:MOST_NAMED]),
        f"and{len(between) - MOST_NAMED}more" if len(between) > MOST_NAMED else "",
        f"steps{steps}" if steps != USUAL_STEPS else "",
        f"beyond{beyond:g}" if beyond else "",
        method or "",
    )
    path = out or folder.samples / usual_name("interpolation", generator, seed, unusual)
    positions = write_interpolation(
        generator,
        path,
        chosen,
        seed=seed,
        steps=steps,
        beyond=beyond,
        method=method,
        frames_per_second=fps,
        scale=scale,
    )
    if method == "spherical" and generator.recipe.network.prior == "uniform":
        echo("note: the latents were uniform in training; --method linear keeps within them")
    ways = ", ".join(f"{first} to {last}" for first, last in chosen[:8])
    echo(f"samples {ways}{', …' if len(chosen) > 8 else ''} of seed {seed}")
    if beyond:
        first, last = positions.index(0) + 1, positions.index(1) + 1
        told = f"{len(positions)} pictures each; the two samples are number {first} and {last}"
        echo(f"{told}, in frames" if path.suffix.lower() == ".png" else told)
    echo(path)

"""The way between two pictures: their latents mixed step by step, and beyond both ends."""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from zerosum.data.grid import (
    enlarged,
    filled_sheet,
    framed,
    sheet_png,
    square_columns,
    usual_scale,
)
from zerosum.errors import UsageError
from zerosum.files import require_suffix
from zerosum.generation.generator import TrainedGenerator, require_latents
from zerosum.generation.movies import MOVIES, write_movie
from zerosum.generation.output import require_sheet, staged_file

METHODS = ("linear", "spherical")

Pair = tuple[int, int]


def write_interpolation(
    generator: TrainedGenerator,
    out: Path,
    pairs: Sequence[Pair],
    *,
    seed: int = 0,
    steps: int = 10,
    beyond: float = 0.0,
    method: str | None = None,
    frames_per_second: float = 10.0,
    scale: int | None = None,
) -> list[float]:
    """Write the ways between pairs of samples of a seed to `out`; returns `positions`.

    A name in .png is a sheet with a row per pair; in .gif or .mp4 a film of all pairs side by side,
    there and back. On a sheet that goes `beyond` both samples these have frames. Each pixel is
    there `scale` times in both directions (None: `usual_scale`). `method` is one of METHODS; None
    takes `usual_method`. Raises ZerosumError for another suffix, when `out` cannot be written or
    would be too large, or the run restores pictures.
    """
    require_latents(generator)
    suffix = require_suffix(out, (".png", *MOVIES))
    method = method or usual_method(generator.recipe.network.prior)
    where = positions(steps, beyond)
    on_a_sheet = len(pairs) * (len(where) if suffix == ".png" else 1)
    height, width = (side * (scale or 1) for side in generator.recipe.data.resolution.shape)
    smaller = "a smaller --scale, " if scale and scale > 1 else ""
    require_sheet(
        on_a_sheet,
        height,
        width,
        f"ask for {smaller}fewer --pairs or --steps, or write a film (.mp4)",
    )
    latents = ways(generator, pairs, seed, where, method)
    if suffix == ".png":
        text = _fields(seed, pairs, where, method)
        if generator.classes:
            text["classes"] = " to ".join(generator.class_names)
        ends = [where.index(0), where.index(1)] if beyond else []
        _write_rows(generator, latents, out, generator.labels() | text, ends, scale)
    else:
        there = latents.unbind(1)
        frames = _frames(generator, iter(there + there[-2:0:-1]), scale)
        write_movie(frames, out, frames_per_second)
    return where


def ways(
    generator: TrainedGenerator,
    pairs: Sequence[Pair],
    seed: int,
    where: Sequence[float],
    method: str,
) -> torch.Tensor:
    """What the generator is given between samples of a seed, (pairs, positions, numbers).

    Latents are mixed by `method`, and what stands beside them in a straight line: the weights of
    the classes. Where two classes were chosen, the first of a pair is of one and the last of the
    other; where one was, both are. Raises UsageError where there were more.
    """
    chosen = generator.classes
    if len(chosen) > 2:
        raise UsageError(
            f"--class names {len(chosen)} classes, and a way has two ends",
            "name one class to stay within it, or two to go from one to the other",
        )
    begins, ends = (
        (replace(generator, classes=(each,)) for each in (chosen[0], chosen[-1]))
        if chosen
        else (generator, generator)
    )
    firsts = begins.latents(seed, [first for first, _ in pairs])
    lasts = ends.latents(seed, [last for _, last in pairs])
    return mixed(firsts, lasts, where, method, generator.recipe.network.latent)


def mixed(
    firsts: torch.Tensor, lasts: torch.Tensor, where: Sequence[float], method: str, latent: int
) -> torch.Tensor:
    """What a generator is given between inputs of it, both (pairs, numbers) of which the first
    `latent` are the latent: (pairs, positions, numbers)."""
    sides = [(each[:, :latent], each[:, latent:]) for each in (firsts, lasts)]
    (first, weights), (last, other) = sides
    return torch.stack(
        [
            torch.cat([between(first, last, at, method), torch.lerp(weights, other, at)], dim=1)
            for at in where
        ],
        dim=1,
    )


def usual_method(prior: str) -> str:
    """What keeps to where the generator was trained: on the sphere's shell, or in the cube."""
    return "spherical" if prior == "normal" else "linear"


def positions(steps: int, beyond: float = 0.0) -> list[float]:
    """`steps` even positions from 0, the first end, to 1, the last; both exact.

    `beyond` > 0 goes on at the same distance outside both ends, at least that far.
    """
    between_ends = steps - 1
    outside = math.ceil(beyond * between_ends)
    return [step / between_ends for step in range(-outside, steps + outside)]


def between(
    firsts: torch.Tensor, lasts: torch.Tensor, position: float, method: str
) -> torch.Tensor:
    """The latents (n, latent) at one position of n ways; at 0 and 1 the ends themselves, exact."""
    if position == 0:
        return firsts
    if position == 1:
        return lasts
    mix = _spherical if method == "spherical" else _linear
    return mix(firsts.double(), lasts.double(), position).float()


def _linear(firsts: torch.Tensor, lasts: torch.Tensor, position: float) -> torch.Tensor:
    return (1 - position) * firsts + position * lasts


def _spherical(firsts: torch.Tensor, lasts: torch.Tensor, position: float) -> torch.Tensor:
    """Directions turned at even speed (Shoemake 1985), lengths interpolated in a straight line.

    White 2016 (arXiv 1609.04468): a straight line between normal latents passes through lengths
    that the generator never saw. Written with the part of the last direction that is at right
    angles to the first, which is the same as Shoemake's formula and holds where its sine is zero:
    opposite ends turn through some fixed right angle. Where there is no way round, because one end
    is zero or there is only one dimension, the way is straight. Beyond the ends no length falls
    below zero.
    """
    length_first, length_last = firsts.norm(dim=1), lasts.norm(dim=1)
    first = firsts / length_first.clamp_min(1e-300)[:, None]
    last = lasts / length_last.clamp_min(1e-300)[:, None]
    cosine = (first * last).sum(1)
    aside = last - cosine[:, None] * first
    sine = aside.norm(dim=1)
    angle = torch.atan2(sine, cosine)
    parallel = sine < 1e-9
    right_angle = torch.where(
        parallel[:, None], _perpendicular(first), aside / sine.clamp_min(1e-300)[:, None]
    )
    turned = angle * position
    direction = torch.cos(turned)[:, None] * first + torch.sin(turned)[:, None] * right_angle
    length = _linear(length_first, length_last, position).clamp_min(0)
    round_about = length[:, None] * direction
    no_way_round = (length_first == 0) | (length_last == 0) | (first.shape[1] == 1)
    return torch.where(no_way_round[:, None], _linear(firsts, lasts, position), round_about)


def _perpendicular(directions: torch.Tensor) -> torch.Tensor:
    """For each direction (n, latent) one at right angles to it, of length 1 (in 1 dimension 0)."""
    axis = torch.zeros_like(directions)
    axis.scatter_(1, directions.abs().argmin(dim=1, keepdim=True), 1.0)
    aside = axis - (axis * directions).sum(1, keepdim=True) * directions
    unit: torch.Tensor = aside / aside.norm(dim=1, keepdim=True).clamp_min(1e-300)
    return unit


def _write_rows(
    generator: TrainedGenerator,
    latents: torch.Tensor,
    out: Path,
    text: dict[str, str],
    ends: Sequence[int],
    scale: int | None,
) -> None:
    """A sheet of the pictures of latents (pairs, steps, latent), a row per pair; those in the
    columns `ends` have frames."""
    pairs, steps = latents.shape[:2]
    with staged_file(out) as beside:
        rows = generator(latents.flatten(0, 1))
        sheet = filled_sheet(rows, steps)
        if ends:
            numbers = (pair * steps + end for pair in range(pairs) for end in ends)
            sheet = framed(sheet, numbers, steps, rows.shape[1:])
        beside.write_bytes(sheet_png(sheet, rows.shape[1:], text, scale))


def _frames(
    generator: TrainedGenerator, latents: Iterator[torch.Tensor], scale: int | None
) -> Iterator[NDArray[np.uint8]]:
    """A film's frames: for each latents (pairs, latent) their pictures side by side."""
    for first in latents:
        pairs = len(first)
        # As many frames at a time as a batch has room for.
        together = [first, *itertools.islice(latents, max(0, generator.batch // pairs - 1))]
        pictures = generator(torch.cat(together))
        columns = square_columns(pairs)
        for start in range(0, len(pictures), pairs):
            sheet = filled_sheet(pictures[start : start + pairs], columns)
            yield enlarged(sheet, scale or usual_scale(pictures.shape[1:], sheet.shape[:2]))


def _fields(seed: int, pairs: Sequence[Pair], where: list[float], method: str) -> dict[str, str]:
    return {
        "seed": str(seed),
        "pairs": " ".join(f"{first}-{last}" for first, last in pairs),
        "positions": " ".join(f"{at:.4g}" for at in where),
        "method": method,
    }

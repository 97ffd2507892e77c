"""The Python API of pictures: samples of a trained generator, and the ways between them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from zerosum.api_results import Interpolation, Samples
from zerosum.api_run import Run, run_named
from zerosum.api_threads import working_with
from zerosum.arguments import classes_of, number_of, threads_of
from zerosum.errors import UsageError
from zerosum.generation.generator import load_discriminator, load_generator, require_latents
from zerosum.generation.interpolate import positions, usual_method, ways, write_interpolation
from zerosum.generation.sample import ranked, write_samples
from zerosum.options import Threads
from zerosum.spelling import python_call


@python_call(n="count", **{"class": "classes"})
def sample(
    run: Run | str | Path,
    count: int = 64,
    *,
    seed: int = 0,
    out: str | Path | None = None,
    best_first: bool = False,
    truncate: float | None = None,
    classes: str | int | Sequence[str | int] = (),
    checkpoint: str | int = "latest",
    average: bool | None = None,
    device: str = "auto",
    threads: Threads = "auto",
    batch: int = 32,
) -> Samples:
    """Pictures of a trained generator: `images` of what comes back, (n, height, width, channels)
    uint8 from 0 to 255.

    Picture number i depends on the `seed` and i alone. `out` writes them as well: x.png is one
    sheet, x.zip or a new folder single PNGs. `best_first` sorts them as the discriminator sees
    them.
    `truncate` draws latent values beyond that size again: less variety, and fewer failures from a
    generator that bears it (Brock et al. 2018, arXiv 1809.11096, section 3.1). `classes` are one or
    more that the run learnt, by name or number ("cat", 3, ["cat", "dog"]): pictures of these take
    turns; without it, of all. `checkpoint` is "latest", "best" or the images seen, `average`
    chooses the average of the weights or the last ones. `threads` of the processor compute, "auto":
    as many as other programs leave free. All are held in memory: the command `zerosum sample`
    writes any number of them. Raises ZerosumError, which says what to do.
    """
    folder, count = run_named(run), number_of(count, "count")
    _require_some("n", count)
    with working_with(threads_of(threads), device, quick=True):
        generator = load_generator(
            folder, str(checkpoint), averaged=average, device=device, batch=batch
        )
        require_latents(generator)
        generator = generator.of_classes(classes_of(classes))
        discriminator = None
        if best_first:
            discriminator = load_discriminator(folder, generator.checkpoint, device=device)
        numbers: Sequence[int] = range(count)
        if discriminator is not None:
            numbers = ranked(generator, discriminator, count, seed, truncate)
        images = generator(generator.latents(seed, numbers, truncate))
        path = None
        if out is not None:
            path = Path(out)
            write_samples(
                generator, path, count, seed=seed, truncate=truncate, discriminator=discriminator
            )
    return Samples(images, tuple(numbers), seed, generator.checkpoint, path)


@python_call(fps="frames_per_second", **{"class": "classes"})
def interpolate(
    run: Run | str | Path,
    pairs: int | Sequence[tuple[int, int]] = 5,
    *,
    steps: int = 10,
    beyond: float = 0.0,
    method: Literal["linear", "spherical"] | None = None,
    classes: str | int | Sequence[str | int] = (),
    seed: int = 0,
    out: str | Path | None = None,
    frames_per_second: float = 10.0,
    checkpoint: str | int = "latest",
    average: bool | None = None,
    device: str = "auto",
    threads: Threads = "auto",
    batch: int = 32,
) -> Interpolation:
    """The ways from one generated picture to another: `images` of what comes back, (pairs,
    positions, height, width, channels) uint8 from 0 to 255.

    `pairs` says how many (samples 0 and 1, 2 and 3, …), or which: [(3, 7)]. `steps` pictures lead
    from one end to the other, both among them; `beyond` goes on past both ends by that share of the
    way. `method` is "linear" or "spherical"; None keeps to where the generator was trained.
    `classes` names one that the run learnt, to stay within it, or two, to go from one to the other.
    `out` writes them as well: x.png is a sheet, x.gif or x.mp4 a film. `checkpoint`, `average`,
    `seed` and `threads` are as in `sample`. Raises ZerosumError, which says what to do.
    """
    if not isinstance(pairs, Sequence) or isinstance(pairs, str):
        count = number_of(pairs, "pairs")
        _require_some("pairs", count)
        pairs = [(2 * pair, 2 * pair + 1) for pair in range(count)]
    _require_some("pairs", len(pairs))
    steps = number_of(steps, "steps")
    generator = load_generator(
        run_named(run), str(checkpoint), averaged=average, device=device, batch=batch
    )
    require_latents(generator)
    generator = generator.of_classes(classes_of(classes))
    chosen = tuple((int(first), int(last)) for first, last in pairs)
    if steps < 2 or beyond < 0:
        raise UsageError(
            f"--steps={steps} with --beyond={beyond} is no way",
            "give 2 steps or more, and 0 or more beyond them",
        )
    if method not in (None, "linear", "spherical"):
        raise UsageError(f"there is no --method={method}", "choose from: linear, spherical")
    mixed = method or usual_method(generator.recipe.network.prior)
    where = tuple(positions(steps, beyond))
    with working_with(threads_of(threads), device, quick=True):
        images = generator(ways(generator, chosen, seed, where, mixed).flatten(0, 1))
        images = images.reshape(len(chosen), len(where), *images.shape[1:])
        path = None
        if out is not None:
            path = Path(out)
            write_interpolation(
                generator, path, chosen, seed=seed, steps=steps, beyond=beyond, method=mixed,
                frames_per_second=frames_per_second,
            )  # fmt: skip
    return Interpolation(images, chosen, where, mixed, seed, generator.checkpoint, path)


def _require_some(option: str, count: int) -> None:
    if count < 1:
        raise UsageError(f"--{option}={count} is too few", "ask for 1 at least")

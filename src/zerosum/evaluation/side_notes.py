"""Where numbers deceive because of what the sides are: the same images, files of other kinds."""

from zerosum.evaluation.features import Features
from zerosum.evaluation.images import Images
from zerosum.evaluation.scores.distances import blocks

UNLIKE = 0.1
"""Shares of JPEG files, or of grey pictures, that differ by more than this on the two sides."""


def notes_on_sides(
    fakes: Images, reals: Images, fake: Features, real: Features, *, paired: bool
) -> tuple[str, ...]:
    """Sentences on the images of both sides; `fake` and `real` are features (count, dimension).

    `paired`: the fakes are versions of the reals, and may well be the same.
    """
    notes = [] if paired else [*_same(fakes, reals, fake, real)]
    own, other = fakes.kind, reals.kind
    if own is None:
        return tuple(notes)
    if own.lossy > UNLIKE and other is None:
        notes.append(
            f"{own.lossy:.0%} of the files of {fakes.name} are JPEG or the like: compression "
            f"changes every score, and how {reals.name} was stored is not known"
        )
    if other is None:
        return tuple(notes)
    if abs(own.lossy - other.lossy) > UNLIKE:
        notes.append(
            f"{own.lossy:.0%} of the files of {fakes.name} are JPEG or the like, and "
            f"{other.lossy:.0%} of those of {reals.name}: compression alone changes every score "
            "(Parmar et al. 2022); save generated images as PNG"
        )
    if abs(own.grey - other.grey) > UNLIKE:
        notes.append(
            f"{own.grey:.0%} of the images of {fakes.name} are grey, and {other.grey:.0%} of those "
            f"of {reals.name}: the scores measure that first"
        )
    elif 0 < own.grey < 1:
        notes.append(f"{own.grey:.0%} of the images of {fakes.name} are grey, the others coloured")
    return tuple(notes)


def _same(fakes: Images, reals: Images, fake: Features, real: Features) -> tuple[str, ...]:
    """Where generated images are real ones: the very same features tell it."""
    if fakes.fingerprint == reals.fingerprint:
        return ("both sides are the same images: these are no scores of a generator",)
    known = {row.tobytes() for part in blocks(len(real)) for row in real[part]}
    same = sum(row.tobytes() in known for part in blocks(len(fake)) for row in fake[part])
    if not same:
        return ()
    return (
        f"{same:,} of {len(fake):,} generated images are the same as real ones, to the last digit "
        "of their features: the scores take copies for perfect images",
    )

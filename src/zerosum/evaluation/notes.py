"""What a reader of scores should know of them."""

from collections.abc import Mapping

from zerosum.evaluation.features import Features
from zerosum.evaluation.floor import Floor
from zerosum.evaluation.protocol import Protocol
from zerosum.evaluation.scores import Result, total_variance
from zerosum.evaluation.scores.fid import FEW_FOR_DIMENSION

NO_VARIETY = 1e-3
"""Generated features that vary less than this share of the real ones are those of one image."""


def notes_on(
    values: Mapping[str, Result],
    fake: Features,
    real: Features,
    protocol: Protocol,
    floor: Floor | None,
) -> tuple[str, ...]:
    """Sentences, the weightiest first: a collapse, an FID of few images, weights that are not quite
    those of their name. `fake` and `real` are features (count, dimension)."""
    notes = []
    varies, should = total_variance(fake), total_variance(real)
    if varies < NO_VARIETY * should:
        notes.append("collapsed: the generated images are all but the same one")
    dimension, fewest = real.shape[1], min(len(fake), len(real))
    if "fid" in values and fewest < FEW_FOR_DIMENSION * dimension:
        note = (
            f"{fewest:,} images are few for {dimension:,} dimensions: FID is too large by an "
            "amount that depends on the number"
        )
        if floor is not None and "fid" in floor.scores:
            note += (
                f"; between real images it is {floor.scores['fid'].value:.3g} already "
                f"({floor.words})"
            )
            if floor.generated is not None:
                note += (
                    f", and {floor.generated['fid'].value:.3g} of as many generated ones "
                    "against the same"
                )
        if fewest <= dimension:
            note += "; its covariance has not even full rank: read KID first"
        notes.append(note)
    if protocol.approximate:
        notes.append(
            f"approximate: the weights of {protocol.extractor} are close to the network of that "
            "name, and not it: never put these numbers beside published ones"
        )
    return tuple(notes)

"""How far a run is from the equilibrium of its game, in words."""

from zerosum.diagnosis.log_fields import output_word
from zerosum.diagnosis.phase_health import FEWEST, middle
from zerosum.recipe.settings import Recipe
from zerosum.records.logs import finite_values
from zerosum.report.logged_chart import Lines

NO_PROOF = (
    "Being there would not prove a Nash equilibrium, in which no player could do better by any "
    "change: only small steps along the gradient are tried, and a weak discriminator cannot "
    "tell missing variety either."
)


def equilibrium_in_words(recipe: Recipe, lines: Lines, short: str = "") -> list[str]:
    """What the game's equilibrium would look like for this loss, and how far the run is from it.

    `short`: why the run was too short for that to mean anything; "" where it was not."""
    distance = distance_to_equilibrium(recipe, lines, short)
    sentences = (expected_equilibrium(recipe), distance, NO_PROOF)
    return [sentence for sentence in sentences if sentence]


def expected_equilibrium(recipe: Recipe) -> str:
    """What the discriminator would answer at the equilibrium of this loss."""
    expected = recipe.objective.equilibrium
    if expected is None:
        return (
            "Of this loss only the difference of two scores means anything. At the equilibrium, "
            "where generated images are distributed as the real ones, the difference of the mean "
            "scores of real and generated images is 0."
        )
    return (
        "At the equilibrium, where generated images are distributed as the real ones and the "
        f"discriminator plays its best, it answers {expected:.2f} to every image "
        "(Goodfellow et al. 2014, proposition 1; Mao et al. 2017, equation 5)."
    )


def distance_to_equilibrium(recipe: Recipe, lines: Lines, short: str = "") -> str:
    """How far the newest answers of the discriminator are from it, and that this says nothing where
    the run was too `short`, as that says; "" before any was logged."""
    known = map(finite_values, lines)
    newest = [line for line in known if "d_real" in line and "d_fake_before" in line]
    newest = list(newest[-FEWEST:])
    if not newest:
        return ""
    expected = recipe.objective.equilibrium
    real, fake = middle(newest, "d_real"), middle(newest, "d_fake_before")
    which = f"the newest {len(newest)} log lines" if len(newest) > 1 else "the only log line"
    now = (
        f"In {which} the median of {output_word(recipe.objective)}D(x) is {real:.3g}, "
        f"of D(G(z)) before the step {fake:.3g}"
    )
    vain = f" That says nothing yet: {short}." if short else ""
    if expected is None:
        return f"{now}, a difference of {real - fake:.3g}.{vain}"
    return f"{now}: {abs(real - expected):.2g} and {abs(fake - expected):.2g} from it.{vain}"

"""The section of a recipe that says how pictures are damaged, which a generator learns to undo."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field

from zerosum.parts import written
from zerosum.recipe.names import NameOf
from zerosum.recipe.naming import NamesParts
from zerosum.recipe.sections import Settings, Share
from zerosum.user_function import UserFunction


@dataclass(frozen=True)
class OwnDamage:
    """A damage that a file of the user's brings."""

    name: str
    function: UserFunction[object]
    """Of `picture`, uint8 (H, W, C), and of `random`, where it names that: the same, damaged."""
    takes_colours: bool = False
    """Whether it takes colours away, so that whoever undoes it colourises."""


OWN_DAMAGES: dict[str, OwnDamage] = {}
"""By name."""

DamageName = Annotated[str, NameOf("damage", OWN_DAMAGES)]


def _range(low: float, high: float) -> AfterValidator:
    """Demand (lower, upper) with low ≤ lower ≤ upper ≤ high."""

    def check(value: tuple[float, float]) -> tuple[float, float]:
        if not low <= value[0] <= value[1] <= high:
            raise ValueError(f"must be two rising numbers from {low:g} to {high:g}")
        return value

    return AfterValidator(check)


class DamageSettings(Settings, NamesParts):
    """What is done to a picture that the generator (`unet`) learns to undo. Each kind has its
    probability, but for your own; they are applied in this order."""

    own: tuple[DamageName, ...] = Field(
        (), description="damages of your own, which draw themselves what they do"
    )
    shrink: Share = Field(0.0, description="probability of shrinking and enlarging again")
    shrink_factor: Annotated[tuple[float, float], _range(1, 16)] = Field(
        (2.0, 4.0), description="range of the factor it is shrunk by"
    )
    grey: Share = Field(0.0, description="probability of losing the colours")
    noise: Share = Field(0.0, description="probability of Gaussian noise")
    noise_strength: Annotated[tuple[float, float], _range(0, 1)] = Field(
        (0.02, 0.1), description="range of its standard deviation; 1: from black to white"
    )
    hole: Share = Field(0.0, description="probability of a grey square hole")
    hole_side: Annotated[tuple[float, float], _range(0, 1)] = Field(
        (0.2, 0.4), description="range of the hole's side, as a share of the picture's"
    )
    number: Share = Field(0.0, description="probability of a white number at a random place")
    jpeg: Share = Field(0.0, description="probability of JPEG compression")
    jpeg_quality: Annotated[tuple[int, int], _range(1, 95)] = Field(
        (10, 70), description="range of the JPEG quality"
    )

    @property
    def is_done(self) -> bool:
        """Whether anything is ever damaged."""
        kinds = (self.shrink, self.grey, self.noise, self.hole, self.number, self.jpeg)
        return max(kinds) > 0 or bool(self.own)

    @property
    def takes_colours(self) -> bool:
        """Whether colours are ever taken away: whoever undoes it colourises."""
        return self.grey > 0 or any(each.takes_colours for each in self.functions)

    @property
    def functions(self) -> list[OwnDamage]:
        """Those of the user's, in order."""
        return self.own_parts("own", OWN_DAMAGES)

    @property
    def written(self) -> str:
        """All that decides what is done, in one line; as it was before there were own ones, where
        there are none."""
        given = self.model_dump_json(exclude={"own"})
        return "; ".join([given, *self.own_written])

    @property
    def own_written(self) -> list[str]:
        """Those of the user's, each with its file."""
        return [f"{name} of {written(digest)}" for name, digest in self.own_files("own")]

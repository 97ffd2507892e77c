"""The section of a recipe that says what is done to images before the discriminator sees them."""

from typing import Annotated, Literal, get_args

from pydantic import Field

from zerosum.recipe.names import NameOf
from zerosum.recipe.naming import NamesParts
from zerosum.recipe.sections import SAME, Count, Same, Settings, Share

Method = Literal["none", "diffaugment", "ada"]
Kind = Literal["colour", "shift", "hole", "flip", "turn", "geometry"]

KINDS: dict[Method, tuple[Kind, ...]] = {
    "none": (),
    "diffaugment": ("colour", "shift", "hole"),
    "ada": ("flip", "turn", "shift", "geometry", "colour"),
}
"""What each method has, in the order in which it is done."""

KIND_METHODS: dict[str, tuple[Method, ...]] = {
    kind: tuple(method for method, kinds in KINDS.items() if kind in kinds)
    for kind in get_args(Kind)
}
"""The methods that have a kind, by its name; those of files as well, whose functions are in
`zerosum.adversarial.own_change`."""

KindName = Annotated[str, NameOf("augmentation", KIND_METHODS)]

SPEED, SPEED_FROM_ANOTHER = 500_000, 100_000
"""Images in which the probability of ADA can rise from 0 to 1: Karras et al. 2020 (arXiv
2006.06676), section 3.1, and where a training begins from another's weights, section 4.2."""


class AugmentationSettings(Settings, NamesParts):
    """What is done to all images, real and generated, before the discriminator sees them: it
    learns a small set less by heart. Pictures that are sampled and scored are not changed."""

    method: Method = Field(
        "none",
        description="diffaugment: every image; ada: with a probability that rises while the "
        "discriminator overfits",
    )
    kinds: tuple[KindName, ...] = Field(
        (),
        description="which of colour, shift, hole (diffaugment), or of flip, turn, shift, "
        "geometry, colour (ada), and of your own (both); none named: all of the method's",
    )
    strength: Share = Field(1.0, description="diffaugment: factor of all its ranges")
    last_strength: Share | Same = Field(
        SAME,
        description="diffaugment: where schedule.decay leads the strength, also from 0; "
        "same: it stays as it is",
    )
    probability: Share = Field(
        0.0, description="ada: probability of each change when the training begins"
    )
    last_probability: Share | Same = Field(
        SAME,
        description="ada: where schedule.decay leads the probability, where target is 0; "
        "same: it stays as it is",
    )
    target: Share = Field(
        0.6,
        description="ada: mean sign of the discriminator's output on real images above which the "
        "probability rises, and below which it falls (of several critic steps the last one's); "
        "0: it stays",
    )
    images: Count = Field(
        0,
        description="ada: images in which the probability can rise from 0 to 1; 0: 500,000, or "
        "100,000 in a run that begins from another's weights",
    )

    @property
    def chosen(self) -> tuple[Kind, ...]:
        """The kinds of zerosum that are done, in the order of the method."""
        return tuple(kind for kind in KINDS[self.method] if not self.kinds or kind in self.kinds)

    @property
    def amounts(self) -> tuple[float, float | Same]:
        """The strength of diffaugment, or the probability of ada: at first, and where a schedule
        leads it."""
        if self.method == "diffaugment":
            return self.strength, self.last_strength
        return self.probability, self.last_probability

    @property
    def adapts(self) -> bool:
        """Whether its probability changes while a run is trained."""
        return self.method == "ada" and self.target > 0

    def problems(self, boundary: float | None, loss: str) -> list[str]:
        """Settings of it that make no sense together, or under a loss whose outputs have this
        boundary between real and generated: "what; the way out"."""
        found, default = [], AugmentationSettings()
        needs: dict[str, tuple[Method, ...]] = {
            "kinds": ("diffaugment", "ada"),
            **dict.fromkeys(("strength", "last_strength"), ("diffaugment",)),
            **dict.fromkeys(("probability", "last_probability", "target", "images"), ("ada",)),
        }
        for name, methods in needs.items():
            if self.method not in methods and getattr(self, name) != getattr(default, name):
                found.append(
                    f"augmentation.{name} is for {' and '.join(methods)}, and augmentation.method "
                    f"is {self.method!r}; set that, or leave augmentation.{name} out"
                )
        strange = [kind for kind in self.kinds if self.method not in KIND_METHODS[kind]]
        if strange and self.method != "none":
            found.append(
                f"augmentation.method = {self.method!r} has no {strange[0]!r}; "
                f"it has {', '.join(KINDS[self.method])}"
            )
        never = self.strength == 0 and self.last_strength in (0, SAME)
        if self.method == "diffaugment" and never:
            found.append(
                "augmentation.strength = 0 changes no image; set it above 0, or "
                "augmentation.method to 'none'"
            )
        if self.method == "ada" and not self.adapts:
            found += self._never_changes()
        if self.adapts and self.last_probability != SAME:
            found.append(
                f"augmentation.last_probability = {self.last_probability} beside "
                f"augmentation.target = {self.target:g}: the probability follows either the "
                "schedule or the discriminator; set augmentation.target to 0"
            )
        elif self.adapts and boundary is None:
            found.append(
                f"augmentation.method = 'ada' goes by the sign of the discriminator's output, "
                f"which says nothing with objective.loss = {loss!r}; take 'diffaugment', or set "
                "augmentation.target to 0 and augmentation.probability"
            )
        return found

    def _never_changes(self) -> list[str]:
        """Settings of a probability that the discriminator does not move, which do nothing."""
        found = []
        if self.images:
            found.append(
                f"augmentation.images = {self.images:,} is how fast the probability follows the "
                "discriminator, and with augmentation.target = 0 it does not; leave "
                "augmentation.images at 0, or set augmentation.target"
            )
        if self.probability == 0 and self.last_probability in (0, SAME):
            found.append(
                "augmentation.method = 'ada' with augmentation.target = 0 and "
                "augmentation.probability = 0 changes no image; set one of the two"
            )
        return found

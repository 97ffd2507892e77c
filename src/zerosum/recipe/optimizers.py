"""The section of a recipe that says what optimises each player."""

from typing import Annotated, Literal

from pydantic import Field

from zerosum.recipe.sections import SAME, Below1, Factor, Same, Settings, StepSize

OptimizerName = Literal["adam", "adamw", "rmsprop", "sgd"]

OPTIONS: dict[str, tuple[OptimizerName, ...]] = {
    "last_beta2": ("adam", "adamw"),
    "epsilon": ("adam", "adamw", "rmsprop"),
    "weight_decay": ("adamw",),
    "momentum": ("rmsprop", "sgd"),
}
"""Fields that not every optimiser has, and which have them. (Betas stand in recipes of any.)"""


class PlayerOptimizerSettings(Settings):
    """One player's optimiser."""

    kind: OptimizerName = Field("adam", description="rmsprop smooths with 0.99")
    learning_rate: StepSize = Field(2e-4, description="step size")
    last_learning_rate: Factor | Same = Field(
        0.0, description="where schedule.decay leads it; same: it stays as it is"
    )
    betas: tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, lt=1)]] = Field(
        (0.5, 0.999), description="decay of the two moments, for adam and adamw"
    )
    last_beta2: Below1 | Same = Field(
        SAME, description="where schedule.decay leads the second of them; same: it stays as it is"
    )
    epsilon: StepSize = Field(
        1e-8, description="added to the root of the second moment, for adam, adamw and rmsprop"
    )
    weight_decay: Factor = Field(
        0.01,
        description="for adamw: weights shrink in each step by this times the learning rate",
    )
    momentum: Below1 = Field(
        0.0, description="share of the step before in each step, for sgd and rmsprop"
    )

    def problems(self, player: str) -> list[str]:
        """Settings that its kind of optimiser does not have: "what; the way out"."""
        default = PlayerOptimizerSettings()
        return [
            f"optimizer.{player}.{name} is for {' and '.join(kinds)}, and this is {self.kind!r}; "
            f"leave it at {getattr(default, name)}"
            for name, kinds in OPTIONS.items()
            if self.kind not in kinds and getattr(self, name) != getattr(default, name)
        ]


class OptimizerSettings(Settings):
    """The optimiser of each player."""

    generator: PlayerOptimizerSettings = PlayerOptimizerSettings()
    discriminator: PlayerOptimizerSettings = PlayerOptimizerSettings()

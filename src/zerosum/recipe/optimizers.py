"""The section of a recipe that says what optimises each player."""

from typing import Annotated, Literal

from pydantic import Field

from zerosum.recipe.sections import Below1, Factor, Settings, StepSize


class PlayerOptimizerSettings(Settings):
    """One player's optimiser."""

    kind: Literal["adam", "adamw", "rmsprop", "sgd"] = Field(
        "adam", description="rmsprop smooths with 0.99; sgd has no momentum"
    )
    learning_rate: StepSize = Field(2e-4, description="step size")
    last_learning_rate: Factor = Field(0.0, description="where schedule.decay leads it")
    betas: tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, lt=1)]] = Field(
        (0.5, 0.999), description="decay of the two moments, for adam and adamw"
    )
    last_beta2: Below1 = Field(
        0.0, description="where schedule.decay leads the second of them; 0: it stays as it is"
    )


class OptimizerSettings(Settings):
    """The optimiser of each player."""

    generator: PlayerOptimizerSettings = PlayerOptimizerSettings()
    discriminator: PlayerOptimizerSettings = PlayerOptimizerSettings()

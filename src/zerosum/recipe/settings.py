"""A whole recipe: its sections together, and which of their settings make no sense together."""

from collections.abc import Callable
from typing import Self

from pydantic import Field, model_validator

from zerosum.recipe.sections import (
    Count,
    DamageSettings,
    DataSettings,
    EvaluationSettings,
    NetworkSettings,
    ObjectiveSettings,
    OptimizerSettings,
    PretrainSettings,
    ScheduleSettings,
    Settings,
)
from zerosum.recipe.tasks import TaskName, TaskProperties
from zerosum.words import counted


class Recipe(Settings):
    """What to train: everything that decides the result but the images themselves."""

    seed: Count = Field(0, description="of everything random")
    data: DataSettings = DataSettings()
    damage: DamageSettings = DamageSettings()
    network: NetworkSettings = NetworkSettings()
    objective: ObjectiveSettings = ObjectiveSettings()
    optimizer: OptimizerSettings = OptimizerSettings()
    pretrain: PretrainSettings = PretrainSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    evaluation: EvaluationSettings = EvaluationSettings()

    @property
    def task(self) -> TaskProperties:
        """What the generator is trained for."""
        return self.network.family.task

    @model_validator(mode="after")
    def _fields_fit_together(self) -> Self:
        for problem in contradictions(self):
            raise ValueError(problem)
        return self


def contradictions(recipe: Recipe) -> list[str]:
    """Settings that are each allowed but make no sense together: "what; the way out"."""
    network, objective, schedule = recipe.network, recipe.objective, recipe.schedule
    problems = []
    if objective.penalty != "none" and network.discriminator.norm == "batch":
        problems.append(
            f"objective.penalty = {objective.penalty!r} with network.discriminator.norm = 'batch': "
            "the penalty is on the gradient of each image alone, and batch norm mixes the images "
            "of a batch (Gulrajani et al. 2017, section 4); take 'instance', 'layer' or 'none'"
        )
    smoothed = (objective.real_label, objective.fake_label) != (1.0, 0.0)
    if smoothed and not objective.of_loss.labels:
        problems.append(
            f"objective.loss = {objective.loss!r} has no labels to smooth; "
            "leave objective.real_label at 1.0 and objective.fake_label at 0.0"
        )
    if objective.clip and network.discriminator.spectral_norm:
        problems.append(
            f"objective.clip = {objective.clip:g} with network.discriminator.spectral_norm: the "
            "norm divides each weight by its largest singular value, whatever the clip left of it; "
            "leave objective.clip at 0, or spectral_norm out"
        )
    if recipe.data.fit == "box" and recipe.data.box == 0:
        problems.append(
            "data.fit = 'box' needs data.box, the side of the box; "
            "set it in pixels of the source (178 for CelebA)"
        )
    if not network.family.feature_maps:
        if network.generator.extra_layers or network.discriminator.extra_layers:
            problems.append(
                f"network.kind = {network.kind!r} has no convolutions for extra_layers; "
                "leave both at 0"
            )
        if {network.generator.norm, network.discriminator.norm} & {"instance"}:
            problems.append(
                f"network.kind = {network.kind!r} has no feature maps for norm = 'instance'; "
                "take 'layer', 'batch' or 'none'"
            )
    problems += _TASK_PROBLEMS[recipe.task.name](recipe)
    if recipe.evaluation.decides not in recipe.evaluation.scores:
        problems.append(
            f"evaluation.decides = {recipe.evaluation.decides!r} is not among evaluation.scores = "
            f"{list(recipe.evaluation.scores)}; add it there"
        )
    if schedule.images == 0 and schedule.epochs == 0:
        problems.append("schedule.epochs and schedule.images are both 0; set one of them")
    return problems


def oddities(recipe: Recipe) -> list[str]:
    """Settings that are allowed together, and seldom meant: one sentence each."""
    objective, critic = recipe.objective, recipe.network.discriminator
    penalised, clipped = objective.penalty != "none", objective.clip > 0
    odd = []
    if penalised and critic.spectral_norm:
        odd.append(
            f"objective.penalty = {objective.penalty!r} and network.discriminator.spectral_norm "
            "both bound the discriminator's gradient: one is usual"
        )
    if penalised and clipped:
        odd.append(
            f"objective.penalty = {objective.penalty!r} and objective.clip = {objective.clip:g} "
            "both bound the critic's gradient: one is usual"
        )
    if critic.spectral_norm and critic.norm != "none":
        odd.append(
            f"network.discriminator.norm = {critic.norm!r} scales what spectral norm has bounded: "
            "'none' is usual beside it"
        )
    if critic.spectral_norm and critic.norm == "none" and critic.bias == "none":
        odd.append(
            "network.discriminator has spectral norm, no other norm and no bias, so that a grey "
            "image has the score 0 whatever is learnt: network.discriminator.bias = 'without-norm' "
            "gives it the biases of its source"
        )
    bounded = penalised or clipped or critic.spectral_norm
    if objective.of_loss.estimates_distance and not bounded:
        odd.append(
            f"objective.loss = {objective.loss!r} needs a critic of bounded gradient, and neither "
            "objective.penalty, objective.clip nor spectral norm bounds this one"
        )
    return odd


def _latent_problems(recipe: Recipe) -> list[str]:
    """Settings of restoration where the generator makes pictures from latents."""
    generator, kind = recipe.network.generator, recipe.network.kind
    given = {
        "damage": recipe.damage.any,
        "network.pretrained": recipe.network.pretrained,
        "network.generator.attention": generator.attention > 0,
        "objective.pixel_weight": recipe.objective.pixel_weight > 0,
        "objective.feature_weight": recipe.objective.feature_weight > 0,
        "pretrain.generator_images": recipe.pretrain.generator_images > 0,
        "pretrain.critic_images": recipe.pretrain.critic_images > 0,
        "schedule.switch": recipe.schedule.switch != "fixed",
        "network.generator.norm": generator.norm in ("weight", "spectral"),
    }
    return [
        f"{name} = {_given(recipe, name)} is for network.kind = 'unet', and this is {kind!r}; "
        "start from the recipe restore, or leave it out"
        for name, is_given in given.items()
        if is_given
    ]


def _given(recipe: Recipe, name: str) -> str:
    value: object = recipe
    for part in name.split("."):
        value = getattr(value, part)
    return "…" if isinstance(value, Settings) else repr(value)


def _restoration_problems(recipe: Recipe) -> list[str]:
    """Settings that make no sense where damaged pictures are restored."""
    network, generator, side = recipe.network, recipe.network.generator, recipe.data.resolution
    problems = []
    if not recipe.damage.any:
        problems.append(
            "network.kind = 'unet' undoes damage, and no kind of damage has a probability; "
            "set damage.shrink, damage.jpeg or another to a number up to 1"
        )
    if recipe.damage.grey and recipe.data.channels == 1:
        problems.append(
            "damage.grey takes colours away, and data.channels = 1 has none; set it to 0"
        )
    if side < 32:
        problems.append("network.kind = 'unet' needs data.resolution = 32 or more; raise it")
    if generator.norm in ("instance", "layer"):
        problems.append(
            f"network.kind = 'unet' with network.generator.norm = {generator.norm!r} would depend "
            "on the size of a picture; take 'batch', 'weight', 'spectral' or 'none'"
        )
    halvings = (1, 2) if generator.encoder == "small" else (1, 2, 3)
    sides = [side // 2**count for count in halvings]
    if generator.attention and generator.attention not in sides:
        problems.append(
            f"network.generator.attention = {generator.attention} is the side of none of the "
            f"feature maps; choose from {', '.join(map(str, sides))}, or 0 for none"
        )
    if network.pretrained and generator.encoder != "resnet34":
        problems.append(
            "network.pretrained is for network.generator.encoder = 'resnet34'; "
            "choose that encoder, or set network.pretrained to false"
        )
    if generator.extra_layers or network.discriminator.extra_layers:
        problems.append("network.kind = 'unet' has no extra_layers; leave both at 0")
    objective = recipe.objective
    if recipe.schedule.switch == "adaptive" and not objective.of_loss.cross_entropy:
        problems.append(
            "schedule.switch = 'adaptive' compares a cross-entropy with schedule.switch_loss, and "
            f"objective.loss = {objective.loss!r} is none; take schedule.switch = 'fixed', "
            "or non-saturating"
        )
    if recipe.pretrain.generator_images and not recipe.objective.pixel_weight:
        problems.append(
            "pretrain.generator_images needs objective.pixel_weight above 0: "
            "the generator learns from the pixel loss then; set it"
        )
    return problems


_TASK_PROBLEMS: dict[TaskName, Callable[[Recipe], list[str]]] = {
    "latent": _latent_problems,
    "restore": _restoration_problems,
}
"""By what a generator is trained for: settings that make no sense for it."""


def too_few_steps(recipe: Recipe, steps: int) -> str:
    """Why a run that ended after so many generator steps can have no good pictures yet, in words;
    "" where its recipe needs no more, or that is not known."""
    enough = recipe.schedule.minimum_steps
    if steps >= enough:
        return ""
    return f"{counted(steps, 'generator step')}, and this recipe needs {enough:,} or more"

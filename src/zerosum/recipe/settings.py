"""A whole recipe: its sections together, and which of their settings make no sense together."""

from operator import attrgetter
from typing import Any, Self

from pydantic import Field, model_validator

from zerosum.recipe.augmentation import AugmentationSettings
from zerosum.recipe.damage import DamageSettings
from zerosum.recipe.data import DataSettings
from zerosum.recipe.image_size import ImageSize
from zerosum.recipe.losses import PENALTY_PROPERTIES
from zerosum.recipe.network import (
    CLASS_NORMS,
    NetworkSettings,
    PlayerSettings,
)
from zerosum.recipe.optimizers import OptimizerSettings
from zerosum.recipe.parts import PartsSettings
from zerosum.recipe.scores import of_classes
from zerosum.recipe.sections import (
    SAME,
    Count,
    EvaluationSettings,
    ObjectiveSettings,
    PretrainSettings,
    ScheduleSettings,
    Settings,
)
from zerosum.recipe.tasks import CLASSES, TaskProperties

UNKNOWN_CLASSES = 10
"""How many classes a recipe has that learns them, as long as no images are opened."""

LAST_VALUES = (
    "objective.last_penalty_weight",
    "schedule.last_average",
    "augmentation.last_strength",
    "augmentation.last_probability",
    "optimizer.generator.last_beta2",
    "optimizer.discriminator.last_beta2",
)
"""Where `schedule.decay` leads what is no learning rate; "same": it leads it nowhere."""


class Recipe(Settings):
    """What to train: everything that decides the result but the images themselves."""

    seed: Count = Field(0, description="of everything random")
    parts: PartsSettings = PartsSettings()
    data: DataSettings = DataSettings()
    damage: DamageSettings = DamageSettings()
    network: NetworkSettings = NetworkSettings()
    objective: ObjectiveSettings = ObjectiveSettings()
    augmentation: AugmentationSettings = AugmentationSettings()
    optimizer: OptimizerSettings = OptimizerSettings()
    pretrain: PretrainSettings = PretrainSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    evaluation: EvaluationSettings = EvaluationSettings()

    @property
    def task(self) -> TaskProperties:
        """What the generator is trained for."""
        task = self.network.family.task
        return CLASSES if self.network.conditional and task.latents else task

    @property
    def classes(self) -> int:
        """How many classes of images the players learn; 0: none."""
        return (len(self.data.classes) or UNKNOWN_CLASSES) if self.network.conditional else 0

    @property
    def discriminator_outputs(self) -> int:
        """Numbers that the layers of a discriminator make of an image: one, and beside it one for
        each class where classes are learnt, by projection or by a classifier."""
        return 1 + self.classes

    @property
    def penalty_weight(self) -> float:
        """The factor of the penalty, at first.

        "auto": the rule of StyleGAN2's authors for γ of R1 (Karras et al. 2020, arXiv 2006.06676,
        appendix, and its code), which is the factor here: `penalties.half_square` has the half.
        """
        weight = self.objective.penalty_weight
        if weight == "auto":
            return 2e-4 * self.data.resolution.pixels / self.schedule.batch
        return weight

    @model_validator(mode="after")
    def _fields_fit_together(self) -> Self:
        for problem in contradictions(self):
            raise ValueError(problem)
        return self


def value_of(recipe: Recipe, name: str) -> Any:
    """The value of a field as a recipe's file has it, or a section, given by its dotted name."""
    value = attrgetter(name)(recipe)
    if name == "parts.files":
        return tuple(each.written for each in value)
    return value.written if isinstance(value, ImageSize) else value


def contradictions(recipe: Recipe) -> list[str]:
    """Settings that are each allowed but make no sense together: "what; the way out"."""
    network, objective, schedule = recipe.network, recipe.objective, recipe.schedule
    problems = _of_other_files(recipe)
    if objective.penalty != "none" and network.discriminator.norm == "batch":
        problems.append(
            f"objective.penalty = {objective.penalty!r} with network.discriminator.norm = 'batch': "
            "the penalty is on the gradient of each image alone, and batch norm mixes the images "
            "of a batch (Gulrajani et al. 2017, section 4); take 'instance', 'layer' or 'none'"
        )
    labels = (objective.real_label, objective.fake_label, objective.generator_label)
    if labels != (1.0, 0.0, 1.0) and not objective.of_loss.labels:
        problems.append(
            f"objective.loss = {objective.loss!r} has no labels to smooth; leave "
            "objective.real_label and objective.generator_label at 1.0 and objective.fake_label "
            "at 0.0"
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
    problems += recipe.augmentation.problems(objective.boundary, objective.loss)
    by_norm = network.conditional and network.generator.classes == "norm"
    if by_norm and network.generator.norm not in CLASS_NORMS:
        problems.append(
            "network.generator.classes = 'norm' scales and shifts what a norm gives, and "
            f"network.generator.norm = {network.generator.norm!r} is none of feature maps; "
            f"take 'embedding'{_or_norm(network)}"
        )
    if network.conditional and not network.family.classes:
        problems.append(
            f"network.kind = {network.kind!r} learns no classes; leave network.conditional at false"
        )
    problems += _without_classes(network)
    problems += _of_no_classifier(recipe)
    problems += network.family.size_problems(network.kind, recipe.data.resolution)
    problems += recipe.task.problems(recipe)
    problems += _beyond_family(network)
    problems += _leads_nowhere(recipe)
    if recipe.evaluation.decides not in recipe.evaluation.scores:
        problems.append(
            f"evaluation.decides = {recipe.evaluation.decides!r} is not among evaluation.scores = "
            f"{list(recipe.evaluation.scores)}; add it there"
        )
    if (names := of_classes(recipe.evaluation.scores)) and not recipe.classes:
        problems.append(
            f"evaluation.scores has {', '.join(map(repr, names))}, of images that are asked for by "
            "class, and network.conditional is false; set that, or leave them out"
        )
    if schedule.images == 0 and schedule.epochs == 0:
        problems.append("schedule.epochs and schedule.images are both 0; set one of them")
    return problems


def _of_other_files(recipe: Recipe) -> list[str]:
    """Parts of files that the recipe does not name, which the run would not keep."""
    digests = [each.sha256 for each in recipe.parts.files]
    return [
        f"{section}.{field} = {getattr(settings, field)!r} comes from a file that this recipe does "
        "not name; name it by --with, or in its [parts]"
        for section, settings in (
            ("objective", recipe.objective),
            ("network", recipe.network),
            ("evaluation", recipe.evaluation),
            ("augmentation", recipe.augmentation),
            ("damage", recipe.damage),
        )
        for field in settings.foreign(digests)
    ]


def _or_norm(network: NetworkSettings) -> str:
    """The norm of feature maps that is usual in a generator of this family, as a way out."""
    norms = network.family.norms or ("batch",)
    return ", or network.generator.norm = 'batch'" if "batch" in norms else ""


def _without_classes(network: NetworkSettings) -> list[str]:
    """Settings of how players learn classes, where none are learnt."""
    if network.conditional:
        return []
    problems, default = [], NetworkSettings()
    for name in ("generator.classes", "generator.embedding", "discriminator.classes"):
        own, usual = attrgetter(name)(network), attrgetter(name)(default)
        if own != usual:
            problems.append(
                f"network.{name} = {own!r} is for network.conditional, which is false; "
                f"set that, or leave network.{name} at {usual!r}"
            )
    return problems


def _of_no_classifier(recipe: Recipe) -> list[str]:
    """A weight of a classifier that is not there, or of one that nobody learns from."""
    weight = recipe.objective.class_weight
    if recipe.network.classifies:
        nothing = (
            "objective.class_weight = 0 with network.discriminator.classes = 'classifier': nothing "
            "says whether a picture is of its class; set it above 0, 1 is usual, or take "
            "'projection'"
        )
        return [] if weight > 0 else [nothing]
    if weight == ObjectiveSettings().class_weight:
        return []
    return [
        f"objective.class_weight = {weight:g} is for network.discriminator.classes = 'classifier' "
        f"(beside network.conditional); set that, or leave objective.class_weight at 1.0"
    ]


def _beyond_family(network: NetworkSettings) -> list[str]:
    """Settings of a player that its family has no layers for."""
    family, problems = network.family, []
    for player in ("generator", "discriminator"):
        settings: PlayerSettings = getattr(network, player)
        if family.norms and settings.norm not in family.norms:
            problems.append(
                f"network.kind = {network.kind!r} has no norm = {settings.norm!r}; "
                f"set network.{player}.norm to {' or '.join(map(repr, family.norms))}"
            )
        for name in family.without:
            field = type(settings).model_fields.get(name)
            if field and getattr(settings, name) != field.default:
                problems.append(
                    f"network.kind = {network.kind!r} has no {name}; leave "
                    f"network.{player}.{name} at {str(field.default).lower()}"
                )
    return problems


def _leads_nowhere(recipe: Recipe) -> list[str]:
    """Last values that nothing goes to."""
    unset: dict[str, object] = {
        **dict.fromkeys(LAST_VALUES, SAME),
        "schedule.decay_images": 0,
        "optimizer.generator.last_learning_rate": 0,
        "optimizer.discriminator.last_learning_rate": 0,
    }
    problems = []
    if recipe.schedule.decay == "none":
        problems += [
            f"{name} = {value_of(recipe, name)} is for schedule.decay, which is 'none'; "
            "set schedule.decay to 'cosine' or 'linear'"
            for name, value in unset.items()
            if value_of(recipe, name) != value
        ]
    problems += recipe.optimizer.generator.problems("generator")
    problems += recipe.optimizer.discriminator.problems("discriminator")
    objective = recipe.objective
    by_size = objective.part("penalty", PENALTY_PROPERTIES).of_size
    if objective.last_penalty_weight != SAME and objective.penalty == "none":
        problems.append(
            "objective.last_penalty_weight is the factor of no penalty; "
            f"set objective.penalty, or leave it at {SAME!r}"
        )
    if objective.penalty_weight == "auto" and objective.penalty != "none" and not by_size:
        problems.append(
            "objective.penalty_weight = 'auto' is a rule for r1 and r2, not for the penalty "
            f"{objective.penalty!r}; give a number: 10 is usual"
        )
    return problems

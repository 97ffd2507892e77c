"""The verdicts on a training, and what usually helps with each."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from zerosum.errors import UsageError

Verdict = Literal[
    "too early to say",
    "learning",
    "balanced",
    "discriminator-ahead",
    "generator-ahead",
    "not-learning",
    "faded",
    "collapsed",
    "memorising",
    "oscillating",
    "diverged",
    "no-variety",
]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True)
class Rule:
    """How long a finding must last before it is the verdict: log lines in a row that agree, from
    the first to the newest of which so many steps were taken and so many images seen. Findings that
    speak against the run agree in that; the verdict is that of most lines."""

    lines: int = 2
    steps: int = 0
    images: int = 0
    after: int = 0
    """The generator's steps before which it is not counted."""
    against: bool = False
    """Whether it says that something goes wrong."""


AGAINST = Rule(steps=500, images=10_000, after=500, against=True)
"""Every generator begins with pictures that are alike, and a discriminator that tells them: healthy
trainings on photographs were seen so until their 580th step, and each for a while once more. A
verdict comes at the 1,000th step at the earliest; the images are for small batches, with which 500
steps are few."""
RULES: dict[Verdict, Rule] = {
    "too early to say": Rule(),
    "learning": Rule(),
    "balanced": Rule(),
    "discriminator-ahead": AGAINST,
    "generator-ahead": AGAINST,
    "not-learning": AGAINST,
    "faded": AGAINST,
    "collapsed": AGAINST,
    "memorising": AGAINST,
    "oscillating": AGAINST,
    "diverged": Rule(lines=1, against=True),
    "no-variety": AGAINST,
}
FAILURES: tuple[Verdict, ...] = tuple(name for name, rule in RULES.items() if rule.against)


def require_verdicts(words: Iterable[str]) -> None:
    """Raise UsageError for a word of --stop-on that is no verdict."""
    for word in words:
        if word not in VERDICTS:
            raise UsageError(
                f"--stop-on={word} is no verdict", f"choose from: {', '.join(VERDICTS)}"
            )


Finding = tuple[Verdict, tuple[str, ...]]
"""A verdict and what shows it."""


@dataclass(frozen=True)
class Diagnosis:
    """A verdict, the images seen since when it holds, what shows it, and what usually helps."""

    verdict: Verdict
    since: int
    evidence: tuple[str, ...]
    remedies: tuple[str, ...]
    phase: str = ""
    """The phase that it is about, as metrics.jsonl names it; "" for a training without phases."""

    @property
    def failing(self) -> bool:
        """Whether something is going wrong."""
        return self.verdict in FAILURES


REMEDIES: dict[Verdict, tuple[str, ...]] = {
    "too early to say": ("train on: the first verdict needs more steps",),
    "learning": ("nothing to mend: train on while scores and pictures improve",),
    "balanced": (
        "look at the scores: equal players can be equally good or equally bad",
        "this shows that the discriminator cannot tell the two apart, not that the generator has "
        "the distribution: a weak discriminator cannot either, and missing modes do not show here",
        "no proof of a Nash equilibrium: for that no player could do better by any change, "
        "and only small steps along the gradient were tried",
    ),
    "discriminator-ahead": (
        "lower the discriminator's rate, for example by half: "
        "--optimizer.discriminator.learning_rate",
        "smooth the real label (--objective.real_label 0.9), or give the discriminator "
        "--network.discriminator.spectral_norm yes or dropout",
        "use a loss that still teaches here: a Wasserstein loss with a penalty (recipe wgan-gp)",
    ),
    "generator-ahead": (
        "let the discriminator learn more: --schedule.critic_steps 2, or a wider "
        "--network.discriminator.width",
        "lower the generator's rate: --optimizer.generator.learning_rate",
    ),
    "not-learning": (
        "look at the sheets in RUN/samples: where pictures get better, train on, since a critic "
        "that still learns finds more of the distance that is there",
        "a larger generator's rate, --optimizer.generator.learning_rate, or fewer "
        "--schedule.critic_steps",
    ),
    "faded": (
        "give the discriminator biases: --network.discriminator.bias without-norm; without biases "
        "and norm it scores an even grey 0, whatever it learns (new run)",
        "fewer --schedule.critic_steps, or a lower discriminator's rate: "
        "--optimizer.discriminator.learning_rate",
        "a larger --learning-rate, if it is far below the recipe's: a generator that has not begun "
        "makes an even colour too",
    ),
    "collapsed": (
        "a smaller --learning-rate, in a new run",
        "a larger --latent, if it is below about 16",
        "a loss with a penalty (recipe wgan-gp), or spectral norm in the discriminator",
    ),
    "memorising": (
        "augment what the discriminator sees, in a new run: --augmentation.method diffaugment; or "
        "ada, which does as much as is needed",
        "more pictures, or the same ones mirrored: --data.flip yes",
        "the best checkpoint may be an older one: --schedule.evaluate_every finds it",
    ),
    "oscillating": (
        "lower both rates: --learning-rate, by a factor of 2 to 5",
        "average the generator's weights: --schedule.average 10000",
        "a penalty on the discriminator: --objective.penalty r1 with a norm that is not batch",
    ),
    "diverged": (
        "a lower --learning-rate, by a factor of 5 to 10",
        "--precision 32, if it was bf16",
        "a penalty or spectral norm in the discriminator, so that its gradients stay bounded",
    ),
    "no-variety": (
        "look at the training images, RUN/samples/reals.png: they are all but the same picture",
        "add different ones: of one picture a generator can learn that one alone, whatever the "
        "settings",
    ),
}

RESTORATION_REMEDIES: dict[Verdict, tuple[str, ...]] = {
    "too early to say": ("train on: each phase needs steps of its own before its verdict",),
    "balanced": (
        "look at restored pictures, and at the scores beside those of the generator before it met "
        "the critic: --checkpoint pretrained",
        "a critic that learns too little looks the same: it should be right clearly more often "
        "than by chance",
    ),
    "discriminator-ahead": (
        "lower the critic's rate, for example by half: --optimizer.discriminator.learning_rate",
        "a larger --objective.pixel_weight: the pixel loss still teaches where the critic does not",
        "smooth the real label (--objective.real_label 0.9), or let the critic begin with less: "
        "--pretrain.critic_accuracy 0.8",
    ),
    "generator-ahead": (
        "a stronger critic: a larger --optimizer.discriminator.learning_rate, or a wider "
        "--network.discriminator.width",
        "more time for it before the game: a larger --pretrain.critic_images",
        "a smaller --objective.pixel_weight: what the critic has found then counts for more",
    ),
    "not-learning": (
        "look at the sheets in RUN/samples: where restored pictures get better, train on",
        "a larger --optimizer.generator.learning_rate, or a smaller --objective.pixel_weight: what "
        "the critic has found then counts for more",
    ),
    "oscillating": (
        "lower the rates by a factor of 2 to 5: --optimizer.generator.learning_rate and "
        "--optimizer.discriminator.learning_rate; for the generator alone "
        "--pretrain.generator_learning_rate",
        "average the generator's weights: --schedule.average 10000",
        "a larger --objective.pixel_weight, which steadies the generator",
    ),
    "diverged": (
        "lower rates, by a factor of 5 to 10: --optimizer.generator.learning_rate and "
        "--optimizer.discriminator.learning_rate; for the generator alone "
        "--pretrain.generator_learning_rate",
        "--precision 32, if it was bf16",
        "spectral norm in the critic, so that its gradients stay bounded",
    ),
}
"""Where they differ for a training in phases."""


def diagnosis(since: int, finding: Finding, phase: str) -> Diagnosis:
    """A finding with what usually helps in a training of this kind."""
    verdict, evidence = finding
    remedies = REMEDIES[verdict]
    if phase:
        remedies = RESTORATION_REMEDIES.get(verdict, remedies)
    return Diagnosis(verdict, since, evidence, remedies, phase)

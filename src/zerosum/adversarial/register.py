"""Losses, penalties and augmentations from files of the user's."""

from collections.abc import Callable, Sequence
from typing import Literal, TypeVar, get_args

import torch
from torch import Tensor

from zerosum.adversarial.losses import LOSSES, Loss
from zerosum.adversarial.own_change import OWN_CHANGES, OwnChange
from zerosum.adversarial.penalties import PENALTIES, Penalty, Place
from zerosum.parts import Entries, register
from zerosum.recipe.augmentation import KIND_METHODS
from zerosum.recipe.losses import (
    LOSS_PROPERTIES,
    PENALTY_PROPERTIES,
    LossProperties,
    PenaltyProperties,
)
from zerosum.user_function import UserFunction

Class = TypeVar("Class", bound=type)
Change = TypeVar("Change", bound=Callable[..., Tensor])


def loss(
    name: str,
    *,
    output: Literal["logit", "score"] = "score",
    equilibrium: float | Callable[[float, float], float] | None = None,
    bounded: bool = True,
    estimates_distance: bool = False,
    told_by_sign: bool = False,
) -> Callable[[Class], Class]:
    """Register a loss of both players, for `objective.loss`, in a file that `--with` names.

    It stands on a class with two functions of the discriminator's outputs, float32 tensors (n,) on
    real and on generated images, that give a scalar: `discriminator(real, fake)` and
    `generator(fake)`. Each gets what it names as a parameter: the generator's may name `real` as
    well (the discriminator then looks at real images in its step, too) and `label`, its target; the
    discriminator's may name `real_label` and `fake_label`, the targets that a recipe smooths.

    What else is said of it decides how curves and findings are told, not how it trains:
    `output="logit"`: the sigmoid of an output is a probability of being real. `equilibrium`: what
    the discriminator answers (a probability, where outputs are logits) where real and generated
    images are alike, a number or a function of the two targets; None where only differences of
    outputs mean anything. `bounded=False`: the discriminator's loss has no smallest value.
    `estimates_distance`: it is a critic, whose mean outputs differ by a distance. `told_by_sign`:
    an output above 0 means real.

    Raises ZerosumError where the class is none of these, or gives no finite number.
    """

    def make(given: type) -> Entries:
        discriminator = _function(given, "discriminator", ("real", "fake"), LABELS)
        generator = _function(given, "generator", ("fake",), ("real", "label"))
        if output not in ("logit", "score"):
            raise ValueError(f'output={output!r} is not allowed; take "logit" or "score"')
        answer = (
            equilibrium if callable(equilibrium) or equilibrium is None else _constant(equilibrium)
        )
        smoothed = not discriminator.names.isdisjoint(LABELS)
        properties = LossProperties(
            output, answer, smoothed, bounded, estimates_distance, told_by_sign
        )

        def of_discriminator(
            real: Tensor, fake: Tensor, real_label: float, fake_label: float
        ) -> Tensor:
            return discriminator(real=real, fake=fake, real_label=real_label, fake_label=fake_label)

        def of_generator(fake: Tensor, real: Tensor | None, label: float) -> Tensor:
            return generator(fake=fake, real=real, label=label)

        own = Loss(of_discriminator, of_generator, properties, "real" in generator.names)
        _require_loss(own)
        return [(LOSS_PROPERTIES, properties), (LOSSES, own)]

    return register("loss", name, make)


def penalty(
    name: str, *, at: Sequence[Place] = ("real",)
) -> Callable[[Callable[[Tensor], Tensor]], Callable[[Tensor], Tensor]]:
    """Register a penalty on the discriminator, for `objective.penalty`, in a file that `--with`
    names; `objective.penalty_weight` is its factor.

    It stands on a function of `gradient`, float32 (n, channels, height, width): that of the
    discriminator's output at each image. It gives a scalar, which is differentiated again. `at`
    says at which images: "real", "fake", "between" (mixtures of both); their penalties are added.

    Raises ZerosumError where the function is no such one, or gives no finite number.
    """

    def make(given: Callable[[Tensor], Tensor]) -> Entries:
        if not at or not {*at} <= {*get_args(Place)}:
            raise ValueError(f"at={at!r} is not allowed; take some of {', '.join(get_args(Place))}")
        function = UserFunction.of(given, ("gradient",))

        def of_gradient(gradient: Tensor) -> Tensor:
            return function(gradient=gradient)

        example = torch.linspace(-1.0, 1.0, 2 * 3 * 4 * 4).view(2, 3, 4, 4).requires_grad_()
        require_number(given.__name__, of_gradient(example))
        return [
            (PENALTY_PROPERTIES, PenaltyProperties()),
            (PENALTIES, Penalty(tuple(at), of_gradient)),
        ]

    return register("penalty", name, make)


def augmentation(name: str, *, numbers: int = 0) -> Callable[[Change], Change]:
    """Register a kind of augmentation, for `augmentation.kinds`, in a file that `--with` names.

    It stands on a function of `images`, float32 (n, channels, height, width) in [-1, 1], and of
    `strength`, a scalar tensor from 0 (they stay as they are) to 1, that gives images of the same
    shape. It may name `numbers`: all that is random in it, float32 (n, `numbers`), uniform in
    [0, 1) and drawn for each image anew. Each image is changed by its own numbers alone, so that a
    run that stops goes on as if it had not, and several processes train as one. It is
    differentiated, with a penalty twice: it has to be computed by functions of torch.

    It is done after the kinds of zerosum. `diffaugment` calls it for every image, with
    `augmentation.strength`; `ada` with 1, and takes what it gives with its probability.

    Raises ZerosumError where the function names other parameters; what it gives is tried before a
    training begins.
    """

    def make(given: Callable[..., Tensor]) -> Entries:
        function: UserFunction[object] = UserFunction.of(
            given, ("images", "strength"), ("numbers",)
        )
        named = "numbers" in function.names
        if isinstance(numbers, bool) or not isinstance(numbers, int) or numbers < 0:
            raise ValueError(f"numbers={numbers!r} is not allowed; give a whole number, 0 or more")
        if (numbers > 0) is not named:
            raise ValueError(
                f"numbers={numbers}, and its function {'names' if named else 'does not name'} "
                "numbers; say how many random numbers it takes for each image"
            )
        return [(KIND_METHODS, ("diffaugment", "ada")), (OWN_CHANGES, OwnChange(function, numbers))]

    return register("augmentation", name, make)


LABELS = ("real_label", "fake_label")


def _constant(answer: float) -> Callable[[float, float], float]:
    return lambda _real, _fake: float(answer)


def _function(
    given: type, name: str, needed: Sequence[str], others: Sequence[str]
) -> UserFunction[Tensor]:
    """A function of a loss, called with those of its arguments that it names."""
    if not callable(function := getattr(given, name, None)):
        raise ValueError(f"has no function {name}({', '.join(needed)}); {EXAMPLE}")
    return UserFunction.of(function, needed, others)


EXAMPLE = (
    "a loss is a class with discriminator(real, fake) and generator(fake), of float32 outputs (n,) "
    "that each give one number"
)


def _require_loss(own: Loss) -> None:
    """Try both functions on four outputs. Raises ValueError, "what; what to do"."""
    outputs = torch.linspace(-1.0, 1.0, 8).requires_grad_()
    real, fake = outputs[::2], outputs[1::2]
    trials = {
        "discriminator": own.discriminator(real, fake, 1.0, 0.0),
        "generator": own.generator(fake, real if own.needs_real else None, 1.0),
    }
    for player, result in trials.items():
        require_number(player, result)
        (gradient,) = torch.autograd.grad(result, outputs, retain_graph=True)
        if not gradient.isfinite().all():
            raise ValueError(f"{player} has a gradient that is not finite; look for sqrt(0)")


def require_number(name: str, result: object) -> None:
    """Raise ValueError where the result of a function `name` of the user's is no finite scalar
    tensor that can be differentiated."""
    if not isinstance(result, Tensor):
        raise ValueError(f"{name} gives {type(result).__name__}; it has to give a tensor, shape ()")
    if result.shape != ():
        raise ValueError(
            f"{name} gives a tensor of shape {tuple(result.shape)}, and it has to be one number; "
            "take its .mean()"
        )
    if not result.isfinite():
        raise ValueError(f"{name} gives {result.item()} for numbers from -1 to 1; look for log(0)")
    if not result.requires_grad:
        raise ValueError(
            f"{name} gives a number without a gradient; compute it from its tensors by functions "
            "of torch, without .detach(), .item() or numpy"
        )

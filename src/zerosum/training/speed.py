"""How fast a training goes, for whoever watches: measured on its own steps, written down nowhere.

Nothing here takes part in the training: its numbers are the same whoever looks, and how often.
"""

from collections import deque
from dataclasses import dataclass, field

from zerosum.recipe.phases import Phase
from zerosum.recipe.settings import Recipe
from zerosum.training.checkpoints import Position
from zerosum.training.session import Training
from zerosum.words import roughly

GLIMPSES = 1.0
"""Seconds between two looks at the running losses. Each waits for the device."""
WINDOW = 30
"""Looks that the speed is the mean of."""
BRIEF, LONG = 20.0, 600.0
"""Seconds below which a training is over before anybody asks how long it takes, and above which it
is good to know that it may be interrupted."""
TOO_LONG = 3600.0
"""Seconds above which somebody may want less of a training."""
NARROWEST = 16
"""Width of networks below which none are proposed."""
SURE = 3.0
"""Seconds of training after which the speed is good enough to say how long the rest takes."""


@dataclass
class Speed:
    """Images per second over the last half minute of training, pauses left out.

    The first step of a process is slow, since libraries warm up: it counts until there is another.
    """

    begun: Position
    looks: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=WINDOW))
    """Seconds of training and images seen, at the first step and at each look."""
    images_per_second: float = 0.0
    announced: bool = False
    """Whether it was said how long the training takes."""

    def look_due(self, position: Position, *, last: bool) -> bool:
        """Whether it is time for a look: after the first step, the last, and each second."""
        return not self.looks or last or position.seconds - self.looks[-1][0] >= GLIMPSES

    def look(self, position: Position) -> None:
        """Measure the speed at this point of the training."""
        oldest = self.looks[0] if self.looks else (self.begun.seconds, self.begun.images)
        passed = position.seconds - oldest[0]
        self.images_per_second = (position.images - oldest[1]) / passed if passed > 0 else 0.0
        self.looks.append((position.seconds, position.images))

    @property
    def sure(self) -> bool:
        """Whether steps beyond the first have been measured for long enough."""
        return len(self.looks) > 1 and self.looks[-1][0] - self.looks[0][0] >= SURE


def tell(training: Training, phase: Phase, speed: Speed) -> None:
    """Let the listener know how the game stands, between log lines too; once, how long it takes."""
    speed.look(training.position)
    if training.writer is None:
        return  # not the first process, which alone may speak
    place = {"images": training.position.images, "images_per_second": speed.images_per_second}
    training.listener.glimpsed(training.log_line(phase, training.meter.means(), place, {}))
    if speed.sure and not speed.announced and speed.images_per_second > 0:
        speed.announced = True
        left = (training.at_end - training.position.images) / speed.images_per_second
        words = f"about {roughly(left)} to go, at {speed.images_per_second:,.0f} images/s"
        if left > LONG:
            words += "; Ctrl-C saves, and the same command goes on"
        if left > BRIEF:
            training.listener.message(words)
        if left > TOO_LONG and training.fresh and (shorter := faster(training.game.recipe)):
            training.listener.message(shorter)


def faster(recipe: Recipe) -> str:
    """What makes a training take less time, in words; "" where its networks are narrow already, or
    restore pictures: those may be somebody else's, of a given width."""
    network = recipe.network
    width = min(network.generator.width, network.discriminator.width) // 4
    if recipe.task.pairs or width < NARROWEST:
        return ""
    return f"too long? narrower networks are faster: --width {width} (in a run of its own)"

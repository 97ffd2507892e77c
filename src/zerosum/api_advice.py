"""What a training would be, and how long it takes here, from a few steps that are thrown away."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from zerosum.api import Begun, begin_settings, first_words, open_training
from zerosum.arguments import request_of, text_of
from zerosum.data.pool import decoding_with
from zerosum.errors import UsageError
from zerosum.networks.build import build_discriminator, build_generator
from zerosum.networks.describe import count_parameters
from zerosum.notebook import ProgressBar
from zerosum.recipe.fields import field_names
from zerosum.recipe.phases import images_at_end
from zerosum.recipe.settings import Recipe, oddities
from zerosum.spelling import python_call
from zerosum.training.devices import processes_of
from zerosum.training.measured_speed import MeasuredSpeed, measured_speed
from zerosum.training.place import as_begun, nothing_saved, require_place
from zerosum.training.progress import Listener
from zerosum.training.request import Devices, TrainRequest
from zerosum.words import counted, roughly


@dataclass(frozen=True)
class TrainingEstimate:
    """What a training would be. As text it is what `zerosum train --dry-run` prints."""

    recipe: Recipe
    """All settings, the length included."""
    run: Path
    """The folder that it would write."""
    seen: int
    """Real images that the run there has seen already; 0: it would begin."""
    images: int
    """Real images that it would still see."""
    generator_parameters: int
    discriminator_parameters: int
    speed: MeasuredSpeed
    told: tuple[str, ...]
    """What the training would say before its first step."""

    @property
    def seconds(self) -> float:
        """How long it would train; its scores take longer, and are not measured."""
        return self.images / self.speed.images_per_second

    def __str__(self) -> str:
        begins = f"would go on at {self.seen:,} images" if self.seen else "would begin"
        speed = self.speed
        lines = [
            f"{begins}: {self.run}",
            *self.told,
            f"generator: {counted(self.generator_parameters, 'parameter')}; discriminator: "
            f"{self.discriminator_parameters:,}",
        ]
        if speed.memory:
            where = "this process" if speed.device == "cpu" else speed.device
            lines.append(f"memory: {speed.memory / 1e9:.1f} GB, measured: the most {where} took")
        precision = "" if speed.precision == "32" else f" in {speed.precision}"
        lines.append(
            f"speed: {speed.images_per_second:,.0f} images/s on {speed.device}{precision}, "
            "measured over a few steps"
        )
        if self.images:
            lines.append(
                f"time: about {roughly(self.seconds)} for {self.images:,} images, without scores"
            )
        else:
            lines.append("time: none: it is finished; a larger --epochs or --images trains on")
        return "\n".join(lines)


@python_call(
    field_names,
    **{
        "device": "devices=Devices({})",
        "precision": "devices=Devices(precision={})",
        "threads": "devices=Devices(threads={})",
    },
)
def estimate(
    recipe: str | Path | Recipe,
    data: str | Path = "",
    out: str | Path | None = None,
    *,
    overrides: Mapping[str, object] | None = None,
    devices: Devices | None = None,
    data_root: str | Path | None = None,
    quiet: bool = False,
) -> TrainingEstimate:
    """What `train` of the same arguments would do, and how long that takes on this machine.

    A few steps are made for four seconds and thrown away. Nothing is written but the packed images
    in the cache, which the training uses. Raises ZerosumError where the training would be refused.
    """
    asked = request_of(TrainRequest, locals())
    name = recipe if isinstance(recipe, Recipe) else text_of(recipe, "recipe")
    return estimate_training(
        name, asked, devices or Devices(), Listener() if quiet else ProgressBar()
    )


def estimate_training(
    recipe: str | Recipe, asked: TrainRequest, devices: Devices, listener: Listener
) -> TrainingEstimate:
    """`estimate` for who has a request ready; `listener` hears how the images are packed."""
    if processes_of(devices) > 1:
        raise UsageError(
            "a dry run measures one device", "leave --devices and --nodes out to measure it"
        )
    settings = begin_settings(recipe, asked, devices)
    with decoding_with(devices.threads):
        begun = open_training(recipe, settings, asked, listener)
    listener.end()
    return measured(recipe, begun, asked, devices)


def measured(
    recipe: str | Recipe, begun: Begun, asked: TrainRequest, devices: Devices
) -> TrainingEstimate:
    """The estimate of a training whose images are open."""
    folder, images = begun.folder, begun.images
    settings = as_begun(folder, begun.settings, asked.overrides)
    require_place(folder, settings, len(images.train))
    anew = not folder.exists() or nothing_saved(folder)
    seen = 0 if anew else int(folder.state().get("images", 0))
    told = [images.in_words, *images.deep]
    if anew:
        told += first_words(recipe, begun.asked, settings, images)
    told += [f"note: {oddity}" for oddity in oddities(settings)]
    speed = measured_speed(settings, images, devices)
    return TrainingEstimate(
        recipe=settings,
        run=folder.path,
        seen=seen,
        images=images_at_end(settings, len(images.train), seen) - seen,
        generator_parameters=count_parameters(build_generator(settings)),
        discriminator_parameters=count_parameters(build_discriminator(settings)),
        speed=speed,
        told=(*told, *speed.notes),
    )

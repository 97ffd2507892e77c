"""What to train on somebody's pictures; what a training would be, and how long it takes here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from zerosum.api import MACHINE, Begun, begin_settings, first_words, open_training, with_images
from zerosum.arguments import path_of, request_of, text_of
from zerosum.data import open_data
from zerosum.data.pictures import found_words, pictures_of, require_enough
from zerosum.data.pool import decoding_with
from zerosum.data.sources import find_source
from zerosum.errors import UsageError
from zerosum.evaluation.measure import Stage
from zerosum.networks.build import build_discriminator, build_generator
from zerosum.networks.describe import count_parameters
from zerosum.notebook import ProgressBar, stages
from zerosum.processor import WATCH
from zerosum.recipe.advice import Choice, choose, choose_within
from zerosum.recipe.advised import Advice
from zerosum.recipe.fields import field_names
from zerosum.recipe.load import load_recipe
from zerosum.recipe.oddities import oddities
from zerosum.recipe.phases import images_at_end
from zerosum.recipe.settings import Recipe
from zerosum.spelling import python_call
from zerosum.training.checkpoints import Position, newest_whole_checkpoint, saved_position
from zerosum.training.devices import processes_of, resolve_device
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
            f"measured over a few steps{' of each phase' if speed.phases > 1 else ''}"
        )
        if self.images:
            lines.append(
                f"time: about {roughly(self.seconds)} for {self.images:,} images, without scores"
            )
        else:
            lines.append("time: none: it is finished; a larger --epochs or --images trains on")
        return "\n".join(lines)


@python_call(field_names, **MACHINE)
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

    A few steps are made for four seconds, of a restoration for four seconds in each of its phases,
    and thrown away. Nothing is written but the packed images
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
    listener.ended()
    return measured(recipe, begun, asked, devices)


def measured(
    recipe: str | Recipe, begun: Begun, asked: TrainRequest, devices: Devices
) -> TrainingEstimate:
    """The estimate of a training whose images are open."""
    folder, images = begun.folder, begun.images
    settings = as_begun(folder, begun.settings, asked.overrides)
    require_place(folder, settings, len(images.train))
    anew = not folder.exists() or nothing_saved(folder)
    newest = None if anew else newest_whole_checkpoint(folder)[0]
    here = Position() if newest is None else saved_position(newest)
    told = [images.in_words, *images.deep]
    if anew:
        told += first_words(recipe, begun.asked, settings, images)
    told += [f"note: {oddity}" for oddity in oddities(settings)]
    speed = measured_speed(settings, images, devices, here)
    end = images_at_end(settings, len(images.train), here.images, here.critic_ended)
    return TrainingEstimate(
        recipe=settings,
        run=folder.path,
        seen=here.images,
        images=end - here.images,
        generator_parameters=count_parameters(build_generator(settings)),
        discriminator_parameters=count_parameters(build_discriminator(settings)),
        speed=speed,
        told=(*told, *speed.notes),
    )


@python_call(**MACHINE)
def advise(
    data: str | Path,
    minutes: float | None = None,
    *,
    devices: Devices | None = None,
    data_root: str | Path | None = None,
    quiet: bool = False,
) -> Advice:
    """What to train on somebody's pictures, and how long that takes on this machine.

    Every picture is decoded once, as `zerosum data check` does; then a few steps are made for four
    seconds and thrown away. `minutes` of training fit the choice to a time; None: as long as is
    of use. Nothing is written but the packed images in the cache. Raises ZerosumError where there
    is nothing to train on, or training would refuse the pictures.

        advice = zerosum.advise("photos/")
        zerosum.train(advice.recipe, "photos/", overrides=advice.overrides)
    """
    with stages(quiet) as stage:
        return advised(
            text_of(data, "data"), minutes, devices or Devices(), path_of(data_root), stage
        )


def advised(
    data: str,
    minutes: float | None,
    devices: Devices,
    data_root: Path | None,
    stage: Stage,
) -> Advice:
    """`advise` for who shows the stages of the work."""
    if minutes is not None and minutes <= 0:
        raise UsageError(f"--minutes={minutes:g} is no time to train", "give more than 0: 30")
    if devices.threads == "auto":
        WATCH.begin()
    plain = unmeasured(data, {}, devices, data_root, stage)
    speeds: dict[str, float] = {}

    def images_per_second(choice: Choice) -> float:
        recipe = load_recipe(choice.size.recipe, {**choice.settings, "data.source": data})
        with decoding_with(devices.threads):
            images = open_data(
                recipe.data, recipe.seed, own=recipe.parts.image_sets, data_root=data_root,
                progress=lambda done, total: stage("packing the images", done, total),
            )  # fmt: skip
        stage("timing a few steps", 0, 1)
        speed = measured_speed(with_images(recipe, images), images, devices).images_per_second
        speeds[choice.size.name] = speed
        return speed

    choice = plain.choice
    if minutes is None:
        images_per_second(choice)
    else:
        choice = choose_within(plain.pictures, 60 * minutes, images_per_second)
    speed = speeds[choice.size.name]
    return replace(plain, choice=choice, overrides=choice.settings, images_per_second=speed)


def unmeasured(
    data: str,
    given: Mapping[str, object],
    devices: Devices,
    data_root: Path | None,
    stage: Stage,
) -> Advice:
    """What to train where no time is given and no speed is measured; the fields that are `given`
    count before those that are advised."""
    dividing = {n: v for n, v in given.items() if n.startswith(("data.", "parts.")) or n == "seed"}
    recipe = load_recipe("photos", {**dividing, "data.source": data})
    source = find_source(data, data_root, recipe.parts.image_sets)
    with decoding_with(devices.threads):
        inspection = require_enough(
            source,
            recipe.data,
            data,
            lambda done, all_: stage("looking at the pictures", done, all_),
        )
    pictures = pictures_of(inspection, recipe.data, recipe.seed)
    on_processor = resolve_device(devices.device) == "cpu"
    choice = choose(pictures, on_processor=on_processor)
    found = found_words(inspection)
    machine = {
        name: value
        for name in MACHINE
        if (value := getattr(devices, name)) != getattr(Devices(), name)
    }
    return Advice(
        data, pictures, found, choice, choice.beside(given), data_root=data_root, machine=machine
    )

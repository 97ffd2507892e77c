"""A trained generator, from its checkpoint to pictures."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load
from torch import nn

from zerosum.data.batches import to_uint8
from zerosum.errors import UsageError, ZerosumError
from zerosum.generation.classes import class_number
from zerosum.networks.build import build_discriminator, build_generator
from zerosum.networks.classes import one_hot
from zerosum.networks.device import choose_device
from zerosum.recipe.load import read_recipe
from zerosum.recipe.settings import Recipe
from zerosum.records.checkpoint import ANOTHER, STATE_FILE, read_saved, read_state
from zerosum.records.run import RunFolder
from zerosum.tasks import task_of
from zerosum.tasks.classes import classes_in_turn

BATCH = 32
AVERAGE, GENERATOR = "average.safetensors", "generator.safetensors"


@dataclass(frozen=True)
class TrainedGenerator:
    """A generator with its weights, in evaluation mode: seeds or latents to pictures.

    Where its recipe restores, damaged pictures to restored ones: `restore_picture`, and `images`.
    `run` is the name of its run, `checkpoint` the images it had seen, in nine digits, `averaged`
    whether the weights are the average over the training; `batch` pictures are made at a time.
    `digest` is the SHA-256 of the weights' file; "" while they are still trained. Where its recipe
    learns classes, those in `classes` take turns from picture to picture; none means all.
    """

    module: nn.Module
    recipe: Recipe
    run: str
    checkpoint: str
    averaged: bool
    device: torch.device
    batch: int = BATCH
    digest: str = ""
    classes: tuple[int, ...] = ()

    def __call__(
        self, numbers_or_latents: int | Sequence[int] | NDArray[Any] | torch.Tensor
    ) -> NDArray[np.uint8]:
        """Pictures, (n, H, W, C) uint8 from 0 to 255, of n picture numbers or of latents
        (n, latent) of floating-point numbers; of one number (1, H, W, C).

        Number i stands for picture i of `zerosum sample`, with its default seed 0. Raises
        UsageError where the run restores pictures, TypeError for what is neither of both.
        """
        require_latents(self)
        return self.make(self._latents_of(numbers_or_latents))

    def make(self, inputs: torch.Tensor) -> NDArray[np.uint8]:
        """Pictures, (n, H, W, C) uint8, of n inputs as `compute` takes them, a batch at a time."""
        parts = torch.split(inputs, self.batch)
        return np.concatenate([to_uint8(self.images(part)) for part in parts])

    def _latents_of(self, given: object) -> torch.Tensor:
        """Latents as they are, or those of picture numbers of seed 0."""
        values = given.detach().cpu().numpy() if isinstance(given, torch.Tensor) else given
        array = np.asarray(list(values) if isinstance(values, range) else values)
        wanted = self.recipe.network.latent
        if array.dtype.kind == "f" and array.ndim == 2:
            latents = torch.from_numpy(np.ascontiguousarray(array, np.float32))
            if array.shape[1] == wanted and self.recipe.classes:
                labels = torch.from_numpy(self.classes_of(range(len(array))))
                return torch.cat([latents, one_hot(labels, self.recipe.classes)], dim=1)
            if array.shape[1] == wanted + self.recipe.classes:
                return latents
        if array.ndim <= 1 and (array.dtype.kind in "iu" or not array.size):
            return self.latents(0, [int(number) for number in np.atleast_1d(array)])
        what = f"{array.dtype} of shape {array.shape}" if array.dtype.kind in "iuf" else repr(given)
        raise TypeError(
            f"a generator takes picture numbers (3, [3, 7], range(16)) or latents (n, {wanted}) of "
            f"floating-point numbers, not {what[:80]}"
        )

    def latents(
        self,
        seed: int,
        indices: Sequence[int] | NDArray[np.int64],
        truncate: float | None = None,
    ) -> torch.Tensor:
        """What its task gives a generator for the pictures of these numbers: latents
        (`sample_latents`), and beside them a weight for each class where it learnt classes.

        Raises UsageError where the run restores pictures: it has no latents.
        """
        require_latents(self)
        numbered = task_of(self.recipe).numbered
        assert numbered is not None
        return numbered(self.recipe, seed, indices, truncate, self.classes)

    def of_classes(self, wanted: Sequence[str | int]) -> "TrainedGenerator":
        """The same for pictures of these classes alone, by their names or numbers, in turn; all
        where there are none. Raises UsageError for a class that it did not learn."""
        return replace(self, classes=tuple(class_number(self.recipe, each) for each in wanted))

    def classes_of(self, numbers: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """The classes of the pictures of these numbers, int64 (n,), as the recipe numbers them."""
        return classes_in_turn(self.recipe, numbers, self.classes)

    def classes_asked(self, numbers: Sequence[int]) -> tuple[torch.Tensor, ...]:
        """What the discriminator is given beside the pictures of these numbers: their classes,
        int64 (n,) on the device, where the run learnt classes and it does not name them."""
        if not self.recipe.classes or self.recipe.network.classifies:
            return ()
        return (torch.from_numpy(self.classes_of(numbers)).to(self.device),)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes that take turns; none where the run learnt none."""
        names = self.recipe.data.classes
        return tuple(names[number] for number in self.classes) or names

    @property
    def turns(self) -> int:
        """How many classes take turns; 1 where none are learnt."""
        return len(self.class_names) or 1

    def images(self, inputs: torch.Tensor) -> torch.Tensor:
        """One batch as `compute` makes it: (n, C, H, W) float32 on its device.

        The batch is filled up to its full size, because the choice of kernels, and with it the last
        bit, depends on the size: on one machine a picture is then the same bit for bit, whatever is
        made beside it.
        """
        count = len(inputs)
        full = inputs.new_zeros((max(count, self.batch), *inputs.shape[1:]))
        full[:count] = inputs
        return self.compute(full)[:count]

    def compute(self, inputs: torch.Tensor) -> torch.Tensor:
        """Latents as `latents` gives them → images (n, C, H, W) in [-1, 1], on its device.

        Where the run restores: damaged pictures (n, C, H, W) in [-1, 1] → restored ones of the same
        shape, which may go a little beyond.
        """
        with torch.inference_mode(), exactly(self.device):
            made: torch.Tensor = self.module(inputs.to(self.device, torch.float32))
            return made

    @property
    def weights(self) -> str:
        """ "average" or "last"."""
        return "average" if self.averaged else "last"

    def labels(self) -> dict[str, str]:
        """What its pictures carry as text fields: run, checkpoint, weights."""
        return {"run": self.run, "checkpoint": self.checkpoint, "weights": self.weights}


@contextlib.contextmanager
def exactly(device: torch.device) -> Iterator[None]:
    """Inside, networks compute in full float32, so that every device makes the same picture to one
    grey level: NVIDIA GPUs would round the numbers in convolutions to 10 bits otherwise."""
    with (
        torch.autocast(device.type, enabled=False),
        torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False),
    ):
        yield


def require_latents(generator: TrainedGenerator) -> None:
    """Raise UsageError where a generator restores pictures instead of making them from latents."""
    if not generator.recipe.task.latents:
        raise UsageError(
            f"{generator.run} restores damaged pictures: it makes no new ones from latents",
            "give it pictures: zerosum restore RUN PICTURE --out FOLDER",
        )


def require_restoring(generator: TrainedGenerator) -> None:
    """Raise UsageError where a generator makes pictures from latents instead of restoring them."""
    if not generator.recipe.task.pairs:
        raise UsageError(
            f"{generator.run} makes new pictures from latents: it has not learnt to restore any",
            "train a run that restores: zerosum train restore --data photos/",
        )


def load_generator(
    run: RunFolder,
    checkpoint: str = "latest",
    *,
    averaged: bool | None = None,
    device: str = "auto",
    batch: int = BATCH,
) -> TrainedGenerator:
    """The generator of a run's checkpoint ("latest", "best" or images seen).

    `averaged` chooses the average of the weights or the last ones; None takes the average where
    there is one. `device` is "auto", "cpu", "cuda", "mps" or a numbered one such as "cuda:1".
    Raises ZerosumError for whatever is missing or damaged.
    """
    run.require()
    recipe = read_recipe(run.recipe_file)
    folder = run.checkpoint(checkpoint)
    state = read_state(folder)
    has_average = AVERAGE in state["checksums"]
    if averaged and not has_average:
        raise ZerosumError(
            f"checkpoint {folder.name} of {run.path} has no average of the weights",
            "leave --average out; a run keeps one when it is trained with schedule.average above 0",
        )
    use_average = has_average if averaged is None else averaged
    name, chosen = AVERAGE if use_average else GENERATOR, choose_device(device)
    return TrainedGenerator(
        module=with_weights(
            build_generator(recipe), read_saved(folder, name), folder / name, chosen
        ),
        recipe=recipe,
        run=run.path.resolve().name,
        checkpoint=_images_seen(folder, state),
        averaged=use_average,
        device=chosen,
        batch=batch,
        digest=state["checksums"][name],
    )


def load_discriminator(
    run: RunFolder, checkpoint: str = "latest", *, device: str = "auto"
) -> nn.Module:
    """The discriminator of the same checkpoint, in evaluation mode, as `build_discriminator` has
    it."""
    run.require()
    folder, recipe = run.checkpoint(checkpoint), read_recipe(run.recipe_file)
    name, chosen = "discriminator.safetensors", choose_device(device)
    module = build_discriminator(recipe)
    return with_weights(module, read_saved(folder, name), folder / name, chosen)


def with_weights(
    module: nn.Module, content: bytes, path: Path, device: torch.device, remedy: str = ANOTHER
) -> nn.Module:
    """The module with the weights in the content of a file, on the device, frozen and in evaluation
    mode. Raises ZerosumError where they are those of another network."""
    try:
        module.load_state_dict(load(content))
    except (SafetensorError, RuntimeError) as error:
        reason = str(error).splitlines()[0].rstrip(" :")
        raise ZerosumError(f"{path} does not fit the run's recipe ({reason})", remedy) from error
    return module.to(device).eval().requires_grad_(False)


def _images_seen(folder: Path, state: Mapping[str, Any]) -> str:
    """How many images a checkpoint had seen, in nine digits, as its own state.json tells."""
    images = state.get("images")
    if not isinstance(images, int):
        raise ZerosumError(f"{folder / STATE_FILE} does not say how many images it saw", ANOTHER)
    return f"{images:09d}"

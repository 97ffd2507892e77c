"""The latent whose picture comes nearest to a given one, found by its gradient.

Schlegl et al. 2017 (arXiv 1703.05921), section 2.2: the distance is one of pixels and one of what
the discriminator sees.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import chi
from torch import Tensor, nn

from zerosum.data.batches import from_uint8
from zerosum.errors import ZerosumError
from zerosum.generation.generator import TrainedGenerator, exactly
from zerosum.networks.features import feature_distances, layer_outputs

SAMPLES = 256
"""Pictures 0 to 255 of a seed: the nearest of them are where searches start."""
FEATURE_WEIGHT = 0.5
"""What a distance of features counts beside the mean square of pixels from -1 to 1. Of 0, 0.1, 0.5
and 2 the one that found a generator's own faces again nearly best by both, and left real ones
within 1 grey level of the nearest by pixels alone."""
LEARNING_RATE = 0.1
"""Of Adam, at first: it goes to 0 along half a cosine."""
TYPICAL = 0.001, 0.999
"""A latent is kept as long as all but these shares of those that a normal prior draws."""


@dataclass(frozen=True)
class Distance:
    """How far a generated picture is from a given one."""

    pixels: float
    """The root of the mean square of the differences, in grey levels, of 255."""
    features: float
    """Of what the discriminator sees, from 0 to 2: `feature_distances`."""

    @property
    def whole(self) -> float:
        """What a search makes small."""
        return (self.pixels / 127.5) ** 2 + FEATURE_WEIGHT * self.features


@dataclass(frozen=True)
class Projection:
    """What came nearest to a picture."""

    latent: NDArray[np.float32]
    """What the generator makes it of: (latent,), and of a run that learnt classes a weight for each
    of them beside it."""
    picture: NDArray[np.uint8]
    """(height, width, channels)."""
    distance: Distance
    nearest_sample: int
    """The number of the sample of the seed that came nearest before any search."""
    sample: NDArray[np.uint8]
    sample_distance: Distance


@dataclass(frozen=True)
class Search:
    """How latents are searched for, by which players."""

    generator: TrainedGenerator
    discriminator: nn.Module
    seed: int
    steps: int
    starts: int

    def project(
        self, picture: NDArray[np.uint8], progress: Callable[[int], None] = lambda _done: None
    ) -> Projection:
        """The latent whose picture is nearest to `picture`, (height, width, channels) uint8.

        `progress` is told how many steps are done. On one machine it is the same bit for bit,
        whatever else is projected. Raises ZerosumError where the generator makes values that are
        not finite.
        """
        target = from_uint8(picture[None]).to(self.generator.device)
        samples = self.generator.latents(self.seed, range(SAMPLES))
        before = self._measured(samples, target)
        nearest = np.argsort([each.whole for each in before], kind="stable")[: self.starts]
        found = self._descended(samples[nearest], target, progress)
        # A search that led nowhere is none: its start counts as well.
        found = torch.cat([found, samples[nearest[:1]]])
        after = self._measured(found, target)
        best = min(range(len(found)), key=lambda number: after[number].whole)
        first = int(nearest[0])
        return Projection(
            found[best].numpy(),
            self.generator.make(found[best : best + 1])[0],
            after[best],
            first,
            self.generator.make(samples[first : first + 1])[0],
            before[first],
        )

    def _measured(self, inputs: Tensor, target: Tensor) -> list[Distance]:
        """How far the pictures of inputs (n, …) are from one."""
        distances: list[Distance] = []
        with torch.inference_mode(), exactly(self.generator.device):
            seen = layer_outputs(self.discriminator, target)
            for part in torch.split(inputs, self.generator.batch):
                squares, features = self._apart(self.generator.images(part), target, seen)
                pairs = zip(squares.tolist(), features.tolist(), strict=True)
                distances += [Distance(127.5 * math.sqrt(a), b) for a, b in pairs]
        if not all(math.isfinite(each.whole) for each in distances):
            raise ZerosumError(
                f"pictures of checkpoint {self.generator.checkpoint} have values that are not "
                "finite",
                "use an earlier one: --checkpoint IMAGES",
            )
        return distances

    def _descended(self, starts: Tensor, target: Tensor, progress: Callable[[int], None]) -> Tensor:
        """Inputs (n, …) after all steps."""
        network = self.generator.recipe.network
        starts = starts.to(self.generator.device)
        latents = starts[:, : network.latent].clone().requires_grad_()
        classes = starts[:, network.latent :]
        adam = torch.optim.Adam([latents], lr=LEARNING_RATE)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, self.steps)
        with exactly(self.generator.device):
            seen = layer_outputs(self.discriminator, target)
            for step in range(self.steps):
                progress(step)
                images = self.generator.module(torch.cat([latents, classes], dim=1))
                squares, features = self._apart(images, target, seen)
                adam.zero_grad()
                (squares + FEATURE_WEIGHT * features).sum().backward()  # type: ignore[no-untyped-call]
                adam.step()
                schedule.step()
                keep_typical(latents, network.prior)
        return torch.cat([latents.detach(), classes], dim=1).cpu()

    def _apart(self, images: Tensor, target: Tensor, seen: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Of n images, (n,) each: the mean squares of pixels, and the distances of features."""
        squares = (images - target).square().flatten(1).mean(1)
        if not seen:  # of a user's discriminator whose layers are not known
            return squares, torch.zeros_like(squares)
        return squares, feature_distances(layer_outputs(self.discriminator, images), seen)


@torch.no_grad()
def keep_typical(latents: Tensor, prior: str) -> None:
    """Bring latents (n, latent) to where those of a prior are, in place: pictures of others are not
    what the generator makes. Uniform ones into [-1, 1]; normal ones, whose directions are all alike
    and whose lengths hardly differ, to a length that is drawn."""
    if prior == "uniform":
        latents.clamp_(-1, 1)
        return
    least, most = chi.ppf(TYPICAL, latents.shape[1])
    lengths = latents.norm(dim=1, keepdim=True)
    latents.mul_(lengths.clamp(least, most) / lengths)

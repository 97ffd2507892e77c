"""One step of the game: the critic's steps, then the generator's.

Everything random in it is a function of (seed, step), drawn for the whole batch; each process
takes its share. Numbers stay on the device.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from zerosum.adversarial import LOSSES, PENALTIES, Loss
from zerosum.data import Batches
from zerosum.randomness import random_for, seed_for
from zerosum.recipe import Recipe, ScheduleSettings
from zerosum.training.average import update_average
from zerosum.training.players import Players

MEASURES = (
    "loss_generator",
    "loss_discriminator",
    "score_real",
    "score_fake_before",
    "score_fake_after",
    "gradient_norm_generator",
    "gradient_norm_discriminator",
    "penalty",
)
"""What a step measures, in the order of `StepResult.measures`."""


@dataclass(frozen=True)
class StepResult:
    """What one step measured, on the device, and how many real images it showed."""

    measures: Tensor
    """float32 (8,), in the order of MEASURES; of the last critic step where there are several."""
    gradient_norms: Tensor
    """float32, one for each parameter: the discriminator's in order, then the generator's."""
    images: int


@dataclass(frozen=True)
class Game:
    """What a step needs and what does not change from step to step."""

    recipe: Recipe
    players: Players
    batches: Batches
    fabric: Fabric
    generate: Callable[[Tensor], Tensor]
    """The generator's forward pass, compiled where asked."""
    judge: Callable[[Tensor], Tensor]
    """The discriminator's forward pass, compiled where asked. Penalties use the plain module:
    double backward through a compiled one is unsupported."""

    @property
    def loss(self) -> Loss:
        return LOSSES[self.recipe.objective.loss]

    def share(self) -> slice:
        """The part of the batch that is this process's."""
        size = self.recipe.schedule.batch // self.fabric.world_size
        return slice(self.fabric.global_rank * size, (self.fabric.global_rank + 1) * size)


def train_step(game: Game, step: int, images: int) -> StepResult:
    """Step number `step`, after `images` real images: the discriminator learns, then the generator.

    The algorithm of Goodfellow et al. 2014 (arXiv 1406.2661) with the critic steps of Arjovsky et
    al. 2017 (arXiv 1701.07875, algorithm 1); the generator learns from the last fakes that the
    discriminator saw.
    """
    schedule, players = game.recipe.schedule, game.players
    if game.recipe.network.discriminator.dropout > 0:
        torch.manual_seed(seed_for(game.recipe.seed, "dropout", step, game.fabric.global_rank))
    for critic_step in range(schedule.critic_steps):
        last = critic_step == schedule.critic_steps - 1
        if critic_step == 0 or schedule.critic_batches == "fresh":
            real = game.batches.at(images + game.share().start, _length(game.share()))
            images += schedule.batch
        latents = draw_latents(game, step, critic_step)
        # Only the last fakes are used again, in the generator's step: only they need a graph.
        with torch.set_grad_enabled(last), game.fabric.autocast():
            # Images are float32 whatever computed them, as the real ones are: a penalty mixes both.
            fake = game.generate(latents).float()
        shares = draw_shares(game, step, critic_step)
        judged = discriminator_step(game, real, fake.detach(), shares)
    loss, score_after, norms = generator_step(game, fake, real)
    seen = images_per_step(schedule)
    if players.average is not None:
        update_average(players.average, players.generator, images, seen, schedule.average)
    measures = torch.stack([
        loss, judged.loss, judged.score_real, judged.score_fake, score_after,
        norms.norm(), judged.norms.norm(), judged.penalty,
    ])  # fmt: skip
    return StepResult(measures, torch.cat([judged.norms, norms]), seen)


def images_per_step(schedule: ScheduleSettings) -> int:
    """Real images that a step shows: a batch, or one for each critic step."""
    return schedule.batch * (schedule.critic_steps if schedule.critic_batches == "fresh" else 1)


@dataclass(frozen=True)
class Judged:
    """What a discriminator's step measured: scalars, and a norm for each parameter's gradient."""

    loss: Tensor
    penalty: Tensor
    score_real: Tensor
    score_fake: Tensor
    norms: Tensor


def discriminator_step(game: Game, real: Tensor, fake: Tensor, shares: Tensor) -> Judged:
    """Teach the discriminator to tell `real` from `fake`, images (n, C, H, W), once."""
    objective, players = game.recipe.objective, game.players
    with game.fabric.autocast():
        real_logits, fake_logits = game.judge(real), game.judge(fake)
    real_logits, fake_logits = real_logits.float(), fake_logits.float()
    loss = game.loss.discriminator(
        real_logits, fake_logits, objective.real_label, objective.fake_label
    )
    penalty = torch.zeros_like(loss)
    if objective.penalty != "none":
        with game.fabric.autocast():
            unweighted = PENALTIES[objective.penalty](players.discriminator, real, fake, shares)
        penalty = objective.penalty_weight * unweighted
    players.discriminator_optimizer.zero_grad()
    (loss + penalty).backward()  # type: ignore[no-untyped-call]
    norms = average_gradients(players.discriminator, game.fabric)
    players.discriminator_optimizer.step()
    if objective.clip > 0:
        clip_weights(players.discriminator, objective.clip)
    return Judged(
        loss.detach(),
        penalty.detach(),
        mean_score(game.loss, real_logits),
        mean_score(game.loss, fake_logits),
        norms,
    )


def generator_step(game: Game, fake: Tensor, real: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Teach the generator, once, with images of its own that carry its graph.

    Returns the loss, D(G(z)) under the discriminator just taught, and each gradient's norm.
    """
    objective, players = game.recipe.objective, game.players
    players.discriminator.requires_grad_(False)
    with game.fabric.autocast():
        fake_logits = game.judge(fake).float()
        real_logits = game.judge(real).float() if game.loss.needs_real else None
    loss = game.loss.generator(fake_logits, real_logits, objective.real_label, objective.fake_label)
    players.generator_optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    players.discriminator.requires_grad_(True)
    norms = average_gradients(players.generator, game.fabric)
    players.generator_optimizer.step()
    return loss.detach(), mean_score(game.loss, fake_logits), norms


def draw_latents(game: Game, step: int, critic_step: int) -> Tensor:
    """This process's share of the latents of a critic step: (n, latent) float32."""
    network, seed = game.recipe.network, game.recipe.seed
    shape = (game.recipe.schedule.batch, network.latent)
    random = random_for(seed, "latents", step, critic_step)
    if network.prior == "uniform":
        latents = random.random(shape, dtype=np.float32) * 2 - 1
    else:
        latents = random.standard_normal(shape, dtype=np.float32)
    return torch.from_numpy(latents[game.share()]).to(game.fabric.device, non_blocking=True)


def draw_shares(game: Game, step: int, critic_step: int) -> Tensor:
    """This process's part of the mixing shares of a gradient penalty: (n, 1, 1, 1) in [0, 1)."""
    random = random_for(game.recipe.seed, "penalty", step, critic_step)
    shares = random.random((game.recipe.schedule.batch, 1, 1, 1), dtype=np.float32)
    return torch.from_numpy(shares[game.share()]).to(game.fabric.device, non_blocking=True)


def average_gradients(network: nn.Module, fabric: Fabric) -> Tensor:
    """Average a network's gradients over all processes, in place; the norm of each, (parameters,).

    One flat call, on the bare module: wrappers that reduce in hooks miss gradients of double
    backward.
    """
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    if fabric.world_size > 1:
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        reduced = fabric.all_reduce(flat, reduce_op="mean")
        assert isinstance(reduced, Tensor)
        sizes = [gradient.numel() for gradient in gradients]
        for gradient, part in zip(gradients, torch.split(reduced, sizes), strict=True):
            gradient.copy_(part.view(gradient.shape))
    return torch.stack(torch._foreach_norm(gradients))


@torch.no_grad()
def clip_weights(critic: nn.Module, limit: float) -> None:
    """Every weight into [-limit, limit]: Arjovsky et al. 2017, algorithm 1, line 7."""
    weights: list[Tensor] = list(critic.parameters())
    torch._foreach_clamp_min_(weights, -limit)
    torch._foreach_clamp_max_(weights, limit)


def mean_score(loss: Loss, logits: Tensor) -> Tensor:
    """Mean of the discriminator's outputs as they are shown: probabilities, or raw scores."""
    scores = logits.detach()
    return (scores.sigmoid() if loss.output == "logit" else scores).mean()


def _length(part: slice) -> int:
    return int(part.stop - part.start)

"""One step of the game: the critic's steps, then the generator's.

Numbers stay on the device.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from zerosum.adversarial import PIXEL_LOSSES, discriminator_loss, generator_loss
from zerosum.adversarial.objectives import Measured
from zerosum.recipe import images_per_step
from zerosum.training.average import update_average
from zerosum.training.game import Batch, Game, StepResult, draw_batches, seed_dropout
from zerosum.training.updates import PlayerUpdate, step_result, update_player


def train_step(game: Game, step: int, images: int) -> StepResult:
    """Step number `step`, after `images` real images: the discriminator learns, then the generator.

    The algorithm of Goodfellow et al. 2014 (arXiv 1406.2661) with the critic steps of Arjovsky et
    al. 2017 (arXiv 1701.07875, algorithm 1); the generator learns from the last fakes that the
    discriminator saw.
    """
    seed_dropout(game, step)
    batches = draw_batches(game, step, images)
    result = play(game, batches) if game.captured is None else game.captured(batches)
    keep_average(game, images + result.images, result.images)
    return result


def play(game: Game, batches: Sequence[Batch]) -> StepResult:
    """The discriminator learns from each of the batches, then the generator from the last.

    Nothing in here reads a number back from the device or depends on the step but by the batches:
    on CUDA the whole of it can be captured in a graph.
    """
    for batch in batches:
        # Only the last fakes are used again, in the generator's step: only they need a graph.
        fake = make_fakes(game, batch.inputs, graph=batch is batches[-1])
        judged = discriminator_step(game, batch, fake.detach())
    update = generator_step(game, batches[-1], fake)
    return step_result(game, (judged, update), images_per_step(game.recipe.schedule))


def discriminator_step(game: Game, batch: Batch, fake: Tensor) -> PlayerUpdate:
    """Teach the discriminator to tell the batch's real images from `fake`, (n, C, H, W), once."""

    def loss_of(part: slice) -> Measured:
        return discriminator_loss(
            game.recipe, game.discriminator, batch.real[part], fake[part], batch.epsilon[part]
        )

    update = update_player(game, "discriminator", loss_of)
    if game.recipe.objective.clip > 0:
        clip_weights(game.players.discriminator, game.recipe.objective.clip)
    return update


def generator_step(game: Game, batch: Batch, fake: Tensor) -> PlayerUpdate:
    """Teach the generator, once, with images of its own that carry its graph."""
    discriminator, weight = game.players.discriminator, game.recipe.objective.pixel_weight

    def loss_of(part: slice) -> Measured:
        real, made = batch.real[part], with_graph(game, batch, fake, part)
        loss, measures = generator_loss(game.recipe, game.discriminator, real, made)
        if weight > 0:
            pixel = pixel_loss(game, made, real)
            loss, measures["loss_pixel"] = loss + weight * pixel, pixel.detach()
        return loss, measures

    discriminator.requires_grad_(False)
    update = update_player(game, "generator", loss_of)
    discriminator.requires_grad_(True)
    return update


def restoration_step(game: Game, batch: Batch, fake: Tensor) -> PlayerUpdate:
    """Teach the generator of restorations, once, by the pixel loss alone."""

    def loss_of(part: slice) -> Measured:
        loss = pixel_loss(game, with_graph(game, batch, fake, part), batch.real[part])
        return loss, {"loss_pixel": loss.detach()}

    return update_player(game, "generator", loss_of)


def pixel_loss(game: Game, restored: Tensor, original: Tensor) -> Tensor:
    """How far restored pictures are from their originals: pixels, and features where asked."""
    objective = game.recipe.objective
    loss = PIXEL_LOSSES[objective.pixel_loss](restored, original)
    if game.features is not None:
        with torch.no_grad():
            wanted = game.features(original)
        pairs = zip(game.features(restored), wanted, strict=True)
        # Johnson et al. 2016 (arXiv 1603.08155), equation 2: the mean over a map, for each map.
        distance = torch.stack([(ours - theirs).square().mean() for ours, theirs in pairs]).mean()
        loss = loss + objective.feature_weight * distance
    return loss


def make_fakes(game: Game, inputs: Tensor, graph: bool) -> Tensor:
    """What the generator makes of the inputs: float32 (n, C, H, W).

    With its graph where asked, but for a batch that is computed in parts: then the generator's
    step makes each part again, because the graphs of all would not fit.
    """
    parts = game.micro_batches()
    with torch.set_grad_enabled(graph and len(parts) == 1):
        made = [game.fakes(inputs[part]) for part in parts]
    return made[0] if len(made) == 1 else torch.cat(made)


def with_graph(game: Game, batch: Batch, fake: Tensor, part: slice) -> Tensor:
    """A part of a batch's fakes with its graph: made anew, but for a whole batch."""
    return fake if len(game.micro_batches()) == 1 else game.fakes(batch.inputs[part])


def keep_average(game: Game, images: int, seen: int) -> None:
    """Move the generator's average on, after `images` images, `seen` of them new."""
    players = game.players
    if players.average is not None:
        half_life = game.recipe.schedule.average
        update_average(players.average, players.generator, images, seen, half_life)


@torch.no_grad()
def clip_weights(critic: nn.Module, limit: float) -> None:
    """Every weight into [-limit, limit]: Arjovsky et al. 2017, algorithm 1, line 7."""
    weights: list[Tensor] = list(critic.parameters())
    torch._foreach_clamp_min_(weights, -limit)
    torch._foreach_clamp_max_(weights, limit)

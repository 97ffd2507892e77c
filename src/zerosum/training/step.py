"""One step of the game: the critic's steps, then the generator's.

Numbers stay on the device.
"""

from collections.abc import Sequence
from operator import itemgetter

import torch
from torch import Tensor, nn

from zerosum.adversarial.objectives import Measured, discriminator_loss, generator_loss
from zerosum.recipe.sections import images_per_step
from zerosum.training.game import Batch, Game, StepResult, draw_batches, seed_dropout
from zerosum.training.updates import PlayerUpdate, step_result, update_player

RAMP_UP = 0.05
"""The half-life is at most this share of the images seen, so that the first, random weights are
forgotten: Karras et al. 2020 (arXiv 2006.06676), the ramp-up of its training configurations."""


def train_step(game: Game, step: int, images: int) -> StepResult:
    """Step number `step`, after `images` real images: the discriminator learns, then the generator.

    The algorithm of Goodfellow et al. 2014 (arXiv 1406.2661) with the critic steps of Arjovsky et
    al. 2017 (arXiv 1701.07875, algorithm 1); the generator learns from the last fakes that the
    discriminator saw.
    """
    seed_dropout(game, step)
    batches = draw_batches(game, step, images, game.recipe.schedule.critic_steps)
    result = play(game, batches) if game.captured is None else game.captured(batches)
    adapt_augmentation(game, result)
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
        judged = discriminator_step(game, batch, fake)
    update = generator_step(game, batches[-1], fake)
    return step_result(game, (judged, update), images_per_step(game.recipe.schedule))


def discriminator_step(game: Game, batch: Batch, fake: Tensor) -> PlayerUpdate:
    """Teach the discriminator to tell the batch's real images from `fake`, (n, C, H, W), once."""

    def loss_of(part: slice) -> Measured:
        ours = batch.each(itemgetter(part))
        asked = game.discriminator(ours, "discriminator")
        weight = game.live.penalty_weight
        return discriminator_loss(game.recipe, asked, ours.real, fake[part], ours.epsilon, weight)

    update = update_player(game, "discriminator", loss_of)
    if game.recipe.objective.clip > 0:
        clip_weights(game.players.discriminator, game.recipe.objective.clip)
    return update


def generator_step(game: Game, batch: Batch, fake: Tensor) -> PlayerUpdate:
    """Teach the generator, once, with images of its own that carry its graph."""
    discriminator, weight = game.players.discriminator, game.recipe.objective.pixel_weight

    def loss_of(part: slice) -> Measured:
        ours = batch.each(itemgetter(part))
        made, asked = with_graph(game, ours, fake), game.discriminator(ours, "generator")
        loss, measures = generator_loss(game.recipe, asked, ours.real, made)
        if weight > 0:
            supervised, more = supervised_loss(game, made, ours.real)
            loss, measures = loss + weight * supervised, measures | more
        return loss, measures

    discriminator.requires_grad_(False)
    try:
        return update_player(game, "generator", loss_of)
    finally:
        discriminator.requires_grad_(True)


def supervised_step(game: Game, batch: Batch, fake: Tensor) -> PlayerUpdate:
    """Teach the generator, once, by what its task adds to its loss alone."""

    def loss_of(part: slice) -> Measured:
        ours = batch.each(itemgetter(part))
        return supervised_loss(game, with_graph(game, ours, fake), ours.real)

    return update_player(game, "generator", loss_of)


def supervised_loss(game: Game, made: Tensor, original: Tensor) -> Measured:
    """What the task of a recipe with a pixel loss adds to the generator's loss, without its
    weight."""
    assert game.task.supervised_loss is not None
    loss = game.task.supervised_loss(game.recipe, made, original, game.features)
    return loss, {"loss_pixel": loss.detach()}


def make_fakes(game: Game, inputs: Tensor, graph: bool) -> Tensor:
    """What the generator makes of the inputs: float32 (n, C, H, W).

    With its graph where asked, but for a batch that is computed in parts: then the generator's
    step makes each part again, because the graphs of all would not fit.
    """
    parts = game.micro_batches()
    with torch.set_grad_enabled(graph and len(parts) == 1):
        made = [game.fakes(inputs[part]) for part in parts]
    return made[0] if len(made) == 1 else torch.cat(made)


def with_graph(game: Game, batch: Batch, fake: Tensor) -> Tensor:
    """The fakes of a micro-batch with their graph: made anew, but for a whole batch, whose fakes
    have theirs."""
    return fake if len(game.micro_batches()) == 1 else game.fakes(batch.inputs)


def adapt_augmentation(game: Game, result: StepResult) -> None:
    """Let the probability of an adaptive augmentation follow what a step measured."""
    if game.augmenter is not None and "sign_real" in result.measured:
        game.augmenter.adapt(result.measure("sign_real"), result.images, game.fabric)


def keep_average(game: Game, images: int, seen: int) -> None:
    """Move the generator's average on, after `images` images, `seen` of them new."""
    players = game.players
    if players.average is not None:
        half_life = game.live.half_life
        half_life = game.recipe.schedule.average if half_life is None else half_life
        images += game.live.images_before
        update_average(players.average, players.generator, images, seen, half_life)


@torch.no_grad()
def update_average(
    average: nn.Module, generator: nn.Module, images: int, batch: int, half_life: float
) -> None:
    """Move the average towards the generator after a step that showed `batch` real images.

    After `half_life` images an old weight counts half, with 0 at once nothing (Karras et al. 2018,
    arXiv 1710.10196, section A.1, has the average; in images: Karras et al. 2020). `images` is the
    number seen so far, this step included, and those of a run whose weights this one began with.

    Batch norm's running means and variances are averaged with the same half-life as the weights:
    they describe the activations of weights of the same age. Its counters are copied.
    """
    reach = min(half_life, images * RAMP_UP)
    kept = 0.5 ** (batch / reach) if reach > 0 else 0.0
    old = [*average.parameters(), *average.buffers()]
    new = [*generator.parameters(), *generator.buffers()]
    pairs = list(zip(old, new, strict=True))
    floating = [(a, b) for a, b in pairs if a.is_floating_point()]
    torch._foreach_lerp_([a for a, _ in floating], [b for _, b in floating], 1 - kept)
    for a, b in pairs:
        if not a.is_floating_point():
            a.copy_(b)


@torch.no_grad()
def clip_weights(critic: nn.Module, limit: float) -> None:
    """Every weight into [-limit, limit]: Arjovsky et al. 2017, algorithm 1, line 7."""
    weights: list[Tensor] = list(critic.parameters())
    torch._foreach_clamp_min_(weights, -limit)
    torch._foreach_clamp_max_(weights, limit)

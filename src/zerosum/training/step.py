"""One step of the game: the critic's steps, then the generator's.

Numbers stay on the device.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from zerosum.adversarial import PENALTIES, PIXEL_LOSSES, Loss
from zerosum.recipe import images_per_step
from zerosum.training.average import update_average
from zerosum.training.game import (
    MEASURES,
    Batch,
    Game,
    StepResult,
    draw_batches,
    seed_dropout,
)


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
    return step_result(game, judged, update, images_per_step(game.recipe.schedule))


def make_fakes(game: Game, inputs: Tensor, graph: bool) -> Tensor:
    """What the generator makes of the inputs: float32 (n, C, H, W).

    With its graph where asked, but for a batch that is computed in parts: then the generator's
    step makes each part again, because the graphs of all would not fit.
    """
    parts = game.micro_batches()
    with torch.set_grad_enabled(graph and len(parts) == 1), game.fabric.autocast():
        # Images are float32 whatever computed them, as the real ones are: a penalty mixes both.
        made = [game.generate(inputs[part]).float() for part in parts]
    return made[0] if len(made) == 1 else torch.cat(made)


def keep_average(game: Game, images: int, seen: int) -> None:
    """Move the generator's average on, after `images` images, `seen` of them new."""
    players = game.players
    if players.average is not None:
        half_life = game.recipe.schedule.average
        update_average(players.average, players.generator, images, seen, half_life)


@dataclass(frozen=True)
class PlayerUpdate:
    """What a player's step measured: scalars by their name in MEASURES, and a norm for each
    parameter's gradient."""

    measures: Mapping[str, Tensor]
    norms: Tensor


def step_result(
    game: Game, discriminator: PlayerUpdate | None, generator: PlayerUpdate | None, images: int
) -> StepResult:
    """What the steps of one or both players give together."""
    device, players = game.fabric.device, game.players
    measured: dict[str, Tensor] = {}
    norms = []
    for update, network, name in (
        (discriminator, players.discriminator, "discriminator"),
        (generator, players.generator, "generator"),
    ):
        if update is None:
            norms.append(torch.zeros(sum(1 for _ in network.parameters()), device=device))
            continue
        measured |= update.measures
        measured[f"gradient_norm_{name}"] = update.norms.norm()
        norms.append(update.norms)
    nothing = torch.zeros((), device=device)
    measures = torch.stack([measured.get(name, nothing) for name in MEASURES])
    return StepResult(measures, frozenset(measured), torch.cat(norms), images)


def discriminator_step(game: Game, batch: Batch, fake: Tensor) -> PlayerUpdate:
    """Teach the discriminator to tell the batch's real images from `fake`, (n, C, H, W), once."""
    players, objective = game.players, game.recipe.objective
    players.discriminator_optimizer.zero_grad()
    sums: dict[str, Tensor] = {}
    for part in game.micro_batches():
        loss, measures = discriminator_loss(game, batch.real[part], fake[part], batch.epsilon[part])
        (loss / len(game.micro_batches())).backward()  # type: ignore[no-untyped-call]
        _add(sums, measures, len(game.micro_batches()))
    norms = average_gradients(players.discriminator, game.fabric)
    players.discriminator_optimizer.step()
    if objective.clip > 0:
        clip_weights(players.discriminator, objective.clip)
    return PlayerUpdate(sums, norms)


def discriminator_loss(
    game: Game, real: Tensor, fake: Tensor, epsilon: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    """The discriminator's loss with its penalty, and what was measured."""
    objective, loss = game.recipe.objective, game.loss
    with game.fabric.autocast():
        real_logits, fake_logits = game.judge(real), game.judge(fake)
    real_logits, fake_logits = real_logits.float(), fake_logits.float()
    own = loss.discriminator(real_logits, fake_logits, objective.real_label, objective.fake_label)
    measures = {
        "loss_discriminator": own.detach(),
        "d_real": mean_answer(loss, real_logits),
        "d_fake_before": mean_answer(loss, fake_logits),
    }
    if objective.penalty != "none":
        with game.fabric.autocast():
            unweighted = PENALTIES[objective.penalty](
                game.players.discriminator, real, fake, epsilon
            )
        penalty = objective.penalty_weight * unweighted
        own = own + penalty
        measures["penalty"] = penalty.detach()
    if "accuracy" in game.recipe.task.measures:
        measures["accuracy"] = accuracy(loss, real_logits.detach(), fake_logits.detach())
    return own, measures


def accuracy(loss: Loss, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """The share of images that the discriminator tells right.

    Where its output is no probability, and no value divides the two: the share of pairs in which
    the real one has the higher score.
    """
    if loss.properties.output == "score":
        return (real_logits > fake_logits).float().mean()
    return ((real_logits > 0).float().mean() + (fake_logits < 0).float().mean()) / 2


def generator_step(game: Game, batch: Batch, fake: Tensor) -> PlayerUpdate:
    """Teach the generator, once, with images of its own that carry its graph.

    It measures its loss and D(G(z)) under the discriminator just taught.
    """
    players = game.players
    players.discriminator.requires_grad_(False)
    players.generator_optimizer.zero_grad()
    sums: dict[str, Tensor] = {}
    for part, made in parts_with_graphs(game, batch, fake):
        loss, measures = generator_loss(game, made, batch.real[part])
        (loss / len(game.micro_batches())).backward()  # type: ignore[no-untyped-call]
        _add(sums, measures, len(game.micro_batches()))
    players.discriminator.requires_grad_(True)
    norms = average_gradients(players.generator, game.fabric)
    players.generator_optimizer.step()
    return PlayerUpdate(sums, norms)


def restoration_step(game: Game, batch: Batch, fake: Tensor) -> PlayerUpdate:
    """Teach the generator of restorations, once, by the pixel loss alone."""
    players = game.players
    players.generator_optimizer.zero_grad()
    sums: dict[str, Tensor] = {}
    for part, made in parts_with_graphs(game, batch, fake):
        loss = pixel_loss(game, made, batch.real[part])
        (loss / len(game.micro_batches())).backward()  # type: ignore[no-untyped-call]
        _add(sums, {"loss_pixel": loss.detach()}, len(game.micro_batches()))
    norms = average_gradients(players.generator, game.fabric)
    players.generator_optimizer.step()
    return PlayerUpdate(sums, norms)


def parts_with_graphs(game: Game, batch: Batch, fake: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """Each part of a batch with its fakes and their graph: made anew, but for a whole batch."""
    parts = game.micro_batches()
    if len(parts) == 1:
        yield parts[0], fake
        return
    for part in parts:
        with game.fabric.autocast():
            made = game.generate(batch.inputs[part]).float()
        yield part, made


def generator_loss(game: Game, fake: Tensor, real: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The generator's loss, weighted, and what was measured."""
    objective = game.recipe.objective
    with game.fabric.autocast():
        fake_logits = game.judge(fake).float()
        real_logits = game.judge(real).float() if game.loss.needs_real else None
    loss = game.loss.generator(fake_logits, real_logits, objective.real_label, objective.fake_label)
    measures = {
        "loss_generator": loss.detach(),
        "d_fake_after": mean_answer(game.loss, fake_logits),
    }
    loss = objective.adversarial_weight * loss
    if objective.pixel_weight > 0:
        pixel = pixel_loss(game, fake, real)
        loss = loss + objective.pixel_weight * pixel
        measures["loss_pixel"] = pixel.detach()
    return loss, measures


def pixel_loss(game: Game, restored: Tensor, original: Tensor) -> Tensor:
    """How far restored pictures are from their originals: pixels, and features where asked."""
    objective = game.recipe.objective
    difference = PIXEL_LOSSES[objective.pixel_loss]
    loss = difference(restored, original)
    if game.features is not None:
        with torch.no_grad():
            wanted = game.features(original)
        pairs = zip(game.features(restored), wanted, strict=True)
        # Johnson et al. 2016 (arXiv 1603.08155), equation 2: the mean over a map, for each map.
        distance = torch.stack([(ours - theirs).square().mean() for ours, theirs in pairs]).mean()
        loss = loss + objective.feature_weight * distance
    return loss


def _add(sums: dict[str, Tensor], measures: Mapping[str, Tensor], parts: int) -> None:
    """Add a part's share of the batch's means."""
    for name, value in measures.items():
        sums[name] = sums[name] + value / parts if name in sums else value / parts


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


def mean_answer(loss: Loss, logits: Tensor) -> Tensor:
    """Mean of the discriminator's outputs as they are shown: probabilities, or what it says."""
    answers = logits.detach()
    return (answers.sigmoid() if loss.properties.output == "logit" else answers).mean()

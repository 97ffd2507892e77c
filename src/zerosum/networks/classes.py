"""What makes players of any family learn the classes of images."""

from typing import cast

import torch
from torch import Tensor, nn

from zerosum.networks.blocks import NORMS
from zerosum.recipe.settings import Recipe


class ConditionalGenerator(nn.Module):
    """A generator that is given an embedding of the class: beside the latent (Mirza and Osindero
    2014, arXiv 1411.1784, section 3.2), or in its norms."""

    def __init__(self, recipe: Recipe, network: nn.Module) -> None:
        super().__init__()
        settings = recipe.network.generator
        self.latent = recipe.network.latent
        self.embedding = ClassEmbedding(recipe.classes, settings.embedding)
        self.wanted = Wanted()
        self.beside = settings.classes == "embedding"
        if not self.beside:
            make_norms_conditional(network, settings.embedding, self.wanted)
        self.network = network

    def forward(self, inputs: Tensor) -> Tensor:
        """Latents, and beside them a weight for each class (n, latent + classes) → images.

        One class has the weight 1 and the others 0, or they are mixed: so is their embedding.
        """
        latents, weights = inputs[:, : self.latent], inputs[:, self.latent :]
        return self.of_embedded(latents, self.embedding(weights).to(latents.dtype))

    def of_embedded(self, latents: Tensor, embedded: Tensor) -> Tensor:
        """Latents (n, latent), and the embedding of each one's class, (n, numbers) → images."""
        if self.beside:
            return cast(Tensor, self.network(torch.cat([latents, embedded], dim=1)))
        self.wanted.embedded = embedded
        return cast(Tensor, self.network(latents))


class Wanted:
    """The classes that a generator is asked for at the moment: its norms look them up, wherever in
    the network they are."""

    def __init__(self) -> None:
        self.embedded: Tensor | None = None
        """(n, numbers of an embedding)."""


class ConditionalNorm(nn.Module):
    """A norm, then a scale and a shift for the class, beside those that the norm has for all:
    γ + Δγ and β + Δβ of de Vries et al. 2017 (arXiv 1707.00683), section 3.1, both linear in the
    embedding that all norms share (Brock et al. 2018, arXiv 1809.11096, section 3)."""

    def __init__(self, norm: nn.Module, channels: int, embedding: int, wanted: Wanted) -> None:
        super().__init__()
        self.norm, self.wanted = norm, wanted
        self.scale = nn.Linear(embedding, channels, bias=False)
        self.shift = nn.Linear(embedding, channels, bias=False)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (n, channels, …) → of the same shape."""
        embedded = self.wanted.embedded
        assert embedded is not None
        normed: Tensor = self.norm(maps)
        shape = (*normed.shape[:2], *[1] * (normed.dim() - 2))
        scale, shift = (each(embedded).view(shape) for each in (self.scale, self.shift))
        changed: Tensor = normed * (1 + scale) + shift
        return changed


def make_norms_conditional(network: nn.Module, embedding: int, wanted: Wanted) -> None:
    """Let each norm of a network scale and shift by an embedding of so many numbers, in place."""
    for layer in list(network.modules()):
        for name, child in layer.named_children():
            if isinstance(child, NORMS):
                channels = child.weight.shape[0]
                setattr(layer, name, ConditionalNorm(child, channels, embedding, wanted))


class ClassEmbedding(nn.Module):
    """Learnt numbers for each class."""

    def __init__(self, classes: int, numbers: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(classes, numbers))

    def forward(self, weights: Tensor) -> Tensor:
        """Weights of classes (n, classes) → the sums of what the classes have, (n, numbers)."""
        return weights @ self.weight


class ConditionalDiscriminator(nn.Module):
    """A discriminator that judges whether an image is real, and of its class: the projection of
    Miyato and Koyama 2018 (arXiv 1802.05637), equation 3, ψ(φ(x)) + ⟨vᵧ, φ(x)⟩ + bᵧ.

    φ is all but the network's last layer, which has an output for ψ and one for each vᵧ. That
    differs from the paper: where the layer has biases, each class has one, bᵧ; and spectral norm
    divides ψ and all vᵧ by one singular value, not each by its own.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        """Images (n, C, H, W), their classes int64 (n,) → logits (n,)."""
        outputs: Tensor = self.network(images).float()
        return outputs[:, 0] + outputs[:, 1:].gather(1, labels[:, None])[:, 0]


def one_hot(labels: Tensor, classes: int) -> Tensor:
    """Classes int64 (n,) as weights of all, float32 (n, classes): 1 for each one's own.

    Nothing waits for the device, as `torch.nn.functional.one_hot` would.
    """
    return (labels[:, None] == torch.arange(classes, device=labels.device)).float()


def layers_for_classes(network: nn.Module) -> set[nn.Linear]:
    """The layers that make scales and shifts of an embedding. Drawn from N(0, 0.02) in every
    family, so that norms differ little between classes at first."""
    norms = [each for each in network.modules() if isinstance(each, ConditionalNorm)]
    return {layer for norm in norms for layer in (norm.scale, norm.shift)}


@torch.no_grad()
def initialise_embeddings(network: nn.Module, generator: torch.Generator) -> None:
    """Embeddings beside latents from N(0, 1), as those are; for norms of a length near 1, so that
    classes differ at first as weights do; in place. Draws come from `generator` alone.

    A step of Adam moves a norm's shift for a class by the learning rate times the sum of the
    embedding's absolute numbers. With 64 from N(0, 1) that is 51 of the steps that the norm's own
    shift makes, and one of ten digits was lost in one of three trainings (docs/results.md).
    """
    for module in network.modules():
        if isinstance(module, ConditionalGenerator):
            weight = module.embedding.weight
            spread = 1.0 if module.beside else weight.shape[1] ** -0.5
            weight.copy_(torch.empty(weight.shape).normal_(std=spread, generator=generator))

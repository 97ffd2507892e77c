"""The sections of a recipe that say what the two players are made of."""

from typing import Annotated, Literal

from pydantic import Field

from zerosum.recipe.naming import NamesParts
from zerosum.recipe.sections import Below1, Count, Positive, Settings
from zerosum.recipe.tasks import FAMILIES, FamilyName, FamilyProperties

Norm = Literal["batch", "instance", "layer", "none"]
GeneratorNorm = Literal["batch", "instance", "layer", "none", "weight", "spectral"]
CLASS_NORMS = ("batch", "instance", "layer")
"""Norms of feature maps, whose scales and shifts a class can choose."""
Bias = Literal["none", "without-norm", "all"]
Activation = Literal["relu", "leaky-relu"]


class PlayerSettings(Settings):
    """The layers that both players have."""

    width: Positive = Field(
        64,
        description="channels at the highest resolution, doubled at each halving "
        "(resnet: up to 16 times, r3: up to 4)",
    )
    norm: GeneratorNorm = "batch"
    bias: Bias = Field(
        "without-norm",
        description="which layers have a bias: none, those without a norm after them, or all",
    )
    activation: Activation = Field("relu", description="after each hidden layer; leaky: slope 0.2")
    extra_layers: Annotated[int, Field(ge=0, le=64)] = Field(
        0, description="3×3 convolutions at the highest hidden resolution"
    )
    blocks: Annotated[int, Field(ge=1, le=64)] = Field(
        1, description="residual blocks at each resolution of r3"
    )


class GeneratorSettings(PlayerSettings):
    """The generator's layers."""

    norm: GeneratorNorm = Field(
        "batch", description="normalisation after each hidden layer; unet: batch, weight, spectral"
    )
    encoder: Literal["small", "resnet34"] = Field(
        "small", description="the half of a unet that shrinks; small: for CPUs"
    )
    attention: Count = Field(
        0, description="side of the unet's feature map with self-attention; 0: none"
    )
    classes: Literal["embedding", "norm"] = Field(
        "embedding",
        description="where a class enters (network.conditional): as learnt numbers beside the "
        "latent, or by scales and shifts after each norm",
    )
    embedding: Positive = Field(
        64, description="learnt numbers for each class (network.conditional)"
    )


class DiscriminatorSettings(PlayerSettings):
    """The discriminator's layers (a Wasserstein loss calls it the critic)."""

    norm: Norm = Field("batch", description="normalisation after each hidden layer but the first")
    activation: Activation = Field(
        "leaky-relu", description="after each hidden layer; leaky: slope 0.2"
    )
    dropout: Below1 = Field(
        0.0, description="share of activations dropped after each normalised block"
    )
    spectral_norm: bool = Field(
        False, description="divide each weight by its largest singular value"
    )
    classes: Literal["projection", "classifier"] = Field(
        "projection",
        description="how it learns classes (network.conditional): judges an image as one of its "
        "class, or names the class beside (AC-GAN: in published runs a better FID, and worse "
        "classes)",
    )


class NetworkSettings(Settings, NamesParts):
    """The two players."""

    kind: FamilyName = Field(
        "dcgan", description="the networks of both players; unet: restores damaged pictures"
    )
    pretrained: bool = Field(
        False, description="start a resnet34 encoder with its ImageNet weights"
    )
    latent: Positive = Field(100, description="numbers in a latent")
    prior: Literal["normal", "uniform"] = Field(
        "normal", description="distribution of latents: N(0, 1) or uniform from -1 to 1"
    )
    conditional: bool = Field(
        False, description="learn the classes of the images: pictures of a class can be asked for"
    )
    generator: GeneratorSettings = GeneratorSettings()
    discriminator: DiscriminatorSettings = DiscriminatorSettings()

    @property
    def family(self) -> FamilyProperties:
        """What networks of this kind are made for."""
        return self.part("kind", FAMILIES)

    @property
    def classifies(self) -> bool:
        """Whether the discriminator names the class of an image, in place of being given it."""
        return self.conditional and self.discriminator.classes == "classifier"

    @property
    def generator_inputs(self) -> int:
        """Numbers that the layers of a generator are given for a picture: a latent, and beside it
        the embedding of a class where classes are learnt."""
        beside = self.conditional and self.generator.classes == "embedding"
        return self.latent + (self.generator.embedding if beside else 0)

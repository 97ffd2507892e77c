"""The training loops of other libraries, each fed with the networks of a DCGAN at 64 pixels.

`benchmarks/peers.py` starts this file with the Python of an environment in which the peer is
installed; it imports nothing of zerosum. Each loop is the library's own; after each of its steps
a line that begins with "step" is printed.

    python benchmarks/peer_loops.py keras-torch --data faces/ --batch 128 --steps 20
"""

import argparse
import math
import os
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from typing import Any

SIDE, CHANNELS, LATENT, WIDTH, RATE, BETA = 64, 3, 100, 64, 2e-4, 0.5


def image_loader(data: Path, batch: int, channels_last: bool = False) -> Any:
    """`ImageFolder` and two workers, as PyTorch's example reads; in [-1, 1]."""
    import torch
    from torchvision import datasets, transforms

    steps: list[Any] = [transforms.Resize(SIDE), transforms.CenterCrop(SIDE)]
    steps += [transforms.ToTensor(), transforms.Normalize([0.5] * CHANNELS, [0.5] * CHANNELS)]
    if channels_last:
        steps.append(transforms.Lambda(lambda image: image.permute(1, 2, 0).contiguous()))
    images = datasets.ImageFolder(str(data), transforms.Compose(steps))
    return torch.utils.data.DataLoader(images, batch, shuffle=True, num_workers=2, drop_last=True)


def mimicry(data: Path, batch: int, steps: int, out: Path) -> None:
    """mimicry's `Trainer`; it prints a line for each step itself.

    Its metrics and named sets, which the loop does not use, import TensorFlow and a module that
    PyTorch 2 no longer has: empty modules stand in for them while it is imported.
    """
    import torch
    import torch.utils.tensorboard  # which looks for TensorFlow too, and does without

    for name in ("tensorflow", "torch._six"):
        sys.modules[name] = module_from_spec(ModuleSpec(name, None))
    sys.modules["torch._six"].PY3 = True  # type: ignore[attr-defined]
    import torch_mimicry

    del sys.modules["tensorflow"], sys.modules["torch._six"]

    from benchmarks.training import tutorial_discriminator, tutorial_generator

    bases = torch_mimicry.nets.dcgan.dcgan_base

    class Generator(bases.DCGANBaseGenerator):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__(nz=LATENT, ngf=WIDTH, bottom_width=4, loss_type="gan")
            self.layers = tutorial_generator(LATENT, WIDTH, CHANNELS, SIDE)

        def forward(self, latents: torch.Tensor) -> torch.Tensor:
            images: torch.Tensor = self.layers(latents[:, :, None, None])
            return images

    class Discriminator(bases.DCGANBaseDiscriminator):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__(ndf=WIDTH, loss_type="gan")
            # Its loss takes logits: without the sigmoid.
            self.layers = tutorial_discriminator(WIDTH, CHANNELS, SIDE, critic=False)[:-1]

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            logits: torch.Tensor = self.layers(images)
            return logits[:, None]

    players = Generator(), Discriminator()
    optimizers = [
        torch.optim.Adam(player.parameters(), RATE, betas=(BETA, 0.999)) for player in players
    ]
    torch_mimicry.training.Trainer(
        netG=players[0], netD=players[1], optG=optimizers[0], optD=optimizers[1], n_dis=1,
        num_steps=steps, dataloader=image_loader(data, batch), log_dir=str(out), print_steps=1,
    ).train()  # fmt: skip


def lightweight_gan(data: Path, batch: int, steps: int, out: Path) -> None:
    """lightweight-gan's `Trainer`, with its own networks, which it does not let be replaced."""
    from lightweight_gan import Trainer

    trainer = Trainer(
        base_dir=str(out), image_size=SIDE, batch_size=batch, latent_dim=LATENT,
        fmap_max=WIDTH * 8, lr=RATE, use_aim=False,
    )  # fmt: skip
    trainer.set_data_src(str(data))
    for step in range(1, steps + 1):
        trainer.train()
        print("step", step, flush=True)


def keras_layers(keras: Any) -> tuple[Any, Any]:
    """The two players, images as (height, width, channels), as Keras has them by default."""
    from keras import layers

    def convolution(kind: Any, maps: int, stride: int = 2, padding: str = "same") -> Any:
        return kind(maps, 4, strides=stride, padding=padding, use_bias=False)

    down, up = layers.Conv2D, layers.Conv2DTranspose
    generator = [keras.Input((LATENT,)), layers.Reshape((1, 1, LATENT))]
    generator += [convolution(up, WIDTH * 8, 1, "valid"), layers.BatchNormalization()]
    generator += [layers.ReLU()]
    for maps in (WIDTH * 4, WIDTH * 2, WIDTH):
        generator += [convolution(up, maps), layers.BatchNormalization(), layers.ReLU()]
    generator += [convolution(up, CHANNELS), layers.Activation("tanh")]
    discriminator = [keras.Input((SIDE, SIDE, CHANNELS)), convolution(down, WIDTH)]
    discriminator += [layers.LeakyReLU(0.2)]
    for maps in (WIDTH * 2, WIDTH * 4, WIDTH * 8):
        discriminator += [convolution(down, maps), layers.BatchNormalization()]
        discriminator += [layers.LeakyReLU(0.2)]
    discriminator += [convolution(down, 1, 1, "valid"), layers.Flatten()]
    return keras.Sequential(generator), keras.Sequential(discriminator)


def keras_fit(data: Path, batch: int, steps: int, backend: str) -> None:
    """`keras.Model.fit` with a step of two players, the way in which Keras trains GANs."""
    os.environ["KERAS_BACKEND"] = backend
    import keras

    generator, discriminator = keras_layers(keras)
    loss_of = keras.losses.BinaryCrossentropy(from_logits=True)
    weights = generator.trainable_weights, discriminator.trainable_weights
    optimizers = [keras.optimizers.Adam(RATE, beta_1=BETA) for _ in weights]
    for optimizer, those in zip(optimizers, weights, strict=True):
        optimizer.build(those)

    def judged(images: Any, label: float) -> Any:
        logits = discriminator(images, training=True)
        return loss_of(keras.ops.full_like(logits, label), logits)

    class Game(keras.Model):  # type: ignore[misc]
        def call(self, images: Any) -> Any:
            """`fit` builds a model by it."""
            return discriminator(images)

        def train_step(self, given: Any) -> dict[str, Any]:
            real = given[0] if isinstance(given, (tuple, list)) else given
            latents = keras.random.normal((batch, LATENT))
            if backend == "tensorflow":
                import tensorflow

                with tensorflow.GradientTape(persistent=True) as tape:
                    fake = generator(latents, training=True)
                    loss = judged(real, 1.0) + judged(tensorflow.stop_gradient(fake), 0.0)
                    optimizers[1].apply(tape.gradient(loss, weights[1]), weights[1])
                    fooled = judged(fake, 1.0)
                optimizers[0].apply(tape.gradient(fooled, weights[0]), weights[0])
                return {"discriminator": loss, "generator": fooled}
            import torch

            fake = generator(latents, training=True)
            loss = judged(real, 1.0) + judged(fake.detach(), 0.0)
            learn(1, torch.autograd.grad(loss, [one.value for one in weights[1]]))
            fooled = judged(fake, 1.0)
            learn(0, torch.autograd.grad(fooled, [one.value for one in weights[0]]))
            return {"discriminator": loss.detach(), "generator": fooled.detach()}

    def learn(player: int, gradients: Any) -> None:
        import torch

        with torch.no_grad():
            optimizers[player].apply(list(gradients), weights[player])

    class Lines(keras.callbacks.Callback):  # type: ignore[misc]
        done = 0

        def on_train_batch_end(self, batch: int, logs: object = None) -> None:  # noqa: ARG002
            self.done += 1
            print("step", self.done, flush=True)

    game = Game()
    game.compile()
    images = keras_images(keras, data, batch, backend)
    epochs = math.ceil(steps / len(images))
    game.fit(images, epochs=epochs, callbacks=[Lines()], verbose=0)


def keras_images(keras: Any, data: Path, batch: int, backend: str) -> Any:
    """Batches in [-1, 1], read by what goes with the backend."""
    if backend == "torch":
        loader = image_loader(data, batch, channels_last=True)
        loader.collate_fn = _without_classes
        return loader
    images = keras.utils.image_dataset_from_directory(
        data, labels=None, batch_size=batch, image_size=(SIDE, SIDE), crop_to_aspect_ratio=True
    )
    return images.map(lambda pixels: pixels / 127.5 - 1).prefetch(2)


def _without_classes(pairs: Any) -> Any:
    import torch

    return torch.stack([image for image, _ in pairs])


LOOPS: dict[str, Callable[[Path, int, int, Path], None]] = {
    "mimicry": mimicry,
    "lightweight-gan": lightweight_gan,
    "keras-torch": lambda data, batch, steps, _: keras_fit(data, batch, steps, "torch"),
    "keras-tensorflow": lambda data, batch, steps, _: keras_fit(data, batch, steps, "tensorflow"),
}


def main() -> None:
    """Run one loop."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("peer", choices=LOOPS)
    parser.add_argument("--data", type=Path, required=True, help="class folders of images")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--out", type=Path, required=True, help="where the peer leaves its files")
    arguments = parser.parse_args()
    LOOPS[arguments.peer](arguments.data, arguments.batch, arguments.steps, arguments.out)


if __name__ == "__main__":
    main()

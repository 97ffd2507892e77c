"""The textbook step in plain PyTorch, to hold ours against."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def generator(channels: int, width: int, latent: int) -> nn.Sequential:
    """DCGAN's generator for 32-pixel images, written out."""
    return nn.Sequential(
        nn.ConvTranspose2d(latent, 4 * width, 4, 1, 0, bias=False),
        nn.BatchNorm2d(4 * width),
        nn.ReLU(),
        nn.ConvTranspose2d(4 * width, 2 * width, 4, 2, 1, bias=False),
        nn.BatchNorm2d(2 * width),
        nn.ReLU(),
        nn.ConvTranspose2d(2 * width, width, 4, 2, 1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        nn.ConvTranspose2d(width, channels, 4, 2, 1, bias=False),
        nn.Tanh(),
    )


def discriminator(channels: int, width: int, norm: type[nn.Module]) -> nn.Sequential:
    """DCGAN's discriminator for 32-pixel images, written out; ends in a logit."""
    options = {"affine": True} if norm is nn.InstanceNorm2d else {}
    return nn.Sequential(
        nn.Conv2d(channels, width, 4, 2, 1, bias=False),
        nn.LeakyReLU(0.2),
        nn.Conv2d(width, 2 * width, 4, 2, 1, bias=False),
        norm(2 * width, **options),
        nn.LeakyReLU(0.2),
        nn.Conv2d(2 * width, 4 * width, 4, 2, 1, bias=False),
        norm(4 * width, **options),
        nn.LeakyReLU(0.2),
        nn.Conv2d(4 * width, 1, 4, 1, 0, bias=False),
        nn.Flatten(0),
    )


def dcgan_step(
    G: nn.Module,
    D: nn.Module,
    optimizer_G: torch.optim.Optimizer,
    optimizer_D: torch.optim.Optimizer,
    x: Tensor,
    z: Tensor,
) -> None:
    fake = G(z[:, :, None, None])
    ones, zeros = torch.ones(len(x)), torch.zeros(len(x))
    optimizer_D.zero_grad()
    loss_real = F.binary_cross_entropy(torch.sigmoid(D(x)), ones)
    loss_fake = F.binary_cross_entropy(torch.sigmoid(D(fake.detach())), zeros)
    torch.autograd.backward(loss_real + loss_fake)
    optimizer_D.step()
    optimizer_G.zero_grad()
    torch.autograd.backward(F.binary_cross_entropy(torch.sigmoid(D(fake)), ones))
    optimizer_G.step()


def wgan_critic_step(
    D: nn.Module,
    optimizer_D: torch.optim.Optimizer,
    x: Tensor,
    fake: Tensor,
    clip: float,
) -> None:
    optimizer_D.zero_grad()
    (-(D(x).mean() - D(fake).mean())).backward()
    optimizer_D.step()
    for weight in D.parameters():
        weight.data.clamp_(-clip, clip)


def wgan_gp_critic_step(
    D: nn.Module,
    optimizer_D: torch.optim.Optimizer,
    x: Tensor,
    fake: Tensor,
    epsilon: Tensor,
    weight: float,
) -> None:
    optimizer_D.zero_grad()
    x_hat = (epsilon * x + (1 - epsilon) * fake).requires_grad_()
    (gradient,) = torch.autograd.grad(D(x_hat).sum(), x_hat, create_graph=True)
    norm = gradient.reshape(len(x), -1).pow(2).sum(1).sqrt()
    loss = D(fake).mean() - D(x).mean() + weight * ((norm - 1) ** 2).mean()
    loss.backward()
    optimizer_D.step()


def wgan_r1_r2_critic_step(
    D: nn.Module,
    optimizer_D: torch.optim.Optimizer,
    x: Tensor,
    fake: Tensor,
    weight: float,
) -> None:
    optimizer_D.zero_grad()
    loss = D(fake).mean() - D(x).mean()
    for images in (x, fake):
        images = images.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(D(images).sum(), images, create_graph=True)
        loss = loss + weight / 2 * gradient.reshape(len(x), -1).pow(2).sum(1).mean()
    loss.backward()
    optimizer_D.step()


def wgan_generator_step(D: nn.Module, optimizer_G: torch.optim.Optimizer, fake: Tensor) -> None:
    optimizer_G.zero_grad()
    (-D(fake).mean()).backward()
    optimizer_G.step()

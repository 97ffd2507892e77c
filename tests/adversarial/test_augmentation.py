"""Augmentation of what the discriminator sees: what each kind does, and what holds for all."""

from math import log2

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from zerosum.adversarial import ada, diffaugment
from zerosum.adversarial.augmentation import Augmentation, augmentation_of
from zerosum.adversarial.resampling import moved
from zerosum.randomness import random_for
from zerosum.recipe.augmentation import KINDS, AugmentationSettings, Kind, Method

METHODS: tuple[Method, ...] = ("diffaugment", "ada")
EACH: list[tuple[Method, Kind]] = [(method, kind) for method in METHODS for kind in KINDS[method]]
ALL = [*EACH, ("diffaugment", None), ("ada", None)]
SHAPES = [(5, 3, 16, 16), (4, 1, 16, 16), (3, 3, 16, 24), (3, 1, 32, 16)]
ONE = torch.ones(())


def made(method: Method, kind: Kind | None) -> Augmentation:
    settings = AugmentationSettings(method=method, kinds=(kind,) if kind else ())
    augmentation = augmentation_of(settings)
    assert augmentation is not None
    return augmentation


def some_images(*shape: int, seed: int = 0) -> Tensor:
    values = random_for(seed, "images").random(shape, dtype=np.float32)
    return torch.from_numpy(values) * 2 - 1


def draws(augmentation: Augmentation, count: int, seed: int = 0) -> Tensor:
    return torch.from_numpy(augmentation.draw(random_for(seed, "draws"), count))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("method", "kind"), ALL)
def test_each_image_is_changed_and_keeps_its_shape(
    method: Method, kind: Kind | None, shape: tuple[int, ...]
) -> None:
    augmentation, images = made(method, kind), some_images(*shape)
    changed = augmentation.apply(images, draws(augmentation, len(images)), ONE)
    assert changed.shape == images.shape
    assert changed.dtype == torch.float32
    assert torch.isfinite(changed).all()
    differ = (changed != images).flatten(1).any(1)
    # By their numbers a flip, a turn and a shift may leave an image as it is.
    assert bool(differ.any() if kind in ("flip", "turn", "shift") else differ.all())


@settings(max_examples=25)
@given(st.sampled_from(ALL), st.integers(0, 2**16), st.sampled_from(SHAPES))
def test_same_numbers_give_the_same_images_and_each_stands_for_itself(
    which: tuple[Method, Kind | None], seed: int, shape: tuple[int, ...]
) -> None:
    augmentation, images = made(*which), some_images(*shape, seed=seed)
    numbers = draws(augmentation, len(images), seed)
    probability = torch.tensor(0.7)
    together = augmentation.apply(images, numbers, probability)
    assert torch.equal(together, augmentation.apply(images, numbers, probability))
    alone = [
        augmentation.apply(images[[at]], numbers[[at]], probability) for at in range(len(images))
    ]
    assert torch.allclose(together, torch.cat(alone), atol=1e-6)


@settings(max_examples=25)
@given(st.sampled_from(EACH), st.integers(0, 2**16))
def test_all_but_colour_keep_the_range_of_values(which: tuple[Method, Kind], seed: int) -> None:
    augmentation, images = made(*which), some_images(4, 3, 16, 24, seed=seed)
    if which[1] != "colour":
        changed = augmentation.apply(images, draws(augmentation, 4, seed), ONE)
        assert float(changed.abs().max()) <= 1 + 1e-6


@settings(max_examples=25)
@given(st.integers(0, 2**16), st.sampled_from(SHAPES))
def test_strength_and_probability_of_0_change_nothing(seed: int, shape: tuple[int, ...]) -> None:
    images = some_images(*shape, seed=seed)
    for method in METHODS:
        never = made(method, None)
        numbers = draws(never, len(images), seed)
        assert torch.equal(never.apply(images, numbers, torch.zeros(())), images)


def test_a_little_strength_changes_little() -> None:
    images, numbers = some_images(8, 3, 16, 16), draws(made("diffaugment", None), 8)
    slightly = made("diffaugment", "colour").apply(images, numbers, torch.tensor(1e-3))
    assert torch.allclose(slightly, images, atol=3e-3)
    assert not torch.equal(slightly, images)


def test_as_many_images_are_changed_as_the_probability_says() -> None:
    for kind in KINDS["ada"]:
        augmentation, images = made("ada", kind), some_images(1, 3, 8, 8).expand(4000, 3, 8, 8)
        changed = augmentation.apply(images, draws(augmentation, 4000), torch.tensor(0.1))
        share = float((changed != images).flatten(1).any(1).float().mean())
        # One flip in two, one turn in four and one shift in four (of a pixel at the most, either
        # way) are none. Geometry is scale, rotation, stretch and shift; colour are five changes.
        expected = {"flip": 0.05, "turn": 0.075, "shift": 0.075, "geometry": 1 - 0.9**4}
        assert share == pytest.approx(expected.get(kind, 1 - 0.9**5), abs=0.02)


def textbook_diffaugment(image: Tensor, numbers: list[float]) -> Tensor:
    """One image by loops: what the paper says of each kind."""
    brightness, saturation, contrast, right, down, across, below = numbers
    _, height, width = image.shape
    image = image + (brightness - 0.5)
    grey = image.mean(0, keepdim=True)
    image = (image - grey) * (2 * saturation) + grey
    image = (image - image.mean()) * (contrast + 0.5) + image.mean()
    moved_image = torch.zeros_like(image)
    reach = round(height / 8), round(width / 8)
    by = [int(u * (2 * r + 1)) - r for u, r in zip((down, right), reach, strict=True)]
    for y in range(height):
        for x in range(width):
            if 0 <= y - by[0] < height and 0 <= x - by[1] < width:
                moved_image[:, y, x] = image[:, y - by[0], x - by[1]]
    top, left = int(below * (height + 1)) - height // 4, int(across * (width + 1)) - width // 4
    moved_image[
        :, max(top, 0) : max(top + height // 2, 0), max(left, 0) : max(left + width // 2, 0)
    ] = 0
    return moved_image


def test_diffaugment_is_the_papers() -> None:
    augmentation, images = made("diffaugment", None), some_images(20, 3, 16, 32)
    numbers = draws(augmentation, 20)
    changed = augmentation.apply(images, numbers, ONE)
    expected = [
        textbook_diffaugment(image, row)
        for image, row in zip(images, numbers.tolist(), strict=True)
    ]
    assert torch.allclose(changed, torch.stack(expected), atol=1e-5)


def only(**values: float) -> Tensor:
    """Numbers of ADA by which one thing happens."""
    names = (*ada.UNIFORM, *ada.NORMAL)
    row = [1.0 if name.endswith("?") else 0.0 for name in names]
    for name, value in values.items():
        row[names.index(name.replace("_", " "))] = value
        if f"{name.split('_')[0]}?" in names:
            row[names.index(f"{name.split('_')[0]}?")] = 0.0
    return torch.tensor([row])


def by_ada(images: Tensor, numbers: Tensor, probability: float = 0.5) -> Tensor:
    return ada.ada(images, numbers, KINDS["ada"], torch.tensor(probability))


def test_each_change_of_ada_is_what_its_name_says() -> None:
    image = some_images(1, 3, 16, 16)
    # x flip: the second half of the draws mirrors.
    assert torch.allclose(by_ada(image, only(flip=0.7)), image.flip(3), atol=1e-4)
    assert torch.allclose(by_ada(image, only(flip=0.3)), image, atol=1e-4)
    for quarter in range(4):
        turned = by_ada(image, only(turn=quarter / 4 + 0.1))
        assert torch.allclose(turned, image.rot90(quarter, (2, 3)), atol=1e-4) or torch.allclose(
            turned, image.rot90(-quarter, (2, 3)), atol=1e-4
        )
    # 2 × 0.99 − 1 of an eighth of 16 pixels is 2 pixels to the right.
    right = by_ada(image, only(shift_x=0.99, shift_y=0.5))
    assert torch.allclose(right[..., 2:], image[..., :-2], atol=1e-4)
    assert torch.allclose(right[..., :2], image[..., :2].flip(3), atol=1e-4)
    brighter = by_ada(image, only(brightness=1.0))
    assert torch.allclose(brighter, image + 0.2, atol=1e-5)
    contrast = by_ada(image, only(contrast=-2.0))
    assert torch.allclose(contrast, image / 2, atol=1e-5)
    saturated = by_ada(image, only(saturation=1.0))
    luma = image.mean(1, keepdim=True)
    assert torch.allclose(saturated, luma + 2 * (image - luma), atol=1e-5)


def test_hue_turns_red_into_green_and_blue_and_the_luma_changes_its_sign() -> None:
    red = torch.tensor([1.0, 0.0, 0.0]).reshape(1, 3, 1, 1).expand(1, 3, 4, 4)
    third = by_ada(red, only(hue=1 / 2 + 1 / 3))[0, :, 0, 0]
    assert torch.allclose(third, torch.tensor([0.0, 1.0, 0.0]), atol=1e-5)
    back = by_ada(red, only(hue=1 / 2 - 1 / 3))[0, :, 0, 0]
    assert torch.allclose(back, torch.tensor([0.0, 0.0, 1.0]), atol=1e-5)
    grey = torch.full((1, 1, 4, 4), 0.3)
    numbers = only(hue=0.2)
    numbers[0, ada.UNIFORM.index("luma flip?")] = 0.0
    assert torch.allclose(by_ada(grey, numbers), -grey, atol=1e-6)


def test_geometry_scales_about_the_centre_and_stretches_one_way_as_it_shrinks_the_other() -> None:
    x = torch.linspace(-15, 15, 16) / 16  # places of pixels, of which an image can be made
    across = x.expand(1, 1, 16, 16)
    down = across.transpose(2, 3)
    larger = only(scale=log2(1.25) / 0.2)
    middle = slice(4, 12)
    scaled = by_ada(across, larger)[..., middle, middle]
    assert torch.allclose(scaled, across[..., middle, middle] / 1.25, atol=1e-4)
    stretched = only(stretch=log2(1.25) / 0.2)
    wide = by_ada(across, stretched)[..., middle, middle]
    low = by_ada(down, stretched)[..., middle, middle]
    assert torch.allclose(wide, across[..., middle, middle] / 1.25, atol=1e-4)
    assert torch.allclose(low, down[..., middle, middle] * 1.25, atol=1e-4)


def test_one_rotation_at_least_happens_with_the_probability() -> None:
    count = 20_000
    numbers = torch.from_numpy(
        Augmentation(lambda images, *_: images, len(ada.UNIFORM), len(ada.NORMAL)).draw(
            random_for(0, "rotations"), count
        )
    )
    for name in ("scale?", "stretch?", "move?"):
        numbers[:, ada.UNIFORM.index(name)] = 1.0
    drawn = dict(zip((*ada.UNIFORM, *ada.NORMAL), numbers.unbind(1), strict=True))
    _, changed = ada.where_from(drawn, ("geometry",), torch.tensor(0.3), 8, 8)
    assert float(changed.float().mean()) == pytest.approx(0.3, abs=0.015)


@pytest.mark.parametrize("shape", [(2, 3, 6, 6), (2, 1, 6, 8)])
@pytest.mark.parametrize(("method", "kind"), ALL)
def test_first_and_second_derivatives_are_those_of_the_numbers(
    method: Method, kind: Kind | None, shape: tuple[int, ...]
) -> None:
    """By differences, in double precision: what R1, R2 and WGAN-GP go through."""
    augmentation = made(method, kind)
    numbers = draws(augmentation, shape[0], seed=3).double()
    images = some_images(*shape).double().requires_grad_()

    def smooth(each: Tensor) -> Tensor:
        return augmentation.apply(each, numbers, ONE.double()).sin().sum((1, 2, 3))

    assert torch.autograd.gradcheck(smooth, images, fast_mode=True)
    assert torch.autograd.gradgradcheck(smooth, images, fast_mode=True)


def test_reading_between_pixels_is_grid_samples_and_so_is_its_derivative() -> None:
    images = some_images(3, 2, 8, 12).requires_grad_()
    inverse = torch.tensor([[[0.8, 0.3, 0.7], [-0.2, 1.1, -1.3]]]).expand(3, 2, 3)
    ours = moved(images, inverse)
    half = torch.tensor([6.0, 4.0])
    theta = torch.cat(
        [inverse[..., :2] * half / half[:, None], inverse[..., 2:] / half[:, None]], dim=2
    )
    grid = torch.nn.functional.affine_grid(theta, list(images.shape), align_corners=False)
    theirs = torch.nn.functional.grid_sample(
        images, grid, padding_mode="reflection", align_corners=False
    )
    assert torch.allclose(ours, theirs, atol=1e-5)
    weights = some_images(3, 2, 8, 12, seed=1)
    of_ours, of_theirs = (
        torch.autograd.grad((each * weights).sum(), images)[0] for each in (ours, theirs)
    )
    assert torch.allclose(of_ours, of_theirs, atol=1e-5)


def test_probability_rises_to_1_in_the_images_of_its_speed_and_stays_between_0_and_1() -> None:
    probability = torch.zeros(())
    steps = 0
    while float(probability) < 1 - 1e-6:
        probability = ada.next_probability(probability, torch.tensor(0.7), 0.6, 400, 4000)
        steps += 1
    assert steps == 10
    above = ada.next_probability(probability, torch.tensor(1.0), 0.6, 400, 4000)
    assert float(above) == 1
    assert float(ada.next_probability(above, torch.tensor(0.5), 0.6, 400, 4000)) < 1
    assert float(ada.next_probability(torch.zeros(()), torch.tensor(0.5), 0.6, 400, 4000)) == 0


def test_hole_of_half_the_side_and_shift_of_an_eighth() -> None:
    image = torch.ones(500, 1, 16, 16)
    numbers = draws(made("diffaugment", None), 500)
    holed = diffaugment.diffaugment(image, numbers, ("hole",), ONE)
    largest = int((holed == 0).flatten(1).sum(1).max())
    assert largest == 64
    shifted = diffaugment.diffaugment(image, numbers, ("shift",), ONE)
    rows = (shifted == 0).all(3).sum((1, 2))
    assert int(rows.max()) == 2
    assert int(rows.min()) == 0

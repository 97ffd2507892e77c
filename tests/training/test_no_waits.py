"""A step only queues work for its device: it reads nothing back, and what it moves there is pinned.

Stands in for a GPU where there is none: tensors of the device "meta" have shapes and no numbers, so
that whatever asks for one fails as it would wait elsewhere.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from zerosum.adversarial.ada import EVERY
from zerosum.data import Split
from zerosum.data.batches import Batches
from zerosum.recipe.load import load_recipe
from zerosum.recipe.shipped import shipped_recipes
from zerosum.training.augmenter import augmenter_of
from zerosum.training.finite import FiniteWatch
from zerosum.training.game import Game
from zerosum.training.meter import Meter
from zerosum.training.players import build_players
from zerosum.training.step import train_step

IMAGES = 64
META = torch.device("meta")
WITHOUT_DAMAGE = [name for name in shipped_recipes() if not load_recipe(name).task.pairs]
"""Restorations damage pictures on the processor, and wait for them."""


class FabricOnMeta(Fabric):
    """Places what is trained on the device that has no numbers."""

    @property
    def device(self) -> torch.device:
        return META


class Moves(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Collects what is moved from the processor to the device without being pinned."""

    def __init__(self, pinned: list[torch.Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.pinned = pinned
        self.unpinned: list[str] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> object:
        made = func(*args, **(kwargs or {}))
        if func in (torch.ops.aten._to_copy.default, torch.ops.aten.copy_.default):
            source = args[1] if func is torch.ops.aten.copy_.default else args[0]
            if source.device.type == "cpu" and made.device == META and not self.is_pinned(source):
                self.unpinned.append(f"{tuple(source.shape)} {source.dtype}")
        return made

    def is_pinned(self, tensor: torch.Tensor) -> bool:
        return any(tensor.data_ptr() == known.data_ptr() for known in self.pinned)


class MadeFromNumbers(TorchFunctionMode):
    """Collects what is made on the device of Python's numbers or NumPy's: CUDA waits for those."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[str] = []

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> object:
        made = func(*args, **(kwargs or {}))
        if func in (torch.tensor, torch.as_tensor, torch.asarray) and made.device == META:
            self.made.append(f"{func.__name__} {tuple(made.shape)}")
        return made


@pytest.fixture
def pinned(monkeypatch: pytest.MonkeyPatch) -> list[torch.Tensor]:
    """What was pinned; nothing can be where there is no GPU."""
    known: list[torch.Tensor] = []

    def pin_memory(tensor: torch.Tensor) -> torch.Tensor:
        known.append(tensor)
        return tensor

    monkeypatch.setattr(torch.Tensor, "pin_memory", pin_memory)
    return known


def game_on_meta(name: str, **more: object) -> Game:
    """A shipped recipe on images of two classes, small."""
    recipe = load_recipe(name, {"batch": 8, "latent": 8, "width": 4, **more})
    shape = (IMAGES, *recipe.data.resolution.shape, recipe.data.channels)
    pixels = np.zeros(shape, np.uint8)
    classes = np.arange(IMAGES) % 2
    fabric = FabricOnMeta(accelerator="cpu", devices=1)
    split = Split(pixels, np.arange(IMAGES), classes, ("even", "odd"))
    batches = Batches(split, recipe.data, recipe.seed, META)
    players = build_players(recipe, fabric)
    augmenter = augmenter_of(recipe.augmentation, META, (), from_another=False)
    modules = players.generator, players.discriminator
    return Game(recipe, players, batches, fabric, *modules, augmenter=augmenter)


def demand_no_wait(game: Game, pinned: list[torch.Tensor]) -> None:
    meter, watch = Meter(META), FiniteWatch(game.players, META)
    with Moves(pinned) as moves, MadeFromNumbers() as numbers:
        result = train_step(game, 1, IMAGES - 4)  # the second half is of the next epoch
        meter.add(result)
        watch.look(1, result)
        assert game.batches.labels(0, 8) is not None
    assert moves.unpinned == numbers.made == []
    assert pinned


@pytest.mark.parametrize("name", WITHOUT_DAMAGE)
def test_step_waits_for_nothing(name: str, pinned: list[torch.Tensor]) -> None:
    demand_no_wait(game_on_meta(name, **{"schedule.average": 1000}), pinned)


def test_classes_are_named_without_waiting(pinned: list[torch.Tensor]) -> None:
    more = {"network.discriminator.classes": "classifier", "schedule.accumulate": 2}
    demand_no_wait(game_on_meta("digits-classes", **more), pinned)


@pytest.mark.parametrize(
    ("name", "method", "target", "steps"),
    [
        ("digits", "diffaugment", 0.6, 1),
        ("digits", "ada", 0.6, EVERY),  # up to a change of its probability
        ("wgan-gp", "ada", 0.0, 1),  # with a penalty
    ],
)
def test_images_are_augmented_without_waiting(
    name: str, method: str, target: float, steps: int, pinned: list[torch.Tensor]
) -> None:
    more = {"augmentation.method": method, "augmentation.target": target}
    more |= {"augmentation.probability": 0.5} if method == "ada" else {}
    game = game_on_meta(name, **more, **{"schedule.critic_steps": 1})
    for _ in range(steps):
        demand_no_wait(game, pinned)


@pytest.mark.parametrize("resident", [False, True])
def test_images_are_flipped_and_zoomed_without_waiting(
    resident: bool, pinned: list[torch.Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zerosum.data.batches.free_memory", lambda _: resident * 2**40)
    more = {"data.flip": True, "data.zoom": 0.1, "schedule.accumulate": 2}
    demand_no_wait(game_on_meta("dcgan-mnist", **more), pinned)


@pytest.mark.parametrize(
    "read",
    [
        torch.Tensor.item,
        torch.Tensor.tolist,
        torch.Tensor.cpu,
        bool,
        float,
        lambda tensor: tensor.to("cpu"),
        lambda tensor: tensor.numpy(),
    ],
)
def test_device_without_numbers_fails_where_one_is_read(read: Callable[[Any], object]) -> None:
    """What the test above rests on."""
    with pytest.raises((RuntimeError, NotImplementedError, TypeError)):
        read(torch.zeros((), device=META))


@pytest.mark.parametrize(
    "move",
    [
        lambda: torch.from_numpy(np.zeros(3)).to(META, non_blocking=True),
        lambda: torch.zeros(3, device=META).copy_(torch.zeros(3)),
        lambda: torch.zeros(3, device=META).copy_(torch.zeros(3), True),
        lambda: torch.tensor([1.0, 2.0], device=META),
        lambda: torch.as_tensor(np.zeros(3), device=META),
    ],
)
def test_what_was_not_pinned_is_found(move: Callable[[], object]) -> None:
    with Moves([]) as moves, MadeFromNumbers() as numbers:
        move()
    assert moves.unpinned or numbers.made

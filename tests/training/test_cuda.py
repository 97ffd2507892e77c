"""Training on a CUDA device: what the processor computes, without waiting for the device."""

import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor

from zerosum.adversarial.ada import EVERY
from zerosum.data import Split
from zerosum.data.batches import Batches
from zerosum.networks.blocks import ACTIVATIONS
from zerosum.randomness import random_for
from zerosum.recipe.load import load_recipe
from zerosum.recipe.phases import Phase, phase_at
from zerosum.recipe.shipped import shipped_recipes
from zerosum.records.run import RunFolder
from zerosum.training.augmenter import augmenter_of
from zerosum.training.captured import WARM_UP, CapturedStep
from zerosum.training.checkpoints import Position
from zerosum.training.compiled import compiled_forward
from zerosum.training.finite import FiniteWatch
from zerosum.training.game import MEASURES, Game
from zerosum.training.meter import Meter
from zerosum.training.optimizers import set_learning_rate
from zerosum.training.players import build_players
from zerosum.training.step import train_step
from zerosum.training.turns import set_values, take_step

pytestmark = pytest.mark.cuda

STEPS = 3
IMAGES = 64
LATENT_RECIPES = [name for name in shipped_recipes() if not load_recipe(name).task.pairs]


def game_on(device: str, name: str, more: Mapping[str, object], precision: str = "32-true") -> Game:
    """A shipped recipe on random images; sizes as shipped unless `more` says otherwise."""
    recipe = load_recipe(
        name, {"batch": 8, "network.pretrained": False, "objective.feature_weight": 0.0, **more}
    )
    shape = (IMAGES, *recipe.data.resolution.shape, recipe.data.channels)
    pixels = random_for(0, "test images").integers(0, 256, shape, dtype=np.uint8)
    fabric = Fabric(accelerator=device, devices=1, precision=precision)  # type: ignore[arg-type]
    batches = Batches(
        Split(pixels, np.arange(IMAGES), np.arange(IMAGES) % 2, ("even", "odd")),
        recipe.data,
        recipe.seed,
        fabric.device,
    )
    players = build_players(recipe, fabric)
    augmenter = augmenter_of(recipe.augmentation, fabric.device, (), from_another=False)
    modules = players.generator, players.discriminator
    return Game(recipe, players, batches, fabric, *modules, augmenter=augmenter)


def with_graph(game: Game) -> Game:
    """The same with its steps as one CUDA graph, which has to come about."""
    return replace(game, captured=CapturedStep(game, pytest.fail))


def with_compiled_players(game: Game) -> Game:
    players = game.players
    return replace(
        game,
        generate=compiled_forward(players.generator),
        discriminate=compiled_forward(players.discriminator),
    )


def take_steps(game: Game, first: int = 1, count: int = STEPS) -> list[dict[str, float]]:
    """Steps of the game between both players; what each of them measured."""
    position = Position(step=first - 1, images=game.recipe.pretrain.generator_images)
    lines, images = [], 0
    for step in range(first, first + count):
        if game.recipe.task.pairs:
            phase = phase_at(game.recipe, IMAGES, position.images)
            result, _ = take_step(game, phase, Position(step=step - 1, images=position.images))
        else:
            result = train_step(game, step, images)
        images += result.images
        lines.append({name: float(result.measure(name)) for name in sorted(result.measured)})
    return lines


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
@pytest.mark.parametrize("name", shipped_recipes())
def test_every_recipe_takes_finite_steps(name: str, precision: str) -> None:
    game = game_on("cuda", name, {}, precision)
    lines = take_steps(game)
    assert all(np.isfinite(value) for line in lines for value in line.values()), lines
    for network in game.players.modules().values():
        for parameter in network.parameters():
            assert torch.isfinite(parameter).all()


@pytest.mark.parametrize("name", shipped_recipes())
def test_steps_are_those_of_the_processor(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small players, plain float32, gradient descent, and smooth activations without dropout: the
    sign of a gradient in Adam's first steps, and of a ReLU's input, turns where two devices round
    differently, and masks are drawn by each device in its own way."""
    for activation in ACTIVATIONS:
        monkeypatch.setitem(ACTIVATIONS, activation, torch.nn.Tanh)
    recipe = load_recipe(name)
    rate = 1e-2 if recipe.objective.penalty == "none" else 1e-4
    sizes: dict[str, object] = {"data.resolution": 32, "width": 8, "latent": 8}
    if recipe.task.pairs:
        sizes = {"data.resolution": 64}
    small = {"optimizer": "sgd", "learning-rate": rate, "network.discriminator.dropout": 0.0}
    small |= sizes
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        games = [game_on(device, name, small) for device in ("cuda", "cpu")]
        ours, expected = (take_steps(game) for game in games)
    for mine, theirs in zip(ours, expected, strict=True):
        assert mine == pytest.approx(theirs, rel=1e-3, abs=1e-4)
    on_cuda, on_cpu = (game.players.modules() for game in games)
    for player, network in on_cpu.items():
        weights = on_cuda[player].state_dict()
        for key, tensor in network.state_dict().items():
            torch.testing.assert_close(weights[key].cpu(), tensor, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", LATENT_RECIPES)
@pytest.mark.parametrize("captured", [False, True])
def test_no_step_waits_for_the_device(name: str, captured: bool) -> None:
    """A step, its sums and the watch for numbers that are not finite only queue work."""
    game = game_on("cuda", name, {"schedule.average": 1000}, "bf16-mixed")
    if captured:
        game = with_graph(game)
    meter = Meter(game.fabric.device)
    watch = FiniteWatch(game.players, game.fabric.device)

    def step(number: int) -> None:
        result = train_step(game, number, number * game.recipe.schedule.batch)
        meter.add(result)
        watch.look(number, result)

    made = WARM_UP + 1  # what is made once may wait: optimisers' states, libraries' handles
    for number in range(1, made + 1):
        step(number)
    torch.cuda.set_sync_debug_mode("error")
    try:
        step(made + 1)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    watch.check()
    assert meter.means().shape == (len(MEASURES),)


@pytest.mark.parametrize("captured", [False, True])
@pytest.mark.parametrize("name", ["dcgan", "wgan-gp"])
def test_compiled_players_take_the_same_steps(name: str, captured: bool) -> None:
    small = {"optimizer": "sgd", "learning-rate": 1e-4, "width": 8, "latent": 8}
    eager, compiled = (game_on("cuda", name, small) for _ in range(2))
    compiled = with_compiled_players(compiled)
    compiled = with_graph(compiled) if captured else compiled
    count = WARM_UP + 3 if captured else STEPS
    # TF32 would round the penalty's second derivative by several per cent.
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        ours, expected = (take_steps(game, count=count) for game in (compiled, eager))
    for mine, theirs in zip(ours, expected, strict=True):
        assert mine == pytest.approx(theirs, rel=1e-2, abs=1e-3)


WITH_CLASSES = {"network.conditional": True, "data.classes": ("even", "odd")}


@pytest.mark.parametrize(
    ("name", "more"),
    [
        *((name, {}) for name in LATENT_RECIPES),
        ("dcgan", WITH_CLASSES),
        ("dcgan", WITH_CLASSES | {"network.generator.classes": "norm"}),
        ("dcgan", WITH_CLASSES | {"network.discriminator.classes": "classifier"}),
        ("wgan-gp", WITH_CLASSES),
    ],
)
def test_captured_steps_are_the_steps(name: str, more: dict[str, object]) -> None:
    """Gradient descent, and kernels that add in one order: an optimiser that looks at a gradient's
    sign alone, as Adam does at first, would turn where two runs round differently."""
    small = {"optimizer": "sgd", "learning-rate": 1e-4, "width": 8, "latent": 8, **more}
    eager, captured = (game_on("cuda", name, small) for _ in range(2))
    captured = with_graph(captured)
    count = WARM_UP + 4
    with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        ours, expected = (take_steps(game, count=count) for game in (captured, eager))
    for mine, theirs in zip(ours, expected, strict=True):
        assert mine == pytest.approx(theirs, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize(
    "augmentation",
    [{"method": "diffaugment"}, {"method": "ada", "probability": 0.5, "images": 320}],
)
def test_captured_steps_augment_by_new_numbers_and_the_probability_of_the_moment(
    augmentation: dict[str, object],
) -> None:
    small: dict[str, object] = {"optimizer": "sgd", "learning-rate": 1e-4, "width": 8, "latent": 8}
    small |= {f"augmentation.{name}": value for name, value in augmentation.items()}
    eager, captured = (game_on("cuda", "dcgan", small) for _ in range(2))
    assert eager.augmenter
    begun = float(eager.augmenter.amount)
    captured, count = with_graph(captured), WARM_UP + 2 * EVERY
    with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        ours, expected = (take_steps(game, count=count) for game in (captured, eager))
    for mine, theirs in zip(ours, expected, strict=True):
        assert mine == pytest.approx(theirs, rel=1e-3, abs=1e-4)
    assert captured.augmenter
    assert float(captured.augmenter.amount) == float(eager.augmenter.amount)
    changed = float(captured.augmenter.amount) != begun
    assert changed == (augmentation["method"] == "ada")


def test_captured_steps_take_a_learning_rate_that_changes() -> None:
    small = {"optimizer": "sgd", "width": 8, "latent": 8}
    eager, captured = (game_on("cuda", "dcgan", small) for _ in range(2))
    captured = with_graph(captured)
    with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        for step in range(1, WARM_UP + 5):
            for game in (eager, captured):
                for optimizer in game.players.optimizers().values():
                    set_learning_rate(optimizer, 1e-2 / step)
                train_step(game, step, 8 * (step - 1))
    pairs = zip(*(game.players.generator.parameters() for game in (captured, eager)), strict=True)
    for mine, theirs in pairs:
        torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=1e-5)


def test_captured_steps_take_a_penalty_weight_that_changes() -> None:
    scheduled: dict[str, object] = {
        "schedule.decay": "linear", "schedule.decay_images": 64, "learning-rate": 1e-7,
        "objective.last_penalty_weight": 0.01, "data.resolution": 32, "width": 8,
    }  # fmt: skip
    eager, captured = (game_on("cuda", "r3", scheduled) for _ in range(2))
    captured = with_graph(captured)
    phase = Phase("adversarial", 0, 1_000)
    with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        for step in range(1, WARM_UP + 5):
            measured = []
            for game in (eager, captured):
                set_values(game, phase, 8 * (step - 1))
                result = train_step(game, step, 8 * (step - 1))
                measured.append(float(result.measure("penalty")))
            assert measured[1] == pytest.approx(measured[0], rel=1e-3)


WORDS = [
    "train", "dcgan", "--data", "digits", "--device", "cuda", "--data.channels", "1",
    "--data.resolution", "32", "--width", "16", "--batch", "32", "--schedule.log_every", "1",
    "--evaluation.images", "0",
]  # fmt: skip


PLAIN = ["--no-cuda-graph"]
GRAPH: list[str] = []
"""What is taken where nothing is said."""


def curve_of(folder: Path, *legs: tuple[list[str], int]) -> NDArray[np.float64]:
    """A run of the command, trained with these words to so many images, one leg after another; its
    losses."""
    out = folder / uuid4().hex
    for more, images in legs:
        command = [sys.executable, "-m", "zerosum", *WORDS, *more, "--out", str(out)]
        command += ["--images", str(images)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert RunFolder(out).state()["cuda_graph"] == (more == GRAPH)
    lines = RunFolder(out).metrics()
    assert [line["step"] for line in lines] == list(range(1, legs[-1][1] // 32 + 1))
    return np.array([[line["loss_generator"], line["loss_discriminator"]] for line in lines])


@pytest.mark.parametrize(("first", "then"), [(PLAIN, PLAIN), (GRAPH, GRAPH), (GRAPH, PLAIN)])
def test_run_has_the_same_curve_stopped_and_with_a_graph(
    tmp_path: Path, first: list[str], then: list[str]
) -> None:
    """As closely as a run that was never stopped, without a graph, repeats itself: some kernels add
    in an order of their own each time."""
    runs = [[(PLAIN, 960)], [(PLAIN, 960)], [(first, 480), (then, 960)]]
    with ThreadPoolExecutor() as side_by_side:
        whole, again, stopped = side_by_side.map(lambda legs: curve_of(tmp_path, *legs), runs)
    allowed = 3 * np.abs(again - whole).max() + 1e-3
    assert np.abs(stopped - whole).max() <= allowed


@pytest.mark.parametrize("reason", ["waits", "cannot be captured"])
def test_step_that_no_graph_can_hold_is_taken_without(reason: str) -> None:
    """A network of a user's own may wait for the device, which the debug mode sees where a number
    is read, and the capture alone where the device itself is waited for."""
    small = {"optimizer": "sgd", "learning-rate": 1e-4, "width": 8, "latent": 8}
    plain, game = (game_on("cuda", "dcgan", small) for _ in range(2))
    discriminator = game.players.discriminator

    def discriminate(images: Tensor) -> Tensor:
        if not next(discriminator.parameters()).requires_grad:
            float(images.mean()) if reason == "waits" else torch.cuda.synchronize()
        judged: Tensor = discriminator(images)
        return judged

    said = list[str]()
    game = replace(game, discriminate=discriminate)
    captured = CapturedStep(game, said.append)
    game = replace(game, captured=captured)
    count = WARM_UP + 4
    with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        ours, expected = (take_steps(each, count=count) for each in (game, plain))
    assert not captured.in_use
    [line] = said
    assert line.startswith("goes on without a CUDA graph, and slower: a step ")
    assert reason != "waits" or "(test_cuda.py:" in line
    for mine, theirs in zip(ours, expected, strict=True):
        assert mine == pytest.approx(theirs, rel=1e-3, abs=1e-4)

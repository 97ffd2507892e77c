"""Several processes: the same training as one, to float tolerance."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import psutil
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from tests.training.launcher import Launcher
from zerosum.errors import UsageError, ZerosumError
from zerosum.networks.build import build_generator
from zerosum.recipe.load import load_recipe
from zerosum.records.logs import LogLine
from zerosum.records.run import RunFolder
from zerosum.training.compiled import compiled_forward
from zerosum.training.devices import (
    make_fabric,
    require_equal_shares,
    require_one_graph,
    resolve_precision,
    takes_graph,
)
from zerosum.training.fabric import Fabric
from zerosum.training.request import Devices

# Layer norm looks at one image at a time; batch norm would see half of the batch in each process.
WORDS = [
    "train", "mlp", "--data", "digits", "--device", "cpu", "--precision", "32",
    "--images", "1280", "--batch", "32",
    "--width", "8", "--latent", "4", "--network.generator.norm", "layer",
    "--network.discriminator.norm", "none", "--schedule.log_every", "1",
    "--schedule.average", "200", "--data.flip", "true", "--evaluation.images", "0",
]  # fmt: skip

GAMES = {
    # Several critic steps, and a penalty with its double backward.
    "penalty": [
        "--objective.loss", "wasserstein", "--objective.penalty", "gradient",
        "--schedule.critic_steps", "2",
    ],
    # Labels that do not cancel: the bias of the discriminator's last layer has a gradient of its
    # own, which a Wasserstein loss never gives it.
    "labels": [
        "--objective.real_label", "0.7", "--objective.fake_label", "0.2", "--optimizer", "sgd",
        "--learning-rate", "1e-2",
    ],
    # A convolutional critic with biases in all layers: the last one has a gradient of the loss, and
    # none of the penalty's double backward.
    "penalty and labels": [
        "--network.kind", "dcgan", "--network.generator.norm", "instance",
        "--network.discriminator.norm", "instance", "--network.discriminator.bias", "all",
        "--objective.penalty", "gradient", "--objective.real_label", "0.7",
        "--objective.fake_label", "0.2", "--optimizer", "sgd", "--learning-rate", "1e-3",
        "--images", "320",
    ],
    # The convolutional critic of WGAN-GP, with the norm that it is used with.
    "convolutions": [
        "--network.kind", "dcgan", "--network.generator.norm", "instance",
        "--network.generator.bias", "none", "--network.discriminator.bias", "none",
        "--network.discriminator.norm", "instance", "--objective.loss", "wasserstein",
        "--objective.penalty", "gradient", "--schedule.critic_steps", "2", "--optimizer", "sgd",
        "--learning-rate", "1e-4", "--images", "640",
    ],
    # Each process knows the classes of its share, names them, and draws pictures of them.
    "classes": [
        "--network.conditional", "yes", "--network.discriminator.classes", "classifier",
        "--network.generator.embedding", "4", "--optimizer", "sgd", "--learning-rate", "1e-2",
        "--images", "640",
    ],
    # The phases of a restoration: the processes must agree whose turn it is.
    "restoration": [
        "--network.kind", "unet", "--damage.jpeg", "1", "--damage.shrink", "1",
        "--network.generator.norm", "weight", "--network.discriminator.norm", "none",
        "--objective.pixel_weight", "50", "--schedule.switch", "adaptive",
        "--schedule.switch_loss", "0.7", "--pretrain.generator_images", "128",
        "--pretrain.critic_images", "128", "--images", "384", "--optimizer", "sgd",
        "--learning-rate", "1e-3",
    ],
}  # fmt: skip


def run(starter: list[str], folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """In processes that begin as those of users do; it ends with the last of them."""
    command = [*starter, "-m", "zerosum", *WORDS, *words]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def wait_until_all_have_ended(folder: Path) -> None:
    """No process of a training works in this folder any more."""
    deadline = time.monotonic() + 60
    while any(process.info["cwd"] == str(folder) for process in psutil.process_iter(["cwd"])):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def start(folder: Path, words: list[str]) -> "subprocess.Popen[str]":
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "zerosum", *WORDS, *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=pipe, text=True
    )


def curve(run_folder: Path) -> list[LogLine]:
    return RunFolder(run_folder).metrics()


@pytest.fixture(scope="module", params=GAMES)
def game(request: pytest.FixtureRequest) -> list[str]:
    return GAMES[request.param]


@pytest.fixture(scope="module")
def alone(launcher: Launcher, game: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alone")
    code, done = launcher.run(folder, *WORDS, "--out", "run", *game)
    assert code == 0, done.stderr
    return folder / "run"


def demand_the_same_training(ours: Path, theirs: Path) -> None:
    """Every step's losses, scores and gradient norms, and every weight at the end."""
    pairs = list(zip(curve(ours), curve(theirs), strict=True))
    assert len(pairs) >= 10
    for mine, other in pairs:
        for field in other.keys() - {"seconds", "images_per_second"}:
            expected = other[field]
            if not isinstance(expected, str):
                expected = pytest.approx(expected, rel=1e-3, abs=1e-4)
            assert mine[field] == expected, (field, other["step"])
    for player in ("generator", "discriminator", "average"):
        file = Path("checkpoints/latest") / f"{player}.safetensors"
        weights = load_file(theirs / file)
        for name, tensor in load_file(ours / file).items():
            torch.testing.assert_close(tensor, weights[name], rtol=1e-3, atol=1e-4, msg=name)


def test_two_processes_train_as_one_does(
    launcher: Launcher, alone: Path, game: list[str], tmp_path: Path
) -> None:
    code, done = launcher.run(tmp_path, *WORDS, "--out", "run", "--devices", "2", *game)
    assert code == 0, done.stderr
    wait_until_all_have_ended(tmp_path)
    endings = [line for line in done.stdout.splitlines() if line.startswith("finished:")]
    assert len(endings) == 1, "the first process alone speaks"
    assert json.loads((tmp_path / "run" / "state.json").read_text())["devices"] == 2
    demand_the_same_training(tmp_path / "run", alone)


def test_bfloat16_trains_with_a_penalty_too(launcher: Launcher, tmp_path: Path) -> None:
    # What a processor with AMX does by itself: the fakes come out of autocast, the reals do not.
    words = [*GAMES["penalty"], "--precision", "bf16", "--images", "64"]
    code, done = launcher.run(tmp_path, *WORDS, "--out", "run", *words)
    assert code == 0, done.stderr
    assert json.loads((tmp_path / "run" / "state.json").read_text())["precision"] == "bf16"
    assert all(line["penalty"] > 0 for line in curve(tmp_path / "run"))


@pytest.mark.parametrize("game", ["labels"], indirect=True)
def test_torchrun_starts_the_processes_as_well(
    alone: Path, game: list[str], tmp_path: Path
) -> None:
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    done = run(torchrun, tmp_path, "--out", "two", *game)
    assert done.returncode == 0, done.stderr
    demand_the_same_training(tmp_path / "two", alone)


def test_two_processes_go_on_as_one_that_was_never_stopped(
    launcher: Launcher, tmp_path: Path
) -> None:
    words = [*GAMES["labels"], "--schedule.log_every", "7"]
    for out, images in (("whole", "1280"), ("parts", "640"), ("parts", "1280")):
        more = ["--out", out, "--devices", "2", "--images", images, *words]
        code, done = launcher.run(tmp_path, *WORDS, *more)
        assert code == 0, done.stderr
        wait_until_all_have_ended(tmp_path)
    ours, theirs = curve(tmp_path / "parts"), curve(tmp_path / "whole")
    assert [line["images"] for line in ours] == [line["images"] for line in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        assert mine["d_real"] == pytest.approx(other["d_real"], rel=1e-6)


def test_a_killed_process_ends_the_others_and_is_named(tmp_path: Path) -> None:
    more = ["--out", "run", "--devices", "2", "--images", "10000000"]
    first = start(tmp_path, more)
    while not (tmp_path / "run" / "metrics.jsonl").is_file() or not curve(tmp_path / "run"):
        assert first.poll() is None, first.communicate()
        time.sleep(0.2)
    found = subprocess.run(["pgrep", "-P", str(first.pid)], capture_output=True, text=True).stdout
    os.kill(int(found), signal.SIGKILL)
    said = first.communicate()[1]  # the others write there too: it ends with the last of them
    assert first.returncode == 1
    assert said.splitlines() == [
        f"zerosum: process 2 of 2 (PID {int(found)}) was killed by signal 9",
        "  the run is whole up to its last checkpoint: the same command goes on from there",
    ]


def test_a_batch_that_cannot_be_shared_is_refused_before_processes_start() -> None:
    with pytest.raises(UsageError, match="batch = 33 cannot be shared by 2") as refusal:
        require_equal_shares(33, Devices(count=2))
    assert "--batch 34" in refusal.value.remedy
    require_equal_shares(34, Devices(count=2))


def test_compiling_is_for_cuda_alone() -> None:
    with pytest.raises(UsageError, match="compile= is for CUDA"):
        make_fabric(Devices(device="cpu", compile=True))


CHANGING_BETA2 = {"schedule.decay": "cosine", "optimizer.generator.last_beta2": 0.9}


def test_a_cuda_graph_is_for_one_cuda_device_and_for_recipes_of_latents() -> None:
    with pytest.raises(UsageError, match="is for one CUDA device, and this run is on cpu"):
        make_fabric(Devices(device="cpu", cuda_graph=True))
    with pytest.raises(UsageError, match="cannot be had with a recipe that restores"):
        require_one_graph(load_recipe("restore"), Devices(cuda_graph=True))
    with pytest.raises(UsageError, match="Adam's decays in a graph stay as they were"):
        require_one_graph(load_recipe("dcgan", CHANGING_BETA2), Devices(cuda_graph=True))


@pytest.mark.parametrize(
    ("recipe", "devices", "processes", "taken"),
    [
        ("dcgan", Devices(), 1, True),
        ("dcgan", Devices(), 2, False),
        ("restore", Devices(), 1, False),
        ("dcgan", Devices(cuda_graph=False), 1, False),
        ("dcgan", Devices(compile=True), 1, False),
        ("dcgan", Devices(compile=True, cuda_graph=True), 1, True),
    ],
)
def test_a_cuda_graph_is_taken_where_it_can_be(
    recipe: str, devices: Devices, processes: int, taken: bool
) -> None:
    fabric = SimpleNamespace(device=torch.device("cuda"), world_size=processes)
    assert takes_graph(load_recipe(recipe), devices, cast(Fabric, fabric)) == taken


def test_no_cuda_graph_is_taken_where_beta2_changes() -> None:
    fabric = cast(Fabric, SimpleNamespace(device=torch.device("cuda"), world_size=1))
    assert not takes_graph(load_recipe("dcgan", CHANGING_BETA2), Devices(), fabric)


def test_no_cuda_graph_is_taken_on_the_processor() -> None:
    assert not takes_graph(load_recipe("dcgan"), Devices(), make_fabric(Devices(device="cpu")))


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(ZerosumError, match="cuda"):
        make_fabric(Devices(device="cuda"))


def test_precision_is_what_was_asked_for() -> None:
    assert resolve_precision("32", "cpu") == "32"
    assert resolve_precision("bf16", "cpu") == "bf16"
    assert resolve_precision("auto", "mps") == "32"


@pytest.mark.parametrize("name", ["dcgan", "mlp"])
def test_a_compiled_network_is_the_same_function(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is compiled, and in what order it is put together again; not the compiler.
    compiled: list[nn.Module] = []

    def note(module: nn.Module) -> nn.Module:
        compiled.append(module)
        return module

    monkeypatch.setattr(torch, "compile", note)
    network = build_generator(load_recipe(name, {"width": 4, "latent": 3})).eval()
    latents = torch.ones(2, 3)
    torch.testing.assert_close(compiled_forward(network)(latents), network(latents))
    left_out = sum(p.numel() for p in network.parameters()) - sum(
        p.numel() for p in compiled[0].parameters()
    )
    assert (left_out > 0) == (name == "dcgan")

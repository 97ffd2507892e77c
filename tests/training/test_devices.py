"""Several processes: the same training as one, to float tolerance."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from zerosum.errors import UsageError, ZerosumError
from zerosum.training.devices import (
    Devices,
    require_equal_shares,
    resolve_precision,
    start_fabric,
)

# Layer norm looks at one image at a time; batch norm would see half of the batch in each process.
WORDS = [
    "train",
    "mlp",
    "--data",
    "digits",
    "--device",
    "cpu",
    "--images",
    "1280",
    "--batch",
    "32",
    "--width",
    "8",
    "--latent",
    "4",
    "--network.generator.norm",
    "layer",
    "--network.discriminator.norm",
    "none",
    "--objective.loss",
    "wasserstein",
    "--objective.penalty",
    "gradient",
    "--schedule.critic_steps",
    "2",
    "--schedule.log_every",
    "1",
    "--schedule.average",
    "200",
    "--data.flip",
    "true",
]


def run(folder: Path, starter: list[str], *more: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "ZEROSUM_CACHE": str(folder / "cache")}
    command = [*starter, "-m", "zerosum", *WORDS, *more]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def curve(run_folder: Path) -> list[dict[str, Any]]:
    lines = (run_folder / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alone")
    done = run(folder, [sys.executable], "--out", "run")
    assert done.returncode == 0, done.stderr
    return folder / "run"


@pytest.mark.parametrize("starter", ["--devices", "torchrun"])
def test_two_processes_train_as_one_does(alone: Path, tmp_path: Path, starter: str) -> None:
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    if starter == "torchrun":
        done = run(tmp_path, torchrun, "--out", "run")
    else:
        done = run(tmp_path, [sys.executable], "--out", "run", "--devices", "2")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("finished") == 1, "the first process alone speaks"
    state = json.loads((tmp_path / "run" / "state.json").read_text())
    assert state["devices"] == 2

    # Losses, scores and gradient norms of every step, those of the penalty's double backward too.
    ours, single = curve(tmp_path / "run"), curve(alone)
    assert len(ours) == len(single) == 20
    for a, b in zip(ours, single, strict=True):
        for field in b.keys() - {"seconds", "images_per_second"}:
            assert a[field] == pytest.approx(b[field], rel=1e-3, abs=1e-4), (field, b["step"])

    # Every parameter, the biases of the last layers included.
    for player in ("generator", "discriminator", "average"):
        file = Path("checkpoints/latest") / f"{player}.safetensors"
        theirs = load_file(alone / file)
        for name, tensor in load_file(tmp_path / "run" / file).items():
            torch.testing.assert_close(tensor, theirs[name], rtol=1e-3, atol=1e-4, msg=name)


def test_a_batch_that_cannot_be_shared_is_refused_before_processes_start() -> None:
    with pytest.raises(UsageError, match="batch = 33 cannot be shared by 2") as refusal:
        require_equal_shares(33, Devices(count=2))
    assert "--batch 34" in refusal.value.remedy
    require_equal_shares(34, Devices(count=2))


def test_compiling_is_for_cuda_alone() -> None:
    with pytest.raises(UsageError, match="--compile is for CUDA"):
        start_fabric(Devices(device="cpu", compile=True))


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(ZerosumError, match="cuda"):
        start_fabric(Devices(device="cuda"))


def test_precision_is_what_was_asked_for() -> None:
    assert resolve_precision("32", "cpu") == "32"
    assert resolve_precision("bf16", "cpu") == "bf16"
    assert resolve_precision("auto", "mps") == "32"

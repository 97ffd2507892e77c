"""What a launcher left in the environment keeps no training waiting."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from lightning_fabric.strategies.ddp import DDPStrategy

import zerosum
from zerosum.errors import UsageError, ZerosumError
from zerosum.training.devices import make_fabric, processes_of
from zerosum.training.launched import PARENT, by_torchrun, is_first, without_leftovers
from zerosum.training.request import Devices

ALL = {
    "TORCHELASTIC_RUN_ID": "none", "RANK": "1", "LOCAL_RANK": "1", "WORLD_SIZE": "2",
    "LOCAL_WORLD_SIZE": "2", "GROUP_RANK": "0", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500",
}  # fmt: skip


def leave(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    for name in (*ALL, "NODE_RANK", "TORCHELASTIC_USE_AGENT_STORE", PARENT):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    "left",
    [{"WORLD_SIZE": "1"}, {"LOCAL_RANK": "0"}, {"LOCAL_RANK": "1", PARENT: "1"}, {"WORLD_SIZE": ""},
     {"TORCHELASTIC_RUN_ID": "none"}, ALL | {"WORLD_SIZE": "1", "RANK": "0"}, {"WORLD_SIZE": "2"}],
)  # fmt: skip
def test_a_command_that_says_how_many_processes_looks_at_nothing_that_was_left(
    left: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(monkeypatch, left)
    two = Devices(device="cpu", count=2)
    assert processes_of(two) == 2 and is_first()
    with without_leftovers(two):
        strategy = make_fabric(two).strategy
        assert isinstance(strategy, DDPStrategy) and strategy.cluster_environment is not None
        assert not strategy.cluster_environment.creates_processes_externally
    assert left.items() <= os.environ.items()


def test_a_training_goes_its_way_beside_leftovers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(
        monkeypatch, {"WORLD_SIZE": "1", "RANK": "0", "LOCAL_RANK": "0", "MASTER_ADDR": "nowhere"}
    )
    fields = {"network.kind": "mlp", "width": 4, "batch": 8, "images": 8, "evaluation.images": 0}
    run = zerosum.train(
        "digits", "digits", tmp_path / "run", overrides=fields, devices=Devices(device="cpu"),
        quiet=True,
    )  # fmt: skip
    assert run.state()["status"] == "finished" and os.environ["MASTER_ADDR"] == "nowhere"


def test_a_torchrun_that_has_ended_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        left = ALL | {"MASTER_PORT": port, "TORCHELASTIC_USE_AGENT_STORE": "True"}
        leave(monkeypatch, left)
        with without_leftovers(Devices()):
            assert processes_of(Devices()) == 2, "it answers"
    with (
        pytest.raises(UsageError, match=f"does not answer at 127.0.0.1:{port}") as refusal,
        without_leftovers(Devices()),
    ):
        pass
    assert refusal.value.remedy.startswith("unset RANK LOCAL_RANK WORLD_SIZE")


def test_a_process_whose_first_has_ended_begins_no_training(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    leave(monkeypatch, {"LOCAL_RANK": "1", "WORLD_SIZE": "2", PARENT: str(gone.pid)})
    with (
        pytest.raises(ZerosumError, match=f"process of this training .PID {gone.pid}. has ended"),
        without_leftovers(Devices(count=2)),
    ):
        pass


def test_a_signal_ends_a_process_that_waits_in_pytorch() -> None:
    # Nobody else comes: PyTorch waits there for the store's 30 minutes, deaf to handlers.
    code = """
import datetime, signal, torch.distributed
from zerosum.training.launched import ended_by_signals
signal.signal(signal.SIGTERM, lambda *_: print("never", flush=True))
with ended_by_signals():
    print("waits", flush=True)
    torch.distributed.TCPStore("127.0.0.1", 0, 2, True)
"""
    waiting = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert waiting.stdout is not None and waiting.stdout.readline() == "waits\n"
    waiting.terminate()
    assert waiting.wait(10) == -signal.SIGTERM
    assert waiting.communicate()[0] == ""


@pytest.mark.parametrize("missing", ["TORCHELASTIC_RUN_ID", "MASTER_PORT", "RANK"])
def test_several_processes_that_nothing_started_are_refused(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(monkeypatch, {name: value for name, value in ALL.items() if name != missing})
    with (
        pytest.raises(UsageError, match="WORLD_SIZE=2 stands in") as refusal,
        without_leftovers(Devices()),
    ):
        pass
    assert "unset" in refusal.value.remedy and "WORLD_SIZE" in refusal.value.remedy


def test_what_torchrun_says_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    leave(monkeypatch, ALL)
    assert by_torchrun() and not is_first() and processes_of(Devices()) == 2
    with without_leftovers(Devices()):
        assert ALL.items() <= os.environ.items()


def test_the_user_names_the_machines_where_there_are_several(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leave(
        monkeypatch, {"NODE_RANK": "1", "MASTER_ADDR": "a", "MASTER_PORT": "1", "LOCAL_RANK": "0"}
    )
    with without_leftovers(Devices(nodes=2)):
        assert os.environ["NODE_RANK"] == "1" and "LOCAL_RANK" not in os.environ

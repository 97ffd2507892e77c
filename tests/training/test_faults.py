"""Damaged checkpoints, numbers that stop being finite, a full disk."""

import json
import runpy
import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file

from tests.training.conftest import TINY
from tests.training.launcher import Launcher
from zerosum.records.checkpoint import damage
from zerosum.records.run import RunFolder, checkpoint_names

SOAK = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "soak.py"))


def flip_a_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.fixture
def interrupted(finished: Path, tmp_path: Path) -> RunFolder:
    """A run at its last checkpoint but one, as a kill leaves it."""
    shutil.copytree(finished, tmp_path / "run", symlinks=True)
    run = RunFolder(tmp_path / "run")
    shutil.rmtree(run.checkpoints / checkpoint_names(run)[-1])
    return run


@pytest.mark.parametrize("file", ["generator.safetensors", "optimizers.safetensors"])
def test_damaged_checkpoint_is_told_and_the_one_before_used(
    launcher: Launcher, finished: Path, interrupted: RunFolder, file: str
) -> None:
    before, newest = checkpoint_names(interrupted)[-2:]
    flip_a_byte(interrupted.checkpoints / newest / file)
    code, child = launcher.run(interrupted.path.parent, *TINY)
    assert code == 0, child.stderr
    told = f"checkpoint {newest} is damaged ({file} is not what was saved); trying the one before"
    assert told in child.stdout
    assert f"continues run at {int(before):,} images" in child.stdout
    assert SOAK["differences"](RunFolder(finished), interrupted) == []


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"checksums": 3}'])
def test_checkpoint_without_checksums_is_damaged(interrupted: RunFolder, content: str) -> None:
    folder = interrupted.checkpoint(checkpoint_names(interrupted)[-1])
    assert damage(folder) is None
    (folder / "state.json").write_text(content)
    assert damage(folder) == "state.json cannot be read"


def test_checkpoint_with_a_missing_file_is_damaged(interrupted: RunFolder) -> None:
    folder = interrupted.checkpoint(checkpoint_names(interrupted)[-1])
    (folder / "discriminator.safetensors").unlink()
    assert damage(folder) == "discriminator.safetensors is missing"


def test_with_all_checkpoints_damaged_the_run_starts_again(
    launcher: Launcher, finished: Path, interrupted: RunFolder
) -> None:
    for name in checkpoint_names(interrupted):
        flip_a_byte(interrupted.checkpoints / name / "discriminator.safetensors")
    code, child = launcher.run(interrupted.path.parent, *TINY)
    assert code == 0, child.stderr
    assert "no whole checkpoint is left; starting again from the beginning" in child.stdout
    assert SOAK["differences"](RunFolder(finished), interrupted) == []


def test_torn_last_line_of_the_curves_is_written_again(
    launcher: Launcher, finished: Path, interrupted: RunFolder
) -> None:
    text = interrupted.metrics_file.read_text()
    interrupted.metrics_file.write_text(text[: len(text) - 40])
    code, child = launcher.run(interrupted.path.parent, *TINY)
    assert code == 0, child.stderr
    assert SOAK["differences"](RunFolder(finished), interrupted) == []


def test_diverged_run_names_step_and_tensor_and_what_helps(
    launcher: Launcher, tmp_path: Path
) -> None:
    words = [*TINY, "--optimizer", "sgd", "--learning-rate", 1e30]
    code, child = launcher.run(tmp_path, *words)
    run = RunFolder(tmp_path / "run")
    assert code == 1
    what = next(line for line in child.stderr.splitlines() if line.startswith("zerosum: "))
    assert "training diverged at step 1: not finite: " in what
    assert "loss of the generator; gradient of generator " in what
    assert "what usually helps: a lower --learning-rate" in child.stderr
    assert "Traceback" not in child.stderr
    state = run.state()
    assert state["status"] == "failed" and "diverged at step 1" in state["reason"]
    assert checkpoint_names(run) == []
    assert run.summary_file.is_file()


def test_diverged_run_keeps_its_last_good_checkpoint(launcher: Launcher, tmp_path: Path) -> None:
    """A critic without a bound grows until it overflows, some steps after the first checkpoint."""
    words = ["--objective.loss", "wasserstein", "--network.discriminator.norm", "none"]
    words += ["--schedule.checkpoint_every", "32", "--optimizer", "sgd", "--learning-rate", "1"]
    code, child = launcher.run(tmp_path, *TINY, *words)
    run = RunFolder(tmp_path / "run")
    assert code == 1
    assert "training diverged at step" in child.stderr
    assert run.state()["status"] == "failed"
    assert damage(run.checkpoint()) is None
    for file in run.checkpoint().glob("*.safetensors"):
        assert all(tensor.isfinite().all() for tensor in load_file(file).values())


def test_flipped_digit_in_a_checkpoints_state_is_noticed(interrupted: RunFolder) -> None:
    folder = interrupted.checkpoint(checkpoint_names(interrupted)[-1])
    file = folder / "state.json"
    step = json.loads(file.read_text())["step"]
    file.write_text(file.read_text().replace(f'"step": {step}', f'"step": {step - 1}'))
    assert damage(folder) == "state.json is not what was saved"


# The largest file of a checkpoint is the optimisers' state; of a run's beginning, the curves.
@pytest.mark.parametrize("share", [0.9, 0.1])
def test_full_disk_names_the_path_and_leaves_the_last_checkpoint(
    launcher: Launcher, finished: Path, interrupted: RunFolder, share: float
) -> None:
    newest = checkpoint_names(interrupted)[-1]
    size = (interrupted.checkpoints / newest / "optimizers.safetensors").stat().st_size
    code, child = launcher.run(interrupted.path.parent, *TINY, largest_file=int(share * size))
    assert code == 1
    assert "zerosum: no space left to write run/" in child.stderr
    assert "goes on from the last checkpoint" in child.stderr
    assert "Traceback" not in child.stderr and "Exception" not in child.stderr
    assert checkpoint_names(interrupted)[-1] == newest
    assert damage(interrupted.checkpoint()) is None
    code, child = launcher.run(interrupted.path.parent, *TINY)
    assert code == 0, child.stderr
    assert SOAK["differences"](RunFolder(finished), interrupted) == []

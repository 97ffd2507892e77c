"""`zerosum export`: what it prints, what it refuses, and that nothing is left half written."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import zerosum
from tests.cli.scored_runs import output, refusal
from tests.exporting.conftest import Kind, Made
from tests.generation.test_full_disk import no_file_larger_than
from zerosum.exporting import export, hub
from zerosum.exporting.exporter import Compute
from zerosum.exporting.request import FormatName
from zerosum.exporting.subject import Subject
from zerosum.records.lock import lock
from zerosum.records.run import RunFolder

Exports = Callable[[FormatName, Kind], Made]


@pytest.fixture
def run(run_of: Callable[[Kind], RunFolder]) -> RunFolder:
    return run_of("latents")


def left(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.rglob("*"))


def test_the_command_says_what_was_written_and_how_it_was_checked(
    run: RunFolder, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "digits.onnx"
    what, checked, path = output("export", run.path, "--out", out)
    assert what.startswith("checkpoint 000200000 (average weights) as ONNX, 0.")
    assert checked.startswith("checked: ONNX Runtime 1.") and "8 compared" in checked
    assert path == str(out) and left(tmp_path) == ["digits.onnx", "new"]


def test_python_gives_the_same_as_the_command(run: RunFolder, tmp_path: Path) -> None:
    out = tmp_path / "model"
    exported = zerosum.Run.open(run.path).export("hub", out=out, checkpoint=200_000, quiet=True)
    assert exported.path == out and exported.checkpoint == "000200000"
    with pytest.raises(zerosum.UsageError, match=r'^there is no format="onx"\ndid you mean onnx\?'):
        zerosum.export(run.path, "onx")  # type: ignore[arg-type]


def test_a_run_that_is_still_trained_is_exported_as_it_is_and_says_so(
    run: RunFolder, tmp_path: Path
) -> None:
    with lock(run.path):
        lines = output("export", run.path, "--format", "hub", "--out", tmp_path / "model")
    assert lines[0] == f"{run.path} is still being trained: this is what it can do now"


@pytest.mark.parametrize(
    ("words", "what", "remedy"),
    [
        (("--format", "onxx"), "--format", "did you mean onnx?"),
        (("--checkpoint", "7"), "has no checkpoint '7'", "there are: latest, 000200000"),
        (("--out", "x.pt2"), "x.pt2 ends in .pt2", "a name that ends in .onnx"),
        (("--average", "--checkpoint", "best"), "has no best checkpoint", "000200000"),
    ],
)
def test_wrong_words_are_told(
    run: RunFolder, words: tuple[str, ...], what: str, remedy: str
) -> None:
    error = refusal("export", run.path, *words)
    assert what in error.what and remedy in error.remedy


def test_a_package_that_is_missing_is_told_before_anything_is_made(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "find_spec", lambda name: None if name == "onnxscript" else name)
    error = refusal("export", run.path)
    assert error.what == "ONNX needs onnxscript, which is not installed"
    assert error.remedy == "install the extra: pip install 'zerosum[onnx]'"


def test_a_folder_with_something_in_it_stays_as_it_is(run: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "README.md").write_text("edited")
    error = refusal("export", run.path, "--format", "hub", "--out", tmp_path / "model")
    assert "is there already" in error.what
    assert left(tmp_path) == ["README.md", "model"]


def test_a_file_that_makes_other_pictures_is_not_left(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def negative(subject: Subject, path: Path) -> Compute:
        compute = hub.read(subject, path)
        return lambda batch: np.subtract(255, compute(batch), dtype=np.uint8)

    monkeypatch.setattr(hub, "EXPORTER", replace(hub.EXPORTER, read=negative))
    error = refusal("export", run.path, "--format", "hub", "--out", tmp_path / "model")
    assert error.what.startswith("nothing was written, because the check failed: zerosum ")
    assert "makes other pictures than the run" in error.what
    assert left(tmp_path) == []


def test_ctrl_c_while_it_is_checked_leaves_nothing(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_subject: Subject, path: Path) -> Compute:
        assert path.exists(), "it was written"
        raise KeyboardInterrupt

    monkeypatch.setattr(hub, "EXPORTER", replace(hub.EXPORTER, read=stopped))
    with pytest.raises(KeyboardInterrupt):
        zerosum.export(run.path, "hub", out=tmp_path / "model")
    assert left(tmp_path) == []


@pytest.mark.parametrize(("format", "name"), [("hub", "model"), ("torch", "x.pt2")])
def test_a_full_disk_leaves_nothing(
    run: RunFolder, tmp_path: Path, format: FormatName, name: str
) -> None:
    out = tmp_path / name
    with no_file_larger_than(600):
        error = refusal("export", run.path, "--format", format, "--out", out)
    assert error.what == f"no space left to write {out}"
    assert left(tmp_path) == []


def test_a_damaged_checkpoint_is_named(run: RunFolder, tmp_path: Path) -> None:
    copy = RunFolder(tmp_path / "run")
    shutil.copytree(run.path, copy.path, symlinks=True)
    (copy.checkpoints / "000200000" / "average.safetensors").write_bytes(b"half")
    assert "average.safetensors is damaged" in refusal("export", copy.path).what

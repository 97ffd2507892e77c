"""The run folder: whole writes, the lock, checkpoint names, curves."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerosum.errors import UsageError, ZerosumError
from zerosum.files import checksum, shortened, write_atomically, write_json
from zerosum.recipe.load import read_recipe
from zerosum.records import run as run_module
from zerosum.records.lock import lock
from zerosum.records.run import RunFolder, checkpoint_names, slug
from zerosum.studies.folder import StudyFolder


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.path.mkdir()
    folder.recipe_file.write_text("seed = 0\n")
    return folder


def test_writing_replaces_the_whole_file_and_makes_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "file"
    for content in (b"a longer first content", b"short"):
        write_atomically(path, content)
        assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file_and_no_partial_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "state.json"
    write_atomically(path, b"old")

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os if step == "fsync" else Path, step, fail)
    with pytest.raises(ZerosumError) as raised:
        write_atomically(path, b"new")
    assert raised.value.what == f"no space left to write {path}"
    assert "last checkpoint" in raised.value.remedy
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_into_a_file_instead_of_a_folder_is_told_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ZerosumError) as raised:
        write_atomically(tmp_path / "file" / "inside", b"")
    assert str(tmp_path / "file" / "inside") in raised.value.what


def test_a_folder_is_held_by_one_process_alone(tmp_path: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from zerosum.errors import ZerosumError
from zerosum.records.lock import lock
try:
    with lock(Path({str(tmp_path)!r})):
        sys.exit(0)
except ZerosumError as error:
    print(error.what)
    sys.exit(9)
"""

    def other() -> "subprocess.CompletedProcess[str]":
        return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    with lock(tmp_path):
        refused = other()
        assert (refused.returncode, str(tmp_path) in refused.stdout) == (9, True)
    assert other().returncode == 0


def test_a_lock_is_given_back_by_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="inside"), lock(tmp_path):
        raise ValueError("inside")
    with lock(tmp_path):
        pass


def checkpoints(run: RunFolder, *images: int) -> None:
    for count in images:
        (run.checkpoints / f"{count:09d}").mkdir(parents=True)


def test_checkpoints_are_found_by_name_and_by_images(run: RunFolder) -> None:
    checkpoints(run, 64, 200_000)
    (run.checkpoints / "latest").symlink_to("000200000")
    assert run.checkpoint().name == "000200000"
    assert run.checkpoint("64") == run.checkpoint("000000064") == run.checkpoints / "000000064"


def test_checkpoints_are_in_the_order_of_their_images(run: RunFolder) -> None:
    checkpoints(run, 2_000_000_000, 999_999_999, 7)
    (run.checkpoints / ".000000009.partial").mkdir()
    assert checkpoint_names(run) == ["000000007", "999999999", "2000000000"]


@pytest.mark.parametrize("name", ["65", "lates", "../../secret", "", "1e5"])
def test_a_missing_checkpoint_is_told_with_those_that_are_there(run: RunFolder, name: str) -> None:
    checkpoints(run, 64)
    with pytest.raises(ZerosumError) as raised:
        run.checkpoint(name)
    assert repr(name) in raised.value.what
    assert "latest, 000000064" in raised.value.remedy


@pytest.mark.parametrize(
    "part", ["samples", "checkpoints", "checkpoints/latest", "charts", "scores.jsonl"]
)
def test_a_part_that_leads_out_of_the_run_is_named_and_not_written_to(
    run: RunFolder, tmp_path: Path, part: str, caplog: pytest.LogCaptureFixture
) -> None:
    run.require_own_parts()
    checkpoints(RunFolder(tmp_path / "other"), 64)
    if "/" in part:
        run.checkpoints.mkdir()
    target = tmp_path / "other" / "checkpoints" / ("000000064" if "/" in part else "")
    (run.path / part).symlink_to(target)
    with pytest.raises(ZerosumError) as raised:
        run.require_own_parts()
    assert raised.value.what == f"{run.path / part} leads out of the run, to {target.resolve()}"
    if part.startswith("checkpoints"):
        # A reader is told where it reads.
        assert run.checkpoint().name == run.checkpoint().name == "000000064"
        (told,) = caplog.messages
        assert "leads out of the run, to " in told and str(target.resolve()) in told


def test_a_run_that_is_reached_by_a_link_is_whole(run: RunFolder, tmp_path: Path) -> None:
    checkpoints(run, 64)
    (run.checkpoints / "latest").symlink_to("000000064")
    (tmp_path / "link").symlink_to(run.path)
    linked = RunFolder(tmp_path / "link")
    linked.require_own_parts()
    assert linked.checkpoint().name == "000000064"


def test_a_run_without_checkpoints_says_when_the_first_one_comes(run: RunFolder) -> None:
    with pytest.raises(ZerosumError, match="no checkpoint yet"):
        run.checkpoint()


def test_the_best_checkpoint_needs_an_evaluation(run: RunFolder) -> None:
    checkpoints(run, 64)
    with pytest.raises(ZerosumError, match="no best checkpoint") as raised:
        run.checkpoint("best")
    assert "000000064" in raised.value.remedy


@given(st.integers(0, 10), st.integers(0, 30))
def test_a_torn_last_line_of_the_curves_is_left_out(
    tmp_path_factory: pytest.TempPathFactory, lines: int, torn: int
) -> None:
    run = RunFolder(tmp_path_factory.getbasetemp())
    line = '{"images": %d, "loss_generator": 0.125}'
    whole = "".join(line % each + "\n" for each in range(lines))
    run.metrics_file.write_text(whole + (line % lines)[:torn])
    assert run.metrics() == [{"images": each, "loss_generator": 0.125} for each in range(lines)]


def test_curves_of_an_earlier_version_have_todays_names(run: RunFolder) -> None:
    written = [
        {"images": 64, "score_real": 0.7, "score_fake_before": 0.3, "score_fake_after": 0.2,
         "penalty": 0.0},
        {"images": 128, "score_real": 0.6, "penalty": 0.5},
    ]  # fmt: skip
    run.metrics_file.write_text("".join(json.dumps(line) + "\n" for line in written))
    assert run.metrics() == [
        {"images": 64, "d_real": 0.7, "d_fake_before": 0.3, "d_fake_after": 0.2},
        {"images": 128, "d_real": 0.6, "penalty": 0.5},
    ]


def test_a_run_that_has_not_logged_yet_has_no_curves_and_no_state(run: RunFolder) -> None:
    assert (run.metrics(), run.state()) == ([], {})


def test_state_comes_back_as_it_was_written(run: RunFolder) -> None:
    write_json(run.state_file, {"status": "running", "images": 3})
    assert run.state() == {"status": "running", "images": 3}


@pytest.mark.parametrize("text", ["{", "[1, 2]", "3", '"text"'])
def test_a_damaged_state_is_told_by_its_path(run: RunFolder, text: str) -> None:
    run.state_file.write_text(text)
    with pytest.raises(ZerosumError, match=r"state\.json is damaged"):
        run.state()


def test_files_of_no_bytes_are_called_empty(
    run: RunFolder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for file in (run.state_file, run.recipe_file):
        file.write_text("")
    with pytest.raises(ZerosumError, match=r"state\.json is damaged: it is empty"):
        run.state()
    with pytest.raises(ZerosumError, match=r"recipe\.toml is damaged: it is empty"):
        read_recipe(run.recipe_file)
    study = StudyFolder(tmp_path)
    study.attempts_file.write_text("")
    assert study.attempts() == study.attempts() == {}
    (told,) = caplog.messages
    assert told.startswith(f"{study.attempts_file} is empty")


def test_what_is_no_run_is_refused(tmp_path: Path, run: RunFolder) -> None:
    run.require()
    with pytest.raises(ZerosumError, match="there is no run"):
        RunFolder(tmp_path / "missing").require()
    (tmp_path / "photos").mkdir()
    with pytest.raises(ZerosumError, match="not a run"):
        RunFolder(tmp_path / "photos").require()


def test_a_checksum_is_sha256(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    assert checksum(tmp_path / "file").startswith("ba7816bf8f01cfea")


def test_errors_survive_the_way_from_a_worker_process() -> None:
    import pickle

    for kind in (ZerosumError, UsageError):
        copy = pickle.loads(pickle.dumps(kind("what", "remedy")))
        assert (type(copy), copy.what, copy.remedy) == (kind, "what", "remedy")


def test_all_files_of_a_run_lie_in_its_folder(run: RunFolder) -> None:
    parts = vars(run_module.RunFolder).items()
    properties = [name for name, kind in parts if isinstance(kind, run_module.Inside)]
    paths = [getattr(run, name) for name in properties]
    assert len(set(paths)) == len(paths) == 17
    assert all(path.parent == run.path for path in paths)


@given(st.text(max_size=400), st.text(max_size=400))
def test_names_made_of_names_are_short_and_stay_different(one: str, other: str) -> None:
    short = [shortened(name) for name in (one, other)]
    assert all(len(name.encode("utf-8", "surrogateescape")) <= 100 for name in short)
    assert (short[0] == short[1]) == (one == other)
    assert len(slug(one + "ü" * 300).encode()) <= 100


def test_a_file_whose_name_is_as_long_as_may_be_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    write_atomically(path, b"content")
    assert path.read_bytes() == b"content"
    with pytest.raises(ZerosumError, match="its name is too long"):
        write_atomically(tmp_path / ("x" * 256), b"content")

"""A run that was killed or stopped, and started again by the same command, is the same run."""

import runpy
import shutil
import signal
import time
from pathlib import Path

import pytest

import zerosum
from tests.training.conftest import TINY
from tests.training.launcher import Launcher
from zerosum.randomness import random_for
from zerosum.records.run import RunFolder, checkpoint_names
from zerosum.training import loop
from zerosum.training.checkpoints import Position, save_checkpoint
from zerosum.training.players import Players

SOAK = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "soak.py"))
KILLS = 10


def demand_the_same(finished: Path, run: Path) -> None:
    assert SOAK["differences"](RunFolder(finished), RunFolder(run)) == []


@pytest.fixture(scope="session")
def life(launcher: Launcher, tmp_path_factory: pytest.TempPathFactory) -> float:
    """Seconds from the start of the TINY command to its end."""
    begin = time.monotonic()
    launcher.run(tmp_path_factory.mktemp("life"), *TINY)
    return time.monotonic() - begin


def test_run_killed_at_random_moments_ends_the_same(
    launcher: Launcher, finished: Path, tmp_path: Path, life: float
) -> None:
    killed, runs = 0, 0
    while killed < KILLS:
        # A run can end before its kill: the next is another one all the same.
        folder = tmp_path / f"run-{runs}"
        folder.mkdir()
        runs += 1
        code = -signal.SIGKILL
        while code:
            child = launcher.start(folder, *TINY)
            if killed < KILLS:
                time.sleep(life * 0.6 * float(random_for(0, "kills", killed).random()))
                child.signal(signal.SIGKILL)
            code = child.wait()
            killed += code == -signal.SIGKILL
            assert code in (0, -signal.SIGKILL), child.stderr
        demand_the_same(finished, folder / "run")


# Those of the recipe, the first state, the end of a checkpoint, and `latest` after it.
@pytest.mark.parametrize("write", [2, 11, 29, 33])
def test_run_killed_in_the_middle_of_a_write_ends_the_same(
    launcher: Launcher, finished: Path, tmp_path: Path, write: int
) -> None:
    for number in (write, write + 1, write + 2):
        code, child = launcher.run(tmp_path, *TINY, kill_at_write=number)
        assert code in (0, -signal.SIGKILL), child.stderr
    code, child = launcher.run(tmp_path, *TINY)
    assert code == 0, child.stderr
    demand_the_same(finished, tmp_path / "run")
    assert list((tmp_path / "run").rglob(".*.partial")) == []


def test_same_command_on_a_finished_run_changes_nothing(
    launcher: Launcher, finished: Path, tmp_path: Path
) -> None:
    shutil.copytree(finished, tmp_path / "run", symlinks=True)
    code, child = launcher.run(tmp_path, *TINY)
    assert code == 0, child.stderr
    assert "finished" in child.stdout
    demand_the_same(finished, tmp_path / "run")
    assert RunFolder(tmp_path / "run").state()["status"] == "finished"


@pytest.mark.parametrize("length", [("--images", 3600), ("--epochs", 1)])
def test_a_longer_schedule_continues_a_finished_run(
    launcher: Launcher, finished: Path, tmp_path: Path, length: tuple[str, int]
) -> None:
    shutil.copytree(finished, tmp_path / "run", symlinks=True)
    words = [*TINY, *length]
    if "--epochs" in length:
        place = words.index("--images")
        del words[place : place + 2]
    code, child = launcher.run(tmp_path, *words, "--stop-after", "2s")
    assert code == 0, child.stderr
    assert "continues run at 3,008 images" in child.stdout
    run = RunFolder(tmp_path / "run")
    images = [line["images"] for line in run.metrics()]
    assert images == sorted(set(images))
    assert images[-1] > 3008 and run.state()["images_total"] == (
        3600 if "--images" in length else 8000
    )


def test_a_shorter_schedule_is_refused(launcher: Launcher, finished: Path) -> None:
    code, child = launcher.run(finished.parent, *TINY, "--images", 2000)
    assert code == 1
    assert "began with a longer schedule: 3,000 images then, 2,000 now" in child.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--batch", 64), "schedule.batch: 32 → 64"),
        (("--seed", 1), "seed: 0 → 1"),
        (
            ("--optimizer.generator.learning_rate", 1e-3),
            "optimizer.generator.learning_rate: 0.0002 → 0.001",
        ),
    ],
)
def test_other_settings_are_refused_by_the_name_of_the_field(
    launcher: Launcher, finished: Path, words: tuple[object, ...], told: str
) -> None:
    code, child = launcher.run(finished.parent, *TINY, *words)
    assert code == 1
    assert told in child.stderr and "choose another --out" in child.stderr
    assert "Traceback" not in child.stderr


def test_changed_images_are_refused(launcher: Launcher, finished: Path, tmp_path: Path) -> None:
    from PIL import Image

    (tmp_path / "photos").mkdir()
    for number in range(64):
        Image.new("L", (32, 32), number).save(tmp_path / "photos" / f"{number}.png")
    code, child = launcher.run(finished.parent, *TINY, "--data", tmp_path / "photos")
    assert code == 1
    assert "was trained on other images" in child.stderr


def test_without_out_an_unfinished_run_is_continued_and_a_finished_one_left_alone(
    launcher: Launcher, tmp_path: Path
) -> None:
    place = TINY.index("--out")
    words = [*TINY[:place], *TINY[place + 2 :], "--images", 320]
    first, second = (RunFolder(tmp_path / f"runs/digits-digits-{number}") for number in (1, 2))
    launcher.run(tmp_path, *words, kill_at_write=12)
    assert checkpoint_names(first) == []
    launcher.run(tmp_path, *words)
    assert first.state()["status"] == "finished" and not second.path.exists()
    launcher.run(tmp_path, *words)
    assert second.state()["status"] == "finished"
    assert SOAK["differences"](first, second) == []


def test_a_folder_in_use_is_refused(launcher: Launcher, tmp_path: Path) -> None:
    holder = launcher.start(tmp_path, *TINY)
    while not (tmp_path / "run" / "recipe.toml").exists():
        time.sleep(0.01)
    holder.signal(signal.SIGSTOP)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    code, child = launcher.run(elsewhere, *TINY, "--out", tmp_path / "run")
    holder.signal(signal.SIGKILL)
    holder.wait()
    assert code == 1
    assert "another process is training in" in child.stderr
    assert "Traceback" not in child.stderr


def test_a_folder_that_is_no_run_is_refused(launcher: Launcher, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("three years")
    code, child = launcher.run(tmp_path, *TINY)
    assert code == 1
    assert "run is not empty and not a run" in child.stderr


def test_no_checkpoint_of_the_last_step_is_without_its_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A run that is killed after it would find the picture's file, and leave it out of TensorBoard.
    pictures: list[bool] = []

    def noting(run: RunFolder, players: Players, position: Position, keep: int) -> Path:
        pictures.append((run.samples / f"{position.images:09d}.png").exists())
        return save_checkpoint(run, players, position, keep)

    monkeypatch.setattr(loop, "save_checkpoint", noting)
    sizes = {"batch": 32, "width": 4, "images": 64, "evaluation.images": 0}
    often = {"schedule.checkpoint_every": 64, "schedule.sample_every": 1000}
    zerosum.train("digits", out=tmp_path / "run", overrides=sizes | often)
    assert len(pictures) > 1 and all(pictures)


def test_a_run_of_which_nothing_was_saved_begins_anew_with_other_settings(
    launcher: Launcher, tmp_path: Path
) -> None:
    begun = [*TINY, "--images", 100_000, "--schedule.checkpoint_every", 100_000]
    child = launcher.start(tmp_path, *begun)
    run = RunFolder(tmp_path / "run")
    deadline = time.monotonic() + 60
    while not run.metrics():
        assert time.monotonic() < deadline, child.stderr
        time.sleep(0.005)
    other = ["--images", 640, "--batch", 16]
    code, refused = launcher.run(tmp_path, *TINY, *other)
    assert code == 1 and "another process is training in run" in refused.stderr
    child.signal(signal.SIGKILL)
    child.wait()
    code, child = launcher.run(tmp_path, *TINY, *other)
    assert code == 0, child.stderr
    assert "nothing was saved in run: it begins anew" in child.stdout
    assert run.metrics()[0]["images"] == 80 and run.metrics()[-1]["images"] == 640
    code, child = launcher.run(tmp_path, *TINY, *other)
    assert code == 0 and "nothing was saved" not in child.stdout
    shutil.rmtree(run.checkpoints)  # by hand, to make room: curves and scores are kept
    code, child = launcher.run(tmp_path, *TINY)
    assert code == 1 and "began with other settings" in child.stderr


def test_a_start_from_a_run_without_a_checkpoint_leaves_no_run_behind(
    launcher: Launcher, finished: Path, tmp_path: Path
) -> None:
    shutil.copytree(finished, tmp_path / "source", symlinks=True)
    shutil.rmtree(tmp_path / "source" / "checkpoints")
    code, child = launcher.run(tmp_path, *TINY, "--init-from", "source")
    assert code == 1 and "source has no checkpoint yet" in child.stderr
    assert not RunFolder(tmp_path / "run").exists()

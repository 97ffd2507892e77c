"""Going back to an older checkpoint, and going on from any."""

import json
import shutil
from pathlib import Path

import pytest

from tests.training.conftest import TINY
from tests.training.launcher import Launcher
from tests.training.test_resume import demand_the_same
from zerosum.errors import ZerosumError
from zerosum.recipe.load import load_recipe, read_recipe
from zerosum.records.run import RunFolder, checkpoint_names
from zerosum.training.going_back import go_back, whole_checkpoint
from zerosum.training.place import begin_or_continue, changed_settings, choose_run
from zerosum.training.transfer import Source, find_source


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> RunFolder:
    """A copy of the finished run, whose checkpoints are at 2,432, 2,720 and 3,008 images."""
    shutil.copytree(finished, tmp_path / "run", symlinks=True)
    return RunFolder(tmp_path / "run")


def test_a_run_that_went_back_ends_the_same_and_what_was_newer_is_a_run_too(
    launcher: Launcher, finished: Path, run: RunFolder
) -> None:
    oldest, *newer = checkpoint_names(run)
    code, child = launcher.run(run.path.parent, *TINY, "--from", int(oldest))
    assert code == 0, child.stderr
    assert f"what came after checkpoint {oldest} is kept in run/aside/1" in child.stdout
    assert f"continues run at {int(oldest):,} images" in child.stdout
    assert "--from" not in child.stdout, "the command that goes on does not go back again"
    demand_the_same(finished, run.path)
    aside = RunFolder(run.path / "aside" / "1")
    assert checkpoint_names(aside) == newer
    demand_the_same(finished, aside.path)
    code, child = launcher.run(run.path.parent, *TINY, "--out", aside.path)
    assert code == 0 and "run/aside/1 is finished already" in child.stdout, child.stderr
    assert "finished before: " in child.stdout and "continues" not in child.stdout


def test_nothing_is_lost_of_what_was_newer(run: RunFolder) -> None:
    before = {path.name: path.read_bytes() for path in run.path.glob("*.json*")}
    sheets = {path.name for path in run.samples.iterdir()}
    oldest, *newer = checkpoint_names(run)
    (run.checkpoints / "best").symlink_to(newer[0])
    aside = go_back(run, oldest)
    assert aside is not None and checkpoint_names(run) == [oldest]
    assert run.checkpoint("latest").name == oldest and not (run.checkpoints / "best").is_symlink()
    assert aside.checkpoint("latest").name == newer[-1]
    assert aside.checkpoint("best").name == newer[0]
    assert {path.name: path.read_bytes() for path in aside.path.glob("*.json*")} == before
    assert {path.name for path in aside.samples.iterdir()} == sheets
    assert go_back(run, oldest) is None
    # What is kept aside is never overwritten.
    shutil.copytree(aside.checkpoints / newer[0], run.checkpoints / newer[0])
    assert go_back(run, oldest) == RunFolder(run.path / "aside" / "2")


def test_there_must_be_such_a_checkpoint_and_it_must_be_whole(run: RunFolder) -> None:
    with pytest.raises(ZerosumError, match="has no checkpoint '7'") as raised:
        whole_checkpoint(run, "7")
    assert all(name in raised.value.remedy for name in checkpoint_names(run))
    oldest, *others = checkpoint_names(run)
    (run.checkpoints / oldest / "generator.safetensors").write_bytes(b"x")
    with pytest.raises(ZerosumError, match=f"{oldest} of .* is damaged") as raised:
        whole_checkpoint(run, oldest)
    assert raised.value.remedy == f"choose another: {', '.join(others)}"
    with pytest.raises(ZerosumError, match="there is no run at"):
        whole_checkpoint(RunFolder(run.path / "none"), "7")


def test_a_latest_that_leads_nowhere_is_the_newest_that_is_left(run: RunFolder) -> None:
    *left, newest = checkpoint_names(run)
    shutil.rmtree(run.checkpoints / newest)
    assert run.checkpoint("latest").name == left[-1]
    (run.checkpoints / "best").symlink_to(newest)
    with pytest.raises(ZerosumError, match="no best checkpoint: it was deleted"):
        run.checkpoint("best")


def test_another_run_starts_from_a_checkpoint(run: RunFolder) -> None:
    name = checkpoint_names(run)[0]
    assert find_source(run.path) == Source(run)
    found = find_source(run.checkpoints / name)
    assert (found.run.path, found.checkpoint) == (run.path, name)
    with pytest.raises(ZerosumError, match="has no checkpoint '000000007'"):
        find_source(run.checkpoints / "000000007")
    with pytest.raises(ZerosumError, match="there is no run"):
        find_source(run.path / "none")


def test_weights_of_a_checkpoint_are_those_a_new_run_starts_from(
    launcher: Launcher, run: RunFolder
) -> None:
    source = run.checkpoints / checkpoint_names(run)[0]
    words = (*TINY, "--images", 32, "--out", "other", "--seed", 3, "--init-from", source)
    code, child = launcher.run(run.path.parent, *words)
    assert code == 0, child.stderr
    assert f"starts from the weights of {source}" in child.stdout
    assert RunFolder(run.path.parent / "other").state()["init_from"] == str(source)
    code, child = launcher.run(run.path.parent, *words, "--from", 32)
    assert code == 2 and "not both" in child.stderr


CHANGED = {
    "schedule.log_every": 7,
    "schedule.sample_every": 700,
    "schedule.checkpoint_every": 900,
    "schedule.keep": 5,
    "schedule.evaluate_every": 1000,
    "schedule.accumulate": 2,
    "data.max_bad": 0.5,
}


def test_what_the_weights_do_not_depend_on_may_change(
    launcher: Launcher, finished: Path, tmp_path: Path
) -> None:
    launcher.run(tmp_path, *TINY, "--stop-after", "1s")
    free = {name: value for name, value in CHANGED.items() if name != "schedule.accumulate"}
    words = [word for name, value in free.items() for word in (f"--{name}", value)]
    code, child = launcher.run(tmp_path, *TINY, *words)
    assert code == 0, child.stderr
    run = RunFolder(tmp_path / "run")
    for name in ("generator", "average", "discriminator"):
        file = f"{name}.safetensors"
        assert (run.checkpoint() / file).read_bytes() == (
            finished / "checkpoints" / "latest" / file
        ).read_bytes()
    assert read_recipe(run.recipe_file).schedule.keep == 5


def test_only_what_the_weights_depend_on_is_called_changed() -> None:
    before = load_recipe("digits")
    assert changed_settings(before, load_recipe("digits", CHANGED)) == []
    longer = load_recipe("digits", {"schedule.images": 300_000})
    assert changed_settings(before, longer) == ["schedule.images: 220000 → 300000"]
    assert changed_settings(before, longer, longer=True) == []
    assert changed_settings(before, load_recipe("digits", {"seed": 1})) == ["seed: 0 → 1"]


def test_a_critic_that_is_looked_at_in_log_lines_needs_the_same_ones() -> None:
    before = load_recipe("restore")
    assert before.pretrain.critic_images > 0
    after = load_recipe("restore", {"schedule.log_every": 7})
    assert len(changed_settings(before, after)) == 1


def test_a_refusal_names_the_way_to_go_on_with_other_settings(run: RunFolder) -> None:
    recipe = read_recipe(run.recipe_file)
    other = recipe.model_copy(update={"seed": 5})
    with pytest.raises(ZerosumError, match="seed: 0 → 5") as raised:
        begin_or_continue(run, other, 1000)
    assert f"--init-from {run.path}" in raised.value.remedy


def test_a_refused_command_takes_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    recipe = load_recipe("digits")
    first = choose_run(recipe, "digits", "digits", None)
    first.path.mkdir(parents=True)
    (first.path / ".lock").touch()
    assert choose_run(recipe, "digits", "digits", None) == first
    (first.path / "notes.txt").write_text(json.dumps({}))
    assert choose_run(recipe, "digits", "digits", None).path.name == "digits-digits-2"

"""Which runs there are, and which one a name means."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from zerosum.errors import ZerosumError
from zerosum.records.runs import find_runs, named_path, named_run, run_names, study_names


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)


def _run(path: str, age: int = 0) -> Path:
    folder = Path(path)
    (folder / "checkpoints" / "000000100").mkdir(parents=True)
    for name in ("recipe.toml", "state.json", "metrics.jsonl"):
        (folder / name).touch()
        os.utime(folder / name, (1e9 - age, 1e9 - age))
    return folder


def _study(path: str, *cells: str) -> Path:
    folder = Path(path)
    folder.mkdir(parents=True)
    (folder / "study.json").touch()
    for cell in cells:
        _run(f"{path}/cells/{cell}")
    return folder


def test_runs_are_found_newest_first() -> None:
    _run("runs/old", age=20)
    _run("runs/new", age=1)
    _run("runs/group/middle", age=10)
    assert [path.name for path in find_runs().runs] == ["new", "middle", "old"]
    assert run_names() == ["new", "group/middle", "old"]


def test_what_is_no_run_is_left_out() -> None:
    _run("runs/demo/aside/1")  # what a run went back from is that run's own
    _run("runs/demo2")
    _run("runs/.trash/gone")
    Path("runs/empty").mkdir()
    Path("runs/notes.txt").touch()
    (Path("runs/demo") / "recipe.toml").touch()
    Path("runs/circle").symlink_to("..")
    Path("runs/another-name").symlink_to("demo2")
    assert sorted(run_names()) == ["demo", "demo2"]


def test_a_run_whose_recipe_is_lost_is_still_found() -> None:
    (_run("runs/broken") / "recipe.toml").unlink()
    assert run_names() == ["broken"]


def test_a_folder_that_is_a_run_is_found_in_itself() -> None:
    run = _run("somewhere/demo")
    assert find_runs(run).runs == (run,)


def test_cells_of_a_study_are_found_in_the_study() -> None:
    study = _study("studies/width", "width=32", "width=64")
    _run("runs/demo")
    assert find_runs(Path("studies")).studies == (study,)
    assert find_runs(Path("studies")).runs == ()
    assert sorted(path.name for path in find_runs(study).runs) == ["width=32", "width=64"]
    assert sorted(run_names()) == ["demo", "width/width=32", "width/width=64"]
    assert study_names() == ["width"]


@pytest.mark.parametrize("name", ["demo", "runs/demo", "demo/", "./runs/demo", "group/ü ß (1)"])
def test_a_run_is_named_by_its_path_or_its_name(name: str) -> None:
    _run("runs/demo")
    _run("runs/group/ü ß (1)")
    assert named_run(name).resolve() in map(Path.resolve, find_runs().runs)


def test_checkpoints_and_cells_have_names_as_well() -> None:
    _run("runs/demo")
    _study("studies/width", "width=32")
    assert named_run("demo/checkpoints/000000100") == Path("runs/demo/checkpoints/000000100")
    assert named_run("width/width=32") == Path("studies/width/cells/width=32")
    assert named_path("width") == Path("studies/width")


def test_a_run_wins_over_a_folder_of_images_where_a_run_is_meant() -> None:
    _run("runs/faces")
    Path("faces").mkdir()
    assert named_run("faces") == Path("runs/faces")
    assert named_path("faces") == Path("faces")


def test_an_unknown_run_names_those_that_are_near() -> None:
    for number in (1, 2):
        _run(f"runs/dcgan-mnist-{number}", age=number)
    _run("runs/demo")
    with pytest.raises(ZerosumError) as error:
        named_run("dcgan")
    assert error.value.what == "there is no run at dcgan"
    assert error.value.remedy == (
        "did you mean dcgan-mnist-1 or dcgan-mnist-2? `zerosum runs` lists those that are here"
    )
    with pytest.raises(ZerosumError, match=r"there is no run at runs/demp\ndid you mean demo\?"):
        named_run("runs/demp")


def test_without_any_run_the_error_says_how_to_begin_one() -> None:
    with pytest.raises(ZerosumError, match="zerosum train digits"):
        named_run("demo")


def test_finding_runs_needs_no_torch() -> None:
    loaded = "'torch' in sys.modules or 'numpy' in sys.modules"
    code = f"import sys, zerosum.records.runs; sys.exit({loaded})"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

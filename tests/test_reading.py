"""Files that users name: pipes, devices, what is too large, and what nobody may read."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.in_process import run_command
from tests.permissions import closed
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.extractors.weights import find_weights
from zerosum.evaluation.reference import read_reference
from zerosum.reading import read_text, user_path
from zerosum.recipe.load import load_recipe
from zerosum.records.lines import read_lines
from zerosum.records.run import RunFolder
from zerosum.studies.load import study_text

READERS: dict[str, Callable[[Path], object]] = {
    "a recipe": lambda path: load_recipe(str(path)),
    "a study": lambda path: study_text(str(path)),
    "a reference": read_reference,
    "weights": lambda path: find_weights(path, "", ""),
    "lines": read_lines,
    "a state": lambda path: RunFolder(path.parent).state(),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", ["a named pipe", "a device", "a folder", "permission denied"])
def test_what_is_no_readable_file_is_named_with_its_reason(
    kind: str, reader: str, tmp_path: Path
) -> None:
    path = tmp_path / "state.json"
    if kind == "a named pipe":
        os.mkfifo(path)
    elif kind == "a device":
        path.symlink_to("/dev/zero")
    elif kind == "a folder":
        path.mkdir()
        if reader in ("a recipe", "a study"):  # a name that a folder has by chance
            with pytest.raises(UsageError, match="there is no"):
                READERS[reader](path)
            return
    else:
        path.write_text("")
        with closed(path), pytest.raises(ZerosumError) as denied:
            READERS[reader](path)
        assert str(path) in denied.value.what
        assert kind in denied.value.what
        return
    with pytest.raises(ZerosumError) as told:
        READERS[reader](path)
    assert str(path) in told.value.what
    assert f"it is {kind}" in told.value.what


def test_a_recipe_has_a_largest_size(tmp_path: Path) -> None:
    path = tmp_path / "large.toml"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(ZerosumError, match="larger than 16 MiB"):
        load_recipe(str(path))
    with pytest.raises(OSError, match="larger than 16 MiB"):
        read_text(path)


def test_a_home_that_is_not_known_is_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/of/mine")
    assert user_path("~/set") == Path("/home/of/mine/set")
    assert user_path("~nobody-of-that-name/set") == Path("~nobody-of-that-name/set")
    (tmp_path / "~").mkdir()
    assert user_path("~") == Path("~")


@pytest.mark.parametrize(
    "words",
    [
        ["evaluate", "PLACE/run", "--against", "digits"],
        ["sample", "PLACE/run"],
        ["health", "PLACE/run"],
        ["report", "PLACE/run"],
        ["compare", "PLACE/run", "PLACE/other"],
        ["study", "show", "PLACE/study"],
        ["study", "run", "PLACE/study.toml"],
        ["data", "check", "PLACE/photos"],
        ["train", "PLACE/recipe.toml"],
        ["train", "digits", "--out", "PLACE/run"],
        ["restore", "PLACE/run", "PLACE/x.png", "--out", "out"],
    ],
)
def test_below_a_folder_without_permission_every_command_says_so(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "closed"
    place.mkdir()
    with closed(place):
        code = run_command(*(word.replace("PLACE", str(place)) for word in words))
    told = capsys.readouterr().err
    assert code in (1, 2)
    assert str(place) in told
    assert "permission denied" in told.lower()
    assert len(told.splitlines()) <= 4

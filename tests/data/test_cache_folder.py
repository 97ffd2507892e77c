"""A cache that cannot be used is named, with the way to another one; only a full disk is full."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.data.conftest import Settings
from tests.data.files import write_folder
from tests.permissions import ordinary_user
from zerosum.cli.commands import commands
from zerosum.data import open_data
from zerosum.data.cache_folder import telling_cache_errors
from zerosum.errors import ZerosumError


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A folder whose mode counts, whoever runs the tests."""
    folder = tmp_path / "locked"
    (folder / "cache").mkdir(parents=True)
    with ordinary_user():
        yield folder
    folder.chmod(0o755)


@pytest.mark.parametrize("mode", [0o000, 0o555], ids=["unreachable", "unwritable"])
@pytest.mark.parametrize(
    "words",
    [
        ("train", "digits", "--data", "{photos}"),
        ("data", "pack", "{photos}"),
        ("data", "show"),
        ("data", "show", "{photos}"),
        ("data", "clean", "--yes"),
        ("evaluate", "{photos}", "--against", "{photos}"),
    ],
    ids=lambda words: "-".join(words[:2]),
)
def test_a_cache_of_others_is_named_with_the_way_to_another(
    tmp_path: Path,
    locked: Path,
    pictures: dict[str, bytes],
    words: tuple[str, ...],
    mode: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photos = write_folder(tmp_path / "photos", pictures)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZEROSUM_CACHE", str(locked / "cache" if mode == 0 else locked / "new"))
    locked.chmod(mode)
    given = [word.format(photos=photos) for word in words]
    told = CliRunner().invoke(commands, given, standalone_mode=False)
    if mode == 0o555 and words[:2] in (("data", "show"), ("data", "clean")):
        assert told.exception is None  # nothing lies there yet, and nothing is written
        return
    assert isinstance(told.exception, ZerosumError), told.exception
    assert str(locked) in told.exception.what
    assert "permission denied" in told.exception.what
    assert "--cache-root" in told.exception.remedy
    assert "ZEROSUM_CACHE" in told.exception.remedy
    assert "space" not in told.exception.remedy


def test_another_users_pack_is_not_called_damaged(
    tmp_path: Path, locked: Path, pictures: dict[str, bytes], settings: Settings
) -> None:
    photos = write_folder(tmp_path / "photos", pictures)
    assert open_data(settings(photos), 0, cache=locked).train
    for file in locked.rglob("pixels.npy"):
        file.chmod(0o000)
    with pytest.raises(ZerosumError, match="permission denied") as told:
        open_data(settings(photos), 0, cache=locked)
    assert "damaged" not in told.value.what


def test_what_another_user_left_behind_stops_nobody(
    tmp_path: Path, locked: Path, pictures: dict[str, bytes], settings: Settings
) -> None:
    (locked / "packs" / "theirs.partial").mkdir(parents=True)
    lock = locked / "packs" / "theirs.lock"
    lock.touch(mode=0o000)
    lock.chmod(0o000)
    assert len(
        open_data(settings(write_folder(tmp_path / "photos", pictures)), 0, cache=locked).all
    )


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_called_full(number: int, tmp_path: Path) -> None:
    with pytest.raises(ZerosumError) as told, telling_cache_errors("write to", tmp_path):
        raise OSError(number, os.strerror(number))
    assert "free some space" in told.value.remedy
    assert str(tmp_path) in told.value.what


def test_the_option_moves_the_cache_while_the_command_runs(
    tmp_path: Path, cache: Path, pictures: dict[str, bytes]
) -> None:
    folder = write_folder(tmp_path / "photos", pictures)
    moved = tmp_path / "moved"
    words = ["data", "pack", str(folder), "--cache-root", str(moved)]
    told = CliRunner().invoke(commands, words, standalone_mode=False)
    assert told.exception is None
    assert list(moved.glob("packs/*/index.json"))
    assert not cache.exists()
    assert os.environ["ZEROSUM_CACHE"] == str(cache)


@pytest.mark.parametrize(
    "command",
    [
        "train", "evaluate", "modes", "neighbours", "map", "compare",
        "data check", "data pack", "data show", "data clean", "study run",
    ],
)  # fmt: skip
def test_every_command_that_opens_images_has_the_option(command: str) -> None:
    told = CliRunner().invoke(commands, [*command.split(), "--help-all"])
    assert "--cache-root" in told.output

"""What lies among people's images and is none of them is left out, and told."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.data.conftest import Settings
from tests.data.files import noise, write_folder, write_tar, write_zip
from zerosum.cli.data import data
from zerosum.data import open_data
from zerosum.data.sources import find_source
from zerosum.errors import ZerosumError

OF_SYSTEMS = (
    ".git/icon.png",
    ".ipynb_checkpoints/1-checkpoint.png",
    ".Trash-1000/files/old.png",
    "cats/@eaDir/1.png/thumbnail.jpg",
    "cats/._1.png",
    "__MACOSX/cats/1.png",
    "$RECYCLE.BIN/S-1-5/2.png",
    "System Volume Information/3.png",
    "lost+found/4.png",
    "#recycle/5.png",
    "dogs/Thumbs.db",
    "dogs/deep/.cache/6.png",
)
IMAGES = {"cats/1.png": noise(1), "cats/2.png": noise(2), "dogs/1.png": noise(3)}
RUN = ("recipe.toml", "state.json", "metrics.jsonl", "samples/reals.png", "samples/000001000.png")
Write = Callable[[Path, dict[str, bytes]], Path]
CONTAINERS: dict[str, Write] = {
    "folder": lambda place, files: write_folder(place / "set", files),
    "zip": lambda place, files: write_zip(place / "set.zip", files),
    "tar": lambda place, files: write_tar(place / "set.tgz", files),
}


def check(source: Path) -> str:
    return CliRunner().invoke(data, ["check", str(source)], catch_exceptions=False).output


@pytest.mark.parametrize("kind", CONTAINERS)
def test_hidden_files_and_those_of_systems_are_no_images_and_no_classes(
    kind: str, tmp_path: Path, settings: Settings
) -> None:
    source = CONTAINERS[kind](tmp_path, IMAGES | dict.fromkeys(OF_SYSTEMS, noise(9)))
    found = open_data(settings(source, validation=0), 0)
    assert (len(found.train), found.bad) == (3, 0)
    assert found.train.class_names == ("cats", "dogs")
    told = check(source)
    assert "left out, hidden: 5\n" in told
    assert "left out, made by a system or a network disk: 7\n" in told
    assert "  cats/@eaDir/\n" in told
    assert "3 image files: 3 usable" in told


def test_a_hidden_folder_is_read_where_it_is_named(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / ".cache" / "set", IMAGES)
    assert find_source(str(folder)).names() == sorted(IMAGES)
    archive = write_zip(tmp_path / "set.zip", {f".hidden/{name}": b"" for name in IMAGES})
    assert find_source(f"{archive}/.hidden").names() == list(IMAGES)


@pytest.mark.parametrize("kind", CONTAINERS)
def test_what_zerosum_wrote_is_no_image(kind: str, tmp_path: Path) -> None:
    files = dict(IMAGES)
    files |= {f"runs/dcgan-set-1/{name}": noise(7) for name in RUN}
    files |= {f"studies/mine/cells/a/{name}": noise(8) for name in RUN}
    files |= dict.fromkeys(("studies/mine/study.json", "studies/mine/study.toml"), b"{}")
    files |= {f"c/{name}": noise(9) for name in ("compare.md", "compare.json", "samples.png")}
    source = find_source(str(CONTAINERS[kind](tmp_path, files)))
    assert sorted(source.names()) == sorted(IMAGES)
    assert {aside.name: aside.why for aside in source.left_out()} == {
        "runs/dcgan-set-1/": "a run",
        "studies/mine/": "a study",
        "c/": "a comparison",
    }


def test_a_recipe_among_the_images_makes_no_run_of_their_folder(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", IMAGES | {"cats/recipe.toml": b""})
    assert set(IMAGES) <= set(find_source(str(folder)).names())


def test_a_run_given_as_images_is_told(tmp_path: Path) -> None:
    run = write_folder(tmp_path / "run", {name: noise(7) for name in RUN})
    with pytest.raises(ZerosumError, match="run is a run, no images to train on"):
        find_source(str(run))
    assert find_source(str(run / "samples")).names() == ["000001000.png", "reals.png"]


def test_many_things_left_out_are_counted_and_the_first_ones_named(tmp_path: Path) -> None:
    files = IMAGES | {f"cats/._{number:03d}.png": b"" for number in range(40)}
    told = check(write_folder(tmp_path / "set", files))
    assert "left out, hidden: 40\n  cats/._000.png\n" in told
    assert "  and 30 more\n" in told


def test_zips_written_by_windows_keep_their_classes(tmp_path: Path, settings: Settings) -> None:
    """.NET's and others: backslashes between folders, as the standard forbids."""
    import zipfile

    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {"cats\\": b"", **IMAGES}.items():
            entry = zipfile.ZipInfo(name.replace("/", "\\"))
            entry.create_system = 0
            archive.writestr(entry, content)
    assert check(path).count("2 classes: cats, dogs") == 1
    assert len(open_data(settings(path, validation=0), 0).train) == 3
    assert find_source(f"{path}/cats").names() == ["1.png", "2.png"]


def test_a_backslash_in_a_name_from_unix_is_a_letter(tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "set.zip", {"cats/a\\b.png": noise(1), "dogs/1.png": noise(2)})
    assert find_source(str(archive)).names() == ["cats/a\\b.png", "dogs/1.png"]

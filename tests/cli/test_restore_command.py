"""`zerosum restore`: what it prints, and what it refuses."""

import re
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from tests.generation.test_restore import PLAIN, picture, restoring_run, save
from zerosum.cli.commands import commands
from zerosum.errors import UsageError, ZerosumError
from zerosum.records.run import RunFolder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run that restores."""
    return restoring_run(tmp_path_factory.mktemp("runs") / "restoring", PLAIN)


def call(*words: object) -> Result:
    """A command that works."""
    result = CliRunner().invoke(commands, [str(word) for word in words], standalone_mode=False)
    if result.exception:
        raise result.exception
    return result


def refusal(*words: object) -> ZerosumError:
    """What a command raises, in two lines."""
    with pytest.raises(ZerosumError) as caught:
        call(*words)
    assert "\n" not in caught.value.what + caught.value.remedy
    return caught.value


def test_a_picture_is_restored_and_its_folder_named(run: RunFolder, tmp_path: Path) -> None:
    image = save(tmp_path / "x.png", picture(24, 32))
    result = call("restore", run.path, image, "--out", tmp_path / "out")
    assert result.output.splitlines() == [
        "1 picture restored by checkpoint 000001000 (last weights)",
        str(tmp_path / "out"),
    ]
    with Image.open(tmp_path / "out" / "x.png") as restored:
        assert restored.size == (32, 24)


def test_the_same_command_goes_on(run: RunFolder, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        save(tmp_path / "photos" / name, picture(24, 32))
    words = ("restore", run.path, tmp_path / "photos", "--out", tmp_path / "out")
    call(*words)
    (tmp_path / "out" / "b.png").unlink()
    assert call(*words).output.startswith(
        "1 picture restored by checkpoint 000001000 (last weights)\n"
        "1 picture restored before, and left\n"
    )
    assert call(*words).output.startswith("2 pictures restored before, and left\n")


def test_checkpoint_weights_tiles_and_device_are_chosen(run: RunFolder, tmp_path: Path) -> None:
    image = save(tmp_path / "x.png", picture(24, 32))
    words = ("--checkpoint", "1000", "--no-average", "--tile", "136", "--device", "cpu")
    call("restore", run.path, image, "--out", tmp_path / "out", *words)
    assert (
        "no average"
        in refusal("restore", run.path, image, "--out", tmp_path / "other", "--average").what
    )
    assert (
        "no checkpoint 'pretrained'"
        in refusal(
            "restore", run.path, image, "--out", tmp_path / "other", "--checkpoint", "pretrained"
        ).what
    )


@pytest.mark.real
def test_odd_and_hostile_files_are_restored_or_listed(
    run: RunFolder, tmp_path: Path, real_data: Path
) -> None:
    with tarfile.open(real_data / "hostile.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    out = tmp_path / "out"
    result = call("restore", run.path, tmp_path / "hostile", "--out", out)
    listed = {line.split(":")[0] for line in result.output.splitlines() if line.startswith("  ")}
    bad = {path.relative_to(tmp_path / "hostile").as_posix()
           for path in (tmp_path / "hostile" / "bad").iterdir()}  # fmt: skip
    assert {line.strip() for line in listed} == bad
    assert "  bad/bomb.png: decompression bomb" in result.output
    assert "1 picture: 16 bits made 8" in result.output
    assert not (out / "bad").exists()
    restored = sorted(path for path in out.rglob("*") if path.is_file())
    assert re.match(rf"{len(restored)} pictures restored", result.output)
    modes = {"transparent": "RGBA", "grey-16bit": "L", "grey-alpha": "LA", "palette": "RGB",
             "palette-transparent": "RGBA", "one-bit": "L", "cmyk": "RGB", "grey": "L"}  # fmt: skip
    for name, mode in modes.items():
        with Image.open(out / "converted" / f"{name}.png") as image:
            assert image.mode == mode, name


def test_a_picture_that_cannot_be_read_fails_with_the_reason(
    run: RunFolder, tmp_path: Path
) -> None:
    (tmp_path / "page.jpg").write_text("<html>")
    error = refusal("restore", run.path, tmp_path / "page.jpg", "--out", tmp_path / "out")
    assert error.what.endswith("page.jpg cannot be restored: not an image")
    error = refusal("restore", run.path, tmp_path, "--out", tmp_path / "out")
    assert "none of the pictures in" in error.what
    assert not (tmp_path / "out").exists()


def test_wrong_places_are_told(run: RunFolder, tmp_path: Path) -> None:
    image = save(tmp_path / "photos" / "x.png", picture(24, 32))
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("mine")
    new = tmp_path / "out"
    assert "no run at" in refusal("restore", tmp_path / "no", image, "--out", new).what
    assert "nothing at" in refusal("restore", run.path, tmp_path / "no.png", "--out", new).what
    assert "no pictures in" in refusal("restore", run.path, tmp_path / "empty", "--out", new).what
    assert "is a file" in refusal("restore", run.path, image, "--out", tmp_path / "file").what
    error = refusal("restore", run.path, image, "--out", tmp_path / "file" / "out")
    assert "a file is where a folder should be" in error.what
    assert "--out" in refusal("restore", run.path, image, "--out", tmp_path / "photos").remedy
    assert not new.exists()
    assert (tmp_path / "file").read_text() == "mine"


def test_too_small_tiles_are_refused(run: RunFolder, tmp_path: Path) -> None:
    image = save(tmp_path / "x.png", picture(24, 32))
    error = refusal("restore", run.path, image, "--out", tmp_path / "out", "--tile", "135")
    assert isinstance(error, UsageError)
    assert "give --tile 136 or more" in error.remedy


def test_where_to_put_the_pictures_must_be_said(run: RunFolder) -> None:
    result = CliRunner().invoke(commands, ["restore", str(run.path), "x.png"])
    assert result.exit_code == 2
    assert "--out" in result.output


@pytest.mark.parametrize(
    "words",
    [
        ("sample",),
        ("sample", "--rank-by", "discriminator", "--out", "{new}"),
        ("interpolate",),
        ("interpolate", "--out", "{new}.gif"),
        ("map", "--image", "0"),
    ],
)
def test_commands_for_new_pictures_point_to_this_one(
    run: RunFolder, tmp_path: Path, words: tuple[str, ...]
) -> None:
    command, *options = (word.format(new=tmp_path / "new") for word in words)
    error = refusal(command, run.path, *options)
    assert isinstance(error, UsageError)
    assert "zerosum restore RUN PICTURE --out FOLDER" in error.remedy
    assert list(tmp_path.iterdir()) == []
    assert not run.samples.exists()


@pytest.mark.parametrize("command", ["modes", "neighbours", "map"])
def test_commands_that_compare_new_pictures_with_real_ones_refuse_restored_ones(
    tmp_path: Path, command: str
) -> None:
    for number in range(10):
        save(tmp_path / "photos" / f"{number}.png", picture(32, 32, seed=number))
    fields = {"data.source": str(tmp_path / "photos"), "data.resolution": 32}
    run = restoring_run(tmp_path / "run", PLAIN | fields)
    assert "zerosum restore RUN" in refusal(command, run.path).remedy


def test_a_run_of_new_pictures_is_refused(
    make_run: Callable[..., RunFolder], tmp_path: Path
) -> None:
    image = save(tmp_path / "x.png", np.zeros((32, 32), np.uint8))
    error = refusal("restore", make_run().path, image, "--out", tmp_path / "out")
    assert isinstance(error, UsageError)
    assert "zerosum train restore --data" in error.remedy
    assert not (tmp_path / "out").exists()

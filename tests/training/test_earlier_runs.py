"""Runs that an earlier version began, whose recipe.toml has fewer fields."""

import shutil
from pathlib import Path

import pytest

from tests.training.launcher import Launcher

WORDS = (
    "train", "sngan", "--data", "digits", "--device", "cpu", "--precision", "32", "--batch", 16,
    "--data.resolution", 16, "--data.channels", 1, "--width", 4, "--latent", 4,
    "--schedule.log_every", 1, "--evaluation.images", 0, "--out", "run",
)  # fmt: skip
AS_BEFORE = ("--network.generator.bias", "none", "--network.discriminator.bias", "none")


@pytest.fixture(scope="module")
def begun(launcher: Launcher, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the first half of a run, as it was written before there was `bias`."""
    folder = tmp_path_factory.mktemp("begun")
    code, child = launcher.run(folder, *WORDS, *AS_BEFORE, "--images", 160)
    assert code == 0, child.stderr
    file = folder / "run" / "recipe.toml"
    lines = file.read_text().splitlines(keepends=True)
    later = ("bias = ", "# checksum")
    file.write_text("".join(line for line in lines if not line.startswith(later)))
    return folder


def test_it_goes_on_by_the_command_that_began_it_as_if_nothing_had_changed(
    launcher: Launcher, begun: Path, tmp_path: Path
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir()
    shutil.copytree(begun, parts, symlinks=True)
    assert launcher.run(whole, *WORDS, *AS_BEFORE, "--images", 320)[0] == 0
    code, child = launcher.run(parts, *WORDS, "--images", 320)
    assert code == 0, child.stderr
    for name in ("generator", "discriminator", "optimizers"):
        file = Path("run/checkpoints/latest") / f"{name}.safetensors"
        assert (parts / file).read_bytes() == (whole / file).read_bytes()


def test_a_layer_list_that_it_does_not_have_is_refused_where_it_is_asked_for(
    launcher: Launcher, begun: Path
) -> None:
    other = ("--network.discriminator.bias", "without-norm", "--images", 320)
    code, child = launcher.run(begun, *WORDS, *other)
    assert code == 1
    assert "network.discriminator.bias: 'none' → 'without-norm'" in child.stderr


def test_its_pictures_can_be_made(launcher: Launcher, begun: Path) -> None:
    code, child = launcher.run(begun, "sample", "run", "--n", 2)
    assert code == 0, child.stderr

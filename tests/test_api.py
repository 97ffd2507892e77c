"""The public Python API: train, open, generate."""

from pathlib import Path

import numpy as np
import pytest

import zerosum
from tests.data.files import noise, write_folder
from zerosum.data.sources import find_source

TINY: dict[str, object] = {
    "images": 64, "batch": 16, "width": 4, "data.limit": 64, "schedule.log_every": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> zerosum.Run:
    return zerosum.train("digits", out=tmp_path_factory.mktemp("runs") / "tiny", overrides=TINY)


def test_training_gives_a_finished_run(run: zerosum.Run) -> None:
    assert run.outcome is not None
    state = run.state()
    assert (state["status"], state["images"]) == ("finished", 64)
    assert [line["images"] for line in run.metrics()] == [16, 32, 48, 64]
    assert run.recipe().network.generator.width == 4
    assert (run.path / "summary.md").is_file()


def test_a_run_is_opened_from_its_folder(run: zerosum.Run) -> None:
    opened = zerosum.Run.open(str(run.path))
    assert opened.outcome is None
    assert opened.state() == run.state()
    assert opened.recipe() == run.recipe()


def test_a_generator_makes_the_same_pictures_for_the_same_seeds(run: zerosum.Run) -> None:
    generator = run.generator()
    pictures = generator(range(4))
    assert pictures.shape == (4, 32, 32, 1)
    assert pictures.dtype == np.uint8
    assert np.array_equal(pictures, zerosum.Run.open(run.path).generator()(range(4)))
    assert np.abs(generator([2])[0].astype(int) - pictures[2]).max() <= 1


def test_opening_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(zerosum.ZerosumError, match="there is no run"):
        zerosum.Run.open(tmp_path / "nothing")


def test_wrong_settings_are_usage_errors_before_anything_is_written(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(zerosum.UsageError, match=r"schedule\.batch"):
        zerosum.train("digits", out=out, overrides={"batch": 0})
    with pytest.raises(zerosum.UsageError, match="which images"):
        zerosum.train("dcgan", out=out)
    with pytest.raises(zerosum.ZerosumError, match="nothing at"):
        zerosum.train("dcgan", str(tmp_path / "none"), out)
    assert not out.exists()


def test_a_recipe_object_trains_like_its_name(tmp_path: Path, run: zerosum.Run) -> None:
    recipe = zerosum.load_recipe("digits", TINY)
    again = zerosum.train(recipe, out=tmp_path / "again")
    assert np.array_equal(again.generator()(range(2)), run.generator()(range(2)))


def test_every_public_name_is_there() -> None:
    for name in zerosum.__all__:
        assert getattr(zerosum, name).__name__ == name
    assert dir(zerosum) == sorted(zerosum.__all__)
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        zerosum.__getattr__("trian")


def test_a_training_among_its_images_goes_on_and_does_not_see_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`cd photos; zerosum train dcgan --data .`, stopped, and given again."""
    photos = write_folder(tmp_path / "photos", {f"{seed}.png": noise(seed) for seed in range(20)})
    monkeypatch.chdir(photos)
    small: dict[str, object] = {
        "images": 64, "batch": 16, "width": 4, "data.resolution": 16, "schedule.log_every": 1,
        "evaluation.images": 0, "data.validation": 0.0,
    }  # fmt: skip
    first = zerosum.train("dcgan", ".", overrides=small, stop_after=1e-9)
    assert first.state()["status"] == "stopped"
    assert list(first.folder.samples.glob("*.png"))
    second = zerosum.train("dcgan", ".", overrides=small)
    assert second.path == first.path
    assert (second.state()["status"], second.state()["data"]["train"]) == ("finished", 20)
    assert len(find_source(".").names()) == 20


def test_paths_that_are_no_utf8_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    odd = tmp_path / "caf\udce9"
    try:
        write_folder(odd, {f"{seed}.png": noise(seed) for seed in range(4)})
    except OSError:
        pytest.skip("this file system keeps to UTF-8")
    small: dict[str, object] = {"data.resolution": 16, "data.validation": 0.0}
    with pytest.raises(zerosum.ZerosumError, match=r"caf\\xe9 is no UTF-8, and no recipe"):
        zerosum.train("dcgan", str(odd), tmp_path / "run", overrides=small)
    (tmp_path / "link").symlink_to(odd)
    with pytest.raises(zerosum.ZerosumError, match=r"caf\\xe9/run is no UTF-8, and Tensor"):
        zerosum.train("dcgan", str(tmp_path / "link"), odd / "run", overrides=small)
    assert not (odd / "run").exists()
    assert not (tmp_path / "run").exists()

"""What a run writes about itself while it trains."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.training.conftest import TINY
from tests.training.launcher import Launcher
from zerosum.randomness import random_for
from zerosum.records.run import RunFolder

FIELDS = {
    "step", "images", "seconds", "images_per_second", "loss_generator", "loss_discriminator",
    "d_real", "d_fake_before", "d_fake_after", "gradient_norm_generator",
    "gradient_norm_discriminator", "learning_rate_generator",
    "learning_rate_discriminator", "spread_fake", "spread_real", "nearest_fake", "nearest_real",
    "variety_images", "contrast_fake", "contrast_real", "d_train", "d_held_out", "d_generated",
}  # fmt: skip


def test_each_log_line_has_every_measure_and_nothing_that_the_recipe_has_not(
    finished: Path,
) -> None:
    lines = RunFolder(finished).metrics()
    assert [line["step"] for line in lines] == [*range(5, 95, 5), 94]
    for line in lines:
        last = {"last_step"} if line["step"] == 94 else set()
        assert line.keys() == FIELDS | last
        assert 0 < line["d_real"] < 1, "a probability"
        assert line["gradient_norm_generator"] > 0


def test_few_real_images_are_compared_once_each(launcher: Launcher, tmp_path: Path) -> None:
    noise = random_for(0, "few").integers(0, 256, (20, 32, 32), dtype=np.uint8)
    (tmp_path / "pictures").mkdir()
    for number, pixels in enumerate(noise):
        Image.fromarray(pixels).save(tmp_path / "pictures" / f"{number}.png")
    code, child = launcher.run(
        tmp_path, *TINY, "--data", "pictures", "--data.validation", 0, "--images", 320
    )
    assert code == 0, child.stderr
    for line in RunFolder(tmp_path / "run").metrics():
        assert line["variety_images"] == 20
        assert line["nearest_real"] > 0.1, "no image is its own neighbour"
    with Image.open(tmp_path / "run" / "samples" / "reals.png") as reals:
        assert reals.size[1] < reals.size[0], "three rows of eight"


def test_learning_rates_fall_as_the_recipe_says(finished: Path) -> None:
    lines = RunFolder(finished).metrics()
    for line in lines:
        # Of the step that the line ends with, which began a batch earlier.
        expected = 2e-4 * (1 - (line["images"] - 32) / 3000)
        assert abs(line["learning_rate_generator"] - expected) < 1e-12


def test_tensorboard_has_the_curves_of_a_gan_and_its_pictures(finished: Path) -> None:
    board = EventAccumulator(str(finished / "tensorboard")).Reload()
    assert set(board.Tags()["scalars"]) == {
        "losses/generator's loss", "losses/discriminator's loss", "discriminator/D(x)",
        "discriminator/D(G(z)), discriminator's step", "discriminator/D(G(z)), generator's step",
        "gradients/generator's gradient norm", "gradients/discriminator's gradient norm",
        "learning rates/generator's learning rate", "learning rates/discriminator's learning rate",
        "speed/images per second", "variety/generated, to each other",
        "variety/real, to each other", "variety/generated, to the nearest",
        "variety/real, to the nearest", "variety/contrast of generated", "variety/contrast of real",
        "overfitting/training images", "overfitting/held-out images",
        "overfitting/generated images",
    }  # fmt: skip
    assert set(board.Tags()["images"]) == {"samples/reals", "samples/fakes"}
    logged = RunFolder(finished).metrics()[0]
    first = board.Scalars("losses/generator's loss")[0]
    assert first.step == logged["images"]
    assert abs(first.value - logged["loss_generator"]) < 1e-5


def test_a_full_disk_is_told_once_by_tensorboard_and_not_by_its_thread(tmp_path: Path) -> None:
    program = f"""
import resource, sys, time
from pathlib import Path
from zerosum.errors import ZerosumError
from zerosum.records.run import RunFolder
from zerosum.recipe.load import load_recipe
from zerosum.training.log_writer import LogWriter
writer = LogWriter(RunFolder(Path({str(tmp_path)!r})), load_recipe("digits"), -1)
sys.dont_write_bytecode = True
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
writer.run.metrics_file.symlink_to("/dev/null")
try:
    for images in range(2000):
        writer.log({{"images": images, "loss_generator": 0.5, "d_real": 0.5}})
        time.sleep(0.001)
except ZerosumError as error:
    print(error.what)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == f"no space left to write {tmp_path / 'tensorboard'}\n"
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr


def test_real_images_and_first_fakes_are_written_before_the_first_step(finished: Path) -> None:
    names = sorted(path.name for path in (finished / "samples").glob("*.png"))
    assert names[0] == "000000000.png"
    assert "reals.png" in names
    with Image.open(finished / "samples" / "reals.png") as reals:
        side = 8 * (32 + 2) + 2
        assert reals.size == (3 * side, 3 * side), "64 real images of 32 pixels, each 3 × 3"


def test_recipe_of_a_run_has_every_field_and_the_fingerprint_of_its_images(finished: Path) -> None:
    text = (finished / "recipe.toml").read_text()
    state = json.loads((finished / "state.json").read_text())
    assert f'fingerprint = "{state["data"]["fingerprint"]}"' in text
    assert "spectral_norm = false" in text, "defaults are written out"

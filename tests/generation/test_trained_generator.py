import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from zerosum.data.batches import to_uint8
from zerosum.errors import ZerosumError
from zerosum.generation.generator import load_discriminator, load_generator
from zerosum.records.run import RunFolder


def copy_of(run: RunFolder, path: Path) -> RunFolder:
    shutil.copytree(run.path, path, symlinks=True)
    return RunFolder(path)


def test_pictures_are_uint8_with_channels_last(tiny_run: RunFolder, colour_run: RunFolder) -> None:
    grey, colour = load_generator(tiny_run)([0, 1, 2]), load_generator(colour_run)([0, 1])
    assert grey.shape == (3, 32, 32, 1)
    assert colour.shape == (2, 16, 16, 3)
    assert grey.dtype == np.uint8
    assert np.ptp(grey) > 100, "the fixture's pictures should not be flat"
    assert load_generator(tiny_run)([]).shape == (0, 32, 32, 1)


@pytest.mark.parametrize("batch", [1, 3, 64])
def test_any_batch_size_makes_the_same_picture_to_one_grey_level(
    tiny_run: RunFolder, batch: int
) -> None:
    usual = load_generator(tiny_run)(range(20)).astype(int)
    other = load_generator(tiny_run, batch=batch)(range(20)).astype(int)
    assert np.abs(usual - other).max() <= 1


@pytest.mark.parametrize("count", [1, 2, 7, 31])
def test_a_picture_is_the_same_bit_for_bit_whatever_is_made_beside_it(
    tiny_run: RunFolder, count: int
) -> None:
    generator = load_generator(tiny_run)
    latents = generator.latents(0, range(32))
    many = generator.images(latents)
    assert torch.equal(generator.images(latents[:count]), many[:count])
    assert torch.equal(generator.images(latents.flip(0)), many.flip(0))


def test_a_seed_stands_for_its_latent(tiny_run: RunFolder) -> None:
    generator = load_generator(tiny_run)
    assert np.array_equal(generator([5]), generator(generator.latents(0, [5])))


def test_the_average_is_used_where_there_is_one(tiny_run: RunFolder, colour_run: RunFolder) -> None:
    average = load_generator(tiny_run)
    last = load_generator(tiny_run, averaged=False)
    assert average.averaged
    assert not last.averaged
    assert not np.array_equal(average([0]), last([0]))
    assert not load_generator(colour_run).averaged
    with pytest.raises(ZerosumError, match="no average"):
        load_generator(colour_run, averaged=True)


def test_the_generator_tells_its_checkpoint(tiny_run: RunFolder) -> None:
    generator = load_generator(tiny_run)
    assert generator.labels() == {"run": "tiny", "checkpoint": "000200000", "weights": "average"}
    assert np.array_equal(load_generator(tiny_run, "200000")([0]), generator([0]))


def test_every_grey_level_comes_back_and_values_beyond_are_cut() -> None:
    levels = torch.arange(256, dtype=torch.float32)
    images = (levels / 127.5 - 1).reshape(1, 1, 16, 16)
    assert np.array_equal(to_uint8(images).ravel(), np.arange(256))
    assert to_uint8(torch.tensor([-1.2, 1.2]).reshape(1, 1, 1, 2)).ravel().tolist() == [0, 255]


def test_the_discriminator_gives_a_logit_for_each_image(tiny_run: RunFolder) -> None:
    generator, discriminator = load_generator(tiny_run), load_discriminator(tiny_run)
    images = generator.images(generator.latents(0, range(3)))
    assert discriminator(images).shape == (3,)
    assert not discriminator.training


@pytest.mark.parametrize("name", ["best", "000123456", "nonsense"])
def test_a_checkpoint_that_is_not_there_is_an_error(tiny_run: RunFolder, name: str) -> None:
    with pytest.raises(ZerosumError, match="no") as caught:
        load_generator(tiny_run, name)
    assert "200000" in caught.value.remedy


def test_a_missing_run_and_a_folder_that_is_no_run_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ZerosumError, match="there is no run"):
        load_generator(RunFolder(tmp_path / "nowhere"))
    with pytest.raises(ZerosumError, match="is not a run"):
        load_generator(RunFolder(tmp_path))


def test_a_run_without_a_checkpoint_is_an_error(tiny_run: RunFolder, tmp_path: Path) -> None:
    run = copy_of(tiny_run, tmp_path / "young")
    shutil.rmtree(run.checkpoints)
    with pytest.raises(ZerosumError, match="no checkpoint yet"):
        load_generator(run)


def test_damaged_and_missing_weights_are_errors(tiny_run: RunFolder, tmp_path: Path) -> None:
    run = copy_of(tiny_run, tmp_path / "damaged")
    weights = run.checkpoint() / "generator.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(ZerosumError, match="is damaged"):
        load_generator(run, averaged=False)
    weights.unlink()
    with pytest.raises(ZerosumError, match="is missing"):
        load_generator(run, averaged=False)


@pytest.mark.parametrize("name", ["generator", "average", "discriminator"])
def test_one_changed_bit_in_the_weights_is_an_error(
    tiny_run: RunFolder, tmp_path: Path, name: str
) -> None:
    run = copy_of(tiny_run, tmp_path / "flipped")
    file = run.checkpoint() / f"{name}.safetensors"
    content = bytearray(file.read_bytes())
    content[-40] ^= 1
    file.write_bytes(content)
    with pytest.raises(ZerosumError) as error:
        if name == "discriminator":
            load_discriminator(run)
        else:
            load_generator(run, averaged=name == "average")
    assert error.value.what == f"{file} is damaged: it is not what was saved"


def test_an_average_that_is_gone_is_missed(tiny_run: RunFolder, tmp_path: Path) -> None:
    """The last weights make other pictures: nobody asked for those."""
    run = copy_of(tiny_run, tmp_path / "gone")
    (run.checkpoint() / "average.safetensors").unlink()
    with pytest.raises(ZerosumError, match=r"average\.safetensors is missing"):
        load_generator(run)


def test_weights_of_another_recipe_are_an_error(
    tiny_run: RunFolder, make_run: Callable[..., RunFolder], tmp_path: Path
) -> None:
    run = copy_of(tiny_run, tmp_path / "swapped")
    other = make_run({"network.latent": 7})
    shutil.copy(other.recipe_file, run.recipe_file)
    with pytest.raises(ZerosumError, match="does not fit the run's recipe"):
        load_generator(run)


@pytest.mark.parametrize("device", ["tpu", "cuda:99", "cpu:1", "cuda:x", ""])
def test_a_device_that_is_not_there_is_an_error(tiny_run: RunFolder, device: str) -> None:
    with pytest.raises(ZerosumError, match="no device") as caught:
        load_generator(tiny_run, device=device)
    assert "cpu" in caught.value.remedy


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_a_gpu_makes_the_same_picture_to_one_grey_level(tiny_run: RunFolder) -> None:
    on_cpu = load_generator(tiny_run, device="cpu")(range(40)).astype(int)
    on_gpu = load_generator(tiny_run, device="cuda")(range(40)).astype(int)
    assert np.abs(on_cpu - on_gpu).max() <= 1

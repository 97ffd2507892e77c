"""Damaged and restored pictures as images to be scored: the same at every call, under one name."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.generation.conftest import seal
from tests.generation.restored_runs import restoring_run, scale_correction, small_recipe

from zerosum.data import PackedData, open_data
from zerosum.data.batches import from_uint8
from zerosum.data.damage import damage_held_out
from zerosum.errors import ZerosumError
from zerosum.evaluation.restoration import Originals, numbered
from zerosum.generation.generator import load_generator
from zerosum.generation.restored import (
    damaged_images,
    restoration_versions,
    restored_images,
)
from zerosum.recipe.damage import DamageSettings
from zerosum.records.run import RunFolder

NUMBERS = np.array([3, 1700, 0, 12, 500, 41, 40, 7])


@pytest.fixture(scope="session")
def data() -> PackedData:
    recipe = small_recipe()
    return open_data(recipe.data, recipe.seed)


@pytest.fixture(scope="session")
def originals(data: PackedData) -> Originals:
    return numbered(data, NUMBERS)


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Shared: tests change nothing in it."""
    return restoring_run(tmp_path_factory.mktemp("restoring") / "run")


DAMAGE = DamageSettings(shrink=1, noise=0.5, number=0.5, jpeg=0.5)


def test_a_held_out_picture_is_damaged_alike_at_every_call_and_beside_any_other(
    data: PackedData, originals: Originals
) -> None:
    images = damaged_images(originals, DAMAGE, 5)
    pixels = images.read(0, 8)
    assert (pixels == images.read(0, 8)).all()
    for place, number in enumerate(NUMBERS):
        original = data.held_out.take(np.array([number]))
        assert (pixels[place] == damage_held_out(original, DAMAGE, 5, [int(number)])[0]).all()
    fewer = damaged_images(originals.first(3), DAMAGE, 5)
    assert len(fewer) == 3 and (fewer.read(0, 3) == pixels[:3]).all()
    # In the order of the training's own sample sheets: one call for neighbours.
    first = numbered(data, np.arange(8))
    wanted = damage_held_out(data.held_out.take(np.arange(8)), DAMAGE, 5, range(8))
    assert (damaged_images(first, DAMAGE, 5).read(0, 8) == wanted).all()


@given(st.integers(1, 9))
def test_pictures_are_the_same_however_many_are_read_at_a_time(
    run: RunFolder, originals: Originals, size: int
) -> None:
    generator = load_generator(run, device="cpu", batch=4)
    images = restored_images(generator, originals, DAMAGE, 0, "weights")
    whole = images.read(0, 8)
    assert whole.shape == (8, 32, 32, 1) and whole.dtype == np.uint8
    assert (np.concatenate(list(images.batches(size))) == whole).all()


def test_a_generator_that_corrects_nothing_gives_the_damaged_pictures_back(
    originals: Originals, tmp_path: Path
) -> None:
    run = restoring_run(tmp_path / "run")
    scale_correction(run.checkpoint(), 0)
    pixels = damaged_images(originals, DAMAGE, 0).read(0, 8)
    assert (load_generator(run, device="cpu").make(from_uint8(pixels)) == pixels).all()


def test_the_fingerprint_tells_apart_what_differs_and_nothing_else(
    run: RunFolder, data: PackedData, originals: Originals
) -> None:
    generator = load_generator(run, device="cpu")
    all_prints = [originals.images.fingerprint]
    other_numbers = Originals(originals.images, NUMBERS + 1)
    for chosen, damage, seed in (
        (originals, DAMAGE, 0),
        (originals, DAMAGE, 1),
        (originals, DamageSettings(shrink=1), 0),
        (other_numbers, DAMAGE, 0),
        (originals.first(4), DAMAGE, 0),
    ):
        images = damaged_images(chosen, damage, seed)
        all_prints.append(images.fingerprint)
        all_prints += [
            restored_images(generator, chosen, damage, seed, weights).fingerprint
            for weights in ("one", "other")
        ]
    assert len(set(all_prints)) == len(all_prints)
    same = damaged_images(numbered(data, NUMBERS.copy()), DAMAGE, 0)
    assert same.fingerprint in all_prints


def test_the_versions_of_a_run_are_damaged_pretrained_and_restored(
    run: RunFolder, originals: Originals
) -> None:
    versions = restoration_versions(run, originals, device="cpu")
    assert list(versions) == ["damaged", "pretrained", "restored"]
    assert [side.checkpoint for side in versions.values()] == ["", "000001000", "000003000"]
    assert [side.weights for side in versions.values()] == ["", "last", "last"]
    recipe = small_recipe()
    pixels = {name: side.read(0, 8) for name, side in versions.items()}
    wanted = damaged_images(originals, recipe.damage, recipe.seed).read(0, 8)
    assert (pixels["damaged"] == wanted).all()
    for name, checkpoint in (("pretrained", "1000"), ("restored", "3000")):
        generator = load_generator(run, checkpoint, device="cpu")
        assert (pixels[name] == generator.make(from_uint8(wanted))).all()
    assert (pixels["pretrained"] != pixels["restored"]).any()


def test_what_has_not_met_the_critic_is_called_pretrained(
    run: RunFolder, originals: Originals, tmp_path: Path
) -> None:
    def names(run: RunFolder, checkpoint: str = "latest") -> dict[str, str]:
        versions = restoration_versions(run, originals, checkpoint=checkpoint, device="cpu")
        return {name: side.checkpoint for name, side in versions.items()}

    alone = {"damaged": "", "pretrained": "000001000"}
    assert names(run, "pretrained") == names(run, "1000") == alone
    assert names(restoring_run(tmp_path / "never", pretrained=False)) == {
        "damaged": "",
        "restored": "000003000",
    }
    early = restoring_run(tmp_path / "early", {"pretrain.generator_images": 5000}, pretrained=False)
    assert names(early) == {"damaged": "", "pretrained": "000003000"}
    # While the critic learns alone the generator stays what it was.
    critic = restoring_run(tmp_path / "critic")
    file = "generator.safetensors"
    (critic.checkpoint() / file).write_bytes((critic.checkpoint("1000") / file).read_bytes())
    seal(critic.checkpoint(), images=3000)
    assert names(critic) == {"damaged": "", "pretrained": "000003000"}


def test_a_checkpoint_that_is_missing_is_told(run: RunFolder, originals: Originals) -> None:
    with pytest.raises(ZerosumError, match="has no checkpoint '7'"):
        restoration_versions(run, originals, checkpoint="7", device="cpu")

"""Held-out pictures damaged and restored, as images to be scored: made when they are read."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import PIL
from numpy.typing import NDArray

from zerosum.data import PackedData
from zerosum.data.batches import from_uint8
from zerosum.data.damage import damage_held_out
from zerosum.data.grid import grid, save_png
from zerosum.evaluation.images import Images, digest
from zerosum.evaluation.restoration import Originals, numbered
from zerosum.generation.generator import TrainedGenerator, load_generator
from zerosum.recipe.damage import DamageSettings
from zerosum.recipe.load import read_recipe
from zerosum.records.logs import VERSIONS
from zerosum.records.run import PRETRAINED, RunFolder

PICTURES = 8
"""The first held-out ones, whatever became of them."""


def damaged_images(originals: Originals, damage: DamageSettings, seed: int) -> Images:
    """The originals, damaged: always the same damage for the same number and seed (the run's)."""
    pictures, numbers = originals.images, originals.numbers

    def read(first: int, count: int) -> NDArray[np.uint8]:
        pixels = pictures.read(first, count)
        return damage_held_out(pixels, damage, seed, numbers[first : first + count])

    fingerprint = digest(
        "damaged",
        pictures.fingerprint,
        numbers[: len(pictures)].tolist(),
        damage.written,
        seed,
        PIL.__version__,  # JPEG and resizing are Pillow's
    )
    return replace(pictures, fingerprint=fingerprint, read=read)


def restored_images(
    generator: TrainedGenerator,
    originals: Originals,
    damage: DamageSettings,
    seed: int,
    weights: str,
) -> Images:
    """The originals, damaged as `damaged_images` does it and restored by a generator.

    `weights` is a checksum of the generator's weights file: with it the fingerprint says which
    pictures these are without making them.
    """
    damaged = damaged_images(originals, damage, seed)

    def read(first: int, count: int) -> NDArray[np.uint8]:
        return generator.make(from_uint8(damaged.read(first, count)))

    network = json.dumps(generator.recipe.network.model_dump(mode="json"))
    fingerprint = digest(
        "restored", damaged.fingerprint, weights, network, generator.device, generator.batch
    )
    return replace(
        damaged,
        name=generator.run,
        fingerprint=fingerprint,
        read=read,
        checkpoint=generator.checkpoint,
        weights=generator.weights,
    )


def restoration_versions(
    run: RunFolder,
    originals: Originals,
    *,
    checkpoint: str = "latest",
    averaged: bool | None = None,
    device: str = "auto",
) -> dict[str, Images]:
    """The originals "damaged", restored by the "pretrained" generator, and "restored" by that of a
    checkpoint, in this order.

    There is no "pretrained" where the run has no such checkpoint; and no "restored" where the
    checkpoint's generator has not met the critic yet: it is the pre-trained one then. Raises
    ZerosumError for whatever is missing or damaged.
    """
    recipe = read_recipe(run.recipe_file)
    versions = {"damaged": damaged_images(originals, recipe.damage, recipe.seed)}

    def restored(name: str) -> Images:
        generator = load_generator(run, name, averaged=averaged, device=device)
        weights = generator.digest
        return restored_images(generator, originals, recipe.damage, recipe.seed, weights)

    chosen = restored(checkpoint)
    alone = int(chosen.checkpoint) <= recipe.pretrain.generator_images
    if (run.checkpoints / PRETRAINED).is_dir() and not alone:
        before = versions["pretrained"] = restored(PRETRAINED)
        # The critic's own phase changes nothing in it.
        alone = before.fingerprint == chosen.fingerprint
    return versions | {"pretrained" if alone else "restored": chosen}


def write_restoration(run: RunFolder, data: PackedData, *, device: str = "auto") -> Path | None:
    """Draw the first held-out pictures, one a column: a row for each version and one for the
    originals; returns the path, or None where nothing was held out.

    `data` is what the run was trained on. Of the best checkpoint, as the scores are, or of the
    newest where none were compared. Raises ZerosumError where a file is missing or cannot be
    written.
    """
    count = min(PICTURES, len(data.held_out))
    if not count:
        return None
    originals = numbered(data, np.arange(count))
    versions = restoration_versions(run, originals, checkpoint=run.best_or_latest(), device=device)
    sides = {VERSIONS[name]: side for name, side in versions.items()}
    sides["original"] = originals.images
    sheet = grid(np.concatenate([each.read(0, count) for each in sides.values()]), columns=count)
    text = {
        "run": run.path.resolve().name,
        "data": data.name,
        "seed": str(read_recipe(run.recipe_file).seed),
        "rows": ", ".join(sides),
        "columns": f"held-out pictures 0 to {count - 1}",
        **{f"checkpoint of {VERSIONS[name]}": side.checkpoint for name, side in versions.items()
           if side.checkpoint},
    }  # fmt: skip
    save_png(sheet, run.restoration_file, text)
    return run.restoration_file

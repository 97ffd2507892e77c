"""A model of the Hugging Face Hub: weights, settings and a model card in a folder, and the way back
to a generator."""

import hashlib
import json
from pathlib import Path
from typing import Any

from zerosum.errors import ZerosumError
from zerosum.exporting.card import card
from zerosum.exporting.config import AGAIN, CONFIG, read_config, recipe_in
from zerosum.exporting.exporter import Compute, Exporter
from zerosum.exporting.subject import Subject
from zerosum.generation.generator import (
    AVERAGE,
    BATCH,
    GENERATOR,
    TrainedGenerator,
    with_weights,
)
from zerosum.generation.sample import first_samples
from zerosum.networks.build import build_generator
from zerosum.networks.device import choose_device
from zerosum.reading import reason, require_regular
from zerosum.records.checkpoint import read_saved
from zerosum.versions import versions

WEIGHTS, CARD, SHEET = "model.safetensors", "README.md", "samples.png"
SAMPLES = 64
"""Pictures on the card's sheet."""


def make(subject: Subject) -> dict[str, bytes]:
    """The files, by name. The weights are those of the checkpoint, byte for byte."""
    generator = subject.generator
    folder = subject.run.checkpoint(generator.checkpoint)
    weights = read_saved(folder, AVERAGE if generator.averaged else GENERATOR)
    config = json.dumps(_config(subject), indent=2, ensure_ascii=False) + "\n"
    # A sheet of a restoration shows somebody's own pictures, which are not ours to pass on.
    latents = generator.recipe.task.latents
    sheet = {SHEET: first_samples(generator, SAMPLES)} if latents else {}
    text = card(subject, sheet=SHEET if sheet else "")
    return {CONFIG: config.encode(), WEIGHTS: weights, CARD: text.encode(), **sheet}


def _config(subject: Subject) -> dict[str, Any]:
    """What `load_pretrained` needs besides the weights: the recipe, without paths of a machine."""
    generator = subject.generator
    recipe = generator.recipe.model_dump(mode="json")
    recipe["data"]["source"] = subject.state.get("data", {}).get("name", "")
    return {
        "library_name": "zerosum",
        "zerosum": versions()["zerosum"],
        **generator.labels(),
        "sha256": generator.digest,
        "recipe": recipe,
    }


def load_pretrained(folder: Path, *, device: str = "auto", batch: int = BATCH) -> TrainedGenerator:
    """The generator in a folder that was exported. Of others' files only JSON and safetensors are
    read: nothing in them is run but parts that this user has named, or trusted, on this machine.

    Raises ZerosumError for what is missing, damaged, of another program or of a newer zerosum, and
    UntrustedError for parts that may not be run here.
    """
    config = read_config(folder)
    recipe = recipe_in(config, folder)
    path, chosen = folder / WEIGHTS, choose_device(device)
    try:
        require_regular(path)
        content = path.read_bytes()
    except OSError as error:
        raise ZerosumError(f"{path} cannot be read: {reason(error)}", AGAIN) from error
    if hashlib.sha256(content).hexdigest() != config["sha256"]:
        raise ZerosumError(f"{path} is not what was exported", AGAIN)
    return TrainedGenerator(
        module=with_weights(build_generator(recipe), content, path, chosen, AGAIN),
        recipe=recipe,
        run=config["run"],
        checkpoint=config["checkpoint"],
        averaged=config["weights"] == "average",
        device=chosen,
        batch=batch,
        digest=config["sha256"],
    )


def read(subject: Subject, path: Path) -> Compute:
    """The folder as a generator, on the processor."""
    return load_pretrained(path, device="cpu", batch=subject.generator.batch).make


EXPORTER = Exporter(make, read, lambda: f"zerosum {versions()['zerosum']}")

"""The scores of two folders are those of torch-fidelity's command, from pictures to numbers."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import zerosum
from zerosum.randomness import random_for

pytestmark = pytest.mark.real

FAKES, REALS = 100, 80
"""KID's subsets are then of 80 images: all real ones, and others of the fakes each time."""


@pytest.fixture(scope="module")
def weights(inception_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A .pth file with a last layer, which both sides read: what its numbers are does not matter,
    only that classes come out certain enough for an Inception Score well above 1."""
    tensors = {name: tensor.float() for name, tensor in load_file(inception_weights).items()}
    last = random_for(0, "last layer").standard_normal(tensors["fc.weight"].shape) * 0.5
    tensors["fc.weight"] = torch.from_numpy(last.astype(np.float32))
    path = tmp_path_factory.mktemp("weights") / "inception.pth"
    torch.save(tensors, path)
    return path


def unpacked(archive: zipfile.ZipFile, classes: tuple[str, ...], count: int, folder: Path) -> Path:
    """PNGs of these classes, as many of each, in one folder."""
    folder.mkdir()
    for kind in classes:
        names = [name for name in archive.namelist() if name.startswith(f"train/{kind}/")]
        for name in names[: count // len(classes)]:
            (folder / f"{kind}-{Path(name).name}").write_bytes(archive.read(name))
    assert len(list(folder.iterdir())) == count
    return folder


def test_scores_of_two_folders_are_those_of_the_fidelity_command(
    real_data: Path, weights: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(real_data / "cifar10.zip") as archive:
        fakes = unpacked(archive, ("cat",), FAKES, tmp_path / "fakes")
        reals = unpacked(archive, ("cat", "deer", "ship", "truck"), REALS, tmp_path / "reals")
    command = [sys.executable, "-m", "torch_fidelity.fidelity"]
    command += ["--input1", str(fakes), "--input2", str(reals), "--cpu", "--json", "--silent"]
    command += ["--batch-size", "16"]
    command += ["--isc", "--fid", "--kid", "--prc", "--kid-subset-size", str(REALS), "--no-cache"]
    # Without its name, precision and recall are of another network.
    command += ["--feature-extractor", "inception-v3-compat"]
    command += ["--feature-extractor-weights-path", str(weights)]
    for score in ("fid", "kid", "prc"):
        command += [f"--feature-layer-{score}", "768"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    wanted = json.loads(done.stdout[done.stdout.index("{") :])

    found = zerosum.evaluate(
        fakes,
        reals,
        extractor="inception",
        layer="768",
        weights=weights,
        scores=("fid", "kid", "precision", "recall", "is"),
        device="cpu",
    )
    assert found.protocol.extractor == "inception-768"
    assert (found.protocol.fakes, found.protocol.reals) == (FAKES, REALS)
    assert found["fid"] == pytest.approx(wanted["frechet_inception_distance"], rel=1e-3)
    assert found["kid"] == pytest.approx(wanted["kernel_inception_distance_mean"], rel=1e-3)
    assert found["precision"] == pytest.approx(wanted["precision"], abs=1e-3)
    assert found["recall"] == pytest.approx(wanted["recall"], abs=1e-3)
    assert found["is"] == pytest.approx(wanted["inception_score_mean"], rel=1e-3)
    assert found.values["is"].deviation == pytest.approx(wanted["inception_score_std"], rel=1e-2)
    # None of them at an end of its scale, where wrong scores would agree too.
    assert wanted["inception_score_mean"] > 1.5
    assert 0.1 < wanted["precision"] < 0.99 and 0.1 < wanted["recall"] < 0.99
    assert wanted["precision"] != pytest.approx(wanted["recall"], abs=0.01)

"""The classifier behind the `digits` extractor: how good it is, and what it never saw."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tools.make_digits import CHOSEN, SEED
from tools.train_digit_classifier import TARGET, accuracy, moved, read

from zerosum.data.sources.idx import DIGITS, read_idx
from zerosum.evaluation.extractors.digits import FILE
from zerosum.evaluation.extractors.small_classifier import CLASSES, FEATURES, SmallClassifier


@pytest.fixture(scope="module")
def network() -> SmallClassifier:
    network = SmallClassifier()
    weights = {name: tensor.float() for name, tensor in load_file(FILE).items()}
    missing, unexpected = network.load_state_dict(weights, strict=False)
    # Counters that only training needs are not stored.
    assert all(name.endswith("num_batches_tracked") for name in missing) and not unexpected
    return network.eval()


def test_every_feature_varies_among_digits(network: SmallClassifier) -> None:
    digits = read_idx(DIGITS / "images-idx3-ubyte.xz")[:500]
    padded = np.pad(digits, ((0, 0), (2, 2), (2, 2)))
    with torch.inference_mode():
        features, logits = network(torch.from_numpy(padded)[:, None].float() / 127.5 - 1)
    assert features.shape == (500, FEATURES) and logits.shape == (500, CLASSES)
    # A dead feature would waste a dimension, one loud feature would drown the others.
    spread = features.std(0)
    assert spread.min() > 0.1 and spread.max() < 5 * spread.min()


def test_augmented_digits_depend_on_the_step_alone_and_stay_in_range() -> None:
    digits = read_idx(DIGITS / "images-idx3-ubyte.xz")[:20]
    images = torch.from_numpy(np.pad(digits, ((0, 0), (2, 2), (2, 2))))[:, None].float() / 127.5 - 1
    assert torch.equal(moved(images, 3), moved(images, 3))
    assert not torch.equal(moved(images, 3), moved(images, 4))
    assert moved(images, 3).shape == images.shape
    assert moved(images, 3).min() >= -1 - 1e-5 and moved(images, 3).max() <= 1 + 1e-5
    assert (moved(images, 3) - images).abs().mean() < 0.4  # moved a little, not away


@pytest.mark.real
def test_mnists_test_digits_are_read_right_in_994_of_1000(
    real_data: Path, network: SmallClassifier
) -> None:
    images, labels = read(real_data / "mnist", "t10k")
    assert len(images) == 10_000
    assert accuracy(network, images, labels) >= 0.994


@pytest.mark.real
def test_the_bundled_digits_are_those_that_training_leaves_out(real_data: Path) -> None:
    images, labels = read(real_data / "mnist", "train")
    left_out = np.random.default_rng(SEED).choice(len(images), size=CHOSEN, replace=False)
    pixels = ((images[left_out, 0, 2:30, 2:30] + 1) * 127.5).round().to(torch.uint8).numpy()
    assert np.array_equal(pixels, read_idx(DIGITS / "images-idx3-ubyte.xz"))
    assert np.array_equal(labels[left_out], read_idx(DIGITS / "labels-idx1-ubyte.xz"))


def test_training_writes_the_file_that_the_extractor_reads() -> None:
    assert TARGET.resolve() == FILE.resolve()

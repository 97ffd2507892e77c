"""Train the classifier behind the `digits` extractor.

    python -m tools.train_digit_classifier FOLDER   # the folder with MNIST's four idx files

Learns from the 50,000 MNIST training digits that are not bundled with zerosum, so that the bundled
ones are new to it: features of images that a network has learnt by heart would flatter whoever
copies them. MNIST's 10,000 test digits are looked at once, after the last step; neither the number
of epochs nor anything else was chosen by them. Prints both accuracies and writes the weights as
float16 beside the extractor.
"""

import gzip
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from tools.make_digits import CHOSEN, IMAGE_HEADER, LABEL_HEADER, SEED
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn, update_bn

from zerosum.evaluation.extractors.small_classifier import SIDE, SmallClassifier
from zerosum.evaluation.extractors.weights import HASH_DIGITS
from zerosum.files import checksum
from zerosum.randomness import random_for

TARGET = (
    Path(__file__).parents[1] / "src" / "zerosum" / "evaluation" / "extractors"
) / "digits.safetensors"
EPOCHS = 24
BATCH = 128
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 1e-2
SMOOTHING = 0.05
ROTATION = 12.0
"""Degrees, at most, either way."""
SCALE = 0.12
SHIFT = 0.1
"""Of half the side, at most."""
SHEAR = 0.15


def read(folder: Path, part: str) -> tuple[Tensor, Tensor]:
    """MNIST's "train" or "t10k" digits: (n, 1, 32, 32) float in [-1, 1], labels (n,) int64."""
    images = gzip.decompress((folder / f"{part}-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((folder / f"{part}-labels-idx1-ubyte.gz").read_bytes())
    pixels = np.frombuffer(images, np.uint8, offset=IMAGE_HEADER).reshape(-1, 1, 28, 28)
    classes = np.frombuffer(labels, np.uint8, offset=LABEL_HEADER)
    padded = F.pad(torch.from_numpy(pixels.copy()).float() / 127.5 - 1, (2, 2, 2, 2), value=-1)
    return padded, torch.from_numpy(classes.astype(np.int64))


def moved(images: Tensor, step: int) -> Tensor:
    """Each image turned, scaled, sheared and shifted a little, as its own draw of `step` says."""
    draws = random_for(SEED, "augmentation", step).uniform(-1, 1, (5, len(images)))
    turn, scale, shear, across, down = (torch.from_numpy(row).float() for row in draws)
    angle, size = turn * np.deg2rad(ROTATION), 1 + scale * SCALE
    cosine, sine = angle.cos() * size, angle.sin() * size
    rows = [
        torch.stack([cosine, -sine + shear * SHEAR, across * SHIFT], 1),
        torch.stack([sine, cosine, down * SHIFT], 1),
    ]
    grid = F.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    return F.grid_sample(images + 1, grid, align_corners=False) - 1


@torch.inference_mode()
def accuracy(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The share that is classified as its label says."""
    network.eval()
    right = 0
    for part, wanted in zip(torch.split(images, 1000), torch.split(labels, 1000), strict=True):
        right += int((network(part)[1].argmax(1) == wanted).sum())
    return right / len(labels)


def main(folder: Path) -> None:
    """Train, write the weights, and print how good the file is."""
    images, labels = read(folder, "train")
    bundled = np.random.default_rng(SEED).choice(len(images), size=CHOSEN, replace=False)
    others = np.setdiff1d(np.arange(len(images)), bundled)
    torch.manual_seed(SEED)
    network = SmallClassifier().to(memory_format=torch.channels_last)
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(0.998))  # type: ignore[no-untyped-call]
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = EPOCHS * (len(others) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    step, begin = 0, time.monotonic()
    for epoch in range(EPOCHS):
        network.train()
        order = random_for(SEED, "order", epoch).permutation(others)
        for first in range(0, len(order) - BATCH + 1, BATCH):
            rows = order[first : first + BATCH]
            batch = moved(images[rows], step).contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16):
                logits = network(batch)[1]
            loss = F.cross_entropy(logits.float(), labels[rows], label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            average.update_parameters(network)
            step += 1
        print(f"epoch {epoch + 1}/{EPOCHS}: {time.monotonic() - begin:.0f} s", flush=True)
    update_bn((images[part] for part in np.array_split(others, 100)), average)
    result = average.module
    assert isinstance(result, SmallClassifier)
    weights = {
        name: tensor.detach().to(torch.float16).contiguous()
        for name, tensor in result.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    test, bundled_rows = read(folder, "t10k"), np.sort(bundled)
    save_file(weights, TARGET, metadata={"note": f"{SIDE}×{SIDE} handwritten digits, float16"})
    print(f"SHA256 of evaluation/extractors/digits.py: {checksum(TARGET)[:HASH_DIGITS]}")
    stored = SmallClassifier()
    stored.load_state_dict({name: value.float() for name, value in weights.items()}, strict=False)
    print(f"MNIST's 10,000 test digits: {accuracy(stored, *test):.2%}")
    seen = images[bundled_rows], labels[bundled_rows]
    print(f"the 10,000 bundled digits, not learnt from: {accuracy(stored, *seen):.2%}")
    print(f"{TARGET}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Kill a training again and again at random points; its result must not change.

    python tools/soak.py [--kills 100] [--seed 0] [--folder FOLDER]

Trains a small recipe once without a disturbance. Then trains it again, kills the process with
SIGKILL at a random moment and gives the same command again until it finishes, and so on with new
runs until the kills are used up. Prints a line for each kill and at last `identical`, or what
differs (exit code 1).
"""

import argparse
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import Any

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from zerosum.files import checksum
from zerosum.randomness import random_for
from zerosum.records.run import LATEST, RunFolder, checkpoint_names

COMMAND = [
    "train",
    "digits",
    "--data",
    "digits",
    "--device",
    "cpu",
    "--images",
    "6000",
    "--batch",
    "32",
    "--width",
    "4",
    "--latent",
    "4",
    "--schedule.checkpoint_every",
    "500",
    "--schedule.sample_every",
    "1500",
    "--schedule.log_every",
    "5",
    "--schedule.average",
    "1000",
    "--network.discriminator.dropout",
    "0.3",
    "--data.flip",
    "yes",
]
CLOCKS = {"seconds", "images_per_second"}
"""Fields of metrics.jsonl that tell of the machine, not of the training."""


def differences(reference: RunFolder, other: RunFolder) -> list[str]:
    """In what two runs that should be the same differ: weights, curves, TensorBoard, pictures."""
    pairs = {
        "the newest checkpoint": (_checkpoint(reference), _checkpoint(other)),
        "metrics.jsonl": (_curves(reference), _curves(other)),
        "tensorboard": (_points(reference), _points(other)),
        "samples": (_pictures(reference), _pictures(other)),
    }
    return [name for name, (expected, found) in pairs.items() if expected != found]


def _checkpoint(run: RunFolder) -> dict[str, str]:
    folder = run.checkpoint(LATEST)
    files = {path.name: checksum(path) for path in folder.glob("*.safetensors")}
    return {"images": folder.name} | files


def _curves(run: RunFolder) -> list[dict[str, Any]]:
    return [
        {field: value for field, value in line.items() if field not in CLOCKS}
        for line in run.metrics()
    ]


def _points(run: RunFolder) -> dict[str, list[tuple[int, Any]]]:
    """All that TensorBoard shows: (images seen, value or picture) by the curve's name."""
    events = EventAccumulator(str(run.tensorboard), size_guidance={"scalars": 0, "images": 0})
    events.Reload()
    scalars = {
        tag: [(event.step, event.value) for event in events.Scalars(tag)]
        for tag in events.Tags()["scalars"]
        if not tag.startswith("speed/")
    }
    pictures = {
        tag: [(event.step, event.encoded_image_string) for event in events.Images(tag)]
        for tag in events.Tags()["images"]
    }
    return scalars | pictures


def _pictures(run: RunFolder) -> dict[str, bytes]:
    # Pixels would be the same under another name; the run's name is one of the PNG's text fields.
    from PIL import Image

    pictures = {}
    for path in run.samples.glob("*.png"):
        with Image.open(path) as picture:
            pictures[path.name] = picture.tobytes()
    return pictures


def soak(folder: Path, kills: int, seed: int) -> list[str]:
    """Train once in peace, then under fire until the kills are used up; what differs."""
    reference = RunFolder(folder / "in-peace")
    begin = time.monotonic()
    if _start(reference).wait() != 0:
        return ["the run without a kill failed"]
    life = time.monotonic() - begin
    print(f"the run takes {life:.1f} s without a kill", flush=True)
    moments = [float(random_for(seed, "kills", number).random()) * life for number in range(kills)]
    for number in count(1):
        run = RunFolder(folder / f"under-fire-{number}")
        code = _train_under_fire(run, moments)
        different = differences(reference, run) if code == 0 else [f"exit code {code}"]
        if different:
            return [f"{run.path.name}: {name}" for name in different]
        print(f"{run.path.name} finished: the same", flush=True)
        if not moments:
            break
    return []


def _train_under_fire(run: RunFolder, moments: list[float]) -> int:
    """Start a run, killed after each of the moments in seconds, until it ends; its exit code.

    Takes the moments that it uses from the list.
    """
    while moments:
        process = _start(run)
        try:
            return process.wait(moments[0])
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        names = checkpoint_names(run)
        print(
            f"killed after {moments.pop(0):.1f} s, newest checkpoint "
            f"{names[-1] if names else 'none'}, {len(moments)} to go",
            flush=True,
        )
    return _start(run).wait()


def _start(run: RunFolder) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "zerosum", *COMMAND, "--out", str(run.path)]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL)


def main() -> None:
    """Parse the command line, soak, tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0, help="of the moments of the kills")
    parser.add_argument("--folder", type=Path, help="keep the two runs here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        different = soak(folder, arguments.kills, arguments.seed)
    if different:
        print(f"different: {'; '.join(different)}")
        sys.exit(1)
    print("identical")


if __name__ == "__main__":
    main()

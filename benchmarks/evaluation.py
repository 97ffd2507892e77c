"""Evaluation speed, side by side with the `fidelity` command of torch-fidelity, on the same images.

    python benchmarks/evaluation.py --weights FILE --data cifar10/            # all of it: an hour
    python benchmarks/evaluation.py --weights FILE --data cifar10/ --only features --images 200
    python benchmarks/evaluation.py --only pairs                              # needs no images

--weights takes a .safetensors or .pth file with torch-fidelity's names; both sides compute with it.
The sides take turns, each in a process of its own, and every other round goes in reverse order.
What is measured:

features  One folder of PNG files → one matrix in memory. `fidelity` prints no features, so its side
          calls the two functions that the command calls, with the command's defaults (batches of
          64, four processes that decode) and without its cache. zerosum packs the folder into an
          empty cache and computes from there, which is what its commands do. Starting Python,
          imports and weights are measured apart. "Network alone" takes uint8 pixels in memory:
          resizing, network, features.
whole     Both commands from start to end, on --generated images against other real ones.
          `fidelity --fid --kid --prc` computes FID, KID, precision and recall; it finds the real
          side's features, and their mean and covariance, in its cache (--input2-cache-name).
          `zerosum evaluate` computes its default scores: those, coverage, the errors of all of
          them, and the same scores again between halves of the real side, the floor; in float32
          and in bf16. It finds the real side's pixels, its features and what it keeps of them in
          its cache, as after another evaluation of as many images, and nothing of the generated
          side. With --keep FOLDER a stopped benchmark
          goes on: what was measured, and cached of the real side, lies there.
pairs     KID, precision, recall and coverage of 10,000 × 2,048 random features; `fidelity`'s
          functions compute no coverage.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

FIDELITY_BATCH = 64
"""The command's default."""
NETWORK_IMAGES = 64
"""Images that the network alone is timed on, at least one batch."""
PRIMING = 10
"""Generated images of the untimed evaluation that fills the caches with the real side."""
COUNT, DIMENSION = 10_000, 2048
FIDELITY, FLOAT32, BF16 = "fidelity", "zerosum float32", "zerosum bf16"
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp"}

Figures = dict[str, float]


@dataclass(frozen=True)
class Task:
    """What one process measures."""

    what: str
    """"start" (imports and weights alone), "features" or "pairs"."""
    side: str
    layer: str = ""
    weights: str = ""
    device: str = "cpu"
    folder: str = ""
    output: str = ""
    """Where to save the features, for the comparison of both sides."""
    count: int = 0
    dimension: int = 0


# In a process of its own: one side of one measurement


def measured(task: Task, launched: float) -> Figures:
    """Do a task in this process, which was launched at that `time.time()`."""
    if task.what == "pairs":
        return pairs(task)
    if task.side == FIDELITY:
        return fidelity_features(task, launched)
    return zerosum_features(task, launched)


def fidelity_features(task: Task, launched: float) -> Figures:
    """Features as the `fidelity` command computes them."""
    from torch_fidelity.utils import (
        create_feature_extractor,
        extract_featuresdict_from_input_id,
        prepare_input_from_id,
    )

    options = {
        "input1": task.folder,
        "batch_size": FIDELITY_BATCH,
        "cuda": task.device == "cuda",
        "feature_extractor_weights_path": task.weights,
        "cache": False,
        "verbose": False,
    }
    extractor = create_feature_extractor("inception-v3-compat", [task.layer], **options)
    figures = {"start": time.time() - launched}
    if task.what == "start":
        return figures
    stopwatch = Stopwatch()
    found = extract_featuresdict_from_input_id(1, extractor, **options)[task.layer]
    figures |= stopwatch.read(len(found))
    np.save(task.output, found.numpy())

    def compute(pixels: torch.Tensor) -> None:
        with torch.no_grad():
            extractor(pixels.to(task.device))[0].cpu()

    images = prepare_input_from_id(1, **options)
    pixels = torch.stack([images[number] for number in range(min(len(images), NETWORK_IMAGES))])
    return figures | network_alone(compute, pixels, min(FIDELITY_BATCH, len(images)))


def zerosum_features(task: Task, launched: float) -> Figures:
    """Features as `zerosum evaluate` computes them, from a cache that is empty."""
    from zerosum.evaluation.extractors import open_extractor
    from zerosum.evaluation.features import extract_features
    from zerosum.evaluation.opening import open_images

    extractor = open_extractor(
        "inception",
        weights=Path(task.weights),
        precision="bf16" if task.side == BF16 else "float32",
        device=torch.device(task.device),
    )
    figures = {"start": time.time() - launched}
    if task.what == "start":
        return figures
    stopwatch = Stopwatch()
    images = open_images(task.folder)
    packed = stopwatch.seconds()
    found = extract_features(images, extractor, (task.layer,), keep=False)[task.layer]
    figures |= stopwatch.read(len(found)) | {"packing": packed}
    np.save(task.output, found)
    pixels = torch.from_numpy(images.read(0, min(len(images), NETWORK_IMAGES)).copy())

    def compute(batch: torch.Tensor) -> None:
        extractor.compute(batch, (task.layer,))

    return figures | network_alone(compute, pixels, extractor.batch)


def network_alone(
    compute: Callable[[torch.Tensor], None], pixels: torch.Tensor, batch: int
) -> Figures:
    """Images per second of full batches of these pixels, repeated where they are too few."""
    full = max(len(pixels) // batch, 1) * batch
    repeated = pixels.repeat(-(-full // len(pixels)), 1, 1, 1)[:full]
    stopwatch = Stopwatch()
    for first in range(0, full, batch):
        compute(repeated[first : first + batch])
    return {"network": full / stopwatch.seconds()}


def pairs(task: Task) -> Figures:
    """Scores that are made of all pairs of features."""
    random = np.random.default_rng(0)
    shape = task.count, task.dimension
    sides = [random.standard_normal(shape, dtype=np.float32) for _ in range(2)]
    for side, scale in zip(sides, (0.41, 0.4), strict=True):
        # All positive and one a little apart from the other, as features are; in place, so that
        # the peak of memory is that of the scores.
        np.abs(side, out=side)
        side *= np.float32(scale)
    if task.side == FIDELITY:
        from torch_fidelity.metric_kid import kid_features_to_metric
        from torch_fidelity.metric_prc import prc_features_to_metric

        fake, real = (torch.from_numpy(side) for side in sides)
        before, stopwatch = peak_megabytes(), Stopwatch()
        kid_features_to_metric(fake, real, verbose=False)
        prc_features_to_metric(fake, real, verbose=False)
    else:
        from zerosum.evaluation.scores import compute_scores

        before, stopwatch = peak_megabytes(), Stopwatch()
        compute_scores(("kid", "precision", "recall", "coverage"), *sides)
    return stopwatch.read(task.count) | {"peak": peak_megabytes(), "before": before}


class Stopwatch:
    """Time on the clock, and time on all cores with that of finished processes of ours."""

    def __init__(self) -> None:
        self.clock, self.busy = time.perf_counter(), _processor_seconds()

    def seconds(self) -> float:
        """On the clock, since the start."""
        return time.perf_counter() - self.clock

    def read(self, images: int) -> Figures:
        """Both times since the start, and images per second of each."""
        seconds, busy = self.seconds(), _processor_seconds() - self.busy
        return {
            "seconds": seconds,
            "processor": busy,
            "speed": images / seconds,
            "economy": images / max(busy, 1e-9),
        }


def _processor_seconds() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def peak_megabytes() -> float:
    """The most memory that this process held. Not ru_maxrss where it can be helped: a new process
    starts there with the figure of the one that launched it."""
    status = Path("/proc/self/status")
    if status.exists() and (line := re.search(r"VmHWM:\s+(\d+) kB", status.read_text())):
        return int(line[1]) / 1024
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


# In the process that was called: whose turn it is, and the tables


def run_task(task: Task, cache: Path | None = None) -> Figures:
    """Measure a task in a process of its own."""
    command = [sys.executable, __file__, "--task", json.dumps(asdict(task))]
    launched = time.time()
    output = run_command([*command, repr(launched)], task.side, cache)
    return dict(json.loads(output.splitlines()[-1]))


def run_command(command: Sequence[str], side: str, cache: Path | None = None) -> str:
    """The output of a command, in the environment of that side. Ends the benchmark if it fails."""
    environment = dict(os.environ)
    if cache is not None:
        environment["ZEROSUM_CACHE"] = str(cache)
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise SystemExit(f"{done.stderr[-2000:]}\n{side}: exit code {done.returncode}")
    return done.stdout


def turns(sides: Sequence[str], rounds: int) -> Iterator[str]:
    """Whose turn it is: all sides in each round, every other round in reverse."""
    for number in range(rounds):
        yield from reversed(sides) if number % 2 else sides


def features_table(base: Task, reduced: Path | None, rounds: int) -> str:
    """Features of the base's folder by each side; bf16 takes those of the folder `reduced`."""
    results: dict[str, list[Figures]] = {FIDELITY: [], FLOAT32: []}
    if reduced is not None:
        results[BF16] = []
    matrices: dict[str, NDArray[np.float32]] = {}
    with tempfile.TemporaryDirectory() as place:
        for side in turns(list(results), rounds):
            output = Path(place, "features.npy")
            task = replace(base, what="features", side=side, output=str(output))
            if side == BF16:
                task = replace(task, folder=str(reduced))
            with tempfile.TemporaryDirectory() as cache:
                results[side].append(told(f"features, {side}", run_task(task, Path(cache))))
            matrices[side] = np.load(output)
    rows = []
    for side, figures in results.items():
        count = len(matrices[side])
        wanted = matrices[FIDELITY][:count]
        gap = float(np.linalg.norm(matrices[side] - wanted) / np.linalg.norm(wanted))
        cells = [side, f"{count:,}", spread(figures, "speed"), against(results, side, "speed")]
        cells += [spread(figures, "network"), against(results, side, "network")]
        cells += [spread(figures, "economy"), against(results, side, "economy")]
        packing = spread(figures, "packing") if side != FIDELITY else "–"
        cells += [packing, spread(figures, "start"), "–" if side == FIDELITY else f"{gap:.1e}"]
        rows.append(cells)
    titles = ["side", "images", "files to features, images/s", "ratio", "network alone, images/s"]
    titles += ["ratio", "images per processor second", "ratio", "packing in it, s"]
    titles += ["start and weights, apart, s", "features differ by"]
    return f"## Features at layer {base.layer}\n\n{table(titles, rows)}"


def whole_table(
    base: Task, weights: Path, fakes: Path, reals: Path, place: Path, rounds: int
) -> str:
    """Each side's command on two folders, the real one's features in its cache in `place`."""
    counts = [len(list(folder.iterdir())) for folder in (fakes, reals)]
    results: dict[str, list[Figures]] = {FIDELITY: [], FLOAT32: [], BF16: []}
    scores: dict[str, Figures] = {}
    subset = min(1000, *counts)
    given = {FIDELITY: Path(base.weights), FLOAT32: weights, BF16: weights}
    few = place / "few"
    if not few.exists():
        few.mkdir()
        for path in sorted(fakes.iterdir())[:PRIMING]:
            shutil.copy(path, few)

    def evaluate(side: str, images: Path, cache: Path, size: int) -> str:
        command = (
            fidelity_command(base, images, reals, cache, size)
            if side == FIDELITY
            else zerosum_command(base, images, reals, given[side], side)
        )
        return run_command(command, side, cache)

    primed = {side: place / f"cache {side}" for side in results}
    for side in (FLOAT32, BF16, FIDELITY):
        if side == FIDELITY:
            give_features(base, primed[FLOAT32], primed[FIDELITY])
        stopwatch = Stopwatch()
        # zerosum keeps what belongs to an evaluation of so many images: one of the real images
        # against themselves, which computes no other features.
        evaluate(side, few if side == FIDELITY else reals, primed[side], PRIMING)
        told(f"real side cached, {side}", stopwatch.read(counts[1]))
    for number, side in enumerate(turns(list(results), rounds)):
        done = place / f"whole {number} {side}.json"
        if not done.exists():
            cache = place / "cache"
            shutil.rmtree(cache, ignore_errors=True)
            shutil.copytree(primed[side], cache)
            stopwatch = Stopwatch()
            output = evaluate(side, fakes, cache, subset)
            figures = stopwatch.read(counts[0])
            shutil.rmtree(cache)
            figures |= run_task(replace(base, what="start", side=side, weights=str(given[side])))
            figures["rest"] = figures["seconds"] - figures["start"]
            found = {"figures": figures, "scores": printed_scores(side, output)}
            done.write_text(json.dumps(found))
        found = json.loads(done.read_text())
        scores[side] = found["scores"]
        results[side].append(told(f"whole, {side}", found["figures"]))
    rows = []
    for side, rounds_of in results.items():
        cells = [side, spread(rounds_of, "seconds"), against(results, side, "seconds")]
        cells += [spread(rounds_of, "start"), against(results, side, "rest")]
        cells += [spread(rounds_of, "processor"), against(results, side, "processor")]
        names = ("fid", "kid", "precision", "recall", "coverage")
        cells += [f"{scores[side][name]:.5g}" if name in scores[side] else "–" for name in names]
        rows.append(cells)
    titles = ["side", "command, s", "ratio", "start and weights in it, s", "ratio without"]
    titles += ["processor seconds", "ratio", "FID", "KID", "precision", "recall", "coverage"]
    title = f"## A whole evaluation: {counts[0]:,} generated, {counts[1]:,} real ones cached"
    return f"{title}, layer {base.layer}\n\n{table(titles, rows)}"


def give_features(base: Task, ours: Path, theirs: Path) -> None:
    """Lay the real side's features of zerosum in float32 into fidelity's cache, which saves the
    quarter of an hour that it takes to compute the same ones, to a millionth."""
    theirs.mkdir(exist_ok=True)
    (features,) = (ours / "features").glob(f"reals-inception-{base.layer}*.npy")
    content = torch.from_numpy(np.load(features))
    torch.save(content, theirs / f"real-inception-v3-compat-features-{base.layer}.pt")


def fidelity_command(base: Task, fakes: Path, reals: Path, cache: Path, subset: int) -> list[str]:
    """FID, KID, precision and recall by torch-fidelity."""
    command = [sys.executable, "-m", "torch_fidelity.fidelity", "--json", "--silent"]
    command += ["--input1", str(fakes), "--input2", str(reals)]
    command += ["--input2-cache-name", "real", "--cache-root", str(cache)]
    command += ["--fid", "--kid", "--prc", "--kid-subset-size", str(subset)]
    # Without its name, precision and recall would be of another network.
    command += ["--feature-extractor", "inception-v3-compat"]
    command += ["--feature-extractor-weights-path", base.weights]
    for score in ("fid", "kid", "prc"):
        command += [f"--feature-layer-{score}", base.layer]
    return [*command, *(["--gpu", "0"] if base.device == "cuda" else ["--cpu"])]


def zerosum_command(base: Task, fakes: Path, reals: Path, weights: Path, side: str) -> list[str]:
    """The default scores by zerosum."""
    command = [sys.executable, "-m", "zerosum", "evaluate", str(fakes), "--against", str(reals)]
    command += ["--extractor", "inception", "--layer", base.layer, "--weights", str(weights)]
    command += ["--precision", "bf16" if side == BF16 else "float32"]
    return [*command, "--device", base.device, "--json"]


def printed_scores(side: str, output: str) -> Figures:
    """The scores in a command's JSON."""
    content = json.loads(output[output.index("{") :])
    if side != FIDELITY:
        return {name: score["value"] for name, score in content["scores"].items()}
    return {
        "fid": content["frechet_inception_distance"],
        "kid": content["kernel_inception_distance_mean"],
        "precision": content["precision"],
        "recall": content["recall"],
    }


def pairs_table(rounds: int) -> str:
    """KID, precision, recall and coverage by both sides."""
    results: dict[str, list[Figures]] = {FIDELITY: [], "zerosum": []}
    for side in turns(list(results), rounds):
        figures = run_task(Task("pairs", side, count=COUNT, dimension=DIMENSION))
        results[side].append(told(f"pairs, {side}", figures))
    rows = []
    for side, figures_of in results.items():
        computed = "KID, precision, recall" + ("" if side == FIDELITY else ", coverage")
        cells = [side, computed, spread(figures_of, "seconds"), against(results, side, "seconds")]
        cells += [spread(figures_of, "processor"), against(results, side, "processor")]
        rows.append([*cells, spread(figures_of, "peak"), spread(figures_of, "before")])
    titles = ["side", "scores", "seconds", "ratio", "processor seconds", "ratio"]
    titles += ["peak memory, MB", "before the scores, MB"]
    return f"## Pairs: {COUNT:,} × {DIMENSION:,} features on each side\n\n{table(titles, rows)}"


def told(name: str, figures: Figures) -> Figures:
    """The figures, after printing them: a long run should show that it goes on."""
    words = ", ".join(f"{key} {number(value)}" for key, value in figures.items())
    print(f"{name}: {words} (load {os.getloadavg()[0]:.1f})", file=sys.stderr, flush=True)
    return figures


def spread(figures: Sequence[Figures], name: str) -> str:
    """The median of the rounds, and their range."""
    values = [one[name] for one in figures]
    middle = number(statistics.median(values))
    return middle if len(values) == 1 else f"{middle} ({number(min(values))}–{number(max(values))})"


def against(results: dict[str, list[Figures]], side: str, name: str) -> str:
    """How many times better than fidelity a side is, round by round; 1 is the same."""
    if side == FIDELITY:
        return "1"
    more_is_better = name in ("speed", "network", "economy")
    pairs_of = zip(results[side], results[FIDELITY], strict=True)
    ratios = [
        {name: ours[name] / theirs[name] if more_is_better else theirs[name] / ours[name]}
        for ours, theirs in pairs_of
    ]
    return f"**{spread(ratios, name)}**"


def number(value: float) -> str:
    """Three digits, or all where there are more before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def show(text: str) -> None:
    """Print a table at once."""
    print(f"\n{text}", flush=True)


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A markdown table."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def machine(device: str) -> str:
    """What the figures were measured on."""
    name, flags = platform.processor() or platform.machine(), set[str]()
    information = Path("/proc/cpuinfo")
    if information.exists():
        text = information.read_text()
        if found := re.search(r"model name\s*: (.*)", text):
            name = found[1]
        if found := re.search(r"flags\s*: (.*)", text):
            flags = set(found[1].split())
    wanted = {"avx2": "AVX2", "avx512f": "AVX512", "avx512_bf16": "AVX512-BF16"}
    wanted |= {"amx_bf16": "AMX-BF16"}
    having = ", ".join(words for flag, words in wanted.items() if flag in flags)
    lacking = ", ".join(words for flag, words in wanted.items() if flag not in flags)
    graphics = f", {torch.cuda.get_device_name()}" if device == "cuda" else ""
    versions = ", ".join(
        f"{package} {importlib.metadata.version(package)}"
        for package in ("torch", "torch-fidelity", "zerosum")
    )
    return (
        f"{name}, {os.cpu_count()} cores, {torch.get_num_threads()} threads{graphics}; "
        f"with {having or 'none of these'}, without {lacking or 'nothing of these'} "
        f"(torch uses {torch.backends.cpu.get_cpu_capability()}); {versions}, "
        f"Python {platform.python_version()}; load at the start {os.getloadavg()[0]:.1f}"
    )


def pickled(weights: Path, folder: Path) -> Path:
    """The weights as the .pth file in float32 that torch-fidelity wants."""
    from zerosum.evaluation.extractors.weights import read_weights

    if weights.suffix != ".safetensors":
        return weights
    path = folder / "weights.pth"
    torch.save(dict(read_weights(weights).tensors), path)
    return path


def png_folder(images: Sequence[Path], finished: Path) -> Path:
    """Copies as PNG files under numbers, which both sides read in the same order; those that a
    stopped benchmark has made are taken."""
    if finished.exists():
        return finished
    folder = finished.with_suffix(".partial")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    sizes = set()
    for place, path in enumerate(images):
        with Image.open(path) as image:
            sizes.add(image.size)
            if path.suffix.lower() == ".png":
                shutil.copy(path, folder / f"{place:06d}.png")
            else:
                image.convert("RGB").save(folder / f"{place:06d}.png")
    if len(sizes) > 1:
        raise SystemExit("the images have several sizes, of which torch-fidelity makes no batch")
    return folder.rename(finished)


def main() -> None:
    """Run what was asked for and print the tables."""
    if sys.argv[1:2] == ["--task"]:
        task = Task(**json.loads(sys.argv[2]))
        print(json.dumps(measured(task, float(sys.argv[3]))))
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--weights", type=Path, help="of Inception; needed but for --only pairs")
    parser.add_argument("--data", type=Path, help="a folder of images, all of one size")
    parser.add_argument("--images", type=int, default=2000, help="for the features")
    parser.add_argument(
        "--bf16-images",
        type=int,
        help="fewer where bf16 is slow: compared as images/s; 0: none (default: as --images)",
    )
    parser.add_argument("--generated", type=int, default=5000, help="for the whole evaluation")
    parser.add_argument("--reals", type=int, default=0, help="default: as many as generated")
    parser.add_argument("--layer", default="2048", choices=["64", "192", "768", "2048"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["features", "whole", "pairs"])
    parser.add_argument(
        "--keep", type=Path, help="a folder where a stopped whole evaluation goes on"
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    chosen = parser.parse_args()
    parts = [chosen.only] if chosen.only else ["features", "whole", "pairs"]
    reals = chosen.reals or chosen.generated
    images: list[Path] = []
    if parts != ["pairs"]:
        if chosen.weights is None or chosen.data is None:
            parser.error("give --weights FILE and --data FOLDER, or --only pairs")
        images = sorted(path for path in chosen.data.rglob("*") if path.suffix.lower() in SUFFIXES)
        needed = max(
            chosen.images if "features" in parts else 0,
            chosen.generated + reals if "whole" in parts else 0,
        )
        if len(images) < needed:
            parser.error(f"{chosen.data} has {len(images):,} images, and {needed:,} are needed")
    # Each table as soon as it is done: a run that is cut short has not been for nothing.
    print(machine(chosen.device), flush=True)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        kept = chosen.keep or place
        kept.mkdir(parents=True, exist_ok=True)
        base = Task("", "", chosen.layer, device=chosen.device)
        if images:
            base = replace(base, weights=str(pickled(chosen.weights, place)))
        if "features" in parts:
            # Spread over the folder, so that classes and with them file sizes are mixed.
            step = len(images) // chosen.images
            taken = images[::step][: chosen.images]
            folder = png_folder(taken, place / "images")
            fewer = chosen.images if chosen.bf16_images is None else chosen.bf16_images
            reduced = png_folder(taken[:fewer], place / "reduced") if fewer else None
            show(features_table(replace(base, folder=str(folder)), reduced, chosen.rounds))
        if "whole" in parts:
            step = len(images) // (chosen.generated + reals)
            taken = images[::step]
            fakes = png_folder(taken[: chosen.generated], kept / "fakes")
            others = taken[chosen.generated :][:reals]
            real_folder = png_folder(others, kept / "reals")
            folders = fakes, real_folder, kept
            show(whole_table(base, chosen.weights, *folders, chosen.rounds))
        if "pairs" in parts:
            show(pairs_table(chosen.rounds))
    print(
        "\nMedians of the rounds (range). A ratio above 1 is in zerosum's favour, round by round "
        "against fidelity in float32."
    )


if __name__ == "__main__":
    main()

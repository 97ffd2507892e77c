"""Speed beside other programs: trainings, packing and evaluations, alone, beside one and beside two
busy programs.

    python benchmarks/sharing.py --data faces/                           # minutes
    python benchmarks/sharing.py --data faces/ --only digits --only packing
    python benchmarks/sharing.py --data faces/ --weights FILE --only inception --images 64

A busy program is a loop in Python, which takes all of a core. Each side is a process of its own,
with --threads auto as users get it. `one thread` is the same with --threads 1 and nobody beside it,
`two threads` with --threads 2: what a run does that had chosen its threads before the other program
began. Ratios are over `one thread` alone.

A training's images/s are those of the log lines after the first ones, and the threads are those of
its state.json; `wgan-gp` has batches of 16. Packing is the whole command with an empty cache, less
the time of the same command once more, which finds its pack. An evaluation is scored twice in a
process, other images the second time, and the second is timed: pictures, features, and all scores
against the real side, whose features are there, as are those of the floor. `evaluation` has the
features of digits, `inception`, which needs --weights, those of Inception.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from zerosum.processor import cores
from zerosum.processor.threads import VARIABLE

TRAININGS = ("digits", "dcgan", "wgan-gp")
PACKING = "packing"
EVALUATIONS = {"evaluation": "digits", "inception": "inception"}
"""In whose features."""
SMALLER = {"wgan-gp": ["--batch", "16"]}
"""Steps of ten seconds are too long to be timed in a few."""
ENDLESS = str(10**9)
BUSY = "while True: pass"


@dataclass(frozen=True)
class Side:
    """One way to run: threads, and how many busy programs beside it."""

    name: str
    threads: str
    busy: int


SIDES = (
    Side("one thread, alone", "1", 0),
    Side("auto, alone", "auto", 0),
    Side("auto, beside 1", "auto", 1),
    Side("auto, beside 2", "auto", 2),
    Side("one thread, beside 1", "1", 1),
    Side("two threads, alone", "2", 0),
    Side("two threads, beside 1", "2", 1),
)


@contextmanager
def busy_programs(count: int) -> Iterator[None]:
    """So many loops run inside."""
    loops = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def environment() -> dict[str, str]:
    """That of this process, without anything that says how many threads."""
    left_out = {VARIABLE, "GOMP_SPINCOUNT", "OMP_WAIT_POLICY"}
    return {name: value for name, value in os.environ.items() if name not in left_out}


def python(*words: str, **variables: str) -> str:
    """What a Python program printed; ends this one where it failed."""
    ran = subprocess.run(
        [sys.executable, *words],
        env=environment() | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ran.returncode:
        sys.exit(f"{' '.join(words)}\n{ran.stdout}")
    return ran.stdout


def command(*words: str, **variables: str) -> float:
    """Run `zerosum WORDS`; seconds that it took."""
    begun = time.perf_counter()
    python("-m", "zerosum", *words, **variables)
    return time.perf_counter() - begun


def training(recipe: str, data: Sequence[str], side: Side, seconds: float) -> tuple[float, int]:
    """Images per second of a training after its first log line, and its threads."""
    with tempfile.TemporaryDirectory() as place:
        run = Path(place) / "run"
        words = ["train", recipe, *data, "--out", str(run), "--threads", side.threads]
        words += ["--images", ENDLESS, "--schedule.sample-every", ENDLESS]
        words += ["--schedule.log-every", "1", "--evaluation.images", "0", "--device", "cpu"]
        words += ["--schedule.checkpoint-every", ENDLESS, "--stop-after", f"{seconds}s"]
        with busy_programs(side.busy):
            command(*words)
        lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
        threads = json.loads((run / "state.json").read_text())["threads"]
    if len(lines) < 2:
        sys.exit(f"{recipe} with {side.name}: too few steps; give more --seconds")
    # The first steps warm up.
    first = lines[min(2, len(lines) - 2)]
    images = lines[-1]["images"] - first["images"]
    return images / (lines[-1]["seconds"] - first["seconds"]), threads


def packing(data: str, side: Side) -> float:
    """Images per second of `zerosum data pack`, without its start."""
    count = sum(1 for path in Path(data).rglob("*") if path.is_file())
    with tempfile.TemporaryDirectory() as place, busy_programs(side.busy):
        words = ["data", "pack", data, "--threads", side.threads]
        packed = command(*words, XDG_CACHE_HOME=place)
        found = command(*words, XDG_CACHE_HOME=place)
    return count / (packed - found)


SCORED = """
import json, sys, time
from pathlib import Path
import zerosum
from zerosum.processor import SHORT_WHILE, WATCH

asked = json.loads(sys.argv[1])
count = asked.pop("count")
zerosum.evaluate(**asked, count=min(count, 100), quiet=True)
WATCH.begin()  # as a command does before it imports PyTorch
time.sleep(SHORT_WHILE)
begun = time.perf_counter()
zerosum.evaluate(**asked, count=count, seed=1, quiet=True)
print(time.perf_counter() - begun)
"""


@contextmanager
def scored_run(what: str, data: str) -> Iterator[str]:
    """A run to be scored, whose real side is small: it is not what is timed."""
    with tempfile.TemporaryDirectory() as place:
        words = ["digits"]
        if what == "inception":
            few = Path(place) / "few"
            few.mkdir()
            images = sorted(path for path in Path(data).rglob("*") if path.is_file())
            for number, path in enumerate(images[:128]):
                (few / f"{number:03}{path.suffix}").symlink_to(path.resolve())
            words = ["dcgan", "--data", str(few)]
        run = str(Path(place) / "run")
        words += ["--images", "16", "--batch", "16", "--evaluation.images", "0"]
        command("train", *words, "--out", run, "--threads", "1", "--device", "cpu")
        yield run


def evaluation(args: argparse.Namespace, what: str, run: str, side: Side) -> float:
    """Images per second of a whole evaluation in a process that has done a small one before."""
    asked = {
        "images": run,
        "extractor": EVALUATIONS[what],
        "weights": args.weights if what == "inception" else None,
        "count": args.images,
        "threads": "auto" if side.threads == "auto" else int(side.threads),
        "device": "cpu",
    }
    with busy_programs(side.busy):
        told = python("-c", SCORED, json.dumps(asked))
    return float(args.images / float(told.split()[-1]))


Measure = Callable[[Side], tuple[float, int]]
"""Images per second of a side, and its threads; 0 where nothing notes them."""


@contextmanager
def prepared(args: argparse.Namespace, what: str) -> Iterator[Measure]:
    """What measures the sides of one thing."""
    if what == PACKING:
        yield lambda side: (packing(args.data, side), 0)
    elif what in EVALUATIONS:
        with scored_run(what, args.data) as run:
            # Features of the real side and of the floor are kept from now on.
            evaluation(args, what, run, SIDES[1])
            yield lambda side: (evaluation(args, what, run, side), 0)
    else:
        data = [] if what == "digits" else ["--data", args.data]
        data += SMALLER.get(what, [])
        yield lambda side: training(what, data, side, args.seconds)


def table(what: str, rates: Mapping[str, list[float]], threads: Mapping[str, set[int]]) -> None:
    """Print a row for each side."""
    alone = statistics.median(rates[SIDES[0].name])
    for name, values in rates.items():
        middle = statistics.median(values)
        spread = f" ({min(values):,.1f} to {max(values):,.1f})" if len(values) > 1 else ""
        took = ", ".join(map(str, sorted(threads[name] - {0})))
        print(
            f"{what:<11} {name:<22} {middle:>9,.1f} images/s{spread}  "
            f"{middle / alone:.2f} of one thread alone{f'; threads {took}' if took else ''}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", default="", help="a folder of faces, for all but digits")
    parser.add_argument("--weights", default="", help="Inception's, for `inception`")
    parser.add_argument("--only", choices=(*TRAININGS, PACKING, *EVALUATIONS), action="append")
    parser.add_argument("--side", choices=[side.name for side in SIDES], action="append")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each training")
    parser.add_argument("--images", type=int, default=4000, help="generated in an evaluation")
    parser.add_argument("--rounds", type=int, default=1)
    args = parser.parse_args()
    things = args.only or [*TRAININGS, PACKING, "evaluation"]
    if not args.data and set(things) - {"digits", "evaluation"}:
        parser.error("--data: which faces?")
    if not args.weights and "inception" in things:
        parser.error("--weights: which file?")
    print(f"{platform.machine()}, {cores()} cores, torch {torch.__version__}", flush=True)
    chosen = [side for side in SIDES if not args.side or side.name in (*args.side, SIDES[0].name)]
    for what in things:
        rates: dict[str, list[float]] = {side.name: [] for side in chosen}
        threads: dict[str, set[int]] = {side.name: set() for side in chosen}
        with prepared(args, what) as measure:
            for _ in range(args.rounds):
                for side in chosen:
                    rate, took = measure(side)
                    rates[side.name].append(rate)
                    threads[side.name].add(took)
        table(what, rates, threads)


if __name__ == "__main__":
    main()

"""Speed beside other programs: trainings and an evaluation, alone, beside one and beside two busy
programs.

    python benchmarks/sharing.py --data faces/                           # minutes
    python benchmarks/sharing.py --data faces/ --only digits --rounds 1

A busy program is a loop in Python, which takes all of a core. Each side is the `zerosum` command in
a process of its own, with --threads auto as users get it; the threads that it chose are printed.
`one thread` is the same command with --threads 1 and nobody beside it, `two threads` with
--threads 2: what a run does that had chosen its threads before the other program began. Ratios are
over `one thread` alone. A training's images/s are those of the log lines after the first ones; an
evaluation is timed as a whole command on a generator that was never scored, and the time that a
small one takes is taken off, so that start-up does not count. `wgan-gp` has batches of 16.
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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from zerosum.processor import cores
from zerosum.processor.threads import VARIABLE

TRAININGS = ("digits", "dcgan", "wgan-gp")
EVALUATION = "evaluation"
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


def command(*words: str) -> float:
    """Run `zerosum WORDS`; seconds that it took."""
    begun = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, "-m", "zerosum", *words],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ran.returncode:
        sys.exit(f"zerosum {' '.join(words)}\n{ran.stdout}")
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


def evaluation(data: Sequence[str], side: Side, images: int) -> tuple[float, int]:
    """Images per second of a feature pass over generated images, and 0 for threads not noted."""
    with tempfile.TemporaryDirectory() as place:
        run = str(Path(place) / "run")
        brief = ["--images", "64", "--evaluation.images", "0", "--device", "cpu"]
        command("train", "digits", *data, "--out", run, "--threads", "1", *brief)
        words = ["evaluate", run, "--scores", "fid,kid", "--device", "cpu", "--threads"]
        words += [side.threads, "--extractor", "digits", "--images"]
        command(*words, "100")  # the real side is computed
        with busy_programs(side.busy):
            less, more = command(*words, "200"), command(*words, str(200 + images))
    return images / max(more - less, 1e-9), 0


def measured(args: argparse.Namespace, what: str, side: Side) -> tuple[float, int]:
    """One side of one thing."""
    if what == EVALUATION:
        return evaluation([], side, args.images)
    data = [] if what == "digits" else ["--data", args.data]
    data += SMALLER.get(what, [])
    return training(what, data, side, args.seconds)


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
    parser.add_argument("--data", default="", help="a folder of faces, for dcgan and wgan-gp")
    parser.add_argument("--only", choices=(*TRAININGS, EVALUATION), action="append")
    parser.add_argument("--side", choices=[side.name for side in SIDES], action="append")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each training")
    parser.add_argument("--images", type=int, default=4000, help="generated in an evaluation")
    parser.add_argument("--rounds", type=int, default=1)
    args = parser.parse_args()
    things = args.only or [*TRAININGS, EVALUATION]
    if not args.data and {"dcgan", "wgan-gp"} & set(things):
        parser.error("--data: which faces?")
    print(f"{platform.machine()}, {cores()} cores, torch {torch.__version__}", flush=True)
    chosen = [side for side in SIDES if not args.side or side.name in (*args.side, SIDES[0].name)]
    for what in things:
        rates: dict[str, list[float]] = {side.name: [] for side in chosen}
        threads: dict[str, set[int]] = {side.name: set() for side in chosen}
        for _ in range(args.rounds):
            for side in chosen:
                rate, took = measured(args, what, side)
                rates[side.name].append(rate)
                threads[side.name].add(took)
        table(what, rates, threads)


if __name__ == "__main__":
    main()

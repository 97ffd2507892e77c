"""Training speed of other libraries beside zerosum: the same images, batch and network size.

    python benchmarks/peers.py --data faces/ --environments /tmp/peers
    python benchmarks/peers.py --data faces/ --environments /tmp/peers --examples ~/examples
    python benchmarks/peers.py --data faces/ --environments /tmp/peers --peers mimicry --rounds 1

--data has class folders of images. Each peer is installed from PyPI into an environment of its own
below --environments, which finds the PyTorch of this one; nothing else on the machine changes, and
deleting the folder undoes it. PyTorch's DCGAN example is run from a checkout of
github.com/pytorch/examples, named by --examples or cloned below --environments.

The sides take turns, each in a process of its own, for --rounds rounds; all train a DCGAN of width
64 at 64 pixels with Adam. zerosum is the command `zerosum train dcgan`, with its lines, first
pictures and an empty cache: packing is in its start-up. PyTorch's example is its script as it is.
mimicry, Keras and lightweight-gan are their own training loops (benchmarks/peer_loops.py);
lightweight-gan has networks of its own, and needs CUDA. Each is timed by its lines, zerosum by its
log, as they come, after the first --warm-up steps (zerosum's first line comes after 10). Start-up
is the time before that which steps at that rate would not have taken. Memory is the most that the
training process itself held, without those that read for it. A peer that cannot be installed or
does not run is a row with its error. Linux only.
"""

import argparse
import json
import os
import platform
import re
import signal
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
ZEROSUM, EXAMPLE = "zerosum", "pytorch-example"
EXAMPLES_AT = "https://github.com/pytorch/examples"
LIMIT = 300.0
"""Seconds that a side may take."""


@dataclass(frozen=True)
class Peer:
    """What a peer is installed from, and how a step of it shows in what it prints."""

    requirements: tuple[str, ...]
    """Nothing where the environment of zerosum does."""
    step: str = r"^step \d"
    dependencies: bool = True
    """Whether what it asks for is installed too."""


PEERS = {
    EXAMPLE: Peer((), r"^\[\d+/\d+\]\[\d+/\d+\]"),
    # It asks for TensorFlow, 2 GB, for scores alone.
    "mimicry": Peer(
        ("torch-mimicry==0.1.16", "scikit-image", "lazy-loader", "six"),
        r"Global Step: \d",
        dependencies=False,
    ),
    "keras-torch": Peer(("keras==3.15.1",)),
    "keras-tensorflow": Peer(("keras==3.15.1", "tensorflow-cpu==2.21.0")),
    "lightweight-gan": Peer(("lightweight-gan==1.2.1",)),
}


@dataclass(frozen=True)
class Figures:
    """One run of a side."""

    images_per_second: float
    start_up: float
    """Seconds."""
    megabytes: float


class PeerError(Exception):
    """A peer could not be installed, or did not run: the reason, in a line."""


def install(name: str, folder: Path) -> Path:
    """A Python that has the peer; made once."""
    python, peer = folder / name / "bin" / "python", PEERS[name]
    done = folder / name / "installed.txt"
    wanted = "\n".join(peer.requirements)
    if done.is_file() and done.read_text() == wanted:
        return python
    print(f"installing {name}: {', '.join(peer.requirements)}", flush=True)
    venv.create(folder / name, with_pip=True, clear=True)
    here = sysconfig.get_paths()
    theirs = sysconfig.get_paths(vars={"base": str(folder / name), "platbase": str(folder / name)})
    Path(theirs["purelib"], "pytorch.pth").write_text(here["purelib"] + "\n")
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += [] if peer.dependencies else ["--no-deps"]
    made = subprocess.run([*command, *peer.requirements], capture_output=True, text=True)
    if made.returncode:
        raise PeerError(f"not installed: {last_line(made.stderr)}")
    done.write_text(wanted)
    return python


def examples(given: Path | None, folder: Path) -> Path:
    """PyTorch's DCGAN example: of the checkout that was named, or of a new one."""
    checkout = given or folder / "pytorch-examples"
    script = checkout / "dcgan" / "main.py"
    if script.is_file():
        return script
    if given:
        raise PeerError(f"no dcgan/main.py in {given}")
    command = ["git", "clone", "--quiet", "--depth", "1", EXAMPLES_AT, str(checkout)]
    cloned = subprocess.run(command, capture_output=True, text=True)
    if cloned.returncode:
        raise PeerError(f"not cloned: {last_line(cloned.stderr)}; name a checkout with --examples")
    return script


def last_line(text: str) -> str:
    """What a program said last, which is most often why it ended."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:160] if lines else "it printed nothing"


def command_of(side: str, arguments: argparse.Namespace, out: Path) -> list[str]:
    """How a side is started. Raises PeerError where it cannot be."""
    data, batch = str(arguments.data.resolve()), str(arguments.batch)
    steps = arguments.warm_up + arguments.steps
    if side == ZEROSUM:
        many = str(arguments.batch * 100 * steps)
        command = [sys.executable, "-m", "zerosum", "train", "dcgan", "--data", data]
        command += ["--batch", batch, "--images", many, "--out", str(out / "run")]
        # The others make no pictures in the steps that are timed either.
        return [*command, "--sample-every", many, "--evaluation.images", "0"]
    folder = arguments.environments
    if side == EXAMPLE:
        command = [sys.executable, "-u", str(examples(arguments.examples, folder))]
        command += ["--dataset", "folder", "--dataroot", data, "--batchSize", batch]
        return [*command, "--outf", str(out), *(["--cuda"] if has_cuda() else [])]
    command = [str(install(side, folder)), "-u", str(HERE / "peer_loops.py"), side, "--data", data]
    return [*command, "--batch", batch, "--steps", str(steps), "--out", str(out)]


def has_cuda() -> bool:
    """Whether a process that is started now would find a CUDA device."""
    asked = "import torch, sys; sys.exit(not torch.cuda.is_available())"
    return subprocess.run([sys.executable, "-c", asked]).returncode == 0


def measure(side: str, arguments: argparse.Namespace) -> Figures:
    """Run a side until it has taken all steps, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        command = command_of(side, arguments, out)
        # The sources of zerosum, and of this folder for the networks of the loops.
        paths = [str(HERE.parent / "src"), str(HERE.parent)]
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(paths),
            "ZEROSUM_CACHE": str(out / "cache"),
        }
        begun = time.monotonic()
        with (out / "printed.txt").open("w") as printed:
            process = subprocess.Popen(
                command, cwd=out, env=environment, stdout=printed, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        try:
            return watched(side, process, out, begun, arguments)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def watched(
    side: str, process: "subprocess.Popen[bytes]", out: Path, begun: float,
    arguments: argparse.Namespace,
) -> Figures:  # fmt: skip
    """Look how many steps were taken until all were; raises PeerError where that never is."""
    first: tuple[int, float] | None = None
    megabytes = 0.0
    while time.monotonic() - begun < LIMIT:
        ended = process.poll() is not None
        taken, now = steps_taken(side, out), time.monotonic()
        megabytes = max(megabytes, most_memory(process.pid))
        if taken >= arguments.warm_up and first is None:
            first = taken, now
        if first is not None and taken >= first[0] + arguments.steps:
            seconds = (now - first[1]) / (taken - first[0])
            return Figures(
                arguments.batch / seconds, first[1] - begun - first[0] * seconds, megabytes
            )
        if ended:
            raise PeerError(f"ended: {last_line((out / 'printed.txt').read_text())}")
        time.sleep(0.02)
    raise PeerError(f"{steps_taken(side, out)} steps within {LIMIT:.0f} s")


def steps_taken(side: str, out: Path) -> int:
    """How many steps a side has told of so far."""
    if side != ZEROSUM:
        text = (out / "printed.txt").read_text(errors="replace")
        return len(re.findall(PEERS[side].step, text, re.MULTILINE))
    log = out / "run" / "metrics.jsonl"
    lines = log.read_text().splitlines(keepends=True) if log.is_file() else []
    whole = [line for line in lines if line.endswith("\n")]
    return int(json.loads(whole[-1])["step"]) if whole else 0


def most_memory(pid: int) -> float:
    """The most that a process held so far, in megabytes; 0 where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def row(side: str, rounds: list[Figures], ours: list[Figures]) -> str:
    """A side's medians, and zerosum's speed over it round by round."""
    speeds = [one.images_per_second for one in rounds]
    starts = [one.start_up for one in rounds]
    ratios = [a.images_per_second / b.images_per_second for a, b in zip(ours, rounds, strict=True)]
    return (
        f"{side:17} {statistics.median(speeds):9.1f} {min(speeds):9.1f} to {max(speeds):<9.1f}"
        f"{statistics.median(starts):8.1f} {max(one.megabytes for one in rounds):10,.0f}"
        f"{statistics.median(ratios):9.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    )


def main() -> None:
    """Run the sides in turn and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="class folders of images")
    parser.add_argument(
        "--environments", type=Path, required=True, help="where the peers are installed"
    )
    parser.add_argument("--examples", type=Path, help="a checkout of github.com/pytorch/examples")
    parser.add_argument(
        "--peers",
        nargs="+",
        choices=PEERS,
        default=list(PEERS),
        metavar="PEER",
        help=", ".join(PEERS),
    )
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=10, help="generator steps that are timed")
    parser.add_argument("--warm-up", type=int, default=3, help="steps before them")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    arguments.environments = arguments.environments.resolve()
    results: dict[str, list[Figures]] = {side: [] for side in (ZEROSUM, *arguments.peers)}
    errors: dict[str, str] = {}
    for _ in range(arguments.rounds):
        for side, rounds in results.items():
            if side in errors:
                continue
            try:
                rounds.append(measure(side, arguments))
            except PeerError as error:
                errors[side] = str(error)
            print(side, errors.get(side) or rounds[-1], flush=True)
    print(f"\n{platform.processor() or platform.machine()}, {os.cpu_count()} cores, ", end="")
    print(f"torch {version('torch')}, python {platform.python_version()}, batch {arguments.batch}")
    print(f"{'':17}  images/s     range             start-up s       MB   zerosum over it")
    for side, rounds in results.items():
        if side in errors:
            print(f"{side:17} {errors[side]}")
        else:
            print(row(side, rounds, results[ZEROSUM]))


if __name__ == "__main__":
    main()

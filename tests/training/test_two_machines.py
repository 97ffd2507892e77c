"""Two machines, as two network namespaces with addresses of their own, and what links them."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.training.launcher import Child, Launcher
from tests.training.test_several_processes import TWO
from zerosum.records.checkpoint import damage
from zerosum.records.run import RunFolder

ADDRESSES = "10.77.0.1", "10.77.0.2"


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@dataclass(frozen=True)
class Machines:
    """Namespaces, each with an interface `veth0` to the other one."""

    names: tuple[str, str]

    def link(self, state: str) -> None:
        """Set the second one's interface `up` or `down`."""
        ip("-n", self.names[1], "link", "set", "veth0", state)

    def start(self, launcher: Launcher, folder: Path, place: int, *words: object) -> Child:
        """Start a command on one of them, in a folder of its own below `folder`."""
        (folder / str(place)).mkdir()
        said = {"MASTER_ADDR": ADDRESSES[0], "MASTER_PORT": "29400", "NODE_RANK": str(place)}
        return launcher.start(
            folder / str(place), *words, environment=said | {"GLOO_SOCKET_IFNAME": "veth0"},
            fault="short limits", namespace=self.names[place],
        )  # fmt: skip


@pytest.fixture
def machines() -> Iterator[Machines]:
    if shutil.which("ip") is None:
        pytest.skip("there is no `ip`")
    names = f"zerosum{os.getpid()}a", f"zerosum{os.getpid()}b"
    try:
        ip("netns", "add", names[0])
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network namespaces here: {error.stderr.decode().strip()}")
    try:
        ip("netns", "add", names[1])
        peer = "peer", "name", "veth0", "netns", names[1]
        ip("link", "add", "veth0", "netns", names[0], "type", "veth", *peer)
        for name, address in zip(names, ADDRESSES, strict=True):
            ip("-n", name, "addr", "add", f"{address}/24", "dev", "veth0")
            for interface in ("veth0", "lo"):
                ip("-n", name, "link", "set", interface, "up")
        yield Machines(names)
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)


def test_a_lost_connection_costs_time_alone_and_ends_both_where_it_stays_so(
    launcher: Launcher, machines: Machines, tmp_path: Path
) -> None:
    words = (*TWO, "--images", 10**7, "--schedule.checkpoint_every", 320, "--out", "../run")
    both = [machines.start(launcher, tmp_path, i, *words, "--nodes", 2) for i in (0, 1)]
    run = RunFolder(tmp_path / "run")

    def wait_for_lines(more: int) -> None:
        count, until = len(run.metrics()), time.monotonic() + 60
        while len(run.metrics()) < count + more:
            assert time.monotonic() < until, [child.stderr for child in both]
            time.sleep(0.05)

    wait_for_lines(10)
    machines.link("down")
    time.sleep(1)
    machines.link("up")
    wait_for_lines(10)
    machines.link("down")
    assert [child.wait() for child in both] == [1, 1]
    for child in both:
        said = child.stderr.splitlines()
        assert len(said) == 2, said
        # Within a step; where it waits; where it cannot reach the other.
        assert re.search("did not answer|no sign of life|cannot be reached", said[0]), said
    newest = run.checkpoint("latest")
    assert damage(newest) is None
    code, done = launcher.run(tmp_path / "0", *words, "--stop-after", "1s")
    assert code == 0 and f"continues ../run at {int(newest.name):,} images" in done.stdout

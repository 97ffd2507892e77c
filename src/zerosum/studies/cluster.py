"""Cells on several machines, as tasks of Ray; the study folder is on a disk that they share."""

import os
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

from zerosum.errors import UsageError, ZerosumError
from zerosum.studies.attempt import Means, turn
from zerosum.studies.cells import Cell
from zerosum.studies.folder import Attempt, StudyFolder
from zerosum.words import counted

RETRIES = -1
"""A cell whose machine dies is taken up elsewhere, as often as it takes."""


class RayWorkers:
    """A Ray cluster. Each cell gets its processor cores, and a GPU where the cluster has some.

    Raises UsageError where Ray is not installed, ZerosumError where no cluster answers.
    """

    def __init__(self, folder: StudyFolder, address: str, means: Means) -> None:
        self.ray = require_ray()
        # The study folder by its full path: other machines start elsewhere.
        self.folder = StudyFolder(folder.path.absolute())
        self.means = means
        try:
            self.ray.init(address=address, log_to_driver=False, logging_level="ERROR")
        except (ConnectionError, RuntimeError, ValueError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ZerosumError(
                f"no Ray cluster answers at {address}: {reason}",
                "start one with `ray start --head`, then give --ray=auto, or its address",
            ) from error
        there = self.ray.cluster_resources()
        self.gpus = 1 if there.get("GPU", 0) else 0
        if there.get("CPU", 0) < means.cores:
            raise UsageError(
                f"a cell wants {counted(means.cores, 'core')}, and the cluster has "
                f"{there.get('CPU', 0):g}",
                "give --threads=1, or add machines to the cluster",
            )
        self.task = self.ray.remote(_turn).options(
            num_cpus=means.cores, num_gpus=self.gpus, max_retries=RETRIES
        )

    @property
    def places(self) -> int:
        """As many as the cluster holds now: machines may come and go."""
        there = self.ray.cluster_resources()
        places = int(there.get("CPU", 0) // self.means.cores)
        if self.gpus:
            places = min(places, int(there.get("GPU", 0)))
        return max(1, places)

    def submit(self, cell: Cell, rivals: Sequence[str]) -> Future[Attempt]:
        # A relative path means the same on every machine only once it is absolute.
        placed = replace(cell, data=_absolute(cell.data), recipe=_absolute(cell.recipe))
        future: Future[Attempt] = self.task.remote(
            self.folder, placed, self.means, tuple(rivals)
        ).future()
        return future

    def give_up(self) -> None:
        """Tasks on other machines are not waited for anyway."""

    def close(self) -> None:
        """Leave the cluster; it goes on."""
        self.ray.shutdown()


def _turn(folder: StudyFolder, cell: Cell, means: Means, rivals: Sequence[str]) -> Attempt:
    """What a Ray task does, on whatever machine."""
    os.environ.pop("OMP_NUM_THREADS", None)  # Ray sets it to its own idea
    return turn(folder, cell, means, rivals)


def _absolute(name: str) -> str:
    return str(Path(name).absolute()) if name and Path(name).exists() else name


def require_ray() -> Any:
    """Ray. Raises UsageError where the extra is not installed."""
    try:
        import ray
    except ImportError as error:
        raise UsageError(
            "--ray needs Ray, which is not installed",
            "install it on every machine: pip install 'zerosum[ray]'",
        ) from error
    return ray

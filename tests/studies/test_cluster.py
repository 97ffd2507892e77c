"""Cells on a Ray cluster, a machine of which dies."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.studies.tiny import tiny_study
from zerosum.api_studies import study
from zerosum.files import checksum
from zerosum.records.run import RunFolder, checkpoint_names
from zerosum.studies.folder import StudyFolder
from zerosum.studies.results import CellResult
from zerosum.studies.runner import StudyListener

pytest.importorskip("ray", reason="Ray is not installed: the extra ray")

import psutil
import ray
from ray.cluster_utils import Cluster


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Two machines of one core each, as far as Ray knows."""
    quick = {"health_check_period_ms": 500, "health_check_failure_threshold": 3}
    head = {"num_cpus": 1, "include_dashboard": False, "_system_config": quick}
    two = Cluster(initialize_head=True, head_node_args=head)
    two.add_node(num_cpus=1)
    two.wait_for_nodes()
    yield two
    ray.shutdown()
    two.shutdown()  # type: ignore[no-untyped-call]


def weights(folder: StudyFolder) -> dict[str, str]:
    """The checksum of each cell's last generator."""
    found = {}
    for path in sorted((folder.path / "cells").iterdir()):
        run = RunFolder(path)
        found[path.name] = checksum(run.checkpoint() / "generator.safetensors")
    return found


def die(processes: list[psutil.Process]) -> None:
    """As a machine does that loses its power: everything at once."""
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=10)


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("warm_cells")  # for the study without Ray
def test_a_machine_that_dies_has_its_cell_taken_up_elsewhere_to_the_same_weights(
    cluster: Cluster, tmp_path: Path
) -> None:
    asked = tiny_study(images=5_000)
    alone = study(asked, tmp_path / "alone", threads=1)
    [machine] = cluster.worker_nodes
    raylet = psutil.Process(machine.all_processes["raylet"][0].process.pid)
    folder = StudyFolder(tmp_path / "cluster")
    victims: list[str] = []

    class KillsOne(StudyListener):
        """Kills the second machine while it is in the middle of its cell."""

        def running(self, results: Sequence[CellResult]) -> None:  # noqa: ARG002
            if victims:
                return
            family = raylet.children(recursive=True)
            for process in family:
                words = process.cmdline()
                if "train" not in words:
                    continue
                run = RunFolder(Path(words[words.index("--out") + 1]))
                if checkpoint_names(run) and run.state()["status"] == "running":
                    die([raylet, *family])
                    victims.append(run.path.name)
                    return

    done = study(asked, folder.path, ray=cluster.address, threads=1, listener=KillsOne())

    assert len(victims) == 1
    assert [result.status for result in done.results()] == ["finished", "finished"]
    assert weights(done.folder) == weights(alone.folder)
    log = folder.log_file(victims[0]).read_text()
    assert "continues" in log

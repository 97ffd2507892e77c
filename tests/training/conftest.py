"""Tiny runs of the real command, in processes that may be killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.training.launcher import Launcher

TINY = (
    "train", "digits", "--data", "digits", "--out", "run", "--device", "cpu", "--precision", "32",
    "--images", 3000, "--batch", 32, "--width", 4, "--latent", 4,
    "--schedule.checkpoint_every", 300, "--schedule.sample_every", 900,
    "--schedule.log_every", 5, "--schedule.average", 1000, "--schedule.decay", "linear",
    "--network.discriminator.dropout", 0.3, "--data.flip", "yes",
    "--evaluation.images", 0,
)  # fmt: skip
"""94 steps with everything random in them, 10 checkpoints that fall between log lines."""


@pytest.fixture(scope="module", autouse=True)
def without_charts() -> Iterator[None]:
    """They take as long as some of these trainings; tests that look at them say so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zerosum.api_run.write_charts", lambda _run: [])
        yield


@pytest.fixture(scope="session")
def launcher(cache_of_the_tests: Path) -> Iterator[Launcher]:  # noqa: ARG001
    """Starts commands; the cache of the tests is already in its environment."""
    launcher = Launcher()
    yield launcher
    launcher.close()


@pytest.fixture(scope="session")
def finished(launcher: Launcher, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The TINY run, trained in one go. Shared: tests change nothing in it."""
    folder = tmp_path_factory.mktemp("finished")
    code, child = launcher.run(folder, *TINY)
    assert code == 0, child.stderr
    return folder / "run"

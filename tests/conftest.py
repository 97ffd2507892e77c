"""What all tests share: where the real images lie, a cache of their own, and what is skipped."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

REAL_DATA = Path(__file__).parents[2] / "shared" / "data"
"""Beside the repository; the environment's ZEROSUM_REAL_DATA says otherwise."""

# How long one example takes says more about what else the machine does than about the rule.
hypothesis.settings.register_profile("zerosum", deadline=None, print_blob=True)
hypothesis.settings.load_profile("zerosum")
REAL_WEIGHTS = REAL_DATA.with_name("weights") / "inception-2015-approximate.safetensors"
"""Beside them; the environment's ZEROSUM_REAL_WEIGHTS says otherwise."""


@pytest.fixture
def real_data() -> Path:
    """The folder of real image sets; the test is skipped where there is none."""
    folder = Path(os.environ.get("ZEROSUM_REAL_DATA") or REAL_DATA)
    if not folder.is_dir():
        pytest.skip(f"no real images at {folder}; set ZEROSUM_REAL_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def inception_weights() -> Path:
    """A file of Inception weights; the test is skipped where there is none."""
    file = Path(os.environ.get("ZEROSUM_REAL_WEIGHTS") or REAL_WEIGHTS)
    if not file.is_file():
        pytest.skip(f"no Inception weights at {file}; set ZEROSUM_REAL_WEIGHTS to the file")
    return file


@pytest.fixture(scope="session", autouse=True)
def cache_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test, and no process that one starts, may find or empty the user's own cache. Tests that
    run side by side share it: what is packed is packed once."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZEROSUM_CACHE", str(folder))
        yield folder


@pytest.fixture
def own_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Parts of users that a test brings into this process are gone after it; and what it trusts is
    not what the user does."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    from zerosum import parts, trust

    yield
    for part in (part for file in parts._FILES.values() for part in file.parts):
        for found, _ in part.entries:
            found.pop(part.name, None)
    parts._FILES.clear()
    parts._OWNERS.clear()
    trust._TRUSTED.clear()


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Ctrl-C is answered in this process and in those that tests start, also where the tests were
    begun in the background of a shell, which has them ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def no_lines_of_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command says in this process does not depend on how busy the machine is."""
    monkeypatch.setattr("zerosum.cli.pictures.FIRST_LINE", float("inf"))


@pytest.fixture(autouse=True)
def no_width_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed in this process does not depend on where the tests were started."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(autouse=True)
def few_writers_of_tensorboard(monkeypatch: pytest.MonkeyPatch) -> None:
    """TensorBoard numbers the files that a process writes, and reads those of one second in the
    order of their names, 10 before 9: a run that goes on within the second it was stopped in would
    be read as if it had gone on first."""
    if (writer := sys.modules.get("tensorboard.summary.writer.event_file_writer")) is not None:
        monkeypatch.setattr(writer, "_global_uid", writer.AtomicCounter(0))


LONGEST = [
    f"tests/{name}.py"
    for name in (
        "training/test_devices", "cli/test_commands", "studies/test_cluster",
        "studies/test_runner", "examples/test_quickstart", "training/test_faults",
        "training/test_resume", "training/test_stopping", "training/test_phases",
        "networks/test_players", "evaluation/test_modes", "browser/test_page_details",
        "browser/test_study_page", "evaluation/test_scores", "report/test_page",
        "report/test_complete", "data/test_pack", "training/test_scoring",
    )
]  # fmt: skip
"""Files that take long begin first: else one process would still be in them when all others have
ended."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first. Skip tests marked `cuda` where there is no such device."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(LONGEST)))
    marked = [item for item in items if item.get_closest_marker("cuda")]
    if not marked:
        return
    import torch

    if not torch.cuda.is_available():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="no CUDA device"))

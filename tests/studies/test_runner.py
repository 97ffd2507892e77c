"""Studies that run, fail, are stopped, are killed, and go on. Each cell is a real training."""

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.studies.made_up import write_cell
from tests.studies.tiny import TINY, tiny_study
from tests.training.launcher import Child, Launcher
from zerosum.api_studies import StudyRun, study
from zerosum.errors import ZerosumError
from zerosum.files import checksum
from zerosum.records.lock import held, lock
from zerosum.records.run import RunFolder, checkpoint_names
from zerosum.studies.cell_queue import GridQueue
from zerosum.studies.cells import Cell, cells_of
from zerosum.studies.folder import Attempt, StudyFolder
from zerosum.studies.runner import StudyListener, run_study

RUN = ("study", "run", "tiny.toml", "--cores", 1)
FILE = """
recipe = "digits"
data = "digits"
images = {images}
[settings]
{settings}
[grid]
latent = [2, 8]
"""


def write_study(folder: Path, images: int) -> Path:
    """The tiny study as a file."""
    settings = "\n".join(f'"{name}" = {value}' for name, value in TINY.items())
    path = folder / "tiny.toml"
    path.write_text(FILE.format(images=images, settings=settings))
    return path


def weights(folder: Path) -> Mapping[str, str]:
    """The checksum of each cell's last generator."""
    return {
        path.name: checksum(RunFolder(path).checkpoint() / "generator.safetensors")
        for path in sorted((folder / "cells").iterdir())
    }


def wait_for(what: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def has_checkpoint(folder: Path) -> Callable[[], bool]:
    """Whether the first cell is in the middle of its training."""
    return lambda: bool(checkpoint_names(RunFolder(folder / "cells" / "latent-2_seed-0")))


@pytest.fixture(scope="module")
def whole(launcher: Launcher, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of two cells of 6,400 images that ran without a break."""
    folder = tmp_path_factory.mktemp("whole")
    write_study(folder, 2_400)
    code, child = launcher.run(folder, *RUN, cells=launcher.cells)
    assert code == 0, child.stderr
    return folder


def begin(launcher: Launcher, folder: Path, *, cold: bool = False) -> Child:
    """The same study, in the middle of its first cell; `cold`: whose process began as users' do."""
    write_study(folder, 2_400)
    child = launcher.start(folder, *RUN, cells="" if cold else launcher.cells)
    wait_for(has_checkpoint(folder / "studies" / "tiny"))
    return child


def ends_like(whole: Path, launcher: Launcher, folder: Path) -> None:
    """The same command goes on, to the weights of the study that was not disturbed."""
    code, child = launcher.run(folder, *RUN, cells=launcher.cells)
    assert code == 0, child.stderr
    assert weights(folder / "studies" / "tiny") == weights(whole / "studies" / "tiny")


def test_a_killed_study_goes_on_to_the_same_weights(
    launcher: Launcher, whole: Path, tmp_path: Path
) -> None:
    child = begin(launcher, tmp_path, cold=True)
    child.signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL

    # The training of its cell has lost its study: it saves and ends, and nobody asked it to.
    cell = RunFolder(tmp_path / "studies" / "tiny" / "cells" / "latent-2_seed-0")
    wait_for(lambda: not held(cell.path))
    assert cell.state()["status"] == "stopped"
    ends_like(whole, launcher, tmp_path)


def test_the_next_runner_waits_for_the_cell_of_a_killed_one_to_save(
    launcher: Launcher, whole: Path, tmp_path: Path
) -> None:
    child = begin(launcher, tmp_path)
    child.signal(signal.SIGKILL)
    child.wait()

    ends_like(whole, launcher, tmp_path)


class Places:
    """Workers that train nothing, and note whom they were given."""

    def __init__(self, places: int) -> None:
        self.places = places
        self.given: list[str] = []
        self.given_up = False

    def submit(self, cell: Cell, rivals: Sequence[str]) -> Future[Attempt]:  # noqa: ARG002
        self.given.append(cell.name)
        future: Future[Attempt] = Future()
        future.set_result(Attempt("finished"))
        return future

    def give_up(self) -> None:
        self.given_up = True

    def close(self) -> None: ...


def test_a_study_whose_output_nobody_reads_does_not_wait_for_its_cells(tmp_path: Path) -> None:
    class Unread(StudyListener):
        def started(self, cell: Cell) -> None:  # noqa: ARG002
            raise BrokenPipeError

    asked, folder, workers = tiny_study(), StudyFolder(tmp_path), Places(1)
    with pytest.raises(BrokenPipeError):
        run_study(folder, GridQueue(asked, folder), workers, listener=Unread())
    assert workers.given_up and len(workers.given) == 1


@pytest.mark.parametrize("places", [1, 2])
def test_a_cell_that_somebody_else_trains_takes_a_place(
    places: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zerosum.studies.runner.TICK", 0.01)
    asked, folder, workers = tiny_study(), StudyFolder(tmp_path), Places(places)
    first, second = cells_of(asked)
    write_cell(folder, second, status="stopped")
    waited: list[int] = []
    with ExitStack() as other:

        class LetsGo(StudyListener):
            """The other training ends when it was waited for three times."""

            def waiting(self, cells: Sequence[str]) -> None:
                assert cells == [second.name]
                waited.append(len(workers.given))
                if len(waited) == 3:
                    other.close()

        other.enter_context(lock(folder.run(second.name).path))
        run_study(folder, GridQueue(asked, folder), workers, listener=LetsGo())

    # With one place nothing begins before it has ended; with two, one cell at a time.
    assert waited == ([0, 0, 0] if places == 1 else [1])
    assert workers.given == [first.name, second.name]


def test_a_study_stopped_by_a_signal_saves_its_cell_and_goes_on(
    launcher: Launcher, whole: Path, tmp_path: Path
) -> None:
    child = begin(launcher, tmp_path)
    child.signal(signal.SIGINT)
    assert child.wait() == 128 + signal.SIGINT

    folder = tmp_path / "studies" / "tiny"
    assert RunFolder(folder / "cells" / "latent-2_seed-0").state()["status"] == "stopped"
    assert not held(folder)
    assert "stopping: what runs is saved first" in child.stdout
    assert "stopped; the same command goes on" in child.stdout
    ends_like(whole, launcher, tmp_path)


def test_a_second_signal_ends_a_study_at_once_and_its_cell_saves_by_itself(
    launcher: Launcher, tmp_path: Path
) -> None:
    child = begin(launcher, tmp_path)
    child.signal(signal.SIGINT)
    wait_for(lambda: "stopping: " in child.stdout)
    child.signal(signal.SIGINT)
    assert child.wait() == 128 + signal.SIGINT
    assert "cells that run save and end by themselves; the same command goes on" in child.stdout
    assert "Traceback" not in child.stderr

    cell = RunFolder(tmp_path / "studies" / "tiny" / "cells" / "latent-2_seed-0")
    wait_for(lambda: not held(cell.path))
    assert cell.state()["status"] == "stopped"


def test_study_stop_ends_a_study_from_elsewhere_which_one_process_at_a_time_runs(
    launcher: Launcher, tmp_path: Path
) -> None:
    child = begin(launcher, tmp_path)
    code, second = launcher.run(tmp_path, "study", "run", "tiny.toml")
    assert code == 1
    assert "another process" in second.stderr

    code, stopper = launcher.run(tmp_path, "study", "stop", "tiny.toml")
    assert code == 0, stopper.stderr
    assert child.wait() == 0
    cell = RunFolder(tmp_path / "studies" / "tiny" / "cells" / "latent-2_seed-0")
    assert cell.state()["status"] == "stopped"

    code, stopper = launcher.run(tmp_path, "study", "stop", "tiny.toml")
    assert code == 1
    assert "nothing runs in" in stopper.stderr


def test_a_finished_study_runs_nothing_again(launcher: Launcher, whole: Path) -> None:
    logs = sorted(
        (path, path.stat().st_mtime_ns) for path in (whole / "studies/tiny/logs").iterdir()
    )
    code, child = launcher.run(whole, *RUN)

    assert code == 0
    assert "begins" not in child.stdout
    assert logs == sorted((path, path.stat().st_mtime_ns) for path, _ in logs)
    assert len(logs) == len(list((whole / "studies/tiny/logs").iterdir()))


@pytest.mark.usefixtures("warm_cells")
def test_a_cell_that_diverges_is_a_result_and_the_others_go_on(tmp_path: Path) -> None:
    asked = tiny_study(grid={"learning-rate": (1e30, 2e-4)}, settings={"schedule.log_every": 1})
    done = study(asked, tmp_path / "study", jobs=2)
    first, second = done.results()

    assert done.signal is None
    assert first.status == "failed"
    assert "finite" in first.reason
    assert second.status == "finished"
    # Nothing would come of a second try.
    assert study(asked, tmp_path / "study").results()[0].status == "failed"


@pytest.mark.usefixtures("warm_cells")
def test_a_cell_that_fails_for_want_of_images_is_tried_again(tmp_path: Path) -> None:
    missing = tmp_path / "photos"
    asked = tiny_study(data=(str(missing),), grid={})
    [bad] = study(asked, tmp_path / "study").results()

    assert bad.status == "failed"
    assert str(missing) in bad.reason

    missing.symlink_to(_pictures(tmp_path))
    assert study(asked, tmp_path / "study").results()[0].status == "finished"


def _pictures(folder: Path) -> Path:
    """Forty small pictures."""
    import numpy as np
    from PIL import Image

    pictures = folder / "pictures"
    pictures.mkdir()
    for number in range(40):
        shades = np.random.default_rng(number).integers(0, 256, (32, 32), dtype=np.uint8)
        Image.fromarray(shades).save(pictures / f"{number}.png")
    return pictures


@pytest.mark.usefixtures("warm_cells")
def test_cells_by_the_clock_are_scored_when_their_time_is_up(tmp_path: Path) -> None:
    asked = tiny_study(
        images=0, minutes=0.05, grid={}, settings={"evaluation.images": 50, "data.limit": 256}
    )
    [result] = study(asked, tmp_path / "study").results()

    assert result.status == "finished"
    assert result.value("fid") is not None
    assert study(asked, tmp_path / "study").results() == [result]


@pytest.mark.usefixtures("warm_cells")
def test_the_best_setting_is_trained_for_longer_when_the_grid_is_done(tmp_path: Path) -> None:
    from zerosum.studies.settings import Longer

    # By FID alone: so short a training is like no real image, and then none would be the best.
    settings = {"evaluation.images": 50, "evaluation.scores": ("fid",)}
    asked = tiny_study(settings=settings, longer=Longer(images=640))
    results = study(asked, tmp_path / "study", jobs=2).results()
    best = min(results[:2], key=lambda result: result.value("fid") or 0)

    assert len(results) == 3
    assert results[2].cell.axes == {**best.cell.axes, "longer": "640 images"}
    assert results[2].images == 640


@pytest.mark.usefixtures("warm_cells")
def test_a_folder_holds_one_study(tmp_path: Path) -> None:
    study(tiny_study(grid={}), tmp_path / "study")

    with pytest.raises(ZerosumError, match=r"began with other settings.*network\.latent: 16 → 3"):
        study(tiny_study(grid={}, settings={"latent": 3}), tmp_path / "study")
    with pytest.raises(ZerosumError, match="began with a larger budget"):
        study(tiny_study(grid={}, images=160), tmp_path / "study")


@pytest.mark.usefixtures("warm_cells")
def test_cells_that_are_done_go_on_to_a_larger_budget(tmp_path: Path) -> None:
    study(tiny_study(grid={}, images=160), tmp_path / "study")
    [result] = study(tiny_study(grid={}, images=320), tmp_path / "study").results()

    assert (result.status, result.images) == ("finished", 320)


def test_a_study_does_not_move_in_with_others(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("all my work")

    with pytest.raises(ZerosumError, match="not empty and not a study"):
        study(tiny_study(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_study_opens_by_its_folder(whole: Path) -> None:
    opened = StudyRun.open(whole / "studies" / "tiny")

    assert [result.images for result in opened.results()] == [2_400, 2_400]
    assert [setting.words for setting in opened.settings()] == ["latent 2", "latent 8"]

"""The public Python API: train, open, generate."""

import inspect
import pydoc
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zerosum
from tests.data.files import noise, write_folder
from tests.in_process import run_command
from zerosum.data.sources import find_source
from zerosum.recipe.fields import option_words
from zerosum.training.progress import Listener
from zerosum.training.request import Devices

TINY: dict[str, object] = {
    "images": 64, "batch": 16, "width": 4, "data.limit": 64, "schedule.log_every": 1,
    "evaluation.images": 100,
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> zerosum.Run:
    return zerosum.train("digits", out=tmp_path_factory.mktemp("runs") / "tiny", overrides=TINY)


def test_training_gives_a_finished_run(run: zerosum.Run) -> None:
    assert run.outcome is not None
    state = run.state()
    assert (state["status"], state["images"]) == ("finished", 64)
    assert [line["images"] for line in run.metrics()] == [16, 32, 48, 64]
    assert run.recipe().network.generator.width == 4
    assert (run.path / "summary.md").is_file()


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_training_a_finished_run_again_changes_nothing_in_it(run: zerosum.Run) -> None:
    before = bytes_of(run.path)
    again = zerosum.train("digits", out=run.path, overrides=TINY)
    assert again.outcome is not None and again.outcome.status == "finished"
    assert bytes_of(run.path) == before
    words = [word for item in TINY.items() for word in option_words(*item)]
    assert run_command("train", "digits", "--out", str(run.path), *words) == 0
    assert bytes_of(run.path) == before


def test_a_run_of_python_notes_the_command_that_trains_the_same(run: zerosum.Run) -> None:
    assert run.state()["command"].startswith("zerosum train digits --images 64 --batch 16")
    assert "## Set differently from `digits`" in (run.path / "summary.md").read_text()


def test_a_recipe_that_goes_on_with_a_run_leaves_its_command(tmp_path: Path) -> None:
    out = tmp_path / "run"
    begun = zerosum.train("digits", out=out, overrides=TINY, stop_after="0.001s", quiet=True)
    assert begun.state()["status"] == "stopped"
    noted = begun.state()["command"]
    ended = zerosum.train(begun.recipe(), out=out, quiet=True)
    assert (ended.state()["status"], ended.state()["command"]) == ("finished", noted)


class Interrupting(Listener):
    """Presses Ctrl-C at the second log line."""

    def __init__(self) -> None:
        self.lines = 0

    def logged(self, line: Mapping[str, Any]) -> None:  # noqa: ARG002
        self.lines += 1
        if self.lines == 2:
            signal.raise_signal(signal.SIGINT)


def test_ctrl_c_saves_before_it_interrupts(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        zerosum.train("digits", out=out, overrides=TINY, listener=Interrupting())
    state = zerosum.Run.open(out).state()
    assert (state["status"], state["images"]) == ("stopped", 32)
    assert (out / "checkpoints" / "000000032").is_dir() and (out / "summary.md").is_file()


def test_progress_is_shown_unless_it_is_to_be_quiet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)  # of a test of the notebook
    small = TINY | {"evaluation.images": 0}
    zerosum.train("digits", out=tmp_path / "told", overrides=small)
    told = capsys.readouterr()
    assert "training: 64 of 64 images" in told.err and told.out == ""
    zerosum.train("digits", out=tmp_path / "quiet", overrides=small, quiet=True)
    assert capsys.readouterr() == ("", "")


def test_wrong_arguments_are_told_in_the_words_of_python(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(zerosum.UsageError, match=r'^stop_on="melted" is no verdict\nchoose from: '):
        zerosum.train("digits", out=out, stop_on="melted")
    with pytest.raises(zerosum.UsageError, match=r'^stop_after="soon" is no time\ngive seconds'):
        zerosum.train("digits", out=out, stop_after="soon")
    with pytest.raises(TypeError, match=r"^stop_after= is in seconds, .* not list"):
        zerosum.train("digits", out=out, stop_after=[10])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^recipe= is a name or a path, not int \(5\)"):
        zerosum.train(5)  # type: ignore[arg-type]
    with pytest.raises(zerosum.UsageError, match="which images\nadd data=FOLDER"):
        zerosum.train("dcgan", out=out)
    with pytest.raises(zerosum.UsageError, match=r'^devices=Devices\("abacus"\) is not a kind'):
        zerosum.train("digits", out=out, devices=Devices("abacus"))
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"lr": 0.1}, 'write overrides={"learning-rate": 0.1}'),
        ({"batch_size": 32}, 'write overrides={"batch": 32}'),
        ({"steps": 1000}, 'a training is as long as overrides={"images": N} says, N real images'),
        ({"from_": "best"}, "write back_to='best'"),
        ({"device": "cuda"}, "write devices=Devices('cuda')"),
        ({"outdir": "x"}, "write out='x'"),
    ],
)
def test_an_argument_that_is_none_is_told_with_the_right_one(
    arguments: dict[str, Any], told: str
) -> None:
    with pytest.raises(TypeError) as raised:
        zerosum.train("digits", **arguments)
    name = next(iter(arguments))
    assert str(raised.value) == f"train(): there is no argument {name}=: {told}"


def test_an_argument_like_no_other_is_told_alone() -> None:
    with pytest.raises(TypeError, match=r"^health\(\): there is no argument qqq=$"):
        zerosum.health("demo", qqq=1)  # type: ignore[call-arg]


def test_a_run_shows_where_it_is_and_how_far(run: zerosum.Run) -> None:
    images = run.state()["images"]
    assert repr(run) == f"<run {run.path}: finished, {images:,} images>"


def test_a_run_is_opened_from_its_folder(run: zerosum.Run) -> None:
    opened = zerosum.Run.open(str(run.path))
    assert opened.outcome is None
    assert opened.state() == run.state()
    assert opened.recipe() == run.recipe()


def test_a_generator_makes_the_same_pictures_for_the_same_seeds(run: zerosum.Run) -> None:
    generator = run.generator()
    pictures = generator(range(4))
    assert pictures.shape == (4, 32, 32, 1)
    assert pictures.dtype == np.uint8
    assert np.array_equal(pictures, zerosum.Run.open(run.path).generator()(range(4)))
    assert np.abs(generator([2])[0].astype(int) - pictures[2]).max() <= 1


def test_opening_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(zerosum.ZerosumError, match="there is no run"):
        zerosum.Run.open(tmp_path / "nothing")


def test_wrong_settings_are_usage_errors_before_anything_is_written(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(zerosum.UsageError, match=r"schedule\.batch"):
        zerosum.train("digits", out=out, overrides={"batch": 0})
    with pytest.raises(zerosum.UsageError, match="which images"):
        zerosum.train("dcgan", out=out)
    with pytest.raises(zerosum.ZerosumError, match="nothing at"):
        zerosum.train("dcgan", str(tmp_path / "none"), out)
    assert not out.exists()


def test_a_recipe_object_trains_like_its_name(tmp_path: Path, run: zerosum.Run) -> None:
    recipe = zerosum.load_recipe("digits", TINY)
    again = zerosum.train(recipe, out=tmp_path / "again")
    assert np.array_equal(again.generator()(range(2)), run.generator()(range(2)))


def test_every_public_name_is_there() -> None:
    for name in dir(zerosum):
        assert getattr(zerosum, name).__name__ == name
        assert f"{name}" in (zerosum.__doc__ or "") or inspect.isclass(getattr(zerosum, name))


def test_every_public_function_says_what_it_takes_and_gives() -> None:
    for name in dir(zerosum):
        function = getattr(zerosum, name)
        if inspect.isfunction(function):
            kinds = {each.kind for each in inspect.signature(function).parameters.values()}
            assert not kinds & {inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL}
            assert inspect.signature(function).return_annotation not in (Any, inspect._empty)
            assert inspect.getdoc(function)


def test_the_help_of_the_package_fits_a_screen_before_the_list_of_its_modules() -> None:
    shown = pydoc.plain(pydoc.render_doc(zerosum)).splitlines()
    assert shown.index("PACKAGE CONTENTS") <= 40
    assert max(map(len, shown)) <= 105


def test_the_report_is_a_function_whatever_was_imported() -> None:
    import zerosum.report.charts

    assert callable(zerosum.report)


def test_a_name_that_is_none_is_told() -> None:
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        zerosum.__getattr__("trian")


def test_a_training_among_its_images_goes_on_and_does_not_see_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`cd photos; zerosum train dcgan --data .`, stopped, and given again."""
    photos = write_folder(tmp_path / "photos", {f"{seed}.png": noise(seed) for seed in range(20)})
    monkeypatch.chdir(photos)
    small: dict[str, object] = {
        "images": 64, "batch": 16, "width": 4, "data.resolution": 16, "schedule.log_every": 1,
        "evaluation.images": 0, "data.validation": 0.0,
    }  # fmt: skip
    first = zerosum.train("dcgan", ".", overrides=small, stop_after=1e-9)
    assert first.state()["status"] == "stopped"
    assert list(first.folder.samples.glob("*.png"))
    second = zerosum.train("dcgan", ".", overrides=small)
    assert second.path == first.path
    assert (second.state()["status"], second.state()["data"]["train"]) == ("finished", 20)
    assert len(find_source(".").names()) == 20


def test_paths_that_are_no_utf8_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    odd = tmp_path / "caf\udce9"
    try:
        write_folder(odd, {f"{seed}.png": noise(seed) for seed in range(4)})
    except OSError:
        pytest.skip("this file system keeps to UTF-8")
    small: dict[str, object] = {"data.resolution": 16, "data.validation": 0.0}
    with pytest.raises(zerosum.ZerosumError, match=r"caf\\xe9 is no UTF-8, and no recipe"):
        zerosum.train("dcgan", str(odd), tmp_path / "run", overrides=small)
    (tmp_path / "link").symlink_to(odd)
    with pytest.raises(zerosum.ZerosumError, match=r"caf\\xe9/run is no UTF-8, and Tensor"):
        zerosum.train("dcgan", str(tmp_path / "link"), odd / "run", overrides=small)
    assert not (odd / "run").exists()
    assert not (tmp_path / "run").exists()

"""Without Inception's weights every command names the file, its place, and what needs none."""

import pickle
from pathlib import Path
from urllib.error import URLError

import pytest
import torch

import zerosum
from tests.cli.scored_runs import pictures_of_noise, refusal, run_on
from zerosum.api_report import complete_run
from zerosum.data import open_data
from zerosum.evaluation.extractors.inception import FILE, VARIABLE
from zerosum.recipe.load import read_recipe
from zerosum.records.run import RunFolder
from zerosum.scoring.tools import open_tools
from zerosum.training.progress import Listener
from zerosum.weights import MissingWeightsError, Weights


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run on coloured pictures, on a machine without weights and without a network."""

    def no_network(*_: object, **__: object) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr("urllib.request.OpenerDirector.open", no_network)
    monkeypatch.setattr("zerosum.download.WAIT", 0)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv(VARIABLE, raising=False)
    pictures = tmp_path / "noise"
    for kind in ("one", "other"):
        pictures_of_noise(pictures / kind, 12, channels=3)
    run_on(pictures, tmp_path / "other", data_channels=3)
    return run_on(pictures, tmp_path / "run", data_channels=3).path


@pytest.mark.parametrize(
    ("command", "without"),
    [
        ("neighbours", "or do without: --pixels"),
        ("map", "neighbours RUN --pixels"),
        ("modes", "neighbours RUN --pixels"),
        ("evaluate", "neighbours RUN --pixels"),
        ("compare", "or do without: leave --again out"),
    ],
)
def test_file_place_and_what_needs_none_are_named(command: str, without: str, run: Path) -> None:
    more = [run.with_name("other"), "--again", "--images", 10] if command == "compare" else []
    error = refusal(command, run, *more, "--device", "cpu")
    assert "no Inception weights" in error.what and "no route to host" in error.what
    for part in (FILE, str(run.parent / "home" / "zerosum" / "weights" / FILE), VARIABLE, without):
        assert part in error.remedy


def test_the_error_comes_whole_from_another_process() -> None:
    weights = Weights("Inception", Path("here/file.pth"), "its publisher", without="--pixels")
    error = pickle.loads(pickle.dumps(MissingWeightsError(weights, "no network")))
    assert (error.what, error.remedy) == (
        "there are no Inception weights on this machine, and they could not be downloaded "
        "(no network)",
        "get file.pth from its publisher, and put it at here/file.pth; or do without: --pixels",
    )


def test_the_option_is_named_only_where_the_command_has_it(run: Path) -> None:
    assert "--weights FILE" in refusal("evaluate", run, "--device", "cpu").remedy
    told: list[str] = []
    complete_run(RunFolder(run), told.append, device="cpu")
    assert "--weights" not in "\n".join(told)
    [how] = [text for text in told if f"get {FILE} from" in text]  # once for scores, map and all
    assert VARIABLE in how and "or do without" not in how


def test_a_training_names_no_option_for_the_weights(run: Path) -> None:
    recipe = read_recipe(RunFolder(run).recipe_file)
    with pytest.raises(MissingWeightsError) as error:
        open_tools(recipe, open_data(recipe.data, recipe.seed), torch.device("cpu"))
    assert "--weights" not in error.value.remedy and VARIABLE in error.value.remedy


class Heard(Listener):
    """What a training says, in its order."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def message(self, text: str) -> None:
        self.told.append(text)

    def stepped(self, images: int, total: int) -> None:
        self.told.append(f"step to {images} of {total}")


def test_a_training_says_before_its_first_step_that_there_will_be_no_scores(run: Path) -> None:
    recipe, missing = RunFolder(run).recipe_file, "there will be no scores: "
    with_scores = Heard()
    more = {"evaluation.images": 10, "images": 16}
    zerosum.train(recipe, out=run.with_name("scored"), overrides=more, listener=with_scores)
    first = with_scores.told.index(f"{missing}there are no Inception weights on this machine")
    assert f"get {FILE} from" in with_scores.told[first + 1]
    assert any("step to" in text for text in with_scores.told[first:])
    assert not any("step to" in text for text in with_scores.told[:first])
    without = Heard()
    more = {"evaluation.images": 0, "images": 16}
    zerosum.train(recipe, out=run.with_name("none"), overrides=more, listener=without)
    assert not any(missing in text for text in without.told)

"""Parts of the user's own, from a Python file: used, kept in the run, told as the user's."""

import re
import runpy
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
import pytest
import tomlkit
import torch
from hypothesis import example, given
from hypothesis import strategies as st

import zerosum
from tests.in_process import run_command
from tests.studies.tiny import tiny_study
from zerosum.adversarial.losses import LOSSES
from zerosum.errors import ZerosumError
from zerosum.evaluation.protocol import disagreements
from zerosum.exploring.explorer import Chosen
from zerosum.exploring.space import open_space
from zerosum.generation.directions import principal_directions
from zerosum.networks.build import build_discriminator, build_generator
from zerosum.networks.features import layer_outputs
from zerosum.recipe.load import _multiline, load_recipe, read_recipe
from zerosum.records.run import RunFolder
from zerosum.report.page.study_facts import changed_by_options
from zerosum.studies.attempt import Means, next_command
from zerosum.studies.begin import begin_study
from zerosum.studies.cells import cells_of, with_settings
from zerosum.studies.folder import StudyFolder
from zerosum.studies.load import load_study, parse_study
from zerosum.studies.own_parts import _kept, files_for, kept_at, with_texts
from zerosum.training.place import begin_or_continue as begin_run
from zerosum.training.place import changed_settings
from zerosum.training.request import Devices

pytestmark = pytest.mark.usefixtures("own_parts")

MARGIN = """\
import torch.nn.functional as F
from torch import Tensor

import zerosum


@zerosum.loss("margin", equilibrium=0.0, told_by_sign=True)
class Margin:
    def discriminator(real: Tensor, fake: Tensor) -> Tensor:
        return F.relu(1 - real).mean() + F.relu(1 + fake).mean()

    def generator(fake: Tensor) -> Tensor:
        return -fake.mean()
"""
TINY = {
    "batch": 16, "images": 64, "width": 4, "latent": 4, "evaluation.images": 0,
}  # fmt: skip


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a loss, beside which commands are given."""
    monkeypatch.setattr("zerosum.api_run.write_charts", lambda _run: [])
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "mine.py"
    file.write_text(MARGIN)
    return file


CPU = Devices(device="cpu", precision="32", threads=1)
OWN = {"with": "mine.py", "objective.loss": "margin"}


def train(out: str, overrides: Mapping[str, object]) -> zerosum.Run:
    """A few steps of the recipe digits."""
    settings = {**TINY, **overrides}
    return zerosum.train("digits", "digits", out, overrides=settings, devices=CPU, quiet=True)


def weights(run: RunFolder) -> bytes:
    return (run.checkpoint() / "generator.safetensors").read_bytes()


@pytest.mark.usefixtures("mine")
def test_a_loss_from_a_file_trains_to_the_weights_of_the_same_loss_of_zerosum() -> None:
    assert weights(train("run", OWN).folder) == weights(
        train("same", {"objective.loss": "hinge"}).folder
    )


def test_a_run_is_looked_at_and_trained_on_without_the_file_and_with_no_other(mine: Path) -> None:
    run = train("run", OWN)
    kept = read_recipe(run.folder.recipe_file).parts.files
    assert [(each.name, each.text) for each in kept] == [("mine.py", MARGIN)]

    mine.write_text(MARGIN + "\n# Another file now.\n")
    with pytest.raises(ZerosumError, match=r"other settings: parts.files: .*mine.py"):
        train("run", {**OWN, "images": 128})

    mine.unlink()
    assert len(zerosum.sample(run, 2)) == 2
    assert run_command("train", "run/recipe.toml", "--out", "run", "--images", "128") == 0


def test_code_that_came_with_a_run_is_shown_and_run_only_once_it_is_trusted(
    mine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = MARGIN + "print('ran')\n"
    mine.write_text(text)
    train("run", OWN)
    forget(monkeypatch, mine.with_name("elsewhere"))
    capsys.readouterr()

    assert run_command("sample", "run") == 1
    said = capsys.readouterr()
    assert "run brings code of its own: mine.py" in said.err
    assert "zerosum parts run --trust" in " ".join(said.err.split())
    assert run_command("parts", "run") == 0
    shown = capsys.readouterr().out
    assert text.rstrip() in shown and "\nran\n" not in shown

    assert run_command("parts", "run", "--trust") == 0
    assert "\nran\n" not in capsys.readouterr().out
    assert run_command("sample", "run") == 0


def forget(monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
    """As in a process on another machine."""
    from zerosum import parts, trust

    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    parts._FILES.clear()
    trust._TRUSTED.clear()


def test_a_run_of_the_same_name_with_an_earlier_text_changes_nothing(mine: Path) -> None:
    before = load_recipe("digits", {"with": str(mine), "objective.loss": "margin"})
    mine.write_text(MARGIN.replace("-fake", "-2 * fake"))
    after = load_recipe("digits", {"with": str(mine), "objective.loss": "margin"})
    ones = torch.ones(4)
    results = [
        float(recipe.objective.part("loss", LOSSES).generator(ones, None, 1.0))
        for recipe in (before, after, before)
    ]
    assert results == [-1.0, -2.0, -1.0]
    told = changed_settings(before, after)
    assert len(told) == 1 and told[0].startswith("parts.files: ('mine.py (sha256 ")


def examples() -> list[str]:
    """The files of docs/how-to/your-own-parts.md."""
    page = Path(__file__).parents[1] / "docs" / "how-to" / "your-own-parts.md"
    return re.findall(r"```python\n(.+?)```", page.read_text("utf-8"), re.DOTALL)


def test_the_loss_of_the_docs_trains(mine: Path) -> None:
    mine.write_text(examples()[0])
    lines = train("run", {"with": "mine.py", "objective.loss": "logistic"}).metrics()
    assert lines[-1]["loss_generator"] > 0


def test_a_penalty_from_a_file_trains_to_the_weights_of_the_same_one_of_zerosum(mine: Path) -> None:
    mine.write_text(HALF)
    common = {"network.discriminator.norm": "none", "images": 32}
    own = train("run", {**common, "with": "mine.py", "objective.penalty": "half"})
    same = train("same", {**common, "objective.penalty": "r1"})
    assert weights(own.folder) == weights(same.folder)


HALF = """\
import zerosum


@zerosum.penalty("half")
def half(gradient):
    return gradient.square().flatten(1).sum(1).mean() / 2
"""


def test_cells_of_a_study_train_with_the_text_that_it_began_with(mine: Path) -> None:
    study = with_texts(
        tiny_study(grid={}, settings={"with": str(mine), "objective.loss": "margin"})
    )
    folder = StudyFolder(mine.parent / "study")
    begin_study(folder, study, "")
    mine.unlink()
    kept = folder.study()
    [cell] = cells_of(kept)
    words = next_command(folder, cell, Means(1))
    [file] = files_for(folder, cell)
    assert words[words.index("--with") + 1] == str(file) and file.read_text() == MARGIN
    text = 'recipe = "digits"\n[settings]\nwith = "elsewhere/mine.py"\n'
    assert kept_at(folder, kept) == [file]
    settings = dict(changed_by_options(kept, text))["settings"]
    assert settings.endswith("objective.loss margin, with mine.py")

    mine.write_text(MARGIN + "# Another.\n")
    other = with_texts(with_settings(study, {"with": str(mine)}))
    begin_run(folder.run(cell.name), cell.settings(), 1)
    with pytest.raises(ZerosumError, match=r"began with other settings: cell .*mine\.py"):
        begin_study(folder, other, "")


def test_the_penalty_of_the_docs_trains(mine: Path) -> None:
    mine.write_text(examples()[1])
    overrides = {"with": "mine.py", "objective.penalty": "sixth-power", "images": 32}
    run = train("run", {**overrides, "network.discriminator.norm": "none"})
    assert run.metrics()[-1]["penalty"] > 0


def test_the_network_of_the_docs_trains_and_is_shown_without_the_file(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine.write_text(examples()[2])
    run = train("run", {"with": "mine.py", "network.kind": "places"})
    mine.unlink()
    assert len(zerosum.sample(run, 2)) == 2
    directions = principal_directions(run.generator()).explained
    assert directions[0] > 2 * directions[-1]
    assert run.export("onnx", out="places.onnx", quiet=True).path.is_file()

    assert run_command("explore", "run", "--save", "space") == 0
    forget(monkeypatch, Path("/dev/null/state"))
    page = SimpleNamespace(launch=Mock(), make_page=Mock())
    monkeypatch.setitem(sys.modules, "zerosum.exploring.page", page)
    with pytest.raises(SystemExit, match=r"brings code of its own: mine\.py"):
        open_space(mine.with_name("space"))
    runpy.run_path("space/app.py")
    [shown] = page.make_page.call_args.args
    assert shown.picture(Chosen()).png and "mine.py" in Path("space/README.md").read_text()


def test_a_network_of_other_shapes_is_refused_with_its_line(mine: Path) -> None:
    mine.write_text(
        examples()[2].replace("nn.Linear(width, 1), nn.Flatten(0)", "nn.Linear(width, 1)")
    )
    recipe = load_recipe("digits", {"with": "mine.py", "network.kind": "places"})
    build_generator(recipe)
    with pytest.raises(ZerosumError, match=r"mine\.py, line \d+: discriminator makes \(2, 1\)"):
        build_discriminator(recipe)


def test_an_error_within_a_network_is_told_with_its_line(mine: Path) -> None:
    mine.write_text(examples()[2].replace("indexing", "indexes"))
    recipe = load_recipe("digits", {"with": "mine.py", "network.kind": "places"})
    with pytest.raises(ZerosumError, match=r"mine\.py, line \d+: .*indexes"):
        build_generator(recipe)


SPREAD = """\
import numpy as np

import zerosum


@zerosum.score("spread", better="higher", title="spread", floor=True)
def spread(generated: np.ndarray) -> float:
    return generated.std(axis=0).mean()
"""
WRONG = {
    "no Python": ("def mine(real fake):", "mine.py, line 1: invalid syntax"),
    "raises": ("import zerosum\n\nx = 1 / 0", "mine.py, line 3: ZeroDivisionError"),
    "nothing": ("import zerosum", "mine.py registers nothing"),
    "no class": (
        'import zerosum\n@zerosum.loss("mine")\ndef mine(real, fake): ...',
        "mine.py, line 2: loss 'mine': has no function discriminator(real, fake)",
    ),
    "other parameters": (
        MARGIN.replace("real: Tensor, fake", "real: Tensor, fakes"),
        "discriminator(real, fakes) does not name 'fake'",
    ),
    "no number": (MARGIN.replace("-fake.mean()", "-fake"), "shape (4,)"),
    "nan": (MARGIN.replace("-fake.mean()", "fake.log().mean()"), "generator gives nan"),
    "no gradient": (MARGIN.replace("-fake", "-fake.detach()"), "without a gradient"),
    "raises when called": (
        MARGIN.replace("-fake.mean()", "-fake.men()"),
        "mine.py, line 13: AttributeError",
    ),
    "a name of ours": (
        MARGIN.replace('"margin"', '"hinge"'),
        "line 7: loss 'hinge': zerosum has",
    ),
    "a score of two numbers": (
        SPREAD.replace(".mean()", "[:2]"),
        "mine.py, line 6: spread gives ndarray",
    ),
    "a score of falling bounds": (
        SPREAD.replace("floor=True", "bounds=(1, 0)"),
        "bounds=(1, 0) is not allowed",
    ),
    "a score of other parameters": (SPREAD.replace("generated:", "fake:"), "names 'fake'"),
    "no name": (MARGIN.replace('"margin"', '"My Loss"'), "'My Loss' is no name"),
    "a module beside it": ("import other", "mine.py, line 1: imports other from beside it"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_in_a_file_is_said_with_its_line(mine: Path, case: str) -> None:
    text, expected = WRONG[case]
    mine.write_text(text)
    mine.with_name("other.py").touch()
    with pytest.raises(ZerosumError) as raised:
        load_recipe("digits", {"with": str(mine), "objective.loss": "margin"})
    assert expected in raised.value.what


@pytest.mark.usefixtures("mine")
def test_an_error_in_a_step_is_the_users_and_leaves_the_run(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine.write_text(MARGIN.replace("        return -fake", BREAKS))
    words = [word for name, value in TINY.items() for word in (f"--{name}", str(value))]
    own = ("--with", "mine.py", "--objective.loss", "margin", "--device", "cpu")
    assert run_command("train", "digits", "--data", "digits", "--out", "run", *own, *words) == 1
    said = capsys.readouterr().err
    assert "zerosum: mine.py, line 14: ValueError: sixteen" in said
    assert "Traceback" not in said


BREAKS = """\
        if len(fake) == 16:
            raise ValueError("sixteen")
        return -fake"""


def test_cells_differ_in_parts_but_not_in_files(mine: Path) -> None:
    mine.write_text("\ufeff" + MARGIN)
    with pytest.raises(ValueError, match="with is set for all cells alike"):
        tiny_study(grid={"with": (str(mine),)})
    study = with_texts(tiny_study(grid={}, settings={"with": str(mine)}))
    [cell] = cells_of(study)
    with pytest.raises(ZerosumError, match=r"mine\.py has a comma"):
        files_for(StudyFolder(mine.parent / "a,b"), cell)


def test_pictures_are_compared_by_the_layers_of_an_own_discriminator(mine: Path) -> None:
    mine.write_text(examples()[2])
    recipe = load_recipe("digits", {"with": "mine.py", "network.kind": "places"})
    images = torch.zeros(3, recipe.data.channels, *recipe.data.resolution.shape)
    [seen] = layer_outputs(build_discriminator(recipe), images)
    assert seen.shape == (3, recipe.network.discriminator.width)


def test_a_recipe_names_the_files_beside_it(mine: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "folder" / "my.toml"
    recipe.parent.mkdir()
    mine.rename(recipe.with_name("mine.py"))
    recipe.write_text('parts.files = ["mine.py"]\nobjective.loss = "margin"\n')
    assert load_recipe(str(recipe)).objective.of_loss.told_by_sign


def test_a_recipe_without_the_file_has_none_of_its_names(mine: Path) -> None:
    load_recipe("digits", {"with": str(mine)})
    assert "margin" in LOSSES
    with pytest.raises(ZerosumError, match="comes from a file that this recipe does not name"):
        load_recipe("digits", {"objective.loss": "margin"})


def test_two_files_do_not_bring_one_name(mine: Path) -> None:
    other = mine.with_name("other.py")
    other.write_text(MARGIN.replace("1 - real", "2 - real"))
    with pytest.raises(ZerosumError, match=r"mine\.py and other\.py both register loss 'margin'"):
        load_recipe("digits", {"with": (str(mine), str(other))})
    same = mine.with_name("folder") / "mine.py"
    same.parent.mkdir()
    same.write_text(MARGIN.replace("1 - real", "3 - real"))
    told = r"mine\.py \(sha256 \w{12}\) and mine\.py \(sha256 \w{12}\) both register loss 'margin'"
    with pytest.raises(ZerosumError, match=told):
        load_recipe("digits", {"with": (str(mine), str(same))})
    other.write_text(MARGIN.replace('"margin"', '"other"'))
    load_recipe("digits", {"with": (str(mine), str(other)), "objective.loss": "other"})


@given(st.text(st.characters(codec="utf-8")))
@example("\nimport torch\n")
def test_a_text_comes_back_from_a_recipe_as_it_was(text: str) -> None:
    written = tomlkit.dumps({"files": [{"text": _multiline(text)}]})
    assert tomllib.loads(written)["files"][0]["text"] == text


SCORED = {
    "with": "mine.py", "evaluation.scores": ("fid", "spread"), "evaluation.decides": "spread",
    "evaluation.images": 60,
}  # fmt: skip


def test_a_score_from_a_file_is_measured_in_a_training_and_by_evaluate_without_the_file(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine.write_text(SPREAD)
    run = train("run", SCORED)
    assert {*run.folder.scores()[-1].scores} == {"fid", "spread"}
    mine.unlink()
    words = ("evaluate", "run", "--images", "60", "--scores", "spread", "--device", "cpu")
    assert run_command(*words) == 0
    said = capsys.readouterr().out
    assert "own scores spread of mine.py (sha256 " in said
    assert len(run.folder.scores()) == 2


def test_images_are_scored_by_the_file_that_is_named(mine: Path) -> None:
    mine.write_text(examples()[3])
    grey = (np.arange(60 * 64).reshape(60, 8, 8, 1) % 251).astype(np.uint8)
    with pytest.raises(ZerosumError, match="there is no score 'spread'"):
        zerosum.evaluate(grey, "digits", scores="spread", quiet=True)
    found = zerosum.evaluate(
        grey, "digits", scores=("spread", "precision"), parts=mine, extractor="digits", quiet=True
    )
    assert found["spread"] > 0 and found.values["spread"].error is not None

    mine.write_text(examples()[3].replace("generated.std", "0.5 * generated.std"))
    other = zerosum.evaluate(
        grey, "digits", scores="spread", parts=mine, extractor="digits", quiet=True
    )
    assert other["spread"] == pytest.approx(found["spread"] / 2)
    assert [*disagreements(found.protocol, other.protocol)] == ["own_scores"]


def test_a_study_names_files_from_its_own_folder_and_ranks_by_their_score(mine: Path) -> None:
    text = 'recipe = "digits"\n[table]\nscore = "spread"\n'
    with pytest.raises(ZerosumError, match="is no score"):
        parse_study(text, "mine", "mine.toml")
    folder = mine.with_name("folder")
    folder.mkdir()
    (folder / "scores.py").write_text(SPREAD)
    (folder / "my.toml").write_text(text + '[settings]\nwith = "scores.py"\n')
    study = load_study(str(folder / "my.toml"))
    assert [each.text for each in _kept(with_texts(study).settings)] == [SPREAD]
    (folder / "my.toml").write_text(text + '[settings]\nwith = "../mine.py"\n')
    with pytest.raises(ZerosumError, match="'spread' is no score"):
        with_texts(load_study(str(folder / "my.toml")))


@pytest.mark.usefixtures("mine")
@pytest.mark.parametrize("name", ["with", "parts.files"])
def test_files_of_a_study_count_from_its_folder_and_those_of_a_command_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder, text in (("studies", MARGIN), ("here", HALF)):
        Path(folder).mkdir()
        Path(folder, "parts.py").write_text(text)
    Path("studies/my.toml").write_text(f'recipe = "digits"\n[settings]\n{name} = "parts.py"\n')
    study = load_study("studies/my.toml")
    assert [each.text for each in _kept(with_texts(study).settings)] == [MARGIN]
    study = with_settings(study, {"with": "here/parts.py"})
    assert [each.text for each in _kept(with_texts(study).settings)] == [HALF]
    with pytest.raises(ZerosumError, match=r"with is short for parts\.files, and both are set"):
        with_settings(study, {"with": "a.py", "parts.files": "b.py"})


@pytest.mark.usefixtures("mine")
def test_parts_are_used_where_nothing_can_be_kept_of_who_named_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null/state")
    train("run", OWN)
    with monkeypatch.context() as later:  # as in another process
        later.setattr("zerosum.parts._FILES", {})
        later.setattr("zerosum.trust._TRUSTED", set())
        assert run_command("parts", "run", "--trust") == 1
        said = " ".join(capsys.readouterr().err.split())
        assert "cannot note in /dev/null/state" in said and "XDG_STATE_HOME" in said
        with pytest.raises(ZerosumError, match="brings code of its own"):
            zerosum.sample("run", 1)


@pytest.mark.parametrize("decorator", ["images", "extractor"])
def test_one_path_in_place_of_a_list_of_files_is_refused_with_its_line(
    tmp_path: Path, decorator: str
) -> None:
    mine = tmp_path / "mine.py"
    decorated = f'@zerosum.{decorator}("mine", files="weights.pt")'
    mine.write_text(f"import zerosum\n\n\n{decorated}\ndef mine():\n    return []\n")
    with pytest.raises(ZerosumError) as raised:
        load_recipe("digits", {"with": str(mine)})
    assert "mine.py, line 4" in raised.value.what
    assert "files='weights.pt' is one path" in raised.value.what
    assert raised.value.remedy == "write a list of them, [FILE]"

"""Runs, models and studies from elsewhere: what stands in their parts is run by nobody unread."""

import json
from pathlib import Path

import pytest

import zerosum
from tests.in_process import run_command
from tests.studies.tiny import tiny_study
from zerosum.errors import ZerosumError
from zerosum.exporting.config import recipe_in
from zerosum.recipe.load import load_recipe, read_recipe, recipe_to_toml
from zerosum.studies.cells import cells_of
from zerosum.studies.folder import StudyFolder
from zerosum.studies.load import parse_study
from zerosum.studies.own_parts import files_for, with_texts
from zerosum.trust import digest_of, is_trusted, trust

pytestmark = pytest.mark.usefixtures("own_parts")

EVIL = 'from pathlib import Path\nPath("ran").touch()\n'
"""Where it is run, a file says so."""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run with a file of parts beside its recipe, of which its recipe can say what it likes."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "evil.py").write_text(EVIL)
    return folder


def keep(run: Path, files: str) -> Path:
    """A recipe of a run with these files of parts, as somebody may have written it."""
    text = recipe_to_toml(load_recipe("digits")).replace("files = []", f"files = {files}")
    assert files in text
    (run / "recipe.toml").write_text(text)
    return run / "recipe.toml"


def table(text: str = EVIL, name: str = "evil.py", sha256: str = "") -> str:
    """A file as recipes keep it."""
    words = {"name": name, "sha256": sha256 or digest_of(text), "text": text}
    return "[{" + ", ".join(f"{key} = {json.dumps(each)}" for key, each in words.items()) + "}]"


@pytest.mark.parametrize("files", ['["evil.py"]', '"evil.py"'])
def test_a_path_in_a_runs_own_recipe_is_refused_unread(run: Path, files: str) -> None:
    recipe = keep(run, files)
    with pytest.raises(ZerosumError, match=r"recipe\.toml names '.*evil\.py' in its parts"):
        read_recipe(recipe)
    assert not Path("ran").exists() and not is_trusted(EVIL)


def test_a_path_in_an_exported_model_is_refused_unread(run: Path) -> None:
    recipe = load_recipe("digits").model_dump(mode="json")
    recipe["parts"]["files"] = [str(run / "evil.py")]
    with pytest.raises(ZerosumError, match=r"names '.*evil\.py' in its parts"):
        recipe_in({"recipe": recipe}, run)
    assert not Path("ran").exists() and not is_trusted(EVIL)


def test_the_code_of_an_exported_model_is_shown_and_run_only_once_it_is_trusted(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = load_recipe("digits").model_dump(mode="json")
    recipe["parts"]["files"] = [as_table("evil.py")]
    texts = dict.fromkeys(("run", "checkpoint", "weights", "sha256"), "x")
    config = {"library_name": "zerosum", "recipe": recipe, **texts}
    (run / "config.json").write_text(json.dumps(config))
    with pytest.raises(ZerosumError) as raised:
        zerosum.from_pretrained(run)
    assert f"{run} brings code of its own: evil.py" in raised.value.what
    assert f"zerosum parts {run} --trust" in raised.value.remedy

    assert run_command("parts", "run") == 0
    shown = capsys.readouterr().out
    assert "evil.py" in shown and "never named here" in shown and EVIL in shown
    assert not is_trusted(EVIL)
    assert run_command("parts", "run", "--trust") == 0
    assert is_trusted(EVIL) and not Path("ran").exists()
    keep(run, table("pass\n", "own.py"))
    assert run_command("parts", "run", "--trust") == 0
    shown = capsys.readouterr().out
    assert EVIL in shown and "own.py" in shown and is_trusted("pass\n"), (
        "a run exported into itself"
    )
    (run / "config.json").write_text("{}")
    assert run_command("parts", "run") == 1
    assert "is not of a model that zerosum exported" in capsys.readouterr().err


def test_only_the_text_that_is_printed_is_trusted(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(run, table(sha256=digest_of("pass\n")))
    assert run_command("parts", "run", "--trust") == 1
    assert "the text of evil.py is not what its sha256 says" in capsys.readouterr().err
    assert not is_trusted(EVIL) and not is_trusted("pass\n")


@pytest.mark.parametrize("sha256", ["../../stray", "0" * 64])
def test_a_checksum_is_never_a_path(run: Path, sha256: str) -> None:
    recipe = keep(run, table(sha256=sha256))
    trust("something else")
    with pytest.raises(ZerosumError, match="is not what its sha256 says"):
        read_recipe(recipe)
    assert not Path("ran").exists()


@pytest.mark.parametrize("name", ["../up.py", "/up.py", "a\\up.py", "..", "", "a\nb.py"])
def test_the_name_of_a_file_of_parts_is_no_path(run: Path, name: str) -> None:
    recipe = keep(run, table(name=name))
    trust(EVIL)
    with pytest.raises(ZerosumError, match="which is no name of a file"):
        read_recipe(recipe)
    study = tiny_study(grid={}, settings={"images": 64})
    [cell] = cells_of(study)
    cell = type(cell)(**{**vars(cell), "overrides": {"parts.files": [as_table(name)]}})
    with pytest.raises(ZerosumError, match="which is no name of a file"):
        files_for(StudyFolder(run / "study"), cell)
    assert not list(run.rglob("*up.py")) and not Path("ran").exists()


def as_table(name: str) -> dict[str, str]:
    return {"name": name, "sha256": digest_of(EVIL), "text": EVIL}


def test_a_path_in_what_a_study_kept_is_refused_unread(run: Path) -> None:
    study = tiny_study(grid={}, settings={"parts.files": (str(run / "evil.py"),)})
    with pytest.raises(ZerosumError, match=r"names '.*evil\.py' in its parts"):
        cells_of(study)
    assert not is_trusted(EVIL)
    assert cells_of(with_texts(tiny_study(grid={}, settings={}))) and not Path("ran").exists()


def test_a_study_from_elsewhere_runs_no_file_for_the_score_of_its_table(run: Path) -> None:
    tables = f'[table]\nscore = "spread"\n[settings]\nwith = "{run / "evil.py"}"\n'
    parse_study(f'recipe = "digits"\n{tables}', "mine", "study.toml")
    assert not Path("ran").exists() and not is_trusted(EVIL)


def test_a_recipe_that_a_study_names_brings_no_files(run: Path) -> None:
    """Who looks at a study from elsewhere loads its cells' recipes."""
    recipe = keep(run, '["evil.py"]')
    with pytest.raises(ZerosumError, match="in its parts"):
        cells_of(tiny_study(recipe=(str(recipe),)))
    assert not Path("ran").exists() and not is_trusted(EVIL)


@pytest.mark.parametrize("files", ["[{name = 3}]", "3", '[{name = "a.py"}]', "[[]]"])
def test_parts_that_no_run_wrote_are_told(
    run: Path, files: str, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(run, files)
    assert run_command("parts", "run") == 1
    said = capsys.readouterr().err
    assert "has a file without name and text" in said and "Traceback" not in said

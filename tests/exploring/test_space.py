"""`zerosum explore --save`: the page as a folder for a Space of the Hugging Face Hub."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import zerosum
from tests.cli.scored_runs import output, refusal
from tests.exporting.conftest import Kind
from zerosum.exploring.space import GRADIO
from zerosum.generation.generator import load_generator
from zerosum.records.run import RunFolder

RunOf = Callable[[Kind], RunFolder]


@pytest.fixture(scope="module")
def space(run_of: RunOf, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared: tests change nothing in it."""
    folder = tmp_path_factory.mktemp("spaces") / "space"
    assert output("explore", run_of("classes").path, "--save", folder)[-1] == str(folder)
    return folder


def test_a_space_has_an_app_what_it_needs_and_the_model_that_it_shows(
    space: Path, run_of: RunOf
) -> None:
    assert {each.name for each in space.iterdir()} == {
        "app.py", "config.json", "model.safetensors", "README.md", "requirements.txt",
        "samples.png",
    }  # fmt: skip
    compile((space / "app.py").read_text(), "app.py", "exec")
    assert (space / "requirements.txt").read_text().startswith("zerosum[explore]>=")
    generator = load_generator(run_of("classes"), device="cpu")
    again = zerosum.from_pretrained(space, device="cpu")
    assert np.array_equal(again(range(3)), generator(range(3)))


def test_its_readme_begins_with_what_the_hub_reads_of_a_space(space: Path) -> None:
    head, _, text = (space / "README.md").read_text().removeprefix("---\n").partition("\n---\n")
    facts = dict(line.split(": ", 1) for line in head.splitlines())
    assert facts["sdk"] == "gradio" and facts["app_file"] == "app.py"
    assert facts["title"] == '"tiny"' and "library_name" not in facts
    assert text.startswith("\n# tiny\n")


def test_a_space_asks_for_a_gradio_that_the_extra_allows() -> None:
    pyproject = tomllib.loads(Path("pyproject.toml").read_text())
    (allowed,) = pyproject["project"]["optional-dependencies"]["explore"]
    least = allowed.removeprefix("gradio>=")
    assert least == GRADIO or GRADIO.startswith(f"{least}.")


def test_no_file_has_a_path_of_the_machine_that_made_it(space: Path) -> None:
    for file in space.iterdir():
        assert b"/home/somebody" not in file.read_bytes(), file.name


def test_a_folder_with_something_in_it_is_not_replaced(space: Path, run_of: RunOf) -> None:
    error = refusal("explore", run_of("classes").path, "--save", space)
    assert "not an empty folder" in error.what and "another --save" in error.remedy


def test_a_run_that_restores_has_no_space(run_of: RunOf, tmp_path: Path) -> None:
    folder = tmp_path / "space"
    assert "restores" in refusal("explore", run_of("restored").path, "--save", folder).what
    assert not folder.exists()

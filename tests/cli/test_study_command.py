"""`zerosum study`: what its commands say, of good and of bad words."""

import contextlib
import io
import json
from pathlib import Path

import pytest

from tests.cli.scored_runs import output, refusal
from tests.studies.made_up import write_cell
from tests.studies.tiny import TINY, tiny_study
from zerosum.cli.document import print_table
from zerosum.cli.study_display import print_estimates
from zerosum.errors import UsageError
from zerosum.report.document import Table
from zerosum.studies.begin import begin_study
from zerosum.studies.cells import cells_of
from zerosum.studies.estimate import StudyEstimate
from zerosum.studies.folder import StudyFolder
from zerosum.studies.scoring_time import ScoringTime
from zerosum.studies.settings import Range
from zerosum.studies.shipped import shipped_studies, shipped_text


@pytest.fixture
def shown(tmp_path: Path) -> StudyFolder:
    """A study of two latents and three seeds, one cell of which diverged and one still waits."""
    folder = StudyFolder(tmp_path / "tiny")
    study = tiny_study(seeds=(0, 1, 2), settings={"evaluation.images": 100})
    begin_study(folder, study, "")
    cells = cells_of(study)
    for cell, fid in zip(cells[:4], (3.0, 3.1, 2.9, 9.0), strict=True):
        write_cell(folder, cell, fid)
    write_cell(folder, cells[4], status="failed", reason="the generator's loss is not finite")
    return folder


def test_the_list_names_every_shipped_study_with_a_sentence() -> None:
    lines = output("study", "list")
    listed = lines[: lines.index("")]
    first = [
        line for line in listed if not line.startswith(" ")
    ]  # the others are a sentence's rest

    assert [line.split()[0] for line in first] == shipped_studies()
    assert all(len(line.split()) > 5 for line in first)


@pytest.mark.parametrize("name", shipped_studies())
def test_a_shipped_study_is_shown_as_its_file(name: str) -> None:
    assert "\n".join(output("study", "show", name, "--file")) == shipped_text(name).rstrip()


def test_the_file_of_a_study_is_in_no_format_of_tables() -> None:
    error = refusal("study", "show", "mnist-capacity", "--file", "--format", "csv")
    assert "--format csv" in error.what and "leave one of them out" in error.remedy


def test_the_table_is_shown_as_it_stands(shown: StudyFolder) -> None:
    text = "\n".join(output("study", "show", shown.path))

    assert "3.00 ± 0.10" in text
    assert "not finite" in text
    assert "waiting" in text
    assert shown.table_file.is_file()


def test_the_tables_alone_are_printed_for_other_programs(shown: StudyFolder) -> None:
    latex, markdown, found = (
        "\n".join(output("study", "show", shown.path, "--format", format))
        for format in ("latex", "markdown", "json")
    )
    assert latex.startswith("\\begin{table}") and r"3.00 $\pm$ 0.10" in latex
    assert markdown.startswith("## ") and "3.00 ± 0.10" in markdown
    titles = [table["title"] for table in json.loads(found)]
    assert latex.count(r"\toprule") == markdown.count("## ") == len(titles) > 1


def test_a_study_of_which_nothing_was_drawn_yet_is_shown(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path / "drawn")
    folder.write_study(tiny_study(grid={"latent": Range(low=2, high=8)}), "")
    text = "\n".join(output("study", "show", folder.path))
    assert "0 cells of 0 settings" in text and "Nothing was scored yet." in text


SCORES = ("FID (digits) ↓", "KID (digits) ↓", "precision ↑", "recall ↑", "coverage ↑")
HEALTH = ("learning", "collapsed (1 of 2), learning (1 of 2)", "learning", "learning")


def wide_table(setting: str = "learning-rate {}, optimizer adam") -> Table:
    """Four settings with all that is told of them: 130 letters and more."""
    rows = tuple(
        (setting.format(place), "2 of 2", *(f"{10 * place}.12 ± 0.34",) * 3, "0.100", "0.5", health)
        for place, health in enumerate(HEALTH, 1)
    )
    head = ("setting", "seeds", *SCORES, "health")
    return Table(head, rows, mark="", title="All settings", texts=1)


def printed(table: Table, width: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(width))
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        print_table(table)
    return shown.getvalue().splitlines()


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_a_table_wider_than_the_terminal_is_told_in_parts_with_every_number_whole(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = printed(wide_table(), width, monkeypatch)
    text = "\n".join(lines)
    assert all(len(line.rstrip()) <= width for line in lines)
    for place in range(1, 5):
        assert text.count(f"{10 * place}.12 ± 0.34") == 3
    assert text.count("collapsed (1 of 2)") == 1
    assert sum(line.startswith("learning-rate 3") for line in lines) == text.count("setting ")


def test_what_is_the_same_in_all_rows_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(printed(wide_table(), 80, monkeypatch))
    assert "the same in all: seeds 2 of 2; recall ↑ 0.100; coverage ↑ 0.5\n" in text
    assert text.count("2 of 2") == 1 and text.count("recall") == 1


def test_a_table_that_fits_is_shown_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = printed(wide_table(), 200, monkeypatch)
    assert len(lines) == 7 and "the same" not in lines[2]
    assert lines[3].count("0.34") == 3 and "2 of 2" in lines[3]
    monkeypatch.delenv("COLUMNS")
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        print_table(wide_table())
    assert shown.getvalue().splitlines() == lines  # of a pipe nobody knows the width


def test_names_of_settings_too_long_for_a_line_are_folded_at_their_commas(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    setting = "meine-schönen-fotos-{}, latent 100, width 16, optimizer rmsprop"
    lines = printed(wide_table(setting), 80, monkeypatch)
    assert all(len(line.rstrip()) <= 80 for line in lines)
    first = next(place for place, line in enumerate(lines) if line.startswith("meine"))
    below = [line.split("  ")[0] for line in lines[first : first + 4]]
    assert below == ["meine-schönen-fotos-1,", "latent 100,", "width 16,", "optimizer rmsprop"]


def test_the_study_is_shown_within_eighty_columns(
    shown: StudyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = output("study", "show", shown.path)
    path = str(shown.path)
    assert [line for line in lines if len(line.rstrip()) > 80 and path not in line] == []


def test_a_dry_run_lists_cells_images_and_time_and_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zerosum.training.measured_speed.SECONDS", 0.1)
    settings = "\n".join(f'"{name}" = {value}' for name, value in TINY.items())
    file = tmp_path / "tiny.toml"
    file.write_text(
        f'recipe = "digits"\nimages = 320\n[settings]\n{settings}\n[grid]\nlatent = [2]'
    )
    out = tmp_path / "out"
    lines = output("study", "run", file, "--out", out, "--dry-run")

    assert "measuring latent-2_seed-0" in lines
    assert next(line for line in lines if line.startswith("latent-2")).split()[:2] == [
        "latent-2_seed-0",
        "320",
    ]
    assert "1 cell to run, 0 ended already" in lines
    (training,) = (line for line in lines if line.startswith("training: about "))
    assert len(training.split()[2]) <= len("0:00:00,"), "no speed of nothing"
    assert not out.exists()


def test_a_dry_run_of_a_finished_study_says_that_nothing_is_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_estimates(StudyEstimate([], ["latent-2_seed-0"], ScoringTime()), 1)
    assert capsys.readouterr().out == "nothing to run: 1 cell ended already\n"


@pytest.mark.parametrize(
    ("words", "code", "what", "remedy"),
    [
        (("run", "mnist-capacty"), 2, "there is no study", "did you mean mnist-capacity?"),
        (("run", "."), 2, "there is no study", "study list"),
        (("show", "never-run"), 1, "has not been run", "study run never-run"),
        (("stop", "never-run"), 1, "has not been run", "run it first"),
        (("run", "latent-collapse", "--latent", 3), 2, "latent is an axis", "leave the option out"),
        (("run", "latent-collapse", "--only", "x"), 2, "leaves no cell", "latent-1_seed-0"),
        (("run", "latent-collapse", "--sampler", "random"), 2, "needs a number", "--trials 20"),
        (("run", "latent-collapse", "--prune"), 2, "needs scores on the way", "evaluate_every"),
        (("run", "cifar10-epochs", "--epochs", 3), 2, "epochs is an axis", "--file"),
    ],
)
def test_wrong_words_get_a_line_of_what_and_a_line_of_what_to_do(
    words: tuple[object, ...], code: int, what: str, remedy: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    said = refusal("study", *words)

    assert isinstance(said, UsageError) is (code == 2)
    assert what in said.what
    assert remedy in said.remedy
    assert not list(tmp_path.iterdir())

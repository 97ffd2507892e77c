"""`zerosum runs`, and runs that commands take by their names."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.scored_runs import output, pictures_of_noise, refusal, run_on
from tests.report.conftest import STATE
from zerosum.api_run import Run
from zerosum.recipe.load import load_recipe, recipe_to_toml
from zerosum.records.lines import append_line
from zerosum.records.lock import lock
from zerosum.records.run import RunFolder
from zerosum.studies.folder import StudyFolder
from zerosum.studies.settings import Study

ALL = ("health", "sample", "interpolate", "film", "neighbours", "map", "report")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder to work in, at a terminal of 80 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")


def run_at(path: str, **state: object) -> RunFolder:
    """A run without checkpoints: its recipe and its state."""
    run = RunFolder(Path(path))
    run.path.mkdir(parents=True)
    run.recipe_file.write_text(recipe_to_toml(load_recipe("digits")))
    run.state_file.write_text(json.dumps(STATE | {"status": "finished"} | state))
    return run


def test_a_run_is_a_line_with_what_came_of_it() -> None:
    run = run_at("runs/demo", command="zerosum train digits --out runs/demo", images=200_000)
    append_line(run.health_file, {"images": 19_200, "verdict": "collapsed"})
    append_line(run.health_file, {"images": 64_000, "verdict": "discriminator-ahead"})
    scores = {"fid": {"value": 12.345, "error": 0.1}}
    append_line(
        run.scores_file, {"images": 200_000, "kind": "final", "scores": scores, "protocol": {}}
    )
    head, line = output("runs")
    assert head.split() == ["run", "recipe", "data", "images", "status", "verdict", "score"]
    assert line.split() == [
        "demo", "digits", "digits", "200,000", "finished", "discriminator-ahead", "FID", "12.35",
    ]  # fmt: skip
    assert len(line) <= 80


def test_a_verdict_after_too_few_steps_does_not_stand_bare() -> None:
    for name, step in (("long", 1_000), ("short", 400)):
        run = run_at(f"runs/{name}", step=step)
        append_line(run.health_file, {"images": 3_200, "verdict": "balanced"})
    told = "\n".join(output("runs"))
    assert told.count("balanced") == 2 and told.count("balanced (too few steps)") == 1


def test_names_too_long_for_a_line_have_one_of_their_own() -> None:
    name = "wgan-gp-bedroom-meine-schönen-fotos-2024-1"
    data = STATE["data"] | {"name": "meine-schönen-fotos-2024"}
    run = run_at(f"runs/{name}", command="zerosum train wgan-gp-bedroom", data=data)
    append_line(run.health_file, {"images": 64_000, "verdict": "discriminator-ahead"})
    told, *below = output("runs")
    assert told == name
    assert " ".join(line.strip() for line in below) == (
        "wgan-gp-bedroom · meine-schönen-fotos-2024 · 80,000 images · finished"
        " · discriminator-ahead"
    )
    assert all(len(line) <= 80 for line in below)


def test_a_table_wider_than_the_terminal_is_not_cut_but_told_in_two_lines_a_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = STATE["data"] | {"name": "meine-schönen-fotos-2024"}
    run = run_at("runs/photos", command="zerosum train wgan-gp-bedroom", data=data)
    append_line(run.health_file, {"images": 1_000, "verdict": "too early to say"})
    run_at("runs/short", command="zerosum train digits")
    lines = output("runs")
    photos, short = lines.index("photos"), lines.index("short")
    assert [line.strip() for line in lines[photos + 1 : photos + 3]] == [
        "wgan-gp-bedroom · meine-schönen-fotos-2024 · 80,000 images · finished ·",
        "too early to say",
    ]
    assert lines[short + 1].strip().startswith("digits · digits · 80,000 images · finished · ")
    assert all(len(line) <= 80 and "…" not in line for line in lines)
    monkeypatch.setenv("COLUMNS", "120")
    head, *rows = output("runs")
    assert head.startswith("run") and len(rows) == 2


def test_a_broken_run_has_a_line_that_says_what_is_wrong() -> None:
    run_at("runs/good")
    run_at("runs/torn").state_file.write_text('{"status": "fin')
    run_at("runs/mit Leerzeichen").recipe_file.write_text("[network\n")
    lost = run_at("runs/lost")
    lost.checkpoints.mkdir()
    lost.recipe_file.unlink()
    lines = output("runs")
    assert lines[1].startswith("good")
    broken = {line.partition(": ")[0]: line.partition(": ")[2] for line in lines[2:]}
    assert broken.keys() == {"torn", "mit Leerzeichen", "lost"}
    assert broken["torn"].startswith("state.json is damaged")
    assert "recipe.toml is not a TOML file" in broken["mit Leerzeichen"]
    assert "it has no recipe.toml" in broken["lost"]


def test_a_run_that_nobody_trains_any_more_was_cut_off() -> None:
    run = run_at("runs/demo", status="running")
    assert "cut off" in output("runs")[1]
    with lock(run.path):
        assert "running" in output("runs")[1]


def test_a_training_in_progress_has_the_images_of_its_newest_log_line() -> None:
    run = run_at("runs/demo", status="running", images=0)
    for images in (12_864, 25_728):
        append_line(run.metrics_file, {"images": images})
    with lock(run.path):
        assert "25,728" in output("runs")[1]
        run.state_file.write_text(json.dumps(STATE | {"status": "running", "images": 30_000}))
        assert "30,000" in output("runs")[1]  # saved since


def test_studies_are_a_line_each_and_their_cells_are_listed_by_name() -> None:
    run_at("studies/width/cells/width=32")
    run_at("studies/width/cells/width=64", status="failed")
    Path("studies/width/study.json").touch()
    assert output("runs") == ["study width: 1 of 2 runs finished (zerosum runs width)"]
    assert sorted(line.split()[0] for line in output("runs", "width")[1:]) == [
        "width/width=32",
        "width/width=64",
    ]


def scored(run: RunFolder) -> RunFolder:
    scores = {"fid": {"value": 12.345, "error": 0.1}}
    append_line(run.scores_file, {"images": 320, "kind": "final", "scores": scores, "protocol": {}})
    return run


def study_at(path: str, **fields: object) -> None:
    """A study that was begun there."""
    folder = StudyFolder(Path(path))
    study = Study.model_validate({"name": folder.path.name, "recipe": ["digits"], **fields})
    folder.write_study(study, "")


def test_a_cell_that_had_its_minutes_and_was_scored_is_finished_as_its_study_says() -> None:
    command = "zerosum train digits --images 1000000000 --stop-after 60.0s"
    study_at("studies/short", minutes=1, longer={"images": 5_000})
    scored(run_at("studies/short/cells/latent-4", status="stopped", command=command))
    scored(run_at("studies/short/cells/longer_latent-4", status="stopped", command=command))
    run_at("studies/short/cells/latent-8", status="stopped", command=command)
    scored(run_at("runs/by-hand", status="stopped", command=command))
    assert "stopped" in output("runs")[1]
    assert output("runs")[-1] == "study short: 1 of 4 runs finished (zerosum runs short)"
    told = "\n".join(output("runs", "short"))
    assert told.count("finished") == 1 and told.count("stopped") == 2
    assert "1 run of this study has not begun" in told


def test_cells_that_have_not_begun_are_counted() -> None:
    study_at("studies/rates", grid={"latent": [4, 8]}, seeds=[0, 1])
    assert output("runs")[-1] == "study rates: 0 of 4 runs finished (zerosum runs rates)"
    assert output("runs", "rates") == ["4 runs of this study have not begun"]
    run_at("studies/rates/cells/latent-4_seed-0")
    assert output("runs")[-1] == "study rates: 1 of 4 runs finished (zerosum runs rates)"
    assert output("runs", "rates")[-1] == "3 runs of this study have not begun"
    run_at("studies/rates/cells/latent-4_seed-1")
    run_at("studies/rates/cells/latent-8_seed-0")
    run_at("studies/rates/cells/latent-8_seed-1")
    assert output("runs")[-1] == "study rates: 4 of 4 runs finished (zerosum runs rates)"
    assert len(output("runs", "rates")) == 5


def test_a_cell_that_its_study_gave_up_is_not_called_stopped() -> None:
    study_at("studies/short")
    run_at("studies/short/cells/latent-4", status="stopped")
    attempt = {"cell": "latent-4", "status": "pruned", "reason": "FID 90, and others had 20"}
    append_line(StudyFolder(Path("studies/short")).attempts_file, attempt)
    assert "pruned" in output("runs", "short")[1]


def test_cells_of_a_study_whose_file_is_damaged_are_told_as_runs() -> None:
    run_at("studies/torn/cells/latent-4", status="stopped")
    Path("studies/torn/study.json").write_text("{")
    assert "stopped" in output("runs", "torn")[1]


def test_without_runs_it_is_said_how_to_begin_one() -> None:
    assert output("runs") == ["no runs in runs/ yet; this begins one: zerosum train digits"]
    assert "no folder at nowhere" in refusal("runs", "nowhere").what


@pytest.mark.parametrize("command", ALL)
def test_every_command_takes_a_run_by_its_name_and_names_those_that_are_near(command: str) -> None:
    run_at("runs/faces-1")
    assert "faces-1" in refusal(command, "faces").remedy
    if command not in ("health", "report"):
        assert "runs/faces-1" in refusal(command, "faces-1").what  # which has nothing yet


def test_runs_or_images_are_named_likewise() -> None:
    pictures_of_noise(Path("noise"), 12)
    for name in ("one", "two"):
        run_on(Path("noise").absolute(), Path(f"runs/{name}"))
    assert "did you mean" in refusal("evaluate", "one1").remedy
    assert "there is nothing at three" in refusal("compare", "one", "three").what
    assert "did you mean two" in refusal("modes", "tw").remedy
    assert any("one" in line for line in output("compare", "one", "two"))
    assert Run.open("two").path == Path("runs/two")


def test_a_checkpoint_given_for_a_run_says_how_to_choose_it() -> None:
    run_on(pictures_of_noise(Path("noise"), 12).absolute(), Path("runs/one"))
    error = refusal("sample", "one/checkpoints/000200000")
    assert error.remedy == "give the run itself, runs/one, and --checkpoint 000200000"


def test_listing_runs_needs_no_torch() -> None:
    run_at("runs/demo")
    code = (
        "import sys; sys.argv = ['zerosum', 'runs']\n"
        "from zerosum.cli.commands import commands\n"
        "commands(standalone_mode=False); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

"""`zerosum health`: the verdict alone on the first line, then what shows it and what helps."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scored_runs import output, refusal
from tests.report.conftest import STATE, lines_of
from zerosum.api_run import Run
from zerosum.cli.display import farewell
from zerosum.evaluation.likeness import MEANING
from zerosum.recipe.load import load_recipe, recipe_to_toml
from zerosum.records.lines import append_line
from zerosum.records.logs import ScoreLine
from zerosum.records.run import RunFolder
from zerosum.report import write_summary
from zerosum.report.markdown import section_markdown
from zerosum.report.summary import health
from zerosum.studies.run_verdict import diagnose_run, little_recall

MakeRun = Callable[..., RunFolder]


@pytest.fixture
def run_with(tmp_path: Path) -> MakeRun:
    """Makes a run of these log lines, with fields of its state replaced."""

    def make(lines: list[dict[str, Any]], **state: object) -> RunFolder:
        run = RunFolder(tmp_path / "demo")
        run.path.mkdir()
        run.recipe_file.write_text(recipe_to_toml(load_recipe("digits")))
        run.metrics_file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        run.state_file.write_text(json.dumps(STATE | state))
        return run

    return make


def scored(images: int, recall: float, data: str = "digits") -> dict[str, Any]:
    scores = {"recall": {"value": recall, "error": None}}
    return {"images": images, "kind": "manual", "scores": scores, "protocol": {"real_data": data}}


def read(lines: list[dict[str, Any]]) -> list[ScoreLine]:
    return [ScoreLine.from_dict(line) for line in lines]


def test_the_first_line_is_the_verdict_alone(run_with: MakeRun) -> None:
    assert output("health", run_with(lines_of(20)).path) == [
        "learning",
        "  D(x) is 0.70, D(G(z)) 0.30 before its step and 0.20 after",
        "  so since 19,200 images",
        "  by medians of the newest log lines; summary.md has the last line's numbers",
        "what to know:",
        "  nothing to mend: train on while scores and pictures improve",
    ]


def far_at(images: int, precision: float = 0.0, **protocol: str) -> dict[str, Any]:
    line = scored(images, 0.0)
    line["scores"]["precision"] = {"value": precision, "error": None}
    return line | {"protocol": line["protocol"] | protocol}


def test_a_run_whose_scores_are_all_nothing_is_told_to_be_not_like_the_data(
    run_with: MakeRun,
) -> None:
    run = run_with(lines_of(20))
    append_line(run.scores_file, far_at(64_000))
    verdict, first, *_ = output("health", run.path)
    assert verdict == "learning"
    said = f"not like the data at 64,000 images (precision 0.000, recall 0.000): {MEANING}"
    assert first == f"  {said}"
    assert f"- {said}" in section_markdown(health(diagnose_run(run)))


@pytest.mark.parametrize(
    "line", [far_at(64_000, 0.5), far_at(20_000), far_at(64_000, real_data="others")]
)
def test_it_is_not_told_of_good_old_or_other_scores(
    run_with: MakeRun, line: dict[str, Any]
) -> None:
    run = run_with(lines_of(20))
    append_line(run.scores_file, line)
    assert "not like the data" not in "\n".join(output("health", run.path))


def test_a_failure_says_what_shows_it_since_when_and_what_helps(run_with: MakeRun) -> None:
    good = lines_of(30)
    bad = lines_of(60, d_real=0.99, d_fake_before=0.01, d_fake_after=0.001)[30:]
    lines = output("health", run_with(good + bad).path)
    assert lines[0] == "discriminator-ahead"
    told = "  D(x) is 0.990, D(G(z)) 0.010 before its step and 0.001 after"
    assert lines[1] == f"{told}: it is all but never deceived"
    since = int(lines[2].removeprefix("  so since ").removesuffix(" images").replace(",", ""))
    assert 30 * 3200 < since <= 37 * 3200
    assert lines[4] == "what usually helps:"
    assert 2 <= len(lines[5:]) <= 3 and "--optimizer.discriminator.learning_rate" in lines[5]


def test_changes_of_the_verdict_are_listed(run_with: MakeRun) -> None:
    run = run_with(lines_of(20))
    append_line(run.health_file, {"images": 19_200, "verdict": "collapsed", "evidence": []})
    assert "verdicts so far:" not in output("health", run.path)
    append_line(run.health_file, {"images": 1_038_400, "verdict": "learning", "evidence": []})
    assert output("health", run.path)[-3:] == [
        "verdicts so far:",
        "      19,200 images  collapsed",
        "   1,038,400 images  learning",
    ]


def test_a_run_that_ended_on_a_number_that_is_not_finite_diverged(run_with: MakeRun) -> None:
    reason = "training diverged at step 1250: not finite: loss of the generator"
    lines = output("health", run_with(lines_of(20), status="failed", reason=reason).path)
    assert lines[:3] == ["diverged", f"  {reason}", "  so since 64,000 images"]
    assert "--learning-rate" in lines[4]


def test_losses_on_their_way_to_infinity_are_seen_before(run_with: MakeRun) -> None:
    lines = output("health", run_with(lines_of(20) + lines_of(4, loss_generator=2e5)).path)
    assert lines[0] == "diverged" and "the generator's loss is 2e+05" in lines[1]


@pytest.mark.parametrize("count", range(6))
def test_a_run_with_few_log_lines_or_none_is_too_young(count: int, run_with: MakeRun) -> None:
    assert output("health", run_with(lines_of(count)).path) == [
        "too early to say",
        "  a verdict comes from about 19,200 images on",
        "what to know:",
        "  train on: the first verdict needs more steps",
    ]


def test_what_is_no_run_is_named(tmp_path: Path) -> None:
    assert "there is no run at" in refusal("health", tmp_path / "missing").what
    assert "is not a run" in refusal("health", tmp_path).what


def test_a_recall_of_almost_nothing_is_told_beside_the_verdict(run_with: MakeRun) -> None:
    """It is no collapse by itself: varied faces, none of which has a real one's fine grain, had a
    recall of 0.002 (docs/results.md)."""
    run = run_with(lines_of(20))
    append_line(run.scores_file, scored(64_000, 0.01))
    lines = output("health", run.path)
    assert lines[0] == "learning"
    assert any("recall is 0.010 at 64,000 images" in line for line in lines)


def test_the_recall_is_that_of_the_newest_checkpoint_against_the_runs_own_images() -> None:
    assert little_recall([], 64_000, "digits") == ""
    # Looking at an early checkpoint once more, or at other images, says nothing of the run now.
    lines = [scored(60_000, 0.01), scored(10_000, 0.0), scored(60_000, 0.0, "faces")]
    assert "0.010 at 60,000" in little_recall(read(lines), 64_000, "digits")
    assert little_recall(read([*lines, scored(62_000, 0.5)]), 64_000, "digits") == ""
    assert little_recall(read([scored(10_000, 0.0)]), 64_000, "digits") == ""


def test_a_recall_of_nothing_is_not_told_where_the_pictures_are_nothing_yet() -> None:
    line = scored(60_000, 0.0)
    for precision, told in ((0.0, False), (0.6, True)):
        line["scores"]["precision"] = {"value": precision, "error": None}
        assert bool(little_recall(read([line]), 64_000, "digits")) is told


COLLAPSED = {"spread_fake": 0.01, "spread_real": 0.5, "nearest_fake": 0.1, "nearest_real": 0.3}


def last_words(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> list[str]:
    farewell(Run(run))
    return capsys.readouterr().out.splitlines()


def test_a_collapsed_run_is_told_so_first_and_not_to_train_on(
    run_with: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    run = run_with(lines_of(60, **COLLAPSED), status="finished")
    words = last_words(run, capsys)
    assert words[1].startswith("health:      collapsed since ")
    assert f"what helps:  zerosum health {run.path}" in words
    assert not any("train" in line for line in words)
    summary = write_summary(run).read_text()
    assert summary.index("## Health\n\ncollapsed") < summary.index("## Last log line")
    commands = summary.partition("## Go on")[2].partition("## Pictures")[0]
    assert commands.index("zerosum health") < commands.index("zerosum sample")
    assert "zerosum train" not in commands


def test_a_collapsed_run_that_was_stopped_can_still_be_continued(
    run_with: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    words = last_words(run_with(lines_of(60, **COLLAPSED)), capsys)
    starts = [line.split(":")[0] for line in words]
    assert starts.index("health") < starts.index("what helps") < starts.index("continue")


def test_a_run_that_learns_is_told_to_train_on(
    run_with: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    words = last_words(run_with(lines_of(60), status="finished"), capsys)
    assert any(line.startswith("train on: ") for line in words)
    assert not any(line.startswith(("health:", "what helps:")) for line in words)


def checkpoints_of(run: RunFolder, *images: int, best: int | None = None) -> None:
    for each in images:
        (run.checkpoints / f"{each:09d}").mkdir(parents=True)
    if best is not None:
        (run.checkpoints / "best").symlink_to(f"{best:09d}")


@pytest.mark.parametrize(
    ("best", "named"), [(None, "000012800"), (9_600, "000009600"), (192_000, "000012800")]
)
def test_a_collapse_names_a_checkpoint_from_before_it(
    run_with: MakeRun, best: int | None, named: str
) -> None:
    run = run_with([*lines_of(60)[:10], *lines_of(60, **COLLAPSED)[10:]])
    checkpoints_of(run, 9_600, 12_800, 192_000, best=best)
    lines = output("health", run.path)
    told = [line.strip() for line in lines if named in line]
    assert told == [
        f"use a checkpoint from before it: zerosum sample {run.path} --checkpoint {named}",
        f"or begin a new run with it: --init-from {run.checkpoints / named}",
    ]


def test_a_collapse_sends_to_no_checkpoint_where_none_is_from_before_it(run_with: MakeRun) -> None:
    run = run_with(lines_of(60, **COLLAPSED))
    checkpoints_of(run, 160_000, 192_000, best=160_000)
    assert not any("checkpoint" in line for line in output("health", run.path))


@pytest.mark.parametrize(
    "fields", [COLLAPSED, COLLAPSED | {"spread_fake": 0.4, "nearest_fake": 0.0015}]
)
def test_what_shows_a_collapse_is_said_without_names_of_fields(
    run_with: MakeRun, fields: dict[str, float]
) -> None:
    lines = output("health", run_with(lines_of(60, **fields)).path)
    assert lines[0] == "collapsed" and "_" not in lines[1]


def test_a_few_pictures_over_and_over_are_told_by_how_near_they_are(run_with: MakeRun) -> None:
    fields = COLLAPSED | {"spread_fake": 0.4, "nearest_fake": 0.0015}
    assert output("health", run_with(lines_of(60, **fields)).path)[1] == (
        "  64 generated images are a few pictures over and over: the one most like each is 0.5% as "
        "far from it as among real ones"
    )

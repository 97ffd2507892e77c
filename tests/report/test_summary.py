import os
import shlex
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from zerosum.records.lines import append_line
from zerosum.records.run import RunFolder
from zerosum.report import write_charts, write_summary
from zerosum.report.run_facts import duration
from zerosum.studies.run_verdict import diagnose_run

MakeRun = Callable[..., RunFolder]
LogLines = Callable[..., list[dict[str, Any]]]


def test_the_summary_tells_what_was_trained_on_what(make_run: MakeRun, log_lines: LogLines) -> None:
    run = make_run(log_lines(25))
    text = write_summary(run).read_text()
    assert run.summary_file.read_text() == text
    for fact in (
        "# demo",
        "stopped: SIGTERM",
        "| data | digits |",
        "8,000 to train on, 2,000 held out, 3 unreadable files skipped, 1 converted",
        "80,000 of 200,000",
        "| epochs | 10.0 |",
        "3 min 05 s",
        "432 images/s",
        "`zerosum train digits --out runs/demo`",
        "a desk, 2 cores",
        "| torch | 2.13.0 |",
    ):
        assert fact in text


def test_the_last_log_line_is_shown_and_what_is_not_finite_is_said(
    make_run: MakeRun, log_lines: LogLines
) -> None:
    lines = log_lines(3, loss_generator=float("nan"), loss_discriminator=0.123456)
    text = write_summary(make_run(lines)).read_text()
    assert "| generator's loss | not finite |" in text
    assert "| discriminator's loss | 0.1235 |" in text
    assert "at 9,600 images" in text
    assert "distance" not in text


def test_the_health_is_that_of_the_newest_lines_and_not_of_the_last_change(
    make_run: MakeRun, log_lines: LogLines
) -> None:
    run = make_run([*log_lines(30)[:24], *log_lines(30, d_real=0.61)[24:]])
    append_line(
        run.health_file, {"images": 19_200, "verdict": "learning", "evidence": ["D(x) is 0.70"]}
    )
    told = write_summary(run).read_text().partition("## Health\n\n")[2].partition("\n##")[0]
    assert told.startswith("learning, since 19,200 images\n\n- D(x) is 0.61, D")
    assert "0.70" not in told
    assert told.splitlines()[0].split(",")[0] == diagnose_run(run).verdict == run.verdict()


def test_a_run_that_ended_on_a_number_that_is_not_finite_diverged_in_every_list(
    make_run: MakeRun, log_lines: LogLines, state: dict[str, Any]
) -> None:
    failed = state | {"status": "failed", "reason": "training diverged at step 7: not finite"}
    run = make_run(log_lines(20), state=failed)
    append_line(run.health_file, {"images": 19_200, "verdict": "learning", "evidence": []})
    assert run.verdict() == diagnose_run(run).verdict == "diverged"
    assert "diverged, since 64,000 images" in write_summary(run).read_text()
    other = make_run(log_lines(20), name="other", state=failed | {"diverged": False})
    append_line(other.health_file, {"images": 19_200, "verdict": "learning", "evidence": []})
    assert other.verdict() == diagnose_run(other).verdict == "learning"


@pytest.mark.parametrize("name", ["demo", "my run", "it's", "a;b $(c)", "-x", "back`tick```s"])
def test_the_commands_can_be_copied_whatever_the_folder_is_called(
    make_run: MakeRun, name: str, log_lines: LogLines
) -> None:
    run = make_run(log_lines(2), name=name)
    lines = write_summary(run).read_text().splitlines()
    commands = [shlex.split(line) for line in lines if line.startswith("zerosum ")]
    folder = str(run.path)
    assert ["zerosum", "train", "digits", "--out", folder] in commands
    for command in ("sample", "interpolate", "film"):
        assert ["zerosum", command, folder] in commands


def test_a_run_that_no_command_began_is_continued_from_its_recipe_file(
    make_run: MakeRun, log_lines: LogLines, state: dict[str, Any]
) -> None:
    run = make_run(log_lines(2), state={**state, "command": ""})
    text = write_summary(run).read_text()
    assert f"\nzerosum train {run.recipe_file} --out {run.path}\n" in text
    assert "Set differently" not in text


@pytest.mark.parametrize(
    ("command", "continues"),
    [
        ("zerosum train digits --batch 32", "zerosum train digits --batch 32 --out {}"),
        ("zerosum train digits --out=x --batch 32", "zerosum train digits --batch 32 --out {}"),
        ("zerosum train --out 'a b' my.toml", "zerosum train my.toml --out {}"),
    ],
)
def test_the_command_that_continues_names_the_folder_where_the_run_lies_now(
    make_run: MakeRun, state: dict[str, Any], command: str, continues: str
) -> None:
    run = make_run([], state={**state, "command": command})
    assert f"# continue\n{continues.format(run.path)}\n" in write_summary(run).read_text()


def test_what_was_set_differently_from_the_shipped_recipe_is_listed(
    make_run: MakeRun, log_lines: LogLines
) -> None:
    text = write_summary(make_run(log_lines(2), loss="hinge")).read_text()
    assert "Set differently from `digits`" in text
    assert "| `objective.loss` | `hinge` instead of `non-saturating` |" in text
    assert "`data.source`" not in text


def test_a_finished_run_is_told_how_to_train_longer(
    make_run: MakeRun, log_lines: LogLines, state: dict[str, Any]
) -> None:
    text = write_summary(make_run(log_lines(2), state={**state, "status": "finished"})).read_text()
    assert "--images 440000" in text  # twice the 220,000 of the recipe


def test_odd_names_stay_text(make_run: MakeRun, log_lines: LogLines, state: dict[str, Any]) -> None:
    data = {**state["data"], "name": "a|b_c_<img>*d*\n# no heading"}
    run = make_run(log_lines(2), name="[x](y) `z`", state={**state, "data": data})
    text = write_summary(run).read_text()
    assert text.startswith(r"# \[x\](y) \`z\`" + "\n")
    assert r"| data | a\|b\_c\_\<img\>\*d\* \# no heading |" in text


def test_a_name_that_is_no_utf_8_is_spelt_out_and_its_commands_work(
    make_run: MakeRun, log_lines: LogLines
) -> None:
    run = make_run(log_lines(2), name="caf\udce9")
    write_charts(run)
    text = write_summary(run).read_text(encoding="utf-8")
    assert text.startswith("# caf\\\\xe9\n")
    word = next(line.split()[-1] for line in text.splitlines() if "zerosum evaluate" in line)
    named = subprocess.run(["bash", "-c", f"printf %s {word}"], capture_output=True, check=True)
    assert os.fsdecode(named.stdout) == str(run.path)


def test_control_characters_are_spelt_out(
    make_run: MakeRun, log_lines: LogLines, state: dict[str, Any]
) -> None:
    data = {**state["data"], "name": "a\x1b[2Jb"}
    command = "zerosum train --out 'x\x1b]0;y\a'"
    run = make_run(log_lines(2), name="c\u202ed", state={**state, "data": data, "command": command})
    text = write_summary(run).read_text(encoding="utf-8")
    assert not set(text) & {"\x1b", "\a", "\u202e"}
    assert "a\\\\x1b\\[2Jb" in text


def test_pictures_are_linked_relative_to_the_summary_and_only_when_there(
    make_run: MakeRun, log_lines: LogLines
) -> None:
    run = make_run(log_lines(2))
    assert "None yet." in write_summary(run).read_text()
    write_charts(run)
    run.samples.mkdir()
    for name in ("000000000", "000050000", "reals"):
        (run.samples / f"{name}.png").write_bytes(b"")
    text = write_summary(run).read_text()
    for link in (
        "(samples/000050000.png)",
        "(samples/reals.png)",
        "(charts/losses.png)",
        "(charts/discriminator.png)",
        "(charts/gradients.png)",
    ):
        assert link in text
    assert "000000000.png" not in text


def test_a_run_without_a_checkpoint_gets_a_summary(make_run: MakeRun) -> None:
    text = write_summary(make_run([], state={})).read_text()
    assert "begun, nothing saved yet" in text
    assert "Nothing was logged yet." in text
    assert "zerosum train" in text


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 s"), (59.6, "1 min 00 s"), (185, "3 min 05 s"), (7620, "2 h 07 min")],
)
def test_durations_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said

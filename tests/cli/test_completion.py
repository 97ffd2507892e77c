"""What the shell is told when Tab is pressed, asked as the scripts of the shells ask."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_commands import imported
from tests.in_process import run_command
from zerosum.data.sources import NAMES
from zerosum.recipe.shipped import shipped_recipes
from zerosum.studies.shipped import shipped_studies

Told = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runs where the commands are typed; one has checkpoints."""
    for name in ("first", "second"):
        (tmp_path / "runs" / name / "checkpoints").mkdir(parents=True)
        (tmp_path / "runs" / name / "recipe.toml").touch()
    (tmp_path / "runs" / "first" / "checkpoints" / "000020000").mkdir()
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def complete(capsys: Told, monkeypatch: pytest.MonkeyPatch) -> "Complete":
    return Complete(capsys, monkeypatch)


class Complete:
    """`zerosum LINE` with Tab behind it, as a script of bash asks; the words that may follow."""

    def __init__(self, told: Told, environment: pytest.MonkeyPatch) -> None:
        self.told, self.environment = told, environment

    def raw(self, line: str, shell: str) -> list[str]:
        words = shlex.split(line)
        self.environment.setenv("COMP_WORDS", line)
        last = len(words) if line.endswith(" ") else len(words) - 1
        self.environment.setenv("COMP_CWORD", str(last))
        if shell == "fish":
            self.environment.setenv("COMP_CWORD", "" if line.endswith(" ") else words[-1])
        self.environment.setenv("_ZEROSUM_COMPLETE", f"{shell}_complete")
        assert run_command() == 0
        return self.told.readouterr().out.splitlines()

    def __call__(self, line: str) -> list[str]:
        answers = [line.partition(",") for line in self.raw(line, "bash")]
        return [value for kind, _, value in answers if kind == "plain"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("zerosum tr", ["train"]),
        ("zerosum train ", shipped_recipes()),
        ("zerosum train wgan-g", ["wgan-gp", "wgan-gp-bedroom"]),
        ("zerosum train dcgan --data ", list(NAMES)),
        ("zerosum train dcgan --dataset m", ["mnist"]),
        ("zerosum train dcgan --learn", ["--learning-rate"]),
        ("zerosum train dcgan --optimizer ", ["adam", "adamw", "rmsprop", "sgd"]),
        ("zerosum train dcgan --optimizer=s", ["sgd"]),
        ("zerosum train dcgan --lr 1 --data.fl", ["--data.flip"]),
        ("zerosum train dcgan --data.flip ", ["yes", "no"]),
        ("zerosum train dcgan --scores fid,k", ["fid,kid"]),
        ("zerosum train dcgan --init-from f", ["first"]),
        ("zerosum data check mni", ["mnist"]),
        ("zerosum sample s", ["second"]),
        ("zerosum sample first --checkpoint ", ["latest", "best", "000020000"]),
        ("zerosum sample first --device c", ["cpu", "cuda"]),
        ("zerosum evaluate fi", ["first"]),
        ("zerosum compare first se", ["second"]),
        ("zerosum study s", ["show", "stop"]),
        ("zerosum study run ", shipped_studies()),
        ("zerosum recipes show sn", ["sngan", "sngan-resnet"]),
        ("zerosum help tra", ["train"]),
        ("zerosum help study sh", ["show"]),
    ],
)
def test_what_follows_is_completed(line: str, expected: list[str], complete: Complete) -> None:
    assert sorted(complete(line)) == sorted(expected)


def test_options_are_the_common_ones_until_a_letter_is_given(complete: Complete) -> None:
    common, all_of_networks = complete("zerosum train dcgan --"), complete("zerosum train x --net")
    assert "--batch" in common and "--help-all" in common
    assert not any(name.startswith("--network") for name in common)
    assert "--network.generator.extra-layers" in all_of_networks


@pytest.mark.parametrize("begun", ["--data.max-", "--data.max_", "--DATA.max"])
def test_an_option_is_completed_however_it_is_spelt_and_shown_in_one_form(
    begun: str, complete: Complete
) -> None:
    assert complete(f"zerosum train digits {begun}") == ["--data.max-bad"]
    assert complete("zerosum modes RUN --data_r") == ["--data-root"]


def test_zsh_and_fish_are_told_what_each_is(complete: Complete) -> None:
    assert complete.raw("zerosum train lsg", "zsh")[3:] == [
        "plain",
        "lsgan",
        "Least squares GAN: Mao et al. 2017 (arXiv 1611.04076)",
    ]
    assert complete.raw("zerosum train lsg", "fish")[1:] == [
        "plain,lsgan\tLeast squares GAN: Mao et al. 2017 (arXiv 1611.04076)"
    ]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(shell: str, capsys: Told) -> None:
    assert run_command("completion", shell) == 0
    script = capsys.readouterr().out
    assert f"_ZEROSUM_COMPLETE={shell}_complete" in script


def test_without_a_shell_the_line_for_the_users_own_is_told(
    capsys: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHELL", "/usr/bin/zsh")
    assert run_command("completion") == 0
    told = capsys.readouterr().out
    assert "~/.zshrc" in told and 'eval "$(zerosum completion zsh)"' in told
    assert "bash" not in told


def test_bash_completes(tmp_path: Path) -> None:
    """The whole way: the line of ~/.bashrc, and its function as Tab calls it."""
    command = tmp_path / "bin" / "zerosum"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m zerosum "$@"\n')
    command.chmod(0o755)
    script = """
    eval "$(zerosum completion bash)"
    compopt() { :; }  # which bash has only while it completes
    COMP_WORDS=(zerosum train lsg) COMP_CWORD=2
    _zerosum_completion zerosum
    echo "${COMPREPLY[@]}"
    """
    environment = {**os.environ, "PATH": f"{command.parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout == "lsgan\n"


def test_names_are_completed_without_what_takes_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_ZEROSUM_COMPLETE", "bash_complete")
    for line in ("zerosum train ", "zerosum sample ", "zerosum study run "):
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(line.split())))
        modules = imported([])
        assert "zerosum.cli.completion" in modules
        assert not {"torch", "numpy", "PIL", "pydantic", "rich"} & modules, line

"""Names are shown and do nothing: to a terminal, a page, a shell."""

import io
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.in_process import run_command
from zerosum.cli.terminal import echo, open_console
from zerosum.errors import ZerosumError
from zerosum.visible import shell_word, shell_words, visible, visible_lines

NASTY = "\x1b[31mred\x1b[0m \a\x9b2J \u202e\udcff\n[bold]x[/b]"


@given(st.text())
def test_what_is_shown_controls_nothing_and_can_be_written(text: str) -> None:
    shown = visible(text)
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in shown)
    assert visible(shown) == shown
    shown.encode("utf-8")
    assert visible_lines(text).count("\n") == text.count("\n")


def test_letters_of_all_languages_stay_as_they_are() -> None:
    for text in ("Grün, naïve", "日本語", "می‌خواهم", "👩‍👧", "a\\b [x] 'y'"):
        assert visible(text) == text


def test_escapes_are_those_of_people() -> None:
    assert visible("a\n\t\x1b\udcff\u202e") == r"a\n\t\x1b\xff\u202e"


def test_what_the_terminal_gets_controls_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    from rich.table import Table
    from rich.text import Text

    echo(NASTY)
    stream = io.StringIO()
    console = open_console(file=stream, width=100)
    console.print(NASTY, markup=False)
    table = Table(box=None)
    table.add_row(Text(NASTY))
    console.print(table)
    for told in (capsys.readouterr().out, stream.getvalue()):
        assert not set(told) & {"\x1b", "\a", "\x9b", "\u202e", "\udcff"}
        assert "\\x1b[31mred" in told
        assert "[bold]x[/b]" in told


def test_errors_are_two_lines_whatever_the_names(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert len(str(ZerosumError(f"there is no {NASTY}", NASTY)).splitlines()) == 2
    run_command("data", "check", f"/{NASTY}")
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 2
    assert "\x1b" not in told


@settings(max_examples=20)
@given(st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")), max_size=5))
def test_shown_words_are_pasted_into_a_shell_as_they_were(words: list[str]) -> None:
    words = [*words, "caf\udce9"]
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    command = ["bash", "-c", f"printf '%s\\0' {shell_words(words)}"]
    told = subprocess.run(command, env=env, capture_output=True, check=True).stdout
    assert [os.fsdecode(word) for word in told.split(b"\0")[:-1]] == words
    assert shell_word("a b") == "'a b'"


def test_runs_of_long_names_have_short_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zerosum.recipe.load import load_recipe
    from zerosum.training.place import choose_run

    monkeypatch.chdir(tmp_path)
    recipe = load_recipe("digits")
    names = {
        choose_run(recipe, f"{'r' * 200}.toml", data, None).path.name
        for data in ("日" * 80, "x" * 255, "x" * 254 + "y")
    }
    assert len(names) == 3
    assert max(len(name.encode()) for name in names) < 110
    assert not any(set(name) & set("\x1b\n/") for name in names)

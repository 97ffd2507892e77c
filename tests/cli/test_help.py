"""What the help of a command shows: what people use first, and all of it when it is asked for."""

import re

import click
import pytest
from click.testing import CliRunner

from tests.in_process import run_command
from zerosum.cli.commands import COMMANDS, commands
from zerosum.cli.topics import option_word
from zerosum.cli.words import Command
from zerosum.data.sources import NAMES
from zerosum.named_sets import NAMED_SETS
from zerosum.recipe.fields import SHORTHANDS, recipe_fields
from zerosum.recipe.shipped import shipped_recipes
from zerosum.studies.shipped import shipped_studies

BY_TOPIC = ["train", "study run", "evaluate", "compare"]
Told = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch


def shown(words: str) -> str:
    result = CliRunner().invoke(commands, words.split(), prog_name="zerosum")
    assert result.exit_code == 0, result.output
    return result.output


def options(text: str) -> list[str]:
    """The options that a help lists."""
    return re.findall(r"^  (?:-\w, )?--([\w.-]+)", text, re.MULTILINE)


def test_the_help_of_train_shows_what_people_use_by_topic() -> None:
    text = shown("train --help")
    assert 18 <= len(options(text)) <= 28
    assert "Learning:\n" in text and "Networks:\n" in text
    assert {"data", "learning-rate", "batch", "images", "out", "help-all"} <= set(options(text))
    assert "network.generator.norm" not in text


@pytest.mark.parametrize("command", BY_TOPIC)
def test_all_options_are_shown_when_they_are_asked_for(command: str) -> None:
    few, everything = options(shown(f"{command} --help")), options(shown(f"{command} --help-all"))
    assert set(few) < set(everything)
    assert len(everything) == len(set(everything))
    if command in ("train", "study run"):
        fields = set(recipe_fields()) - {"data.source", "data.fingerprint", "data.classes"}
        written = {name.replace("_", "-") for name in fields}
        assert written | set(SHORTHANDS) <= set(everything)
        assert not [name for name in everything if "_" in name]


def test_what_no_help_shows_is_shown_with_help_all() -> None:
    for name in COMMANDS:
        command = commands.get_command(click.Context(commands), name)
        assert command is not None
        for words in [name, *(f"{name} {below}" for below in getattr(command, "commands", {}))]:
            text = shown(f"{words} --help")
            if "--help-all" in text:
                assert set(options(text)) < set(options(shown(f"{words} --help-all"))), words


def value_beside(option: str, text: str) -> str:
    """What stands in brackets behind an option's text, which may go over several lines."""
    told = text.partition(f"  --{option} ")[2].partition("\n  -")[0].partition("\n\n")[0]
    return " ".join(told.split()).rpartition("[")[2].rstrip("]")


def test_with_a_recipe_its_values_stand_beside_the_options() -> None:
    digits = shown("train digits --help")
    assert value_beside("batch", digits) == "64"
    assert value_beside("images", digits) == "220,000"
    assert value_beside("data.resolution", digits) == "32"
    assert value_beside("batch", shown("train dcgan --help")) == "128"
    assert value_beside("schedule.average", shown("train digits --help-all")) == "10,000"
    assert shown("train --help dcgan") == shown("train dcgan --help")
    assert "[" not in options_of_topic(shown("train --help"), "Networks")


def options_of_topic(text: str, topic: str) -> str:
    return text.partition(f"\n{topic}:\n")[2].partition("\n\n")[0]


def test_values_of_both_players_that_differ_are_both_shown() -> None:
    text = " ".join(shown("train restore --help").split())
    recipe = text.partition("--learning-rate")[2].partition("]")[0]
    assert "[generator " in recipe and "discriminator " in recipe


def test_help_for_a_recipe_that_is_none_says_so(capsys: Told) -> None:
    assert run_command("train", "dcgn", "--help") == 2
    assert "did you mean dcgan?" in capsys.readouterr().err


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_help_is_as_wide_as_the_terminal(columns: int, monkeypatch: Patch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    longest = 0
    for words in ["--help", "recipes", "study list", *(f"{each} --help" for each in BY_TOPIC)]:
        width = max(map(len, shown(words).splitlines()))
        assert width < columns, words
        longest = max(longest, width)
    assert longest > min(columns, 120) - 8


def test_train_alone_says_what_is_missing_and_what_there_is(
    capsys: Told, monkeypatch: Patch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run_command("train") == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "zerosum: neither DATA nor RECIPE is given"
    assert lines[1].startswith("  write: zerosum train --data DATA")
    assert max(map(len, lines)) < 80
    for name in [*shipped_recipes(), *NAMES]:
        assert any(line.startswith(f"  {name} ") for line in lines), name


@pytest.mark.parametrize(
    ("words", "missing", "listed"),
    [
        ("study run", "STUDY", shipped_studies()),
        ("study show", "STUDY", shipped_studies()),
        ("recipes show", "NAME", shipped_recipes()),
        ("data check", "DATA", list(NAMES)),
    ],
)
def test_what_is_missing_is_listed(
    words: str, missing: str, listed: list[str], capsys: Told
) -> None:
    assert run_command(*words.split()) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"zerosum: {missing} is missing\n  write: zerosum {words} {missing}\n")
    assert set(listed) <= set(re.findall(r"^  ([\w-]+) ", told, re.MULTILINE))


def test_the_sets_that_are_listed_are_those_that_can_be_opened() -> None:
    assert list(NAMED_SETS) == list(NAMES)


@pytest.mark.parametrize("word", ["mnist", "cifar10", "tests"])
def test_images_in_place_of_a_recipe_are_told_where_they_belong(word: str, capsys: Told) -> None:
    assert run_command("train", word) == 2
    what, remedy = capsys.readouterr().err.splitlines()
    assert f"{word} names images" in what
    assert re.search(rf"write: zerosum train --data {word}$", remedy)


def test_every_topic_names_options_that_there_are() -> None:
    for words in BY_TOPIC:
        command: click.Command = commands
        for word in words.split():
            assert isinstance(command, click.Group)
            below = command.get_command(click.Context(command), word)
            assert below is not None
            command = below
        assert isinstance(command, Command)
        context = command.context_class(command, **command.context_settings)
        there = {option_word(option) for option in command.get_params(context)}
        assert {name for names in command.topics.values() for name in names} <= there

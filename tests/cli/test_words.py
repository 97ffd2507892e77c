"""How words are understood that are not the usual ones, and what is said of those that are none."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests.in_process import run_command
from zerosum.cli.commands import COMMANDS, OTHERS, commands
from zerosum.cli.fields import HIDDEN, overrides
from zerosum.cli.train import train
from zerosum.cli.values import Duration, Names, whole_number
from zerosum.cli.words import Command
from zerosum.recipe.fields import SHORTHANDS, recipe_fields
from zerosum.suggest import SYNONYMS, VALUES, letters

Told = pytest.CaptureFixture[str]


def fields(*words: str) -> dict[str, object]:
    """The fields that `zerosum train digits WORDS` sets."""
    return overrides(train.make_context("train", ["digits", *words]).params)


def test_names_and_files_of_an_option_that_is_given_again_add_up() -> None:
    scores = ("--evaluation.scores", "fid,kid", "--evaluation.scores", "recall")
    given = fields("--with", "a.py", "--with", "b.py", *scores)
    assert given["with"] == ("a.py", "b.py")
    assert given["evaluation.scores"] == ("fid", "kid", "recall")
    assert fields("--augmentation.kinds", "") == {"augmentation.kinds": ()} and not fields()


def test_a_second_file_is_refused_where_one_is_taken() -> None:
    words = ["evaluate", "run", "--with", "a.py", "--with", "b.py"]
    told = CliRunner().invoke(commands, words, standalone_mode=False).exception
    assert str(told).endswith("takes one file here, not a.py and b.py\ngive one of them")


def every_command() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(commands)
    for name in COMMANDS:
        command = commands.get_command(context, name)
        assert command is not None
        yield name, command
        for inner, below in getattr(command, "commands", {}).items():
            yield f"{name} {inner}", below


def usual(command: click.Command) -> click.Context:
    """A context as the command line makes it."""
    return command.context_class(command, **command.context_settings)


def complaint(told: Told, *words: str) -> tuple[str, str]:
    """The two lines that wrong words are answered with."""
    assert run_command(*words) == 2
    what, remedy = told.readouterr().err.splitlines()[:2]
    return what.removeprefix("zerosum: "), remedy.strip()


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        ("--lr 2e-4", "learning-rate", 2e-4),
        ("-lr 2e-4", "learning-rate", 2e-4),
        ("--learning_rate=2e-4", "learning-rate", 2e-4),
        ("--LR 1", "learning-rate", 1),
        ("--batch-size 32", "batch", 32),
        ("--batchSize 32", "batch", 32),
        ("--n-epochs 3", "epochs", 3),
        ("--size 64", "data.resolution", 64),
        ("--image-size=64", "data.resolution", 64),
        ("--nz 10", "latent", 10),
        ("--n_critic 5", "schedule.critic_steps", 5),
        ("--resolution 64", "data.resolution", 64),
        ("--resolution 64X96", "data.resolution", "64x96"),
        ("--resolution=64×64", "data.resolution", 64),
        ("--generator.width 8", "network.generator.width", 8),
        ("--data.max-bad 0.5", "data.max_bad", 0.5),
        ("--data.max_bad 0.5", "data.max_bad", 0.5),
        ("--optimizer Adam", "optimizer", "adam"),
        ("--loss least_squares", "objective.loss", "least-squares"),
        ("--scores FID,Kid", "evaluation.scores", ("fid", "kid")),
        ("--data.flip", "data.flip", True),
        ("--flip yes", "data.flip", True),
        ("--data.flip=no", "data.flip", False),
        ("--no-data.flip", "data.flip", False),
        ("--no-flip", "data.flip", False),
        ("--images 220k", "images", 220_000),
        ("--images 1e5", "images", 100_000),
        ("--images 1_000_000", "images", 1_000_000),
        ("--images 1,000,000", "images", 1_000_000),
        ("--images 1.5M", "images", 1_500_000),
        ("--schedule.checkpoint-every 20k", "schedule.checkpoint_every", 20_000),
    ],
)
def test_what_others_say_is_understood(words: str, field: str, value: object) -> None:
    assert fields(*words.split()) == {field: value}


def test_a_switch_leaves_the_next_word_alone() -> None:
    context = train.make_context("train", ["--data.flip", "digits", "--spectral-norm", "--width=8"])
    assert context.params["recipe"] == "digits"
    assert overrides(context.params) == {
        "data.flip": True,
        "network.discriminator.spectral_norm": True,
        "width": 8,
    }


@pytest.mark.parametrize("name", [*SHORTHANDS, *recipe_fields()])
def test_dashes_and_underscores_are_the_same_in_every_field(name: str) -> None:
    if name in HIDDEN:
        return
    context = usual(train)
    for spelt in (name.replace("_", "-"), name.replace("-", "_"), name.upper()):
        words = train.understood(context, [f"--{spelt}=1", "2"])
        given, _, _ = train.make_parser(context).parse_args(words)
        assert [key for key in given if key.startswith("field_")], spelt


def test_dashes_and_underscores_are_the_same_in_every_option_of_every_command() -> None:
    for name, command in every_command():
        context = usual(command)
        options = [each for each in command.get_params(context) if isinstance(each, click.Option)]
        for option in options:
            for word in (each for each in option.opts if each.startswith("--")):
                spelt = f"--{word[2:].replace('-', '_').upper()}"
                words = [spelt, *["1"] * (0 if option.is_flag else option.nargs)]
                if isinstance(command, Command):
                    words = command.understood(context, words)
                assert option in command.make_parser(context).parse_args(words)[2], (name, spelt)


def test_every_synonym_means_something_here() -> None:
    there = {
        letters(word)
        for _, command in every_command()
        for option in command.get_params(usual(command))
        if isinstance(option, click.Option)
        for word in option.opts
    }
    for synonym, names in SYNONYMS.items():
        assert synonym == letters(synonym)
        assert synonym not in map(letters, SHORTHANDS)
        assert {letters(name) for name in names} <= there, synonym


def test_every_other_value_is_one_somewhere() -> None:
    from zerosum.cli.values import Names, OneOf

    there: set[str] = set()
    for _, command in every_command():
        for option in command.get_params(usual(command)):
            if isinstance(option.type, OneOf):
                there |= set(map(str, option.type.choices))
            if isinstance(option.type, Names) and option.type.known is not None:
                there |= set(option.type.known())
    assert set(VALUES.values()) <= there
    assert all(value == letters(value) for value in VALUES)


def test_every_other_name_of_a_command_leads_to_one() -> None:
    there = {name for name, _ in every_command()}
    assert set(OTHERS.values()) <= there
    assert not set(OTHERS) & there


@pytest.mark.parametrize(
    ("words", "what", "remedy"),
    [
        ("generate runs/demo -n 5", "no command generate", "zerosum sample runs/demo -n 5"),
        ("fid runs/demo", "no command fid", "zerosum evaluate runs/demo"),
        ("list", "no command list", "did you mean: zerosum runs"),
        ("run digits", "no command run", "zerosum train digits"),
        ("eval x", "no command eval", "zerosum evaluate x"),
        ("digits --lr 1", "digits is a recipe", "zerosum train digits --lr 1"),
        ("data photos/", "no command `zerosum data photos/`", "zerosum data check photos/"),
        ("study mine.toml", "no command `zerosum study mine.toml`", "zerosum study run mine.toml"),
        ("train digits --resume", "goes on by itself", "`zerosum train …` again"),
        ("train --steps 1k wgan", "not in steps", "--images 320000: 1,000 steps of 320 images"),
        ("train digits --batch 10 --steps=20", "not in steps", "--images 200: 20 steps"),
        ("train digits --steps", "not in steps", "--images N"),
        ("train dcgan photos/", "a word too many: photos/", "zerosum train dcgan --data photos/"),
        ("train dcgan --beta1 0.5", "both betas", "--optimizer.generator.betas 0.5 0.999"),
        ("train dcgan --gpu", "the device is a value", "--device cuda"),
        ("train dcgan --label-smoothing 0.1", "labels are smoothed", "--objective.real_label 0.9"),
        ("train dcgan --norm batch", "no option --norm", "--network.generator.norm or --network.d"),
        ("train dcgan --lr 0,0002", "--learning-rate 0,0002", "such as 0.0002"),
        ("train dcgan --lr", "--learning-rate takes a value", "zerosum train --help"),
        (
            "train dcgan --penalty gp",
            "= 'gp' is not allowed: it is no penalty",
            "did you mean gradient?",
        ),
        (
            "train dcgan --scores fid,kdi",
            "= 'kdi' is not allowed: it is no score",
            "did you mean kid?",
        ),
        ("evaluate digits --scores FID,kdi", "there is no score 'kdi'", "did you mean kid?"),
        ("train dcgan --images 2.5", "--images 2.5", "a whole number"),
        ("train dcgan --data.flip=perhaps", "--data.flip perhaps", "yes or no"),
        ("modes x --images 0", "--images 0", "1 or more"),
        ("neighbours x -n 51", "--n 51", "50 or less"),
        (
            "sample x --imagse 3",
            "no option --imagse",
            "`zerosum sample --help` tells what there is",
        ),
        ("help trian", "no command", "did you mean train?"),
        ("recipes show a b", "a word too many: b", "zerosum recipes show --help"),
    ],
)
def test_what_cannot_be_understood_is_answered_with_the_right_word(
    words: str, what: str, remedy: str, capsys: Told
) -> None:
    told = complaint(capsys, *words.split())
    assert what in told[0]
    assert remedy in told[1]


def test_resume_with_a_run_gives_the_command_that_goes_on(tmp_path: Path, capsys: Told) -> None:
    run = tmp_path / "mine"
    run.mkdir()
    (run / "state.json").write_text('{"command": "zerosum train digits --out mine"}')
    _, remedy = complaint(capsys, "train", "--resume", str(run))
    assert remedy == "write: zerosum train digits --out mine"


def test_the_name_of_a_recipe_alone_shows_it() -> None:
    shown = CliRunner().invoke(commands, ["recipes", "show", "lsgan"]).output
    assert shown.startswith("# Least squares GAN")
    assert CliRunner().invoke(commands, ["recipes", "lsgan"]).output == shown


@pytest.mark.parametrize("words", ["train", "study run", "data", "recipes show"])
def test_help_is_a_command_and_short_too(words: str) -> None:
    long = CliRunner().invoke(commands, [*words.split(), "--help"], prog_name="zerosum").output
    assert long.startswith(f"Usage: zerosum {words}")
    assert CliRunner().invoke(commands, [*words.split(), "-h"], prog_name="zerosum").output == long
    assert CliRunner().invoke(commands, ["help", *words.split()]).output == long


def test_version_is_a_command_and_an_option_and_short_too() -> None:
    outputs = {
        CliRunner().invoke(commands, [word]).output for word in ("version", "--version", "-V")
    }
    assert len(outputs) == 1
    assert outputs.pop().startswith("zerosum 0.")


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("10 min", 600), ("1.5h", 5400)])
def test_times(text: str, seconds: float) -> None:
    assert Duration().convert(text, None, None) == seconds


@given(st.integers(-(10**12), 10**12))
def test_a_number_is_read_however_it_is_grouped(number: int) -> None:
    for text in (str(number), f"{number:_}", f"{number:,}"):
        assert whole_number(text) == number
    assert whole_number(f"{number}k") == number * 1000


@pytest.mark.parametrize(
    "text", ["", "k", "1,5", "12,34", "1.5", "1e-3", "0x10", "1e999", "ten", "1__0"]
)
def test_what_is_no_whole_number(text: str) -> None:
    assert whole_number(text) is None


def test_names_of_several_words_have_commas_between() -> None:
    asked = Names().convert("too early to say, collapsed", None, None)
    assert asked == ("too early to say", "collapsed")
    assert Names(lambda: ["fid", "kid"]).convert("FID kid", None, None) == ("fid", "kid")


def test_images_are_given_where_each_command_takes_them(
    capsys: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    here = "there is no option --data here"
    assert complaint(capsys, "advise", "--data", "my photos") == (
        here, "write: zerosum advise 'my photos'",
    )  # fmt: skip
    assert complaint(capsys, "data", "check", "--data") == (here, "write: zerosum data check DATA")
    assert complaint(capsys, "train", "photos/")[1].endswith("zerosum train --data FOLDER")
    (tmp_path / "photos").mkdir()
    assert complaint(capsys, "train", "photos/")[1] == "write: zerosum train --data photos/"
    (tmp_path / "photos" / "recipe.toml").touch()
    assert complaint(capsys, "train", "photos/")[1].endswith("write: zerosum train --out photos/")

"""`zerosum advise`, and `train` that takes the advice."""

import re
import shlex
from pathlib import Path

import pytest

import zerosum
from tests.data.files import noise, write_folder
from tests.in_process import run_command
from zerosum.cli.values import Minutes
from zerosum.training import measured_speed

Told = pytest.CaptureFixture[str]
SHORT = ("--images", "16", "--width", "4", "--evaluation.images", "0")


@pytest.fixture(autouse=True)
def _two_steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(measured_speed, "SECONDS", 0.0)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Twelve small pictures in colour, two of them the same."""
    files = {f"{seed}.png": noise(seed, (24, 24)) for seed in range(11)}
    return write_folder(tmp_path / "my photos", files | {"again.png": files["0.png"]})


def test_the_command_that_is_advised_can_be_pasted(photos: Path, capsys: Told) -> None:
    assert run_command("advise", photos.name) == 0
    *rows, empty, command = capsys.readouterr().out.splitlines()
    assert not empty and len(rows) <= 10
    told = dict(row.split(maxsplit=1) for row in rows)
    assert told["found"] == "12 pictures, all 24×24, in colour; 1 exact duplicate"
    assert told["recipe"] == "photos, networks of width 16"
    assert told["pictures"].startswith("32×32, colour")
    assert re.fullmatch("done, and something is to be seen, after .*, at .* images/s", told["time"])
    assert "collect some hundreds" in told["expect"]
    assert command.startswith("zerosum train photos --data 'my photos' --data.resolution 32")
    assert not Path("runs").exists()
    assert run_command(*shlex.split(command)[1:], "--dry-run") == 0


def test_a_time_is_fitted(photos: Path) -> None:
    short = zerosum.advise(photos, 0.001, quiet=True)
    longer = zerosum.advise(photos, 60, quiet=True)
    assert short.settings.schedule.images < longer.settings.schedule.images
    assert "too short for pictures" in str(short) and "too short" not in str(longer)
    with pytest.raises(zerosum.UsageError, match="minutes=0 is no time to train"):
        zerosum.advise(photos, 0)


def test_what_was_said_of_the_machine_is_in_the_command(photos: Path, capsys: Told) -> None:
    assert run_command("advise", photos.name, "--device", "cpu", "--precision", "32") == 0
    assert " --device cpu --precision 32 " in capsys.readouterr().out.splitlines()[-1]
    assert run_command("advise", photos.name, "--cache-root", "packed images") == 0
    assert " --cache-root 'packed images' " in capsys.readouterr().out.splitlines()[-1]
    words = ("--out", "mine", "--threads", "1")
    assert run_command("train", "--data", photos.name, *SHORT, *words) == 0
    told = capsys.readouterr().out
    assert " --out mine --threads 1" in next(
        line for line in told.splitlines() if line.startswith("zerosum train")
    )


def test_own_settings_of_the_images_reach_the_advice(tmp_path: Path, capsys: Told) -> None:
    write_folder(tmp_path / "photos", {f"{seed}.png": noise(seed, (24, 24)) for seed in range(50)})
    given = ("--data", "photos", "--data.limit", "10", "--dry-run")
    assert run_command("train", *given) == 0
    told = capsys.readouterr().out
    assert "batch     8 pictures" in told
    command = next(line for line in told.splitlines() if line.startswith("zerosum train"))
    assert "--data.limit 10" in command
    assert "--dry-run" not in command


def test_too_few_left_to_train_on_are_told(tmp_path: Path, capsys: Told) -> None:
    files = {f"test/{seed}.png": noise(seed) for seed in range(12)}
    write_folder(tmp_path / "photos", files | {f"train/{n}.png": noise(n + 50) for n in range(2)})
    assert run_command("advise", "photos") == 1
    assert "of 14 pictures in photos 2 are trained on" in capsys.readouterr().err
    write_folder(tmp_path / "more", {f"{seed}.png": noise(seed) for seed in range(20)})
    assert run_command("train", "--data", "more", "--data.limit", "3") == 1
    assert "of 20 pictures in more 3 are trained on" in capsys.readouterr().err


def test_classes_are_advised_by_the_smallest(tmp_path: Path) -> None:
    files = {f"cat/{seed}.png": noise(seed) for seed in range(12)}
    write_folder(tmp_path / "pets", files | {f"dog/{n}.png": noise(n + 50) for n in range(2)})
    pictures = zerosum.advise("pets", quiet=True).pictures
    assert pictures.classes == 2
    assert pictures.least_of_class <= 2


@pytest.mark.parametrize(
    ("said", "seconds"), [("30", 1_800), ("30m", 1_800), ("0.5", 30), ("1h", 3_600)]
)
def test_minutes_are_a_number_or_a_time(said: str, seconds: float) -> None:
    assert Minutes().read(said) == seconds / 60


def test_minutes_that_are_none_are_told(capsys: Told) -> None:
    assert run_command("advise", "photos", "--minutes", "soon") == 2
    assert "30" in capsys.readouterr().err


def test_train_without_a_recipe_takes_the_advice_and_goes_on(photos: Path, capsys: Told) -> None:
    advice = zerosum.advise(photos, quiet=True)
    assert run_command("train", "--data", photos.name, *SHORT) == 0
    told = capsys.readouterr().out
    assert told.startswith("found ") and "zerosum train photos --data 'my photos'" in told
    run = zerosum.Run.open("runs/photos-my-photos-1")
    network, schedule = run.recipe().network, run.recipe().schedule
    assert (network.generator.width, schedule.images) == (4, 16)
    assert schedule.batch == advice.settings.schedule.batch == 8
    command = shlex.split(run.state()["command"])
    assert command[:3] == ["zerosum", "train", "photos"]
    # The command that was noted says all of it.
    assert run_command(*command[1:], "--out", str(run.path)) == 0
    assert zerosum.Run.open(run.path).state()["images"] == 16


def test_train_with_the_folder_of_a_run_goes_on_as_that_began(photos: Path, capsys: Told) -> None:
    words = ("--data", photos.name, "--out", "mine")
    begun = ("dcgan-mnist", "--width", "4", "--batch", "8", "--evaluation.images", "0")
    assert run_command("train", *begun, *words, "--images", "16") == 0
    capsys.readouterr()
    assert run_command("train", *words, "--images", "32") == 0
    assert not capsys.readouterr().out.startswith("found")
    assert zerosum.Run.open("mine").state()["images"] == 32


def test_with_a_recipe_nothing_is_advised(photos: Path, capsys: Told) -> None:
    assert run_command("train", "dcgan", "--data", photos.name, "--batch", "8", *SHORT) == 0
    assert "found " not in capsys.readouterr().out
    assert zerosum.Run.open("runs/dcgan-my-photos-1").recipe().schedule.average == 0


@pytest.mark.parametrize("command", ["advise", "train --data"])
def test_pictures_that_are_none_or_too_few_are_told(
    command: str, tmp_path: Path, capsys: Told
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("hello")
    write_folder(tmp_path / "few", {f"{n}.png": noise(n) for n in range(3)})
    (tmp_path / "x.zip").write_text("no archive")
    for name, what in {
        "empty": "there is no usable image in empty",
        "texts": "there is no usable image in texts",
        "few": "3 pictures in few are too few to learn from",
        "x.zip": "x.zip is neither a folder nor a zip or tar",
        "nowhere": "there is nothing at nowhere",
    }.items():
        assert run_command(*command.split(), name) == 1
        first, *remedy = capsys.readouterr().err.splitlines()
        assert what in first and len(remedy) == 1
    assert not Path("runs").exists()


def test_wrong_fields_are_told_before_the_pictures_are_looked_at(capsys: Told) -> None:
    assert run_command("train", "--data", "nowhere", "--data.resolution", "63") == 2
    assert "data.resolution" in capsys.readouterr().err

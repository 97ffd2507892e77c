"""`zerosum evaluate`: the table, its JSON, the run's files, and what wrong words are told."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from tests.cli.test_commands import complaint, imported
from zerosum.cli.commands import commands
from zerosum.cli.evaluate import print_scores
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.named_protocol import protocol_names
from zerosum.evaluation.protocol import Protocol, disagreements
from zerosum.randomness import random_for
from zerosum.recipe.load import read_recipe
from zerosum.records.lines import read_lines
from zerosum.records.logs import ScoreLine, Value
from zerosum.records.run import RunFolder
from zerosum.report.scores import floor_value, one_line, protocol_lines, score_table


@pytest.fixture(scope="module")
def run(make_run: Callable[..., RunFolder], tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run on a folder of 30 training and 20 test images; shared, its scores are added to."""
    folder = tmp_path_factory.mktemp("data") / "digits"
    for part, count in (("train", 30), ("test", 20)):
        write_noise(folder / part, count)
    return make_run({"data.source": str(folder), "evaluation.extractor": "digits"})


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """15 grey pictures of noise that a program of somebody else made."""
    return write_noise(tmp_path_factory.mktemp("fakes") / "fakes", 15)


def source_of(run: RunFolder) -> str:
    return read_recipe(run.recipe_file).data.source


def write_noise(folder: Path, count: int) -> Path:
    folder.mkdir(parents=True)
    noise = random_for(0, folder.name).integers(0, 256, (count, 32, 32), dtype=np.uint8)
    for number, pixels in enumerate(noise):
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


def invoke(*words: object) -> Result:
    """`zerosum evaluate` in this process."""
    arguments = ["evaluate", *map(str, words)]
    return CliRunner().invoke(commands, arguments, standalone_mode=False)


def output(*words: object) -> str:
    result = invoke(*words, "--device", "cpu")
    assert result.exception is None, result.exception
    return result.stdout


def refusal(*words: object) -> ZerosumError:
    result = invoke(*words)
    assert isinstance(result.exception, ZerosumError), result.output
    return result.exception


def test_a_run_gets_a_table_with_its_protocol(run: RunFolder) -> None:
    text = output(run.path, "--extractor", "digits", "--images", 15, "--scores", "fid,recall")
    lines = text.splitlines()
    assert lines[0].split() == ["score", "value", "±", "real", "against", "real", "better"]
    assert lines[1].startswith("FID (digits)") and lines[1].rstrip().endswith("lower")
    assert lines[2].startswith("recall") and lines[2].rstrip().endswith("higher")
    under = {line.split()[0]: line for line in lines[4:]}
    assert list(under) == ["protocol", "generated", "real", "features", "images", "floor", "note"]
    assert "custom" in under["protocol"]
    assert "15 images of tiny, checkpoint 000200000, last weights, seed 0" in under["generated"]
    assert "20 images of digits (held out)" in under["real"]
    assert "32×32, grey, fit pad" in under["images"]
    assert under["floor"] == "floor      15 of digits (train) against these"
    assert "15 images are few for 64 dimensions" in under["note"]


def test_scores_of_a_run_are_kept_with_their_protocol_and_its_reports_are_made_anew(
    run: RunFolder,
) -> None:
    shutil.rmtree(run.charts, ignore_errors=True)
    run.summary_file.unlink(missing_ok=True)
    before = run.scores()
    words = ("--extractor", "digits", "--images", 15, "--scores", "kid", "--json")
    printed = json.loads(output(run.path, *words))
    (line,) = run.scores()[len(before) :]
    assert line.as_dict() == printed
    assert (line.images, line.kind) == (200_000, "manual")
    protocol = Protocol.from_dict(line.protocol)
    assert (protocol.fakes, protocol.fit, protocol.extractor) == (15, "pad", "digits")
    assert "KID (digits)" in run.summary_file.read_text()
    assert (run.charts / "losses.png").is_file()
    seeded = json.loads(output(run.path, *words, "--seed", 3))
    assert seeded["scores"] != line.scores
    assert disagreements(Protocol.from_dict(seeded["protocol"]), protocol) == {}
    clean = json.loads(output(run.path, *words, "--split", "train"))
    assert disagreements(Protocol.from_dict(clean["protocol"]), protocol).keys() == {
        "reals",
        "real_fingerprint",
    }


def test_pictures_of_another_program_are_scored_and_nothing_is_written(
    pictures: Path, run: RunFolder
) -> None:
    files = sorted(pictures.parent.rglob("*"))
    text = output(pictures, "--against", source_of(run), "--extractor", "digits")
    for title in ("FID (digits)", "KID (digits)", "precision", "recall", "coverage"):
        assert title in text
    assert "generated  15 images of fakes\n" in text
    assert "floor      15 of digits (train) against these" in text
    assert sorted(pictures.parent.rglob("*")) == files


def test_json_is_json_and_has_no_table(pictures: Path, run: RunFolder) -> None:
    options = ("--against", source_of(run), "--extractor", "digits", "--json")
    line = json.loads(output(pictures, *options))
    floor = {"floor", "floor_words", "floor_size", "floor_generated"}
    assert set(line) == {"kind", "scores", "protocol", "notes"} | floor
    for score in line["scores"].values():
        assert set(score) >= {"value", "error", "freedom"} and np.isfinite(score["value"])


def test_a_reference_is_saved_and_scored_against(
    pictures: Path, run: RunFolder, tmp_path: Path
) -> None:
    file = tmp_path / "real.safetensors"
    saving = ("--against", source_of(run), "--extractor", "digits", "--save-reference", file)
    images = json.loads(output(pictures, *saving, "--json"))
    again = json.loads(output(pictures, "--against", file, "--json"))
    for name, score in images["scores"].items():
        assert again["scores"][name]["value"] == pytest.approx(score["value"], rel=1e-6, abs=1e-6)
    assert again["protocol"] == images["protocol"]


def test_the_protocols_are_listed_with_or_without_images() -> None:
    for words in (("--protocol", "list"), ("anything", "--protocol", "list")):
        lines = output(*words).splitlines()
        assert [line.split()[0] for line in lines] == protocol_names()
        assert all(len(line.split(maxsplit=1)[1]) > 20 for line in lines)


def test_what_is_not_there_fails_in_words(pictures: Path, tmp_path: Path) -> None:
    for words in ((tmp_path / "none",), (pictures, "--against", tmp_path / "none")):
        error = refusal(*words)
        assert not isinstance(error, UsageError), "nothing is wrong with these words"
        assert f"there is nothing at {tmp_path / 'none'}" in error.what
        assert "folder" in error.remedy


def test_a_missing_path_is_told_with_exit_code_1_before_torch_is_imported(tmp_path: Path) -> None:
    words = ["evaluate", str(tmp_path / "none")]
    told = complaint(1, *words, cwd=tmp_path)
    assert told.splitlines() == [
        f"zerosum: there is nothing at {tmp_path / 'none'}",
        "  give a run, or a folder or archive of images",
    ]
    assert "torch" not in imported(words)


def test_a_folder_inside_an_archive_is_there(pictures: Path, tmp_path: Path) -> None:
    archive = shutil.make_archive(
        str(tmp_path / "made"), "zip", pictures.parent, base_dir=pictures.name
    )
    text = output(f"{archive}/fakes", "--against", pictures, "--extractor", "digits")
    assert "15 images of made-fakes" in text


@pytest.mark.parametrize(
    ("words", "told", "remedy"),
    [
        (["--scores", "fid"], "it is not said what to score", "give a run"),
        (["FAKES"], "it is not known what to compare its images with", "--against DATA"),
        (["FAKES", "--against", "digits", "--scores", "fid,recal"], "no score 'recal'", "recall"),
        (["FAKES", "--against", "digits", "--protocol", "digts"], "no protocol 'digts'", "digits"),
        (["FAKES", "--against", "FAKES", "--extractor", "digts"], "no extractor", "digits"),
        (["FAKES", "--against", "FAKES", "--extractor", "digits", "--layer", "x"],
         "digits has no layer 'x'", "features, logits"),
        (["FAKES", "--against", "FAKES", "--extractor", "digits", "--images", "20"],
         "20 generated images were asked for", "leave --images out"),
        (["FAKES", "--protocol", "digits"], "not known what to compare", "--against"),
        (["FAKES", "--against", "digits", "--protocol", "digits", "--images", "20"],
         "protocol digits has 10,000 generated images, and 20 were asked for", "--images"),
        (["FAKES", "--against", "digits", "--protocol", "digits", "--split", "train"],
         "protocol digits fixes --split as test, and train was given", "leave --split out"),
        (["FAKES", "--against", "digits", "--save-reference", "real.npz"], "does not end in",
         "--save-reference"),
        (["FAKES", "--against", "digits", "--checkpoint", "best"], "is no run", "--checkpoint"),
    ],
)  # fmt: skip
def test_wrong_words_get_the_right_ones(
    pictures: Path, words: list[str], told: str, remedy: str
) -> None:
    error = refusal(*(str(pictures) if word == "FAKES" else word for word in words))
    assert isinstance(error, UsageError)
    assert told in error.what and remedy in error.remedy
    assert len(str(error).splitlines()) == 2


def line_of(extractor: str, **more: Any) -> ScoreLine:
    protocol = Protocol(
        name="custom", fakes=100, reals=100, real_data="photos", real_part="all",
        real_fingerprint="ab", resolution=64, channels=3, extractor=extractor, weights="cd",
        resize="tf1", precision="float32", approximate=extractor.endswith("-approx"),
        source="fakes", fit="crop", version="1",
    )  # fmt: skip
    scores: dict[str, Value] = {
        "fid": {"value": 12.345, "error": None},
        "recall": {"value": 0.5, "error": 0.01},
    }
    floor = {"fid": {"value": 3.21, "error": None}}
    parts = {"floor": floor, "floor_words": "halves"} | more
    return ScoreLine("manual", 0, scores, protocol.as_dict(), **parts)


def test_every_number_of_an_approximate_network_is_marked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = line_of("inception-2048-approx", notes=("approximate: never put these beside others",))
    assert all("inception-2048-approx" in title for title, *_ in score_table(line).rows)
    assert one_line(line).count("approx") == 2
    print_scores(line)
    text = capsys.readouterr().out
    assert "approximate: not quite the network of this name" in text
    assert "note       approximate: never" in text
    exact = line_of("inception-2048")
    assert [title for title, *_ in score_table(exact).rows] == ["FID (inception-2048)", "recall"]
    assert "approx" not in one_line(exact) + "".join(protocol_lines(exact))


def test_the_floor_stands_beside_its_score_and_a_chosen_best_says_so() -> None:
    line = line_of("digits", compared=3)
    assert list(score_table(line).rows) == [
        ("FID (digits)", "12.345", "", "3.210", "lower"),
        ("recall", "0.500", "0.010", "", "higher"),
    ]
    lines = protocol_lines(line)
    assert "floor      halves" in lines
    assert lines[-1].startswith("chosen     the best of 3 compared checkpoints")


def test_a_floor_of_another_size_says_so_beside_generated_images_of_that_size(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = line_of(
        "digits", floor_size="halves of 50", floor_generated={"fid": {"value": 14.5, "error": None}}
    )
    assert list(score_table(line).rows) == [
        ("FID (digits)", "12.345", "", "3.210", "14.500", "lower"),
        ("recall", "0.500", "0.010", "", "", "higher"),
    ]
    print_scores(line)
    text = capsys.readouterr().out
    assert text.count("(halves of 50)") == 2
    assert max(map(len, text.splitlines()[:4])) <= 80


def test_what_is_no_number_in_an_old_line_is_not_printed_as_one() -> None:
    line = replace(line_of("digits"), scores={"fid": {"value": float("nan"), "error": None}})
    assert score_table(line).rows[0][1] == "—"
    assert "nan" not in one_line(replace(line, images=1))


def test_only_a_floor_of_the_size_of_the_scores_is_drawn_beside_them() -> None:
    assert floor_value(line_of("digits", floor_size=""), "fid") == 3.21
    assert floor_value(line_of("digits", floor_size="halves of 50"), "fid") is None
    assert floor_value(line_of("digits", floor_size=""), "kid") is None
    # Lines of older versions have words alone.
    words = "100 of photos (train) against these"
    assert floor_value(line_of("digits", floor_words=words), "fid") == 3.21
    for other in ("50 of photos (train) against these", "the real images in halves of 100"):
        assert floor_value(line_of("digits", floor_words=other), "fid") is None


def test_lines_of_an_older_version_are_shown(tmp_path: Path) -> None:
    line = line_of("digits").as_dict()
    del line["protocol"]["fit"]
    path = tmp_path / "scores.jsonl"
    path.write_text(json.dumps(line) + "\n")
    (read,) = read_lines(path)
    assert "images     64×64, colour; zerosum 1" in protocol_lines(ScoreLine.from_dict(read))


def test_a_mistyped_run_is_said_to_be_nothing() -> None:
    assert "there is nothing at runs-demo" in refusal("runs-demo").what


def test_sides_of_different_kind_are_refused_before_weights_are_asked_for(
    pictures: Path, tmp_path: Path
) -> None:
    colour = tmp_path / "colour"
    colour.mkdir()
    for number, pixels in enumerate(random_for(0, "colour").integers(0, 256, (15, 32, 32, 3))):
        Image.fromarray(pixels.astype(np.uint8)).save(colour / f"{number}.png")
    words = ["--against", str(colour), "--weights", str(tmp_path / "missing.safetensors")]
    error = refusal(str(pictures), *words)
    assert "is grey" in error.what and "is colour" in error.what and "--channels" in error.remedy

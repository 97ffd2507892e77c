"""`zerosum compare`: tables, files, scores anew, and what wrong words are told."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.cli.scored_runs import output, pictures_of_noise, refusal, run_on
from tests.cli.test_commands import imported
from tests.generation.conftest import seal
from tests.generation.restored_runs import restoring_run
from tests.report.conftest import STATE, lines_of
from zerosum.cli.document import table_parts
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.protocol import Protocol, disagreements
from zerosum.records.lines import append_line, read_lines
from zerosum.records.run import RunFolder
from zerosum.report.document import Table

FAST = ("--device", "cpu")
ANEW = ("--again", "--extractor", "digits", "--scores", "fid,recall", *FAST)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 grey pictures of noise."""
    return pictures_of_noise(tmp_path_factory.mktemp("data") / "noise", 30)


@pytest.fixture(scope="module")
def fakes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """15 grey pictures that another program made."""
    return pictures_of_noise(tmp_path_factory.mktemp("fakes") / "theirs", 15)


@pytest.fixture
def runs(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[RunFolder, ...]:
    """Two runs on the same pictures, in the folder that commands are given in."""
    monkeypatch.chdir(tmp_path)
    found = []
    for name, batch in (("one", 64), ("two", 32)):
        run = run_on(data, Path("runs") / name, schedule_batch=batch, evaluation_images=20)
        run.metrics_file.write_text("".join(json.dumps(line) + "\n" for line in lines_of(9)))
        run.state_file.write_text(json.dumps(STATE))
        found.append(run)
    return tuple(found)


def scored(run: RunFolder, fid: float, error: float = 0.1, **changed: object) -> None:
    """Add a line of scores."""
    protocol = {
        "name": "custom", "fakes": 20, "reals": 30, "real_data": "noise", "real_part": "all",
        "real_fingerprint": "aa", "resolution": 16, "channels": 1, "extractor": "digits",
        "weights": "bb", "resize": "none", "precision": "float32", "approximate": False,
        "source": run.path.name, "checkpoint": "000200000", "generator": "last", **changed,
    }  # fmt: skip
    scores = {"fid": {"value": fid, "error": error, "freedom": 16}}
    append_line(
        run.scores_file,
        {"images": 200_000, "kind": "manual", "scores": scores, "protocol": protocol,
         "floor": {}, "floor_words": "", "notes": []},
    )  # fmt: skip


def compared(*words: object) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(
        "\n".join(output("compare", *words, *FAST, "--format", "json"))
    )
    return content


def test_two_runs_are_laid_side_by_side(runs: tuple[RunFolder, ...]) -> None:
    one, two = runs
    scored(one, 3.0)
    scored(two, 5.0)
    lines = output("compare", one.path, two.path, *FAST)
    assert [line.split() for line in lines[:2]] == [["Training"], ["one", "two"]]
    assert "schedule.batch   64   32" in lines
    assert "all settings are the same but schedule.batch" in lines
    row = next(line for line in lines if line.startswith("one ") and "200,000" in line)
    assert row.split() == ["one", "200,000", "3.00", "*"]
    assert any("20 images of two, checkpoint 000200000" in line for line in lines)
    folder = Path("comparisons/one-vs-two")
    there = sorted(path.name for path in folder.iterdir())
    assert there == ["compare.json", "compare.md", "curves.png", "samples.png", "scores.png"]
    assert lines[-5:] == [
        str(folder / name)
        for name in ("compare.md", "samples.png", "scores.png", "curves.png", "compare.json")
    ]
    text = (folder / "compare.md").read_text()
    assert "**3.00 ± 0.10** \\*" in text and "![samples](samples.png)" in text
    assert text.index("(samples.png)") < text.index("\n## ") < text.index("(scores.png)")
    for name in there[2:]:
        with Image.open(folder / name) as image:
            assert image.width > 300


def test_scores_that_were_measured_otherwise_stand_apart(runs: tuple[RunFolder, ...]) -> None:
    scored(runs[0], 3.0)
    scored(runs[1], 5.0, fakes=1000)
    text = "\n".join(output("compare", runs[0].path, runs[1].path, *FAST))
    assert "number of generated images: 1,000 here, 20 there" in text
    assert "score them anew under one protocol: add --again" in text
    assert " *\n" not in text
    content = compared(runs[0].path, runs[1].path)
    assert [list(each["sides"]) for each in content["scores"]] == [["one"], ["two"]]
    assert all(each["best"] == {"fid": None} for each in content["scores"])


def test_a_lead_within_the_errors_is_no_best(runs: tuple[RunFolder, ...]) -> None:
    scored(runs[0], 3.0)
    scored(runs[1], 3.2)
    assert compared(runs[0].path, runs[1].path)["scores"][0]["best"] == {"fid": None}


def test_what_is_not_scored_is_told_with_the_command(runs: tuple[RunFolder, ...]) -> None:
    scored(runs[0], 3.0)
    shutil.rmtree(runs[0].checkpoints)
    lines = output("compare", runs[0].path, runs[1].path, *FAST)
    assert "two is not scored: zerosum evaluate runs/two" in lines
    assert any(line.startswith("no pictures of one: ") for line in lines)
    runs[0].scores_file.unlink()
    lines = output("compare", runs[0].path, runs[1].path, *FAST)
    assert "one is not scored: it has no checkpoint yet, train it first" in lines
    assert not Path("comparisons/one-vs-two/scores.png").exists(), "of the time before"


def test_all_are_scored_anew_under_one_protocol(
    runs: tuple[RunFolder, ...], fakes: Path, tmp_path: Path
) -> None:
    # The others are scored against the real images of the first run, whatever they are trained on.
    other = run_on(pictures_of_noise(tmp_path / "others", 25), tmp_path / "three")
    words = (runs[0].path, runs[1].path, other.path, fakes)
    content = json.loads("\n".join(output("compare", *words, *ANEW, "--format", "json")))
    (group,) = content["scores"]
    assert list(group["sides"]) == ["one", "two", "three", "theirs"]
    protocols = [Protocol.from_dict(line["protocol"]) for line in group["sides"].values()]
    assert not any(disagreements(protocols[0], each) for each in protocols)
    assert (protocols[2].real_data, protocols[2].reals) == ("noise", 30)
    assert protocols[0].fakes == 15, "no more than the folder has, and fewer than the recipes ask"
    for run, name in ((runs[0], "one"), (runs[1], "two"), (other, "three")):
        assert run.scores()[-1].as_dict() == group["sides"][name]
        assert run.summary_file.exists()
    # Without --again the same numbers are shown, as far as they are kept.
    (kept,) = compared(*words)["scores"]
    assert kept["sides"] == {name: group["sides"][name] for name in ("one", "two", "three")}


def test_grey_pictures_that_are_saved_in_colour_are_scored_as_grey_ones(
    runs: tuple[RunFolder, ...], fakes: Path, tmp_path: Path
) -> None:
    colour = tmp_path / "colour"
    colour.mkdir()
    for file in fakes.iterdir():
        Image.open(file).convert("RGB").save(colour / file.name)
    content = json.loads(
        "\n".join(output("compare", colour, fakes, runs[0].path, *ANEW, "--format", "json"))
    )
    (group,) = content["scores"]
    assert group["sides"]["colour"]["scores"] == group["sides"]["theirs"]["scores"]


@pytest.mark.parametrize("channels", [1, 3])
def test_a_folder_of_another_size_or_colour_cannot_be_scored_alike(
    channels: int, runs: tuple[RunFolder, ...], tmp_path: Path
) -> None:
    folder = pictures_of_noise(tmp_path / "odd", 12, channels=channels)
    if channels == 1:
        for file in folder.iterdir():
            Image.open(file).resize((24, 24)).save(file)
    error = refusal("compare", runs[0].path, folder, *ANEW)
    assert "cannot be scored under one protocol" in error.what and "16×16" in error.what
    assert not runs[0].scores_file.exists() and not Path("comparisons").exists()
    # All but the scores can be compared.
    assert "odd is not scored: add --again" in output("compare", runs[0].path, folder, *FAST)


def test_what_was_left_out_of_a_folder_is_told_once(
    runs: tuple[RunFolder, ...], tmp_path: Path
) -> None:
    folder = pictures_of_noise(tmp_path / "torn", 12)
    (folder / "broken.png").write_bytes(b"no picture")
    note = "1 unreadable file of torn left out"
    for words in (FAST, ANEW):
        assert sum(note in line for line in output("compare", runs[0].path, folder, *words)) == 1
    assert note in Path("comparisons/one-vs-torn/compare.md").read_text()


def test_two_checkpoints_of_a_run_are_compared(runs: tuple[RunFolder, ...]) -> None:
    first = runs[0].checkpoints / "000200000"
    second = runs[0].checkpoints / "000100000"
    shutil.copytree(first, second)
    seal(second, images=100_000)
    content = json.loads("\n".join(output("compare", second, first, *ANEW, "--format", "json")))
    (group,) = content["scores"]
    assert [line["images"] for line in group["sides"].values()] == [100_000, 200_000]
    assert list(group["sides"]) == ["one/000100000", "one/000200000"]
    assert content["training"]["one/000100000"]["checkpoint"] == "at 100,000 images"


def test_restorations_are_compared_with_restorations(tmp_path: Path) -> None:
    few: dict[str, object] = {"evaluation.images": 40, "evaluation.scores": ["fid"]}
    first = restoring_run(tmp_path / "first", few)
    second = restoring_run(tmp_path / "second", few | {"schedule.batch": 8})
    other = restoring_run(tmp_path / "other", few | {"seed": 1})
    lines = output("compare", first.path, second.path, "--again", "--out", tmp_path / "out", *FAST)
    rows = [line.split()[0] for line in lines if line]
    assert rows.count("damaged") == 2, "one row of both runs, and one line of the protocol"
    assert rows.count("pre-trained") == rows.count("adversarial") == 2
    assert not any(" *" in line for line in lines if "±" in line), "both are the same generator"
    assert (tmp_path / "out" / "samples.png").exists()
    assert read_lines(second.scores_file)
    (line,) = first.scores()
    words = line.protocol["damage"].replace("seed 0", "seed 1")
    other.add_scores(replace(line, protocol={**line.protocol, "damage": words}))
    text = "\n".join(output("compare", first.path, other.path, "--out", tmp_path / "two", *FAST))
    assert "seed of the damage: 1 here, 0 there" in text
    assert "train with the same images" in text and "add --again" not in text
    assert "no pictures: held-out pictures and their damage follow" in text
    generator = run_on(pictures_of_noise(tmp_path / "data", 12), tmp_path / "dcgan")
    error = refusal("compare", first.path, generator.path)
    assert isinstance(error, UsageError) and "restores damaged pictures" in error.what


@pytest.mark.parametrize(
    ("words", "what", "kind"),
    [
        (["runs/one"], "nothing to compare it with", UsageError),
        (["runs/one", "./runs/one"], "are the same", UsageError),
        (["runs/one", "runs/one"], "is named twice", UsageError),
        (["runs/one", "runs/one/checkpoints/latest"], "are the same", UsageError),
        (["runs/one", "runs/three"], "there is nothing at runs/three", ZerosumError),
        (["runs/one", "three"], "there is nothing at three", ZerosumError),
        (["runs/one", "empty"], "empty has no images", ZerosumError),
        (["runs/one", "runs"], "runs is a folder of runs", UsageError),
        (["runs/one", "runs/two/state.json"], "neither a folder nor a zip", ZerosumError),
        (["runs/one", "runs/two", "--images", "20"], "nothing is scored without", UsageError),
        (["runs/one", "runs/two", "--out", "file"], "file is a file", UsageError),
        (["runs/one", "runs/two", "--out", "file/x"], "cannot write file/x", ZerosumError),
        (["runs/one", "runs/two", "--checkpoint", "7"], "no checkpoint '7'", ZerosumError),
        (["runs/one", "runs/two", "--checkpoint", "best"], "no best checkpoint", ZerosumError),
        (["runs/one", "runs/two", "--device", "abacus"], "no device 'abacus'", UsageError),
        (
            ["runs/one", "runs/two", "--again", "--scores", "x"],
            "there is no score 'x'",
            UsageError,
        ),
        (["runs/one", "runs/bare", "--again"], "bare has no checkpoint yet", ZerosumError),
        (["runs/one", "theirs", "--again", "--images", "16"], "theirs has 15", UsageError),
        (["theirs", "more", "--again"], "theirs is no run", UsageError),
    ],
)
def test_wrong_words_are_told_and_nothing_is_written(
    words: list[str],
    what: str,
    kind: type[ZerosumError],
    runs: tuple[RunFolder, ...],
    fakes: Path,
) -> None:
    Path("empty").mkdir()
    Path("file").touch()
    shutil.copytree(fakes, "theirs")
    shutil.copytree(fakes, "more")
    (Path("runs") / "bare").mkdir()
    shutil.copy(runs[0].recipe_file, "runs/bare")
    error = refusal("compare", *words)
    assert what in error.what and type(error) is kind
    assert not Path("comparisons").exists()
    assert not any(run.scores_file.exists() for run in runs)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_told(runs: tuple[RunFolder, ...]) -> None:
    Path("locked").mkdir(mode=0o500)
    assert "cannot write" in refusal("compare", *(run.path for run in runs), "--out", "locked").what


def test_the_files_of_another_comparison_are_not_replaced(
    runs: tuple[RunFolder, ...], fakes: Path
) -> None:
    one, two = (run.path for run in runs)
    first = output("compare", one, two, *FAST, "--out", "here")
    assert output("compare", two, one, *FAST, "--out", "here")[-1] == first[-1]
    assert (
        "here holds another comparison"
        in refusal("compare", one, fakes, *FAST, "--out", "here").what
    )


def test_missing_paths_are_told_before_torch_is_imported(tmp_path: Path) -> None:
    assert "torch" not in imported(["compare", str(tmp_path), str(tmp_path / "missing")])
    assert "torch" not in imported(["compare", str(tmp_path)])


def test_tables_of_many_columns_are_printed_in_parts() -> None:
    row = ("schedule.batch", *["12345678"] * 9)
    table = Table(("", *"abcdefghi"), (row,))

    def blocks(table: Table, width: int) -> list[list[int]]:
        return [part[1:] for part in table_parts(table, range(10), width)]

    parts = blocks(table, 80)
    assert [place for part in parts for place in part] == list(range(1, 10))
    assert [len(part) for part in parts] == [6, 3]
    assert blocks(table, 5) == [[place] for place in range(1, 10)], "one at least"

"""`zerosum evaluate` of a run that restores pictures: one table, and what is refused."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

import zerosum
from tests.cli.scored_runs import output, refusal
from tests.generation.restored_runs import restoring_run
from zerosum.records.lines import append_line
from zerosum.records.run import RunFolder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Shared: its scores are added to."""
    return restoring_run(tmp_path_factory.mktemp("restoring") / "run")


def evaluated(*words: object) -> list[str]:
    return output("evaluate", *words, "--device", "cpu")


def asked(run: RunFolder, *words: object) -> dict[str, Any]:
    line: dict[str, Any] = json.loads("\n".join(evaluated(run.path, *words, "--json")))
    return line


def test_the_table_compares_damaged_pretrained_and_adversarial(run: RunFolder) -> None:
    lines = evaluated(run.path)
    heads = " ".join(lines[:2]).split()
    assert heads == [
        "FID", "↓", "PSNR", "↑", "(digits)", "precision", "↑", "(dB)", "SSIM", "↑",
    ]  # fmt: skip
    named = [line.split()[0] for line in lines[2:8]]
    assert named == ["damaged", "±", "pre-trained", "±", "adversarial", "±"]
    assert max(map(len, lines[:8])) <= 80
    text = "\n".join(lines)
    # 60 are in all; a fourth only compares checkpoints.
    assert "restored   45 images of run, checkpoint 000003000, last weights" in text
    assert "damaged    shrink 1 (1.5 to 3), number 0.5, jpeg 1 (10 to 70); seed 0" in text
    assert "originals  45 images of digits (held out), the same pictures before the damage" in text
    assert "note       pre-trained: checkpoint 000001000, last weights" in text


def test_the_line_is_kept_with_the_run_and_its_summary_is_written_anew(run: RunFolder) -> None:
    run.summary_file.unlink(missing_ok=True)
    before = run.scores()
    printed = asked(run)
    (scored,) = run.scores()[len(before) :]
    line = scored.as_dict()
    assert line == printed
    assert (line["kind"], line["images"]) == ("manual", 3000)
    assert list(line["scores"]) == ["fid", "precision"], "other readers know these alone"
    restoration = line["restoration"]
    assert restoration["count"] == line["protocol"]["fakes"] == line["protocol"]["reals"] == 45
    assert list(restoration["versions"]) == ["damaged", "pretrained", "restored"]
    for scores in restoration["versions"].values():
        assert list(scores) == ["fid", "precision", "psnr", "ssim"]
        assert scores["psnr"]["error"] > 0 and scores["ssim"]["error"] > 0
    assert line["scores"]["fid"] == restoration["versions"]["restored"]["fid"]
    assert line["floor"] == {}
    assert "| adversarial |" in run.summary_file.read_text()


def test_checkpoint_images_and_scores_are_honoured(run: RunFolder) -> None:
    line = asked(run, "--checkpoint", 1000, "--images", 30, "--scores", "kid,copying")
    assert list(line["restoration"]["versions"]) == ["damaged", "pretrained"]
    assert list(line["scores"]) == ["kid", "copying"]
    assert (line["restoration"]["count"], line["images"]) == (30, 1000)
    assert "has not learnt from the critic yet" in line["notes"][-1]
    by_path = asked(run, "--images", 30)
    folder = json.loads("\n".join(evaluated(
        run.checkpoints / "000003000", "--images", 30, "--json"
    )))  # fmt: skip
    assert folder["scores"] == by_path["scores"]


def test_the_same_pictures_have_the_same_numbers_at_every_call(run: RunFolder) -> None:
    one, other = asked(run), asked(run)
    assert (
        one["restoration"]["versions"]["damaged"]["psnr"]
        == (other["restoration"]["versions"]["damaged"]["psnr"])
    )
    assert one["protocol"] == other["protocol"]


@pytest.mark.parametrize(
    ("words", "told", "remedy"),
    [
        (("--against", "digits"), "compared with their own originals", "leave --against out"),
        (("--protocol", "digits"), "protocols are for generated pictures", "leave --protocol out"),
        (("--split", "train"), "originals, which are held out", "leave --split out"),
        (("--save-reference", "r.safetensors"), "is of no use", "leave --save-reference out"),
        (("--seed", 3), "drawn by the run's own seed", "leave --seed out"),
        (("--images", 1986), "1,985 held out, without those", "give --images 1985 or fewer"),
        (("--resolution", 64), "is a run, whose images are 32×32", "leave --resolution out"),
        (("--checkpoint", 7), "has no checkpoint '7'", "000003000"),
        (("--average",), "has no average of the weights", "leave --average out"),
        (("--scores", "fdi"), "there is no score 'fdi'", "did you mean fid?"),
        (("--scores", "psnr"), "there is no score 'psnr'", "choose from"),
        (("--layer", "2048"), "digits has no layer", "features"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    run: RunFolder, words: tuple[object, ...], told: str, remedy: str
) -> None:
    before = run.scores()
    error = refusal("evaluate", run.path, *words, "--device", "cpu")
    assert told in error.what and remedy in error.remedy
    assert run.scores() == before


def test_a_run_without_held_out_pictures_is_told_so(tmp_path: Path) -> None:
    run = restoring_run(tmp_path / "run", {"data.split": "all", "data.validation": 0.0})
    error = refusal("evaluate", run.path)
    assert error.what == "restorations are scored on held-out pictures, and digits has none"
    assert "data.validation" in error.remedy


def test_a_run_without_scores_of_its_own_can_be_scored(tmp_path: Path) -> None:
    run = restoring_run(tmp_path / "run", {"evaluation.images": 0}, pretrained=False)
    line = asked(run, "--images", 20, "--scores", "fid")
    assert list(line["restoration"]["versions"]) == ["damaged", "restored"]


def test_the_python_function_does_what_the_command_does(run: RunFolder) -> None:
    scores = zerosum.evaluate(run.path, count=30, scores=("fid",), device="cpu")
    line = asked(run, "--images", 30, "--scores", "fid")
    versions = line["restoration"]["versions"]
    assert list(scores.versions) == list(versions)
    for name, of_one in scores.versions.items():
        assert math.isclose(of_one["psnr"].value, versions[name]["psnr"]["value"], rel_tol=1e-9)
    assert scores["fid"] == pytest.approx(versions["restored"]["fid"]["value"], rel=1e-6)


def test_other_lines_of_the_run_keep_their_own_table(run: RunFolder) -> None:
    from click.testing import CliRunner

    from zerosum.cli.evaluate import evaluate, print_scores

    assert "adversarial" in CliRunner().invoke(evaluate, ["--help"]).output
    line = asked(run, "--images", 20)
    del line["restoration"]
    append_line(run.scores_file, line)
    print_scores(run.scores()[-1])


@pytest.mark.real
def test_photographs_are_scored_in_the_features_of_inception(
    tmp_path: Path, real_data: Path, inception_weights: Path
) -> None:
    run = restoring_run(
        tmp_path / "run",
        {
            "data.source": str(real_data / "faces.zip"),
            "data.channels": 3,
            "data.limit": 100,
            "evaluation.images": 60,
            "evaluation.scores": ["fid", "kid", "precision", "recall"],
        },
    )
    lines = evaluated(run.path, "--images", 12, "--weights", inception_weights)
    assert max(map(len, lines[: lines.index("")])) <= 80
    (line,) = run.scores()
    damaged, _, restored = line.as_dict()["restoration"]["versions"].values()
    assert 10 < damaged["psnr"]["value"] < 50 and 0 < damaged["ssim"]["value"] < 1
    assert damaged["fid"]["value"] > 0 and restored["fid"]["value"] > 0

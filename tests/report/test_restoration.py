"""What a report tells of a run that restores pictures: one table, one picture, one sentence."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.generation.restored_runs import restoring_run, small_recipe
from tests.report.test_score_chart import PROTOCOL
from zerosum.data import PackedData, open_data
from zerosum.evaluation.restoration import numbered
from zerosum.generation.restored import restoration_versions, write_restoration
from zerosum.records.logs import ScoreLine
from zerosum.records.run import RunFolder
from zerosum.report import write_summary
from zerosum.report.restoration import caption
from zerosum.report.score_chart import score_lines
from zerosum.report.scores import one_line, score_table, trade_off


def result(value: float | None, error: float | None = None) -> dict[str, float | None]:
    return {"value": value, "error": error}


def versions() -> dict[str, dict[str, dict[str, float | None]]]:
    return {
        "damaged": {"fid": result(90.0, 2.0), "psnr": result(20.0, 0.1), "ssim": result(0.6)},
        "pretrained": {"fid": result(40.0, 1.5), "psnr": result(26.0, 0.1), "ssim": result(0.8)},
        "restored": {"fid": result(25.0, 1.25), "psnr": result(25.0, 0.1), "ssim": result(0.79)},
    }


def line(kind: str = "final", images: int = 3000, **changed: Any) -> ScoreLine:
    parts = {
        "extractor": "inception-2048",
        "damage": "jpeg 1; seed 0",
        "fakes": 75,
        "reals": 75,
        "checkpoint": f"{images:09d}",
    }
    of_all = versions()
    protocol = PROTOCOL.as_dict() | parts | changed
    return ScoreLine(kind, images, {"fid": of_all["restored"]["fid"]}, protocol, versions=of_all)


def test_the_table_has_the_versions_in_their_order_and_the_scores_with_their_directions() -> None:
    table = score_table(line())
    head, rows = table.head, table.rows
    assert head == ["", "FID ↓ (inception-2048)", "PSNR ↑ (dB)", "SSIM ↑"]
    assert rows == [
        ["damaged", "90.0 ± 2.0", "20.00 ± 0.10", "0.600"],
        ["pre-trained", "40.0 ± 1.5", "26.00 ± 0.10", "0.800"],
        ["adversarial", "25.0 ± 1.2", "25.00 ± 0.10", "0.790"],
    ]
    of_all = dict(reversed(versions().items()))
    mixed = replace(line(), versions=of_all)
    assert [row[0] for row in score_table(mixed).rows] == ["damaged", "pre-trained", "adversarial"]
    del of_all["pretrained"]
    assert [row[0] for row in score_table(mixed).rows] == ["damaged", "adversarial"]


def test_an_infinite_psnr_is_shown_as_such() -> None:
    of_all = versions()
    perfect = replace(line(), versions=of_all)
    of_all["restored"]["psnr"] = result(None)
    assert score_table(perfect).rows[2][2] == "∞"
    assert trade_off(perfect) == "", "it has not fallen"
    of_all["pretrained"]["psnr"] = result(None)
    assert trade_off(perfect) == "", "nor has this one"


def test_why_psnr_falls_while_fid_improves_is_told_and_only_then() -> None:
    told = trade_off(line())
    assert told.startswith("PSNR falls from 26.00 to 25.00 dB while FID improves, as expected")
    assert "arXiv 1711.06077" in told and "\n" not in told
    for version, score, value in (
        ("restored", "psnr", 26.5),
        ("restored", "fid", 41.0),
        ("restored", "fid", 40.0),
        ("pretrained", "psnr", 24.0),
    ):
        other = versions()
        other[version][score]["value"] = value
        assert trade_off(replace(line(), versions=other)) == ""
    alone = versions()
    del alone["pretrained"]
    assert trade_off(replace(line(), versions=alone)) == ""


def test_a_line_of_progress_has_psnr_and_ssim_too() -> None:
    assert one_line(line()) == (
        "scores at 3,000 images: FID (inception-2048) 25, PSNR (dB) 25.00, SSIM 0.790"
    )


def test_compared_checkpoints_stand_beside_the_result_though_their_originals_are_others() -> None:
    compared = [
        line("selection", images, fakes=25, reals=25, real_fingerprint="other")
        for images in (1000, 2000, 3000)
    ]
    lines = [*compared, line(), line("manual", 2000, fakes=30, reals=30, real_fingerprint="some")]
    assert score_lines(lines) == [*compared, lines[3]]
    generated = line("manual", 1000, damage="")
    assert generated not in score_lines([*lines, generated])


@pytest.fixture(scope="module")
def data() -> PackedData:
    recipe = small_recipe()
    return open_data(recipe.data, recipe.seed)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return restoring_run(tmp_path / "run")


def test_the_picture_has_the_first_held_out_pictures_in_all_versions(
    run: RunFolder, data: PackedData
) -> None:
    path = write_restoration(run, data, device="cpu")
    assert path == run.restoration_file == run.charts / "restoration.png"
    with Image.open(path) as image:
        sheet, text = np.asarray(image), dict(getattr(image, "text", {}))
    originals = numbered(data, np.arange(8))
    sides = restoration_versions(run, originals, device="cpu").values()
    for row, images in enumerate([*sides, originals.images]):
        for column in (0, 7):
            top, left = 2 + 34 * row, 2 + 34 * column
            shown = sheet[top : top + 32, left : left + 32]
            assert (shown == images.read(column, 1)[0, ..., 0]).all()
    assert sheet.shape == (2 + 4 * 34, 2 + 8 * 34)
    assert text["rows"] == "damaged, pre-trained, adversarial, original"
    assert text["columns"] == "held-out pictures 0 to 7"
    assert text["checkpoint of adversarial"] == "000003000"
    assert text["checkpoint of pre-trained"] == "000001000"


def test_the_picture_is_of_the_best_checkpoint_as_the_scores_are(
    run: RunFolder, data: PackedData
) -> None:
    (run.checkpoints / "best").symlink_to("000001000")
    write_restoration(run, data, device="cpu")
    assert caption(run).startswith("rows from the top: damaged, pre-trained, original; ")


def test_without_held_out_pictures_there_is_no_picture(run: RunFolder) -> None:
    everything = small_recipe({"data.split": "all", "data.validation": 0.0})
    assert write_restoration(run, open_data(everything.data, 0), device="cpu") is None
    assert not run.restoration_file.exists()


def test_the_summary_has_the_table_the_sentence_and_the_picture(
    run: RunFolder, data: PackedData
) -> None:
    run.add_scores(line())
    write_restoration(run, data, device="cpu")
    text = write_summary(run).read_text()
    assert "|  | FID ↓ (inception-2048) | PSNR ↑ (dB) | SSIM ↑ |" in text
    rows = re.findall(r"^\| (damaged|pre-trained|adversarial) \|", text, re.MULTILINE)
    assert rows == ["damaged", "pre-trained", "adversarial"]
    assert "while FID improves, as expected" in text
    assert "damaged    jpeg 1; seed 0" in text
    assert "(charts/restoration.png)" in text
    assert "Rows from the top: damaged, pre-trained, adversarial, original;" in text
    assert "zerosum restore" in text
    for command in ("sample", "interpolate"):
        assert f"zerosum {command}" not in text, "there is no latent to draw"

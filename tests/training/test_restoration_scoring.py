"""Scores of a training that restores pictures: chosen by some held-out ones, reported on others."""

from pathlib import Path
from typing import Any

import pytest

import zerosum
from tests.generation.restored_runs import small_recipe
from zerosum.data import open_data
from zerosum.evaluation.restoration import divide_held_out
from zerosum.records.run import RunFolder
from zerosum.training.progress import Listener
from zerosum.training.request import Devices

SHORT: dict[str, object] = {
    "pretrain.generator_images": 64,
    "pretrain.critic_images": 32,
    "schedule.images": 64,
    "schedule.switch": "fixed",
    "schedule.evaluate_every": 64,
    "schedule.log_every": 2,
    "evaluation.images": 48,
}


class Hearing(Listener):
    def __init__(self) -> None:
        self.told: list[str] = []

    def message(self, text: str) -> None:
        self.told.append(text)


def train(folder: Path, **overrides: object) -> tuple[RunFolder, Hearing]:
    listener = Hearing()
    zerosum.train(
        small_recipe(SHORT | {name.replace("__", "."): value for name, value in overrides.items()}),
        out=folder,
        devices=Devices(device="cpu"),
        listener=listener,
    )
    return RunFolder(folder), listener


@pytest.fixture(scope="module", autouse=True)
def without_charts() -> None:
    """They are drawn here."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Shared: tests change nothing in it."""
    return train(tmp_path_factory.mktemp("restored") / "run")[0]


def lines_of(run: RunFolder, kind: str) -> list[dict[str, Any]]:
    return [line.as_dict() for line in run.scores() if line.kind == kind]


def test_the_result_is_of_other_pictures_than_the_choice(run: RunFolder) -> None:
    (reported,), compared = lines_of(run, "final"), lines_of(run, "selection")
    assert len(compared) >= 2 and reported["compared"] == len(compared)
    recipe = small_recipe(SHORT)
    held_out = divide_held_out(open_data(recipe.data, 0), 0, 48, recipe.data.fit)
    fingerprints = {line["protocol"]["real_fingerprint"] for line in compared}
    assert fingerprints == {held_out.compared.images.fingerprint}
    assert reported["protocol"]["real_fingerprint"] == held_out.reported.images.fingerprint
    assert {line["restoration"]["count"] for line in compared} == {12}
    assert reported["restoration"]["count"] == 36
    assert list(compared[0]["restoration"]["versions"]) == ["restored"]
    best = min(compared, key=lambda line: line["scores"]["fid"]["value"])
    assert (run.checkpoints / "best").resolve().name == f"{best['images']:09d}"
    assert reported["images"] == best["images"]


def test_the_reported_line_has_the_versions_and_the_reports_show_them(run: RunFolder) -> None:
    (reported,) = lines_of(run, "final")
    names = list(reported["restoration"]["versions"])
    assert names[0] == "damaged" and names[1] == "pretrained"
    assert (run.charts / "restoration.png").is_file()
    text = run.summary_file.read_text()
    assert "| damaged |" in text and "(charts/restoration.png)" in text


def test_without_comparisons_the_same_pictures_are_left_out(run: RunFolder, tmp_path: Path) -> None:
    other, _ = train(tmp_path / "run", schedule__evaluate_every=0)
    (reported,), (wanted,) = lines_of(other, "final"), lines_of(run, "final")
    assert not lines_of(other, "selection") and reported["compared"] == 0
    for part in ("real_fingerprint", "reals", "fakes"):
        assert reported["protocol"][part] == wanted["protocol"][part]
    assert list(reported["restoration"]["versions"]) == ["damaged", "pretrained", "restored"]


def test_a_run_that_holds_nothing_out_ends_well_and_says_why_it_has_no_scores(
    tmp_path: Path,
) -> None:
    run, heard = train(tmp_path / "run", data__split="all", data__validation=0.0)
    assert run.state()["status"] == "finished" and not run.scores()
    told = [text for text in heard.told if "scores" in text or "validation" in text]
    assert told[0] == (
        "no scores: restorations are scored on held-out pictures, and digits has none"
    )
    assert "data.validation" in told[1] and len(told) == 2

"""A study that asks for Inception is scored with it where its weights are, and else says so."""

from pathlib import Path
from typing import Any

import platformdirs
import pytest

from tests.studies.tiny import tiny_study
from zerosum import api_studies
from zerosum.api_studies import estimate_study
from zerosum.evaluation.extractors.inception import FILE, VARIABLE
from zerosum.studies.begin import begin_study
from zerosum.studies.cells import cells_of
from zerosum.studies.features import FIELD, with_extractor
from zerosum.studies.folder import StudyFolder
from zerosum.studies.load import load_study
from zerosum.studies.request import StudyRequest
from zerosum.studies.scoring_time import ScoringTime
from zerosum.studies.settings import Study


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No weights on this machine; the folder where they would lie."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(platformdirs, "user_data_path", lambda _: tmp_path / "data")
    return tmp_path / "data" / "weights"


def lay(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(b"weights")


def capacity() -> Study:
    return load_study("mnist-capacity")


def extractors(study: Study) -> set[str]:
    return {cell.settings().evaluation.extractor for cell in cells_of(study)}


def test_the_assignment_is_scored_with_inception_where_its_weights_are(
    nowhere: Path, tmp_path: Path
) -> None:
    lay(nowhere)
    study, told = with_extractor(capacity(), StudyFolder(tmp_path / "study"))
    assert extractors(study) == {"inception"}
    assert told == [f"scored in features of FID's Inception: {nowhere / FILE}"]


def test_without_weights_the_first_lines_say_that_the_number_is_another_and_what_to_do(
    nowhere: Path, tmp_path: Path
) -> None:
    study, (what, remedy) = with_extractor(capacity(), StudyFolder(tmp_path / "study"))
    assert extractors(study) == {"auto"}
    assert "no Inception weights" in what and "another number than the course assignment's" in what
    assert str(nowhere / FILE) in remedy and VARIABLE in remedy and "torch-fidelity" in remedy


def test_a_study_goes_on_in_the_features_that_it_began_with(nowhere: Path, tmp_path: Path) -> None:
    folder, asked = StudyFolder(tmp_path / "study"), tiny_study(extractor="inception")
    study, _ = with_extractor(asked, folder)
    begin_study(folder, study, "")
    lay(nowhere)
    study, (what, remedy) = with_extractor(asked, folder)
    assert extractors(study) == {"auto"} and "another number" in what and "--out" in remedy

    other = StudyFolder(tmp_path / "other")
    study, _ = with_extractor(asked, other)
    begin_study(other, study, "")
    (nowhere / FILE).unlink()
    study, told = with_extractor(asked, other)
    assert extractors(study) == {"inception"} and told == []


@pytest.mark.parametrize("how", [{"settings": {FIELD: "digits"}}, {"extractor": ""}])
def test_what_somebody_set_stays(how: dict[str, Any], nowhere: Path, tmp_path: Path) -> None:
    lay(nowhere)
    asked = tiny_study(**{"extractor": "inception", **how})
    assert with_extractor(asked, StudyFolder(tmp_path / "study")) == (asked, [])


def test_a_dry_run_says_it_in_its_first_lines_too(
    nowhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_studies, "estimate", lambda *_, **__: [])
    monkeypatch.setattr(api_studies, "scoring_time", lambda *_: ScoringTime())
    said: list[str] = []
    asked = StudyRequest(out=tmp_path / "study")
    estimate_study(tiny_study(extractor="inception"), asked, said.append)
    assert said[0].startswith("no Inception weights")
    assert str(nowhere) in said[1]

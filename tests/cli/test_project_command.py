"""`zerosum project`: the latents whose pictures come nearest, of given pictures and of a run's."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import zerosum
from tests.cli.scored_runs import output, pictures_of_noise, refusal, run_on
from tests.generation.restored_runs import restoring_run
from tests.generation.test_full_disk import no_file_larger_than
from zerosum.analysis.opening import Source
from zerosum.analysis.projected import Group, Kind, Projected, ProjectedPictures, Target
from zerosum.analysis.projection import Distance, Projection
from zerosum.records.run import RunFolder
from zerosum.report.page.findings import projection_findings

FEW = ("--steps", 2, "--starts", 1, "--device", "cpu")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Trained on 20 grey pictures, with 10 more held out."""
    folder = tmp_path_factory.mktemp("projected")
    pictures = pictures_of_noise(folder / "pictures", 30)
    return run_on(pictures, folder / "run", data_validation=1 / 3, data_fit="crop")


@pytest.fixture(scope="module")
def with_classes(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The same of two classes, which it learnt."""
    folder = tmp_path_factory.mktemp("classes")
    for name in ("cats", "dogs"):
        pictures_of_noise(folder / "pictures" / name, 15)
    return run_on(
        folder / "pictures", folder / "run", data_validation=1 / 3, network_conditional=True,
        data_classes=["cats", "dogs"],
    )  # fmt: skip


def told(path: str) -> dict[str, object]:
    content: dict[str, object] = json.loads(Path(path).read_text())
    return content


def test_held_out_pictures_lie_beside_those_of_the_training_and_its_own(run: RunFolder) -> None:
    lines = output("project", run.path, *FEW, "-n", 2)
    assert lines[-2:] == [str(run.charts / "projection.png"), str(run.projection_file)]
    numbers = told(lines[-1])
    assert lines[0] == numbers["verdict"] and lines[0].startswith("it comes no nearer")
    assert lines[1].startswith("2 pictures, held out: ")
    groups = numbers["groups"]
    assert isinstance(groups, dict) and list(groups) == ["held_out", "training", "its_own"]
    assert {each["images"] for each in groups.values()} == {2}
    pictures = numbers["pictures"]
    assert isinstance(pictures, list) and len(pictures) == numbers["images"] == 6
    assert all(len(each["latent"]) == 16 for each in pictures)
    off = [each["distance"]["pixels"] for each in pictures if each["of"] == "held_out"]
    assert groups["held_out"]["distance"]["pixels"]["mean"] == pytest.approx(np.mean(off))
    with Image.open(run.charts / "projection.png") as picture:
        assert np.asarray(picture.convert("L")).std() > 10
    later = zerosum.project(
        run.path, run.path.parent / "pictures" / "000.png", steps=1, device="cpu", quiet=True
    )
    other = run.path / "projection-notes.json"
    other.write_text("{}")
    [shown] = projection_findings(run)
    other.unlink()
    assert later.numbers.is_file() and shown.command == f"zerosum project {run.path}"
    assert shown.verdict == numbers["verdict"] and shown.picture is not None
    assert shown.table is not None and [row[:2] for row in shown.table.rows] == [
        ("held out", "2"), ("of the training", "2"), ("that it made itself", "2"),
    ]  # fmt: skip
    assert f": {shown.table.rows[0][2]} grey levels off" in lines[1]


def test_a_given_picture_is_fitted_as_the_data_of_the_run(run: RunFolder, tmp_path: Path) -> None:
    wide = np.zeros((32, 80, 3), np.uint8)
    wide[:, 20:60] = 200  # more than the square in the middle
    Image.fromarray(wide).save(tmp_path / "wide photo.png")
    found = zerosum.project(
        run.path, tmp_path / "wide photo.png", steps=2, starts=1, device="cpu", quiet=True
    )
    assert found.picture == run.charts / "projection-wide-photo.png"
    assert (found.found.projected[0].target.picture == 200).all()
    assert [group.kind for group in found.found.groups] == ["given"], "no others were asked for"
    assert "1 picture, given: " in repr(found) and "by heart" not in repr(found)
    assert "class" not in found.numbers.read_text()


def test_an_array_is_searched_for_and_its_latents_make_what_was_found(run: RunFolder) -> None:
    opened = zerosum.Run.open(run.path)
    generator = opened.generator(device="cpu")
    found = opened.project(generator([300, 301]), steps=2, starts=1, device="cpu", quiet=True)
    assert found.latents.shape == (2, 16)
    pictures = [each.found.picture for each in found.found.projected]
    assert np.array_equal(generator(found.latents), pictures)
    alone = opened.project(generator([301]), steps=2, starts=1, device="cpu", quiet=True)
    assert np.array_equal(alone.latents[0], found.latents[1]), "whatever else is searched for"
    with pytest.raises(zerosum.UsageError, match="the pictures are 8×8 in colour"):
        opened.project(np.zeros((1, 8, 8, 3), np.uint8), quiet=True)
    with pytest.raises(TypeError, match="pictures= is a path or a list of paths"):
        opened.project(5, quiet=True)  # type: ignore[arg-type]


def test_classes_are_those_of_the_pictures_those_asked_for_or_all(
    with_classes: RunFolder, tmp_path: Path
) -> None:
    Image.fromarray(np.zeros((16, 16), np.uint8)).save(tmp_path / "one.png")

    def projected(*pictures: Path, **asked: Any) -> tuple[Projected, ...]:
        few: dict[str, Any] = {"steps": 1, "starts": 1, "device": "cpu", "quiet": True}
        return zerosum.project(with_classes.path, pictures, **few | asked).found.projected

    own = projected(count=2)
    assert all(each.label == each.target.label for each in own)
    assert {each.label for each in own[-2:]} == {"cats", "dogs"}, "the generator's take turns"
    assert {each.label for each in projected(count=2, classes="dogs")} == {"dogs"}
    one = tmp_path / "one.png"
    assert [each.label for each in projected(one, classes=0)] == ["cats"]
    tried = {projected(one, seed=seed)[0].label for seed in range(4)}
    assert tried == {"cats", "dogs"}


@pytest.mark.parametrize(
    ("words", "what", "remedy"),
    [
        (["missing.png"], "there is nothing at missing.png", "path of a picture"),
        (["folder"], "folder is a folder", "folder/*.png"),
        (["text.png"], "text.png: not an image", "another picture"),
        (["--class", "cat"], "learnt no classes", "leave --class out"),
        (["--out", "x.jpg"], "x.jpg does not end in .png", "--out"),
        (["--checkpoint", "7"], "no checkpoint '7'", "latest"),
    ],
)
def test_wrong_words_are_refused_and_nothing_is_written(
    words: list[str], what: str, remedy: str, run: RunFolder, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("text.png").write_text("text")
    before = sorted(run.path.rglob("*"))
    error = refusal("project", run.path, *FEW, *words)
    assert what in error.what and remedy in error.remedy
    assert sorted(run.path.rglob("*")) == before


def test_a_run_that_restores_has_no_latents(tmp_path: Path) -> None:
    restoring_run(tmp_path / "run")
    assert "restores damaged pictures" in refusal("project", tmp_path / "run").what


def test_a_full_disk_leaves_what_was_there(run: RunFolder, tmp_path: Path) -> None:
    Image.fromarray(np.zeros((16, 16), np.uint8)).save(tmp_path / "one.png")
    before = sorted(run.path.rglob("*"))
    with no_file_larger_than(600):
        error = refusal("project", run.path, *FEW, tmp_path / "one.png")
    assert "no space left to write" in error.what
    assert sorted(run.path.rglob("*")) == before


def test_other_pictures_and_other_searches_replace_no_result(
    with_classes: RunFolder, tmp_path: Path
) -> None:
    few: dict[str, Any] = {"steps": 1, "starts": 1, "device": "cpu", "quiet": True}
    one, other = (np.full((1, 16, 16, 1), grey, np.uint8) for grey in (0, 200))
    for pictures, asked in (
        (one, {}), (other, {}), (one, {"steps": 2}), (one, {"starts": 2}), (one, {"classes": 0}),
        (one, {"classes": "cats"}),
    ):  # fmt: skip
        found = zerosum.project(with_classes.path, pictures, **few | asked)
        assert found.numbers == with_classes.path / "projection-array.json"
    assert len(list(with_classes.path.glob("projection-array*.json"))) == 5
    for folder, pixels in (("a", one), ("b", other)):
        (tmp_path / folder).mkdir()
        Image.fromarray(pixels[0, :, :, 0]).save(tmp_path / folder / "same.png")
        zerosum.project(with_classes.path, tmp_path / folder / "same.png", **few)
    assert len(list(with_classes.path.glob("projection-same*.json"))) == 2


def projected(kind: Kind, off: list[float]) -> Group:
    """Pictures that are so many grey levels off."""
    nothing, far = np.zeros((1, 1, 1), np.uint8), Distance(100.0, 1.0)

    def each(pixels: float) -> Projected:
        found = Projection(np.zeros(2, np.float32), nothing, Distance(pixels, 0.1), 0, nothing, far)
        return Projected(Target(kind, "0", nothing), found, "")

    return Group(kind, tuple(each(pixels) for pixels in off))


def test_training_pictures_that_are_nearer_by_more_than_chance_were_learnt_by_heart() -> None:
    def verdict(training: list[float]) -> str:
        groups = (projected("held out", [40, 45, 50, 55]), projected("training", training))
        return ProjectedPictures(groups, Source("run"), 200, 2, 2).verdict()

    assert "learnt some of them by heart (p = 0.00" in verdict([10, 12, 14, 16])
    assert "no sign that it learnt them by heart (p = 0.5, 4 and 4" in verdict([40, 45, 50, 55])
    assert "no sign" in verdict([80, 82, 84, 86]), "farther off is no sign of that"
    assert "no sign" in verdict([40, 50]), "few, and within chance"


@pytest.mark.parametrize(("training", "held_out"), [([40, 50], [45]), ([45], [40, 50])])
def test_of_one_picture_there_is_no_verdict(training: list[float], held_out: list[float]) -> None:
    groups = projected("held out", held_out), projected("training", training)
    found = ProjectedPictures(groups, Source("run"), 200, 2, 2)
    assert found.chance is None and found.verdict().startswith("too few")
    assert f"{len(training)} and {len(held_out)} pictures" in found.lines()[0]

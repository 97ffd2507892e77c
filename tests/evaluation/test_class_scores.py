"""Scores within classes, with the two controls that tell what each of them sees."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

import zerosum
from zerosum.comparing.comparability import comparable, difference_words, protocol_of
from zerosum.comparing.rescore import score_again
from zerosum.comparing.sides import Side
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.by_class import open_classes
from zerosum.evaluation.evaluate import evaluate
from zerosum.evaluation.extractors import Extractor, open_extractor
from zerosum.evaluation.features import Features, extract_features
from zerosum.evaluation.images import Images, array_images
from zerosum.evaluation.measure import Measure, Stage, no_stage
from zerosum.evaluation.opening import open_images
from zerosum.evaluation.reference import load_reference, read_reference, save_reference
from zerosum.evaluation.request import Request
from zerosum.evaluation.scores import (
    Labelled,
    RealSide,
    Result,
    compute_scores,
    train_on_generated,
)
from zerosum.evaluation.scores.fid import fid
from zerosum.evaluation.scores.labelled import mean_of_classes
from zerosum.evaluation.scoring import Scores, score_images
from zerosum.generation.generator import load_generator
from zerosum.generation.images import run_images
from zerosum.generation.sample import write_samples
from zerosum.randomness import random_for
from zerosum.recipe.load import read_recipe
from zerosum.records.logs import ScoreLine
from zerosum.records.run import RunFolder
from zerosum.report.class_scores import MOST, class_table

CLASSES = ("class-fid", "class-kid", "class-accuracy")


@pytest.fixture(scope="module")
def digits() -> Extractor:
    return open_extractor("digits")


@pytest.fixture(scope="module")
def reals() -> Images:
    """2,000 held-out digits, about 200 of each class."""
    return open_images("digits", part="held out")


@pytest.fixture(scope="module")
def others() -> Images:
    """1,000 other digits, as a good generator would make them: 100 of each class."""
    train = open_images("digits", part="train")
    return train.chosen(rows_of(train, 100))


def rows_of(images: Images, count: int) -> NDArray[np.int64]:
    """So many images of each class, which take turns."""
    assert images.labels is not None
    of_each = [np.flatnonzero(images.labels == kind)[:count] for kind in range(10)]
    return np.stack(of_each, axis=1).reshape(-1)


def measured(
    digits: Extractor, fakes: Images, reals: Images, *names: str, others: Images | None = None
) -> Scores:
    return score_images(fakes, reals, Measure(digits, "features", names), others=others)


def features(digits: Extractor, images: Images) -> Features:
    return extract_features(images, digits, ("features",))["features"]


def shifted(images: Images) -> Images:
    """The same images, each said to be of the class after its own."""
    assert images.labels is not None
    return replace(images, labels=(images.labels + 1) % 10)


def test_labels_shifted_by_one_are_seen_within_classes_and_nowhere_else(
    digits: Extractor, others: Images, reals: Images
) -> None:
    names = ("fid", "recall", *CLASSES)
    right = measured(digits, others, reals, *names)
    wrong = measured(digits, shifted(others), reals, *names)
    assert (wrong["fid"], wrong["recall"]) == (right["fid"], right["recall"])
    assert right["class-accuracy"] > 0.97 and wrong["class-accuracy"] < 0.02
    assert wrong["class-fid"] > 5 * right["class-fid"]
    assert wrong["class-kid"] > 5 * right["class-kid"]


def test_one_image_of_each_class_again_and_again_obeys_and_has_no_variety(
    digits: Extractor, others: Images, reals: Images
) -> None:
    names = ("recall", "class-fid", "class-accuracy")
    right = measured(digits, others, reals, *names)
    same = measured(digits, others.chosen(np.tile(np.arange(10), 100)), reals, *names)
    assert same["class-accuracy"] > 0.9
    assert same["recall"] == 0
    assert same["class-fid"] > 5 * right["class-fid"]


def test_a_score_within_classes_is_the_mean_of_what_each_class_has_alone(
    digits: Extractor, others: Images, reals: Images
) -> None:
    found = measured(digits, others, reals, "class-fid").values["class-fid"]
    assert others.labels is not None and reals.labels is not None
    for kind, name in enumerate(reals.class_names):
        alone = fid(
            features(digits, others)[others.labels == kind],
            RealSide(features(digits, reals)[reals.labels == kind]),
        )
        assert found.classes[name] == alone
    assert found.value == pytest.approx(np.mean([each.value for each in found.classes.values()]))


def test_the_error_of_a_mean_of_classes_is_that_of_independent_ones() -> None:
    """A class of error 0 beside one of error 2 makes 1, as well known as the second."""
    found = mean_of_classes({"a": Result(1.0, 0.0, 4), "b": Result(3.0, 2.0, 16)})
    assert (found.value, found.error, found.freedom) == (2.0, 1.0, 16)
    assert mean_of_classes({"a": Result(1.0), "b": Result(3.0, 2.0, 16)}).error is None


def test_errors_within_classes_are_what_scores_deviate_by_over_draws() -> None:
    """Of four classes of 60 images each, normal in 6 dimensions, 40 draws of a generator."""
    kinds = np.arange(240) % 4
    side = array_images(np.zeros((240, 1, 1), np.uint8))
    sides = Labelled(("a", "b", "c", "d"), side, side, kinds, kinds)

    def drawn(name: str, draw: int) -> Features:
        values = random_for(0, name, draw).standard_normal((240, 6))
        return (values + 3 * kinds[:, None] + 0.3 * (name == "fake")).astype(np.float32)

    real = RealSide(drawn("real", 0))
    names = ("class-fid", "class-kid")
    draws = [compute_scores(names, drawn("fake", n), real, labelled=sides) for n in range(40)]
    for name in names:
        deviation = np.std([draw[name].value for draw in draws], ddof=1)
        error = np.mean([draw[name].error or 0 for draw in draws])
        assert 0.7 < error / deviation < 1.6, name


def test_classes_are_known_by_their_names_and_not_by_their_order(
    digits: Extractor, others: Images, reals: Images
) -> None:
    assert others.labels is not None
    turned = replace(
        others, labels=9 - others.labels, class_names=tuple(reversed(others.class_names))
    )
    one, other = (measured(digits, each, reals, *CLASSES) for each in (others, turned))
    assert one.values == other.values


def test_other_classes_than_digits_are_found_by_the_nearest_real_images(
    digits: Extractor, others: Images, reals: Images
) -> None:
    names = tuple(f"kind {number}" for number in range(10))
    fakes, real = (replace(images, class_names=names) for images in (others, reals))
    found = measured(digits, fakes, real, "class-accuracy")
    assert found["class-accuracy"] > 0.97
    assert found["class-accuracy"] != measured(digits, others, reals, *CLASSES)["class-accuracy"]
    assert measured(digits, shifted(fakes), real, "class-accuracy")["class-accuracy"] < 0.02


def test_what_real_images_have_stands_beside_each_score_and_each_class(
    digits: Extractor, others: Images, reals: Images
) -> None:
    held_out = open_images("digits", part="train").chosen(np.arange(1000, 3000))
    for real in (held_out, None):  # of other images, and of halves
        scores = measured(digits, others, reals, *CLASSES, others=real)
        assert scores.floor is not None
        floor = scores.floor.scores
        assert floor["class-accuracy"].value > 0.97
        assert floor["class-kid"].value == pytest.approx(0, abs=0.01)
        assert len(floor["class-fid"].classes) == 10
        assert floor["class-fid"].error is None


def test_a_score_that_a_class_has_too_few_images_for_is_left_out_with_the_reason(
    digits: Extractor, others: Images, reals: Images
) -> None:
    few = others.first(300)  # 30 of each class, in 64 dimensions
    scores = measured(digits, few, reals, *CLASSES)
    assert list(scores.values) == ["class-kid", "class-accuracy"]
    note = next(note for note in scores.notes if note.startswith("FID within classes is left out"))
    assert "30 generated images of class 0 are too few: it takes 65 of each class" in note
    with pytest.raises(UsageError, match="64 dimensions has not full rank") as error:
        measured(digits, few, reals, "class-fid")
    assert "class-kid" in error.value.remedy


def test_sides_that_have_not_the_same_classes_are_refused(
    digits: Extractor, others: Images, reals: Images
) -> None:
    assert others.labels is not None
    plain = replace(others, labels=None, class_names=())
    lacking = others.chosen(np.flatnonzero(others.labels != 3))
    threes = others.chosen(np.flatnonzero(others.labels == 3))
    cases: tuple[tuple[Images, Images, str], ...] = (
        (plain, reals, "the images of digits have no classes"),
        (others, replace(reals, labels=None), "the images of digits have no classes"),
        (lacking, reals, "digits has images of 3, and digits has none"),
        (threes, threes, "all images of digits are of one class"),
    )
    for fakes, real, why in cases:
        with pytest.raises(UsageError) as error:
            measured(digits, fakes, real, "fid", "class-kid")
        assert error.value.what == f"KID within classes: {why}"
        assert "leave class-kid out" in error.value.remedy


def test_a_saved_reference_keeps_its_classes(
    digits: Extractor, others: Images, reals: Images, tmp_path: Path
) -> None:
    measure, path = Measure(digits, "features", CLASSES), tmp_path / "real.safetensors"
    save_reference(path, reals, features(digits, reals), measure)
    saved = load_reference(read_reference(path), measure)
    assert measured(digits, others, saved, *CLASSES).values == (
        measured(digits, others, reals, *CLASSES).values
    )
    with pytest.raises(UsageError, match="has no pixels, which train-on-generated needs"):
        measured(digits, others, saved, "fid", "train-on-generated")
    with safe_open(path, framework="numpy") as file:
        matrix, written, metadata = *map(file.get_tensor, ("features", "labels")), file.metadata()
    for labels, why in (
        (np.roll(written, 1), "its labels are not what was written"),
        (written.view(np.uint64), "its labels are not what was written"),
        (written[1:], "not a reference of this version"),
        (None, "not a reference of this version"),
    ):
        tensors = {"features": matrix} | ({} if labels is None else {"labels": labels})
        save_file(tensors, path, metadata)
        with pytest.raises(ZerosumError, match=why):
            load_reference(read_reference(path), measure)


# Of a run


@pytest.fixture(scope="module")
def run(make_run: Callable[..., RunFolder]) -> RunFolder:
    """A run that learnt the bundled digits by class; nobody trained it."""
    fields = {
        "data.source": "digits",
        "data.classes": tuple("0123456789"),
        "evaluation.images": 100,
    }
    scores = ("fid", "class-kid", "class-accuracy")
    more = {"network.conditional": True, "evaluation.scores": scores, "evaluation.images": 100}
    return make_run(fields | more)


def evaluated(images: Path, against: str = "", scores: tuple[str, ...] = ()) -> Scores:
    request = Request(str(images), against, scores=scores, extractor="digits", device="cpu")
    return evaluate(request, run_images).scores


def test_a_run_that_learnt_classes_is_scored_by_them(run: RunFolder) -> None:
    scores = evaluated(run.path)
    assert list(scores.values) == ["fid", "class-kid", "class-accuracy"]
    told = "10 classes: 10 generated and 170 to 226 real images of each"
    assert scores.protocol.classes == told
    assert f"classes    {told}" in scores.protocol.lines()


def test_checkpoints_and_the_result_of_a_training_are_scored_by_class(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zerosum.api.write_reports", lambda _: None)  # which take the longest
    scores = ["class-kid", "class-fid"]
    fields = {"width": 4, "images": 128, "schedule.evaluate_every": 64, "evaluation.images": 700,
              "evaluation.scores": scores, "evaluation.decides": "class-kid"}  # fmt: skip
    run = zerosum.train("digits-classes", out=tmp_path / "run", overrides=fields, quiet=True)
    few, *_, many = run.folder.scores()
    assert (few.kind, list(few.scores)) == ("selection", ["class-kid"])
    assert (many.kind, list(many.scores)) == ("final", scores)
    assert [line.classes["7"]["fakes"] for line in (few, many)] == [17, 70]
    assert "class-kid" in many.classes["7"]["floor"]


def test_scores_of_a_recipe_that_the_real_images_have_no_classes_for_are_left_out(
    run: RunFolder, write_pictures: Callable[..., Path]
) -> None:
    """Whoever names such a score is refused."""
    folder = str(write_pictures("plain", 30, side=32, grey=True))
    scores = evaluated(run.path, folder)
    assert list(scores.values) == ["fid"] and scores.protocol.classes == ""
    why = "the images of plain have no classes"
    assert f"KID within classes, class accuracy: left out, because {why}" in scores.notes
    with pytest.raises(UsageError, match=why):
        evaluated(run.path, folder, ("fid", "class-kid"))


def test_pictures_in_folders_of_their_classes_are_scored_as_their_run_is(
    run: RunFolder, tmp_path: Path
) -> None:
    write_samples(load_generator(run, device="cpu"), tmp_path / "made", 100)
    folder = Request(str(tmp_path / "made"), "digits", scores=("class-kid",), fit="pad")
    made = evaluate(replace(folder, device="cpu"), run_images).scores
    assert made["class-kid"] == pytest.approx(evaluated(run.path)["class-kid"], rel=1e-5)


def test_what_scores_sides_anew_measures_classes_where_all_have_the_same(
    run: RunFolder, others: Images
) -> None:
    measured: list[tuple[str, ...]] = []

    def score(request: Request, _: Stage) -> ScoreLine:
        measured.append(request.scores)
        return ScoreLine("manual", 0, {}, {})

    one = Side("run", str(run.path), run, read_recipe(run.recipe_file))
    large = replace(others, shape=(32, 32, 1))
    alike = Side("alike", "digits", images=large)
    plain = Side("plain", "digits", images=replace(large, labels=None, class_names=()))
    for other in (alike, plain):
        score_again([one, other], Request("", device="cpu"), score)
    assert measured == 2 * [("fid", "class-kid", "class-accuracy")] + 2 * [("fid",)]


# A classifier that learns from generated images


def test_a_classifier_learns_what_its_images_are_said_to_be(
    digits: Extractor, others: Images, reals: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_on_generated, "STEPS", 60)
    monkeypatch.setattr(train_on_generated, "BATCH", 32)
    few, name = reals.first(300), "train-on-generated"
    real, measure = features(digits, few), Measure(digits, "features", (name,))
    for fakes, least, most in ((others, 0.7, 1.0), (shifted(others), 0.0, 0.2)):
        sides = open_classes(fakes, few, measure, no_stage)
        found = compute_scores([name], features(digits, fakes), real, labelled=sides)[name]
        assert least < found.value < most and found.error is None
        assert set(found.classes) == set(reals.class_names)


def test_a_classifier_is_the_same_whatever_was_drawn_before(others: Images) -> None:
    assert others.labels is not None
    pixels, weights = train_on_generated.pixels_of(others.first(200)), []
    for _ in range(2):
        torch.rand(3)
        network = train_on_generated.trained(pixels, others.labels[:200], 10, seed=0, steps=3)
        weights.append(network.classes.weight)
    assert torch.equal(*weights)


# What is kept and shown


def test_a_line_has_each_class_and_reads_as_it_was_written(
    digits: Extractor, others: Images, reals: Images
) -> None:
    line = measured(digits, others, reals, "fid", *CLASSES).line("manual")
    own = line.classes["3"]
    assert own["fakes"] == 100 and set(own["scores"]) == set(CLASSES)
    assert set(own["floor"]) <= set(CLASSES)
    assert ScoreLine.from_dict(line.as_dict()) == line
    table = class_table(line)
    assert table is not None and len(table.rows) == 10
    assert table.head[:4] == ("class", "generated", "real", "FID within classes ↓")
    assert table.rows[3][:2] == ("3", "100")


def test_of_many_classes_the_worst_are_shown() -> None:
    classes = {
        str(kind): {"fakes": 9, "reals": 9, "floor": {},
                    "scores": {"class-accuracy": {"value": kind / 100, "error": None}}}
        for kind in range(50)
    }  # fmt: skip
    table = class_table(ScoreLine("manual", 0, {}, {}, classes=classes))  # type: ignore[arg-type]
    assert table is not None and "the 20 worst of 50 by class accuracy" in table.title
    assert [row[0] for row in table.rows] == [str(kind) for kind in range(MOST)]


def test_numbers_of_images_by_class_part_only_what_was_measured_by_class(
    digits: Extractor, others: Images, reals: Images
) -> None:
    uneven = others.chosen(np.r_[np.arange(990), np.arange(10)[::-1].repeat([9, *[0] * 8, 1])])
    whole = measured(digits, others, reals, "fid", "class-kid").line("manual")
    alike = measured(digits, others, reals, "class-kid").line("manual")
    other = measured(digits, uneven, reals, "class-kid").line("manual")
    plain = measured(digits, uneven, reals, "fid").line("manual")
    assert comparable(whole, alike) and comparable(whole, plain) and comparable(other, plain)
    assert not comparable(whole, other)
    words = difference_words(protocol_of(whole), protocol_of(other))
    assert words.startswith("classes: 10 classes: 100 generated and 1")

"""Generated images against real ones: finite numbers, with their floor and what to know of them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from zerosum.data import open_data
from zerosum.data.opening import fitting_of
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.extractors import Extractor, open_extractor
from zerosum.evaluation.features import extract_features
from zerosum.evaluation.floor import measure_floor, some_of
from zerosum.evaluation.images import Images, split_images
from zerosum.evaluation.measure import Measure, require_scores
from zerosum.evaluation.opening import real_images
from zerosum.evaluation.protocol import fit_name
from zerosum.evaluation.scores import Features, RealSide, compute_scores
from zerosum.evaluation.scores.gaussian import Gaussian, gaussian
from zerosum.evaluation.scoring import describe, score_images
from zerosum.randomness import random_for
from zerosum.recipe.load import load_recipe
from zerosum.recipe.scores import SCORES

ALL_BUT_IS = tuple(name for name in SCORES if name != "is" and "classes" not in SCORES[name].needs)


@pytest.fixture(scope="module")
def digits() -> Extractor:
    return open_extractor("digits")


@pytest.fixture(scope="module")
def train() -> Images:
    """The 8,000 digits to train on."""
    recipe = load_recipe("digits")
    data = open_data(recipe.data, 0)
    return real_images(data, "train", fit_name(fitting_of(recipe.data)))


@pytest.fixture(scope="module")
def held_out() -> Images:
    """The 2,000 digits that are held out."""
    recipe = load_recipe("digits")
    data = open_data(recipe.data, 0)
    return split_images(data.held_out, data.name, data.fingerprint, "pad")


def images_of(pixels: NDArray[np.uint8], name: str = "made") -> Images:
    """Images from an array (n, H, W, C)."""
    height, width, channels = pixels.shape[1:]
    fingerprint = f"{name} {pixels.sum()} {pixels.shape}"
    return Images(
        name,
        len(pixels),
        (height, width, channels),
        fingerprint,
        lambda first, count: pixels[first : first + count],
    )


def noise(count: int, shape: tuple[int, int, int] = (32, 32, 1), name: str = "noise") -> Images:
    pixels = random_for(0, name).integers(0, 256, (count, *shape), dtype=np.uint8)
    return images_of(pixels, name)


def test_other_real_images_have_better_scores_than_noise(
    digits: Extractor, train: Images, held_out: Images
) -> None:
    measure = Measure(digits, "features", ("fid", "kid", "precision", "recall", "coverage"))
    reals = replace(held_out, part="held out")
    good = score_images(train.first(500), reals, measure)
    bad = score_images(noise(500), reals, measure)
    assert good["fid"] < 1 < 20 < bad["fid"]
    assert good["precision"] > 0.7 and good["recall"] > 0.7 and good["coverage"] > 0.5
    assert bad["precision"] < 0.1 and bad["coverage"] < 0.1


def test_a_generator_of_one_image_gets_a_large_fid_no_recall_and_a_note(
    digits: Extractor, train: Images, held_out: Images
) -> None:
    one = images_of(np.repeat(train.read(0, 1), 200, axis=0), "one")
    measure = Measure(digits, "features", ALL_BUT_IS)
    reals = replace(held_out.first(500), part="held out")
    scores = score_images(one, reals, measure, train=train.first(500))
    assert scores["fid"] > 20 and scores["recall"] == 0
    assert scores.notes[0] == "collapsed: the generated images are all but the same one"
    assert set(scores.values) == set(ALL_BUT_IS)
    assert all(np.isfinite(result.value) for result in scores.values.values())
    assert all(np.isfinite(result.error or 0) for result in scores.values.values())
    json.dumps(scores.line("manual").as_dict(), allow_nan=False)


@pytest.mark.parametrize("value", [0, 255])
def test_black_or_white_pictures_alone_have_finite_scores(
    digits: Extractor, held_out: Images, value: int
) -> None:
    flat = images_of(np.full((60, 32, 32, 1), value, np.uint8), f"flat {value}")
    measure = Measure(digits, "features", (*ALL_BUT_IS, "is"))
    reals = replace(held_out.first(500), part="held out")
    scores = score_images(flat, reals, measure, train=flat)
    json.dumps(scores.line("manual").as_dict(), allow_nan=False)
    assert scores["fid"] > 20 and scores["recall"] == 0
    assert scores["is"] == pytest.approx(1, abs=1e-5)


def test_real_images_that_are_all_the_same_have_finite_scores_too(
    digits: Extractor, held_out: Images
) -> None:
    flat = images_of(np.zeros((60, 32, 32, 1), np.uint8), "flat")
    measure = Measure(digits, "features", ALL_BUT_IS)
    scores = score_images(held_out.first(60), replace(flat, part="all"), measure, train=flat)
    json.dumps(scores.line("manual").as_dict(), allow_nan=False)


def test_few_images_are_noted_with_what_real_ones_would_have(
    digits: Extractor, held_out: Images
) -> None:
    measure = Measure(digits, "features", ("fid",))
    reals = replace(held_out, part="held out")
    scores = score_images(noise(100), reals, measure)
    assert scores.floor is not None
    (note,) = scores.notes
    assert note.startswith("100 images are few for 64 dimensions: FID is too large")
    assert f"{scores.floor.scores['fid'].value:.3g} already" in note
    assert scores.floor.words == "100 of the real images against 1,000 others"
    assert scores.floor.generated is not None
    assert f"and {scores.floor.generated['fid'].value:.3g} of as many generated ones" in note
    assert "full rank" not in note
    assert "full rank" in score_images(noise(64), reals, measure).notes[0]


def test_enough_images_have_no_note(digits: Extractor, train: Images, held_out: Images) -> None:
    measure = Measure(digits, "features", ("fid",))
    scores = score_images(train.first(640), replace(held_out, part="held out"), measure)
    assert scores.notes == ()


def test_few_images_are_no_news_to_scores_without_that_bias(
    digits: Extractor, train: Images, held_out: Images
) -> None:
    measure = Measure(digits, "features", ("kid",))
    assert score_images(train.first(100), replace(held_out, part="held out"), measure).notes == ()


def test_the_floor_is_as_large_as_what_it_is_laid_beside(
    digits: Extractor, train: Images, held_out: Images
) -> None:
    measure = Measure(digits, "features", ("fid", "is"))
    others = replace(train.first(2000), part="train")
    reals = replace(held_out, part="held out")
    few = score_images(train.first(100), reals, measure, others=others).floor
    many = score_images(train.first(1000), reals, measure, others=others).floor
    assert few is not None and many is not None
    assert few.words == "100 of digits (train) against these"
    assert many.words == "1,000 of digits (train) against these"
    assert few.scores["fid"].value > many.scores["fid"].value > 0
    assert set(few.scores) == {"fid"}


def test_the_floor_is_measured_in_halves_where_there_are_no_other_images(
    digits: Extractor, train: Images, held_out: Images
) -> None:
    reals = replace(held_out, part="held out")
    halves = score_images(train.first(1000), reals, fid_alone(digits))
    assert halves.floor is not None
    assert halves.floor.words == "the real images in halves of 1,000"
    assert halves.floor.size == "halves of 1,000"
    nearly_none = replace(train.first(3), part="train")
    again = score_images(train.first(1000), reals, fid_alone(digits), others=nearly_none)
    assert again.floor == halves.floor


def test_the_real_sides_normal_distribution_is_computed_once_for_all_that_ask(
    digits: Extractor, train: Images, held_out: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    reals = replace(held_out.first(300), part="held out")
    others, fakes = replace(train.first(100), part="train"), train.first(120)
    measure = Measure(digits, "features", ("fid", "fid-infinity"))
    counts = []

    def counted(features: Features) -> Gaussian:
        counts.append(len(features))
        return gaussian(features)

    monkeypatch.setattr("zerosum.evaluation.scores.gaussian.gaussian", counted)
    scores = score_images(fakes, reals, measure, others=others)
    assert scores.floor is not None and scores.floor.generated is not None
    assert counts == [300]
    features = [
        extract_features(each, digits, ("features",))["features"] for each in (fakes, reals)
    ]
    assert compute_scores(measure.scores, *features) == dict(scores.values)


def fid_alone(extractor: Extractor) -> Measure:
    return Measure(extractor, "features", ("fid",))


def test_a_floor_of_halves_has_generated_images_of_its_own_size_beside_it(
    digits: Extractor, train: Images, held_out: Images
) -> None:
    """Half of the classes missing: far worse than real images at the size of the floor."""
    assert train.labels is not None
    poor = train.chosen(np.flatnonzero(train.labels < 5)[:400])
    scores = score_images(poor, replace(held_out.first(400), part="all"), fid_alone(digits))
    assert scores.floor is not None and scores.floor.generated is not None
    floor, generated = scores.floor.scores["fid"].value, scores.floor.generated["fid"].value
    assert scores.floor.size == "halves of 200"
    assert generated > scores["fid"], "fewer images have a larger FID"
    assert generated > 1.5 * floor
    line = scores.line("manual").as_dict()
    assert line["floor_generated"]["fid"]["value"] == generated


def test_fewer_other_real_images_than_generated_ones_make_a_floor_of_their_size(
    digits: Extractor, train: Images, held_out: Images
) -> None:
    others = replace(train.first(200), part="train")
    reals = replace(held_out.first(500), part="held out")
    floor = score_images(train.first(290), reals, fid_alone(digits), others=others).floor
    assert floor is not None and floor.size == "200 against 500" and floor.generated is not None
    enough = score_images(train.first(200), reals, fid_alone(digits), others=others).floor
    assert enough is not None and enough.size == "" and enough.generated is None


def test_other_real_images_are_chosen_from_all_of_them_and_always_the_same(train: Images) -> None:
    few, again = (some_of(replace(train, part="train"), 50) for _ in range(2))
    assert few.fingerprint == again.fingerprint
    assert np.array_equal(few.read(0, 50), again.read(0, 50))
    assert not np.array_equal(few.read(0, 50), train.read(0, 50))
    assert few.labels is not None and len(set(few.labels.tolist())) > 5


def test_there_is_no_floor_of_a_few_images_or_of_scores_without_one(digits: Extractor) -> None:
    fake, real = np.ones((100, 64), np.float32), np.ones((40, 64), np.float32)
    assert measure_floor(fake, RealSide(real[:19]), fid_alone(digits)) is None
    assert measure_floor(fake, RealSide(real), Measure(digits, "features", ("is",))) is None


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("side", ["generated", "real"])
def test_features_that_are_not_finite_give_no_score(side: str, value: float) -> None:
    fake, real = (random_for(0, name).normal(size=(60, 8)).astype(np.float32) for name in "ab")
    (fake if side == "generated" else real)[7, 3] = value
    for name in ALL_BUT_IS:
        with pytest.raises(ZerosumError, match=f"features of the {side} images hold") as error:
            compute_scores([name], fake, real, train=real)
        assert "float32" in error.value.remedy


def test_a_score_that_overflows_is_refused_by_its_name() -> None:
    huge = np.full((60, 8), 1e30, np.float32)
    with pytest.raises(ZerosumError, match="KID is no finite number"):
        compute_scores(["kid"], huge, huge)


@pytest.mark.parametrize(
    ("fakes", "reals", "told", "remedy"),
    [
        (noise(9), noise(50), "9 generated images are too few", "give 10 at least"),
        (noise(50), noise(9), "9 real images are too few", "give 10 at least"),
        (noise(20), noise(20, (32, 32, 3), "photos"), "noise is grey and photos is colour",
         "--channels"),
        (noise(20), noise(20, (24, 24, 1), "small"), "noise has 32×32 pixels and small has 24×24",
         "--resolution"),
    ],
)  # fmt: skip
def test_images_that_cannot_be_compared_are_refused_in_words(
    digits: Extractor, fakes: Images, reals: Images, told: str, remedy: str
) -> None:
    with pytest.raises(UsageError) as error:
        score_images(fakes, replace(reals, part="all"), Measure(digits, "features", ("fid",)))
    assert told in error.value.what
    assert remedy in error.value.remedy


def test_copies_are_not_sought_without_training_images(digits: Extractor) -> None:
    with pytest.raises(UsageError, match="needs the training images") as error:
        score_images(
            noise(20), replace(noise(20), part="all"), Measure(digits, "features", ("copying",))
        )
    assert "score a run" in error.value.remedy


def test_copies_of_training_images_are_found(
    digits: Extractor, train: Images, held_out: Images
) -> None:
    few = train.first(1000)
    measure = Measure(digits, "features", ("copying",))
    reals = replace(held_out, part="held out")
    assert score_images(few, reals, measure, train=few)["copying"] == 1
    assert score_images(held_out, reals, measure, train=few)["copying"] < 0.7


def test_a_score_that_there_is_not_gets_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="no score 'precison'") as error:
        require_scores(["fid", "precison"])
    assert error.value.remedy == "did you mean precision?"
    with pytest.raises(UsageError, match="no score 'xyz'") as error:
        require_scores(["xyz"])
    assert "choose from: fid, kid" in error.value.remedy


def test_the_inception_score_of_a_network_without_logits_is_refused(digits: Extractor) -> None:
    without = replace(digits, logits="")
    with pytest.raises(UsageError, match="needs class logits") as error:
        require_scores(["is"], without)
    assert "leave `is` out" in error.value.remedy


def test_a_protocol_says_all_that_a_number_depends_on(digits: Extractor, held_out: Images) -> None:
    protocol = describe(
        replace(noise(500), checkpoint="000200000", weights="average", number=1000),
        replace(held_out, part="held out"),
        Measure(digits, "features", ("fid",), seed=4),
    )
    assert (protocol.fakes, protocol.reals, protocol.real_data) == (500, 2000, "digits")
    assert (protocol.real_part, protocol.fit, protocol.resize) == ("held out", "pad", "none")
    assert protocol.real_fingerprint == held_out.fingerprint
    assert (protocol.extractor, protocol.weights) == ("digits", digits.weights)
    assert (protocol.checkpoint, protocol.generator) == ("000200000", "average")
    assert (protocol.first, protocol.seed, protocol.name) == (1000, 4, "custom")
    assert protocol.version


def test_numbers_of_an_approximate_network_are_marked(digits: Extractor, held_out: Images) -> None:
    rough = replace(digits, approximate=("features",))
    measure = Measure(rough, "features", ("fid", "recall"))
    scores = score_images(noise(640), replace(held_out, part="held out"), measure)
    assert scores.protocol.approximate and scores.protocol.extractor == "digits-approx"
    (note,) = scores.notes
    assert note.startswith("approximate:") and "never put these numbers beside" in note
    exact = describe(noise(640), replace(held_out, part="held out"), Measure(rough, "logits", ()))
    assert not exact.approximate


def test_every_stage_is_heard_to_its_end(digits: Extractor, train: Images) -> None:
    heard: dict[str, tuple[int, int]] = {}

    def stage(what: str, done: int, total: int) -> None:
        heard[what] = (done, total)

    half = replace(train.first(300), part="train")
    fakes = noise(70, name="unseen noise")
    measure = Measure(digits, "features", ("fid", "kid", "recall"))
    score_images(fakes, half, measure, stage=stage)
    assert {"features of the real images", "features of the generated images", "scores"} <= set(
        heard
    )
    assert all(done == total for done, total in heard.values())


@pytest.mark.real
def test_approximate_inception_weights_mark_their_numbers_and_no_others(
    inception_weights: Path,
) -> None:
    # A small batch: a last one is filled up, and this network takes an eighth second an image.
    extractor = replace(open_extractor("inception", weights=inception_weights), batch=10)
    fakes, reals = noise(10, (32, 32, 3)), replace(noise(10, (32, 32, 3), "photos"), part="all")
    with pytest.raises(UsageError, match="needs class logits"):
        score_images(fakes, reals, Measure(extractor, "2048", ("is",)))
    late = score_images(fakes, reals, Measure(extractor, "2048", ("fid", "recall")))
    assert late.protocol.extractor == "inception-2048-approx" and late.protocol.approximate
    assert any(note.startswith("approximate:") for note in late.notes)
    early = describe(fakes, reals, Measure(extractor, "768", ()))
    assert early.extractor == "inception-768" and not early.approximate

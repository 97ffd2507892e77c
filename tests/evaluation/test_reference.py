"""The real side as one file: the same numbers without the images, and nothing else by mistake."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from zerosum.checksums import checked_object, read_object
from zerosum.data.fit import Fitting
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.evaluate import evaluate
from zerosum.evaluation.extractors import open_extractor
from zerosum.evaluation.features import Features, extract_features
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import Measure
from zerosum.evaluation.opening import open_images
from zerosum.evaluation.reference import (
    is_reference,
    load_reference,
    read_reference,
    require_agreement,
    require_place,
    require_shape,
    save_reference,
)
from zerosum.evaluation.request import Request
from zerosum.evaluation.scoring import score_images
from zerosum.generation.images import run_images

Write = Callable[..., Path]


@pytest.fixture(scope="module")
def measure() -> Measure:
    return Measure(open_extractor("digits"), "features", ("fid", "kid", "recall", "coverage"))


@pytest.fixture
def reals(write_pictures: Write) -> Images:
    folder = write_pictures("photos", 40, side=28, grey=True)
    return open_images(str(folder), Fitting(32, 1, "pad"))


def network_features(side: Images, measure: Measure) -> Features:
    return extract_features(side, measure.extractor, (measure.layer,))[measure.layer]


@pytest.fixture
def saved(tmp_path: Path, reals: Images, measure: Measure) -> Path:
    """A reference of 40 pictures of noise."""
    path = tmp_path / "real.safetensors"
    side = replace(reals, part="all")
    save_reference(path, side, network_features(side, measure), measure)
    return path


def test_a_reference_scores_as_its_images_do(
    saved: Path, reals: Images, measure: Measure, write_pictures: Write
) -> None:
    fakes = open_images(str(write_pictures("fakes", 30, side=32, grey=True)))
    images = score_images(fakes, replace(reals, part="all"), measure)
    reference = score_images(fakes, load_reference(read_reference(saved), measure), measure)
    assert reference.line("manual") == images.line("manual")


def test_a_reference_says_what_it_was_made_of(saved: Path, reals: Images) -> None:
    reference = read_reference(saved)
    images = reference.images
    assert (images.name, images.part, images.count) == ("photos", "all", 40)
    assert (images.shape, images.fit) == ((32, 32, 1), "pad")
    assert images.fingerprint == reals.fingerprint
    assert (reference.extractor, reference.layer) == ("digits", "features")
    assert (reference.resize, reference.precision) == ("none", "float32")


def test_the_same_images_make_the_same_file_whatever_was_asked_of_them(
    saved: Path, tmp_path: Path, reals: Images, measure: Measure
) -> None:
    again, side = tmp_path / "again.safetensors", replace(reals, part="all")
    other = replace(measure, scores=("kid",), seed=3)
    save_reference(again, side, network_features(side, other), other)
    assert again.read_bytes() == saved.read_bytes()


def rewritten(path: Path, **changes: Any) -> Path:
    """A reference that says something else of itself."""
    with safe_open(path, framework="numpy") as file:
        content = read_object(file.metadata()["zerosum"]) | changes
        features = file.get_tensor("features")
    content = {name: value for name, value in content.items() if value is not None}
    metadata = {"zerosum": json.dumps(checked_object(content))}
    save_file({"features": features}, path, metadata=metadata)
    return path


def test_a_reference_that_does_not_say_its_fit_is_read(saved: Path, measure: Measure) -> None:
    reference = read_reference(rewritten(saved, fit=None))
    assert reference.images.fit == "" and load_reference(reference, measure).fit == ""


@pytest.mark.parametrize(
    ("changes", "told", "remedy"),
    [
        ({"extractor": "inception"}, "with extractor inception, and this is digits",
         "--extractor inception"),
        ({"layer": "768"}, "with layer 768, and this is features", "--layer 768"),
        ({"weights": "abc"}, "with weights abc, and this is", "--weights"),
        ({"resize": "clean"}, "with resize clean, and this is none", "--resize clean"),
        ({"precision": "bf16"}, "with precision bf16, and this is float32", "--precision bf16"),
    ],
)  # fmt: skip
def test_features_of_another_network_are_refused(
    saved: Path, measure: Measure, changes: dict[str, str], told: str, remedy: str
) -> None:
    with pytest.raises(UsageError) as error:
        load_reference(read_reference(rewritten(saved, **changes)), measure)
    assert told in error.value.what and remedy in error.value.remedy


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"extractor": "inception"}, "extractor digits, and inception was asked for"),
        ({"layer": "2048"}, "layer features, and 2048 was asked for"),
        ({"resize": "clean"}, "resize none, and clean"),
        ({"precision": "bf16"}, "precision float32, and bf16"),
        ({"fit": "crop"}, "fit pad, and crop"),
        ({"part": "train"}, "part all, and train"),
    ],
)
def test_what_a_reference_settles_cannot_be_asked_otherwise(
    saved: Path, given: dict[str, str], told: str
) -> None:
    with pytest.raises(UsageError) as error:
        require_agreement(read_reference(saved), given)
    assert told in error.value.what
    option = "--split" if "part" in given else f"--{next(iter(given))}"
    assert option in error.value.remedy


def test_what_was_not_asked_agrees_with_any_reference(saved: Path) -> None:
    given = {"extractor": "auto", "layer": "", "resize": None, "part": "auto", "fit": "pad"}
    require_agreement(read_reference(saved), given)


def test_images_of_another_size_or_kind_are_told_what_would_match(saved: Path) -> None:
    reference = read_reference(saved)
    require_shape(reference, "fakes", (32, 32, 1), run=False)
    with pytest.raises(UsageError, match="32×32 pixels in grey, and fakes has 24×24") as error:
        require_shape(reference, "fakes", (24, 24, 3), run=False)
    assert error.value.remedy == "add --resolution 32 --channels 1"
    with pytest.raises(UsageError, match="in colour") as error:
        require_shape(reference, "run", (32, 32, 3), run=True)
    assert "--resolution" not in error.value.remedy and "--save-reference" in error.value.remedy


def other_tensors(path: Path) -> None:
    save_file({"weight": np.ones(3, np.float32)}, path)


def other_format(path: Path) -> None:
    metadata = {"zerosum": json.dumps({"format": 99})}
    save_file({"features": np.ones((3, 3), np.float32)}, path, metadata=metadata)


def no_features(path: Path) -> None:
    save_file({"weight": np.ones(3, np.float32)}, path, metadata={"zerosum": '{"format": 1}'})


def incomplete(path: Path) -> None:
    content = {"format": 1, "shape": [3, 3, 1], "resize": "none"}
    metadata = {"zerosum": json.dumps(content)}
    save_file({"features": np.ones((3, 3), np.float32)}, path, metadata=metadata)


@pytest.mark.parametrize(
    "write",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"no tensors at all" * 10),
        lambda path: path.mkdir(),
        other_tensors,
        other_format,
        no_features,
        incomplete,
    ],
)
def test_what_is_no_reference_is_refused(tmp_path: Path, write: Callable[[Path], object]) -> None:
    path = tmp_path / "real.safetensors"
    write(path)
    why = r"real\.safetensors (is damaged, or not a|cannot be read: it is a folder)"
    with pytest.raises(ZerosumError, match=why) as error:
        read_reference(path)
    assert "--save-reference" in error.value.remedy


def test_a_reference_cut_short_is_refused(saved: Path) -> None:
    saved.write_bytes(saved.read_bytes()[:-100])
    with pytest.raises(ZerosumError, match="damaged"):
        read_reference(saved)


def test_a_missing_reference_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ZerosumError, match="there is no reference at"):
        read_reference(tmp_path / "none.safetensors")


def test_features_that_differ_in_one_bit_are_refused(saved: Path, measure: Measure) -> None:
    reference = read_reference(saved)
    with safe_open(saved, framework="numpy") as file:
        features, metadata = file.get_tensor("features").copy(), file.metadata()
    features[3, 3] = np.nextafter(features[3, 3], np.inf)
    save_file({"features": features}, saved, metadata=metadata)
    with pytest.raises(ZerosumError, match="not what was written"):
        load_reference(reference, measure)


def test_a_reference_is_told_from_images_by_its_ending() -> None:
    assert is_reference("real.safetensors") and is_reference("a/b.safetensors")
    assert not is_reference("photos") and not is_reference("photos.zip")


def test_a_place_where_no_reference_can_be_is_refused_before_anything_is_computed(
    tmp_path: Path, saved: Path
) -> None:
    require_place(tmp_path / "new.safetensors")
    require_place(saved)  # an older reference may be replaced
    with pytest.raises(UsageError, match="does not end in"):
        require_place(tmp_path / "real.npz")
    (tmp_path / "folder.safetensors").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        require_place(tmp_path / "folder.safetensors")
    weights = tmp_path / "weights.safetensors"
    other_tensors(weights)
    with pytest.raises(UsageError, match="is there already, and is not a reference"):
        evaluate(Request("nothing", save_reference=weights), run_images)


def test_a_reference_that_cannot_be_written_names_its_option(
    tmp_path: Path, reals: Images, measure: Measure
) -> None:
    (tmp_path / "file").write_text("")
    side = replace(reals, part="all")
    with pytest.raises(ZerosumError) as error:
        save_reference(
            tmp_path / "file" / "real.safetensors", side, network_features(side, measure), measure
        )
    assert "--save-reference" in error.value.remedy

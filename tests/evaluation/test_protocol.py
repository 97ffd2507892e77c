"""A number carries how it was measured, and is compared only with numbers measured alike."""

from dataclasses import replace
from typing import Any

import pytest

from zerosum.data.fit import Fitting
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.named_protocol import (
    departures,
    name_of,
    named_protocol,
    protocol_names,
    require_free,
    require_side,
    require_size,
)
from zerosum.evaluation.protocol import DECISIVE, Protocol, disagreements, fit_name
from zerosum.recipe.image_size import ImageSize

DIGITS = Protocol(
    name="digits",
    fakes=10_000,
    reals=2_000,
    real_data="digits",
    real_part="held out",
    real_fingerprint="ab12",
    resolution=32,
    channels=1,
    extractor="digits",
    weights="0123456789ab",
    resize="none",
    precision="float32",
    approximate=False,
    source="demo",
    fit="pad",
    checkpoint="000220032",
    generator="average",
    version="0.1.0",
)
CIFAR = replace(
    DIGITS,
    reals=10_000,
    real_data="cifar10",
    channels=3,
    fit="crop",
    extractor="inception-2048",
    resize="tf1",
)


def test_a_protocol_survives_json_and_fields_of_later_versions() -> None:
    assert Protocol.from_dict(DIGITS.as_dict() | {"moon": "full"}) == DIGITS


def test_a_line_from_before_protocols_held_the_fit_is_read_and_still_compared() -> None:
    old = {name: value for name, value in DIGITS.as_dict().items() if name != "fit"}
    protocol = Protocol.from_dict(old)
    assert protocol.fit == "" and disagreements(protocol, DIGITS) == {}
    assert "fit" not in "\n".join(protocol.lines())
    other = replace(DIGITS, real_fingerprint="cd34")
    assert list(disagreements(protocol, other)) == ["real_fingerprint"]


def test_how_pictures_become_squares_has_a_name() -> None:
    assert fit_name(Fitting(64, 3, "box", 178)) == "box 178"
    assert fit_name(Fitting(64, 3, "pad")) == "pad"


def test_other_pictures_of_other_runs_may_be_compared() -> None:
    other = replace(DIGITS, source="other", checkpoint="000000064", seed=7, generator="last")
    assert disagreements(DIGITS, other) == {}


@pytest.mark.parametrize("field", DECISIVE)
def test_each_decisive_part_keeps_numbers_apart(field: str) -> None:
    classes = "10 classes: 1,000 generated and 200 real images of each"
    one = replace(DIGITS, classes=classes, own_scores="mine of mine.py (sha256 0123456789ab)")
    value = getattr(one, field)
    other: Any = value + 1 if isinstance(value, int) else value + "x"
    changed = replace(one, **{field: other})
    assert disagreements(one, changed) == {field: (value, getattr(changed, field))}


def test_a_protocol_that_others_use_has_their_name() -> None:
    assert name_of(DIGITS) == "digits"
    assert name_of(CIFAR) == "cifar10-test10k"
    assert name_of(replace(CIFAR, resize="clean")) == "cifar10-test10k-clean"
    train = replace(CIFAR, real_part="train", reals=50_000, fakes=50_000)
    assert name_of(train) == "cifar10-train50k"
    folder = replace(CIFAR, real_data="photos", real_part="all", fakes=50_000, reals=16_000)
    assert name_of(folder) == "folder-all"
    assert name_of(replace(folder, reals=3_000, fakes=5_000)) == "small"
    assert name_of(replace(folder, reals=7_000, fakes=7_000)) == "small"


def test_a_set_that_is_cut_from_larger_pictures_has_its_name_only_with_that_cut() -> None:
    faces = replace(
        CIFAR,
        real_data="celeba",
        real_part="all",
        reals=50_000,
        fakes=50_000,
        resolution=64,
        fit="box 178",
    )
    assert name_of(faces) == "celeba64-all50k"
    assert name_of(replace(faces, fit="box 160")) != "celeba64-all50k"
    assert name_of(replace(faces, fit="crop")) != "celeba64-all50k"


def test_the_name_of_one_data_set_goes_before_that_of_any_folder() -> None:
    bedrooms = replace(
        CIFAR, real_data="lsun-bedroom", real_part="all", reals=50_000, fakes=50_000, resolution=64
    )
    assert name_of(bedrooms) == "lsun-bedroom64-50k"


def test_what_keeps_a_number_from_having_a_name_is_told() -> None:
    named = named_protocol("cifar10-test10k")
    assert departures(CIFAR, named) == {}
    other = replace(CIFAR, extractor="inception-2048-approx", fakes=500)
    assert departures(other, named) == {
        "number of generated images": (500, 10_000),
        "features": ("inception-2048-approx", "inception-2048"),
    }


@pytest.mark.parametrize(
    ("protocol", "given", "told", "option"),
    [
        ("cifar10-train50k", {"part": "held out"}, "--split as train, and test", "--split"),
        ("cifar10-train50k", {"resize": "clean"}, "--resize as tf1, and clean", "--resize"),
        ("cifar10-train50k", {"extractor": "digits"}, "as inception, and digits", "--extractor"),
        ("cifar10-train50k", {"layer": "768"}, "--layer as 2048, and 768", "--layer"),
        ("cifar10-train50k", {"precision": "bf16"}, "as float32, and bf16", "--precision"),
        ("cifar10-train50k", {"resolution": 64}, "--resolution as 32, and 64", "--resolution"),
        ("cifar10-train50k", {"count": 10_000}, "50,000 generated images, and 10,000", "--images"),
        ("celeba64-all50k", {"fit": "crop"}, "--fit as box 178, and crop", "--fit"),
    ],
)
def test_what_contradicts_a_protocol_is_refused_by_its_option(
    protocol: str, given: dict[str, Any], told: str, option: str
) -> None:
    with pytest.raises(UsageError, match=protocol) as error:
        require_free(named_protocol(protocol), given)
    assert told in error.value.what
    assert option in error.value.remedy and "--protocol" in error.value.remedy


def test_what_a_protocol_fixes_may_be_said_again() -> None:
    given = {"part": "train", "resize": "tf1", "layer": "", "extractor": "auto", "count": 50_000}
    require_free(named_protocol("cifar10-train50k"), given)
    require_free(named_protocol("folder-all"), {"fit": "pad", "resolution": 64, "count": 0})


@pytest.mark.parametrize(
    ("protocol", "side", "told"),
    [
        ("cifar10-train50k", ("cifar", "train", 50_000, 0), "with cifar10, and this is cifar"),
        ("cifar10-train50k", ("cifar10", "held out", 50_000, 0), "these are held out"),
        ("cifar10-train50k", ("cifar10", "train", 1_000, 0), "needs 50,000 real images"),
        ("small", ("photos", "all", 10_000, 0), "up to 9,999 real images"),
        ("small", ("photos", "all", 7_000, 5_000), "has 7,000 generated images, and 5,000"),
    ],
)
def test_images_that_are_not_those_of_a_protocol_are_refused(
    protocol: str, side: tuple[str, str, int, int], told: str
) -> None:
    with pytest.raises(UsageError, match=protocol) as error:
        require_side(named_protocol(protocol), *side)
    assert told in error.value.what and error.value.remedy


def test_images_of_another_size_are_refused_with_what_helps() -> None:
    with pytest.raises(UsageError, match="of 32×32 pixels, and these have 64×80") as error:
        require_size(named_protocol("cifar10-train50k"), ImageSize(64, 80))
    assert "--resolution 32" in error.value.remedy


def test_images_of_a_protocol_are_taken() -> None:
    require_size(named_protocol("cifar10-train50k"), ImageSize(32, 32))
    require_size(named_protocol("folder-all"), ImageSize(64, 80))
    require_side(named_protocol("cifar10-train50k"), "cifar10", "train", 50_000, 50_000)
    require_side(named_protocol("small"), "photos", "all", 7_000, 7_000)


@pytest.mark.parametrize(
    "change",
    [
        {"fakes": 9_999},
        {"reals": 2_000},
        {"real_part": "train"},
        {"real_data": "cifar10-sample"},
        {"extractor": "inception-768"},
        {"extractor": "inception-2048-approx"},
        {"precision": "bf16"},
        {"resolution": 64},
    ],
)
def test_any_other_part_makes_it_custom(change: dict[str, object]) -> None:
    assert name_of(replace(CIFAR, **change)) == "custom"  # type: ignore[arg-type]


@pytest.mark.parametrize("name", protocol_names())
def test_every_shipped_protocol_reads_and_says_who_uses_it(name: str) -> None:
    protocol = named_protocol(name)
    assert protocol.name == name
    assert len(protocol.title) > 20 and not protocol.title.startswith("#")
    assert protocol.part in ("train", "held out", "all")
    assert protocol.fakes >= 5_000
    assert protocol.resize in ("tf1", "clean", "none")


def test_an_unknown_protocol_gets_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="no protocol") as error:
        named_protocol("cifar10-train")
    assert "cifar10-train50k" in error.value.remedy


def test_the_lines_under_a_table_say_everything() -> None:
    text = "\n".join(DIGITS.lines())
    for part in ("digits", "10,000", "2,000", "held out", "000220032", "averaged", "seed 0",
                 "0123456789ab", "float32", "32×32", "fit pad", "0.1.0"):  # fmt: skip
        assert part in text
    assert "approximate" not in text
    assert "approximate" in "\n".join(replace(DIGITS, approximate=True).lines())


@pytest.mark.parametrize("part", ["fakes", "extractor", "real_fingerprint"])
def test_a_line_that_does_not_say_how_it_was_measured_is_refused(part: str) -> None:
    content = {name: value for name, value in DIGITS.as_dict().items() if name != part}
    with pytest.raises(ZerosumError, match=f"it lacks {part}") as raised:
        Protocol.from_dict(content)
    assert "delete that line" in raised.value.remedy

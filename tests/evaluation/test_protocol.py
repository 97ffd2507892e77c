"""A number carries how it was measured, and is compared only with numbers measured alike."""

from dataclasses import replace
from typing import Any

import pytest

from zerosum.errors import UsageError
from zerosum.evaluation.protocol import (
    DECISIVE,
    Protocol,
    disagreements,
    name_of,
    named_protocol,
    protocol_names,
)

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
    checkpoint="000220032",
    generator="average",
    version="0.1.0",
)
CIFAR = replace(
    DIGITS,
    reals=10_000,
    real_data="cifar10",
    channels=3,
    extractor="inception-2048",
    resize="tf1",
)


def test_a_protocol_survives_json_and_fields_of_later_versions() -> None:
    assert Protocol.from_dict(DIGITS.as_dict() | {"moon": "full"}) == DIGITS


def test_other_pictures_of_other_runs_may_be_compared() -> None:
    other = replace(DIGITS, source="other", checkpoint="000000064", seed=7, generator="last")
    assert disagreements(DIGITS, other) == {}


@pytest.mark.parametrize("field", DECISIVE)
def test_each_decisive_part_keeps_numbers_apart(field: str) -> None:
    value = getattr(DIGITS, field)
    other: Any = value + 1 if isinstance(value, int) else value + "x"
    changed = replace(DIGITS, **{field: other})
    assert disagreements(DIGITS, changed) == {field: (value, getattr(changed, field))}


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
                 "0123456789ab", "float32", "32×32", "0.1.0"):  # fmt: skip
        assert part in text
    assert "approximate" not in text
    assert "approximate" in "\n".join(replace(DIGITS, approximate=True).lines())

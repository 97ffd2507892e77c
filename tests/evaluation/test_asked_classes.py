"""Whether generated images are of the class that was asked for, with two controls."""

from dataclasses import replace

import numpy as np
import pytest

from zerosum.analysis.asked_classes import Asked
from zerosum.analysis.modes import count_digits
from zerosum.evaluation.extractors import open_extractor
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import no_stage
from zerosum.evaluation.opening import open_images
from zerosum.report.asked_classes import asked_table, asked_words

COUNT = 300


@pytest.fixture(scope="module")
def digits() -> Images:
    """Held-out digits, as a generator would make that obeys."""
    return open_images("digits", part="held out")


def asked(images: Images) -> Asked:
    _, modes = count_digits(images, None, open_extractor("digits"), no_stage)
    assert modes.asked is not None
    return modes.asked


def test_real_images_are_of_their_class(digits: Images) -> None:
    found = asked(digits.first(COUNT))
    assert found.right > 0.95
    assert found.real is not None and found.real > 0.95
    assert sum(map(sum, found.table)) == COUNT


def test_labels_shifted_by_one_are_not_obeyed(digits: Images) -> None:
    """The images are the same: what looks at them alone finds nothing."""
    assert digits.labels is not None
    shifted = replace(digits, labels=(digits.labels + 1) % 10)
    assert asked(shifted.first(COUNT)).right < 0.1


def test_one_image_a_class_obeys_and_has_no_variety(digits: Images) -> None:
    """Which is why this share stands beside others."""
    labels = digits.labels
    assert labels is not None
    first = np.array([np.flatnonzero(labels == kind)[0] for kind in range(10)])
    repeated = digits.chosen(np.tile(first, COUNT // 10))
    found = asked(repeated)
    assert found.right >= 0.9
    assert all(max(row) == sum(row) for row in found.table)


def test_images_without_classes_were_not_asked_for(digits: Images) -> None:
    plain = replace(digits, labels=None, class_names=()).first(COUNT)
    _, modes = count_digits(plain, None, open_extractor("digits"), no_stage)
    assert modes.asked is None


def test_classes_that_the_classifier_does_not_know_are_the_reason_why_nothing_is_known(
    digits: Images,
) -> None:
    named = replace(digits, class_names=("zero", *digits.class_names[1:])).first(COUNT)
    _, modes = count_digits(named, None, open_extractor("digits"), no_stage)
    assert modes.asked is None and modes.unmatched == ("zero",)
    assert asked_words(modes) == "not known: the classifier knows no class called zero"
    assert asked_table(modes) is None


def test_what_was_asked_for_is_told_beside_what_real_images_reach(digits: Images) -> None:
    _, modes = count_digits(digits.first(COUNT), None, open_extractor("digits"), no_stage)
    found, table = modes.asked, asked_table(modes)
    assert found is not None and found.real is not None and table is not None
    expected = f"{found.right:.1%} are of the class that was asked for (of real images "
    assert asked_words(modes) == f"{expected}{found.real:.1%} are found to be of theirs)"
    assert table.head == ("asked", *map(str, range(10)))
    assert table.rows[3][4] == f"{found.table[3][3]:,}"
    plain = replace(modes, asked=None)
    assert asked_words(plain) == "" and asked_table(plain) is None

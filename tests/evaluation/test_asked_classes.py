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

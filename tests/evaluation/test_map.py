"""Features on a plane: the axes of principal components by hand, and UMAP where it is installed."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec

import numpy as np
import pytest

from zerosum.analysis import plane as module
from zerosum.analysis.plane import principal_plane, umap_plane
from zerosum.errors import ZerosumError
from zerosum.evaluation.features import Features
from zerosum.randomness import random_for


def rows(*values: tuple[float, ...]) -> Features:
    return np.array(values, np.float32)


# Along the third axis the variance is 4 times that along the first, and none along the second.
KNOWN = rows((1, 5, 10), (3, 5, 10), (2, 5, 8), (2, 5, 12))


def test_a_known_plane_has_the_axes_and_shares_that_a_hand_finds() -> None:
    plane = principal_plane(KNOWN, rows((2, 5, 10), (3, 100, 11)))
    np.testing.assert_allclose(plane.real, [(0, -1), (0, 1), (-2, 0), (2, 0)], atol=1e-6)
    # Both sides lie about the mean of the real one, and what is off the plane does not show.
    np.testing.assert_allclose(plane.fake, [(0, 0), (1, 1)], atol=1e-6)
    assert plane.axes == ("component 1: 80% of the variance", "component 2: 20% of the variance")
    assert plane.method == "PCA"


def test_a_direction_points_to_where_its_largest_part_is_positive() -> None:
    slanting = rows((0, 0), (-3, 4), (3, -4), (0.4, 0.3), (-0.4, -0.3))
    plane = principal_plane(slanting, slanting)
    assert plane.real[1, 0] == pytest.approx(5)  # not -5: (-3, 4) / 5 is the direction
    assert plane.real[3, 1] == pytest.approx(0.5)
    mirrored = principal_plane(-slanting, slanting)
    np.testing.assert_allclose(mirrored.fake, plane.real, atol=1e-6)


def test_many_images_are_placed_in_blocks_as_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    real = random_for(0, "real").standard_normal((100, 6)).astype(np.float32)
    whole = principal_plane(real, real[:30])
    monkeypatch.setattr(
        module, "blocks", lambda count: [slice(i, i + 7) for i in range(0, count, 7)]
    )
    parts = principal_plane(real, real[:30])
    np.testing.assert_allclose(parts.real, whole.real, atol=1e-5)
    np.testing.assert_allclose(parts.fake, whole.real[:30], atol=1e-5)


def test_real_images_that_are_all_alike_lie_on_one_point() -> None:
    alike = np.ones((10, 3), np.float32)
    plane = principal_plane(alike, alike)
    assert (plane.real == 0).all() and plane.axes[0] == "component 1: 0% of the variance"


def test_umap_that_is_not_installed_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    find: Callable[[str], ModuleSpec | None] = lambda _name: None  # noqa: E731
    monkeypatch.setattr(module, "find_spec", find)
    with pytest.raises(ZerosumError, match="umap-learn, which is not installed") as error:
        umap_plane(KNOWN, KNOWN, 0)
    assert "zerosum[umap]" in error.value.remedy and "PCA" in error.value.remedy


CLUSTERS = """
import numpy as np
from zerosum.analysis.plane import umap_plane
random = np.random.default_rng(0)
centres = np.repeat([[0.0] * 4, [50.0] * 4], 12, axis=0)
real, fake = ((centres + random.standard_normal((24, 4))).astype(np.float32) for _ in range(2))
plane = umap_plane(real, fake, -1)
assert plane.real.shape == plane.fake.shape == (24, 2) and plane.method == "UMAP"
middles = plane.real[:12].mean(0), plane.real[12:].mean(0)
gaps = np.stack([np.linalg.norm(plane.fake - middle, axis=1) for middle in middles])
print("nearer to cluster", *gaps.argmin(0))
"""


@pytest.mark.skipif(not importlib.util.find_spec("umap"), reason="the extra umap is not installed")
def test_umap_places_generated_images_beside_real_ones_of_their_kind() -> None:
    # In a process of its own: compiling UMAP takes a minute, interpreting it for 24 points none.
    finished = subprocess.run(
        [sys.executable, "-c", CLUSTERS],
        capture_output=True,
        text=True,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
    )
    assert finished.stdout.split() == [*["nearer", "to", "cluster"], *"0" * 12, *"1" * 12], (
        finished.stderr
    )


@pytest.mark.skipif(not importlib.util.find_spec("umap"), reason="the extra umap is not installed")
def test_umap_of_very_few_images_is_refused() -> None:
    with pytest.raises(ZerosumError, match="4 real images are too few for UMAP"):
        umap_plane(KNOWN, KNOWN, 0)

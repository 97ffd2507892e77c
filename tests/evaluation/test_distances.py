"""Neighbours found in blocks are those that looking at every pair finds."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from zerosum.evaluation.scores.distances import Features, nearest, total_variance
from zerosum.randomness import random_for

DIMENSION = 3


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Of products as small as these a second thread is only waited for."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


coordinates = st.integers(-20, 20).map(float)
points = st.integers(1, 12).flatmap(
    lambda count: arrays(np.float32, (count, DIMENSION), elements=coordinates)
)


def noise(count: int, dimension: int = 16, *, name: str = "points", at: float = 0.0) -> Features:
    values = random_for(0, name, count, dimension).standard_normal((count, dimension))
    return (values + at).astype(np.float32)


def all_distances(queries: Features, references: Features) -> NDArray[np.float32]:
    gaps = queries[:, None].astype(np.float64) - references[None]
    distances: NDArray[np.float32] = np.sqrt(np.square(gaps).sum(2)).astype(np.float32)
    return distances


@given(points, points, st.data())
def test_neighbours_are_those_of_brute_force(
    queries: Features, references: Features, data: st.DataObject
) -> None:
    k = data.draw(st.integers(1, len(references)))
    distances, rows = nearest(queries, references, k)
    wanted = all_distances(queries, references)
    assert distances.dtype == np.float32 and rows.dtype == np.int64
    assert np.array_equal(distances, np.sort(wanted, 1)[:, :k])
    assert np.array_equal(distances, np.take_along_axis(wanted, rows, 1))
    assert all(len(set(found)) == k for found in rows.tolist())


@given(points.filter(lambda matrix: len(matrix) > 1), st.data())
def test_no_row_is_its_own_neighbour(matrix: Features, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(matrix) - 1))
    distances, rows = nearest(matrix, matrix, k, exclude_self=True)
    wanted = all_distances(matrix, matrix)
    np.fill_diagonal(wanted, np.inf)
    assert np.array_equal(distances, np.sort(wanted, 1)[:, :k])
    assert not (rows == np.arange(len(matrix))[:, None]).any()


@given(points, points, st.integers(1, 14), st.booleans())
def test_the_size_of_a_block_changes_nothing(
    queries: Features, references: Features, block: int, same: bool
) -> None:
    if same and len(queries) > 1:
        whole, _ = nearest(queries, queries, 1, exclude_self=True)
        parts, _ = nearest(queries, queries, 1, exclude_self=True, block=block)
    else:
        k = min(3, len(references))
        whole, _ = nearest(queries, references, k)
        parts, _ = nearest(queries, references, k, block=block)
    assert np.array_equal(whole, parts)


def test_features_that_share_a_large_mean_keep_their_neighbours() -> None:
    queries, references = noise(60, at=500.0), noise(80, name="others", at=500.0)
    distances, rows = nearest(queries, references, 4, block=32)
    wanted = all_distances(queries, references)
    assert np.array_equal(rows, np.argsort(wanted, 1)[:, :4])
    assert np.array_equal(distances, np.sort(wanted, 1)[:, :4])


def test_of_two_that_rounding_cannot_tell_apart_the_nearer_is_found() -> None:
    queries = noise(200, 64, at=3.0)
    directions = noise(400, 64, name="directions")
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    # Two references a query, as far away but for a millionth or two.
    references = np.concatenate([queries + directions[:200], queries + directions[200:]])
    wanted = all_distances(queries, references)
    pairs = wanted[np.arange(200)[:, None], np.arange(200)[:, None] + [0, 200]]
    assert np.abs(pairs[:, 0] - pairs[:, 1]).max() < 1e-5
    distances, _ = nearest(queries, references, 1)
    assert np.array_equal(distances[:, 0], wanted.min(1))


@pytest.mark.parametrize("at", [0.0, 1000.0])
def test_a_copy_has_the_distance_zero_exactly(at: float) -> None:
    references = noise(300, 64, at=at)
    chosen = random_for(0, "chosen").permutation(300)[:100]
    distances, rows = nearest(references[chosen], references, 2, block=128)
    assert np.array_equal(rows[:, 0], chosen)
    assert (distances[:, 0] == 0).all() and (distances[:, 1] > 0).all()


def test_twins_are_each_others_neighbours_at_zero() -> None:
    matrix = np.concatenate([noise(40), noise(40)])
    distances, rows = nearest(matrix, matrix, 1, exclude_self=True)
    assert (distances == 0).all()
    assert np.array_equal(rows[:, 0], (np.arange(80) + 40) % 80)


def test_inputs_that_are_mapped_from_disk_are_left_as_they_are(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("features") / "points.npy"
    np.save(path, noise(50))
    mapped: Features = np.load(path, mmap_mode="r")
    distances, _ = nearest(mapped, mapped, 3, exclude_self=True, block=16)
    assert np.array_equal(distances, nearest(noise(50), noise(50), 3, exclude_self=True)[0])
    assert np.array_equal(np.load(path), noise(50))


def test_more_neighbours_than_there_are_is_an_error() -> None:
    four = noise(4)
    assert nearest(four, four, 4)[0].shape == (4, 4)
    with pytest.raises(ValueError, match="5 neighbours of 4"):
        nearest(four, four, 5)
    with pytest.raises(ValueError, match="4 neighbours of 4"):
        nearest(four, four, 4, exclude_self=True)


def test_progress_reaches_the_number_of_queries() -> None:
    heard: list[tuple[int, int]] = []
    nearest(noise(25), noise(10), 1, block=10, progress=lambda *state: heard.append(state))
    assert heard == [(10, 25), (20, 25), (25, 25)]


def test_the_total_variance_is_that_of_numpy_in_any_number_of_blocks() -> None:
    matrix = noise(5000, at=3.0)
    assert total_variance(matrix) == pytest.approx(float(np.var(matrix, 0, np.float64).sum()))
    assert total_variance(np.ones((3, 2), np.float32)) == 0

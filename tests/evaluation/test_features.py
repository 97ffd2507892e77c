"""Features are computed once, in whatever batches, and what is broken is computed anew."""

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from zerosum.data.cache import cached_features, clean_cache
from zerosum.data.cache_folder import features_folder
from zerosum.data.partial_files import held_folder, remove_abandoned
from zerosum.errors import ZerosumError
from zerosum.evaluation import features as module
from zerosum.evaluation.extractors import Extractor, open_extractor
from zerosum.evaluation.features import (
    extract_features,
    features_path,
    scratch_matrix,
)
from zerosum.evaluation.images import Images
from zerosum.randomness import random_for

COUNT = 25


@dataclass
class Network:
    """Two layers that a test can compute by hand, and every call that they got."""

    calls: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)

    def __call__(self, images: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        self.calls.append((len(images), tuple(layers)))
        flat = images.flatten(1).float()
        found = {"sum": flat.sum(1, keepdim=True), "ends": flat[:, [0, -1]]}
        return {layer: found[layer] for layer in layers}

    def extractor(self, batch: int = 10) -> Extractor:
        return Extractor(
            name="fake",
            layers={"sum": 1, "ends": 2},
            default_layer="sum",
            logits="",
            weights="0123456789ab",
            approximate=(),
            resize="none",
            precision="float32",
            device=torch.device("cpu"),
            batch=batch,
            compute=self,
        )


def noise(count: int = COUNT, fingerprint: str = "noise", side: int = 4) -> Images:
    shape = (side, side, 1)
    pixels = random_for(0, fingerprint).integers(0, 256, (count, *shape), dtype=np.uint8)
    return Images("noise", count, shape, fingerprint, lambda first, n: pixels[first : first + n])


def sums(images: Images) -> NDArray[np.float32]:
    pixels = images.read(0, len(images)).reshape(len(images), -1)
    total: NDArray[np.float32] = pixels.astype(np.float32).sum(1, keepdims=True)
    return total


def files(cache: Path) -> list[Path]:
    folder = features_folder(cache)
    return sorted(folder.iterdir()) if folder.is_dir() else []


def test_features_are_computed_once(tmp_path: Path) -> None:
    network, images = Network(), noise()
    first = extract_features(images, network.extractor(), ["sum"], cache=tmp_path)["sum"]
    assert first.dtype == np.float32 and np.array_equal(first, sums(images))
    calls = len(network.calls)
    assert calls == 3
    # The same content under another object, and another network of the same weights.
    again = extract_features(noise(), network.extractor(), ["sum"], cache=tmp_path)["sum"]
    assert len(network.calls) == calls
    assert isinstance(again, np.memmap) and np.array_equal(again, first)
    assert files(tmp_path) == [features_path(images, network.extractor(), "sum", tmp_path)]


def test_one_pass_computes_the_layers_that_are_missing(tmp_path: Path) -> None:
    network, images = Network(), noise()
    both = extract_features(images, network.extractor(), ["sum", "ends"], cache=tmp_path)
    assert {layers for _, layers in network.calls} == {("sum", "ends")}
    assert both["ends"].shape == (COUNT, 2)
    features_path(images, network.extractor(), "ends", tmp_path).unlink()
    network.calls.clear()
    found = extract_features(images, network.extractor(), ["sum", "ends"], cache=tmp_path)
    assert {layers for _, layers in network.calls} == {("ends",)}
    assert list(found) == ["sum", "ends"]
    assert np.array_equal(found["ends"], both["ends"])


@pytest.mark.parametrize(
    "change",
    [
        {"name": "other"},
        {"weights": "ba9876543210"},
        {"resize": "clean"},
        {"precision": "bf16"},
        {"device": torch.device("cuda")},
    ],
)
def test_all_that_features_depend_on_keeps_them_apart(
    change: dict[str, object], tmp_path: Path
) -> None:
    extractor, images = Network().extractor(), noise()
    path = features_path(images, extractor, "sum", tmp_path)
    other = replace(extractor, **change)  # type: ignore[arg-type]
    assert features_path(images, other, "sum", tmp_path) != path
    assert features_path(images, extractor, "ends", tmp_path) != path
    assert features_path(noise(fingerprint="others"), extractor, "sum", tmp_path) != path
    assert features_path(images, replace(extractor, batch=3), "sum", tmp_path) == path


def test_other_images_have_other_features(tmp_path: Path) -> None:
    network = Network()
    extract_features(noise(), network.extractor(), ["sum"], cache=tmp_path)
    others = noise(fingerprint="others")
    found = extract_features(others, network.extractor(), ["sum"], cache=tmp_path)["sum"]
    assert np.array_equal(found, sums(others))


def garbage(path: Path) -> None:
    path.write_bytes(b"not a matrix" * 20)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-8])


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-40] ^= 1
    path.write_bytes(content)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def of_another_shape(path: Path) -> None:
    np.save(path, np.zeros((COUNT - 1, 1), np.float32))


def of_another_kind(path: Path) -> None:
    np.save(path, np.zeros((COUNT, 1), np.float64))


@pytest.mark.parametrize(
    "damage", [garbage, cut_short, flipped, emptied, of_another_shape, of_another_kind]
)
def test_a_damaged_file_is_computed_anew_and_that_is_said(
    damage: Callable[[Path], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    network, images = Network(), noise()
    extract_features(images, network.extractor(), ["sum"], cache=tmp_path)
    damage(features_path(images, network.extractor(), "sum", tmp_path))
    network.calls.clear()
    found = extract_features(images, network.extractor(), ["sum"], cache=tmp_path)["sum"]
    assert np.array_equal(found, sums(images)) and network.calls
    (told,) = (record.getMessage() for record in caplog.records)
    assert str(features_path(images, network.extractor(), "sum", tmp_path)) in told
    assert "computed anew" in told
    network.calls.clear()
    extract_features(images, network.extractor(), ["sum"], cache=tmp_path)
    assert not network.calls


@pytest.mark.parametrize("in_memory", [True, False])
def test_features_that_are_not_kept_leave_nothing(
    in_memory: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not in_memory:
        monkeypatch.setattr(module, "IN_MEMORY", 0)
    images = noise()
    found = extract_features(images, Network().extractor(), ["sum"], cache=tmp_path, keep=False)[
        "sum"
    ]
    assert np.array_equal(found, sums(images))
    assert isinstance(found, np.memmap) is not in_memory
    assert files(tmp_path) == []


def test_features_that_were_kept_are_used_where_none_are_to_be_kept(tmp_path: Path) -> None:
    network, images = Network(), noise()
    extract_features(images, network.extractor(), ["sum"], cache=tmp_path)
    network.calls.clear()
    extract_features(images, network.extractor(), ["sum"], cache=tmp_path, keep=False)
    assert not network.calls


@given(st.integers(1, 60), st.integers(1, 40))
def test_any_batch_size_gives_the_same(count: int, batch: int) -> None:
    network, images = Network(), noise(count)
    found = extract_features(images, network.extractor(batch), ["sum", "ends"], keep=False)
    assert np.array_equal(found["sum"], sums(images))
    # A last batch is filled up, so that no kernel depends on how many images there are.
    assert {size for size, _ in network.calls} == {batch}


def test_a_real_network_gives_the_same_in_any_batches(tmp_path: Path) -> None:
    images, extractor = noise(50, side=32), open_extractor("digits")
    whole, parts = (
        extract_features(
            images, replace(extractor, batch=batch), ["features"], cache=tmp_path, keep=False
        )["features"]
        for batch in (50, 7)
    )
    np.testing.assert_allclose(parts, whole, rtol=1e-4, atol=1e-5)
    few = extract_features(
        images.first(11), replace(extractor, batch=50), ["features"], keep=False
    )["features"]
    assert np.array_equal(few, whole[:11])


def test_progress_reaches_the_total(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    extract_features(
        noise(),
        Network().extractor(),
        ["sum"],
        cache=tmp_path,
        progress=lambda done, total: heard.append((done, total)),
    )
    assert heard == [(0, 25), (10, 25), (20, 25), (25, 25)]


def test_a_full_disk_is_said_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=COUNT * 4 - 1))
    network = Network()
    with pytest.raises(ZerosumError, match="left") as error:
        extract_features(noise(), network.extractor(), ["sum"], cache=tmp_path)
    assert "zerosum data clean" in error.value.remedy and "ZEROSUM_CACHE" in error.value.remedy
    assert files(tmp_path) == [] and not network.calls


def test_a_large_scratch_matrix_is_mapped_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not isinstance(scratch_matrix((3, 2), cache=tmp_path), np.memmap)
    monkeypatch.setattr(module, "IN_MEMORY", 23)
    matrix = scratch_matrix((3, 2), cache=tmp_path)
    matrix[:] = 7
    assert isinstance(matrix, np.memmap) and matrix.shape == (3, 2) and (matrix == 7).all()
    assert files(tmp_path) == []


def test_a_scratch_matrix_that_outgrows_the_disk_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "IN_MEMORY", 0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=23))
    with pytest.raises(ZerosumError, match="left"):
        scratch_matrix((3, 2), cache=tmp_path)


def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "features").write_bytes(b"a file where the folder should be")
    with pytest.raises(ZerosumError, match="cannot write the features"):
        extract_features(noise(), Network().extractor(), ["sum"], cache=tmp_path)


def test_a_pass_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken(_images: Tensor, _layers: Sequence[str]) -> dict[str, Tensor]:
        raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        extract_features(
            noise(), replace(Network().extractor(), compute=broken), ["sum"], cache=tmp_path
        )
    assert files(tmp_path) == []


def test_a_folder_that_nobody_holds_is_removed(tmp_path: Path) -> None:
    place = features_folder(tmp_path) / "compared"
    with held_folder(place) as folder:
        (folder / "real.safetensors").write_bytes(b"x" * 10)
        assert remove_abandoned(place.parent) == 0 and folder.exists()
        (found,) = cached_features(tmp_path)
        assert (found.size, found.finished) == (10, False)
    assert not folder.exists()
    folder.mkdir()
    (folder / "real.safetensors").write_bytes(b"x" * 10)
    assert clean_cache(tmp_path) == 10
    assert not folder.exists()


def test_two_that_want_the_same_features_compute_them_once(tmp_path: Path) -> None:
    network, images = Network(), noise()
    with ThreadPoolExecutor(2) as pool:
        both = [
            pool.submit(extract_features, images, network.extractor(), ["sum"], cache=tmp_path)
            for _ in range(2)
        ]
    assert len(network.calls) == 3
    for each in both:
        assert np.array_equal(each.result()["sum"], sums(images))
    assert files(tmp_path) == [features_path(images, network.extractor(), "sum", tmp_path)]

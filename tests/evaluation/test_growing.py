"""Features grow on disk block by block: whatever stops them, the next call goes on, to the same
bits."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from tests.evaluation.test_features import COUNT, Network, files, noise, sums
from tests.generation.test_full_disk import no_file_larger_than
from zerosum.data.cache import cached_features, clean_cache
from zerosum.data.cache_folder import features_folder
from zerosum.data.partial_files import blocks_file
from zerosum.errors import ZerosumError
from zerosum.evaluation import growing as module
from zerosum.evaluation.extractors import open_extractor
from zerosum.evaluation.features import extract_features, features_path
from zerosum.evaluation.measure import Measure
from zerosum.evaluation.scoring import score_images


class StoppedError(Exception):
    """Somebody stopped."""


def stop_at(images: int) -> Callable[[int, int], None]:
    def heard(done: int, _total: int) -> None:
        if done >= images:
            raise StoppedError

    return heard


def unfinished(cache: Path) -> Path:
    (found,) = (each.file for each in cached_features(cache) if not each.finished)
    return found


def extracted(
    cache: Path, *, network: Network, layers: Sequence[str] = ("sum",), batch: int = 10
) -> NDArray[np.float32]:
    return extract_features(noise(), network.extractor(batch), layers, cache=cache)[layers[0]]


@settings(max_examples=15)  # each writes and syncs files
@given(st.lists(st.integers(1, COUNT), max_size=4), st.integers(1, 12), st.booleans())
def test_stopped_anywhere_it_computes_no_image_twice_and_ends_with_the_same_file(
    stops: list[int], batch: int, both: bool
) -> None:
    layers = ("sum", "ends") if both else ("sum",)
    with TemporaryDirectory() as name:
        whole, parts = Path(name) / "whole", Path(name) / "parts"
        network = Network()
        extracted(whole, network=network, layers=layers, batch=batch)
        calls, network = len(network.calls), Network()
        for stop in stops:
            with pytest.raises(StoppedError):
                extract_features(
                    noise(), network.extractor(batch), layers, cache=parts, progress=stop_at(stop)
                )
            if stop > COUNT - batch:
                break  # all were computed
        extracted(parts, network=network, layers=layers, batch=batch)
        assert len(network.calls) == calls
        for ours, theirs in zip(files(parts), files(whole), strict=True):
            assert ours.read_bytes() == theirs.read_bytes()


KILLED = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from tests.evaluation.test_features import Network, noise
from zerosum.evaluation import features, growing

growing.BLOCK_SECONDS = 0.0  # each batch is a block
network = Network()

def killed(images, layers):
    if len(network.calls) == int(sys.argv[2]):
        print("in the middle", flush=True)
        sys.stdin.read()
    return network(images, layers)

extractor = replace(network.extractor(), compute=killed)
features.extract_features(noise(), extractor, ["sum"], cache=Path(sys.argv[1]))
"""


@contextmanager
def in_the_middle(cache: Path, batches: int) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has written so many batches and computes the next."""
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(cache), str(batches)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert child.stdout is not None and child.stdout.readline()
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def test_a_killed_pass_loses_no_block_and_while_it_goes_on_others_wait(tmp_path: Path) -> None:
    network, others = Network(), noise(fingerprint="others")
    cache, whole = tmp_path / "killed", tmp_path / "whole"
    with in_the_middle(cache, 2):
        (found,) = cached_features(cache)
        assert not found.finished and found.size > 0
        assert clean_cache(cache) == 0 and cached_features(cache) == [found], "it is being written"
        with pytest.raises(StoppedError):  # it hears how far the other one is
            extract_features(
                noise(), network.extractor(), ["sum"], cache=cache, progress=stop_at(20)
            )
        assert not network.calls
    extract_features(others, network.extractor(), ["sum"], cache=cache)
    assert found in cached_features(cache), "other features leave it alone"
    network.calls.clear()
    heard: list[int] = []
    extract_features(
        noise(),
        network.extractor(),
        ["sum"],
        cache=cache,
        progress=lambda done, _total: heard.append(done),
    )
    assert len(network.calls) == 1 and heard == [20, 25]
    extracted(whole, network=network)
    (theirs,) = files(whole)
    assert (features_folder(cache) / theirs.name).read_bytes() == theirs.read_bytes()


def test_what_nobody_goes_on_with_is_cleaned_away(tmp_path: Path) -> None:
    with pytest.raises(StoppedError):
        extract_features(
            noise(), Network().extractor(), ["sum"], cache=tmp_path, progress=stop_at(10)
        )
    assert len(files(tmp_path)) == 2, "the matrix and the lines of its blocks"
    (found,) = cached_features(tmp_path)
    assert found.name == features_path(noise(), Network().extractor(), "sum", tmp_path).name
    assert clean_cache(tmp_path) > 0 and files(tmp_path) == []


def test_a_disk_that_fills_up_keeps_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCK_SECONDS", 0.0)
    images = noise(300)
    layer = open_extractor("digits").layers["features"]
    network = replace(
        Network().extractor(100),
        layers={"wide": layer},
        compute=lambda pixels, _: {
            "wide": pixels.flatten(1).float().sum(1, keepdim=True).repeat(1, layer)
        },
    )
    with (
        no_file_larger_than(128 + 250 * 4 * layer),
        pytest.raises(ZerosumError, match="200 of 300 are kept") as error,
    ):
        extract_features(images, network, ["wide"], cache=tmp_path)
    assert "goes on" in error.value.remedy
    heard: list[int] = []
    found = extract_features(
        images, network, ["wide"], cache=tmp_path, progress=lambda done, _: heard.append(done)
    )["wide"]
    assert heard == [200, 300]
    assert np.array_equal(found, np.repeat(sums(images), layer, 1))


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def test_a_damaged_block_and_those_behind_it_are_computed_anew_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "BLOCK_SECONDS", 0.0)
    with pytest.raises(StoppedError):
        extract_features(
            noise(), Network().extractor(5), ["sum"], cache=tmp_path, progress=stop_at(15)
        )
    flip(unfinished(tmp_path), -30)  # in the second of three blocks
    network = Network()
    assert np.array_equal(extracted(tmp_path, network=network, batch=5), sums(noise()))
    assert len(network.calls) == 4
    (told,) = (record.getMessage() for record in caplog.records)
    assert "damaged" in told and "first 5 images" in told


def test_a_damaged_line_beside_it_is_said_and_costs_no_right_number(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(StoppedError):
        extract_features(
            noise(), Network().extractor(), ["sum"], cache=tmp_path, progress=stop_at(10)
        )
    flip(blocks_file(unfinished(tmp_path)), 9)
    assert np.array_equal(extracted(tmp_path, network=Network()), sums(noise()))
    (told,) = (record.getMessage() for record in caplog.records)
    assert "damaged" in told


def test_a_layer_that_is_further_than_another_is_written_once(tmp_path: Path) -> None:
    with pytest.raises(StoppedError):
        extract_features(
            noise(), Network().extractor(), ["sum"], cache=tmp_path, progress=stop_at(20)
        )
    network = Network()
    both = extract_features(noise(), network.extractor(), ["sum", "ends"], cache=tmp_path)
    assert len(network.calls) == 3 and np.array_equal(both["sum"], sums(noise()))
    assert all(each.finished for each in cached_features(tmp_path))


def test_what_was_begun_with_other_weights_is_not_gone_on_with(tmp_path: Path) -> None:
    network = Network()
    with pytest.raises(StoppedError):
        extract_features(noise(), network.extractor(), ["sum"], cache=tmp_path, progress=stop_at(9))
    other = replace(network.extractor(), weights="ba9876543210")
    network.calls.clear()
    extract_features(noise(), other, ["sum"], cache=tmp_path)
    assert len(network.calls) == 3
    assert unfinished(tmp_path).name.startswith(
        f".{features_path(noise(), network.extractor(), 'sum', tmp_path).name}"
    )


def test_a_scoring_that_was_stopped_ends_with_the_same_numbers_bit_for_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extractor = replace(open_extractor("digits"), batch=16)
    fakes, reals = noise(60, "fakes", 32), replace(noise(70, "reals", 32), part="all")
    measure = Measure(extractor, "features", ("fid", "kid", "precision", "recall"))
    monkeypatch.setenv("ZEROSUM_CACHE", str(tmp_path / "once"))
    once = score_images(fakes, reals, measure)
    monkeypatch.setenv("ZEROSUM_CACHE", str(tmp_path / "stopped"))

    def stop_in(stage: str, images: int) -> Callable[[str, int, int], None]:
        def heard(what: str, done: int, _total: int) -> None:
            if what == stage and done >= images:
                raise StoppedError

        return heard

    for stage in ("real", "generated"):
        with pytest.raises(StoppedError):
            score_images(
                fakes,
                reals,
                measure,
                stage=stop_in(f"features of the {stage} images", 32),
            )
    again = score_images(fakes, reals, measure, keep=False)
    assert again.values == once.values
    assert [each.finished for each in cached_features(tmp_path / "stopped")] == [True]


def test_features_that_are_not_kept_last_until_the_scores_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZEROSUM_CACHE", str(tmp_path))
    extractor = replace(open_extractor("digits"), batch=16)
    fakes, reals = noise(60, "fakes", 32), replace(noise(70, "reals", 32), part="all")
    measure = Measure(extractor, "features", ("fid", "kid"))
    there = []

    def heard(what: str, _done: int, _total: int) -> None:
        if what == "scores":
            there.append(len(cached_features(tmp_path)))

    score_images(fakes, reals, measure, keep=False, stage=heard)
    assert set(there) == {2}
    (kept,) = cached_features(tmp_path)
    assert kept.file == features_path(reals, extractor, "features", tmp_path)


def broken(_images: Tensor, _layers: Sequence[str]) -> dict[str, Tensor]:
    raise RuntimeError("out of memory")


def test_a_pass_that_fails_after_a_block_can_go_on(tmp_path: Path) -> None:
    with pytest.raises(StoppedError):
        extract_features(
            noise(), Network().extractor(), ["sum"], cache=tmp_path, progress=stop_at(9)
        )
    with pytest.raises(RuntimeError, match="out of memory"):
        extract_features(
            noise(), replace(Network().extractor(), compute=broken), ["sum"], cache=tmp_path
        )
    network = Network()
    assert np.array_equal(extracted(tmp_path, network=network), sums(noise()))
    assert len(network.calls) == 2

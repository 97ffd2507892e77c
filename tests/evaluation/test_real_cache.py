"""What scores need of real images alone is computed once, and changes no digit of any score."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from zerosum.data import open_data
from zerosum.data.cache import cached_features, clean_cache
from zerosum.errors import ZerosumError
from zerosum.evaluation import real_cache
from zerosum.evaluation.extractors import open_extractor
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import Measure
from zerosum.evaluation.opening import real_images
from zerosum.evaluation.scores.kid import KernelSums
from zerosum.evaluation.scores.neighbourhoods import Neighbourhoods
from zerosum.evaluation.scoring import Scores, score_images
from zerosum.recipe.load import load_recipe
from zerosum.versions import versions

NAMES = ("fid", "kid", "precision", "recall", "coverage")


@pytest.fixture(scope="module")
def digits() -> Images:
    return real_images(open_data(load_recipe("digits").data, 0), "train").first(420)


Score = Callable[..., Scores]


@pytest.fixture
def score(digits: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Score:
    """Scores of `count` digits against 300 others, in a cache of their own; not `kept`: as they are
    without what is kept of the real side."""
    extractor = open_extractor("digits")
    monkeypatch.setenv("ZEROSUM_CACHE", str(tmp_path))

    def scored(
        count: int = 120, *, kept: bool = True, seed: int = 0, others: bool = False
    ) -> Scores:
        monkeypatch.setattr(real_cache, "SMALLEST", 0 if kept else 10**9)
        return score_images(
            digits.first(count),
            digits.chosen(np.arange(100, 400)),
            Measure(extractor, "features", NAMES, seed),
            others=digits.chosen(np.arange(400, 420)) if others else None,
        )

    return scored


def files(folder: Path) -> list[Path]:
    return sorted((folder / "features").glob("*.safetensors"))


def same(one: Scores, other: Scores) -> bool:
    """To the last digit, the floor included."""
    return one.values == other.values and one.floor == other.floor


@pytest.mark.parametrize("others", [False, True])
def test_what_is_kept_of_the_real_side_changes_no_digit(score: Score, others: bool) -> None:
    plain = score(kept=False, others=others)
    assert same(score(others=others), plain)
    assert same(score(others=others), plain)


def test_a_second_evaluation_computes_nothing_of_the_real_side_alone(
    score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks: list[str] = []
    own, add = Neighbourhoods.own, KernelSums.add

    def owning(found: Neighbourhoods, side: str, *rest: object) -> None:
        blocks.append(f"neighbours of {side}")
        own(found, side, *rest)  # type: ignore[arg-type]

    def adding(sums: KernelSums, one: str, other: str, *rest: object) -> None:
        blocks.append(f"kernel of {one} and {other}")
        add(sums, one, other, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Neighbourhoods, "own", owning)
    monkeypatch.setattr(KernelSums, "add", adding)
    score()
    assert {"neighbours of real", "kernel of real and real"} <= set(blocks)
    blocks.clear()
    written: list[object] = []
    monkeypatch.setattr(real_cache, "write_atomically", lambda *given: written.append(given))
    score()
    assert not written
    # Of the generated images once against all real ones, and once against the floor's half.
    alone = ["neighbours of fake", "kernel of fake and fake", "kernel of fake and real"]
    assert sorted(blocks) == sorted(alone * 2)


def test_other_images_and_draws_have_their_own(score: Score) -> None:
    score()
    for changes in ({"count": 110}, {"seed": 1}, {"others": True}):
        assert same(score(**changes), score(kept=False, **changes))


def test_only_the_number_of_generated_images_draws_other_subsets(
    score: Score, tmp_path: Path
) -> None:
    score(others=True)
    before = set(files(tmp_path))
    score(110, others=True)
    assert {path.name.split("-")[-2] for path in set(files(tmp_path)) - before} == {"sums"}


@pytest.mark.parametrize("damage", ["a digit", "cut off", "empty", "another's"])
def test_a_damaged_file_is_computed_anew_and_that_is_said(
    score: Score, tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    first = score()
    whole = {path: path.read_bytes() for path in files(tmp_path)}
    assert len(whole) >= 4
    for number, (path, content) in enumerate(whole.items()):
        changed = {
            "a digit": content[:-5] + bytes([content[-5] ^ 1]) + content[-4:],
            "cut off": content[:-9],
            "empty": b"",
            "another's": list(whole.values())[number - 1],
        }
        path.write_bytes(changed[damage])
    assert same(score(), first)
    assert caplog.text.count("is damaged") == len(whole)
    assert {path: path.read_bytes() for path in files(tmp_path)} == whole


def test_what_other_code_made_is_not_believed(
    score: Score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a checkout the scores change under the same version."""
    code = tmp_path / "code"
    for file in ("scores/kid.py", "floor.py"):
        (code / file).parent.mkdir(parents=True, exist_ok=True)
        (code / file).write_text("SEED = 2020\n")
    monkeypatch.setattr(real_cache, "SOURCES", code)
    score(others=True)
    kept = [path.stat().st_mtime_ns for path in files(tmp_path)]
    score(others=True)
    assert [path.stat().st_mtime_ns for path in files(tmp_path)] == kept
    for file in ("scores/kid.py", "floor.py"):
        (code / file).write_text("SEED = 2021\n")
        real_cache._code.cache_clear()
        score(others=True)
        anew = [path.stat().st_mtime_ns for path in files(tmp_path)]
        assert len(anew) == len(kept)
        assert not set(anew) & set(kept)
        kept = anew
    real_cache._code.cache_clear()


@pytest.mark.parametrize("what", ["version", "threads"])
def test_what_another_version_or_number_of_threads_made_is_not_believed(
    score: Score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    score()
    old = {path: path.read_bytes() for path in files(tmp_path)}
    if what == "version":
        other = {**versions(), "zerosum": "99.0"}
        monkeypatch.setattr(real_cache, "versions", lambda: other)
    else:
        monkeypatch.setattr(torch, "get_num_threads", lambda: 99)
    score()
    new = {path: path.read_bytes() for path in files(tmp_path)}
    assert list(new) == list(old)
    assert all(new[path] != old[path] for path in old)


def test_a_full_disk_leaves_the_evaluation_whole(
    score: Score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = score(kept=False)

    def full(path: Path, _content: bytes) -> None:
        raise ZerosumError(f"no space left to write {path}", "free some")

    monkeypatch.setattr(real_cache, "write_atomically", full)
    assert same(score(), plain)
    assert not files(tmp_path)


def test_few_images_leave_no_files(digits: Images, tmp_path: Path) -> None:
    extractor = open_extractor("digits")
    few = np.zeros((300, 64), np.float32)
    kept = real_cache.kept_of(digits, extractor, "features", few, tmp_path)
    kept.write("mean", (), few[0])
    assert kept.read("mean", (), few[0]) is not None and not files(tmp_path)


def test_they_are_listed_and_cleaned_with_the_features(score: Score, tmp_path: Path) -> None:
    score()
    listed = [found.file for found in cached_features(tmp_path) if found.finished]
    assert set(files(tmp_path)) < set(listed)
    clean_cache(tmp_path)
    assert not cached_features(tmp_path)

"""How long a scoring takes is told before it begins, from a few images, where that is long."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from torch import Tensor

from tests.evaluation.test_features import Network, noise
from zerosum.evaluation import forecast as module
from zerosum.evaluation.extractors import Extractor, open_extractor
from zerosum.evaluation.features import extract_features
from zerosum.evaluation.forecast import Work, fewer_images, forecast, missing_images, tell_if_long
from zerosum.evaluation.measure import Measure
from zerosum.evaluation.scoring import score_images
from zerosum.evaluation.time_left import TimeLeft, stage_words
from zerosum.words import about, clock


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZEROSUM_CACHE", str(tmp_path))


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], Extractor]:
    """A network that takes so many seconds for a batch of 10, by a clock of its own."""
    now = [0.0]
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    network = Network()

    def made(seconds: float) -> Extractor:
        def compute(images: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
            now[0] += seconds
            return network(images, layers)

        return replace(network.extractor(), compute=compute)

    return made


def work(count: int, what: str = "real") -> Work:
    return Work(what, noise(count, what), ("sum",))


def test_the_time_is_that_of_the_images_that_are_missing(
    slow: Callable[[float], Extractor],
) -> None:
    extractor = slow(5.0)
    real, generated = work(100), work(50, "generated")
    both = forecast([real, generated], extractor)
    assert [(each.missing, each.seconds) for each in both] == [(100, 50.0), (50, 25.0)]

    def stop(done: int, _total: int) -> None:
        if done >= 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract_features(real.images, extractor, ["sum"], progress=stop)
    assert missing_images(real, extractor) == 70
    extract_features(real.images, extractor, ["sum"])
    assert [each.work.what for each in forecast([real, generated], extractor)] == ["generated"]


def test_images_that_both_sides_have_are_counted_once(slow: Callable[[float], Extractor]) -> None:
    twice = [work(100), replace(work(100), what="training")]
    assert len(forecast(twice, slow(1.0))) == 1


def test_more_than_two_minutes_are_told_with_what_is_shorter(
    slow: Callable[[float], Extractor], caplog: pytest.LogCaptureFixture
) -> None:
    works = [work(1000), work(500, "generated")]
    tell_if_long(works, slow(0.8), "--images 100")  # 120 seconds
    assert not caplog.records
    tell_if_long(works, slow(8.0), "--images 100")
    (told,) = (record.getMessage() for record in caplog.records)
    first, second, third = told.splitlines()
    assert first == (
        "this takes about 20 minutes: fake features of 1,000 real and 500 generated images, "
        "1.2 a second"
    )
    assert second == "  shorter: --images 100"
    assert "stopped at any time" in third


def test_the_time_of_classifiers_is_not_put_down_to_the_features(
    slow: Callable[[float], Extractor], caplog: pytest.LogCaptureFixture
) -> None:
    tell_if_long([work(1000)], slow(8.0), "--images 100", training=300.0)
    assert caplog.records[0].getMessage().splitlines()[0] == (
        "this takes about 18 minutes: fake features of 1,000 real images, 1.2 a second, and then "
        "training classifiers, about 5 minutes"
    )


def test_a_scoring_that_is_long_says_so_before_its_first_feature(
    slow: Callable[[float], Extractor], caplog: pytest.LogCaptureFixture
) -> None:
    told_after: list[int] = []

    def stage(what: str, _done: int, _total: int) -> None:
        if what == "features of the real images":
            told_after.append(len(caplog.records))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_images(
            noise(500, "fakes"),
            replace(noise(1000), part="all"),
            Measure(slow(8.0), "sum", ("fid",)),
            shorter="--images 100",
            stage=stage,
        )
    assert told_after == [1]
    assert "1,000 real and 500 generated" in caplog.text


def test_what_is_shorter_names_the_digits_network_for_digits_alone() -> None:
    digits = replace(noise(), class_names=tuple("0123456789"))
    other = Network().extractor()
    assert fewer_images(10_000, noise(), other) == "--images 2000"
    assert "--extractor digits" in fewer_images(10_000, digits, other)
    assert "--extractor" not in fewer_images(10_000, digits, open_extractor("digits"))


def test_time_left_is_by_the_speed_since_a_stage_began() -> None:
    now = [0.0]
    pace = TimeLeft(lambda: now[0])
    assert pace.left("real", 9_000, 10_000) is None, "computed before a stop: no speed"
    now[0] = 10.0
    assert pace.left("real", 9_100, 10_000) == pytest.approx(90.0)
    now[0] = 20.0
    assert pace.left("generated", 0, 10_000) is None
    now[0] = 21.0
    assert pace.left("generated", 100, 10_000) == pytest.approx(99.0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (40, "about 1 minute"),
        (130, "about 2 minutes"),
        (3300, "about 55 minutes"),
        (7200, "about 2 hours"),
        (9000, "about 2.5 hours"),
    ],
)
def test_long_durations_are_said_as_people_do(seconds: float, words: str) -> None:
    assert about(seconds) == words


def test_a_stage_says_how_far_it_is_and_how_long_it_takes() -> None:
    words = "features of the real images: 2,560 of 10,000"
    assert stage_words("features of the real images", 2560, 10_000, None) == words
    assert stage_words("features of the real images", 2560, 10_000, 740) == f"{words}, 12:20 left"
    assert clock(3723) == "1:02:03"

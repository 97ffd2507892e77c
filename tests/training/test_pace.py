"""How fast a training goes, as it is told to whoever watches."""

from zerosum.training.checkpoints import Position
from zerosum.training.pace import SURE, WINDOW, Pace


def at(seconds: float, images: int) -> Position:
    return Position(images=images, seconds=seconds)


def test_the_slow_first_step_counts_until_there_is_another() -> None:
    pace = Pace(at(0.0, 0))
    pace.look(at(10.0, 100))
    assert pace.speed == 10.0 and not pace.sure
    pace.look(at(11.0, 200))
    assert pace.speed == 100.0 and not pace.sure
    pace.look(at(10.0 + SURE, 100 + int(100 * SURE)))
    assert pace.speed == 100.0 and pace.sure


def test_it_looks_after_the_first_step_the_last_and_each_second() -> None:
    pace = Pace(at(50.0, 1_000))
    assert pace.look_due(at(50.01, 1_010), last=False)
    pace.look(at(50.01, 1_010))
    assert not pace.look_due(at(50.5, 1_100), last=False)
    assert pace.look_due(at(50.5, 1_100), last=True)
    assert pace.look_due(at(51.1, 1_200), last=False)


def test_it_tells_the_speed_of_the_last_looks_alone() -> None:
    pace = Pace(at(0.0, 0))
    for second in range(1, 2 * WINDOW):
        pace.look(at(float(second), 10 * second))
    here = 10 * (2 * WINDOW - 1)
    for second in range(2 * WINDOW, 4 * WINDOW):
        here += 1_000
        pace.look(at(float(second), here))
    assert pace.speed == 1_000.0


def test_a_clock_that_stands_still_is_no_division_by_zero() -> None:
    pace = Pace(at(0.0, 0))
    pace.look(at(0.0, 64))
    assert pace.speed == 0.0

"""A training on the screen: a line at intervals in a file, a bar in a terminal."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from zerosum.cli.display import TrainingDisplay, clock, progress_line

LINE = {
    "images": 6_400.0, "images_per_second": 100.0, "loss_generator": 1.25,
    "loss_discriminator": 0.5, "d_real": 0.75, "d_fake_before": 0.25,
    "d_fake_after": 0.125,
}  # fmt: skip


def show(terminal: bool, monkeypatch: pytest.MonkeyPatch, lines: int = 100) -> str:
    """What a training of `lines` log lines prints, one each second."""
    now = iter(range(10**6))
    monkeypatch.setattr("zerosum.cli.display.time.monotonic", lambda: float(next(now)))
    shown, output = TrainingDisplay(), io.StringIO()
    shown.console = Console(file=output, force_terminal=terminal, width=200)
    shown.begin(0, 6_400 * lines)
    for number in range(1, lines + 1):
        shown.stepped(6_400 * number, 6_400 * lines)
        shown.logged({**LINE, "images": 6_400.0 * number})
    shown.end()
    return output.getvalue()


def test_a_file_gets_whole_lines_at_intervals_and_the_last_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    output = show(False, monkeypatch)
    lines = output.splitlines()
    assert 5 <= len(lines) <= 25
    assert all("loss G 1.250 D 0.500" in line for line in lines)
    assert "\x1b" not in output
    assert "\r" not in output
    assert lines[-1].startswith("640,000/640,000 images")
    assert len(set(lines)) == len(lines)


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" in show(True, monkeypatch)


def test_a_line_says_how_far_how_fast_how_long_and_how_the_game_stands() -> None:
    assert progress_line(LINE, 12_800) == (
        "6,400/12,800 images  100/s  1:04 left  loss G 1.250 D 0.500  D(x) 0.75"
        "  D(G(z)) 0.25 → 0.12"
    )
    assert progress_line({**LINE, "distance": 0.5}, 12_800).endswith("distance 0.5")
    assert "0:00 left" in progress_line({**LINE, "images_per_second": 0.0}, 12_800)


def test_a_line_of_a_restoration_says_its_phase_and_who_trains() -> None:
    place = {"images": 640.0, "images_per_second": 10.0, "phase": "generator"}
    alone = progress_line({**place, "generator_share": 1.0, "loss_pixel": 0.02}, 6_400)
    assert alone == "640/6,400 images  10/s  9:36 left  generator alone  pixel loss 0.0200"
    critic = {**place, "phase": "critic", "generator_share": 0.0, "accuracy": 0.75}
    judged = {"loss_discriminator": 1.2, "d_real": 0.6, "d_fake_before": 0.4}
    assert progress_line({**critic, **judged}, 6_400).endswith(
        "critic alone  loss D 1.200  right 75%  D(x) 0.60  D(G(z)) 0.40"
    )
    both = {**LINE, "phase": "adversarial", "generator_share": 0.4}
    assert "both (generator 40% of the steps)" in progress_line(both, 6_400)


@given(st.integers(0, 10**6))
def test_a_clock_tells_the_seconds(seconds: int) -> None:
    total = 0
    for part in clock(seconds).split(":"):
        total = total * 60 + int(part)
    assert total == seconds


def test_a_message_is_printed_as_it_is(tmp_path: Path) -> None:
    shown, output = TrainingDisplay(), io.StringIO()
    shown.console.file, shown.console.width = output, 40
    text = f"{tmp_path}/[bold]a long name that is not to be broken[/bold]"
    shown.message(text)
    assert output.getvalue() == text + "\n"

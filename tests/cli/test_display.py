"""A training on the screen: a line at intervals in a file, a bar in a terminal."""

import io
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from zerosum.cli.commands import commands
from zerosum.cli.display import TrainingDisplay, last_losses
from zerosum.cli.pictures import StageBar
from zerosum.cli.terminal import open_console
from zerosum.cli.training_line import progress_line, short, stage_lines, training_lines, with_bar
from zerosum.evaluation.time_left import TimeLeft
from zerosum.records.logs import ScoreLine
from zerosum.words import clock

LINE = {
    "images": 6_400, "images_per_second": 100.0, "loss_generator": 1.25,
    "loss_discriminator": 0.5, "d_real": 0.75, "d_fake_before": 0.25,
    "d_fake_after": 0.125,
}  # fmt: skip


def show(terminal: bool, monkeypatch: pytest.MonkeyPatch, lines: int = 100) -> str:
    """What a training prints that is looked at `lines` times, once each second."""
    now = iter(range(10**6))
    monkeypatch.setattr("zerosum.cli.display.time.monotonic", lambda: float(next(now)))
    shown, output = TrainingDisplay(), io.StringIO()
    shown.console = Console(file=output, force_terminal=terminal, width=200)
    shown.begun(0, 6_400 * lines)
    for number in range(1, lines + 1):
        shown.stepped(6_400 * number, 6_400 * lines)
        shown.glimpsed({**LINE, "images": 6_400 * number})
    shown.ended()
    return output.getvalue()


def drawn(lines: list[str], width: int, done: float = 0.5) -> str:
    """What a terminal of that width shows of the bar, in one line or more."""
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, color_system=None, width=width)
    console.print(with_bar(lines, done, width))
    return output.getvalue().rstrip("\n")


def test_a_file_gets_whole_lines_at_intervals_and_the_last_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    output = show(False, monkeypatch)
    lines = output.splitlines()
    assert 5 <= len(lines) <= 25
    assert all("loss G 1.250 D 0.500" in line for line in lines)
    assert "\x1b" not in output
    assert "\r" not in output
    assert lines[0].startswith("1%  6,400/640,000 images")
    assert lines[-1].startswith("100%  640,000/640,000 images")
    assert len(set(lines)) == len(lines)


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" in show(True, monkeypatch)


@pytest.mark.parametrize("width", [60, 80, 100, 120])
@pytest.mark.parametrize(
    ("images", "total", "speed"),
    [(6_400, 220_000, 1_530.0), (128, 128_000, 2.4), (9_999_936, 12_000_000, 10_530.0)],
)
def test_the_bar_shows_everything_that_counts_at_any_width(
    width: int, images: int, total: int, speed: float
) -> None:
    line = {**LINE, "images_per_second": speed, "distance": 0.125}
    text = drawn(training_lines(line, images, total), width, images / total)
    assert "\n" not in text and len(text) < width
    assert re.match(r"[━╸╺ ]{6,}", text)
    for part in (f"{images / total:.0%}", f"{speed:,.0f}/s", " left", "G 1.25", "D 0.50"):
        assert part in text
    assert f"{images:,}/{total:,}" in text or f"{short(images)}/{short(total)}" in text
    assert text.count("/") == 2, "one count, and the speed"
    assert "…" not in text


@pytest.mark.parametrize("width", [20, 40, 60, 80])
def test_before_the_first_step_the_bar_says_that_it_starts(width: int) -> None:
    text = drawn(training_lines(None, 0, 220_000), width, 0.0)
    assert "starting" in text and "0%" in text and "\n" not in text and len(text) < width


@given(
    width=st.integers(10, 200),
    images=st.integers(0, 10**9),
    more=st.integers(0, 10**9),
    speed=st.floats(0.001, 10**6),
)
def test_the_bar_stays_on_one_line_in_any_width(
    width: int, images: int, more: int, speed: float
) -> None:
    line = {**LINE, "images_per_second": speed}
    text = drawn(training_lines(line, images, images + more), width, 0.5)
    assert "\n" not in text and len(text) <= width


def test_the_bar_follows_each_step_and_its_losses_each_look() -> None:
    shown = TrainingDisplay()
    shown.console = Console(file=io.StringIO(), force_terminal=True, width=80)
    shown.begun(0, 1_000)
    shown.stepped(10, 1_000)
    shown.glimpsed({**LINE, "images": 10})
    shown.stepped(20, 1_000)
    shown.console.begin_capture()
    shown.console.print(shown._rendered())
    text = shown.console.end_capture()
    shown.ended()
    assert "20/1,000 images" in text and "10/1,000" not in text
    assert "2%" in text and "0:10 left" in text


def test_the_last_losses_are_those_of_the_summary() -> None:
    line = {"loss_generator": 15.98542, "loss_discriminator": 0.199123}
    assert last_losses(line) == "generator 15.99, discriminator 0.1991"


def test_a_stage_shows_how_far_it_is_and_how_long_it_still_takes() -> None:
    lines = stage_lines("features of the real images", 2_500, 10_000, 90.0)
    assert lines[0] == "25%  2,500/10,000  1:30 left  features of the real images"
    assert "left" not in stage_lines("features of the real images", 0, 10_000, None)[0]
    for width in (60, 80, 120):
        assert "features of the real images" in drawn(lines, width)


def test_a_stage_of_scoring_is_named_once_in_a_file() -> None:
    shown, output = TrainingDisplay(), io.StringIO()
    shown.console = Console(file=output, force_terminal=False, width=80)
    shown.begun(0, 100)
    for done in range(3):
        shown.scoring("features of the real images", done, 3)
    shown.evaluated(ScoreLine("final", 0, {}, {}))
    shown.ended()
    assert output.getvalue().splitlines() == ["scoring: features of the real images"]


@pytest.fixture
def a_second_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the clock is a second later."""
    now = iter(range(10**6))
    monkeypatch.setattr("time.monotonic", lambda: float(next(now)))


@pytest.mark.usefixtures("a_second_a_look")
def test_a_long_stage_says_in_a_file_now_and_then_how_long_it_still_takes() -> None:
    shown, output = TrainingDisplay(), io.StringIO()
    shown.time_left = TimeLeft(iter(map(float, range(10**6))).__next__)
    shown.console = Console(file=output, force_terminal=False, width=80)
    shown.begun(0, 100)
    for done in range(9_000, 10_001, 10):
        shown.scoring("features of the real images", done, 10_000)
    shown.ended()
    named, *later = output.getvalue().splitlines()
    assert named == "scoring: features of the real images" and len(later) == 3
    assert later[0] == "features of the real images: 9,300 of 10,000, 1:10 left"


@pytest.mark.usefixtures("a_second_a_look")
def test_a_command_says_in_a_file_how_far_a_long_stage_is_and_nothing_of_short_ones(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zerosum.cli.pictures.FIRST_LINE", 10.0)
    with StageBar() as bar:
        bar.time_left = TimeLeft(iter(map(float, range(10**6))).__next__)
        for done in range(5):
            bar.stage("scores", done, 4)
        for done in range(0, 1_001, 20):
            bar.stage("features of the generated images", done, 1_000)
    printed = capsys.readouterr()
    assert printed.out == ""
    first, second = printed.err.splitlines()
    assert first == "features of the generated images: 200 of 1,000, 0:40 left"
    assert second == "features of the generated images: 800 of 1,000, 0:10 left"


class Terminal(io.StringIO):
    """A terminal, as far as a bar asks."""

    def isatty(self) -> bool:
        return True


def test_a_command_has_a_bar_in_a_terminal_and_says_above_it_what_is_logged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    output = Terminal()
    monkeypatch.setattr("sys.stderr", output)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    with StageBar() as bar:
        bar.stage("features of the real images", 0, 1_000)
        bar.stage("features of the real images", 500, 1_000)
        print("zerosum: this takes about 12 minutes", file=sys.stderr)
    printed = output.getvalue()
    assert "50%" in printed and "500/1,000" in printed and "features of the real images" in printed
    assert "zerosum: this takes about 12 minutes\n" in printed.replace("\r", "")


def test_a_line_says_how_far_how_fast_how_long_and_how_the_game_stands() -> None:
    assert progress_line(LINE, 6_400, 12_800) == (
        "50%  6,400/12,800 images  100/s  1:04 left  loss G 1.250 D 0.500  D(x) 0.75"
        "  D(G(z)) 0.25 → 0.12"
    )
    assert "  output D(x) 0.75  D(G(z)) 0.25" in progress_line(LINE, 6_400, 12_800, "output ")
    assert progress_line({**LINE, "distance": 0.5}, 6_400, 12_800).endswith("distance 0.5")
    assert "0:00 left" in progress_line({**LINE, "images_per_second": 0.0}, 6_400, 12_800)


def test_a_line_of_a_restoration_says_its_phase_and_who_trains() -> None:
    place = {"images": 640, "images_per_second": 10.0, "phase": "generator"}
    alone = progress_line({**place, "generator_share": 1.0, "loss_pixel": 0.02}, 640, 6_400)
    assert alone == "10%  640/6,400 images  10/s  9:36 left  pixel loss 0.0200  generator alone"
    critic = {**place, "phase": "critic", "generator_share": 0.0, "accuracy": 0.75}
    judged = {"loss_discriminator": 1.2, "d_real": 0.6, "d_fake_before": 0.4}
    assert progress_line({**critic, **judged}, 640, 6_400).endswith(
        "loss D 1.200  critic alone  right 75%  D(x) 0.60  D(G(z)) 0.40"
    )
    both = {**LINE, "phase": "adversarial", "generator_share": 0.4}
    assert "both (generator 40% of the steps)" in progress_line(both, 6_400, 12_800)


@given(st.integers(0, 10**6))
def test_a_clock_tells_the_seconds(seconds: int) -> None:
    total = 0
    for part in clock(seconds).split(":"):
        total = total * 60 + int(part)
    assert total == seconds


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, "0"), (999, "999"), (1_000, "1k"), (27_400, "27k"), (999_499, "999k"),
     (999_500, "1.0M"), (1_250_000, "1.2M"), (9_960_000, "10M"), (12_000_000, "12M")],
)  # fmt: skip
def test_a_short_count_has_at_most_four_letters(count: int, expected: str) -> None:
    assert short(count) == expected


def test_a_message_is_printed_as_it_is(tmp_path: Path) -> None:
    shown, output = TrainingDisplay(), io.StringIO()
    shown.console.file, shown.console.width = output, 40
    text = f"{tmp_path}/[bold]a long name that is not to be broken[/bold]"
    shown.message(text)
    assert output.getvalue() == text + "\n"


def test_a_training_that_nobody_reads_before_its_first_step_says_that_nothing_was_trained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unread(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("zerosum.api.run_training", unread)
    with pytest.raises(BrokenPipeError):
        commands.main(["train", "digits"], standalone_mode=False)
    told = capsys.readouterr().err
    assert told == (
        "stopped before its first step, since nobody reads what is printed\n"
        "the same command begins it\n"
    )


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120])
def test_the_last_line_of_a_bar_fits_the_terminal(width: int) -> None:
    shown, output = TrainingDisplay(), io.StringIO()
    shown.console = Console(file=output, force_terminal=True, color_system=None, width=width)
    shown.line, shown.total = {**LINE, "images": 220_032}, 220_032
    shown.latest = progress_line(shown.line, 220_032, shown.total)
    shown.ended()
    (line,) = output.getvalue().splitlines()
    assert line.startswith("100%") and "0:00 left" in line and len(line) < width


COPIED = "zerosum evaluate 'runs/my own faces' --images 2000 --device cpu --checkpoint 220032"
LONG = (
    "no scores: the weights of the feature network of Inception are not on this machine, and "
    f"without them there is no Fréchet distance; stop it and score later: {COPIED}"
)


@pytest.mark.parametrize("width", [50, 80, 120])
def test_a_message_is_broken_between_words_on_a_terminal_and_its_command_is_not(width: int) -> None:
    shown, output = TrainingDisplay(), io.StringIO()
    shown.console = open_console(
        soft_wrap=True, file=output, force_terminal=True, color_system=None, width=width
    )
    shown.message(LONG)
    lines = output.getvalue().splitlines()
    assert len(lines) > 1 and " ".join(line.strip() for line in lines) == LONG
    assert sum(COPIED in line for line in lines) == 1
    assert all(len(line) < width for line in lines if COPIED not in line)


def test_a_message_in_a_file_is_one_line() -> None:
    shown, output = TrainingDisplay(), io.StringIO()
    shown.console = open_console(soft_wrap=True, file=output, force_terminal=False, width=80)
    shown.message(LONG)
    assert output.getvalue() == f"{LONG}\n"

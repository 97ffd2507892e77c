"""A training on the screen: a live bar in a terminal, a line at intervals in a file."""

import time
from collections.abc import Mapping
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from zerosum.api import Run
from zerosum.cli.evaluate import print_scores
from zerosum.cli.terminal import echo, open_console
from zerosum.data import PackedData
from zerosum.report import train_command
from zerosum.report.scores import one_line
from zerosum.result import COMPARED, result_of
from zerosum.run import RunFolder
from zerosum.training.place import images_seen, twice_as_long
from zerosum.training.verdicts import PHASE_WORDS
from zerosum.visible import shell_word

SECONDS_BETWEEN_LINES = 10.0


class TrainingDisplay:
    """Shows a training as it goes on."""

    def __init__(self) -> None:
        self.console = open_console(soft_wrap=True)
        self.live: Progress | None = None
        self.total = 0
        self.printed_at = float("-inf")
        self.latest = ""
        self.printed = ""
        self.scoring_stage = ""

    def message(self, text: str) -> None:
        self._close_bar_of_packing()
        self.console.print(text, markup=False)

    def packed(self, done: int, total: int) -> None:
        if self.live is None:
            self._open_bar("packing the images", total)
            if not self.console.is_terminal:
                self.console.print(f"packing {total:,} images")
        if self.live is not None:
            self.live.update(self.live.task_ids[0], completed=done, total=total)

    def data_opened(self, data: PackedData, run: RunFolder) -> None:
        self._close_bar_of_packing()
        counts = f"{len(data.train):,} images to train on, {len(data.held_out):,} held out"
        if data.bad:
            counts += f", {data.bad:,} unreadable files skipped"
        if data.converted:
            counts += f", {data.converted:,} converted"
        self.message(f"{data.name}: {counts}")
        for text in data.deep:
            self.message(text)
        self.message(f"run folder: {run.path}")

    def begin(self, images: int, total: int) -> None:
        self.total = total
        self._open_bar("starting", total)
        self.stepped(images, total)

    def stepped(self, images: int, total: int) -> None:
        self.total = total
        if self.live is not None:
            self.live.update(self.live.task_ids[0], completed=images, total=total)

    def logged(self, line: Mapping[str, Any]) -> None:
        self.latest = progress_line(line, self.total)
        if self.live is not None and self.live.disable is False:
            self.live.update(self.live.task_ids[0], description=self.latest)
        elif time.monotonic() - self.printed_at >= SECONDS_BETWEEN_LINES:
            self._print_latest()

    def scoring(self, what: str, done: int, total: int) -> None:
        if self.live is not None:
            self.live.update(self.live.task_ids[0], completed=done, total=total, description=what)
        elif self.scoring_stage != what and not self.console.is_terminal:
            self.console.print(f"scoring: {what}", markup=False)
        self.scoring_stage = what

    def scored(self, line: Mapping[str, Any]) -> None:
        if self.live is not None:
            self.live.update(self.live.task_ids[0], total=self.total)
        if line["kind"] == COMPARED:
            self.message(one_line(line))

    def end(self) -> None:
        if self.live is not None:
            self.live.stop()
            self.live = None
        if self.latest != self.printed:
            self._print_latest()

    def _print_latest(self) -> None:
        self.console.print(self.latest, markup=False)
        self.printed, self.printed_at = self.latest, time.monotonic()

    def _open_bar(self, text: str, total: int) -> None:
        self.live = Progress(
            BarColumn(bar_width=16),
            MofNCompleteColumn(),
            TextColumn("{task.description}", markup=False),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self.live.add_task(text, total=total)
        self.live.start()

    def _close_bar_of_packing(self) -> None:
        if self.live is not None and not self.total:
            self.live.stop()
            self.live = None


def progress_line(line: Mapping[str, Any], total: int) -> str:
    """One line of progress: how far, how fast, how long still, and how the game stands."""
    speed = line["images_per_second"]
    left = (total - line["images"]) / speed if speed > 0 else 0.0
    parts = [
        f"{line['images']:,.0f}/{total:,} images",
        f"{speed:,.0f}/s",
        f"{clock(left)} left",
    ]
    if "phase" in line:
        parts.append(PHASE_WORDS[line["phase"]])
        if line["phase"] == "adversarial":
            parts[-1] += f" (generator {line['generator_share']:.0%} of the steps)"
    if "loss_pixel" in line:
        parts.append(f"pixel loss {line['loss_pixel']:.4f}")
    losses = [
        f"{player} {line[field]:.3f}"
        for player, field in (("G", "loss_generator"), ("D", "loss_discriminator"))
        if field in line
    ]
    if losses:
        parts.append(f"loss {' '.join(losses)}")
    if "accuracy" in line and line["phase"] == "critic":
        parts.append(f"right {line['accuracy']:.0%}")
    if "d_real" in line:
        parts.append(f"D(x) {line['d_real']:.2f}")
        after = f" → {line['d_fake_after']:.2f}" if "d_fake_after" in line else ""
        parts.append(f"D(G(z)) {line['d_fake_before']:.2f}{after}")
    if "distance" in line:
        parts.append(f"distance {line['distance']:.3g}")
    return "  ".join(parts)


def clock(seconds: float) -> str:
    """A duration as 1:02:03 or 2:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def last_losses(line: Mapping[str, Any]) -> str:
    """The losses of a log line in words; a phase in which one player learns has fewer."""
    fields = {
        "generator": "loss_generator",
        "discriminator": "loss_discriminator",
        "pixel loss": "loss_pixel",
    }
    return ", ".join(f"{name} {line[field]:.4f}" for name, field in fields.items() if field in line)


def farewell(run: Run) -> None:
    """The last lines: how it ended, where the pictures are, and what to type next."""
    state, folder = run.state(), shell_word(str(run.path))
    seen = images_seen(state["images"], state["images_total"], " images")
    echo(f"{state['status']}: {seen} in {clock(state['seconds'])}")
    lines = run.metrics()
    losses = last_losses(lines[-1]) if lines else ""
    if losses:
        echo(f"last losses: {losses}")
    result = result_of(run.scores())
    if result is not None and state["status"] == "finished":
        echo()
        print_scores(result)
        if covered := result.get("modes"):
            counts = f"{covered['covered']} of {covered['classes']}"
            echo(f"digits     {counts} covered: {covered['verdict']}")
        echo()
    echo(f"pictures:    {run.folder.samples / state['checkpoint']}.png")
    echo(f"summary:     {run.folder.summary_file}")
    again = train_command(run.folder, state)
    if state["status"] == "finished":
        longer = twice_as_long(run.recipe(), state["data"]["train"], state["images"])
        echo(f"train on:    {again} --images {longer}")
    else:
        echo(f"continue:    {again}")
    if run.recipe().restores:
        echo(f"restore:     zerosum restore {folder} PICTURE --out restored")
    else:
        echo(f"sample:      zerosum sample {folder}")
        echo(f"interpolate: zerosum interpolate {folder}")
    if result is None:
        echo(f"score:       zerosum evaluate {folder}")

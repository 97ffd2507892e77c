"""A training on the screen: a live bar in a terminal, a line at intervals in a file."""

import time

from rich.console import RenderableType
from rich.live import Live

from zerosum.api_run import Run
from zerosum.cli.evaluate import print_scores
from zerosum.cli.terminal import echo, echo_wrapped, open_console, print_wrapped
from zerosum.cli.training_line import fitting, progress_line, stage_lines, training_lines, with_bar
from zerosum.data import PackedData
from zerosum.diagnosis.log_fields import output_word
from zerosum.evaluation.time_left import TimeLeft, stage_words
from zerosum.recipe.length import images_seen, longer_images
from zerosum.recipe.load import read_recipe
from zerosum.recipe.settings import too_few_steps
from zerosum.records.commands import train_command
from zerosum.records.logs import SELECTION, LogLine, ScoreLine, result_of
from zerosum.records.run import RunFolder
from zerosum.report.scores import one_line
from zerosum.studies.run_verdict import diagnose_run
from zerosum.training.progress import Listener
from zerosum.visible import shell_word
from zerosum.words import clock, counted, value

SECONDS_BETWEEN_LINES = 10.0
SECONDS_BETWEEN_STAGE_LINES = 30.0


class TrainingDisplay(Listener):
    """Shows a training as it goes on."""

    def __init__(self) -> None:
        self.console = open_console(soft_wrap=True)
        self.run: RunFolder | None = None
        """The run folder, once it is chosen."""
        self.live: Live | None = None
        self.stage = ""
        """What is done while nothing is trained; "" during the training itself."""
        self.stage_done = self.stage_total = 0
        self.stage_left: float | None = None
        """Seconds, where they are known."""
        self.time_left = TimeLeft()
        self.images = self.total = 0
        """Images seen, and those that the whole training sees; 0 before it began."""
        self.line: LogLine | None = None
        self.output = ""
        """What stands before D(x) where it is no probability."""
        self.printed_at = float("-inf")
        self.latest = self.printed = ""

    def message(self, text: str) -> None:
        self._end_packing()
        print_wrapped(self.console, text)

    def packed(self, done: int, total: int) -> None:
        self._show_stage("packing the images", done, total, f"packing {counted(total, 'image')}")

    def data_opened(self, data: PackedData, run: RunFolder) -> None:
        self._end_packing()
        self.run = run
        counts = f"{counted(len(data.train), 'image')} to train on, {len(data.held_out):,} held out"
        if data.bad:
            counts += f", {counted(data.bad, 'unreadable file')} skipped"
        if data.converted:
            counts += f", {data.converted:,} converted"
        self.message(f"{data.name}: {counts}")
        for text in data.deep:
            self.message(text)
        self.message(f"run folder: {run.path}")

    def begin(self, images: int, total: int) -> None:
        self.stepped(images, total)
        self._open()

    def stepped(self, images: int, total: int) -> None:
        self.stage, self.images, self.total = "", images, total

    def glimpsed(self, line: LogLine) -> None:
        if self.line is None and self.run is not None:
            self.output = output_word(read_recipe(self.run.recipe_file).objective)
        self.line = line
        self.latest = progress_line(line, int(line["images"]), self.total, self.output)
        if self.live is None and time.monotonic() - self.printed_at >= SECONDS_BETWEEN_LINES:
            self._print_latest()

    def logged(self, line: LogLine) -> None:
        """Nothing that was not glimpsed."""

    def scoring(self, what: str, done: int, total: int) -> None:
        self._show_stage(what, done, total, f"scoring: {what}")

    def scored(self, line: ScoreLine) -> None:
        self.stage = ""
        if line.kind == SELECTION:
            self.message(one_line(line))

    def end(self) -> None:
        self._close()
        if self.latest != self.printed:
            self._print_latest()

    def given_up(self) -> None:
        """The last lines of a training that was ended before it could save."""
        self._close()
        if self.run is None or not (state := self.run.state()):
            return
        if state["checkpoint"]:
            seen = images_seen(state["images"], state["images_total"], " images")
            self.message(f"saved last:  {seen}; what came after is lost")
        else:
            self.message("nothing was saved yet")
        self.message(f"continue:    {train_command(self.run, state)}")

    def _show_stage(self, what: str, done: int, total: int, words: str) -> None:
        """A stage in the bar; where there is none, its `words` once, and now and then how far."""
        left = self.time_left.left(what, done, total)
        now = time.monotonic()
        if self.stage != what:
            self.stage = what
            if self.console.is_terminal:
                self._open()
            else:
                self.console.print(words, markup=False)
                self.printed_at = now
        elif self.live is None and now - self.printed_at >= SECONDS_BETWEEN_STAGE_LINES:
            self.console.print(stage_words(what, done, total, left), markup=False)
            self.printed_at = now
        self.stage_done, self.stage_total, self.stage_left = done, total, left

    def _print_latest(self) -> None:
        text = self.latest
        if self.console.is_terminal and self.line is not None:
            images = int(self.line["images"])
            lines = training_lines(self.line, images, self.total, self.output)
            text = fitting(lines, self.console.width)
        self.console.print(text, markup=False)
        self.printed, self.printed_at = self.latest, time.monotonic()

    def _open(self) -> None:
        if self.live is None and self.console.is_terminal:
            self.live = Live(get_renderable=self._rendered, console=self.console, transient=True)
            self.live.start()

    def _rendered(self) -> RenderableType:
        if self.stage:
            done, total = self.stage_done, self.stage_total
            lines = stage_lines(self.stage, done, total, self.stage_left)
        else:
            done, total = self.images, self.total
            lines = training_lines(self.line, done, total, self.output)
        return with_bar(lines, done / max(total, 1), self.console.width)

    def _end_packing(self) -> None:
        if not self.total:
            self._close()

    def _close(self) -> None:
        if self.live is not None:
            self.live.stop()
            self.live = None


def last_losses(line: LogLine) -> str:
    """The losses of a log line in words; a phase in which one player learns has fewer."""
    fields = {
        "generator": "loss_generator",
        "discriminator": "loss_discriminator",
        "pixel loss": "loss_pixel",
    }
    return ", ".join(
        f"{name} {value(line[field])}" for name, field in fields.items() if field in line
    )


def farewell(run: Run) -> None:
    """The last lines: how it ended, where the pictures are, and what to type next."""
    state, folder = run.state(), shell_word(str(run.path))
    seen = images_seen(state["images"], state["images_total"], " images")
    trained = run.outcome is None or run.outcome.trained
    echo(f"{state['status']}{'' if trained else ' before'}: {seen} in {clock(state['seconds'])}")
    found = diagnose_run(run.folder)
    if found.failing:
        echo_wrapped(f"health:      {found.verdict} since {found.since:,} images", err=False)
    lines = run.metrics()
    losses = last_losses(lines[-1]) if lines else ""
    if losses:
        logged = int(lines[-1]["images"])
        when = "" if logged == state["images"] else f" (logged at {logged:,} images)"
        echo(f"last losses: {losses}{when}")
    result = result_of(run.folder.scores())
    if result is not None and state["status"] == "finished":
        echo()
        print_scores(result)
        if covered := result.modes:
            echo_wrapped(f"digits     {covered['verdict']}", err=False, indent=11)
        echo()
    echo(f"pictures:    {run.folder.samples / state['checkpoint']}.png")
    echo(f"summary:     {run.folder.summary_file}")
    if found.failing:
        echo(f"what helps:  zerosum health {folder}")
    if state["status"] != "finished":
        echo(f"continue:    {train_command(run.folder, state)}")
    elif not found.failing:
        recipe, train = run.recipe(), state["data"]["train"]
        if short := too_few_steps(recipe, state["step"]):
            echo_wrapped(f"too short:   {short}", err=False, indent=13)
        longer = longer_images(recipe, train, state["images"], state["step"])
        echo(f"train on:    {train_command(run.folder, state, longer)}")
    for use in run.recipe().task.uses:
        echo(f"{use.command + ':':<13}{use.line(folder)}")
    if result is None:
        echo(f"score:       zerosum evaluate {folder}")

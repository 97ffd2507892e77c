"""A training on the screen: a live bar in a terminal, a line at intervals in a file."""

import time

from rich.console import RenderableType

from zerosum.api_run import Run
from zerosum.cli.evaluate import print_scores
from zerosum.cli.pictures import StageBar
from zerosum.cli.terminal import echo, echo_wrapped, open_console, print_wrapped
from zerosum.cli.training_line import fitting, progress_line, training_lines, with_bar
from zerosum.data import PackedData
from zerosum.diagnosis.log_fields import output_word
from zerosum.recipe.length import images_seen, longer_images, too_few_steps
from zerosum.recipe.load import read_recipe
from zerosum.records.commands import train_command
from zerosum.records.logs import SELECTION, LogLine, ScoreLine, result_of
from zerosum.records.run import RunFolder
from zerosum.report.scores import one_line
from zerosum.studies.run_verdict import diagnose_run
from zerosum.training.progress import Listener
from zerosum.visible import shell_word
from zerosum.words import clock, counted, value

SECONDS_BETWEEN_LINES = 10.0


class TrainingDisplay(StageBar, Listener):
    """Shows a training as it goes on; `what` is "" during the training itself."""

    def __init__(self) -> None:
        super().__init__(open_console(soft_wrap=True))
        self.run: RunFolder | None = None
        """The run folder, once it is chosen."""
        self.images = self.total = 0
        """Images seen, and those that the whole training sees; 0 before it began."""
        self.line: LogLine | None = None
        self.output = ""
        """What stands before D(x) where it is no probability."""
        self.latest = self.printed = ""

    def message(self, text: str) -> None:
        self._end_packing()
        print_wrapped(self.console, text)

    def packed(self, done: int, total: int) -> None:
        self.stage("packing the images", done, total, f"packing {counted(total, 'image')}")

    def data_opened(self, data: PackedData, run: RunFolder) -> None:
        self._end_packing()
        self.run = run
        self.message(data.in_words)
        for text in data.deep:
            self.message(text)
        self.message(f"run folder: {run.path}")

    def begun(self, images: int, total: int) -> None:
        self.stepped(images, total)
        self.open()

    def stepped(self, images: int, total: int) -> None:
        self.what, self.images, self.total = "", images, total

    def glimpsed(self, line: LogLine) -> None:
        if self.line is None and self.run is not None:
            self.output = output_word(read_recipe(self.run.recipe_file).objective)
        self.line = line
        self.latest = progress_line(line, int(line["images"]), self.total, self.output)
        if self.live is None and time.monotonic() - self.printed_at >= SECONDS_BETWEEN_LINES:
            self._print_latest()

    def scoring(self, what: str, done: int, total: int) -> None:
        self.stage(what, done, total, f"scoring: {what}")

    def evaluated(self, line: ScoreLine) -> None:
        self.what = ""
        if line.kind == SELECTION:
            self.message(one_line(line))

    def ended(self) -> None:
        self.clear()
        if self.latest != self.printed:
            self._print_latest()

    def given_up(self) -> None:
        """The last lines of a training that was ended before it could save."""
        self.clear()
        if self.run is None or not (state := self.run.state()):
            return
        if state["checkpoint"]:
            seen = images_seen(state["images"], state["images_total"], " images")
            self.message(f"saved last:  {seen}; what came after is lost")
        else:
            self.message("nothing was saved yet")
        self.message(f"continue:    {train_command(self.run, state)}")

    def _print_latest(self) -> None:
        text = self.latest
        if self.console.is_terminal and self.line is not None:
            images = int(self.line["images"])
            lines = training_lines(self.line, images, self.total, self.output)
            text = fitting(lines, self.console.width)
        self.console.print(text, markup=False)
        self.printed, self.printed_at = self.latest, time.monotonic()

    def _rendered(self) -> RenderableType:
        if self.what:
            return super()._rendered()
        lines = training_lines(self.line, self.images, self.total, self.output)
        return with_bar(lines, self.images / max(self.total, 1), self.console.width)

    def _end_packing(self) -> None:
        if not self.total:
            self.clear()


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

"""The run folder: the names of its files, and what stands in them."""

import logging
import re
import time
from collections.abc import Set
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from zerosum.checksums import DamagedError, read_object
from zerosum.errors import ZerosumError
from zerosum.files import shortened, write_json
from zerosum.reading import read_regular, reason
from zerosum.records.lines import append_line, read_lines, write_lines
from zerosum.records.logs import LogLine, ScoreLine, VerdictLine, named_as_now
from zerosum.records.run_state import RunState, ScoringState, divergence

LATEST = "latest"
BEST = "best"
PRETRAINED = "pretrained"
DIVERGED = "diverged"
"""The verdict on a training that ended on a number that is not finite."""
TOO_EARLY = "too early to say"
"""The verdict on a training of which nothing was told yet."""
STUDY_FILE = "study.json"
COMPARISON_FILE = "compare.json"
MARKS = {
    "recipe.toml": ("a run", {"state.json", "metrics.jsonl", "checkpoints", ".lock"}),
    STUDY_FILE: ("a study", {"study.toml"}),
    COMPARISON_FILE: ("a comparison", {"compare.md"}),
}
"""By a file in it, what a folder is that zerosum wrote, and what of this lies there as well."""

OF_LOGS: dict[str, type] = {"images": int}
OF_SCORES: dict[str, type] = OF_LOGS | {
    "kind": str,
    "scores": dict,
    "protocol": dict,
}
OF_VERDICTS: dict[str, type] = OF_LOGS | {"verdict": str}
"""Fields that each line of metrics.jsonl, scores.jsonl and health.jsonl has."""
LAST_HEARD = 120.0
"""Seconds after which a scoring that wrote no note is believed to be over."""


class Inside:
    """What lies in a folder under a name: an attribute of the classes that know a folder."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, folder: Any, _kind: object = None) -> Path:
        return Path(folder.path, self.name)


@dataclass(frozen=True)
class RunFolder:
    """One run on disk. The names here are the only place where the layout is written down."""

    path: Path

    recipe_file = Inside("recipe.toml")
    state_file = Inside("state.json")
    metrics_file = Inside("metrics.jsonl")
    scores_file = Inside("scores.jsonl")
    health_file = Inside("health.jsonl")
    scoring_file = Inside("scoring.json")
    """How far a scoring is; there while it goes on."""
    modes_file = Inside("modes.json")
    neighbours_file = Inside("neighbours.json")
    pixel_neighbours_file = Inside("neighbours-pixels.json")
    map_file = Inside("map.json")
    projection_file = Inside("projection.json")
    """What analyses found of the most images of the newest checkpoint; others lie beside these."""
    summary_file = Inside("summary.md")
    checkpoints = Inside("checkpoints")
    samples = Inside("samples")
    exports = Inside("exports")
    charts = Inside("charts")
    tensorboard = Inside("tensorboard")

    @property
    def restoration_file(self) -> Path:
        """Held-out pictures damaged, restored, and as they were."""
        return self.charts / "restoration.png"

    def exists(self) -> bool:
        """Whether a run was begun here."""
        return self.recipe_file.is_file()

    def require(self) -> None:
        """Raise a readable error unless a run was begun here."""
        if not self.path.exists():
            raise ZerosumError(
                f"there is no run at {self.path}",
                "give the folder that `zerosum train` named; `zerosum runs` lists those in runs/",
            )
        above = RunFolder(self.path.parent.parent)
        if self.path.parent == above.checkpoints and above.exists():
            raise ZerosumError(
                f"{self.path} is a checkpoint of a run",
                f"give the run itself, {above.path}, and --checkpoint {self.path.name}",
            )
        if not self.exists():
            what = "it has no recipe.toml" if self.path.is_dir() else "it is a file"
            raise ZerosumError(
                f"{self.path} is not a run: {what}",
                "give the folder that `zerosum train` named; `zerosum runs` lists those in runs/",
            )

    def leads_outside(self, part: Path) -> bool:
        """Whether a part of the run lies somewhere else, through a link."""
        return not part.resolve().is_relative_to(self.path.resolve())

    def require_own_parts(self) -> None:
        """Raise ZerosumError where a part of the run is a link out of it: what is written there
        would change, and in the end delete, files of something else."""
        names = LATEST, BEST, PRETRAINED, *checkpoint_names(self)
        logs = self.metrics_file, self.scores_file, self.health_file
        folders = self.checkpoints, self.samples, self.charts, self.tensorboard
        for part in (*logs, *folders, *(self.checkpoints / name for name in names)):
            if part.is_symlink() and self.leads_outside(part):
                raise ZerosumError(
                    f"{part} leads out of the run, to {part.resolve()}",
                    "nothing is written through such a link: remove it, and put what it leads to "
                    "in its place",
                )

    def state(self) -> RunState:
        """What state.json says, or an empty dictionary before the first checkpoint."""
        try:
            return cast(RunState, read_object(read_regular(self.state_file)))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise ZerosumError(
                f"{self.state_file} cannot be read: {reason(error)}", "make it readable for you"
            ) from error
        except DamagedError as error:
            raise ZerosumError(
                f"{self.state_file} is damaged: {error}",
                "delete this one file and train again with the same command: "
                "the checkpoints are enough to continue",
            ) from error

    def write_state(self, state: RunState) -> None:
        """Replace state.json."""
        write_json(self.state_file, dict(state))

    def metrics(self) -> list[LogLine]:
        """The lines of metrics.jsonl, as this version names their fields; a last line that a crash
        cut short is left out."""
        return [named_as_now(line) for line in read_lines(self.metrics_file, OF_LOGS)]

    def scores(self) -> list[ScoreLine]:
        """The lines of scores.jsonl, oldest first."""
        return [ScoreLine.from_dict(line) for line in read_lines(self.scores_file, OF_SCORES)]

    def add_scores(self, line: ScoreLine) -> None:
        """Append a line to scores.jsonl."""
        append_line(self.scores_file, line.as_dict())

    def health(self) -> list[VerdictLine]:
        """The lines of health.jsonl, oldest first: each change of verdict."""
        return [
            VerdictLine(line["images"], line["verdict"], tuple(line.get("evidence", ())))
            for line in read_lines(self.health_file, OF_VERDICTS)
        ]

    def add_verdict(self, line: VerdictLine) -> None:
        """Append a line to health.jsonl."""
        append_line(self.health_file, asdict(line))

    def drop_lines_after(self, images: int) -> None:
        """Rewrite the logs with those of their lines that lie at or before a number of images."""
        logs = {
            self.metrics_file: OF_LOGS,
            self.scores_file: OF_SCORES,
            self.health_file: OF_VERDICTS,
        }
        for path, demanded in logs.items():
            if path.exists():
                lines = read_lines(path, demanded)
                write_lines(path, (line for line in lines if line["images"] <= images))

    def scoring(self) -> ScoringState:
        """What is scored now; nothing where no scoring goes on, or none was noted for a while, as
        after a kill."""
        try:
            note = cast(ScoringState, read_object(read_regular(self.scoring_file), demanded=True))
        except (OSError, DamagedError):
            return {}
        return note if time.time() - note["written"] < LAST_HEARD else {}

    def verdict(self) -> str:
        """The newest verdict on its health that its training told, "diverged" where it ended on a
        number that is not finite; "" where nothing was trained yet."""
        state = self.state()
        if divergence(state):
            return DIVERGED
        if told := self.health():
            return told[-1].verdict
        return TOO_EARLY if state.get("images") else ""

    def seen(self) -> tuple[int, float]:
        """How far it is, by its newest checkpoint or log line, whichever is further: real images
        seen and seconds of training."""
        facts = [self.state(), *self.metrics()[-1:]]
        images = max(int(each.get("images", 0)) for each in facts)
        return images, max(float(each.get("seconds", 0.0)) for each in facts)

    def best_or_latest(self) -> str:
        """The name of the checkpoint that a training reports on: "best" where checkpoints were
        compared, else "latest"."""
        return BEST if (self.checkpoints / BEST).is_dir() else LATEST

    def checkpoint(self, name: str = LATEST) -> Path:
        """The folder of a checkpoint: "latest", "best" or its number of images.

        Raises ZerosumError when there is none of that name, with the names that there are.
        """
        if name.isdigit() or name in (LATEST, BEST, PRETRAINED):
            folder = self.checkpoints / (name.zfill(9) if name.isdigit() else name)
            if folder.is_dir():
                tell_of_link(self, folder)
                return folder.resolve()
        there = checkpoint_names(self)
        if there and name == LATEST:
            # The one that `latest` points to was deleted.
            return self.checkpoint(there[-1])
        if not there:
            raise ZerosumError(
                f"{self.path} has no checkpoint yet",
                "train it first: the first checkpoint is saved when a run is stopped, or after "
                "schedule.checkpoint_every images",
            )
        if name == BEST:
            gone = (self.checkpoints / BEST).is_symlink()
            why = "it was deleted" if gone else "none was evaluated"
            raise ZerosumError(
                f"{self.path} has no best checkpoint: {why}",
                f"use the newest, {there[-1]}, or leave --checkpoint out",
            )
        raise ZerosumError(
            f"{self.path} has no checkpoint {name!r}",
            f"there are: latest, {', '.join(there)}",
        )


def training_sheets(run: RunFolder) -> list[Path]:
    """The sheets of samples that training wrote, by the images seen."""
    tell_of_link(run, run.samples)
    sheets = [path for path in run.samples.glob("*.png") if path.stem.isdecimal()]
    return sorted(sheets, key=lambda path: int(path.stem))


def tell_of_link(run: RunFolder, part: Path) -> None:
    """Name a part of a run that is read and lies somewhere else."""
    if run.leads_outside(part):
        tell_once(f"{part} leads out of the run, to {part.resolve()}: that is what is read")


@cache
def tell_once(text: str) -> None:
    """Log a warning, which the commands print as a line; the same one once a process."""
    logging.getLogger(__name__).warning(text)


def checkpoint_names(run: RunFolder) -> list[str]:
    """The names (images seen, nine digits or more) of the complete checkpoints, oldest first."""
    if not run.checkpoints.is_dir():
        return []
    names = [entry.name for entry in run.checkpoints.iterdir() if entry.name.isdigit()]
    return sorted(names, key=int)


def made_here(names: Set[str]) -> str:
    """What a folder with files and folders of these names is, if zerosum wrote it; else ""."""
    for mark, (what, others) in MARKS.items():
        if mark in names and names & others:
            return what
    return ""


def slug(name: str) -> str:
    """A name as a folder's name: letters, digits, dots and single hyphens, not too many."""
    return shortened(re.sub(r"[^\w.]+", "-", name).strip("-").lower() or "data")

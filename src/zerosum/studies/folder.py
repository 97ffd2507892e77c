"""The study folder: the names of its files, and what it remembers of its cells."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from zerosum.checksums import read_object
from zerosum.errors import ZerosumError
from zerosum.files import write_atomically, write_json
from zerosum.records.lines import append_line, read_lines
from zerosum.records.lock import held
from zerosum.records.run import STUDY_FILE, Inside, RunFolder, tell_once
from zerosum.records.runs import CELLS, STUDIES, named_path, near_names, study_names
from zerosum.studies.settings import Study

OF_ATTEMPTS: dict[str, type] = {"cell": str, "status": str, "reason": str}
"""Fields that each line of attempts.jsonl has."""


@dataclass(frozen=True)
class Attempt:
    """How a cell's turn ended."""

    status: str = "stopped"
    """finished, stopped, pruned or failed."""
    reason: str = ""


@dataclass(frozen=True)
class StudyFolder:
    """One study on disk. The names here are the only place where its layout is written down."""

    path: Path

    definition_file = Inside("study.toml")
    """The study's file as it was given, comments included; for people."""
    settings_file = Inside(STUDY_FILE)
    """The study as it was run: with the options of the command."""
    attempts_file = Inside("attempts.jsonl")
    """A line for each time that a cell ended without having finished, and why."""
    cells_file = Inside("cells.jsonl")
    """A line for each cell that was not in the study's file: drawn by a sampler, or trained
    longer."""
    stop_file = Inside("stop")
    """Its presence asks a running study to stop."""
    table_file = Inside("table.md")
    charts = Inside("charts")
    samples_file = Inside("samples.png")
    parts = Inside("parts")
    """Files of parts that its cells are trained with."""
    cells = Inside(CELLS)
    """The folder of the runs."""

    def run(self, cell: str) -> RunFolder:
        """The run of a cell, by the cell's name."""
        return RunFolder(self.cells / cell)

    def held_cells(self, but: Collection[str]) -> list[str]:
        """The cells, by name, that some process is training now, but for these."""
        if not self.cells.is_dir():
            return []
        names = sorted(entry.name for entry in self.cells.iterdir())
        return [name for name in names if name not in but and held(self.cells / name)]

    def log_file(self, cell: str) -> Path:
        """What `zerosum train` printed."""
        return self.path / "logs" / f"{cell}.log"

    def exists(self) -> bool:
        """Whether a study was begun here."""
        return self.settings_file.is_file()

    def require(self) -> None:
        """Raise a readable error unless a study was begun here."""
        if not self.exists():
            what = "is not a study" if self.path.exists() else "does not exist"
            raise ZerosumError(
                f"{self.path} {what}",
                "run one first: `zerosum study list` names those that come with zerosum",
            )

    def study(self) -> Study:
        """What was run here. Raises ZerosumError where its file is missing or damaged."""
        self.require()
        try:
            content = read_object(self.settings_file.read_bytes())
            return Study.model_validate_json(json.dumps(content))
        except ValueError as error:
            raise ZerosumError(
                f"{self.settings_file} is damaged ({str(error).splitlines()[0]})",
                "delete this one file and give the same command again: the cells stay",
            ) from error

    def write_study(self, study: Study, text: str) -> None:
        """Note what is run here."""
        write_atomically(self.definition_file, text.encode("utf-8"))
        write_json(self.settings_file, study.model_dump(mode="json"))

    def add_attempt(self, cell: str, ended: Attempt) -> None:
        """Write down how a cell's turn ended."""
        now = datetime.now(UTC).isoformat()
        append_line(self.attempts_file, {"cell": cell, **asdict(ended), "time": now})

    def attempts(self) -> dict[str, Attempt]:
        """How the last noted turn of each cell ended, by the cell's name."""
        if self.attempts_file.is_file() and self.attempts_file.stat().st_size == 0:
            tell_once(f"{self.attempts_file} is empty: why cells ended before is not known")
        lines = read_lines(self.attempts_file, OF_ATTEMPTS)
        return {line["cell"]: Attempt(line["status"], line["reason"]) for line in lines}


def open_study(name_or_path: str) -> StudyFolder:
    """The folder of a study: a study folder itself, or where `study run` puts that study.

    Raises ZerosumError when there is none.
    """
    path = named_path(name_or_path)
    folder = StudyFolder(path if path.is_dir() else STUDIES / path.stem)
    if not folder.exists():
        near = near_names(name_or_path, study_names())
        run = f"run it first: `zerosum study run {name_or_path}`; of another --out, give the folder"
        raise ZerosumError(
            f"study {name_or_path} has not been run: there is none at {folder.path}", near or run
        )
    return folder

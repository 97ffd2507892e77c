"""RUN/scoring.json: how far a scoring is, for those who look at the run from outside."""

import contextlib
import time

from zerosum.errors import ZerosumError
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.evaluation.time_left import TimeLeft
from zerosum.files import write_json
from zerosum.records.run import RunFolder

EVERY = 5.0
"""Seconds between two notes: each is synced to the disk."""


class ScoringNote:
    """Written while scores are computed, and taken away when they are there or were stopped. A run
    that cannot be written to is scored without."""

    def __init__(self, run: RunFolder, stage: Stage = no_stage) -> None:
        self.run, self.next_stage = run, stage
        self.time_left = TimeLeft()
        self.written_at = float("-inf")

    def stage(self, what: str, done: int, total: int) -> None:
        """So much of a stage is done; passed on."""
        left = self.time_left.left(what, done, total)
        if time.monotonic() - self.written_at >= EVERY:
            self.written_at = time.monotonic()
            note = {"what": what, "done": done, "total": total, "seconds_left": left}
            with contextlib.suppress(ZerosumError):
                write_json(self.run.scoring_file, note | {"written": time.time()})
        self.next_stage(what, done, total)

    def close(self) -> None:
        """No scores are computed any more."""
        self.written_at = float("-inf")
        with contextlib.suppress(OSError):
            self.run.scoring_file.unlink()

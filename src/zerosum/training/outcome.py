"""How a training ended."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """How a training ended: finished, or stopped with everything saved."""

    status: str
    """"finished" or "stopped"."""
    signal: int | None
    """The signal that stopped it, if one did."""
    first: bool
    """Whether this is the first of several processes, the one that writes and may speak."""
    trained: bool
    """False where the run was finished before, and nothing was left to train."""
    failure: Exception | None = None
    """What the listener raised, for whoever gave it: the run is saved, as one that failed."""

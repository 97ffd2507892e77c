"""The state.json of a run: where its training stands, written last."""

from typing import Literal, TypedDict

RunStatus = Literal["running", "stopped", "finished", "failed"]


class DataState(TypedDict, total=False):
    """Which images a run is trained on."""

    name: str
    fingerprint: str
    train: int
    held_out: int
    bad: int
    """Files that could not be read, and were left out."""
    converted: int
    """Images that were brought to the colours and depth of the others."""


class ChangeState(TypedDict):
    """What was not as before when a run went on, though its settings were the same."""

    images: int
    """Real images that it had seen then."""
    changed: list[str]
    """In words: threads, precision, devices, processor, PyTorch, learning rates that jumped."""


class RunState(TypedDict, total=False):
    """All of it is there once a training has saved; what an earlier version did not write is not.

    A dictionary, as JSON is: it is read anew whenever somebody asks.
    """

    status: RunStatus
    reason: str
    """Why it stopped or failed; "" otherwise."""
    diverged: bool
    """Of one that failed: whether it would do so again."""
    step: int
    images: int
    """Real images that the discriminator has seen."""
    images_before: int
    """That its weights were learnt from before it, in the run that it started from."""
    images_total: int
    seconds: float
    """Training time, scoring not included."""
    checkpoint: str
    """The newest; "" before the first."""
    written: str
    """When, as ISO 8601."""
    command: str
    """That which began it."""
    init_from: str
    machine: str
    devices: int
    threads: int
    """Processor threads of a run in one process on the processor: another number changes the order
    of its sums. 0 of a run elsewhere."""
    cuda_graph: bool
    """Whether each step starts as one CUDA graph."""
    precision: str
    versions: dict[str, str]
    changes: list[ChangeState]
    """Of a run that went on, each time something was not as before."""
    data: DataState


class ScoringState(TypedDict, total=False):
    """The scoring.json of a run, while its scores are computed: how far they are."""

    what: str
    done: int
    total: int
    seconds_left: float | None
    written: float
    """When: seconds since 1970."""


def divergence(state: RunState) -> str:
    """Why a training diverged; "" where it did not. A run that failed otherwise can be gone on
    with; one that diverged would diverge again."""
    if state.get("status") != "failed" or not state.get("diverged", True):
        return ""
    return state.get("reason", "") or "it does not say why"

"""What a user asks of a training besides its recipe: images, place, start, end, and machine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from zerosum import options
from zerosum.options import Precision, Threads, option


@dataclass(frozen=True, kw_only=True)
class TrainRequest:
    """How to train a recipe; what is empty is as the recipe says, or chosen to fit."""

    data: str = option(
        "", "A name (digits, mnist, …), a folder, or an archive (photos.zip/train).", kind="data"
    )
    data_root: Path | None = options.data_root()
    out: Path | None = options.out(
        "The run folder; an unfinished run there is continued.", "runs/RECIPE-DATA-N"
    )
    overrides: Mapping[str, object] = field(default_factory=dict)
    """Fields of the recipe that are set otherwise, by their names."""
    stop_after: float | None = option(
        None, "Save and end after this time: 90s, 10m, 2h.", kind="time"
    )
    """Seconds."""
    stop_on: tuple[str, ...] = option(
        (),
        "Save and end when the run's health is one of these: diverged,collapsed.",
        metavar="VERDICTS",
    )
    init_from: Path | None = option(
        None,
        "Start from the weights of another run, or of one of its checkpoints"
        " (RUN/checkpoints/000200000), for other data or settings.",
        kind="run",
    )
    back_to: str = option(
        "",
        "Go back in this run: best, or the images seen at a checkpoint. What came after it is kept"
        " in RUN/aside, a run of its own.",
        name="from",
        kind="checkpoint",
        metavar="CHECKPOINT",
    )


@dataclass(frozen=True)
class Devices:
    """What the command line says about the machine. None of it changes what is learnt, beyond
    rounding and the layers that docs/how-to/several-devices.md names."""

    device: str = options.device()
    count: int = option(1, "Devices of one machine.", name="devices", least=1)
    nodes: int = option(1, "Machines, each with --devices.", least=1)
    precision: Precision = options.precision()
    compile: bool = option(False, "Compile the networks (CUDA).")
    threads: Threads = options.threads()
    cuda_graph: bool | None = option(
        None,
        "Start each step as one CUDA graph: faster.",
        "on one CUDA device, where the recipe is no restoration",
    )
    """Whether a CUDA device starts each step's work as one graph (`zerosum.training.captured`);
    None: where it can."""

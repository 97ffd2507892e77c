"""A setting of a command, described where its value is held: as a field of a request, or as a
parameter. The command line makes its options of these (`cli/options.py`)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

Kind = Literal[
    "",
    "checkpoint",
    "data",
    "device",
    "file",
    "minutes",
    "protocol",
    "recipe",
    "run",
    "scores",
    "size",
    "threads",
    "time",
]
Precision = Literal["auto", "32", "bf16"]
"""Of what a training computes with."""
TableFormat = Literal["table", "markdown", "csv", "latex", "json"]
"""In which tables are printed."""
Threads = int | Literal["auto"]
"""Processor threads of a process."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """What a value is, for whoever gives it by a command."""

    help: str
    usual: str | None
    """What help says of the default; "": nothing; None: the value itself, where it is not empty."""
    name: str = ""
    """What it is called on the command line, where that is not the field's name."""
    short: str = ""
    """One letter that says the same: "o"."""
    also: str = ""
    """Another name on the command line."""
    kind: Kind = ""
    """What its values are, where the field's type does not tell."""
    choices: Sequence[str | int] | Mapping[str, str] = ()
    """The values that are allowed, where the field's type does not tell; a mapping has for each
    what is meant by it."""
    least: float | None = None
    most: float | None = None
    metavar: str | None = None
    """What stands for a value in help, where the kind of values does not tell."""
    first: bool = False
    """Whether it counts before all that is said besides."""


def option(default: object, help: str, usual: str | None = None, **facts: Any) -> Any:
    """A described field, or parameter of a command, with its default (MISSING: it has to be given);
    `facts` are fields of `Option`."""
    described = Option(help=help, usual=usual, **facts)
    return field(default=default, metadata={"option": described})


def out(help: str, usual: str | None = None, default: object = None, **facts: Any) -> Any:
    """Where to write to: --out, -o."""
    return option(default, help, usual, short="o", **facts)


Described = Callable[..., Any]

checkpoint: Described = partial(
    option,
    default="latest",
    help="latest, best, or the images seen: the name of a folder in RUN/checkpoints.",
    kind="checkpoint",
)
average: Described = partial(
    option,
    None,
    help="The average of the weights over the training, or the last weights.",
    usual="the average where the run keeps one",
)
seed: Described = partial(option, 0, help="Which pictures.")
device: Described = partial(
    option, "auto", help="cpu, cuda, cuda:1, … or mps; auto: the fastest here.", kind="device"
)
precision: Described = partial(
    option, "auto", help="auto: bf16 where the processor computes it, else 32."
)
threads: Described = partial(
    option,
    "auto",
    help="Processor threads; auto: as the work can use and other programs leave free.",
    kind="threads",
)
extractor: Described = partial(
    option,
    "",
    help="inception, digits, dinov2-vit-s-14 (b, l, g).",
    usual="digits for grey digits, else inception",
)
layer: Described = partial(option, "", help="Of inception: 64, 192, 768 or 2048.", usual="2048")
weights: Described = partial(option, None, help="A file with the extractor's weights.")
data_root: Described = partial(
    option, None, help="Where named sets lie.", usual="the user's data folder"
)
scale: Described = partial(
    option,
    None,
    help="Each pixel of a sheet so many times in both directions.",
    usual="enough to see pictures of up to 48 pixels well; 3 at 32",
    least=1,
    most=32,
)
frames_per_second: Described = partial(
    option,
    10.0,
    help="Frames per second of a film; GIFs cannot go over 50.",
    name="fps",
    least=0.1,
    most=50,
)

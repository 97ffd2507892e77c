"""The error for weights of a network that somebody else trained, where there are none."""

from dataclasses import dataclass, replace
from pathlib import Path

from zerosum.errors import ZerosumError


@dataclass(frozen=True)
class Weights:
    """A file of weights: what it is called, where it belongs and where it is to be had."""

    network: str
    """ "Inception", as in "there are no Inception weights"."""
    place: Path
    """Where the file is looked for, its name included."""
    source: str
    """Who publishes it."""
    variable: str = ""
    """The environment variable that says where the file is, in every command."""
    option: str = ""
    """The option that says it: "--weights"; "" where the command has none."""
    without: str = ""
    """What a user may do who has none."""


class MissingWeightsError(ZerosumError):
    """There are no weights; `problem` says why they could not be downloaded, "" where nobody tried.

    Tells the file, its place, where to get it, and what can be done without it.
    """

    def __init__(self, weights: Weights, problem: str = "") -> None:
        self.weights, self.problem = weights, problem
        what = f"there are no {weights.network} weights on this machine"
        if problem:
            what += f", and they could not be downloaded ({problem})"
        remedy = f"get {weights.place.name} from {weights.source}, and put it at {weights.place}"
        named = [f"{weights.option} FILE"] if weights.option else []
        named += [f"{weights.variable}=FILE"] if weights.variable else []
        if named:
            remedy += f" or name it: {', or '.join(named)}"
        if weights.without:
            remedy += f"; or do without: {weights.without}"
        super().__init__(what, remedy)

    def __reduce__(self) -> tuple[type["MissingWeightsError"], tuple[Weights, str]]:  # type: ignore[override]
        return type(self), (self.weights, self.problem)

    def or_else(self, without: str) -> "MissingWeightsError":
        """The same error, with what can be done without the weights."""
        return MissingWeightsError(replace(self.weights, without=without), self.problem)

    def without_option(self) -> "MissingWeightsError":
        """The same error in a command that has no option for the file."""
        return MissingWeightsError(replace(self.weights, option=""), self.problem)

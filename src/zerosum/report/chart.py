"""A chart as a value: what is drawn, before anything draws it.

Two renderers: `chart_figure` for PNG files, the page's own script for the page.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

Values = list[float | None]


@dataclass(frozen=True)
class Series:
    """One curve: y over x, None where it is broken; faint raw values and errors if there are."""

    label: str
    look: int
    """0 to 11 (on a page to 7): colour, dashes and marker; 12: one of those not told apart."""
    x: list[float]
    y: Values
    raw_x: list[float]
    raw_y: Values
    error: Values
    """Half the height of the interval at each point; empty where none is known."""
    told: list[str]
    """Each point's value and error as the page tells them; "" where there is no value."""
    line: bool = True
    """Whether the points are joined."""
    rings: bool = False
    """Whether the points are drawn hollow: single seeds beside their mean."""
    newest: str | None = None
    """What is told of it at rest, "" where that is nothing; None: its last point's text."""


@dataclass(frozen=True)
class Level:
    """A value that curves are held against."""

    value: float
    label: str
    told: str
    """The value in words."""
    threshold: bool = False
    """Whether crossing it changes what happens."""


@dataclass(frozen=True)
class Phase:
    """Where a phase of a training begins and ends, in images seen."""

    name: str
    begin: float
    end: float


@dataclass(frozen=True)
class Chart:
    """One pair of axes, over the images seen unless `x_label` says otherwise.

    `key` is unique on its page. Series of one label share a place in the legend.
    """

    key: str
    title: str
    unit: str
    """What the y axis counts, and which direction is better where one is."""
    series: list[Series]
    levels: list[Level]
    phases: list[Phase]
    lost: list[float]
    """Where a value was not finite."""
    low: float | None = None
    """The lowest value shown; None: that of the curves."""
    high: float | None = None
    log: bool = False
    note: str = ""
    x_label: str = "images seen in training"
    x_unit: str = "images"
    """What x counts, from 0 on; "" where it is the value of `x_label`, such as a learning rate."""
    x_log: bool = False
    x_ticks: Sequence[float] = ()
    """Where the x axis has ticks; empty: at round numbers."""
    x_names: Sequence[str] = ()
    """What these ticks are called."""
    at_rest: str = ""
    """What is read while nobody points at the chart, where that is the newest of every curve; "":
    the values at the newest place."""

    axis: str = ""
    """What the y axis says where no title stands above it."""
    percent: bool = False
    """Whether a picture has its y axis in per cent."""
    x_first: float = 0.0
    x_last: float = 0.0
    """Where the x axis of a log begins, and where the log ends."""
    all_values: tuple[float, float] | None = None
    """The lowest and the highest value, where `low` and `high` cut rare spikes off."""
    lost_lines: tuple[int, int] = (0, 0)
    """How many log lines have a value that is not finite, of how many."""

    def as_dict(self) -> dict[str, Any]:
        """For the page's script."""
        return asdict(self)

    def in_words(self) -> str:
        """Where each curve begins and ends: what stands in for the drawing where none is seen."""
        told = [_ends(each) for each in self.series]
        return f"{self.title}, over the {self.x_label}. " + ". ".join(filter(None, told))


def _ends(series: Series) -> str:
    known = [(at, text) for at, text in zip(series.y, series.told, strict=True) if at is not None]
    if not known:
        return ""
    newest = series.newest if series.newest != known[-1][1] else ""
    last = f"; in the last log line {newest}" if newest else ""
    if len(known) == 1:
        return f"{series.label}: {known[0][1]}{last}"
    by_value = sorted(known, key=lambda each: each[0])
    return (
        f"{series.label}: from {known[0][1]} to {known[-1][1]}, "
        f"lowest {by_value[0][1]}, highest {by_value[-1][1]}{last}"
    )

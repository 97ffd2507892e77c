"""A chart as a value: what is drawn, before anything draws it.

Two renderers: `chart_figure` for PNG files, the page's own script for the page.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Series:
    """One curve: y over x, None where it is broken; faint raw values and errors if there are."""

    label: str
    look: int | None
    """Colour, dashes and marker, by `looks.look`, on a page 0 to 7; None: one of those that are not
    told apart."""
    x: Sequence[float]
    y: Sequence[float | None]
    told: Sequence[str]
    """Each point's value and error as the page tells them; "" where there is no value."""
    raw_x: Sequence[float] = ()
    raw_y: Sequence[float | None] = ()
    error: Sequence[float | None] = ()
    """Half the height of the interval at each point; empty where none is known."""
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
    look: int | None = None
    """As of a series, where it must be told apart from other levels."""


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
    series: Sequence[Series]
    levels: Sequence[Level] = ()
    phases: Sequence[Phase] = ()
    low: float | None = None
    """The lowest value shown; None: that of the curves."""
    high: float | None = None
    log: bool = False
    axis: str = ""
    """What the y axis says where no title stands above it; "": the unit."""
    x_label: str = "images seen in training"
    x_unit: str = "images"
    """What x counts; "" where it is the value of `x_label`, such as a learning rate."""
    x_log: bool = False
    x_ticks: Sequence[float] = ()
    """Where the x axis has ticks; empty: at round numbers."""
    x_names: Sequence[str] = ()
    """What these ticks are called."""
    x_first: float = 0.0
    x_last: float = 0.0
    """Where an axis that counts begins and ends."""
    at_rest: str = ""
    """What is read while nobody points at the chart, where that is the newest of every curve; "":
    the values at the newest place."""
    points: str = ""
    """What points are that are not joined, where their label is that of a curve."""
    missing: str = ""
    """What has no place on it, and why."""
    spikes: tuple[float, float] | None = None
    """The lowest and the highest value, where `low` and `high` cut rare ones off."""
    lost: Sequence[float] = ()
    """Where a value was not finite."""
    lost_lines: tuple[int, int] = (0, 0)
    """How many log lines have a value that is not finite, of how many."""

    @property
    def note(self) -> str:
        """What is not drawn, in words."""
        cut = count = ""
        if self.spikes is not None:
            low, high = self.spikes
            cut = f"rare spikes are cut off: all values lie between {low:.3g} and {high:.3g}"
        if self.lost:
            count = "× not finite in {:,} of {:,} log lines".format(*self.lost_lines)
        return "; ".join(filter(None, (self.missing, cut, count)))

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

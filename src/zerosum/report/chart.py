"""A chart as a value: what is drawn, before anything draws it.

Two renderers: `chart_figure` for PNG files, the page's own script for the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

PAD = 0.02
"""Of the height, beyond given limits: so that 0 and 1 are seen."""
MARGIN = 0.06
"""Of an axis, beyond its values."""


@dataclass(frozen=True)
class Series:
    """One curve: y over x, None where it is broken; faint raw values and errors if there are."""

    label: str
    look: int | None
    """Colour, dashes and marker, by `looks.look`, on a page 0 to 7; None: one of those that are not
    told apart."""
    x: Sequence[float]
    y: Sequence[float | None]
    texts: Sequence[str]
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
    text: str
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

    @property
    def limits(self) -> tuple[float, float]:
        """Where the y axis begins and ends."""
        if self.low is not None and self.high is not None and not self.log:
            return widened(self.low, self.high, False, PAD)
        values = [level.value for level in self.levels]
        for one in self.series:
            errors = one.error or (None,) * len(one.y)
            for value, error in zip(one.y, errors, strict=True):
                if value is not None:
                    values += [value - (error or 0.0), value + (error or 0.0)]
            values += [value for value in one.raw_y if value is not None]
        used = [value for value in values if value > 0 or not self.log] or [1.0]
        return widened(min(used), max(used), self.log)

    @property
    def x_limits(self) -> tuple[float, float]:
        """Where the x axis begins and ends."""
        if not self.x_unit:
            places = [*self.x_ticks, *(at for one in self.series for at in one.x)] or [1.0]
            return widened(min(places), max(places), self.x_log)
        # Points that stand for themselves need more room than the end of a curve.
        room = 0.01 if all(one.line for one in self.series) else 0.05
        length = self.x_last - self.x_first or 1.0
        return self.x_first, self.x_first + (1 + room) * length

    def in_words(self) -> str:
        """Where each curve begins and ends: what stands in for the drawing where none is seen."""
        told = [_ends(each) for each in self.series]
        return f"{self.title}, over the {self.x_label}. " + ". ".join(filter(None, told))


def _ends(series: Series) -> str:
    known = [(at, text) for at, text in zip(series.y, series.texts, strict=True) if at is not None]
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


def widened(low: float, high: float, log: bool, margin: float = MARGIN) -> tuple[float, float]:
    """The ends of an axis that has room beyond its lowest and its highest value."""
    if low == high:
        half = abs(low) / 2 or 0.5
        low, high = (low / 2, low * 2) if log else (low - half, low + half)
    if log:
        factor = (high / low) ** margin
        return low / factor, high * factor
    return low - margin * (high - low), high + margin * (high - low)

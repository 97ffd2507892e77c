"""charts/progress.png: the table's score of every cell against images seen and against minutes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import EngFormatter

from zerosum.comparing.best import better
from zerosum.evaluation.protocol import Protocol, disagreements
from zerosum.evaluation.titles import title
from zerosum.records.score_line import COMPARED
from zerosum.report.charts import printable
from zerosum.report.comparison.looks import COLOURS, LINES, look, name_sides, plain_axes
from zerosum.report.curves import Look
from zerosum.report.heading import give_title
from zerosum.report.score_chart import score_lines
from zerosum.report.scores import ARROWS
from zerosum.report.study.scales import scale_of_score
from zerosum.report.study.texts import short
from zerosum.studies.entries import Entry
from zerosum.studies.results import CellResult
from zerosum.studies.settings import Study
from zerosum.studies.table import Layout

MOST_NAMED = 12
"""Settings with a look and a name of their own; of more, only the best have one."""
BEST = 5
MOST_PANELS = 4
OTHERS = Look("0.72", "-", "o")
FREE = {"fakes", "real_fingerprint"}
"""Parts of a protocol in which the lines of one panel may differ: checkpoints are compared by fewer
images than are reported, and a seed may choose the real ones."""


@dataclass(frozen=True)
class Track:
    """The scores of one cell on its way: compared checkpoints, then its result."""

    entry: Entry
    protocol: Protocol
    images: tuple[int, ...]
    minutes: tuple[float, ...]
    """Of training, at the same places; NaN where the log does not say."""
    values: tuple[float, ...]
    reported: tuple[bool, ...]
    """Whether a value is a result, not one of the compared."""


def progress_figure(study: Study, layout: Layout) -> Figure | None:
    """Two panels side by side for each kind of measurement: against images, and against minutes.

    None where there are no two scores.
    """
    tracks = tracks_of(layout)
    kinds = kinds_of(tracks)[:MOST_PANELS]
    if not kinds:
        return None
    figure = Figure(
        figsize=(10.5, 1.5 + 3.6 * len(kinds) + 0.13 * min(len(layout.entries), 12)),
        dpi=120,
        layout="constrained",
    )
    heading = f"Scores on the way: {printable(study.name)}"
    give_title(figure, heading)
    names = named_settings(layout, tracks, MOST_NAMED)
    looks = {name: _look(number) for number, name in enumerate(names)}
    panels = figure.subplots(len(kinds), 2, squeeze=False, sharey="row")
    for row, own in zip(panels, kinds, strict=True):
        for axes, by_clock in zip(row, (False, True), strict=True):
            for track in own:
                _draw(axes, track, looks.get(track.entry.setting.words), by_clock)
            _finish(axes, own, layout.score, by_clock)
        row[1].set_ylabel("")
    named = {short(words, 80): shown for words, shown in looks.items()}
    more: list[tuple[Artist, str]] = []
    if len(named) < len({track.entry.setting.words for track in tracks}):
        more.append((Line2D([], [], color=OTHERS.colour, linewidth=2), "all others"))
    more.append(
        (
            Line2D(
                [], [], color="0.7", marker="o", markersize=9, markeredgecolor="black", linewidth=0
            ),
            "black edge: result, on images of its own",
        )
    )
    name_sides(figure, named, more)
    return figure


def tracks_of(layout: Layout) -> list[Track]:
    """The track of every cell that has the table's score somewhere, in the order of the study."""
    return [
        track
        for entry in layout.entries
        for cell in entry.setting.cells
        if (track := _track(entry, cell, layout.score)) is not None
    ]


def minutes_at(
    images: Sequence[int], lines: Sequence[Mapping[str, Any]], cell: tuple[int, float] = (0, 0.0)
) -> tuple[float, ...]:
    """Minutes of training at so many images seen: between two lines of metrics.jsonl, and the
    images and seconds of the newest checkpoint (`cell`), by their slope, beyond the last one by its
    own speed; NaN where nothing is known."""
    known = {0: 0.0} | {int(line["images"]): float(line["seconds"]) for line in lines}
    known.setdefault(*cell)
    if len(known) == 1:
        return (float("nan"),) * len(images)
    seen = np.array(sorted(known), dtype=np.float64)
    seconds = np.array([known[each] for each in sorted(known)], dtype=np.float64)
    wanted = np.array(images, dtype=np.float64)
    beyond = np.maximum(wanted - seen[-1], 0.0) * seconds[-1] / seen[-1]
    return tuple(float(value) / 60 for value in np.interp(wanted, seen, seconds) + beyond)


def _track(entry: Entry, cell: CellResult, score: str) -> Track | None:
    found = [(line, line.value(score)) for line in score_lines(cell.run.scores())]
    values = tuple(value for _, value in found if value is not None)
    lines = [line for line, value in found if value is not None]
    if not lines:
        return None
    images = tuple(line.images for line in lines)
    return Track(
        entry,
        Protocol.from_dict(lines[-1].protocol),
        images,
        minutes_at(images, cell.run.metrics(), (cell.images, cell.seconds)),
        values,
        tuple(line.kind != COMPARED for line in lines),
    )


def kinds_of(tracks: Sequence[Track]) -> list[list[Track]]:
    """Tracks that may stand on the same axes, together; none of one score alone."""
    found: list[list[Track]] = []
    for track in tracks:
        for own in found:
            if set(disagreements(track.protocol, own[0].protocol)) <= FREE:
                own.append(track)
                break
        else:
            found.append([track])
    return [own for own in found if sum(len(track.values) for track in own) > 1]


def named_settings(layout: Layout, tracks: Sequence[Track], most: int) -> list[str]:
    """The settings that have a look and a name of their own, by their words, in the order of the
    study; of more than `most`, only the best."""
    words = list(dict.fromkeys(track.entry.setting.words for track in tracks))
    if len(words) > most:
        # The best of each ranking first, then the second ones: no kind of scores is left out.
        ranked = chain(*zip_longest(*(ranking.entries for ranking in layout.rankings)))
        best = [entry.setting.words for entry in ranked if entry is not None][:BEST]
        words = best or words[:BEST]
    return words


def _look(number: int) -> Look:
    """As `look`, but another line where the colours begin again."""
    turn = number // len(COLOURS)
    return replace(look(number), line=LINES[(number + turn) % len(LINES)])


def _draw(axes: Axes, track: Track, shown: Look | None, by_clock: bool) -> None:
    """One cell: a curve through its compared checkpoints, a diamond for each result."""
    own = shown or OTHERS
    places = track.minutes if by_clock else track.images
    way = [number for number, reported in enumerate(track.reported) if not reported]
    order = 2 if shown is None else 3
    axes.plot(
        [places[number] for number in way],
        [track.values[number] for number in way],
        color=own.colour,
        linestyle=own.line,
        marker=own.marker,
        markersize=5,
        markeredgecolor="white",
        markeredgewidth=0.6,
        linewidth=1.6 if shown else 1.0,
        zorder=order,
    )
    for number, reported in enumerate(track.reported):
        if reported:
            axes.plot(places[number], track.values[number], marker=own.marker, markersize=9,
                      color=own.colour, markeredgecolor="black", markeredgewidth=1,
                      zorder=order + 1)  # fmt: skip


def _finish(axes: Axes, tracks: Sequence[Track], score: str, by_clock: bool) -> None:
    scale_of_score(axes, "y", score, [value for track in tracks for value in track.values])
    extractor = tracks[0].protocol.extractor
    real = tracks[0].protocol.real_data
    axes.set_ylabel(f"{title(score, extractor)} {ARROWS[better(score)]}\nagainst {real}")
    axes.yaxis.label.set_parse_math(False)
    axes.set_xlabel("minutes of training" if by_clock else "images seen in training")
    if not by_clock:
        axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    places = np.concatenate([track.minutes if by_clock else track.images for track in tracks])
    furthest = float(np.nanmax(places, initial=0.0))
    if furthest:  # the margin is not that of the values: all cells may have trained equally long
        axes.set_xlim(0, 1.04 * furthest)
    plain_axes(axes)

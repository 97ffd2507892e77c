"""charts/settings.png: the table's score of each setting, as lines over one axis or a heat map."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zerosum.comparing.best import better
from zerosum.comparing.setting_words import shown
from zerosum.report.chart import Chart
from zerosum.report.charts import printable
from zerosum.report.heading import new_figure
from zerosum.report.looks import DARK, MIDDLE, look, plain_axes
from zerosum.report.study.axis_charts import drawn_charts, numbers_of, spans_much
from zerosum.report.study.figures import heat_figure
from zerosum.report.study.heat_map import heat_table
from zerosum.report.study.scales import log_scale, wants_log
from zerosum.report.study.texts import letter, score_title, short, what_bars_are
from zerosum.studies.entries import Entry, Measured
from zerosum.studies.settings import Study
from zerosum.studies.table import Layout


def settings_figure(study: Study, layout: Layout) -> Figure | None:
    """Every setting's score: a heat map where the table has columns, else over its one axis; None
    where there are no two scores."""
    if sum(len(entry.measured(layout.score).values) for entry in layout.entries) < 2:
        return None
    title = f"{score_title(layout, layout.score)} of {printable(study.name)}"
    if layout.nothing_like:
        title += ": no setting is like the data"
    if study.drawn:
        return _drawn_figure(drawn_charts(layout), title)
    if heat := heat_table(layout):
        return heat_figure(heat, layout, title)
    if len(found := numbers_of(layout)) > 1:
        return _line_figure(layout, found, title)
    return _category_figure(layout, title)


def _line_figure(layout: Layout, found: Sequence[tuple[float, Entry]], title: str) -> Figure:
    """Means over the numbers of one axis, with spread, single seeds and settings beside."""
    figure = new_figure(title, 4.8)
    axes = figure.add_subplot()
    axis, places = layout.row_axes[0], [place for place, _ in found]
    entries = [entry for _, entry in found]
    for group in dict.fromkeys(entry.group for entry in entries if entry.group is not None):
        own = [
            (place, entry.measured(layout.score))
            for place, entry in found
            if entry.group == group and entry.measured(layout.score).values
        ]
        _draw_means(axes, sorted(own, key=lambda each: each[0]), group, layout)
    for number, line in enumerate(layout.beside):
        entry = line.entries[0]
        mean = None if entry is None else entry.measured(layout.score).mean
        if entry is not None and mean is not None:
            shown_as = look(2 + number)
            name = short(entry.setting.words, 50)
            axes.axhline(mean, color=shown_as.colour, linestyle=shown_as.line, label=name)
    if spans_much(places):
        axes.set_xscale("log")
    axes.set_xticks(places, [shown(entry.setting.axes[axis]) for entry in entries])
    axes.set_xticks([], minor=True)
    axes.set_xlabel(axis)
    _name_missing(axes, found, layout.score)
    _finish(axes, layout)
    return figure


def _category_figure(layout: Layout, title: str) -> Figure:
    """A row for each setting, the first at the top: names need room that only a side has."""
    lines = [*layout.grid, *layout.beside]
    entries = [entry for line in lines for entry in line.entries if entry is not None]
    figure = new_figure(title, 1.6 + 0.42 * max(len(entries), 2))
    axes = figure.add_subplot()
    found = [value for entry in entries for value in entry.measured(layout.score).values]
    for place, entry in enumerate(entries):
        measured = entry.measured(layout.score)
        own = DARK if not entry.beside else MIDDLE
        if measured.mean is None:
            text = short("; ".join(entry.standing), 60)
            axes.text(0.01, place, text, transform=axes.get_yaxis_transform(), va="center",
                      fontsize=9, color="0.35", parse_math=False)  # fmt: skip
            continue
        axes.plot(measured.values, [place] * len(measured.values), "o", color="white",
                  markeredgecolor=own.colour, markersize=4, zorder=4)  # fmt: skip
        axes.errorbar(measured.mean, place, xerr=measured.bar or 0.0, fmt=own.marker,
                      color=own.colour, capsize=4, markersize=8, zorder=3)  # fmt: skip
    words = [
        short(entry.setting.words, 46) + (f" [{letter(entry.group)}]" * (layout.groups > 1))
        for entry in entries
    ]
    axes.set_yticks(range(len(entries)), words, parse_math=False)
    axes.set_ylim(len(entries) - 0.5, -0.5)
    if wants_log(layout.score, found):
        log_scale(axes, "x")
    if not found:
        axes.set_xticks([])
    axes.set_xlabel(f"{score_title(layout, layout.score)}; {what_bars_are(layout)}, rings: seeds")
    plain_axes(axes)
    return figure


def _drawn_figure(charts: Sequence[Chart], title: str) -> Figure:
    """A panel for each axis that was drawn: every setting's mean over its value."""
    figure = new_figure(title, 1.0 + 2.6 * len(charts))
    panels = figure.subplots(len(charts), 1, squeeze=False)[:, 0]
    for axes, chart in zip(panels, charts, strict=True):
        for one in chart.series:
            own = look(one.look)
            axes.plot(one.x, np.array(one.y, dtype=np.float64), own.marker, color=own.colour)
        if chart.x_log:
            axes.set_xscale("log")
        if chart.x_names:
            axes.set_xticks(chart.x_ticks, chart.x_names, parse_math=False)
        axes.set_xlabel(chart.x_label)
        if chart.log:
            log_scale(axes, "y")
        axes.set_ylabel(chart.axis)
        axes.margins(x=0.06)
        plain_axes(axes)
    return figure


def _draw_means(
    axes: Axes, points: Sequence[tuple[float, Measured]], group: int, layout: Layout
) -> None:
    if not points:
        return
    own = look(group)
    for place, measured in points:
        axes.plot([place] * len(measured.values), measured.values, "o", color="white",
                  markeredgecolor=own.colour, markersize=4, zorder=4)  # fmt: skip
    name = f"mean, {what_bars_are(layout)}; rings: single seeds"
    if layout.groups > 1:
        name = f"group {letter(group)}"
    axes.errorbar(
        [place for place, _ in points],
        [measured.mean or 0.0 for _, measured in points],
        yerr=[measured.bar or 0.0 for _, measured in points],
        color=own.colour,
        linewidth=2.2,
        marker=own.marker,
        markersize=8,
        markeredgecolor="white",
        capsize=4,
        label=name,
        zorder=3,
    )


def _name_missing(axes: Axes, found: Sequence[tuple[float, Entry]], score: str) -> None:
    """How a setting stands that has no score, with a cross where one will never be."""
    for place, entry in found:
        if entry.measured(score).values:
            continue
        text = "; ".join(short(each, 24) for each in entry.standing)
        if any(cell.ended for cell in entry.setting.cells):
            axes.plot([place], [0.97], "x", color="black", transform=axes.get_xaxis_transform())
        axes.text(place, 0.93, text, transform=axes.get_xaxis_transform(), ha="center", va="top",
                  fontsize=8.5, color="0.25", rotation=90, parse_math=False)  # fmt: skip


def _finish(axes: Axes, layout: Layout) -> None:
    values = [value for entry in layout.entries for value in entry.measured(layout.score).values]
    if wants_log(layout.score, values):
        log_scale(axes, "y")
    if not values:
        axes.set_yticks([])
    arrow = "lower is better" if better(layout.score) == "lower" else "higher is better"
    axes.set_ylabel(f"{score_title(layout, layout.score)}\n{arrow}")
    axes.margins(x=0.06)
    plain_axes(axes)
    handles, names = axes.get_legend_handles_labels()
    if handles:
        legend = axes.legend(handles, names, loc="lower left", bbox_to_anchor=(-0.01, 1.0),
                             frameon=False, ncols=1, borderaxespad=0.2)  # fmt: skip
        for text in legend.get_texts():
            text.set_parse_math(False)

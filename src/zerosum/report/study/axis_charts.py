"""The scores of a study's settings over an axis, as charts."""

from collections.abc import Sequence

from zerosum.comparing.best import better
from zerosum.comparing.setting_words import shown
from zerosum.report.chart import Chart, Level, Series
from zerosum.report.scores import number
from zerosum.report.study.progress_chart import LETTERS, LOOKS
from zerosum.report.study.scales import finite, log_over, scored_points
from zerosum.report.study.texts import letter, score_decimals, score_text, score_title, short
from zerosum.studies.entries import Entry
from zerosum.studies.table import Layout

RATIO_FOR_LOG = 20
"""Values of an axis, such as learning rates, are drawn by their logarithm from this ratio on."""


def numbers_of(layout: Layout) -> list[tuple[float, Entry]]:
    """The settings of a grid whose only axis has numbers, each with its own; [] of another."""
    entries = [entry for line in layout.grid for entry in line.entries if entry is not None]
    if layout.column_axes or len(layout.row_axes) != 1:
        return []
    values = [entry.setting.axes[layout.row_axes[0]] for entry in entries]
    if not all(map(_is_number, values)):
        return []
    return [(float(str(value)), entry) for value, entry in zip(values, entries, strict=True)]


def axis_chart(layout: Layout) -> Chart | None:
    """Means over the numbers of the table's only axis, with their spread and single seeds; None
    where the table has more axes, or one of names."""
    found = sorted(numbers_of(layout), key=lambda each: each[0])
    if sum(len(entry.measured(layout.score).values) for _, entry in found) < 2:
        return None
    axis, entries = layout.row_axes[0], [entry for _, entry in found]
    series = []
    for place, group in enumerate(_groups(entries)):
        own = [
            (at, entry)
            for at, entry in found
            if entry.group == group and entry.measured(layout.score).values
        ]
        if own:
            series += _means(layout, own, 2 * place, group)
    places = [at for at, _ in found]
    return Chart(
        "settings", score_title(layout, layout.score), f"{better(layout.score)} is better", series,
        _beside(layout), [], [], note=_missing(layout, entries), x_label=axis, x_unit="",
        log=log_over(layout.score, series), x_log=spans_much(places), x_ticks=places,
        x_names=[shown(entry.setting.axes[axis]) for entry in entries],
    )  # fmt: skip


def drawn_charts(layout: Layout) -> list[Chart]:
    """Of settings that were drawn: every mean over each axis in turn."""
    entries = [
        entry
        for entry in layout.entries
        if not entry.beside and entry.measured(layout.score).mean is not None
    ]
    charts, decimals = [], score_decimals(layout.entries, layout.score)
    for place, axis in enumerate(layout.row_axes):
        values = [entry.setting.axes[axis] for entry in entries]
        names: list[str] = []
        if not all(map(_is_number, values)):
            names = list(dict.fromkeys(map(shown, values)))
        series = []
        for look, group in enumerate(_groups(entries)):
            points = [
                (float(names.index(shown(value))) if names else float(str(value)), mean)
                for entry, value in zip(entries, values, strict=True)
                if entry.group == group and (mean := entry.measured(layout.score).mean) is not None
            ]
            points.sort(key=lambda point: point[0])
            label = f"group {letter(group)}" if layout.groups > 1 else "a setting"
            series.append(scored_points(label, look % LOOKS, points, layout.score, decimals))
        everywhere = [at for each in series for at in each.x]
        ticks = [float(number) for number in range(len(names))]
        charts.append(
            Chart(
                f"settings-{place}", f"{score_title(layout, layout.score)} over {axis}",
                f"{better(layout.score)} is better", series, [], [], [],
                log=log_over(layout.score, series), x_label=axis, x_unit="",
                x_log=not names and spans_much(everywhere), x_ticks=ticks, x_names=names,
                axis=score_title(layout, layout.score),
            )
        )  # fmt: skip
    return charts


def _means(
    layout: Layout, own: Sequence[tuple[float, Entry]], look: int, group: int
) -> list[Series]:
    """A curve through the means with their spread, and the single seeds where there are several."""
    measured = [entry.measured(layout.score) for _, entry in own]
    several = any(len(each.values) > 1 for each in measured)
    name = "mean ± standard deviation over seeds" if several else "± its own error (one seed)"
    rings = "single seeds"
    if layout.groups > 1:
        name, rings = f"{name}, {letter(group)}", f"{rings}, {letter(group)}"
    places = [at for at, _ in own]
    decimals = score_decimals(layout.entries, layout.score)
    found = [
        Series(name, look % LOOKS, places, [finite(each.mean) for each in measured], [], [],
               [finite(each.bar) for each in measured],
               [score_text(entry, layout.score, decimals) for _, entry in own])
    ]  # fmt: skip
    if several:
        points = [
            (place, value)
            for place, each in zip(places, measured, strict=True)
            for value in each.values
        ]
        found.append(
            scored_points(rings, (look + 1) % LOOKS, points, layout.score, decimals, rings=True)
        )
    return found


def _beside(layout: Layout) -> list[Level]:
    found, decimals = [], score_decimals(layout.entries, layout.score)
    for line in layout.beside:
        entry = line.entries[0]
        mean = None if entry is None else entry.measured(layout.score).mean
        if entry is not None and mean is not None:
            told = number(layout.score, mean, decimals)
            found.append(Level(mean, short(entry.setting.words, LETTERS), told))
    return found


def _missing(layout: Layout, entries: Sequence[Entry]) -> str:
    """Which settings have no score, and how they stand."""
    told = [
        f"{entry.setting.words}: {'; '.join(short(each) for each in entry.standing)}"
        for entry in entries
        if not entry.measured(layout.score).values
    ]
    return f"Without a score: {', '.join(told)}." if told else ""


def _groups(entries: Sequence[Entry]) -> list[int]:
    return list(dict.fromkeys(entry.group for entry in entries if entry.group is not None))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def spans_much(values: Sequence[float]) -> bool:
    """Whether an axis is drawn by its logarithm."""
    return bool(values) and min(values) > 0 and max(values) / min(values) >= RATIO_FOR_LOG

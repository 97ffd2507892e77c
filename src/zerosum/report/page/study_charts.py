"""The scores of a study over an axis as charts of its page."""

from collections.abc import Sequence

from zerosum.comparing.best import better
from zerosum.comparing.setting_words import shown
from zerosum.report.chart import Chart, Level, Series
from zerosum.report.scores import number
from zerosum.report.study.progress_chart import LETTERS, LOOKS
from zerosum.report.study.scales import finite, log_over, scored_points
from zerosum.report.study.settings_chart import RATIO_FOR_LOG
from zerosum.report.study.texts import letter, score_decimals, score_text, score_title, short
from zerosum.studies.entries import Entry
from zerosum.studies.table import Layout


def axis_chart(layout: Layout) -> Chart | None:
    """Means over the numbers of the table's only axis, with their spread and single seeds; None
    where the table has more axes, or one of names."""
    entries = [entry for line in layout.grid for entry in line.entries if entry is not None]
    if layout.column_axes or len(layout.row_axes) != 1:
        return None
    if sum(len(entry.measured(layout.score).values) for entry in entries) < 2:
        return None
    axis = layout.row_axes[0]
    if not all(map(_is_number, (entry.setting.axes[axis] for entry in entries))):
        return None
    entries.sort(key=lambda entry: _value(entry, axis))
    series = []
    for place, group in enumerate(_groups(entries)):
        own = [
            entry
            for entry in entries
            if entry.group == group and entry.measured(layout.score).values
        ]
        if own:
            series += _means(layout, own, axis, 2 * place, group)
    places = [_value(entry, axis) for entry in entries]
    return Chart(
        "settings", score_title(layout, layout.score), f"{better(layout.score)} is better", series,
        _beside(layout), [], [], note=_missing(layout, entries), x_label=axis, x_unit="",
        log=log_over(layout.score, series), x_log=_spans(places), x_ticks=places,
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
                x_log=not names and _spans(everywhere),
                x_ticks=ticks,
                x_names=names,
            )
        )  # fmt: skip
    return charts if len(entries) > 1 else []


def _means(
    layout: Layout, entries: Sequence[Entry], axis: str, look: int, group: int | None
) -> list[Series]:
    """A curve through the means with their spread, and the single seeds where there are several."""
    measured = [entry.measured(layout.score) for entry in entries]
    several = any(len(each.values) > 1 for each in measured)
    name = "mean ± standard deviation over seeds" if several else "± its own error (one seed)"
    rings = "single seeds"
    if layout.groups > 1:
        name, rings = f"{name}, {letter(group)}", f"{rings}, {letter(group)}"
    places = [_value(entry, axis) for entry in entries]
    spread = [each.spread if len(each.values) > 1 else each.error for each in measured]
    decimals = score_decimals(layout.entries, layout.score)
    found = [
        Series(name, look % LOOKS, places, [finite(each.mean) for each in measured], [], [],
               [finite(each) for each in spread],
               [score_text(entry, layout.score, decimals) for entry in entries])
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


def _value(entry: Entry, axis: str) -> float:
    return float(str(entry.setting.axes[axis]))


def _spans(values: Sequence[float]) -> bool:
    """Whether an axis is drawn by its logarithm."""
    return bool(values) and min(values) > 0 and max(values) / min(values) >= RATIO_FOR_LOG

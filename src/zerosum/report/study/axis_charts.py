"""The scores of a study's settings: which drawing shows them, and those over an axis."""

from collections.abc import Sequence

from zerosum.comparing.best import better
from zerosum.comparing.setting_words import shown
from zerosum.records.logs import Value
from zerosum.report.chart import Chart, Level, Series
from zerosum.report.score_chart import log_over, score_series, spans_much
from zerosum.report.scores import number
from zerosum.report.study.dots import DotPlot, dot_plot
from zerosum.report.study.heat_map import Heat, heat_table
from zerosum.report.study.progress_chart import LETTERS, LOOKS
from zerosum.report.study.texts import letter, score_decimals, score_title, short
from zerosum.studies.results import SettingResult
from zerosum.studies.settings import Study
from zerosum.studies.table import Layout

Drawing = Chart | Heat | DotPlot


def settings_drawings(study: Study, layout: Layout) -> list[Drawing]:
    """The table's score of every setting: charts over each axis where settings were drawn, colours
    where there are two axes, a curve over numbers, else a line of dots for each setting. None of
    one score alone, but colours, which show what is missing."""
    heat = heat_table(layout)
    if heat is not None and not study.drawn:
        return [heat]
    line = axis_chart(layout)
    charts = drawn_charts(layout) if study.drawn else [line] if line is not None else []
    found = [chart for chart in charts if sum(len(one.x) for one in chart.series) > 1]
    dots = dot_plot(layout)
    return [*found] or ([dots] if dots is not None else [])


def axis_chart(layout: Layout) -> Chart | None:
    """Means over the numbers of the table's only axis, with their spread and single seeds; None
    where the table has more axes, or one of names."""
    if layout.column_axes or len(layout.row_axes) != 1:
        return None
    (axis,) = layout.row_axes
    entries = [entry for line in layout.grid for entry in line.entries if entry is not None]
    values = [entry.axes[axis] for entry in entries]
    if not all(map(_is_number, values)) or len(entries) < 2:
        return None
    found = sorted(zip(map(_number, values), entries, strict=True), key=lambda each: each[0])
    series = []
    for place, group in enumerate(_groups(entries)):
        own = [
            (at, entry)
            for at, entry in found
            if entry.group == group and entry.measured(layout.score).values
        ]
        series += _means(layout, own, 2 * place, group)
    places = [at for at, _ in found]
    what, unit = score_title(layout, layout.score), f"{better(layout.score)} is better"
    return Chart(
        "settings", what, unit, series, _beside(layout),
        log=log_over(layout.score, series), axis=f"{what}\n{unit}", x_label=axis, x_unit="",
        x_log=spans_much(places), x_ticks=places,
        x_names=[shown(entry.axes[axis]) for _, entry in found],
        missing=_missing(layout, [entry for _, entry in found]),
    )  # fmt: skip


def drawn_charts(layout: Layout) -> list[Chart]:
    """Of settings that were drawn: every mean over each axis in turn."""
    entries = [
        entry
        for entry in layout.entries
        if not entry.beside and entry.measured(layout.score).mean is not None
    ]
    charts, decimals = [], score_decimals(layout.entries, layout.score)
    what = score_title(layout, layout.score)
    for place, axis in enumerate(layout.row_axes):
        values = [entry.axes[axis] for entry in entries]
        names: list[str] = []
        if not all(map(_is_number, values)):
            names = list(dict.fromkeys(map(shown, values)))
        series = []
        for look, group in enumerate(_groups(entries)):
            points: list[tuple[float, Value]] = [
                (float(names.index(shown(value))) if names else _number(value),
                 {"value": entry.measured(layout.score).mean})
                for entry, value in zip(entries, values, strict=True) if entry.group == group
            ]  # fmt: skip
            points.sort(key=lambda point: point[0])
            label = f"group {letter(group)}" if layout.groups > 1 else "a setting"
            series += score_series(label, look % LOOKS, layout.score, points, decimals)
        everywhere = [at for each in series for at in each.x]
        charts.append(
            Chart(
                f"settings-{place}", f"{what} over {axis}", f"{better(layout.score)} is better",
                series, log=log_over(layout.score, series), axis=what, x_label=axis, x_unit="",
                x_log=not names and spans_much(everywhere),
                x_ticks=[float(number) for number in range(len(names))], x_names=names,
            )
        )  # fmt: skip
    return charts


def _means(
    layout: Layout, own: Sequence[tuple[float, SettingResult]], look: int, group: int
) -> list[Series]:
    """A curve through the means with their spread, and the single seeds where there are several."""
    measured = [(at, entry.measured(layout.score)) for at, entry in own]
    several = any(len(each.values) > 1 for _, each in measured)
    name = "mean ± standard deviation over seeds" if several else "± its own error (one seed)"
    rings = "single seeds"
    if layout.groups > 1:
        name, rings = f"{name}, {letter(group)}", f"{rings}, {letter(group)}"
    score, decimals = layout.score, score_decimals(layout.entries, layout.score)
    means: list[tuple[float, Value]] = [
        (at, {"value": each.mean, "error": each.bar}) for at, each in measured
    ]
    seeds: list[tuple[float, Value]] = [
        (at, {"value": value}) for at, each in measured for value in each.values if several
    ]
    return [
        *score_series(name, look % LOOKS, score, means, decimals, line=True),
        *score_series(rings, (look + 1) % LOOKS, score, seeds, decimals, rings=True),
    ]


def _beside(layout: Layout) -> list[Level]:
    found: list[Level] = []
    decimals = score_decimals(layout.entries, layout.score)
    for line in layout.beside:
        entry = line.entries[0]
        mean = None if entry is None else entry.measured(layout.score).mean
        if entry is not None and mean is not None:
            told = number(layout.score, mean, decimals)
            look = (2 + len(found)) % LOOKS
            found.append(Level(mean, short(entry.words, LETTERS), told, look))
    return found


def _missing(layout: Layout, entries: Sequence[SettingResult]) -> str:
    """Which settings have no score, and how they stand."""
    told = [
        f"{entry.words}: {'; '.join(short(each) for each in entry.standing)}"
        for entry in entries
        if not entry.measured(layout.score).values
    ]
    return f"Without a score: {', '.join(told)}." if told else ""


def _groups(entries: Sequence[SettingResult]) -> list[int]:
    return list(dict.fromkeys(entry.group for entry in entries if entry.group is not None))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: object) -> float:
    return float(str(value))

"""The table's score of every cell on its way, against images seen and against minutes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from zerosum.comparing.best import better
from zerosum.evaluation.protocol import Protocol, disagreements
from zerosum.recipe.scores import title
from zerosum.records.logs import SELECTION, Value
from zerosum.report.chart import Chart
from zerosum.report.score_chart import floor_levels, log_over, minutes_at, score_lines, score_series
from zerosum.report.scores import ARROWS
from zerosum.report.study.texts import score_decimals, short
from zerosum.studies.results import CellResult, SettingResult
from zerosum.studies.table import Layout

LOOKS = 8
"""Settings with a look and a name of their own."""
LETTERS = 60
"""Of a name in a legend, at most."""
BEST = 5
MOST_KINDS = 4
FREE = {"fakes", "real_fingerprint"}
"""Parts of a protocol in which the lines of one chart may differ: checkpoints are compared by fewer
images than are reported, and a seed may choose the real ones."""


@dataclass(frozen=True)
class Track:
    """The scores of one cell on its way: compared checkpoints, then its result."""

    entry: SettingResult
    protocol: Protocol
    images: tuple[int, ...]
    minutes: tuple[float, ...]
    """Of training, at the same places; NaN where the log does not say."""
    values: tuple[float, ...]
    reported: tuple[bool, ...]
    """Whether a value is a result, not one of the compared."""


def progress_charts(layout: Layout) -> list[Chart]:
    """The table's score of every cell against images and against minutes: two charts for each kind
    of measurement; none where nothing was scored.

    A curve through the compared checkpoints of a cell, points for its results. Of more than `LOOKS`
    settings only the best have a look and a name of their own.
    """
    tracks = tracks_of(layout)
    named = enumerate(named_settings(layout, tracks))
    looks = {words: (number, short(words, LETTERS)) for number, words in named}
    return [
        _progress(layout, own, looks, by_clock, place)
        for place, own in enumerate(kinds_of(tracks)[:MOST_KINDS])
        for by_clock in (False, True)
    ]


def tracks_of(layout: Layout) -> list[Track]:
    """The track of every cell that has the table's score somewhere, in the order of the study."""
    return [
        track
        for entry in layout.entries
        for cell in entry.cells
        if (track := _track(entry, cell, layout.score)) is not None
    ]


def _track(entry: SettingResult, cell: CellResult, score: str) -> Track | None:
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
        tuple(line.kind != SELECTION for line in lines),
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


def named_settings(layout: Layout, tracks: Sequence[Track]) -> list[str]:
    """The settings that have a look and a name of their own, by their words, in the order of the
    study; of more than `LOOKS`, only the best."""
    words = list(dict.fromkeys(track.entry.words for track in tracks))
    if len(words) > LOOKS:
        # The best of each ranking first, then the second ones: no kind of scores is left out.
        ranked = chain(*zip_longest(*(ranking.entries for ranking in layout.rankings)))
        best = [entry.words for entry in ranked if entry is not None][:BEST]
        words = best or words[:BEST]
    return words


def _progress(
    layout: Layout, tracks: Sequence[Track], looks: Mapping[str, tuple[int, str]], by_clock: bool,
    place: int,
) -> Chart:  # fmt: skip
    """`looks`: of settings with a name of their own, the look and that name."""
    series, decimals = [], score_decimals(layout.entries, layout.score)
    for track in tracks:
        look, label = looks.get(track.entry.words, (None, "all others"))
        places = track.minutes if by_clock else track.images
        for reported in (False, True):
            points: list[tuple[float, Value]] = [
                (at, {"value": value})
                for at, value, each in zip(places, track.values, track.reported, strict=True)
                if each is reported and math.isfinite(at)
            ]
            series += score_series(label, look, layout.score, points, decimals, line=not reported)
    # Others lie below what has a name.
    series.sort(key=lambda one: one.look is not None)
    # A setting has a track for each of its cells, and is counted once.
    entries = {id(track.entry): track.entry for track in tracks}.values()
    scored = [cell.scores for entry in entries for cell in entry.scored if cell.scores is not None]
    protocol = tracks[0].protocol
    words = "minutes" if by_clock else "images"
    what = title(layout.score, protocol.extractor)
    return Chart(
        f"{words}-{place}", f"{what} against {words}",
        f"against {protocol.real_data}; {better(layout.score)} is better", series,
        floor_levels(layout.score, scored, decimals), log=log_over(layout.score, series),
        axis=f"{what} {ARROWS[better(layout.score)]}\nagainst {protocol.real_data}",
        x_label="minutes of training" if by_clock else "images seen in training", x_unit=words,
        x_last=max((at for one in series for at in one.x), default=0.0),
        at_rest="the newest of each", points="result, on images of its own",
    )  # fmt: skip

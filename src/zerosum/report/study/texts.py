"""What a table of a study says of one setting, in words."""

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean

from zerosum.comparing.best import better
from zerosum.comparing.comparability import protocol_of
from zerosum.recipe.scores import ALL_SCORES, title
from zerosum.report.scores import ARROWS, decimals_of, number, with_error
from zerosum.studies.results import CellResult, SettingResult
from zerosum.studies.settings import Published
from zerosum.studies.table import Layout, published_name

ONE_SEED = "†"
OF_ONE_SEED = "one seed with a score: ± is the score's own error, not how much seeds differ"
UNLIKE = "not like the data"
LONGEST_REASON = 40
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def published_notes(layout: Layout) -> list[str]:
    """The numbered notes on published numbers, in the order in which they are first needed."""
    texts = [note_text(each) for entry in layout.entries for each in entry.published]
    return list(dict.fromkeys(texts))


def note_sign(layout: Layout, published: Published) -> str:
    """The raised number of a published number's note."""
    return _raised(published_notes(layout).index(note_text(published)))


def sign_notes(layout: Layout) -> list[tuple[str, str]]:
    """The signs that stand behind numbers, and what each says."""
    notes = [(_raised(place), text) for place, text in enumerate(published_notes(layout))]
    return [(ONE_SEED, OF_ONE_SEED), *notes]


def _raised(place: int) -> str:
    return str(place + 1).translate(SUPERSCRIPTS)


def note_text(published: Published) -> str:
    """How a published number was measured, and that it may not be compared."""
    source = f" ({published.source})" if published.source else ""
    return f"not comparable with ours: {published.protocol}{source}"


def score_title(layout: Layout, name: str) -> str:
    """A score's title with the direction that is better, and its features where all groups have
    the same ones."""
    lines = [cell.scores for entry in layout.entries for cell in entry.scored]
    extractors = {protocol_of(line).extractor for line in lines if line is not None}
    words = title(name, extractors.pop()) if len(extractors) == 1 else short_title(name)
    return f"{words} {ARROWS[better(name)]}"


def short_title(name: str) -> str:
    """A score's title without its features."""
    return ALL_SCORES[name].title


def score_text(entry: SettingResult, name: str, decimals: int | None) -> str:
    """The mean of a score and its spread over the seeds; of one seed its own error. "" without.

    `decimals` are those of the column or map that it stands in, by `score_decimals`."""
    own = _mean_and_spread(entry, name)
    return "" if own["value"] is None else with_error(name, own, decimals)


def score_decimals(entries: Iterable[SettingResult], name: str) -> int | None:
    """How many decimals a column or map of these settings has; None where the score itself says."""
    return decimals_of(name, [_mean_and_spread(entry, name) for entry in entries])


def _mean_and_spread(entry: SettingResult, name: str) -> dict[str, float | None]:
    measured = entry.measured(name)
    return {"value": measured.mean, "error": measured.bar}


def what_spread_is(layout: Layout) -> str:
    """What stands behind ± in a picture."""
    several = max(seed_counts(layout), default=0) > 1
    return "± is the standard deviation over seeds" if several else "± is its own error (one seed)"


def entry_text(layout: Layout, entry: SettingResult | None) -> str:
    """What the table says of a setting: its score, what goes wrong, how the other cells stand."""
    if entry is None:
        return ""
    parts = []
    score = score_text(entry, layout.score, score_decimals(layout.entries, layout.score))
    if score:
        count = len(entry.measured(layout.score).values)
        score += f" {ONE_SEED}" if count == 1 and mixed_seeds(layout) else ""
        score += group_mark(entry.group) if layout.groups > 1 else ""
        parts.append(score)
        if 1 < count < max(seed_counts(layout)):
            parts.append(f"{count} seeds")
        parts += entry.marks
        parts += [UNLIKE] * (entry.like is False and not layout.nothing_like)
    elif entry.scored:
        parts.append("not measured")
    parts += [short(text) for text in entry.standing]
    return ", ".join(parts)


def seed_counts(layout: Layout) -> set[int]:
    """How many seeds the settings have that have the table's score."""
    counts = {len(entry.measured(layout.score).values) for entry in layout.entries}
    return counts - {0}


def mixed_seeds(layout: Layout) -> bool:
    """Whether some settings have more seeds with a score than others."""
    return len(seed_counts(layout)) > 1


def none_is_like(layout: Layout) -> str:
    """That no setting of the grid is like the data, in words; "" where one is, or none is scored.

    Where settings stand beside the grid it is said of the grid alone: these are told by themselves.
    """
    if not layout.nothing_like_in_grid:
        return ""
    return f"no setting{' of the grid' if layout.beside else ''} is like the data"


def letter(group: int | None) -> str:
    """What a table calls a group of cells that were measured alike."""
    return "" if group is None else chr(ord("A") + group % 26)


def group_mark(group: int | None) -> str:
    """What stands behind a score where others may not be compared with it: " [A]"."""
    return "" if group is None else f" [{letter(group)}]"


def short(text: str, longest: int = LONGEST_REASON) -> str:
    """The beginning of a reason, for a table; it stands in full further below."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def published_text(layout: Layout, own: Sequence[Published], name: str) -> str:
    """The published numbers of a setting, each with its note; a dash where only the note says
    something."""
    return ", ".join(
        f"{number(name, each.scores[name]) if name in each.scores else '–'} "
        f"{note_sign(layout, each)}"
        for each in own
    )


def unmatched_text(published: Published) -> str:
    """A published number of no setting of the study."""
    scores = [
        f"{short_title(name)} {number(name, value)}" for name, value in published.scores.items()
    ]
    if published.minutes is not None:
        scores.append(f"{minutes(published.minutes)} minutes")
    numbers = ", ".join(scores) or "no number"
    return f"{published_name(published)}: {numbers}; {note_text(published)}"


def images_text(entry: SettingResult) -> str:
    """Images seen, on average over the cells that have begun."""
    seen = [cell.images for cell in entry.cells if cell.images]
    return f"{round(fmean(seen)):,}" if seen else ""


def minutes_text(entry: SettingResult) -> str:
    """Training time in minutes, on average over the cells that have begun."""
    times = [cell.seconds for cell in entry.cells if cell.seconds]
    return minutes(fmean(times) / 60) if times else ""


def minutes(value: float) -> str:
    """Minutes to two digits, whole ones from ten on."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def speed_text(entry: SettingResult) -> str:
    """Images per second of all cells together."""
    begun = [cell for cell in entry.cells if cell.seconds and cell.images]
    if not begun:
        return ""
    return f"{sum(cell.images for cell in begun) / sum(cell.seconds for cell in begun):,.0f}"


def classes_text(entry: SettingResult) -> str:
    """Classes covered of how many, on average over the seeds: "10 of 10"; "" of images that are not
    like the data, which a classifier must call something too."""
    lines = [cell.scores for cell in entry.scored if cell.scores is not None]
    counts = [line.modes for line in lines if line.modes]
    if not counts or entry.like is False:
        return ""
    return f"{fmean(int(each['covered']) for each in counts):.3g} of {counts[0]['classes']}"


def health_text(entry: SettingResult) -> str:
    """The newest verdicts on the health of a setting's cells."""
    found = Counter(cell.health for cell in entry.cells if cell.verdict)
    told = sum(bool(cell.images or cell.verdict) for cell in entry.cells)
    return ", ".join(
        verdict if count == told else f"{verdict} ({count} of {told})"
        for verdict, count in found.items()
    )


def failed_text(cell: CellResult) -> str:
    """A cell from which no score comes, and why."""
    word = "no score" if cell.status == "finished" else cell.status
    at = f" at {cell.images:,} images" if cell.images else ""
    return f"{cell.cell.name}: {word}{at}: {cell.reason or 'it does not say why'}"

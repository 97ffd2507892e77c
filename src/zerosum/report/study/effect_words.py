"""What mattered, as sentences."""

from zerosum.comparing.best import better
from zerosum.comparing.effects import AxisEffect, Effects, Share
from zerosum.report.scores import number
from zerosum.report.study.texts import letter, short_title
from zerosum.studies.ranking import effects
from zerosum.studies.table import Layout
from zerosum.words import capital, counted, first_of

MOST_NAMED = 6
LEFT = 0.03
"""A share that nothing accounts for is told above this."""


def what_mattered(layout: Layout) -> tuple[str, ...]:
    """What mattered in each group of cells that were measured alike; nothing before any score."""
    found = effects(layout.entries, layout.study.axes, layout.score)
    sentences: list[str] = []
    for each in found:
        group = f"[{letter(each.group)}] " if len(found) > 1 else ""
        sentences += [f"{group}{text}" for text in effect_sentences(each, bool(layout.beside))]
    return tuple(sentences)


def effect_sentences(found: Effects, beside: bool = False) -> list[str]:
    """A sentence an axis, the strongest first; then what is left, and of which cells this is.

    `beside`: whether the study has settings outside of its grid, of which this tells nothing.
    """
    title = short_title(found.score)
    if found.unlike and not found.cells:
        grid = " of the grid" if beside else ""
        return [f"What mattered is not told: no setting{grid} is like the data."]
    if found.reason:
        return [f"What mattered for {title} cannot be told: {found.reason}.", *_left_out(found)]
    sentences = [_axis(found, effect, title) for effect in found.axes]
    sentences.append(_rest(found))
    if found.fixed:
        axes = ", ".join(found.fixed)
        sentences.append(
            f"Nothing can be told of {axes}: one value is left, or it changes with another axis."
        )
    sentences.append(
        f"Shares of the variance over {found.cells} cells of {found.settings} settings, corrected "
        "for what chance explains; ± is a bootstrap's standard error."
    )
    return sentences + _left_out(found)


def _axis(found: Effects, effect: AxisEffect, title: str) -> str:
    sign = 1 if better(found.score) == "lower" else -1
    ordered = sorted(effect.means, key=lambda mean: sign * mean[1])
    (best, low), (worst, high) = ordered[0], ordered[-1]
    return (
        f"{effect.axis} explains {_percent(effect.share)} of the variance of {title}: on average "
        f"{number(found.score, low)} at {best}, the best, and {number(found.score, high)} at "
        f"{worst}, the worst."
    )


def _rest(found: Effects) -> str:
    assert found.rest is not None
    shares = [effect.share.share for effect in found.axes]
    parts = []
    if found.interplay is not None:
        parts.append(f"{_percent(found.interplay)} is their interplay")
    if found.one_seed:
        parts.append(
            f"{_percent(found.rest)} is left: interplay and luck of the seed cannot be told apart "
            "with one seed"
        )
    else:
        parts.append(f"{_percent(found.rest)} differs by seed alone")
    interplay = found.interplay.share if found.interplay else 0.0
    unaccounted = 1 - sum(shares) - interplay - found.rest.share
    if unaccounted > LEFT:
        parts.append(
            f"{_percent_of(unaccounted)} cannot be attributed to one of them, as cells are missing"
        )
    text = "; ".join(parts)
    return f"{capital(text)}."


def _left_out(found: Effects) -> list[str]:
    told = []
    for cells, one, several in (
        (found.unlike, "is not like the data and is", "are not like the data and are"),
        (found.left_out, "has no such score and is", "have no such score and are"),
    ):
        if cells:
            what = one if len(cells) == 1 else several
            names = first_of(cells, MOST_NAMED)
            told.append(f"{counted(len(cells), 'cell')} {what} left out: {names}.")
    return told


def _percent(share: Share) -> str:
    error = 100 * share.error
    digits = 1 if 0.05 <= error < 1 else 0
    return f"{_percent_of(share.share)} ± {error:.{digits}f}"


def _percent_of(share: float) -> str:
    return f"{100 * share:.0f} %"

"""What stands right under the table: what ± is, and how the best is decided."""

from zerosum.comparing.comparability import seeds_draw_reals
from zerosum.comparing.noise import LEVEL
from zerosum.evaluation.likeness import MEANING, UNKNOWN
from zerosum.report.study.measured import differences, group_lines
from zerosum.report.study.texts import (
    OF_ONE_SEED,
    ONE_SEED,
    letter,
    mixed_seeds,
    seed_counts,
    short_title,
)
from zerosum.studies.ranking import Ranking
from zerosum.studies.table import Layout
from zerosum.words import capital, first_of

TEST = (
    f"two-sided Welch t-tests over seeds against every other setting, Holm-corrected, p < {LEVEL:g}"
)

MOST_NAMED = 6


def sentences_of(layout: Layout) -> tuple[str, ...]:
    """What stands right under the table of a study."""
    return (
        *length_sentences(layout),
        *likeness_sentences(layout),
        *seed_sentences(layout),
        *decision_sentences(layout),
    )


def seed_sentences(layout: Layout) -> list[str]:
    """What the number after ± is, and of how many seeds."""
    counts = seed_counts(layout)
    if not counts:
        return ["Nothing was scored yet."]
    if counts == {1}:
        return ["One seed each: ± is the score's own error, not how much seeds differ."]
    sentences = ["± is the sample standard deviation over "]
    sentences[0] += f"{max(counts)} seeds"
    sentences[0] += ", or as many as are said." if mixed_seeds(layout) else "."
    if 1 in counts:
        sentences.append(f"{ONE_SEED} has {OF_ONE_SEED}.")
    if any(seeds_draw_reals(own) for own in group_lines(layout).values()):
        sentences.append(
            "The held-out images are chosen by the seed, so that the spread holds their luck too."
        )
    return sentences


def length_sentences(layout: Layout) -> list[str]:
    """Which runs ended before the generator steps that their recipes need, so that what they show
    means little."""
    cells = layout.results
    short = [cell for cell in cells if cell.needed_steps]
    if not short:
        return []
    needed = {cell.needed_steps for cell in short}
    steps = f"{needed.pop():,} generator steps" if len(needed) == 1 else "generator steps"
    vain = "Their verdicts and distances to the equilibrium mean little"
    if len(short) == len(cells):
        which = "All runs" if len(cells) > 1 else "The run"
        return [f"{which} ended before the {steps} that the recipe needs. {vain}."]
    names = first_of([cell.cell.name for cell in short], MOST_NAMED)
    return [
        f"{len(short)} of {len(cells)} runs ended before the {steps} that the recipe needs: "
        f"{names}. {vain}."
    ]


def likeness_sentences(layout: Layout) -> list[str]:
    """Which settings are not like the data, so that nothing ranks them."""
    if layout.nothing_like:
        which = "The only setting" if len(layout.unlike) == 1 else "No setting"
        is_not = "is not" if len(layout.unlike) == 1 else "is"
        return [
            f"{which} {is_not} like the data: {MEANING}. Scores then only say «far», and not which "
            "is better: nothing is ranked. Look at the samples, and train for longer."
        ]
    if not layout.unlike:
        return []
    names = first_of([entry.words for entry in layout.unlike], MOST_NAMED, "; ")
    return [f"Not like the data, so neither ranked nor tested ({MEANING}): {names}."]


def decision_sentences(layout: Layout) -> list[str]:
    """How the best is decided, in each group that may be compared; nothing where no setting is like
    the data."""
    if layout.nothing_like:
        return []
    sentences = []
    if layout.groups > 1:
        sentences.append(
            f"{capital(_count(layout.groups))} kinds of measurement that may not be compared with "
            f"each other, so that each has a best of its own: "
            f"{'; '.join(f'{name}: {words}' for name, words in differences(layout).items())}."
        )
    if any(ranking.longer for ranking in layout.rankings):
        sentences.append("Settings trained for longer are ranked among themselves.")
    told = [ranking for ranking in layout.rankings if ranking.why != "alone"]
    if any(ranking.best for ranking in told):
        sentences.append(f"Bold: better than all others by more than chance ({TEST}).")
    sentences += [_why_not(layout, each, len(told) > 1) for each in told if each.best is None]
    if told and all(entry.like is None for entry in layout.entries if entry.scored):
        sentences.append(f"{capital(UNKNOWN)}: look at the samples.")
    return sentences


def _why_not(layout: Layout, ranking: Ranking, several: bool) -> str:
    first = ranking.entries[0]
    where = ""
    if several:
        kind = f"in group {letter(first.group)}" if layout.groups > 1 else "in the grid"
        where = f", {kind if not ranking.longer else 'among those trained for longer'}"
    best = f"the best {short_title(layout.score)} is that of {first.words}"
    if ranking.why == "one seed":
        return (
            f"Nothing is bold{where}: {best}, but one seed each does not tell how much "
            "seeds differ."
        )
    if ranking.why == "seeds missing":
        return f"Nothing is bold{where}: {best}, but the test takes two seeds of every setting."
    return f"Nothing is bold{where}: {best}, but not beyond chance ({TEST})."


def _count(number: int) -> str:
    return {2: "two", 3: "three", 4: "four"}.get(number, str(number))

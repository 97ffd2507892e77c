"""Everything that can be said of a source's files before training on them."""

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass

from zerosum.data.check import Finding
from zerosum.data.layout import Layout, layout, question
from zerosum.data.pack import Progress
from zerosum.data.pool import examine_all
from zerosum.data.ranges import PRESUMED, Kind, Values, decided, gather, sentences
from zerosum.data.sources import Source
from zerosum.data.sources.aside import Aside
from zerosum.data.sources.source import is_image_name
from zerosum.errors import ZerosumError
from zerosum.recipe.value_range import AUTO, parse_range

# Lower ends of the classes of the histogram: pixels of the shorter side.
SIDES = (8, 16, 32, 64, 128, 256, 512, 1024, 2048)


@dataclass(frozen=True)
class Inspection:
    """What was found in a source.

    `files` counts the image files, good and bad; `bad` are those that training skips,
    `converted` those that need more than decoding; `ignored` names the files that are no images,
    `left_out` what was not looked into because it is none of the user's images, and `unreadable`
    the folders into which nobody could look.
    `duplicates` are groups of files with the same bytes; `sizes` counts (width, height) of the
    good ones; `grey` says how many of these have no colour channels.
    """

    files: int
    bad: tuple[Finding, ...]
    converted: tuple[Finding, ...]
    ignored: tuple[str, ...]
    left_out: tuple[Aside, ...]
    unreadable: tuple[Aside, ...]
    duplicates: tuple[tuple[str, ...], ...]
    sizes: Counter[tuple[int, int]]
    grey: int
    layout: Layout
    question: tuple[str, str] | None
    """What only the user knows, of its folders or of what is white, and how to say it."""
    deep: tuple[str, ...]
    """How images of more than 8 bits are read, in sentences."""

    @property
    def good(self) -> int:
        """How many image files training can use."""
        return self.files - len(self.bad)

    @property
    def distinct(self) -> int:
        """How many of these are left where only one of each group of duplicates counts."""
        bad = {found.name for found in self.bad}
        groups = ([name for name in group if name not in bad] for group in self.duplicates)
        return self.good - sum(max(0, len(group) - 1) for group in groups)

    def accepted(self, max_bad: float) -> bool:
        """Whether training would accept the source, with this share of bad files allowed.

        How many images an unreadable folder has nobody knows: only a share of 1 allows it.
        """
        known = not self.unreadable or max_bad == 1
        return (
            known
            and self.question is None
            and self.good > 0
            and len(self.bad) <= max_bad * self.files
        )

    def histogram(self) -> list[tuple[str, int]]:
        """How many good images have a shorter side in each range of pixels, ends left off."""
        counts = Counter[int]()
        for size, count in self.sizes.items():
            counts[bisect_right(SIDES, min(size)) - 1] += count
        if not counts:
            return []
        return [(_range(step), counts[step]) for step in range(min(counts), max(counts) + 1)]


def inspect(
    source: Source, progress: Progress | None = None, wanted_range: str = AUTO
) -> Inspection:
    """Decode every file of a source at its full size and say what was found.

    `wanted_range` is a recipe's `data.range`.
    """
    asked = parse_range(wanted_range)
    ranges = dict.fromkeys(PRESUMED, asked) if asked else PRESUMED
    names = source.names()
    wanted = [name for name in names if is_image_name(name)]
    ignored = [name for name in names if not is_image_name(name)]
    bad: list[Finding] = []
    converted: list[Finding] = []
    good: list[str] = []
    same: dict[str, list[str]] = {}
    sizes = Counter[tuple[int, int]]()
    deep: dict[Kind, Values] = {}
    grey = done = 0
    for findings, _ in examine_all(source.read(wanted), len(wanted), None, ranges):
        for found in findings:
            if found.ignored:
                ignored.append(found.name)
                continue
            if found.digest:
                same.setdefault(found.digest, []).append(found.name)
            if found.problem:
                bad.append(found)
                continue
            good.append(found.name)
            sizes[found.width, found.height] += 1
            grey += found.grey
            gather(deep, [found.values])
            if found.conversions:
                converted.append(found)
        done += len(findings)
        if progress:
            progress(done, len(wanted))
    of_ranges: tuple[str, ...] = ()
    asked_of_ranges = None
    try:
        of_ranges = sentences(deep, decided(deep, asked))
    except ZerosumError as error:
        asked_of_ranges = error.what, error.remedy
    return Inspection(
        files=len(good) + len(bad),
        bad=tuple(bad),
        converted=tuple(converted),
        ignored=tuple(ignored),
        left_out=tuple(source.left_out()),
        unreadable=tuple(source.unreadable),
        duplicates=tuple(tuple(group) for group in same.values() if len(group) > 1),
        sizes=sizes,
        grey=grey,
        layout=layout(good, source.class_names, source.classes()),
        question=question(wanted) or asked_of_ranges,
        deep=of_ranges,
    )


def _range(step: int) -> str:
    if step + 1 == len(SIDES):
        return f"{SIDES[step]} and more"
    return f"{SIDES[step]} to {SIDES[step + 1] - 1}"

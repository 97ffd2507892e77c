"""What `zerosum modes`, `neighbours`, `map` and `project` found of a run, from the files that they
wrote."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from zerosum.analysis.class_counts import FARTHER, Modes
from zerosum.analysis.kept import Kept, read_kept
from zerosum.analysis.map import MapFacts
from zerosum.analysis.nearest_images import CopyFacts, space_in_words
from zerosum.analysis.projected import Mean, ProjectionFacts
from zerosum.analysis.stacked_modes import StackedModes
from zerosum.checksums import DamagedError
from zerosum.errors import ZerosumError
from zerosum.records.run import RunFolder
from zerosum.report.asked_classes import asked_table, asked_words
from zerosum.report.document import Table
from zerosum.report.page.pictures import PICTURE_BYTES, Picture, read_picture
from zerosum.visible import shell_word
from zerosum.words import counted

SURE = 0.01
"""Counts differ from the data's shares by more than chance where the test's p is below."""
MOST_CLASSES = 100
"""With more classes there is no table."""
MODES = TypeAdapter[Modes | StackedModes](Modes | StackedModes)
COPIES, MAP = TypeAdapter(CopyFacts), TypeAdapter(MapFacts)
PROJECTION = TypeAdapter(ProjectionFacts)
Result = TypeVar("Result")


@dataclass(frozen=True)
class Findings:
    """One question about a run, and the answer as far as it was computed."""

    key: str
    title: str
    verdict: str
    """"" where it was not computed; `command` would."""
    command: str
    sentences: Sequence[str] = ()
    table: Table | None = None
    asked: Sequence[Table | str] = ()
    """Of a generator that learnt classes: which were asked for and which came out, in a sentence
    and a table."""
    picture: Picture | None = None
    rows: Sequence[tuple[str, str]] = field(default=())
    """Further facts: what and how much."""
    checkpoint: str = ""
    """Whose pictures were looked at: the name of a checkpoint; "" where that was not noted."""
    weights: str = ""
    """Of that checkpoint: "average" or "last"; "" where that was not noted."""
    needs: str = ""
    """Where the command can do something, in a sentence; "" where it always can."""


def read_modes(run: RunFolder) -> Findings:
    """Which classes the generator makes. Raises ZerosumError where modes.json is damaged."""
    command = f"zerosum modes {shell_word(str(run.path))}"
    title = "Which classes does it make?"
    found = _read(run.modes_file, MODES, command)
    if found is None:
        needs = "Only digits, and pictures in one folder a class, have classes to count."
        return Findings("modes", title, "", command, needs=needs)
    verdict, basis, modes = found.verdict, found.basis, found.result
    if isinstance(modes, StackedModes):
        sentences, facts = _of_stacked(modes)
        return Findings("modes", title, verdict, command, sentences, rows=facts,
                        checkpoint=basis.checkpoint, weights=basis.weights)  # fmt: skip
    sentences, table, facts = _of_modes(modes)
    asked: list[Table | str] = []
    if (crossed := asked_table(modes)) is not None:
        asked = ["Images of each class that was asked for, in a row, by the class that was found:"]
        asked.append(crossed)
    return Findings("modes", title, verdict, command, sentences, table, asked,
                    _modes_picture(run, modes), facts, basis.checkpoint, basis.weights)  # fmt: skip


def neighbour_findings(
    run: RunFolder, *, required: bool, budget: int = PICTURE_BYTES
) -> list[Findings]:
    """Did it copy: by features and by pixels, each where it was computed, with a picture of at most
    `budget` bytes.

    Where neither was and it is `required`, one that has only its command. Raises ZerosumError where
    a file is damaged.
    """
    found = []
    command = f"zerosum neighbours {shell_word(str(run.path))}"
    for path, option, heading in (
        (run.neighbours_file, "", "Did it copy?"),
        (run.pixel_neighbours_file, " --pixels", "Did it copy? By pixels"),
    ):
        kept = _read(path, COPIES, command + option)
        if kept is not None:
            found.append(_neighbours(run, path.stem, heading, kept, command + option, budget))
    if not found and required:
        found.append(Findings("neighbours", "Did it copy?", "", command))
    return found


def map_findings(run: RunFolder) -> Findings:
    """Real and generated images on a plane. Raises ZerosumError where map.json is damaged."""
    command, title = f"zerosum map {shell_word(str(run.path))}", "Where its pictures lie"
    found = _read(run.map_file, MAP, command)
    alt = "Points on a plane: real images as rings, generated ones as crosses"
    shown = read_picture(run.charts / "map.png", alt, look="drawing")
    if found is None or shown is None:
        return Findings("map", title, "", command)
    meaning = (
        "Generated images that cover the real ones lie among them. A plane keeps little of many "
        "dimensions: what lies apart here is apart, what lies together need not be alike."
    )
    drawn, checkpoint = found.result, found.basis.checkpoint
    facts = [("images", f"{drawn.images:,} generated, {drawn.real_images:,} real"),
             ("by", f"{drawn.method} of features of {drawn.features}")]  # fmt: skip
    return Findings("map", title, "Real and generated images on a plane", command, (meaning,),
                    picture=shown, rows=facts, checkpoint=checkpoint)  # fmt: skip


def projection_findings(run: RunFolder) -> list[Findings]:
    """Could it have made these pictures: those of its own data, where they were searched for.
    Raises ZerosumError where that file is damaged."""
    command = f"zerosum project {shell_word(str(run.path))}"
    title, key = "Could it have made these pictures?", "projection"
    kept = _read(run.projection_file, PROJECTION, command)
    if kept is None:
        return []
    found, basis = kept.result, kept.basis
    meaning = (
        "Of each picture the latent was searched for whose picture comes nearest. A generator that "
        "comes nearer to pictures that it was trained on than to held-out ones learnt some by "
        "heart; of those that it made itself what is left is what the search misses."
    )
    rows = [
        (
            words, f"{group.images:,}", _mean(group.distance.pixels),
            f"{group.distance.features.mean:.3f}", _mean(group.nearest_sample_distance.pixels),
        )
        for words, group in found.in_words()
    ]  # fmt: skip
    nearest = f"grey levels, nearest of {found.samples} samples"
    heads = ("pictures", "how many", "grey levels off", "features", nearest)
    alt = "Pictures, below each what the search came to, and the nearest sample before it"
    facts = [("searched", f"{counted(found.steps, 'step')} from {counted(found.starts, 'start')}")]
    shown = read_picture(run.charts / "projection.png", alt, look="drawing")
    return [
        Findings(key, title, kept.verdict, command, (meaning,), Table(heads, rows), picture=shown,
                 rows=facts, checkpoint=basis.checkpoint, weights=basis.weights)
    ]  # fmt: skip


def _mean(found: Mean) -> str:
    error = f" ± {found.standard_error:.2g}" if found.standard_error else ""
    return f"{found.mean:.3g}{error}"


def _of_modes(
    modes: Modes,
) -> tuple[Sequence[str], Table | None, list[tuple[str, str]]]:
    """Sentences, the table and further facts."""
    total = modes.images
    rows = [
        (name, f"{count:,}", f"{count / total:.1%}", f"{share:.1%}",
         f"{count / (share * total):.2f}" if share else "–")
        for name, count, share in zip(modes.class_names, modes.counts, modes.shares, strict=True)
    ]  # fmt: skip
    p = modes.p_value
    test = (
        "A chi-square test against real images, seen by the same classifier: "
        f"χ² = {modes.chi_square:,.1f}, p = {p:.2g}. That is how often a generator that draws "
        "classes exactly as the data does "
        "would be this far off by chance. "
    )
    test += (
        "So the classes are not made in the data's shares."
        if p < SURE
        else "So the shares differ from the data's by no more than chance would."
    )
    size = (
        f"By how much: the total variation is {modes.total_variation:.3f} (0: as the data, "
        "1: nothing in common)."
    )
    facts = [
        ("images classified", f"{total:,}"),
        ("classified by", modes.how),
        ("the classifier's mean probability", f"{modes.confidence:.3f}"),
        ("look like no class (below 0.5)", f"{modes.unsure:.1%}"),
    ]
    if obeys := asked_words(modes):
        facts.append(("as asked", obeys))
    if modes.unlike is not None:
        facts.append(("unlike real ones", f"{modes.unlike:.1%} are {FARTHER}"))
    head = ("class", "generated", "share", "real share", "generated / expected")
    title = "Table: Which classes does it make?"
    table = Table(head, rows, title=title) if len(rows) <= MOST_CLASSES else None
    return (test, size), table, facts


def _modes_picture(run: RunFolder, modes: Modes) -> Picture | None:
    alt = (
        f"Bars: generated images of each of {len(modes.class_names)} classes beside the "
        "shares of real images, with the first generated images of each class"
    )
    return read_picture(run.charts / "modes.png", alt, look="drawing")


def _of_stacked(modes: StackedModes) -> tuple[Sequence[str], list[tuple[str, str]]]:
    """A sentence and further facts."""
    facts = [
        ("images classified", f"{modes.images:,}"),
        ("modes with at least one image", f"{modes.covered:,} of {len(modes.counts):,}"),
        ("the classifier's mean probability", f"{modes.confidence:.3f}"),
        ("digits that look like none (below 0.5)", f"{modes.unsure:.1%}"),
    ]
    divergence = (
        f"KL to uniform shares: {modes.divergence:.3f} nats (0: all modes alike, 6.9: one mode)."
    )
    return (divergence,), facts


def _neighbours(
    run: RunFolder,
    name: str,
    heading: str,
    kept: Kept[CopyFacts],
    command: str,
    budget: int,
) -> Findings:
    found, basis = kept.result, kept.basis
    points = ("smallest", "5 %", "median", "95 %")
    rows = [
        (what, *(f"{numbers[point]:.4g}" for point in points))
        for what, numbers in found.distances.items()
        if numbers is not None
    ]
    meaning = (
        "A near neighbour proves nothing alone: distances are laid beside those of "
        f"{found.base_line}, which surely are no copies. Distances in "
        f"{space_in_words(found.space)}."
    )
    facts = [
        ("generated images", f"{found.generated:,}"),
        ("training images searched", f"{found.training:,}"),
        *(
            (
                f"as near to one training picture as copies: {name}",
                f"{numbers.count:,} of {numbers.of:,}; nearest / second nearest: "
                f"median {numbers.ratio['median']:.2f}",
            )
            for name, numbers in found.copies.items()
            if numbers.ratio
        ),
        ("training pictures to the last pixel", f"{found.identical:,}"),
        ("nearer than the nearest 5 % of the base line", f"{found.near_share:.1%}"),
    ]
    alt = (
        "Generated images each with its nearest training images, held-out images each with its "
        "nearest generated images, and the distributions of the distances"
    )
    shown = read_picture(run.charts / f"{name}.png", alt, budget=budget, look="drawing")
    table = Table(("distance to the nearest", *points), rows, title=f"Table: {heading}")
    sentences = (meaning, *found.notes)
    return Findings(name, heading, kept.verdict, command, sentences, table, picture=shown,
                    rows=facts, checkpoint=basis.checkpoint, weights=basis.weights)  # fmt: skip


def _read(path: Path, kind: TypeAdapter[Result], command: str) -> Kept[Result] | None:
    """What was kept in a file; None where there is no file."""
    try:
        return read_kept(path, kind)
    except DamagedError as error:
        raise ZerosumError(f"{path} is damaged ({error})", f"write it again: {command}") from error

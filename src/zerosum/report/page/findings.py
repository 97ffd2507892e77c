"""What `zerosum modes` and `zerosum neighbours` found of a run, from the files that they wrote."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zerosum.analysis.class_counts import FARTHER
from zerosum.checksums import DamagedError, read_object
from zerosum.errors import ZerosumError
from zerosum.records.run import RunFolder
from zerosum.report.page.pictures import PICTURE_BYTES, Picture, read_picture
from zerosum.visible import shell_word

SURE = 0.01
"""Counts differ from the data's shares by more than chance where the test's p is below."""
MOST_CLASSES = 100
"""With more classes there is no table."""


@dataclass(frozen=True)
class Table:
    """Head and rows of text; columns but the first are numbers."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


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
    picture: Picture | None = None
    rows: Sequence[tuple[str, str]] = field(default=())
    """Further facts: what and how much."""
    checkpoint: str = ""
    """Whose pictures were looked at: the name of a checkpoint; "" where that was not noted."""
    needs: str = ""
    """Where the command can do something, in a sentence; "" where it always can."""


def read_modes(run: RunFolder) -> Findings:
    """Which classes the generator makes. Raises ZerosumError where modes.json is damaged."""
    command = f"zerosum modes {shell_word(str(run.path))}"
    title, path = "Which classes does it make?", run.path / "modes.json"
    found = _read(path, command)
    if found is None:
        needs = "Only digits, and pictures in one folder a class, have classes to count."
        return Findings("modes", title, "", command, needs=needs)
    try:
        if "divergence" in found:
            return _stacked(found, title, command)
        return _modes(found, title, command, _modes_picture(run, found))
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, command, repr(error)) from error


def neighbour_findings(
    run: RunFolder, *, required: bool, budget: int = PICTURE_BYTES
) -> list[Findings]:
    """Did it copy: by features and by pixels, each where it was computed, with a picture of at most
    `budget` bytes.

    Where neither was and it is `required`, one that has only its command. Raises ZerosumError where
    a file is damaged.
    """
    found = []
    for name, option, heading in (
        ("neighbours", "", "Did it copy?"),
        ("neighbours-pixels", " --pixels", "Did it copy? By pixels"),
    ):
        command = f"zerosum neighbours {shell_word(str(run.path))}{option}"
        path = run.path / f"{name}.json"
        content = _read(path, command)
        if content is None:
            continue
        try:
            found.append(_neighbours(run, name, heading, content, command, budget))
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(path, command, repr(error)) from error
    if not found and required:
        command = f"zerosum neighbours {shell_word(str(run.path))}"
        found.append(Findings("neighbours", "Did it copy?", "", command))
    return found


def map_findings(run: RunFolder) -> Findings:
    """Real and generated images on a plane. Raises ZerosumError where map.json is damaged."""
    command, path = f"zerosum map {shell_word(str(run.path))}", run.path / "map.json"
    title = "Where its pictures lie"
    found = _read(path, command)
    alt = "Points on a plane: real images as rings, generated ones as crosses"
    shown = read_picture(run.charts / "map.png", alt)
    if found is None or shown is None:
        return Findings("map", title, "", command)
    meaning = (
        "Generated images that cover the real ones lie among them. A plane keeps little of many "
        "dimensions: what lies apart here is apart, what lies together need not be alike."
    )
    try:
        count, real = f"{found['images']:,}", f"{found['real_images']:,}"
        facts = [("images", f"{count} generated, {real} real"),
                 ("by", f"{found['method']} of features of {found['features']}"),
                 *_checkpoint(found)]  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, command, repr(error)) from error
    return Findings("map", title, "Real and generated images on a plane", command, (meaning,),
                    None, shown, facts, _name(found))  # fmt: skip


def _modes(found: dict[str, Any], title: str, command: str, shown: Picture | None) -> Findings:
    names, counts, shares = found["class_names"], found["counts"], found["shares"]
    total = sum(counts)
    rows = [
        (str(name), f"{count:,}", f"{count / total:.1%}", f"{share:.1%}",
         f"{count / (share * total):.2f}" if share else "–")
        for name, count, share in zip(names, counts, shares, strict=True)
    ]  # fmt: skip
    p = float(found["p_value"])
    test = (
        "A chi-square test against real images, seen by the same classifier: "
        f"χ² = {found['chi_square']:,.1f}, p = {p:.2g}. That is how often a generator that draws "
        "classes exactly as the data does "
        "would be this far off by chance. "
    )
    test += (
        "So the classes are not made in the data's shares."
        if p < SURE
        else "So the shares differ from the data's by no more than chance would."
    )
    size = (
        f"By how much: the total variation is {found['total_variation']:.3f} (0: as the data, "
        "1: nothing in common)."
    )
    facts = [
        ("images classified", f"{total:,}"),
        ("classified by", str(found["how"])),
        ("the classifier's mean probability", f"{found['confidence']:.3f}"),
        ("look like no class (below 0.5)", f"{found['unsure']:.1%}"),
    ]
    if found.get("unlike") is not None:
        facts.append(("unlike real ones", f"{found['unlike']:.1%} are {FARTHER}"))
    facts += _checkpoint(found)
    head = ("class", "generated", "share", "real share", "generated / expected")
    table = Table(head, rows) if len(rows) <= MOST_CLASSES else None
    return Findings("modes", title, str(found["verdict"]), command, (test, size), table, shown,
                    facts, _name(found))  # fmt: skip


def _modes_picture(run: RunFolder, found: dict[str, Any]) -> Picture | None:
    alt = (
        f"Bars: generated images of each of {len(found['class_names'])} classes beside the "
        "shares of real images, with the first generated images of each class"
    )
    return read_picture(run.charts / "modes.png", alt)


def _stacked(found: dict[str, Any], title: str, command: str) -> Findings:
    facts = [
        ("images classified", f"{found['images']:,}"),
        ("modes with at least one image", f"{found['covered']:,} of {len(found['counts']):,}"),
        ("the classifier's mean probability", f"{found['confidence']:.3f}"),
        ("digits that look like none (below 0.5)", f"{found['unsure']:.1%}"),
        *_checkpoint(found),
    ]
    divergence = (
        f"KL to uniform shares: {found['divergence']:.3f} nats (0: all modes alike, 6.9: one mode)."
    )
    verdict, checkpoint = str(found["verdict"]), _name(found)
    return Findings("modes", title, verdict, command, (divergence,), rows=facts,
                    checkpoint=checkpoint)  # fmt: skip


def _neighbours(
    run: RunFolder, name: str, heading: str, found: dict[str, Any], command: str, budget: int
) -> Findings:
    points = ("smallest", "5 %", "median", "95 %")
    rows = [
        (what, *(f"{numbers[point]:.4g}" for point in points))
        for what, numbers in found["distances"].items()
        if numbers is not None
    ]
    space = "pixels" if found["space"] == "pixels" else f"features of {found['space']}"
    meaning = (
        "A near neighbour proves nothing alone: distances are laid beside those of "
        f"{found['base_line']}, which surely are no copies. Distances in {space}."
    )
    facts = [
        ("generated images", f"{found['generated']:,}"),
        ("training images searched", f"{found['training']:,}"),
        *(
            (
                f"as near to one training picture as copies: {name}",
                f"{numbers['count']:,} of {numbers['of']:,}; nearest / second nearest: "
                f"median {numbers['ratio']['median']:.2f}",
            )
            for name, numbers in found["copies"].items()
            if numbers["of"]
        ),
        ("training pictures to the last pixel", f"{found['identical']:,}"),
        ("nearer than the nearest 5 % of the base line", f"{found['near_share']:.1%}"),
        *_checkpoint(found),
    ]
    alt = (
        "Generated images each with its nearest training images, held-out images each with its "
        "nearest generated images, and the distributions of the distances"
    )
    shown = read_picture(run.charts / f"{name}.png", alt, budget=budget)
    table = Table(("distance to the nearest", *points), rows)
    sentences = (meaning, *map(str, found["notes"]))
    return Findings(name, heading, str(found["verdict"]), command, sentences, table, shown, facts,
                    _name(found))  # fmt: skip


def _checkpoint(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [("checkpoint", _name(found))] if _name(found) else []


def _name(found: dict[str, Any]) -> str:
    return str(found.get("checkpoint", ""))


def _read(path: Path, command: str) -> dict[str, Any] | None:
    """The object in a JSON file; None where there is no file."""
    try:
        return read_object(path.read_bytes())
    except FileNotFoundError:
        return None
    except DamagedError as error:
        raise _damaged(path, command, str(error)) from error


def _damaged(path: Path, command: str, why: str) -> ZerosumError:
    return ZerosumError(f"{path} is damaged ({why})", f"write it again: {command}")

"""Rooms import downwards, as docs/architecture.md draws it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import zerosum

SOURCE = Path(zerosum.__file__).parent
ROOMS = (
    "recipe",
    "records",
    "adversarial",
    "networks",
    "data",
    "tasks",
    "evaluation",
    "diagnosis",
    "generation",
    "analysis",
    "training",
    "listeners",
    "scoring",
    "comparing",
    "studies",
    "report",
    "exporting",
    "exploring",
    "cli",
)
"""From the ground up: each imports those before it alone."""
NOT_KNOWN = {
    "training": {"evaluation", "generation", "analysis"},
    "diagnosis": {"evaluation", "networks", "data", "tasks"},
    "report": {"generation", "networks", "training"},
}
"""Rooms below that a room does without all the same."""


def imports() -> Iterator[tuple[str, str, str]]:
    """Each import from room to room: (from, to, file)."""
    for file in SOURCE.rglob("*.py"):
        room = file.relative_to(SOURCE).parts[0]
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [each.name for each in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                to = name.split(".")[1:2] if name.startswith("zerosum.") else []
                if room in ROOMS and to and to[0] in ROOMS and to[0] != room:
                    yield room, to[0], f"{file.relative_to(SOURCE)} imports {name}"


def test_rooms_import_downwards_alone() -> None:
    found = list(imports())
    assert found
    assert not [why for room, to, why in found if ROOMS.index(to) > ROOMS.index(room)]


def test_some_rooms_do_without_others_below() -> None:
    assert not [why for room, to, why in imports() if to in NOT_KNOWN.get(room, ())]


def test_the_picture_shows_every_import_and_no_other() -> None:
    picture = (SOURCE.parent.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    arrows = set(re.findall(r"^    (\w+) --> (\w+)$", picture, re.MULTILINE))
    found = {(room, to) for room, to, _ in imports()}
    assert {(room, to) for room, to in arrows if {room, to} <= {*ROOMS}} <= found
    below: dict[str, set[str]] = {}
    for room in (*ROOMS, "api", "cli"):
        drawn = {to for own, to in arrows if own == room}
        below[room] = drawn.union(*(below.get(to, ()) for to in drawn))
    assert not [(room, to) for room, to in found if to not in below[room]]

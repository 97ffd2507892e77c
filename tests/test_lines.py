"""Files of JSON lines: whole lines or none, and no damaged one is read."""

import json
import math
import multiprocessing
import os
import resource
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerosum.errors import ZerosumError
from zerosum.records.lines import append_line, read_lines, write_lines

LINES: list[dict[str, Any]] = [
    {"images": 64, "loss": 0.125, "note": "first"},
    {"images": 128, "loss": 1e-7, "note": "Zürich  \x0b🐍"},
    {"images": 192, "loss": None, "note": ""},
]

values = st.recursive(
    st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
objects = st.dictionaries(st.text().filter(lambda name: name != "crc32"), values, max_size=4)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that each test begins anew."""
    return tmp_path_factory.mktemp("lines") / "log.jsonl"


def begun(path: Path) -> bytes:
    """The content of a file with LINES in it."""
    path.write_bytes(_content(path.parent))
    return _content(path.parent)


@cache
def _content(folder: Path) -> bytes:
    write_lines(folder / "made.jsonl", LINES)
    return (folder / "made.jsonl").read_bytes()


@given(st.lists(objects, max_size=4))
def test_lines_come_back_as_they_were_appended(place: Path, lines: list[dict[str, Any]]) -> None:
    place.unlink(missing_ok=True)
    for line in lines:
        append_line(place, line, synced=False)
    assert read_lines(place) == lines


def test_a_name_that_is_no_utf8_comes_back(place: Path) -> None:
    name = os.fsdecode(b"photos-\xff")
    write_lines(place, [{"name": name}])
    assert read_lines(place) == [{"name": name}]


def test_numbers_that_are_not_finite_are_written_as_none(place: Path) -> None:
    write_lines(place, [{"fid": math.nan, "kid": {"value": -math.inf}, "all": [math.inf, 1.0]}])
    assert b"NaN" not in place.read_bytes() and b"Infinity" not in place.read_bytes()
    assert read_lines(place) == [{"fid": None, "kid": {"value": None}, "all": [None, 1.0]}]


def test_no_file_is_no_lines(tmp_path: Path) -> None:
    assert read_lines(tmp_path / "log.jsonl") == []


@given(st.data())
def test_a_file_cut_anywhere_has_its_whole_lines_and_takes_the_next_one(
    place: Path, data: st.DataObject
) -> None:
    whole = begun(place)
    end = data.draw(st.integers(0, len(whole)))
    place.write_bytes(whole[:end])
    kept = read_lines(place)
    # The line break alone may be missing.
    assert kept == LINES[: (whole[:end] + b"\n").count(b'"}\n')]
    append_line(place, {"images": 256}, synced=False)
    assert read_lines(place) == [*kept, {"images": 256}]


def test_a_long_unfinished_line_is_cut_off(place: Path) -> None:
    begun(place)
    with place.open("a") as file:
        file.write('{"note": "' + "x" * 200_000)
    append_line(place, {"images": 256})
    assert read_lines(place) == [*LINES, {"images": 256}]


@pytest.mark.parametrize("byte", [b"\x8a", b"\x0b", b"}", b" "])
def test_a_damaged_last_line_break_loses_no_line(place: Path, byte: bytes) -> None:
    place.write_bytes(begun(place)[:-1] + byte)
    if byte.isspace() and byte != b"\x0b":
        assert read_lines(place) == LINES
    else:
        with pytest.raises(ZerosumError, match="line 3 is no JSON"):
            read_lines(place)


@given(st.data())
def test_a_damaged_byte_is_named_or_changes_nothing(place: Path, data: st.DataObject) -> None:
    content = bytearray(begun(place))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    place.write_bytes(content)
    try:
        read = read_lines(place)
    except ZerosumError as error:
        assert str(place) in error.what and "line" in error.what
    else:
        assert [{name: line[name] for name in LINES[0]} for line in read] == LINES


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1]", "line 2 is no object"),
        ("nonsense", "line 2 is no JSON"),
        ("\0\0\0", "line 2 is no JSON"),
        ('{"images": "64"}', "line 2 has another kind of images"),
        ('{"imagez": 64}', "line 2 has no images"),
        ('{"images": 65, "crc32": "00000000"}', "line 2 is not what was written"),
    ],
)
def test_a_line_that_is_none_is_told_by_its_number(place: Path, text: str, said: str) -> None:
    place.write_text('{"images": 1}\n' + text + "\n")
    with pytest.raises(ZerosumError) as raised:
        read_lines(place, {"images": int})
    assert raised.value.what == f"{place} is damaged: {said}"
    assert "delete that line (sed -i 2d FILE)" in raised.value.remedy


def test_lines_without_a_checksum_are_read(place: Path) -> None:
    place.write_text('{"images": 1}\n\n{"images": 2, "crc32": "0000"}\n')
    assert read_lines(place, {"images": int}) == [{"images": 1}, {"images": 2}]


def append_with_little_room(path: Path, room: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    with pytest.raises(ZerosumError, match="no space left"):
        append_line(path, {"images": 256, "note": "x" * 100})


def test_a_full_disk_leaves_no_part_of_a_line(place: Path) -> None:
    size = len(begun(place))
    # In a process of its own: the limit cannot be lifted again.
    other = multiprocessing.get_context("spawn").Process(
        target=append_with_little_room, args=(place, size + 50)
    )
    other.start()
    other.join()
    assert other.exitcode == 0
    assert place.stat().st_size == size
    assert read_lines(place) == LINES


def append_many(path: Path, name: int) -> None:
    for count in range(50):
        append_line(path, {"name": name, "count": count}, synced=False)


def test_several_processes_may_append_at_once(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=append_many, args=(path, name)) for name in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    lines = read_lines(path)
    assert len(lines) == 150
    for name in range(3):
        assert [line["count"] for line in lines if line["name"] == name] == list(range(50))


def test_a_line_is_json_that_others_can_read(place: Path) -> None:
    begun(place)
    first = json.loads(place.read_text(encoding="utf-8").split("\n")[0])
    assert first.items() >= LINES[0].items()

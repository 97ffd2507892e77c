"""What zerosum writes for itself is known from what somebody, or a disk, made of it."""

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerosum.checksums import (
    DamagedError,
    checked_object,
    checked_toml,
    crc32,
    read_object,
    require_same_toml,
)
from zerosum.files import write_json

VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
)
OBJECTS = st.dictionaries(st.text(min_size=1, max_size=9), VALUES | st.lists(VALUES), max_size=4)


@st.composite
def changed(draw: st.DrawFn, content: bytes) -> bytes:
    """Bytes with one of them replaced by another."""
    place = draw(st.integers(0, len(content) - 1))
    byte = draw(st.integers(0, 255).filter(lambda byte: byte != content[place]))
    return content[:place] + bytes([byte]) + content[place + 1 :]


@given(OBJECTS.filter(lambda content: "checksum" not in content))
def test_an_object_comes_back_as_it_was_written(content: dict[str, object]) -> None:
    assert read_object(json.dumps(checked_object(content))) == json.loads(json.dumps(content))


@given(st.data())
def test_a_changed_byte_in_an_object_is_noticed_or_changes_nothing(data: st.DataObject) -> None:
    content = {"status": "finished", "images": 3000, "versions": {"torch": "2.6"}}
    damaged = data.draw(changed(json.dumps(checked_object(content), indent=2).encode()))
    try:
        found = read_object(damaged)
    except DamagedError:
        return
    assert {name: found[name] for name in content} == content


@given(st.data())
def test_a_changed_byte_in_a_recipe_is_noticed_or_changes_nothing(data: st.DataObject) -> None:
    text = 'seed = 3\n\n[data]\nsource = "photos"\nfingerprint = "0ab1"\n'
    damaged = data.draw(changed(checked_toml(text).encode()))
    try:
        require_same_toml(damaged)
        found = tomllib.loads(damaged.decode())
    except ValueError:
        return
    assert found == tomllib.loads(text)


def test_what_has_no_checksum_is_read_as_it_is() -> None:
    assert read_object('{"a": 1}') == {"a": 1}
    require_same_toml(b"seed = 3\n")


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"3", b'"text"', b"\xff", b"{}x"])
def test_what_is_no_object_is_damaged(content: bytes) -> None:
    with pytest.raises(DamagedError):
        read_object(content)


def test_the_checksum_of_a_file_is_that_of_its_content(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"123456789")
    assert crc32(file) == 0xCBF43926  # the check value of CRC-32/ISO-HDLC
    assert crc32(file, 4) != crc32(file, 5)
    file.write_bytes(b"12345678X")
    assert crc32(file) != 0xCBF43926


def test_numbers_as_names_have_the_order_that_they_have_when_read(tmp_path: Path) -> None:
    write_json(tmp_path / "file", {10: 1, 9: (2, 3)})  # type: ignore[dict-item]
    assert read_object((tmp_path / "file").read_bytes()) == {"10": 1, "9": [2, 3]}

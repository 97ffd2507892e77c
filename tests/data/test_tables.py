"""Pictures in databases: parquet files and LMDB."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.conftest import Settings
from tests.data.files import noise
from zerosum.data import open_data
from zerosum.data.sources import find_source
from zerosum.errors import ZerosumError

FEATURES = {
    "picture": {"_type": "Image"},
    "kind": {"_type": "ClassLabel", "names": ["dog", "cat", "emu"]},
}


def write_table(path: Path, columns: dict[str, Any], features: dict[str, Any] | None) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table(columns)
    if features is not None:
        metadata = {"huggingface": json.dumps({"info": {"features": features}})}
        table = table.replace_schema_metadata(metadata)
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(table, path, row_group_size=7)


def structs(seeds: range) -> list[dict[str, Any]]:
    return [{"bytes": noise(seed), "path": None} for seed in seeds]


def test_a_hugging_face_set_keeps_its_labels_and_splits(
    tmp_path: Path, cache: Path, settings: Settings
) -> None:
    columns = {"picture": structs(range(10)), "kind": [0, 1, 2, 0, 1, 2, 0, 1, 2, 0]}
    write_table(tmp_path / "set/data/train-00000-of-00002.parquet", columns, FEATURES)
    columns = {"picture": structs(range(10, 20)), "kind": [2] * 10}
    write_table(tmp_path / "set/data/train-00001-of-00002.parquet", columns, FEATURES)
    columns = {"picture": structs(range(20, 25)), "kind": [1] * 5}
    write_table(tmp_path / "set/data/test-00000-of-00001.parquet", columns, FEATURES)
    data = open_data(settings(tmp_path / "set"), 0, cache=cache)
    assert (len(data.train), len(data.held_out)) == (20, 5)
    assert data.train.class_names == ("dog", "cat", "emu")
    assert data.train.labels is not None
    labels = data.train.labels
    assert labels[data.held_out.rows].tolist() == [1] * 5
    assert labels[data.train.rows].tolist() == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0] + [2] * 10


def test_plain_bytes_and_no_metadata_will_do(
    tmp_path: Path, cache: Path, settings: Settings
) -> None:
    columns = {"image": [noise(seed) for seed in range(70)], "label": ["a/b", "c"] * 35}
    write_table(tmp_path / "set.parquet", columns, None)
    data = open_data(settings(tmp_path / "set.parquet", validation=0), 0, cache=cache)
    assert len(data.train) == 70
    assert data.train.class_names == ("a-b", "c")
    assert len({image.tobytes() for image in data.train.pixels[:]}) == 70


def test_rows_without_a_picture_are_bad_files(
    tmp_path: Path, cache: Path, settings: Settings
) -> None:
    columns = {"image": [noise(1), None, b"no image"]}
    write_table(tmp_path / "set" / "x.parquet", columns, None)
    data = open_data(settings(tmp_path / "set", max_bad=0.9, validation=0), 0, cache=cache)
    assert (len(data.train), data.bad) == (1, 2)


def test_a_table_without_pictures_says_what_it_has(tmp_path: Path) -> None:
    write_table(tmp_path / "x.parquet", {"text": ["a"], "number": [1]}, None)
    with pytest.raises(ZerosumError, match="no column of pictures, only text, number"):
        find_source(str(tmp_path / "x.parquet"))


def test_a_damaged_table_is_told(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / "x.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(ZerosumError, match="no intact parquet file"):
        find_source(str(tmp_path / "x.parquet"))


def test_an_lmdb_gives_its_values_in_the_order_of_their_keys(
    tmp_path: Path, cache: Path, settings: Settings
) -> None:
    lmdb = pytest.importorskip("lmdb")
    for place in (tmp_path / "set", tmp_path / "lsun-bedroom" / "bedroom_train_lmdb"):
        place.parent.mkdir(parents=True, exist_ok=True)
        with lmdb.open(str(place), map_size=2**24) as database, database.begin(write=True) as new:
            for index in range(20):
                new.put(b"key/%02d" % index, noise(index))
    data = open_data(settings(tmp_path / "set", validation=0), 0, cache=cache)
    named = open_data(settings("lsun-bedroom"), 0, data_root=tmp_path, cache=cache)
    assert len(data.train) == 20
    assert data.train.labels is None
    np.testing.assert_array_equal(data.train.pixels, named.train.pixels)
    assert (len(named.train), len(named.held_out)) == (16, 4)


@pytest.mark.parametrize(("module", "extra"), [("pyarrow", "parquet"), ("lmdb", "lmdb")])
def test_a_missing_library_names_the_extra(
    module: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "data.mdb").write_bytes(b"")
    place = tmp_path / ("x.parquet" if extra == "parquet" else "set")
    with pytest.raises(ZerosumError) as told:
        find_source(str(place)).names()
    assert f'pip install "zerosum[{extra}]"' in told.value.remedy


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2, 3], "int64"),
        ([0.5, 1.5], "double"),
        (["a.png", "b.png"], "string"),
        ([[1, 2], [3, 4]], "list<"),
        ([{"path": "a.png"}], "struct<path: string>"),
    ],
)
@pytest.mark.parametrize("told", [True, False])
def test_a_column_of_pictures_that_holds_none_is_told(
    told: bool, values: list[Any], kind: str, tmp_path: Path
) -> None:
    features = {"image": {"_type": "Image"}} if told else None
    write_table(tmp_path / "x.parquet", {"image": values}, features)
    with pytest.raises(ZerosumError, match=f"the column image of .*x.parquet holds {kind}"):
        find_source(str(tmp_path / "x.parquet"))


def test_labels_of_other_kinds_are_no_classes(
    tmp_path: Path, cache: Path, settings: Settings
) -> None:
    columns = {"image": [noise(1), noise(2)], "label": [[1, 0], [0, 1]]}
    write_table(tmp_path / "x.parquet", columns, {"label": {"_type": "ClassLabel", "names": 3}})
    data = open_data(settings(tmp_path / "x.parquet", validation=0), 0, cache=cache)
    assert (len(data.train), data.train.class_names) == (2, ())


def test_files_with_other_columns_are_told(tmp_path: Path) -> None:
    write_table(tmp_path / "set/1.parquet", {"image": [noise(1)], "label": [1]}, None)
    write_table(tmp_path / "set/2.parquet", {"img": [noise(2)]}, None)
    with pytest.raises(ZerosumError, match=r"2.parquet has the columns img, and .*image and label"):
        find_source(str(tmp_path / "set"))


def test_damaged_notes_on_the_columns_are_as_none(tmp_path: Path) -> None:
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    for number, notes in enumerate(("{", "[]", '{"info": 3}', '{"info": {"features": []}}')):
        table = pyarrow.table({"image": [noise(1)]}).replace_schema_metadata({"huggingface": notes})
        parquet.write_table(table, tmp_path / f"{number}.parquet")
        assert len(find_source(str(tmp_path / f"{number}.parquet")).names()) == 1


@given(st.data())
def test_flipped_bytes_of_a_table_are_told_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, drawn: st.DataObject
) -> None:
    place = tmp_path_factory.getbasetemp() / "flipped.parquet"
    write_table(place, {"image": [noise(1, (9, 9))] * 9, "label": list("abcabcabc")}, None)
    content = bytearray(place.read_bytes())
    at = drawn.draw(st.integers(0, len(content) - 1))
    content[at] ^= drawn.draw(st.integers(1, 255))
    place.write_bytes(content)
    with contextlib.suppress(ZerosumError):
        source = find_source(str(place))
        names = source.names()
        assert len(list(source.read(names))) == len(set(names))


def cut(content: bytes) -> Iterator[bytes]:
    """The beginning of a database, up to several places."""
    for size in (100, 5_000, 40_000):
        yield content[:size]


def flipped(content: bytes) -> Iterator[bytes]:
    """A database with one bit of a page changed: its kind, where its entries lie, their sizes."""
    for place in (4096 + 10, 4096 + 25, 8192 + 11, 8192 + 23, 3 * 4096 + 17, 3 * 4096 + 23):
        yield content[:place] + bytes([content[place] ^ 32]) + content[place + 1 :]


@pytest.mark.parametrize("damage", [cut, flipped])
def test_a_damaged_lmdb_is_told_and_does_not_end_the_process(
    damage: Callable[[bytes], Iterator[bytes]], tmp_path: Path
) -> None:
    lmdb = pytest.importorskip("lmdb")
    with lmdb.open(str(tmp_path), map_size=2**20) as made, made.begin(write=True) as transaction:
        for seed in range(30):
            transaction.put(b"%05d" % seed, noise(seed))
    source = find_source(str(tmp_path))
    names = source.names()
    assert [file.content for file in source.read(names)] == [noise(seed) for seed in range(30)]
    database = tmp_path / "data.mdb"
    told = 0
    for content in damage(database.read_bytes()):
        database.write_bytes(content)
        try:
            list(source.read(source.names()))
        except ZerosumError as error:
            assert f"{tmp_path} is no intact LMDB" in error.what and "\n" not in error.what
            told += 1
    assert told

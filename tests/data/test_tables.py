"""Pictures in databases: parquet files and LMDB."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

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

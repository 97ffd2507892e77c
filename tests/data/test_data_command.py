"""`zerosum data`: what people see of their images."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.data.files import noise, write_folder
from zerosum.cli.data import data
from zerosum.data.inspection import inspect
from zerosum.data.sources import find_source
from zerosum.errors import ZerosumError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {f"{index:03d}.png": noise(index) for index in range(100)}
    files |= {"again.png": noise(5), "large.png": noise(200, (40, 300)), "notes.txt": b"hello"}
    return write_folder(tmp_path / "photos", files)


def run(*words: object, answer: str | None = None) -> Result:
    given = [str(word) for word in words]
    return CliRunner().invoke(data, given, input=answer, standalone_mode=False)


def test_checking_lists_everything_that_is_odd(folder: Path) -> None:
    write_folder(folder, {"page.png": b"<html>", "named.jpg": noise(201)})
    told = run("check", folder)
    assert "bad, skipped by training: 1\n  page.png: not an image\n" in told.output
    assert "converted: 1\n  named.jpg: PNG, though named .jpg\n" in told.output
    assert "with exact duplicates: 1\n  005.png: again.png\n" in told.output
    assert "no images, ignored: 1\n  notes.txt\n" in told.output
    assert "104 image files: 103 usable (1 converted), 1 bad" in told.output
    assert "training accepts it: 1.0% is bad" in told.output
    assert told.return_value == 0


def test_checking_fails_where_training_would(folder: Path) -> None:
    write_folder(folder, {f"page{index}.png": b"<html>" for index in range(10)})
    told = run("check", folder)
    assert told.return_value == 1
    assert "training refuses it: 8.9% is bad, 1.0% is allowed" in told.output
    assert "bad: 10\n  page0.png: not an image\n" in told.output
    assert "skipped" not in told.output
    assert "--data.max_bad 0.09" in told.output
    allowed = run("check", folder, "--max-bad", "0.09")
    assert allowed.return_value == 0
    assert "bad, skipped by training: 10\n" in allowed.output


def test_sizes_are_shown_as_a_histogram(folder: Path) -> None:
    inspection = inspect(find_source(str(folder)))
    assert inspection.histogram() == [("16 to 31", 101), ("32 to 63", 1)]
    output = run("check", folder).output
    assert f"{'16 to 31':>16} {'█' * 40} 101\n" in output
    assert f"{'32 to 63':>16} █ 1\n" in output
    assert "most often 20×24: 99%" in output


def test_checking_and_training_agree(tmp_path: Path) -> None:
    """What `check` counts as bad is what packing skips."""
    from zerosum.data.fit import Fitting
    from zerosum.data.pack import open_pack

    files = {f"{index}.image": noise(index)[: 60 * index] for index in range(30)}
    source = find_source(str(write_folder(tmp_path / "set", files)))
    inspection = inspect(source)
    pack = open_pack(source, Fitting(16, 3, "crop"))
    assert (inspection.good, len(inspection.bad)) == (pack.index["images"], pack.index["bad"])
    assert inspection.bad


def test_packing_showing_and_clearing(folder: Path, cache: Path) -> None:
    assert "0 packs, 0 bytes" in run("show").output
    assert "photos is not packed" in run("show", folder).output.replace(str(folder), "photos")
    packed = run("pack", folder, "--recipe", "digits", "--resolution", 16, "--fit", "crop")
    assert packed.exception is None
    assert "16×16 grey, crop" in packed.output
    assert "102\n" in packed.output
    again = run("pack", folder, "--data.resolution", 32)
    assert "32×32 colour, crop" in again.output
    table = run("show").output
    assert "2 packs" in table
    assert table.count("photos") == 2
    assert run("show", folder).output.count("fingerprint") == 2
    kept = run("clean", answer="n\n")
    assert isinstance(kept.exception, BaseException)
    assert len(list((cache / "packs").glob("*/index.json"))) == 2
    assert "freed" in run("clean", "--yes").output
    assert "0 packs, 0 bytes" in run("show").output


def test_features_are_shown_and_cleared_with_the_packs(folder: Path, cache: Path) -> None:
    features = cache / "features"
    features.mkdir(parents=True)
    (features / "photos-digits-0123.npy").write_bytes(b"x" * 1500)
    (features / ".photos-digits-4567.npy.99999.partial").write_bytes(b"x" * 2500)
    run("pack", folder, "--resolution", 16)
    (pack,) = (cache / "packs").glob("*/index.json")
    pack.write_bytes(b"{")
    output = run("show").output
    assert "damaged" in output and "1 pack, " in output
    assert "photos-digits-0123.npy" in output and "1.5 kB" in output
    assert "unfinished" in output and "2.5 kB" in output
    assert f"2 files of features, 4.0 kB, in {features}" in output.replace("\n", "")
    assert "remove 1 pack and 2 files of features" in run("clean", answer="n\n").output
    assert "freed" in run("clean", "--yes").output
    assert list(features.iterdir()) == [] and not pack.exists()


def test_packing_with_wrong_settings_says_what_is_allowed(folder: Path) -> None:
    told = run("pack", folder, "--resolution", 33)
    assert isinstance(told.exception, ZerosumError)
    assert "data.resolution = 33" in told.exception.what


def test_the_data_commands_do_without_torch(folder: Path, cache: Path) -> None:
    program = f"""
import sys
from zerosum.cli.data import data
assert not {{"PIL", "numpy", "rich"}} & set(sys.modules), "imported too early"
for words in (["pack", {str(folder)!r}], ["check", {str(folder)!r}], ["show"], ["clean", "--yes"]):
    data(words, standalone_mode=False)
assert "torch" not in sys.modules
"""
    # The cache is the test's own: `clean` must not find the user's.
    path = os.pathsep.join(filter(None, sys.path))
    env = {**os.environ, "PYTHONPATH": path, "ZEROSUM_CACHE": str(cache)}
    subprocess.run([sys.executable, "-c", program], check=True, env=env)

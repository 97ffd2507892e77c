"""Packs: made once, made anew when the source changes, never half-made."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from PIL import Image

from tests.data.conftest import Settings
from tests.data.files import noise, save, write_folder, write_zip
from zerosum.data import open_data
from zerosum.data.cache import cached_packs, clean_cache
from zerosum.data.fit import Fitting
from zerosum.data.pack import lock_of, open_pack, packs_folder
from zerosum.data.sources import find_source
from zerosum.errors import ZerosumError

FITTING = Fitting(16, 3, "crop")
OPEN = """
import sys
from pathlib import Path
from zerosum.data.fit import Fitting
from zerosum.data.pack import open_pack
from zerosum.data.sources import find_source

def told(done, total):
    print(done, total, flush=True)

print("begun", flush=True)
print("made" if open_pack(
    find_source(sys.argv[1]), Fitting(16, 3, "crop"), Path(sys.argv[2]), told
) else "", flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path, pictures: dict[str, bytes]) -> Path:
    return write_folder(tmp_path / "set", pictures)


def opener(source: Path, cache: Path) -> subprocess.Popen[str]:
    """A process of its own that opens a pack and tells its progress."""
    return subprocess.Popen(
        [sys.executable, "-c", OPEN, str(source), str(cache)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        text=True,
    )


def many_large_pictures(path: Path) -> Path:
    """A zip that takes seconds to pack."""
    picture = save(Image.effect_noise((400, 400), 50))
    return write_zip(path, {f"{index:04d}.png": picture for index in range(1200)})


def test_a_pack_holds_the_fitted_pixels_in_order(tmp_path: Path, cache: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (9, 16, 16, 3), dtype=np.uint8)
    files = {f"{index}.png": save(Image.fromarray(image)) for index, image in enumerate(pixels)}
    pack = open_pack(find_source(str(write_folder(tmp_path / "set", files))), FITTING, cache)
    np.testing.assert_array_equal(pack.pixels, pixels)
    mapped = pack.pixels.mapped().base
    assert isinstance(mapped, np.memmap)  # on disk, not in memory
    assert pack.index["images"] == 9


def test_a_pack_is_made_once(folder: Path, cache: Path) -> None:
    calls: list[tuple[int, int]] = []
    first = open_pack(find_source(str(folder)), FITTING, cache, lambda *call: calls.append(call))
    assert calls[-1] == (30, 30)
    calls.clear()
    again = open_pack(find_source(str(folder)), FITTING, cache, lambda *call: calls.append(call))
    assert (calls, again.folder) == ([], first.folder)


def test_another_fitting_makes_another_pack(folder: Path, cache: Path) -> None:
    source = find_source(str(folder))
    fittings = [FITTING, Fitting(32, 3, "crop"), Fitting(16, 1, "crop"), Fitting(16, 3, "pad")]
    packs = {open_pack(source, fitting, cache).folder for fitting in fittings}
    assert len(packs) == 4


@pytest.mark.parametrize("change", ["added", "removed", "rewritten"])
def test_a_changed_source_makes_a_new_pack(change: str, folder: Path, cache: Path) -> None:
    before = open_pack(find_source(str(folder)), FITTING, cache)
    if change == "added":
        (folder / "new.png").write_bytes(noise(99))
    elif change == "removed":
        (folder / "all" / "00.png").unlink()
    else:
        (folder / "all" / "00.png").write_bytes(noise(99))
    after = open_pack(find_source(str(folder)), FITTING, cache)
    assert after.folder != before.folder
    assert after.index["fingerprint"] != before.index["fingerprint"]


def test_a_replaced_archive_makes_a_new_pack(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "set.zip"
    before = open_pack(find_source(str(write_zip(path, {"1.png": noise(1)}))), FITTING, cache)
    after = open_pack(find_source(str(write_zip(path, {"1.png": noise(2)}))), FITTING, cache)
    assert after.index["fingerprint"] != before.index["fingerprint"]


def test_a_fingerprint_does_not_depend_on_the_place(
    tmp_path: Path, cache: Path, pictures: dict[str, bytes]
) -> None:
    fingerprints = {
        open_pack(find_source(str(place)), FITTING, cache).index["fingerprint"]
        for place in (
            write_folder(tmp_path / "here", pictures),
            write_folder(tmp_path / "far" / "there", pictures),
        )
    }
    assert len(fingerprints) == 1


def test_bad_files_are_skipped_and_counted(folder: Path, cache: Path) -> None:
    write_folder(folder, {"all/bad.png": b"no image", "all/tiny.png": noise(1, (4, 4))})
    pack = open_pack(find_source(str(folder)), FITTING, cache)
    assert (len(pack.pixels), pack.index["images"], pack.index["bad"]) == (30, 30, 2)
    assert pack.index["bad_names"][0] == "all/bad.png: not an image"


def test_an_error_while_packing_leaves_nothing(folder: Path, cache: Path) -> None:
    def interrupt(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_pack(find_source(str(folder)), FITTING, cache, interrupt)
    assert [path for path in packs_folder(cache).iterdir() if path.suffix != ".lock"] == []
    assert len(open_pack(find_source(str(folder)), FITTING, cache).pixels) == 30


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_interrupted_packing_leaves_nothing_behind(
    how: signal.Signals, tmp_path: Path, cache: Path, folder: Path
) -> None:
    large = many_large_pictures(tmp_path / "large.zip")
    with opener(large, cache) as process:
        assert process.stdout
        assert process.stdout.readline() == "begun\n"
        assert process.stdout.readline().endswith("1200\n")  # it is in the middle of it
        children = [
            int(child)
            for thread in Path(f"/proc/{process.pid}/task").glob("*/children")
            for child in thread.read_text().split()
        ]
        process.send_signal(how)
        process.wait(timeout=20)
    assert not [pack for pack in cached_packs(cache) if pack.folder.name.startswith("large")]
    if how == signal.SIGKILL:  # nobody was left to clear up: the next packing does
        assert len(list(packs_folder(cache).glob("*.partial"))) == 1
        open_pack(find_source(str(folder)), FITTING, cache)
    assert not list(packs_folder(cache).glob("*.partial"))
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < deadline, "a decoding process outlived its parent"
        time.sleep(0.05)


def test_two_processes_make_one_pack(tmp_path: Path, cache: Path) -> None:
    files = {f"{index:04d}.png": noise(index % 50) for index in range(3000)}
    source = write_zip(tmp_path / "set.zip", files)
    with opener(source, cache) as one, opener(source, cache) as other:
        told = [process.communicate(timeout=60)[0].split("\n") for process in (one, other)]
    assert (one.returncode, other.returncode) == (0, 0)
    assert sorted(lines[-2] for lines in told) == ["made", "made"]
    makers = [lines for lines in told if len(lines) > 3]  # more than "begun" and "made"
    assert len(makers) == 1, "one packs, the other waits for it"
    assert len(cached_packs(cache)) == 1


def test_clearing_leaves_a_pack_that_is_being_made(folder: Path, cache: Path) -> None:
    pack = open_pack(find_source(str(folder)), FITTING, cache)
    busy = pack.folder.with_name("busy-0123.partial")
    busy.mkdir()
    (busy / "pixels.npy").write_bytes(b"x" * 100)
    expected = sum(file.stat().st_size for file in pack.folder.iterdir())
    with FileLock(lock_of(busy.with_suffix(""))):
        assert clean_cache(cache) == expected
        assert busy.exists()
    assert clean_cache(cache) == 100
    assert cached_packs(cache) == []


def test_a_cache_that_cannot_be_written_is_told(
    tmp_path: Path, folder: Path, settings: Settings
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ZerosumError, match="cannot write the image cache") as told:
        open_data(settings(folder), 0, cache=tmp_path / "file")
    assert "ZEROSUM_CACHE" in told.value.remedy


@pytest.mark.parametrize("name", ["pixels.npy", "test.npy", "labels.npy", "index.json"])
@pytest.mark.parametrize("damage", ["cut", "flipped", "gone"])
def test_a_damaged_pack_is_made_anew_and_that_is_said(
    tmp_path: Path,
    pictures: dict[str, bytes],
    cache: Path,
    name: str,
    damage: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    classes = {f"{int(path[4:6]) % 2}/{path[4:]}": image for path, image in pictures.items()}
    source = find_source(str(write_folder(tmp_path / "set", classes)))
    pack = open_pack(source, FITTING, cache)
    pixels, labels = pack.pixels[:].copy(), pack.labels
    file = pack.folder / name
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content[:-1] if damage == "cut" else content)
    if damage == "gone":
        file.unlink()
    again = open_pack(source, FITTING, cache)
    np.testing.assert_array_equal(again.pixels, pixels)
    np.testing.assert_array_equal(again.labels, labels)
    assert again.index == pack.index
    told = [record.getMessage() for record in caplog.records]
    if (name, damage) == ("index.json", "gone"):
        return  # somebody has emptied the folder
    assert len(told) == 1 and str(pack.folder) in told[0] and "made anew" in told[0]


def test_pixels_are_checked_when_they_are_read_and_not_before(folder: Path, cache: Path) -> None:
    pack = open_pack(find_source(str(folder)), FITTING, cache)
    pixels = pack.folder / "pixels.npy"
    content = bytearray(pixels.read_bytes())
    content[-1] ^= 1
    pixels.write_bytes(content)
    opened = open_pack(find_source(str(folder)), FITTING, cache)
    assert pixels.read_bytes() == content
    assert np.array_equal(opened.pixels[:1], pack.pixels[:1])
    assert pixels.read_bytes() != content


def test_a_pack_that_cannot_be_made_as_it_was_is_an_error(folder: Path, cache: Path) -> None:
    """Another version of the decoder, say: the run's fingerprint is that of the old pixels."""
    source = find_source(str(folder))
    opened = open_pack(source, FITTING, cache)
    (folder / "all" / "00.png").write_bytes(noise(99))
    pixels = opened.folder / "pixels.npy"
    pixels.write_bytes(pixels.read_bytes()[:-1] + b"x")
    with pytest.raises(ZerosumError, match="made anew it has other pixels"):
        opened.pixels[:]


def test_the_cache_is_cleared_of_damaged_packs(folder: Path, cache: Path) -> None:
    pack = open_pack(find_source(str(folder)), FITTING, cache)
    (pack.folder / "index.json").write_bytes(b"{")
    (found,) = cached_packs(cache)
    assert found.index is None and found.size > 0
    assert clean_cache(cache) == found.size
    assert cached_packs(cache) == []


def test_too_little_room_is_told_before_packing(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = 1000

    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage)
    with pytest.raises(ZerosumError, match=r"has 0\.0 GB left"):
        open_pack(find_source(str(folder)), FITTING, cache)


def test_the_cache_may_be_moved(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZEROSUM_CACHE", str(tmp_path / "elsewhere"))
    assert open_pack(find_source(str(folder)), FITTING).folder.is_relative_to(
        tmp_path / "elsewhere"
    )


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")
def test_packing_takes_constant_memory() -> None:
    import json

    benchmark = Path(__file__).parents[2] / "benchmarks" / "packing.py"
    peaks = []
    for images in (1000, 3000):
        told = subprocess.run(
            [sys.executable, str(benchmark), "--images", str(images), "--resolution", "128"],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            check=True,
        )
        result = json.loads(told.stdout)
        assert result["images"] == images
        peaks.append(result["peak_anonymous_mb"])
    # 2,000 more images are 94 MB of pixels.
    assert peaks[1] < peaks[0] + 40
    assert peaks[1] < 1500

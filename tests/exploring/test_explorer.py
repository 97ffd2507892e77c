"""What the page asks of a generator: the pictures of `zerosum sample`, moved and mixed."""

import io
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import zerosum
from tests.cli.scored_runs import pictures_of_noise, run_on
from tests.exporting.conftest import Kind
from zerosum.exploring.explorer import SHEET, Chosen, Explorer
from zerosum.generation.generator import load_generator
from zerosum.records.run import RunFolder

RunOf = Callable[[Kind], RunFolder]


def opened(png: bytes) -> tuple[NDArray[np.uint8], dict[str, str]]:
    with Image.open(io.BytesIO(png)) as image:
        image.load()
        return np.asarray(image), dict(image.text)  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def latents(run_of: RunOf) -> Explorer:
    return Explorer(load_generator(run_of("latents"), device="cpu"))


@pytest.fixture(scope="module")
def classes(run_of: RunOf) -> Explorer:
    return Explorer(load_generator(run_of("classes"), device="cpu"))


def test_a_sheet_has_the_pictures_of_sample(latents: Explorer) -> None:
    columns, tiles = latents.sheet(Chosen(seed=3, number=5, moves=(1.0,)))
    assert columns == 8 and [each.chosen.number for each in tiles] == list(range(SHEET))
    generator = latents.generator
    samples = generator.make(generator.latents(3, range(SHEET)))
    for place in (0, 63):
        pixels, text = opened(tiles[place].png)
        assert np.array_equal(pixels, samples[place, :, :, 0])
        assert text == generator.labels() | {"seed": "3", "index": str(place)}


def test_each_class_has_a_column_where_they_take_turns(classes: Explorer) -> None:
    columns, tiles = classes.sheet(Chosen())
    assert columns == 3 and len(tiles) == 63
    assert [opened(each.png)[1]["classes"] for each in tiles[:4]] == ["cat", "dog", "eel", "cat"]
    columns, tiles = classes.sheet(Chosen(class_name="eel"))
    assert columns == 8 and "class eel" in tiles[1].caption
    eels = classes.generator.of_classes(["eel"])
    assert np.array_equal(opened(tiles[1].png)[0], eels.make(eels.latents(0, [1]))[0])


def test_a_picture_is_moved_and_says_how(latents: Explorer) -> None:
    chosen = Chosen(number=7, truncate=1.5, moves=(0.0, 2.5, -1.0))
    tile = latents.picture(chosen)
    pixels, text = opened(tile.png)
    assert text == latents.generator.labels() | {
        "seed": "0", "truncate": "1.5", "index": "7", "directions": "2: +2.5, 3: -1",
    }  # fmt: skip
    assert tile.caption == "seed 0, number 7, truncated at 1.5, moved 2: +2.5, 3: -1"
    inputs = latents.generator.latents(0, [7], 1.5)
    moved = latents.directions.moved(inputs, chosen.moves)
    assert np.array_equal(pixels, latents.generator.make(moved)[0, :, :, 0])
    assert not np.array_equal(pixels, latents.generator.make(inputs)[0, :, :, 0])


def test_a_way_leads_from_the_one_picture_to_the_other_as_they_are_shown(
    classes: Explorer,
) -> None:
    first, last = Chosen(class_name="cat", moves=(3.0,)), Chosen(seed=1, number=4)
    pictures, sheet = classes.way(first, last)
    ends = [opened(classes.picture(each).png)[0] for each in (first, last)]
    assert len(pictures) == 9
    assert np.array_equal(opened(pictures[0])[0], ends[0])
    assert np.array_equal(opened(pictures[-1])[0], ends[1])
    text = opened(sheet)[1]
    assert text["from"] == "seed 0, number 0, class cat, moved 1: +3"
    assert text["to"] == "seed 1, number 4, class dog" and text["method"] == "spherical"


def test_the_nearest_training_picture_is_found(tmp_path: Path) -> None:
    run = run_on(pictures_of_noise(tmp_path / "noise", 12), tmp_path / "run")
    found, _ = Explorer(load_generator(run, device="cpu"), run).nearest(Chosen(number=2))
    assert not found.copied and 0 < found.distance < found.second
    assert found.in_words().startswith("No copy. ") and "10 training pictures" in found.in_words()


def test_pictures_are_made_while_training_pictures_are_looked_through(tmp_path: Path) -> None:
    run = run_on(pictures_of_noise(tmp_path / "noise", 12), tmp_path / "run")
    explorer = Explorer(load_generator(run, device="cpu"), run)
    made: list[bytes] = []

    def stage(*_told: object) -> None:
        other = threading.Thread(target=lambda: made.append(explorer.picture(Chosen()).png))
        other.daemon = True
        other.start()
        other.join(timeout=20)
        assert made

    explorer.nearest(Chosen(), stage)
    assert made


def test_a_copy_is_told(tmp_path: Path) -> None:
    """Of a run whose training pictures are those that it makes; two of twelve are held out."""
    run, own = run_on(tmp_path / "own", tmp_path / "run"), tmp_path / "own"
    own.mkdir()
    explorer = Explorer(load_generator(run, device="cpu"), run)
    chosen = [Chosen(number=number) for number in range(12)]
    for each in chosen:
        (own / f"{each.number}.png").write_bytes(explorer.picture(each).png)
    found = [explorer.nearest(each) for each in chosen]
    same = [place for place, (nearest, _) in enumerate(found) if nearest.identical]
    assert len(same) == 10
    nearest, png = found[same[0]]
    assert nearest.copied and "to the last pixel" in nearest.in_words()
    pixels, _ = opened(explorer.picture(chosen[same[0]]).png)
    assert np.array_equal(opened(png)[0], pixels)
    near, _ = explorer.nearest(Chosen(number=same[0], moves=(0.05,)))
    assert near.copied and not near.identical and "As near as a copy" in near.in_words()


def test_training_pictures_that_are_gone_are_told(tmp_path: Path) -> None:
    run = run_on(tmp_path / "nothing", tmp_path / "run")
    with pytest.raises(zerosum.ZerosumError, match="nothing"):
        Explorer(load_generator(run, device="cpu"), run).nearest(Chosen())


def test_a_run_that_restores_is_told_what_to_do_instead(run_of: RunOf) -> None:
    with pytest.raises(zerosum.UsageError, match="zerosum restore"):
        Explorer(load_generator(run_of("restored"), device="cpu"))

from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from zerosum.cli.film import film
from zerosum.cli.interpolate import interpolate
from zerosum.cli.sample import sample
from zerosum.data.grid import grid
from zerosum.errors import UsageError, ZerosumError
from zerosum.generation.generator import load_generator
from zerosum.records.run import RunFolder


def call(command: click.Command, *words: object) -> Result:
    result = CliRunner().invoke(command, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def last_line(result: Result) -> Path:
    return Path(result.output.splitlines()[-1])


def test_sample_writes_a_sheet_into_the_run_and_prints_its_path(tiny_run: RunFolder) -> None:
    result = call(sample, tiny_run.path, "--n", 10, "--scale", 1)
    path = last_line(result)
    assert path == tiny_run.samples / "sample-000200000-seed0-n10.png"
    assert result.output.startswith("10 pictures of checkpoint 000200000 (averaged weights)")
    with Image.open(path) as image:
        assert np.array_equal(
            np.asarray(image), np.asarray(grid(load_generator(tiny_run)(range(10))))
        )


def test_sample_options_reach_the_pictures(tiny_run: RunFolder, tmp_path: Path) -> None:
    out = tmp_path / "x.png"
    words = ("--n", 4, "--seed", 3, "--truncate", 0.5, "--no-average", "--batch", 2, "--scale", 1)
    call(sample, tiny_run.path, *words, "--device", "cpu", "--checkpoint", 200000, "--out", out)
    generator = load_generator(tiny_run, averaged=False, batch=2)
    expected = grid(generator(generator.latents(3, range(4), truncate=0.5)))
    with Image.open(out) as image:
        assert np.array_equal(np.asarray(image), np.asarray(expected))
        assert image.info["weights"] == "last"


def test_a_sheet_of_small_pictures_is_enlarged_and_single_ones_never(
    tiny_run: RunFolder, tmp_path: Path
) -> None:
    expected = np.asarray(grid(load_generator(tiny_run)(range(4))))
    for scale, words in ((3, ()), (5, ("--scale", 5))):
        call(sample, tiny_run.path, "--n", 4, *words, "--out", tmp_path / "x.png")
        with Image.open(tmp_path / "x.png") as image:
            large = expected.repeat(scale, 0).repeat(scale, 1)
            assert np.array_equal(np.asarray(image), large) and image.info["scale"] == str(scale)
    call(sample, tiny_run.path, "--n", 4, "--out", tmp_path / "singles")
    with Image.open(tmp_path / "singles" / "000000.png") as image:
        assert image.size == (32, 32) and "scale" not in image.info
    refused = [str(tiny_run.path), "--scale", "2", "--out", str(tmp_path / "more")]
    error = CliRunner().invoke(sample, refused).exception
    assert isinstance(error, UsageError) and "single pictures keep their size" in error.what


def test_sample_ranks_by_the_discriminator(tiny_run: RunFolder, tmp_path: Path) -> None:
    words = ("--n", 12, "--rank-by", "discriminator", "--out", tmp_path / "ranked")
    result = call(sample, tiny_run.path, *words)
    names = sorted(path.name for path in (tmp_path / "ranked").iterdir())
    order = [int(name[7:13]) for name in names]
    assert f"best first: {', '.join(map(str, order[:8]))}, …" in result.output
    assert sorted(order) == list(range(12))


def test_interpolate_takes_the_first_samples_in_pairs(tiny_run: RunFolder) -> None:
    result = call(interpolate, tiny_run.path, "--pairs", 2, "--steps", 3)
    assert "samples 0 to 1, 2 to 3 of seed 0" in result.output
    with Image.open(last_line(result)) as image:
        assert image.size == (3 * (3 * 34 + 2), 3 * (2 * 34 + 2)), "each pixel 3 × 3"
        assert image.info["method"] == "spherical"


def test_interpolate_goes_between_chosen_samples_and_beyond(
    colour_run: RunFolder, tmp_path: Path
) -> None:
    words = ("--between", 3, 17, "--between", 5, 4, "--beyond", 0.5, "--steps", 5)
    result = call(interpolate, colour_run.path, *words, "--out", tmp_path / "x.png")
    assert "samples 3 to 17, 5 to 4 of seed 0" in result.output
    assert "9 pictures each; the two samples are number 3 and 7" in result.output
    with Image.open(tmp_path / "x.png") as image:
        assert image.info["pairs"] == "3-17 5-4"
        assert image.info["method"] == "linear"


def test_interpolate_tells_that_uniform_latents_have_no_sphere(
    colour_run: RunFolder, tmp_path: Path
) -> None:
    words = ("--method", "spherical", "--out", tmp_path / "x.png")
    assert "--method linear keeps within" in call(interpolate, colour_run.path, *words).output


def test_film_prints_its_path(tiny_run: RunFolder, tmp_path: Path) -> None:
    tiny_run.samples.mkdir(exist_ok=True)
    Image.new("L", (20, 20)).save(tiny_run.samples / "000000000.png")
    result = call(film, tiny_run.path, "--out", tmp_path / "film.gif", "--fps", 5)
    assert last_line(result) == tmp_path / "film.gif"
    assert (tmp_path / "film.gif").read_bytes().startswith(b"GIF89a")


@pytest.mark.parametrize("command", [sample, interpolate, film])
def test_a_run_that_is_not_there_is_told_in_two_lines(
    command: click.Command, tmp_path: Path
) -> None:
    with pytest.raises(ZerosumError) as caught:
        call(command, tmp_path / "nowhere")
    assert "nowhere" in caught.value.what
    assert "\n" not in caught.value.what + caught.value.remedy


@pytest.mark.parametrize("words", [("--n", 0), ("--rank-by", "taste"), ("--batch", 0)])
def test_impossible_words_are_usage_errors(tiny_run: RunFolder, words: tuple[str, object]) -> None:
    with pytest.raises(UsageError):
        call(sample, tiny_run.path, *words)


def test_a_sheet_of_few_pictures_does_not_replace_the_usual_one(tiny_run: RunFolder) -> None:
    usual = last_line(call(sample, tiny_run.path))
    assert usual.name == "sample-000200000-seed0.png"
    before = usual.read_bytes()
    assert last_line(call(sample, tiny_run.path, "-n", 5)).name == "sample-000200000-seed0-n5.png"
    assert usual.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ((), "seed0"),
        (("--pairs", 2), "seed0-pairs2"),
        (("--between", 3, 7, "--steps", 4), "seed0-3to7-steps4"),
        (("--pairs", 1, "--beyond", 0.5, "--method", "linear"), "seed0-pairs1-beyond0.5-linear"),
        (("--no-average", "--steps", 2), "seed0-no-average-steps2"),
    ],
)
def test_other_ways_do_not_replace_the_usual_ones(
    tiny_run: RunFolder, words: tuple[object, ...], name: str
) -> None:
    path = last_line(call(interpolate, tiny_run.path, *words))
    assert path.name == f"interpolation-000200000-{name}.png"

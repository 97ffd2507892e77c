"""The public Python API of looking at what was trained: pictures, classes, copies, pages."""

import itertools
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import zerosum
from zerosum.diagnosis.verdicts import REMEDIES, RESTORATION_REMEDIES
from zerosum.evaluation.scores import Result
from zerosum.spelling import Spelling, in_python

SMALL: dict[str, object] = {
    "images": 256, "batch": 16, "width": 4, "data.limit": 100, "schedule.log_every": 1,
    "evaluation.images": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> zerosum.Run:
    out = tmp_path_factory.mktemp("runs") / "small"
    return zerosum.train("digits", out=out, overrides=SMALL, quiet=True)


def test_one_number_is_one_picture(run: zerosum.Run) -> None:
    generator = run.generator()
    three = generator(3)
    assert three.shape == (1, 32, 32, 1) and three.dtype == np.uint8
    for numbers in ([3], range(3, 4), np.array([3]), torch.tensor([3])):
        assert np.array_equal(generator(numbers), three)
    latents = generator.latents(0, [3])
    assert np.array_equal(generator(latents), three)
    assert np.array_equal(generator(latents.numpy().astype(np.float64)), three)


@pytest.mark.parametrize("wrong", ["3", 3.0, [0.5, 1.5], np.zeros((2, 3)), None, [[1, 2]]])
def test_what_is_neither_numbers_nor_latents_is_a_type_error(run: zerosum.Run, wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"takes picture numbers \(3, .* or latents \(n, \d+\)"):
        run.generator()(wrong)


def test_samples_are_those_of_the_generator_and_of_the_files(
    run: zerosum.Run, tmp_path: Path
) -> None:
    samples = zerosum.sample(run, 5, seed=2, out=tmp_path / "five")
    generator = run.generator()
    assert np.array_equal(samples.images, generator(generator.latents(2, range(5))))
    assert samples.numbers == (0, 1, 2, 3, 4) and samples.path == tmp_path / "five"
    with Image.open(tmp_path / "five" / "000003.png") as picture:
        assert np.array_equal(np.asarray(picture), samples.images[3, ..., 0])
    assert repr(samples).startswith("5 pictures, 32×32 grey, after 256 images → ")
    assert samples._repr_png_().startswith(b"\x89PNG")


def test_the_best_come_first_as_the_discriminator_sees_them(run: zerosum.Run) -> None:
    ranked, plain = zerosum.sample(run, 6, best_first=True), zerosum.sample(run, 6)
    assert sorted(ranked.numbers) == list(plain.numbers)
    assert np.array_equal(ranked.images, plain.images[list(ranked.numbers)])


@pytest.mark.parametrize("count", ["x", 2.5, None, True])
def test_a_count_that_is_none_is_a_type_error(run: zerosum.Run, count: Any) -> None:
    calls: tuple[tuple[Callable[..., object], str], ...] = (
        (zerosum.sample, "count"), (zerosum.interpolate, "pairs"), (zerosum.modes, "count"),
        (zerosum.neighbours, "count"), (zerosum.map, "count"), (zerosum.project, "count"),
    )  # fmt: skip
    for function, name in calls:
        with pytest.raises(TypeError, match=rf"^{name}= is a whole number, not "):
            function(run, **{name: count})
    with pytest.raises(TypeError, match=r"^count= is a whole number"):
        zerosum.evaluate(run, count=count)


@pytest.mark.parametrize("count", [0, -1])
def test_no_pictures_are_refused(run: zerosum.Run, count: int) -> None:
    with pytest.raises(zerosum.UsageError, match=f"^count={count} is too few\nask for 1 at least"):
        zerosum.sample(run, count)
    with pytest.raises(zerosum.UsageError, match=f"^pairs={count} is too few"):
        zerosum.interpolate(run, count)


def test_an_interpolation_leads_from_one_sample_to_another(
    run: zerosum.Run, tmp_path: Path
) -> None:
    way = zerosum.interpolate(run, [(3, 1)], steps=4, beyond=0.5, out=tmp_path / "way.png")
    assert way.images.shape == (1, 8, 32, 32, 1)
    assert way.positions[2] == 0 and way.positions[5] == 1
    ends = run.generator()([3, 1])
    assert np.array_equal(way.images[0, [2, 5]], ends)
    assert (tmp_path / "way.png").is_file()
    assert zerosum.interpolate(run, 2).pairs == ((0, 1), (2, 3))
    assert repr(way).startswith("8 pictures, 32×32 grey, after 256 images: 3 to 1 → ")


def test_classes_are_counted_of_a_run_of_an_array_and_of_a_folder(
    run: zerosum.Run, tmp_path: Path
) -> None:
    of_run = zerosum.modes(run, 60, quiet=True)
    assert of_run.picture == run.path / "charts" / "modes.png"
    array = zerosum.sample(run, 60, out=tmp_path / "folder").images
    of_array = zerosum.modes(array, quiet=True)
    of_folder = zerosum.modes(tmp_path / "folder", quiet=True)
    counts = [counted.counts.counts for counted in (of_run, of_array, of_folder)]
    assert counts[0] == counts[1] == counts[2] and sum(counts[0]) == 60
    assert repr(of_array) == of_array.verdict
    assert "data:image/png;base64," in of_run._repr_html_()
    assert of_array.numbers is None and of_array._repr_html_().startswith("<p>")


def test_neighbours_and_the_map_give_their_numbers_and_pictures(run: zerosum.Run) -> None:
    copies = zerosum.neighbours(run, 30, shown=2, k=2, quiet=True)
    assert copies.found.neighbours.fake_to_train.shape == (30, 2)
    assert copies.verdict in repr(copies) and copies.picture.is_file() and copies.numbers.is_file()
    points = zerosum.map(run, 20, quiet=True)
    assert points.plane.real.shape == points.plane.fake.shape == (20, 2)
    assert repr(points).startswith("20 real and 20 generated images by PCA → ")


def test_health_tells_what_the_command_tells(run: zerosum.Run) -> None:
    health = zerosum.health(run)
    assert repr(health).splitlines()[0] == health.verdict
    assert [f"  {text}" for text in (*health.evidence, *health.remedies)] == [
        line for line in repr(health).splitlines() if line.startswith("  ")
    ]


def test_what_helps_is_told_in_the_words_of_python() -> None:
    for text in itertools.chain(*REMEDIES.values(), *RESTORATION_REMEDIES.values()):
        assert "--" not in in_python(text, Spelling.of(zerosum.train)), text


def test_a_page_is_written(run: zerosum.Run, tmp_path: Path) -> None:
    page = zerosum.report(run, tmp_path / "page.html", quiet=True)
    assert page.page == tmp_path / "page.html" and page.page.stat().st_size > 10_000


def test_two_runs_are_laid_side_by_side(
    run: zerosum.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "runs" / "other"
    shutil.copytree(run.path, other, symlinks=True)
    monkeypatch.chdir(tmp_path)
    told = zerosum.compare([run, "other"], out=tmp_path / "both", quiet=True)
    assert [side["label"] for side in told.content["compared"]] == ["small", "other"]
    assert told._repr_markdown_().count("|") > 20 and "other" in repr(told)
    with pytest.raises(TypeError, match=r"a list of two or more: compare\(\[run, other\]\)"):
        zerosum.compare(run)  # type: ignore[arg-type]
    with pytest.raises(zerosum.UsageError, match=r"^count= says .* without again=True"):
        zerosum.compare([run, "other"], count=50)


def test_an_array_is_scored_as_the_folder_of_its_pictures(run: zerosum.Run, tmp_path: Path) -> None:
    array = zerosum.sample(run, 40, out=tmp_path / "fakes").images
    zerosum.sample(run, 40, seed=1, out=tmp_path / "reals")

    def fid(images: Any, scores: Any) -> float:
        options: dict[str, Any] = {"scores": scores, "extractor": "digits", "quiet": True}
        return zerosum.evaluate(images, tmp_path / "reals", **options)["fid"]

    assert fid(array, "fid") == fid(array[..., 0], ["fid"]) == fid(tmp_path / "fakes", ("fid",))


def test_a_module_a_function_a_loader_and_our_generator_are_scored_as_the_array_they_make(
    run: zerosum.Run, tmp_path: Path
) -> None:
    zerosum.sample(run, 40, seed=1, out=tmp_path / "reals")
    ours = run.generator()
    array = ours(range(40))
    tensors = torch.from_numpy(array).permute(0, 3, 1, 2)

    def fid(images: Any, **more: Any) -> float:
        options: dict[str, Any] = {"scores": "fid", "extractor": "digits", "quiet": True}
        return zerosum.evaluate(images, tmp_path / "reals", **options | more)["fid"]

    taken: list[int] = []

    def next_pictures(count: int) -> Any:
        taken.append(count)
        return array[:30] if len(taken) == 1 else array[30:]

    made = {
        "our generator": fid(ours, count=40),
        "a module": fid(ours.module, count=40, latent=ours.recipe.network.latent),
        "a function": fid(next_pictures, count=40),
        "tensors": fid([tensors[:30], tensors[30:]]),
        "a loader": fid([(tensors[:30], "labels"), (tensors[30:] / 127.5 - 1, "labels")]),
        "pictures and labels": fid([[picture, 3] for picture in array]),
        "lists of pictures": fid([list(array[:30]), list(array[30:])]),
        "single pictures": fid(iter(array)),
    }
    assert made == dict.fromkeys(made, fid(array))
    assert fid(ours, count=40, seed=1) != fid(array)


def test_a_module_that_is_scored_keeps_what_of_it_was_frozen(tmp_path: Path) -> None:
    module = torch.nn.Sequential(torch.nn.Linear(4, 64), torch.nn.BatchNorm1d(64))
    module[1].eval()
    with pytest.raises(TypeError, match="64 × 64"):
        zerosum.evaluate(module, tmp_path, count=2, latent=4)
    assert module.training and not module[1].training


def test_what_makes_no_pictures_that_can_be_scored_is_refused(tmp_path: Path) -> None:
    with pytest.raises(zerosum.UsageError, match=r"latent=100, or latent=\(100, 1, 1\)"):
        zerosum.evaluate(torch.nn.Linear(4, 4), tmp_path)
    with pytest.raises(TypeError, match="from -1 to 1, and these go from 0 to 254"):
        zerosum.evaluate([torch.tensor([0.0, 254.0]).expand(2, 1, 2, 2)], tmp_path)
    with pytest.raises(TypeError, match="of one size"):
        zerosum.evaluate([np.zeros((1, 8, 8, 1), np.uint8), np.zeros((16, 16, 1), np.uint8)], "x")
    with pytest.raises(zerosum.ZerosumError, match="not finite"):
        zerosum.evaluate([torch.full((1, 1, 8, 8), torch.nan)], tmp_path)
    with pytest.raises(zerosum.ZerosumError, match="no pictures"):
        zerosum.evaluate([], tmp_path)


def test_scores_show_themselves_with_their_errors(run: zerosum.Run, tmp_path: Path) -> None:
    zerosum.sample(run, 40, seed=1, out=tmp_path / "reals")
    array = zerosum.sample(run, 40).images
    scores = zerosum.evaluate(array, tmp_path / "reals", scores="fid", extractor="digits")
    of_known = replace(scores, values={"fid": Result(12.345, 0.678, 9), "kid": Result(0.5)})
    assert repr(of_known).splitlines() == [
        "fid              12.35 ± 0.68",
        "kid                0.5",
        "40 images against 40 of reals, by digits",
    ]


def test_what_is_no_image_is_told_in_the_words_of_python(run: zerosum.Run) -> None:
    array = zerosum.sample(run, 10).images
    with pytest.raises(TypeError, match="is uint8, 0 to 255, and this is float64"):
        zerosum.evaluate(array / 255, "digits")
    with pytest.raises(TypeError, match=r"this is 10 × 32 × 32 × 2"):
        zerosum.evaluate(np.concatenate([array, array], axis=3), "digits")
    with pytest.raises(TypeError, match=r"^images= is a name or a path.* not int"):
        zerosum.evaluate(3)  # type: ignore[arg-type]
    with pytest.raises(zerosum.UsageError, match="add against=DATA"):
        zerosum.evaluate(array)
    with pytest.raises(zerosum.UsageError, match=r"no score 'fit'"):
        zerosum.evaluate(run, scores="fit")
    with pytest.raises(zerosum.UsageError, match=r"^3 images are too few"):
        zerosum.modes(run, 3, quiet=True)
    with pytest.raises(zerosum.ZerosumError, match="there is no run at nowhere"):
        zerosum.health("nowhere")

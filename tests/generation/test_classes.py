"""Pictures of a class: by its name or number, on sheets, in folders, ranked and on ways."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tests.in_process import run_command

import zerosum
from zerosum.errors import UsageError
from zerosum.generation.classes import class_number, folder_name
from zerosum.generation.generator import load_discriminator, load_generator
from zerosum.generation.interpolate import ways
from zerosum.generation.sample import ranked, sheet_places, write_samples
from zerosum.recipe.load import load_recipe
from zerosum.recipe.settings import Recipe
from zerosum.records.run import RunFolder

NAMES = ("cat", "dog", "eel")
FIELDS: dict[str, object] = {
    "data.resolution": 16, "data.channels": 3, "latent": 6, "width": 4,
    "network.conditional": True, "network.generator.embedding": 3,
}  # fmt: skip


def recipe_of(*names: str) -> Recipe:
    return load_recipe("dcgan-mnist", FIELDS | {"data.classes": names})


@pytest.fixture(scope="module")
def run(make_run: Callable[..., RunFolder]) -> RunFolder:
    return make_run(FIELDS | {"data.classes": NAMES})


def test_a_class_is_meant_by_its_name_or_its_number() -> None:
    recipe = recipe_of(*NAMES)
    asked: list[str | int] = ["eel", "1", 0]
    assert [class_number(recipe, each) for each in asked] == [2, 1, 0]


def test_a_name_that_is_a_number_is_a_name() -> None:
    recipe = recipe_of("1", "2", "3")
    asked: list[str | int] = ["1", 3]
    assert [class_number(recipe, each) for each in asked] == [0, 2]
    with pytest.raises(UsageError) as raised:
        class_number(recipe, "0")
    assert raised.value.remedy.endswith("It learnt 1, 2, 3")


def test_a_class_that_is_none_is_answered_by_those_that_are_with_their_numbers() -> None:
    with pytest.raises(UsageError) as raised:
        class_number(recipe_of("cat", "salt,pepper"), "ca")
    assert raised.value.what == "there is no class 'ca' in this run"
    assert raised.value.remedy == "did you mean cat? It learnt 0 cat, 1 salt,pepper"
    with pytest.raises(UsageError, match="no class '3'"):
        class_number(recipe_of(*NAMES), 3)
    with pytest.raises(UsageError) as raised:
        class_number(recipe_of(*(f"kind {letter}" for letter in "abcdefghijklmno")), "x")
    assert raised.value.remedy.endswith("10 kind k, 11 kind l, … (15 in all)")


def test_a_run_that_learnt_no_classes_has_none_to_ask_for(tiny_run: RunFolder) -> None:
    with pytest.raises(UsageError, match="this run learnt no classes"):
        load_generator(tiny_run).of_classes(["cat"])


def test_the_folder_of_a_class_leads_nowhere_else() -> None:
    names = ["cat", "../up", "a/b\\c", "..", ""]
    assert [folder_name(name) for name in names] == ["cat", "-up", "a-b-c", "-", "-"]


def test_classes_take_turns_by_the_number_of_a_picture(run: RunFolder) -> None:
    generator = load_generator(run)
    assert generator.classes_of([0, 1, 2, 5]).tolist() == [0, 1, 2, 2]
    two = generator.of_classes(["eel", "cat"])
    assert two.class_names == ("eel", "cat")
    assert two.classes_of([0, 1, 2]).tolist() == [2, 0, 2]
    assert [asked.tolist() for asked in two.classes_asked([0, 3])] == [[2, 0]]
    assert torch.equal(two.latents(0, [0])[0, 6:], torch.tensor([0.0, 0.0, 1.0]))


def test_the_latent_of_a_picture_stays_whatever_class_it_is_of(run: RunFolder) -> None:
    cats, dogs = (load_generator(run).of_classes([name]) for name in ("cat", "dog"))
    assert torch.equal(cats.latents(0, range(4))[:, :6], dogs.latents(0, range(4))[:, :6])
    assert not np.array_equal(cats(range(4)), dogs(range(4)))


def test_a_sheet_has_a_row_for_each_class() -> None:
    assert sheet_places(range(6), 3) == (2, [0, 2, 4, 1, 3, 5])
    assert sheet_places([5, 0, 3, 4], 3) == (2, [4, 0, 1, 2]), "the best first in its row"
    assert sheet_places(range(3), 3) == (2, [0, 1, 2]), "no row has more than one"
    assert sheet_places(range(4), 1) == (2, [0, 1, 2, 3])


def test_pictures_on_a_sheet_are_in_the_row_of_their_class(run: RunFolder, tmp_path: Path) -> None:
    generator = load_generator(run)
    write_samples(generator, tmp_path / "sheet.png", 6, scale=1)
    made = generator(range(6))
    with Image.open(tmp_path / "sheet.png") as sheet:
        pixels, fields = np.asarray(sheet), dict(sheet.info)
    assert fields["classes"] == "cat, dog, eel"
    for number in range(6):
        row, column = number % 3, number // 3
        cell = pixels[2 + 18 * row :, 2 + 18 * column :][:16, :16]
        assert np.array_equal(cell, made[number])


def test_single_pictures_are_in_a_folder_for_each_class(run: RunFolder, tmp_path: Path) -> None:
    generator = load_generator(run)
    write_samples(generator, tmp_path / "all", 4)
    found = sorted(file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*.png"))
    assert found == ["all/cat/000000.png", "all/cat/000003.png", "all/dog/000001.png",
                     "all/eel/000002.png"]  # fmt: skip
    with Image.open(tmp_path / "all" / "eel" / "000002.png") as picture:
        assert picture.info["classes"] == "eel"
        assert np.array_equal(np.asarray(picture), generator([0, 1, 2])[2])
    write_samples(generator.of_classes(["dog"]), tmp_path / "dogs", 2)
    assert sorted(file.name for file in (tmp_path / "dogs").iterdir()) == [
        "000000.png", "000001.png",
    ]  # fmt: skip


def test_the_discriminator_ranks_each_picture_as_one_of_its_class(run: RunFolder) -> None:
    generator, discriminator = load_generator(run), load_discriminator(run)
    images, labels = generator.images(generator.latents(0, range(9))), torch.arange(9) % 3
    scores = discriminator(images, labels)
    others = discriminator(images, (labels + 1) % 3)
    assert not torch.equal(scores.argsort(), others.argsort())
    expected = scores.argsort(descending=True, stable=True).tolist()
    assert ranked(generator, discriminator, 9, 0) == expected


def test_a_discriminator_that_names_classes_ranks_by_its_judgement(
    make_run: Callable[..., RunFolder],
) -> None:
    named = {"network.discriminator.classes": "classifier", "data.classes": NAMES}
    run = make_run(FIELDS | named)
    generator, discriminator = load_generator(run), load_discriminator(run)
    outputs = discriminator(generator.images(generator.latents(0, range(9))))
    expected = outputs[:, 0].argsort(descending=True, stable=True).tolist()
    assert ranked(generator, discriminator, 9, 0) == expected


def test_a_way_stays_within_one_class_or_leads_from_one_to_another(run: RunFolder) -> None:
    generator = load_generator(run)

    def weights(*classes: str) -> list[list[float]]:
        chosen = generator.of_classes(classes)
        way = ways(chosen, [(4, 5)], 0, [0.0, 0.5, 1.0], "spherical")
        return [[float(weight) for weight in at] for at in way[0, :, 6:]]

    assert weights() == [[0, 1, 0], [0, 0.5, 0.5], [0, 0, 1]], "by the numbers of both ends"
    assert weights("eel") == [[0, 0, 1]] * 3
    assert weights("eel", "cat") == [[0, 0, 1], [0.5, 0, 0.5], [1, 0, 0]]
    with pytest.raises(UsageError) as raised:
        weights("cat", "dog", "eel")
    assert raised.value.what == "--class names 3 classes, and a way has two ends"


def test_the_class_alone_changes_between_a_sample_and_itself(run: RunFolder) -> None:
    chosen = load_generator(run).of_classes(["cat", "dog"])
    [way] = ways(chosen, [(5, 5)], 0, [0.0, 0.5, 1.0], "spherical")
    assert torch.allclose(way[:, :6], way[:1, :6].expand(3, 6), atol=1e-6)


def test_the_command_names_its_sheet_after_the_classes(
    run: RunFolder, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run_command("sample", str(run.path), "-n", "4", "--class", "dog,0") == 0
    assert capfd.readouterr().out.rstrip().endswith("-seed0-class-dog-class-cat-n4.png")
    assert run_command("interpolate", str(run.path), "--class", "cat,dog", "--between", "5", "5",
                       "--steps", "3") == 0  # fmt: skip
    path = capfd.readouterr().out.rstrip().splitlines()[-1]
    with Image.open(path) as sheet:
        assert sheet.info["classes"] == "cat to dog"
    assert run_command("sample", str(run.path), "--class", "dgo") == 2
    said = capfd.readouterr().err
    assert "there is no class 'dgo'" in said and "0 cat, 1 dog, 2 eel" in said


def test_python_takes_one_class_or_several(run: RunFolder) -> None:
    generator = load_generator(run)
    cats = zerosum.sample(run.path, 2, classes="cat").images
    assert np.array_equal(cats, generator.of_classes(["cat"])(range(2)))
    both = zerosum.sample(run.path, 2, classes=["dog", 0]).images
    assert np.array_equal(both, generator.of_classes([1, 0])(range(2)))
    way = zerosum.interpolate(run.path, [(5, 5)], steps=2, classes=("cat", "dog"))
    assert np.array_equal(way.images[0, 0], generator.of_classes(["cat"])([5])[0])
    assert np.array_equal(way.images[0, 1], generator.of_classes(["dog"])([5])[0])
    with pytest.raises(UsageError, match="no class 'owl'"):
        zerosum.sample(run.path, 2, classes="owl")

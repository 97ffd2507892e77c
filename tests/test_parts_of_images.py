"""Augmentations and damages of the user's own, from a Python file."""

import signal
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch

import zerosum
from tests.generation.restored_runs import small_recipe
from tests.studies.tiny import tiny_study
from tests.test_parts import CPU, TINY, examples, weights
from tests.training.test_step import small_game
from zerosum.adversarial import diffaugment
from zerosum.adversarial.augmentation import augmentation_of
from zerosum.data.damage import damage_batch, damage_picture
from zerosum.errors import ZerosumError
from zerosum.evaluation.restoration import damage_words
from zerosum.generation import restore_picture
from zerosum.randomness import random_for
from zerosum.recipe.damage import DamageSettings
from zerosum.recipe.load import load_recipe, override
from zerosum.recipe.settings import Recipe
from zerosum.studies.cells import cells_of
from zerosum.studies.own_parts import with_texts
from zerosum.training.augmenter import augmenter_of
from zerosum.training.fabric import Fabric
from zerosum.training.game import draw_augmentation
from zerosum.training.own_parts import try_parts
from zerosum.training.progress import Listener

pytestmark = pytest.mark.usefixtures("own_parts")


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of parts, beside which commands are given, with the augmentation and the damage of the
    docs."""
    monkeypatch.setattr("zerosum.api_run.write_charts", lambda _run: [])
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "mine.py"
    own = ("@zerosum.augmentation(", "@zerosum.damage(")
    file.write_text("\n".join(text for text in examples() if any(each in text for each in own)))
    return file


UPSIDE_DOWN = {"with": "mine.py", "augmentation.kinds": ("colour", "upside-down")}
OUTLINES = {"with": "mine.py", "damage.own": ("outlines",)}


def augmented(method: str, **more: object) -> Recipe:
    return load_recipe("digits", {**UPSIDE_DOWN, "augmentation.method": method, **more})


@pytest.mark.usefixtures("mine")
def test_an_own_kind_follows_those_of_zerosum_which_have_the_numbers_that_they_have_alone() -> None:
    both = augmentation_of(augmented("diffaugment").augmentation)
    alone = augmentation_of(
        augmented("diffaugment", **{"augmentation.kinds": ("colour",)}).augmentation
    )
    assert both is not None and alone is not None
    numbers = torch.from_numpy(both.draw(random_for(0, "test"), 64))
    assert np.array_equal(alone.draw(random_for(0, "test"), 64), numbers[:, : diffaugment.NUMBERS])

    images, full = torch.rand(64, 1, 8, 8, generator=torch.manual_seed(0)), torch.ones(())
    coloured = diffaugment.diffaugment(images, numbers[:, : diffaugment.NUMBERS], ("colour",), full)
    turned = (numbers[:, -1] < 0.5)[:, None, None, None]
    expected = torch.where(turned, coloured.flip(2), coloured)
    assert torch.equal(both.apply(images, numbers, full), expected)
    assert not torch.equal(expected, coloured)


@pytest.mark.usefixtures("mine")
def test_ada_does_an_own_kind_in_full_with_its_probability() -> None:
    own = augmentation_of(augmented("ada", **{"augmentation.kinds": ("upside-down",)}).augmentation)
    assert own is not None
    numbers = torch.from_numpy(own.draw(random_for(0, "test"), 4000))
    images = torch.arange(2.0).view(1, 1, 2, 1).expand(4000, 1, 2, 1)
    changed = own.apply(images, numbers, torch.tensor(0.2)) != images
    assert float(changed[:, 0, 0, 0].float().mean()) == pytest.approx(0.2 / 2, abs=0.02)


@pytest.mark.usefixtures("mine")
def test_each_process_changes_its_part_of_a_batch_as_one_would() -> None:
    recipe = augmented("diffaugment")
    device = torch.device("cpu")
    game = small_game("digits")
    game = replace(
        game,
        recipe=override(game.recipe, {"schedule.batch": 8}),
        augmenter=augmenter_of(recipe.augmentation, device, (), from_another=False),
    )
    assert game.augmenter is not None
    images = torch.rand(8, 1, 8, 8, generator=torch.manual_seed(0))
    whole = draw_augmentation(game, 1, 0)
    assert whole is not None
    parts = []
    for rank in range(2):
        fabric = SimpleNamespace(world_size=2, global_rank=rank, device=device)
        numbers = draw_augmentation(replace(game, fabric=cast(Fabric, fabric)), 1, 0)
        assert numbers is not None
        parts.append(game.augmenter(images[4 * rank : 4 * rank + 4], numbers[:, 0]))
    assert torch.equal(torch.cat(parts), game.augmenter(images, whole[:, 0]))


class StopAt(Listener):
    """Presses Ctrl-C in a step."""

    def __init__(self, images: int) -> None:
        self.images = images

    def stepped(self, images: int, total: int) -> None:  # noqa: ARG002
        if images == self.images:
            signal.raise_signal(signal.SIGINT)


def train(out: str, overrides: Mapping[str, object], **more: Any) -> zerosum.Run:
    return zerosum.train(
        "digits", "digits", out, overrides={**TINY, **overrides}, devices=CPU, **more
    )


def test_a_run_with_an_own_augmentation_that_stopped_goes_on_as_if_it_had_not(mine: Path) -> None:
    own = UPSIDE_DOWN | {"augmentation.method": "ada", "augmentation.probability": 0.8}
    whole = train("whole", own, quiet=True)
    with pytest.raises(KeyboardInterrupt):
        train("parts", own, listener=StopAt(32))
    assert weights(train("parts", own, quiet=True).folder) == weights(whole.folder)
    without = train("without", own | {"augmentation.kinds": ("colour",)}, quiet=True)
    assert weights(without.folder) != weights(whole.folder)
    mine.unlink()
    assert len(zerosum.sample(whole, 2)) == 2


CHANGE = """\
import torch

import zerosum


@zerosum.augmentation("upside-down", numbers=1)
def upside_down(images, numbers, strength):
    return torch.lerp(images, images.flip(2), strength)
"""
DAMAGE = """\
import numpy as np

import zerosum


@zerosum.damage("outlines")
def outlines(picture, random):
    return 255 - picture
"""
LERP = "torch.lerp(images, images.flip(2), strength)"
WRONG = {
    "another shape": (CHANGE.replace(LERP, "images[1:]"), "gives torch.float32 of shape (3,"),
    "no images": (CHANGE.replace("return", "changed ="), "gives NoneType of images"),
    "random": (CHANGE.replace("flip(2)", "flip(2) * torch.rand(1)"), "other images for the same"),
    "others": (CHANGE.replace("flip(2)", "roll(1, 0)"), "in another way when others are beside"),
    "strength": (CHANGE.replace(LERP, "images.flip(2)"), "changes images at strength 0"),
    "no gradient": (CHANGE.replace(LERP, LERP + ".detach()"), "images without a gradient"),
    "rounds": (
        CHANGE.replace(LERP, "torch.where(strength > 0, images.round(), images)"),
        "whose gradient is 0",
    ),
    "changes what it is given": (
        CHANGE.replace("return", "images += 1\n    return"),
        "line 8: Run",
    ),
    "once": (
        CHANGE.replace(LERP, "Once.apply(images)")
        + """

class Once(torch.autograd.Function):
    @staticmethod
    def forward(ctx, images):
        return images.clone()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        return gradient
""",
        "cannot be differentiated twice",
    ),
    "parameters": (CHANGE.replace("strength", "by"), "does not name 'strength'"),
    "a number that is not whole": (
        CHANGE.replace("numbers=1", "numbers=1.5"),
        "numbers=1.5 is not allowed",
    ),
    "a number that is a text": (CHANGE.replace("numbers=1", 'numbers="2"'), "numbers='2' is not"),
    "a logarithm of 0": (CHANGE.replace("flip(2)", "flip(2) + numbers.log().mean()"), "not finite"),
    "how many numbers": (CHANGE.replace(", numbers=1", ""), "numbers=0, and its function names"),
    "a name of zerosum's": (CHANGE.replace("upside-down", "colour"), "zerosum has one of that"),
    "a damage of another type": (DAMAGE.replace("255", "255.0"), "gives float64 of shape (32, 32"),
    "a damage of no seed": (
        DAMAGE.replace("255", "np.random.randint(99, size=picture.shape, dtype=np.uint8)"),
        "gives another picture each time",
    ),
    "a damage without a name": (DAMAGE.replace('("outlines")', ""), "@zerosum.damage is given no"),
    "a damage that is a class": (
        DAMAGE.replace("def outlines", "class outlines:\n  def outlines"),
        "line 6: damage 'outlines': it stands on a class",
    ),
    "a damage of other parameters": (DAMAGE.replace("random", "seed"), "names 'seed'"),
    "a damage that raises": (DAMAGE.replace("255", "225 + no"), "mine.py, line 8: NameError"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_with_the_line_before_a_training_begins(
    mine: Path, case: str
) -> None:
    text, expected = WRONG[case]
    mine.write_text(text)
    more = {
        "augmentation.method": "diffaugment", "augmentation.kinds": ("upside-down",),
        "objective.penalty": "r1", "network.discriminator.norm": "none",
    }  # fmt: skip
    with pytest.raises(ZerosumError, match=r"mine\.py, line \d+") as raised:
        if "damage" in case:
            try_parts(override(small_recipe({}), {**OUTLINES}))
        else:
            zerosum.train("digits", "nowhere", overrides={"with": "mine.py", **more}, quiet=True)
    assert expected in raised.value.what


def test_a_change_that_leaves_nothing_at_full_strength_is_allowed(mine: Path) -> None:
    mine.write_text(CHANGE.replace(LERP, "images * (1 - strength)"))
    try_parts(augmented("diffaugment", **{"augmentation.kinds": ("upside-down",)}))


@pytest.mark.parametrize("what", ["functools.partial(outlines, 1)", "Painter()"])
def test_what_is_no_function_is_refused_in_a_sentence(mine: Path, what: str) -> None:
    body = "import functools\nclass Painter:\n    def __call__(self, picture):\n        pass\n"
    mine.write_text(f"{body}{DAMAGE}\nzerosum.damage('other')({what})\n")
    with pytest.raises(ZerosumError, match=r"mine\.py: damage 'other': it stands on") as raised:
        load_recipe("digits", {"with": "mine.py"})
    assert "Error" not in raised.value.what and "def mine(picture)" in raised.value.remedy


@pytest.mark.usefixtures("mine")
@pytest.mark.parametrize("own", [UPSIDE_DOWN, OUTLINES])
def test_a_part_named_twice_is_refused(own: Mapping[str, Any]) -> None:
    [field] = own.keys() - {"with"}
    with pytest.raises(ZerosumError, match="twice") as raised:
        load_recipe("digits", {**own, field: 2 * own[field]})
    assert raised.value.what.startswith(field) and raised.value.remedy == "name each once"


@pytest.mark.usefixtures("mine")
def test_an_own_damage_that_takes_colours_is_refused_where_there_are_none() -> None:
    with pytest.raises(ZerosumError, match=r"damage\.own = 'outlines' takes colours away, and"):
        small_recipe({**OUTLINES, "data.channels": 1})


@pytest.mark.parametrize("field", ["augmentation.kinds", "damage.own"])
def test_a_part_of_no_file_is_refused(field: str) -> None:
    with pytest.raises(ZerosumError, match="yours comes from a file that"):
        load_recipe("digits", {field: ("outlines",)})


@pytest.mark.usefixtures("mine")
def test_a_part_of_a_file_that_the_recipe_does_not_name_is_refused() -> None:
    load_recipe("digits", UPSIDE_DOWN | {"augmentation.method": "ada"})
    with pytest.raises(ZerosumError, match=r"damage\.own = .* comes from a file that this recipe"):
        small_recipe({"damage.own": ("outlines",)})


@pytest.mark.usefixtures("mine")
def test_a_study_carries_own_kinds() -> None:
    kinds = {"augmentation.method": "diffaugment", **UPSIDE_DOWN}
    [cell] = cells_of(with_texts(tiny_study(grid={}, settings=kinds)))
    assert cell.settings().augmentation.kinds == ("colour", "upside-down")


COLOUR: dict[str, object] = {"data.channels": 3}
SHORT: dict[str, object] = {
    "pretrain.generator_images": 32, "pretrain.critic_images": 0, "schedule.images": 32,
    "schedule.batch": 16, "data.limit": 64, "evaluation.images": 0,
}  # fmt: skip


def outlined(**more: object) -> DamageSettings:
    return override(small_recipe(COLOUR), {**OUTLINES, **more}).damage


@pytest.mark.usefixtures("mine")
def test_an_own_damage_is_done_first_and_leaves_the_draws_of_the_others() -> None:
    picture = random_for(0, "picture").integers(0, 256, (16, 16, 3), dtype=np.uint8)
    before = picture.copy()
    only = {"damage.shrink": 0.0, "damage.jpeg": 0.0, "damage.number": 0.0}
    outlines = damage_picture(picture, outlined(**only), random_for(0, "test"))
    assert np.array_equal(outlines[..., 0], outlines[..., 2]) and (outlines != picture).any()
    assert np.array_equal(picture, before)
    noisy = damage_picture(picture, outlined(**only, **{"damage.noise": 1.0}), random_for(0, "t"))
    of_outlines = damage_picture(outlines, DamageSettings(noise=1.0), random_for(0, "t"))
    assert np.array_equal(noisy, of_outlines)


def test_the_same_image_of_the_stream_gets_the_same_own_damage_in_any_batch(mine: Path) -> None:
    mine.write_text(DAMAGE.replace("255", "random.integers(256, size=3).astype(np.uint8)"))
    damage, images = outlined(), torch.zeros(4, 3, 16, 16)
    whole = damage_batch(images, damage, 3, 10)
    parts = [damage_batch(images[:2], damage, 3, 10 + first) for first in (0, 2)]
    assert torch.equal(whole, torch.cat(parts)) and not torch.equal(whole[0], whole[1])


def test_an_own_damage_draws_the_same_whatever_stands_before_it(mine: Path) -> None:
    other = "\n\n@zerosum.damage('none')\ndef none(picture, random):\n    return picture\n"
    mine.write_text(DAMAGE.replace("255", "random.integers(256, dtype=np.uint8)") + other)
    picture = np.zeros((16, 16, 3), np.uint8)
    alone, after = (
        damage_picture(picture, outlined(**{"damage.own": own}), random_for(0, "test"))
        for own in (("outlines",), ("none", "outlines"))
    )
    assert np.array_equal(alone, after)


def test_a_run_with_an_own_damage_that_stopped_goes_on_as_if_it_had_not(mine: Path) -> None:
    mine.write_text(DAMAGE.replace("255", "random.integers(256, dtype=np.uint8)"))
    recipe = override(small_recipe(SHORT), OUTLINES)
    whole = zerosum.train(recipe, out="whole", devices=CPU, quiet=True)
    with pytest.raises(KeyboardInterrupt):
        zerosum.train(recipe, out="parts", devices=CPU, listener=StopAt(32))
    parts = zerosum.train(recipe, out="parts", devices=CPU, quiet=True)
    assert weights(parts.folder) == weights(whole.folder)


def test_damages_of_other_texts_are_others(mine: Path) -> None:
    before = outlined()
    mine.write_text(mine.read_text() + "# Another.\n")
    after = outlined()
    assert "outlines of mine.py (sha256 " in damage_words(before)
    assert damage_words(before) != damage_words(after) and before.written != after.written
    plain = DamageSettings(shrink=1)
    assert plain.written == plain.model_dump_json(exclude={"own"})


def test_the_damage_of_the_docs_is_undone_and_colours_grey_pictures(mine: Path) -> None:
    recipe = override(small_recipe(COLOUR | SHORT), OUTLINES)
    run = zerosum.train(recipe, out="run", devices=CPU, quiet=True)
    mine.unlink()
    grey = np.zeros((40, 48, 1), np.uint8)
    assert restore_picture(run.generator(), grey).shape == (40, 48, 3)

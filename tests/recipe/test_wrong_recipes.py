"""What a wrong recipe is told: the field, what was given, what is allowed, the nearest name."""

from pathlib import Path

import pytest

from zerosum.errors import UsageError, ZerosumError
from zerosum.recipe.load import load_recipe
from zerosum.recipe.oddities import oddities
from zerosum.recipe.settings import Recipe
from zerosum.recipe.shipped import shipped_recipes


def refusal(overrides: dict[str, object], recipe: str = "dcgan") -> UsageError:
    with pytest.raises(UsageError) as raised:
        load_recipe(recipe, overrides)
    return raised.value


def refusal_of_file(path: Path, text: str) -> ZerosumError:
    path.write_text(text)
    with pytest.raises(ZerosumError) as raised:
        load_recipe(str(path))
    assert str(path) in raised.value.what
    return raised.value


@pytest.mark.parametrize(
    ("field", "given", "allowed"),
    [
        ("network.generator.norm", "group", "'instance'"),
        ("schedule.batch", 0, "should be 1 or more"),
        ("data.resolution", 512, "from 16 to 256 pixels"),
        ("data.resolution", "64x8", "from 16 to 256 pixels"),
        ("data.resolution", "64x", "width x height, such as 64x96"),
        ("data.channels", 4, "1 or 3"),
        ("data.flip", "perhaps", "boolean"),
        ("data.validation", 1.0, "should be less than 1"),
        ("optimizer.generator.learning_rate", 0.0, "should be more than 0"),
        ("optimizer.generator.learning_rate", float("nan"), "finite"),
        ("optimizer.generator.betas", (0.5, 1.5), "should be less than 1"),
        ("network.discriminator.dropout", 1.0, "should be less than 1"),
        ("schedule.keep", 1, "should be 2 or more"),
        ("schedule.epochs", "many", "integer"),
    ],
)
def test_a_wrong_value_is_told_with_its_field_and_what_is_allowed(
    field: str, given: object, allowed: str
) -> None:
    error = refusal({field: given})
    shown = given[1] if isinstance(given, tuple) else given
    assert error.what.startswith(f"{field} = {shown!r} is not allowed: ")
    assert allowed in error.what
    assert error.remedy.startswith(f"{field}: ")
    assert "Value error" not in error.what


@pytest.mark.parametrize(
    ("field", "given", "kind", "remedy"),
    [
        ("objective.loss", "hing", "loss", "did you mean hinge? choose from: non-saturating, "),
        ("objective.penalty", "gp", "penalty", "did you mean gradient? choose from: none, "),
        ("network.kind", "stylegan", "network", "choose from: dcgan, "),
        ("evaluation.scores", ("xyz",), "score", "choose from: fid, "),
    ],
)
def test_the_name_of_a_part_that_there_is_not_has_a_line_and_what_there_is_another(
    field: str, given: object, kind: str, remedy: str
) -> None:
    error = refusal({field: given})
    shown = given[0] if isinstance(given, tuple) else given
    assert error.what == f"{field} = {shown!r} is not allowed: it is no {kind}"
    assert error.remedy.startswith(remedy)
    assert error.remedy.endswith("; one of yours comes from a file that --with names")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("schedule.bach", "schedule.batch"),
        ("batch_size", "batch"),
        ("schedule.learning_rate", "optimizer.generator.learning_rate"),
        ("generator.width", "network.generator.width"),
        ("xyzzy", "zerosum recipes show"),
    ],
)
def test_an_unknown_field_is_told_with_the_nearest_right_one(wrong: str, right: str) -> None:
    error = refusal({wrong: 1})
    assert error.what == f"there is no field {wrong}"
    assert right in error.remedy


def test_an_unknown_section_of_a_file_is_told_by_its_name(tmp_path: Path) -> None:
    error = refusal_of_file(tmp_path / "my.toml", "[shedule]\nbatch = 3\n")
    assert "no field shedule" in error.what
    assert "schedule" in error.remedy


def test_an_unknown_field_of_a_file_is_told_with_its_nearest(tmp_path: Path) -> None:
    error = refusal_of_file(tmp_path / "my.toml", "[network.generator]\nwith = 3\n")
    assert "no field network.generator.with" in error.what
    assert "network.generator.width" in error.remedy


def test_a_value_where_a_section_belongs_is_told_by_the_sections_name(tmp_path: Path) -> None:
    error = refusal_of_file(tmp_path / "my.toml", "schedule = 3\n")
    assert "schedule = 3" in error.what
    assert "section" in error.what
    assert "[schedule]" in error.remedy


@pytest.mark.parametrize("name", ["seed.x", "schedule.batch.x", "schedule"])
def test_a_name_that_goes_through_a_field_or_stops_at_a_section_is_refused(name: str) -> None:
    error = refusal({name: 3})
    assert name in error.what
    assert error.remedy


def test_what_is_no_toml_is_told_with_the_way_to_a_right_file(tmp_path: Path) -> None:
    error = refusal_of_file(tmp_path / "my.toml", "batch: 3\n")
    assert "not a TOML file" in error.what
    assert "line 1" in error.what
    assert "zerosum recipes show dcgan > my.toml" in error.remedy


def test_a_binary_file_is_no_recipe(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\xff\xff")
    with pytest.raises(ZerosumError, match="not a TOML file"):
        load_recipe(str(path))


def test_a_missing_recipe_is_told_with_the_nearest_shipped_one() -> None:
    with pytest.raises(UsageError) as raised:
        load_recipe("dcgan-minst")
    assert raised.value.what == "there is no recipe 'dcgan-minst'"
    assert "dcgan-mnist" in raised.value.remedy


@pytest.mark.parametrize("penalty", ["gradient", "r1", "r2", "r1+r2"])
def test_batch_norm_in_a_penalised_discriminator_is_refused_with_the_reason(penalty: str) -> None:
    error = refusal({"objective.penalty": penalty})
    assert f"objective.penalty = {penalty!r}" in error.what
    assert "network.discriminator.norm = 'batch'" in error.what
    assert "mixes the images" in error.what
    assert "'instance', 'layer' or 'none'" in error.remedy
    for norm in ("instance", "layer", "none"):
        fine: dict[str, object] = {
            "objective.penalty": penalty,
            "network.discriminator.norm": norm,
        }
        assert load_recipe("dcgan", fine).objective.penalty == penalty


@pytest.mark.parametrize("loss", ["wasserstein", "hinge", "relativistic"])
@pytest.mark.parametrize(
    "field", [("real_label", 0.9), ("fake_label", 0.1), ("generator_label", 0.9)]
)
def test_labels_are_not_smoothed_where_the_loss_has_none(
    loss: str, field: tuple[str, float]
) -> None:
    error = refusal({"objective.loss": loss, f"objective.{field[0]}": field[1]})
    assert f"objective.loss = {loss!r} has no labels to smooth" in error.what
    assert f"objective.{field[0]}" in error.remedy


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"data.fit": "box"}, "data.box"),
        ({"network.kind": "mlp", "network.generator.extra_layers": 1}, "extra_layers"),
        ({"network.kind": "mlp", "network.discriminator.norm": "instance"}, "instance"),
        ({"schedule.epochs": 0}, "schedule.images"),
        ({"evaluation.scores": ("kid", "recall")}, "evaluation.decides = 'fid'"),
        ({"evaluation.scores": ()}, "evaluation.decides = 'fid'"),
    ],
)
def test_settings_that_make_no_sense_together_are_refused(
    overrides: dict[str, object], said: str
) -> None:
    error = refusal(overrides)
    assert said in error.what
    assert error.remedy != ""


def test_a_recipe_never_changes_after_it_is_built() -> None:
    recipe = Recipe()
    with pytest.raises(ValueError, match="frozen"):
        recipe.seed = 3  # type: ignore[misc]


def test_clipping_weights_that_are_divided_by_their_size_is_refused() -> None:
    error = refusal({"objective.clip": 0.01, "network.discriminator.spectral_norm": True})
    assert "objective.clip = 0.01 with network.discriminator.spectral_norm" in error.what
    assert "leave objective.clip at 0" in error.remedy


@pytest.mark.parametrize("name", shipped_recipes())
def test_shipped_recipes_have_nothing_odd(name: str) -> None:
    assert oddities(load_recipe(name)) == []


@pytest.mark.parametrize(
    ("recipe", "fields", "words"),
    [
        ("sngan", {"objective.penalty": "r1"}, "both bound the discriminator's gradient"),
        ("wgan-gp", {"objective.clip": 0.01}, "both bound the critic's gradient"),
        ("sngan", {"network.discriminator.norm": "batch"}, "scales what spectral norm has bounded"),
        ("sngan", {"network.discriminator.bias": "none"}, "a grey image has the score 0"),
        ("wgan", {"objective.clip": 0.0}, "needs a critic of bounded gradient"),
    ],
)
def test_settings_that_are_seldom_meant_are_allowed_and_told(
    recipe: str, fields: dict[str, object], words: str
) -> None:
    (oddity,) = oddities(load_recipe(recipe, fields))
    assert words in oddity


ADA: dict[str, object] = {"augmentation.method": "ada"}
FIXED = ADA | {"augmentation.target": 0.0, "augmentation.probability": 0.3}
WITHOUT_SIGN: dict[str, object] = {"objective.loss": "relativistic"}


@pytest.mark.parametrize(
    ("given", "what", "remedy"),
    [
        ({"augmentation.kinds": ["colour"]}, "method is 'none'", "set that, or leave"),
        ({"augmentation.strength": 0.5}, "is for diffaugment,", "augmentation.strength out"),
        (ADA | {"augmentation.strength": 0.5}, "is for diffaugment,", "augmentation.strength out"),
        ({"augmentation.last_strength": 0.5}, "is for diffaugment,", "last_strength out"),
        ({"augmentation.target": 0.5}, "is for ada,", "augmentation.target out"),
        (
            {"augmentation.method": "diffaugment", "augmentation.kinds": ["flip"]},
            "has no 'flip'",
            "colour, shift, hole",
        ),
        (
            {"augmentation.method": "diffaugment", "augmentation.strength": 0.0},
            "strength = 0 changes no image",
            "to 'none'",
        ),
        (FIXED | {"augmentation.probability": 0.0}, "changes no image", "set one of the two"),
        (FIXED | {"augmentation.images": 500}, "images = 500 is how fast", "images at 0"),
        (ADA | WITHOUT_SIGN, "says nothing with objective.loss = 'relativistic'", "diffaugment"),
    ],
)
def test_fields_of_an_augmentation_that_do_nothing_are_refused(
    given: dict[str, object], what: str, remedy: str
) -> None:
    error = refusal(given)
    assert what in error.what
    assert remedy in error.remedy


def test_ada_with_a_fixed_probability_is_for_every_loss() -> None:
    assert load_recipe("dcgan", WITHOUT_SIGN | FIXED).augmentation.probability == 0.3


def test_ada_that_begins_with_nothing_may_be_led_by_the_schedule() -> None:
    led = {"augmentation.last_probability": 0.5, "schedule.decay": "linear"}
    recipe = load_recipe("dcgan", FIXED | {"augmentation.probability": 0.0} | led)
    assert recipe.augmentation.last_probability == 0.5


@pytest.mark.parametrize(
    ("kind", "name", "value", "kinds"),
    [
        ("adam", "weight_decay", 0.1, "adamw"),
        ("adamw", "momentum", 0.9, "rmsprop and sgd"),
        ("sgd", "epsilon", 1e-6, "adam and adamw and rmsprop"),
    ],
)
def test_what_an_optimiser_does_not_have_is_refused(
    kind: str, name: str, value: float, kinds: str
) -> None:
    error = refusal({"optimizer": kind, f"optimizer.generator.{name}": value})
    assert error.what == f"optimizer.generator.{name} is for {kinds}, and this is {kind!r}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("generator.classes", "norm"),
        ("generator.embedding", 16),
        ("discriminator.classes", "classifier"),
    ],
)
def test_how_classes_get_in_is_refused_where_none_are_learnt(name: str, value: object) -> None:
    given: dict[str, object] = {f"network.{name}": value}
    error = refusal(given)
    assert error.what.startswith(f"network.{name} = {value!r} is for network.conditional")
    assert f"leave network.{name} at " in error.remedy
    assert load_recipe("dcgan", given | {"network.conditional": True}).classes


def test_the_weight_of_a_classifier_is_for_one_that_is_there_and_learns() -> None:
    projection: dict[str, object] = {"network.conditional": True, "objective.class_weight": 0.5}
    error = refusal(projection)
    assert error.what.startswith("objective.class_weight = 0.5 is for network.discriminator.class")
    assert "leave objective.class_weight at 1.0" in error.remedy
    classifier = projection | {"network.discriminator.classes": "classifier"}
    error = refusal(classifier | {"objective.class_weight": 0.0})
    assert "nothing says whether a picture is of its class" in error.what
    assert "'projection'" in error.remedy
    assert load_recipe("dcgan", classifier).objective.class_weight == 0.5


def test_scores_of_classes_are_refused_where_none_are_learnt() -> None:
    given: dict[str, object] = {"evaluation.scores": ["fid", "class-kid", "class-accuracy"]}
    error = refusal(given)
    assert "'class-kid', 'class-accuracy', of images that are asked for by class" in error.what
    assert load_recipe("dcgan", given | {"network.conditional": True}).classes


@pytest.mark.parametrize("name", shipped_recipes())
def test_a_remedy_for_norms_that_classes_have_not_is_one_of_the_family(name: str) -> None:
    """Where the norm that is named is taken, nothing is refused."""
    recipe = load_recipe(name)
    if not recipe.network.family.task.latents:
        return
    given: dict[str, object] = {
        "network.conditional": True,
        "network.generator.classes": "norm",
        "network.generator.norm": "none",
    }
    error = refusal(given, name)
    assert "take 'embedding'" in error.remedy
    assert ("'batch'" in error.remedy) == (recipe.network.kind != "r3")
    if "'batch'" in error.remedy:
        load_recipe(name, given | {"network.generator.norm": "batch"})

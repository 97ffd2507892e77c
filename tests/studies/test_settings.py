"""What a study's file may say, and what is said when it is wrong."""

from pathlib import Path

import pytest

from zerosum.errors import UsageError, ZerosumError
from zerosum.recipe.changes import budget_words
from zerosum.recipe.load import load_recipe
from zerosum.studies.cells import cells_of
from zerosum.studies.load import load_study, parse_study
from zerosum.studies.shipped import shipped_presets, shipped_studies

GRID = """
recipe = "dcgan"
data = "photos"
seeds = [0, 1]
images = 2_000_000
[grid]
learning-rate = [2e-3, 2e-4]
optimizer = ["adam", "rmsprop"]
[table]
rows = "optimizer"
columns = "learning-rate"
score = "fid"
[[published]]
where = { learning-rate = 2e-4, optimizer = "adam" }
fid = 76.55
protocol = "against validation images"
"""


def wrong(text: str) -> ZerosumError:
    """What is said about a study."""
    with pytest.raises(ZerosumError) as caught:
        parse_study(text, "mine", "mine.toml")
    return caught.value


def test_a_study_reads_as_the_documentation_shows_it() -> None:
    study = parse_study(GRID, "mine", "mine.toml")

    assert study.recipe == ("dcgan",)
    assert study.axes == ("learning-rate", "optimizer")
    assert study.budget == "2,000,000 images"
    assert study.table.rows == ("optimizer",)
    assert study.published[0].scores == {"fid": 76.55}


def test_several_recipes_and_images_are_axes() -> None:
    study = parse_study('recipes = ["dcgan", "wgan"]\ndata = ["a", "b"]', "mine", "mine.toml")

    assert study.axes == ("recipe", "data")


def test_a_nested_field_may_be_written_with_or_without_quotes() -> None:
    bare = parse_study('recipe = "dcgan"\n[settings]\ndata.limit = 9', "mine", "")
    quoted = parse_study('recipe = "dcgan"\n[settings]\n"data.limit" = 9', "mine", "")

    assert bare == quoted
    assert bare.settings == {"data.limit": 9}


def test_another_feature_network_is_named_below_settings() -> None:
    told = wrong('recipe = "dcgan"\nextractor = "mine-net"')

    assert "extractor = 'mine-net' is not allowed" in told.what
    assert '"evaluation.extractor" = "mine-net" below [settings]' in told.remedy


PRESET = """
recipe = "dcgan"
epochs = 15
[settings]
data.fit = "pad"
"data.limit" = 9
batch = 8
[grid]
latent = [16, 100]
[preset.short]
images = 64
settings = { batch = 4, data.limit = 5 }
grid = { latent = [16] }
"""


def test_a_preset_replaces_what_it_says_and_leaves_the_rest() -> None:
    whole = parse_study(PRESET, "mine", "mine.toml")
    short = parse_study(PRESET, "mine-short", "mine.toml", "short")

    assert (whole.budget, short.budget) == ("15 epochs", "64 images")
    assert whole.settings == {"data.fit": "pad", "data.limit": 9, "batch": 8}
    assert short.settings == {"data.fit": "pad", "data.limit": 5, "batch": 4}
    assert (whole.grid["latent"], short.grid["latent"]) == ((16, 100), (16,))
    assert (whole.preset, short.preset) == ("", "short")


@pytest.mark.parametrize(
    ("text", "preset", "remedy"),
    [
        (PRESET, "shrt", "did you mean short?"),
        (PRESET, "cpu-hours", "it has: short"),
        (GRID, "cpu-hours", "leave --preset out"),
    ],
)
def test_a_preset_that_a_study_has_not_is_told(text: str, preset: str, remedy: str) -> None:
    with pytest.raises(UsageError, match=f"has no preset '{preset}'") as told:
        parse_study(text, "mine", "mine.toml", preset)
    assert remedy in told.value.remedy


def test_a_preset_that_is_no_table_is_told() -> None:
    assert "[preset.NAME]" in wrong('recipe = "dcgan"\npreset = "short"').remedy
    assert "[preset.NAME]" in wrong('recipe = "dcgan"\n[preset.short]\npreset = "long"').remedy


def test_a_mistake_in_a_preset_is_told_before_anybody_asks_for_it() -> None:
    told = wrong('recipe = "dcgan"\n[preset.short]\nimags = 3')
    assert told.what == "mine.toml, preset short: there is no imags in a study"
    assert "did you mean images?" in told.remedy


def test_every_shipped_study_has_a_preset_for_hours_of_a_processor() -> None:
    assert shipped_presets()["cpu-hours"] == shipped_studies()
    assert load_study("latent-collapse", "cpu-hours").name == "latent-collapse-cpu-hours"


@pytest.mark.parametrize(
    ("name", "preset"),
    [
        *((study, "") for study in shipped_studies()),
        *((study, preset) for preset, studies in shipped_presets().items() for study in studies),
    ],
)
def test_every_shipped_study_has_valid_cells_and_finds_its_published_settings(
    name: str, preset: str
) -> None:
    study = load_study(name, preset)
    cells = cells_of(study)

    for published in study.published:
        where = {axis: value for axis, value in published.where.items() if axis != "longer"}
        matching = [cell for cell in cells if where.items() <= cell.published_axes.items()]
        assert matching or published.name


def test_the_three_models_of_the_thesis_have_generators_of_one_size() -> None:
    recipes = [load_recipe(name) for name in load_study("three-models").recipe]
    assert [recipe.network.generator.width for recipe in recipes] == [128] * 3
    assert len({recipe.network.discriminator.width for recipe in recipes}) == 1


@pytest.mark.parametrize(
    ("text", "what", "remedy"),
    [
        ("recipe = ", "is not a TOML file", "study show"),
        ("data = 'x'", "does not say recipe", 'recipe = "dcgan"'),
        ("recipe = 'dcgan'\nseed = 3", "no seed in a study", "did you mean seeds?"),
        ("recipe = 'dcgan'\n[grid]\nlearningrate = [1]", "no field learningrate", "learning-rate"),
        ("recipe = 'dcgan'\n[grid]\nseed = [1]", "seed is not set here", "seeds = [0, 1, 2]"),
        ("recipe = 'dcgan'\n[grid]\nlatent = []", "latent has no values", "list"),
        ("recipe = 'dcgan'\nimages = 9\nepochs = 9", "three ways to say it", "keep one"),
        ("recipe = 'dcgan'\nimages = 9\n[grid]\nepochs = [1, 2]", "is a budget", "keep one"),
        ("recipe = 'dcgan'\nseeds = [1, 1]", "a number twice", "leave one"),
        ("recipe = 'dcgan'\n[table]\nscore = 'fip'", "is no score", "fid"),
        (
            "recipe = 'dcgan'\n[grid]\nlatent = [1, 2]\n[table]\nrows = 'latnet'",
            "no axis",
            "did you mean latent?",
        ),
        ("recipe = 'dcgan'\n[grid]\nlatent = {low = 2, high = 1}", "below high", "study show"),
        (
            "recipe = 'dcgan'\n[[published]]\nfid = 3",
            "not say published.0.protocol",
            "say how",
        ),
    ],
)
def test_a_wrong_study_is_told_what_and_what_to_do(text: str, what: str, remedy: str) -> None:
    error = wrong(text)

    assert what in error.what
    assert remedy in error.what + error.remedy
    assert "\n" not in error.what


def test_a_study_that_is_not_there_has_the_nearest_name() -> None:
    with pytest.raises(UsageError) as caught:
        load_study("mnist-capacty")

    assert "did you mean mnist-capacity?" in caught.value.remedy


def test_a_study_that_is_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ZerosumError, match="not a text file"):
        load_study(str(file))


@pytest.mark.parametrize(
    ("minutes", "words"), [(1, "1 minute"), (0.5, "0.5 minutes"), (2, "2 minutes")]
)
def test_a_budget_of_one_minute_is_one_minute(minutes: float, words: str) -> None:
    assert budget_words(0, 0, minutes) == words

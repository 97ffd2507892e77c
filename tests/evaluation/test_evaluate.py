"""What `zerosum evaluate` promises of its images, its real images and its protocols."""

import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest

import zerosum
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation import named_protocol
from zerosum.evaluation.evaluate import evaluate
from zerosum.evaluation.protocol import disagreements
from zerosum.evaluation.request import Request
from zerosum.evaluation.scoring import Scores
from zerosum.generation.generator import load_generator
from zerosum.generation.images import run_images
from zerosum.generation.sample import write_samples
from zerosum.records.run import RunFolder

Write = Callable[..., Path]
CHEAP = ("fid", "kid")


@pytest.fixture(scope="session")
def digits_run(make_run: Callable[..., RunFolder]) -> RunFolder:
    """A run on the bundled digits, with an average; nobody trained it."""
    return make_run({"data.source": "digits", "schedule.average": 1000, "evaluation.images": 60})


@pytest.fixture(scope="session")
def pictures(digits_run: RunFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 pictures of that run, made by `zerosum sample`; shared, so nobody may change them."""
    folder = tmp_path_factory.mktemp("fakes") / "pictures"
    write_samples(load_generator(digits_run, device="cpu"), folder, 60)
    return folder


def score(images: object, against: object = "", **options: object) -> Scores:
    request = Request(str(images), str(against), device="cpu", **{"scores": CHEAP} | options)  # type: ignore[arg-type]
    return evaluate(request, run_images).scores


def refusal(images: object, against: object = "", **options: object) -> UsageError:
    with pytest.raises(UsageError) as error:
        score(images, against, **options)
    return error.value


def numbers(scores: Scores) -> dict[str, float]:
    return {name: result.value for name, result in scores.values.items()}


def close(scores: Scores) -> object:
    """The same numbers but for the last digits, which depend on where in memory a matrix lies."""
    return pytest.approx(numbers(scores), rel=1e-6, abs=1e-6)


# What is scored


def test_a_run_its_checkpoint_its_pictures_and_their_archives_have_the_same_numbers(
    digits_run: RunFolder, pictures: Path, tmp_path: Path
) -> None:
    run = score(digits_run.path, count=60, scores=("fid", "kid", "precision", "recall", "coverage"))
    assert run.protocol.source == "tiny" and run.protocol.checkpoint == "000200000"
    assert (run.protocol.generator, run.protocol.fit) == ("average", "pad")
    zipped = shutil.make_archive(str(tmp_path / "pictures"), "zip", pictures)
    with tarfile.open(tmp_path / "pictures.tar", "w") as archive:
        archive.add(pictures, "inside")
    options = {"fit": "pad", "scores": tuple(run.values)}
    for images in (pictures, zipped, tmp_path / "pictures.tar", tmp_path / "pictures.tar/inside"):
        scores = score(images, "digits", **options)
        assert numbers(scores) == close(run)
        assert disagreements(scores.protocol, run.protocol) == {}
        assert scores.protocol.checkpoint == "" and scores.protocol.generator == ""
    checkpoint = score(digits_run.checkpoints / "000200000", count=60)
    assert checkpoint["fid"] == pytest.approx(run["fid"])


def test_a_run_is_scored_on_as_many_images_and_by_what_its_recipe_says(
    digits_run: RunFolder,
) -> None:
    scores = evaluate(Request(str(digits_run.path), device="cpu"), run_images).scores
    assert scores.protocol.fakes == 60
    assert tuple(scores.values) == ("fid", "kid", "precision", "recall", "coverage")
    assert (scores.protocol.reals, scores.protocol.real_part) == (2000, "held out")


def test_other_weights_and_other_seeds_are_other_pictures(digits_run: RunFolder) -> None:
    average = score(digits_run.path)
    last = score(digits_run.path, average=False)
    seeded = score(digits_run.path, seed=1)
    assert (last.protocol.generator, seeded.protocol.seed) == ("last", 1)
    assert len({average["fid"], last["fid"], seeded["fid"]}) == 3
    assert disagreements(average.protocol, last.protocol) == {}
    assert disagreements(average.protocol, seeded.protocol) == {}


def test_the_first_pictures_of_a_folder_are_taken(pictures: Path) -> None:
    assert score(pictures, "digits", fit="pad", count=30).protocol.fakes == 30
    error = refusal(pictures, "digits", fit="pad", count=61)
    assert error.what == "61 generated images were asked for, and pictures has 60"
    assert "leave --images out" in error.remedy


def test_the_python_function_does_what_the_command_does(pictures: Path) -> None:
    options: dict[str, Any] = {"scores": ("fid",), "fit": "pad", "device": "cpu"}
    scores = zerosum.evaluate(pictures, "digits", **options)
    assert scores["fid"] == pytest.approx(score(pictures, "digits", fit="pad")["fid"])


def test_checkpoints_and_weights_are_those_of_runs(digits_run: RunFolder, pictures: Path) -> None:
    error = refusal(pictures, "digits", checkpoint="best")
    assert "is no run" in error.what and "--checkpoint" in error.remedy
    assert "--average" in refusal(pictures, "digits", average=False).remedy
    error = refusal(digits_run.checkpoints / "000200000", checkpoint="best")
    assert "is one checkpoint, and --checkpoint best another" in error.what
    with pytest.raises(ZerosumError, match="has no checkpoint '5'") as missing:
        score(digits_run.path, checkpoint="5")
    assert "000200000" in missing.value.remedy


@pytest.mark.parametrize("option", [{"resolution": 64}, {"channels": 3}, {"fit": "crop"}])
def test_the_size_of_a_run_cannot_be_chosen(
    digits_run: RunFolder, option: dict[str, object]
) -> None:
    error = refusal(digits_run.path, **option)
    assert "is a run, whose images are 32×32 and grey, with fit pad" in error.what
    assert error.remedy == f"leave --{next(iter(option))} out"


# What it is compared with


@pytest.fixture
def divided_run(make_run: Callable[..., RunFolder], write_pictures: Write) -> RunFolder:
    """A run on a folder of 30 training and 20 test images."""
    write_pictures("divided/train", 30, grey=True)
    folder = write_pictures("divided/test", 20, grey=True).parent
    return make_run({"data.source": str(folder), "evaluation.images": 15})


def test_a_run_is_compared_with_the_part_that_is_asked_for(divided_run: RunFolder) -> None:
    for part, of_the_protocol, count in (
        ("auto", "held out", 20),
        ("train", "train", 30),
        ("held out", "held out", 20),
        ("all", "all", 50),
    ):
        protocol = score(divided_run.path, part=part, extractor="digits").protocol
        assert (protocol.real_part, protocol.reals) == (of_the_protocol, count)


def test_a_run_may_be_compared_with_other_images(
    digits_run: RunFolder, write_pictures: Write
) -> None:
    photos = write_pictures("photos", 30, side=40)
    scores = score(digits_run.path, photos, extractor="digits", count=20)
    assert (scores.protocol.real_data, scores.protocol.reals) == ("photos", 30)
    assert (scores.protocol.channels, scores.protocol.fit) == (1, "pad")
    assert "30 of 30 images of photos are not 32×32" in scores.notes[0]


def test_a_run_is_no_collection_of_real_images(digits_run: RunFolder, pictures: Path) -> None:
    error = refusal(pictures, digits_run.path)
    assert "is a run, and its images are not real" in error.what
    assert error.remedy.endswith("--against digits")


def test_images_of_a_run_that_were_named_by_their_path_are_its_own(
    make_run: Callable[..., RunFolder],
    write_pictures: Write,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photos = write_pictures("photos", 40, grey=True)
    run = make_run({"data.source": str(photos), "data.validation": 0.25})
    monkeypatch.chdir(photos.parent)
    options = {"extractor": "digits", "count": 20, "part": "held out"}
    assert score(run.path, "photos", **options).protocol.reals == 10
    assert score(run.path, photos, **options).protocol.reals == 10


def test_images_that_are_no_run_need_something_to_be_compared_with(pictures: Path) -> None:
    error = refusal(pictures)
    assert "it is not known what to compare its images with" in error.what
    assert "--against DATA" in error.remedy


def test_pictures_that_are_not_square_are_treated_alike_on_both_sides(
    write_pictures: Write,
) -> None:
    fakes = write_pictures("fakes", 20, side=40, height=32, grey=True)
    reals = write_pictures("reals", 20, side=40, height=32, grey=True)
    whole = score(fakes, reals, extractor="digits")
    assert whole.protocol.resolution == "40x32" and not any("are not" in n for n in whole.notes)
    cropped = score(fakes, reals, extractor="digits", resolution=32)
    assert (cropped.protocol.fit, cropped.protocol.resolution) == ("crop", 32)
    assert disagreements(cropped.protocol, whole.protocol)["resolution"] == (32, "40x32")
    padded = score(fakes, reals, extractor="digits", resolution=32, fit="pad")
    assert padded.protocol.fit == "pad"
    assert [("padded with black" in note) for note in padded.notes[:2]] == [True, True]
    assert padded["fid"] != cropped["fid"]
    assert "fit" in disagreements(padded.protocol, cropped.protocol)
    again = score(fakes, fakes, extractor="digits", resolution=32, fit="pad")
    assert numbers(again)["fid"] < 1e-3


def test_pictures_of_another_size_are_brought_to_that_of_the_generated_ones(
    write_pictures: Write,
) -> None:
    fakes = write_pictures("fakes", 20, side=24, grey=True)
    reals = write_pictures("reals", 20, side=48, grey=True)
    scores = score(fakes, reals, extractor="digits")
    assert scores.protocol.resolution == 24
    assert "20 of 20 images of reals are not 24×24" in scores.notes[0]
    both = score(fakes, reals, extractor="digits", resolution=32)
    assert both.protocol.resolution == 32
    assert ["fakes" in both.notes[0], "reals" in both.notes[1]] == [True, True]
    assert both.protocol.channels == 1, "--resolution alone does not make grey pictures coloured"


def test_grey_is_compared_with_colour_only_when_somebody_says_so(write_pictures: Write) -> None:
    grey = write_pictures("grey", 20, side=32, grey=True)
    colour = write_pictures("colour", 20, side=32)
    error = refusal(grey, colour, extractor="digits")
    assert error.what == "grey is grey and colour is colour"
    assert "--channels 3 or --channels 1" in error.remedy
    assert refusal(colour, grey, extractor="digits").what == "colour is colour and grey is grey"
    assert score(colour, grey, extractor="digits", channels=1).protocol.channels == 1
    error = refusal(colour, grey, extractor="digits", channels=3)
    assert "takes grey images" in error.what and "--channels 1" in error.remedy


def test_too_few_images_are_refused_on_either_side(write_pictures: Write) -> None:
    few, enough = (write_pictures(str(n), n, side=32, grey=True) for n in (9, 10))
    assert "9 generated images are too few" in refusal(few, enough, extractor="digits").what
    assert "9 real images are too few" in refusal(enough, few, extractor="digits").what
    assert score(enough, enough, extractor="digits")["fid"] < 1e-3


def test_damaged_files_are_left_out_and_it_is_said(write_pictures: Write) -> None:
    fakes = write_pictures("fakes", 12, side=32, grey=True)
    (fakes / "broken.png").write_bytes(b"no picture")
    (fakes / "short.png").write_bytes((fakes / "000.png").read_bytes()[:200])
    scores = score(fakes, fakes, extractor="digits")
    assert scores.protocol.fakes == 12
    assert "2 unreadable files of fakes left out" in scores.notes


def test_what_is_not_there_is_refused_with_the_nearest_name(tmp_path: Path, pictures: Path) -> None:
    with pytest.raises(ZerosumError, match="there is nothing at") as error:
        score(pictures.with_name("picture"), "digits")
    assert "pictures" in error.value.remedy
    with pytest.raises(ZerosumError, match="there is nothing at digts") as error:
        score(pictures, "digts")
    assert "did you mean digits" in error.value.remedy
    (tmp_path / "empty").mkdir()
    with pytest.raises(ZerosumError, match="empty has no images"):
        score(tmp_path / "empty", "digits")
    with pytest.raises(ZerosumError, match="empty has no images"):
        score(pictures, tmp_path / "empty")
    with zipfile.ZipFile(tmp_path / "texts.zip", "w") as archive:
        archive.writestr("read.txt", "nothing")
    with pytest.raises(ZerosumError, match="texts has no images"):
        score(tmp_path / "texts.zip", "digits")
    (tmp_path / "torn.zip").write_bytes(b"PK\3\4 and no more")
    with pytest.raises(ZerosumError, match="torn"):
        score(tmp_path / "torn.zip", "digits")


def test_images_of_a_run_that_are_gone_are_told(
    make_run: Callable[..., RunFolder], write_pictures: Write
) -> None:
    photos = write_pictures("photos", 20)
    run = make_run({"data.source": str(photos)})
    shutil.rmtree(photos)
    with pytest.raises(ZerosumError, match="there is nothing at"):
        score(run.path, extractor="digits")


# Scores, features


@pytest.mark.parametrize(
    ("options", "told", "remedy"),
    [
        ({"scores": ("fdi",)}, "there is no score 'fdi'", "did you mean fid?"),
        ({"protocol": "digit"}, "there is no protocol 'digit'", "did you mean digits?"),
        ({"extractor": "inceptoin"}, "there is no extractor 'inceptoin'", "inception"),
        ({"extractor": "digits", "layer": "2048"}, "digits has no layer '2048'", "features"),
        ({"extractor": "digits", "layer": "feature"}, "no layer 'feature'", "mean features?"),
        ({"extractor": "digits", "resize": "clean"}, "own way of resizing", "leave --resize out"),
        ({"extractor": "digits", "scores": ("copying",)}, "needs the training images", "score a"),
    ],
)
def test_wrong_words_get_the_right_ones(
    pictures: Path, options: dict[str, object], told: str, remedy: str
) -> None:
    error = refusal(pictures, "digits", fit="pad", **options)
    assert told in error.what and remedy in error.remedy


def test_a_file_that_holds_no_weights_is_refused(pictures: Path, tmp_path: Path) -> None:
    for name in ("weights.pth", "weights.safetensors"):
        (tmp_path / name).write_text("no weights")
        with pytest.raises(ZerosumError, match=f"{name} is no file of weights"):
            score(pictures, pictures, extractor="inception", weights=tmp_path / name)
    with pytest.raises(ZerosumError, match="there are no weights at") as error:
        score(pictures, pictures, extractor="inception", weights=tmp_path / "none.pth")
    assert "--weights" in error.value.remedy


def test_without_inception_weights_it_is_said_which_file_to_get_and_where_to_put_it(
    make_run: Callable[..., RunFolder],
    write_pictures: Write,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr("urllib.request.OpenerDirector.open", no_network)
    monkeypatch.setattr("zerosum.download.WAIT", 0)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ZEROSUM_INCEPTION_WEIGHTS", raising=False)
    run = make_run({"data.source": str(write_pictures("photos", 20)), "data.channels": 3})
    with pytest.raises(ZerosumError, match="no Inception weights on this machine") as error:
        score(run.path)
    assert "could not be downloaded" in error.value.what and "no route to host" in error.value.what
    for part in ("weights-inception-2015-12-05-6726825d.pth", "toshas/torch-fidelity", "--weights",
                 "ZEROSUM_INCEPTION_WEIGHTS", "zerosum/weights"):  # fmt: skip
        assert part in error.value.remedy


def test_copies_are_sought_among_what_the_run_was_trained_on(
    make_run: Callable[..., RunFolder], write_pictures: Write
) -> None:
    photos = write_pictures("photos", 40, grey=True)
    run = make_run({"data.source": str(photos)})
    others = write_pictures("others", 20, grey=True)
    options = {"extractor": "digits", "count": 20, "scores": ("copying",)}
    own = score(run.path, **options)["copying"]
    assert score(run.path, others, **options)["copying"] == own
    assert 0 <= own <= 1


# The floor


def test_the_floor_is_between_training_and_test_images(divided_run: RunFolder) -> None:
    for part, words in (
        ("held out", "15 of divided (train) against these"),
        ("train", "15 of divided (held out) against these"),
        ("all", "15 of the real images against 25 others"),
    ):
        scores = score(divided_run.path, part=part, extractor="digits")
        assert scores.floor is not None and scores.floor.words == words
        assert bool(scores.floor.size) is (part == "all")
        assert scores.floor.scores["fid"].value < scores["fid"]


def test_a_folder_has_a_floor_against_a_set_with_test_images(
    pictures: Path, divided_run: RunFolder
) -> None:
    reals = zerosum.Run(divided_run).recipe().data.source
    scores = score(pictures, reals, extractor="digits")
    assert scores.floor is not None
    assert scores.floor.words == "30 of divided (train) against these"


def test_images_that_none_were_held_out_of_have_a_floor_of_halves(
    pictures: Path, write_pictures: Write
) -> None:
    reals = write_pictures("reals", 40, side=32, grey=True)
    for part in ("all", "train"):
        scores = score(pictures, reals, part=part, extractor="digits")
        assert scores.floor is not None
        assert scores.floor.words == "the real images in halves of 20"


# References


def test_a_saved_reference_gives_the_same_numbers_without_the_images(
    digits_run: RunFolder, pictures: Path, tmp_path: Path
) -> None:
    file = tmp_path / "real.safetensors"
    images = score(digits_run.path, save_reference=file)
    for fakes in (digits_run.path, pictures):
        scores = score(fakes, file)
        assert numbers(scores) == close(images)
        assert disagreements(scores.protocol, images.protocol) == {}
        assert scores.protocol.fit == "pad"
        assert scores.protocol.name == images.protocol.name == "custom"
    floor = score(digits_run.path, file).floor
    assert floor is not None and floor.words == "60 of the real images against 1,000 others"


def test_a_reference_made_otherwise_is_refused(
    digits_run: RunFolder, pictures: Path, tmp_path: Path, write_pictures: Write
) -> None:
    file = tmp_path / "real.safetensors"
    score(digits_run.path, save_reference=file)
    for option, value in (
        ("extractor", "inception"), ("layer", "2048"), ("resize", "clean"), ("precision", "bf16"),
        ("fit", "crop"), ("part", "train"),
    ):  # fmt: skip
        error = refusal(pictures, file, **{option: value})
        assert f"{value} was asked for" in error.what
        assert "leave --" in error.remedy and "make the reference again" in error.remedy
    large = write_pictures("large", 20, side=40, grey=True)
    assert refusal(large, file).remedy == "add --resolution 32"
    scores = score(large, file, resolution=32)
    assert "(padded with black)" in scores.notes[0], "as the images of the reference were"
    colour = write_pictures("colour", 20, side=32)
    assert refusal(colour, file).remedy == "add --channels 1"
    assert score(colour, file, channels=1).protocol.channels == 1


# Protocols


@pytest.fixture
def protocols(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Protocols like those that come with zerosum, of few images."""
    folder = tmp_path / "protocols"
    folder.mkdir()
    network = 'extractor = "digits"\nlayer = "features"\nresize = "none"\nprecision = "float32"\n'
    texts = {
        "few-digits": 'data = "digits"\npart = "held out"\nreals = 100\nfakes = 40\n'
        "resolution = 32\n",
        "cut-digits": 'data = "digits"\npart = "all"\nreals = 60\nfakes = 40\nfit = "box"\n'
        "box = 20\nresolution = 32\n",
        "any-folder": 'part = "all"\nfakes = 30\nfakes_at_least_reals = true\nmost_reals = 50\n',
    }
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(f"# The protocol {name} of the tests\n{text}{network}")
    monkeypatch.setattr(named_protocol, "FOLDER", folder)
    return folder


@pytest.mark.usefixtures("protocols")
def test_a_named_protocol_settles_everything(digits_run: RunFolder, pictures: Path) -> None:
    scores = score(digits_run.path, protocol="few-digits")
    assert scores.protocol.name == "few-digits"
    assert (scores.protocol.fakes, scores.protocol.reals) == (40, 100)
    assert scores.protocol.real_part == "held out"
    folder = score(pictures, protocol="few-digits", fit="pad")
    assert folder.protocol.name == "few-digits"
    assert numbers(folder) == close(scores)
    assert disagreements(folder.protocol, scores.protocol) == {}


@pytest.mark.usefixtures("protocols")
def test_a_protocol_of_a_known_set_is_for_its_own_split_however_the_run_divided_it(
    make_run: Callable[..., RunFolder], digits_run: RunFolder
) -> None:
    mixed = make_run({"data.source": "digits", "data.split": "all", "data.limit": 500})
    scores = score(mixed.path, protocol="few-digits")
    usual = score(digits_run.path, protocol="few-digits")
    assert scores.protocol.real_fingerprint == usual.protocol.real_fingerprint


@pytest.mark.usefixtures("protocols")
def test_a_protocol_may_cut_the_real_images_otherwise_than_the_run(
    digits_run: RunFolder, pictures: Path
) -> None:
    scores = score(digits_run.path, protocol="cut-digits")
    assert (scores.protocol.name, scores.protocol.fit) == ("cut-digits", "box 20")
    assert (scores.protocol.reals, scores.protocol.real_part) == (60, "all")
    assert "fit box 20" in "\n".join(scores.protocol.lines())
    assert score(pictures, protocol="cut-digits").protocol.name == "cut-digits"
    error = refusal(pictures, protocol="cut-digits", fit="crop")
    assert "fixes --fit as box 20, and crop was given" in error.what


@pytest.mark.usefixtures("protocols")
def test_what_contradicts_a_protocol_is_refused(
    digits_run: RunFolder, pictures: Path, write_pictures: Write
) -> None:
    told = {
        "--images": refusal(digits_run.path, protocol="few-digits", count=50),
        "--split": refusal(digits_run.path, protocol="few-digits", part="train"),
        "--extractor": refusal(digits_run.path, protocol="few-digits", extractor="inception"),
        "--layer": refusal(digits_run.path, protocol="few-digits", layer="logits"),
        "--precision": refusal(digits_run.path, protocol="few-digits", precision="bf16"),
        "--resolution": refusal(pictures, protocol="few-digits", resolution=64),
    }
    for option, error in told.items():
        assert "protocol few-digits" in error.what
        assert f"leave {option} out" in error.remedy
    photos = write_pictures("photos", 40, side=32, grey=True)
    error = refusal(digits_run.path, photos, protocol="few-digits")
    assert error.what == "protocol few-digits compares with digits, and this is photos"
    large = write_pictures("large", 40, side=64, grey=True)
    error = refusal(large, protocol="few-digits")
    assert "32×32 pixels, and these have 64×64" in error.what
    assert "--resolution 32" in error.remedy


def test_a_protocol_with_too_few_images_is_refused(
    pictures: Path, protocols: Path, write_pictures: Write
) -> None:
    few = write_pictures("few", 39, side=32, grey=True)
    error = refusal(few, protocol="few-digits")
    assert error.what == "40 generated images were asked for, and few has 39"
    assert "make more, or leave --protocol out" in error.remedy
    text = (protocols / "few-digits.toml").read_text().replace("reals = 100", "reals = 9_000")
    (protocols / "few-digits.toml").write_text(text)
    error = refusal(pictures, protocol="few-digits")
    assert error.what == (
        "protocol few-digits needs 9,000 real images (held out), and digits has 2,000"
    )
    assert "custom" in error.remedy


@pytest.mark.usefixtures("protocols")
def test_a_protocol_may_want_as_many_generated_images_as_real_ones(
    digits_run: RunFolder, write_pictures: Write
) -> None:
    reals = write_pictures("reals", 45, side=32, grey=True)
    scores = score(digits_run.path, reals, protocol="any-folder")
    assert (scores.protocol.fakes, scores.protocol.name) == (45, "any-folder")
    error = refusal(digits_run.path, reals, protocol="any-folder", count=30)
    assert "has 45 generated images, and 30 were asked for" in error.what
    many = write_pictures("many", 51, side=32, grey=True)
    assert "up to 50 real images" in refusal(digits_run.path, many, protocol="any-folder").what


@pytest.mark.usefixtures("protocols")
def test_a_reference_can_be_that_of_a_protocol(digits_run: RunFolder, tmp_path: Path) -> None:
    file = tmp_path / "real.safetensors"
    images = score(digits_run.path, protocol="few-digits", save_reference=file)
    scores = score(digits_run.path, file, protocol="few-digits")
    assert numbers(scores) == close(images) and scores.protocol.name == "few-digits"
    error = refusal(digits_run.path, file, protocol="cut-digits")
    assert "part held out, and all was asked for" in error.what


def test_a_free_choice_is_custom_and_says_its_parts(digits_run: RunFolder) -> None:
    scores = score(digits_run.path, protocol="custom")
    assert scores.protocol.name == "custom"
    text = "\n".join(scores.protocol.lines())
    for part in ("custom", "60 images of tiny", "2,000 images of digits (held out)", "float32",
                 "32×32, grey, fit pad", scores.protocol.weights):  # fmt: skip
        assert part in text


# Networks that are not quite the real ones


@pytest.mark.real
def test_a_protocol_scored_with_approximate_weights_does_not_bear_its_name(
    inception_weights: Path,
    protocols: Path,
    tmp_path: Path,
    write_pictures: Write,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (protocols / "photos.toml").write_text(
        '# Few photographs\npart = "all"\nfakes = 10\nextractor = "inception"\nlayer = "2048"\n'
        'resize = "tf1"\nprecision = "float32"\n'
    )
    fakes, reals = (write_pictures(name, 10, side=16) for name in ("fakes", "reals"))
    monkeypatch.setattr("zerosum.evaluation.extractors.inception.BATCH", {"cpu": 10})
    file = tmp_path / "real.safetensors"
    scores = score(fakes, reals, protocol="photos", weights=inception_weights, save_reference=file)
    assert scores.protocol.name == "custom" and scores.protocol.approximate
    assert scores.notes[0] == (
        "this is not protocol photos: features inception-2048-approx, not inception-2048"
    )
    again = score(fakes, file, weights=inception_weights)
    assert numbers(again) == close(scores) and again.protocol.approximate
    error = refusal(fakes, file, weights=inception_weights, resize="clean")
    assert "was made with resize tf1, and clean was asked for" in error.what

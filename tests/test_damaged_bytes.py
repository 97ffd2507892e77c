"""One damaged byte in any file that zerosum reads gives an error of two lines, or changes nothing.

What zerosum writes for itself has checksums, so that nothing is read from it but what was written.
Of people's own files, which have none of ours, only this can be asked: an error of two lines, an
image that is called bad, or another image.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from safetensors.torch import save_file

from tests.data.files import noise, save, write_folder, write_tar, write_zip
from tests.data.test_named_sets import write_cifar, write_idx
from tests.data.test_tables import FEATURES, write_table
from tests.evaluation.test_features import Network
from tests.evaluation.test_features import noise as noise_images
from tests.report.page_runs import MODES, NEIGHBOURS, full_run
from tests.studies.tiny import tiny_study
from zerosum import checksums
from zerosum.data.cache import cached_packs
from zerosum.data.check import examine
from zerosum.data.fit import Fitting
from zerosum.data.inspection import Inspection, inspect
from zerosum.data.pack import open_pack
from zerosum.data.sources import cifar, find_source
from zerosum.data.sources.source import File
from zerosum.errors import ZerosumError
from zerosum.evaluation.extractors.weights import read_weights
from zerosum.evaluation.features import extract_features
from zerosum.evaluation.measure import Measure
from zerosum.evaluation.reference import load_reference, read_reference, save_reference
from zerosum.files import write_json
from zerosum.generation.film import write_film
from zerosum.generation.generator import load_discriminator, load_generator
from zerosum.recipe.load import load_recipe, read_recipe, write_recipe
from zerosum.recipe.shipped import shipped_text as shipped_recipe
from zerosum.records.checkpoint import read_saved
from zerosum.records.lines import append_line, write_lines
from zerosum.records.run import RunFolder, training_sheets
from zerosum.report.page.findings import neighbour_findings, read_modes
from zerosum.report.page.pictures import open_picture
from zerosum.studies.cell_queue import study_results
from zerosum.studies.cells import cells_of
from zerosum.studies.folder import StudyFolder
from zerosum.studies.load import load_study
from zerosum.studies.recorded import record_cell
from zerosum.studies.shipped import shipped_text as shipped_study

FITTING = Fitting(16, 3, "crop")


@dataclass(frozen=True)
class Kind:
    """Files, and what is read from them."""

    files: Sequence[Path]
    read: Callable[[], object]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run with all that one has, as zerosum writes it."""
    run = full_run(tmp_path_factory.mktemp("damaged") / "run")
    for file, lines in (
        (run.metrics_file, run.metrics()),
        (run.scores_file, [line.as_dict() for line in run.scores()]),
        (run.health_file, [asdict(line) for line in run.health()]),
    ):
        write_lines(file, lines[:3])
    run.write_state(run.state())
    write_recipe(run.recipe_file, read_recipe(run.recipe_file))
    write_json(run.path / "modes.json", MODES)
    write_json(run.path / "neighbours.json", NEIGHBOURS)
    return run


def checkpoint(run: RunFolder, _: Path) -> Kind:
    folder = run.checkpoint()

    def read() -> object:
        generator, critic = load_generator(run, device="cpu"), load_discriminator(run, device="cpu")
        weights = [tensor.numpy().tobytes() for tensor in critic.state_dict().values()]
        return generator(range(2)).tobytes(), weights, read_saved(folder, "generator.safetensors")

    return Kind(list(folder.iterdir()), read)


def recipe(run: RunFolder, _: Path) -> Kind:
    return Kind([run.recipe_file], lambda: read_recipe(run.recipe_file))


def state(run: RunFolder, _: Path) -> Kind:
    return Kind([run.state_file], run.state)


def lines(run: RunFolder, _: Path) -> Kind:
    files = [run.metrics_file, run.scores_file, run.health_file]
    return Kind(files, lambda: [run.metrics(), run.scores(), run.health()])


def findings(run: RunFolder, _: Path) -> Kind:
    files = [run.path / "modes.json", run.path / "neighbours.json"]
    return Kind(files, lambda: repr([read_modes(run), neighbour_findings(run, required=True)]))


def study(_: RunFolder, place: Path) -> Kind:
    folder, made = StudyFolder(place), tiny_study()
    folder.write_study(made, shipped_study("bedroom-learning-rate"))
    record_cell(folder, cells_of(made)[0], "longer")
    line = {"cell": cells_of(made)[0].name, "status": "failed", "reason": "killed"}
    append_line(folder.attempts_file, line)

    def read() -> object:
        return folder.study(), folder.attempts(), repr(study_results(folder))

    return Kind([folder.settings_file, folder.cells_file, folder.attempts_file], read)


def features(_: RunFolder, place: Path) -> Kind:
    def read() -> object:
        found = extract_features(
            noise_images(), Network().extractor(), ["sum", "ends"], cache=place
        )
        return {layer: matrix.tobytes() for layer, matrix in found.items()}

    read()
    return Kind(list((place / "features").iterdir()), read)


def pack(_: RunFolder, place: Path) -> Kind:
    source = find_source(str(write_folder(place / "set", small_pictures())))

    def read() -> object:
        cached_packs(place)
        found = open_pack(source, FITTING, place)
        assert found.labels is not None
        return found.pixels[:].tobytes(), found.labels.tobytes(), found.test.tobytes(), found.index

    read()
    return Kind([file for file in (place / "packs").rglob("*.*") if file.stat().st_size], read)


def reference(_: RunFolder, place: Path) -> Kind:
    path, measure = place / "real.safetensors", Measure(Network().extractor(), "ends", ("fid",))
    images = noise_images()
    matrix = extract_features(images, measure.extractor, ["ends"], keep=False)["ends"]
    save_reference(path, replace(images, part="all"), matrix, measure)

    def read() -> object:
        side = load_reference(read_reference(path), measure)
        return side.features["ends"].tobytes(), repr(side)

    return Kind([path], read)


def small_pictures() -> dict[str, bytes]:
    names = [f"{kind}/{number}.png" for kind in ("cats", "dogs") for number in range(3)]
    return {name: noise(number, (9, 8)) for number, name in enumerate(names)}


OURS = (checkpoint, recipe, state, lines, findings, study, features, pack, reference)


@pytest.fixture(scope="module", params=OURS, ids=lambda make: make.__name__)
def ours(
    request: pytest.FixtureRequest, run: RunFolder, tmp_path_factory: pytest.TempPathFactory
) -> Kind:
    kind: Kind = request.param(run, tmp_path_factory.mktemp(request.param.__name__))
    return kind


damaging = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@damaging
@given(data=st.data())
def test_of_what_zerosum_wrote_a_damaged_byte_is_noticed(ours: Kind, data: st.DataObject) -> None:
    expected = ours.read()
    with damaged(data.draw(st.sampled_from(ours.files)), data):
        try:
            found = ours.read()
        except ZerosumError as error:
            demand_two_lines(error)
        else:
            assert holds(found, expected)


@damaging
@given(data=st.data())
def test_a_damaged_sheet_is_refused_by_the_film_and_left_out_of_the_page(
    run: RunFolder, data: st.DataObject
) -> None:
    sheet = training_sheets(run)[0]
    whole = open_picture(sheet)
    with damaged(sheet, data):
        found = open_picture(sheet)
        if found is None:
            with pytest.raises(ZerosumError, match="cannot be read as a picture") as error:
                write_film(run, sheet.with_name("film.gif"))
            demand_two_lines(error.value)
        else:
            assert found == whole


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
@damaging
@given(data=st.data())
def test_an_image_with_a_damaged_byte_is_bad_or_another_image(
    form: str, data: st.DataObject
) -> None:
    picture = Image.fromarray(
        np.random.default_rng(0).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    )
    name, content = f"picture.{form.lower()}", save(picture, form)
    _, whole = examine(File(name, content), FITTING)
    finding, pixels = examine(File(name, data.draw(changed(content))), FITTING)
    assert whole is not None and (pixels is None) == bool(finding.problem)
    if pixels is not None:
        assert (pixels.shape, pixels.dtype) == (whole.shape, whole.dtype)
        assert form != "PNG" or np.array_equal(pixels, whole), "PNG has checksums of its own"


def a_zip(place: Path) -> Path:
    return write_zip(place / "set.zip", small_pictures())


def a_stylegan_zip(place: Path) -> Path:
    files = {f"00000/{number}.png": noise(number, (9, 8)) for number in range(4)}
    labels = {"labels": [[name, number % 2] for number, name in enumerate(files)]}
    return write_zip(place / "set.zip", {**files, "dataset.json": json.dumps(labels).encode()})


def a_tar(place: Path) -> Path:
    return write_tar(place / "set.tar", small_pictures(), "w")


def a_tar_of_gzip(place: Path) -> Path:
    return write_tar(place / "set.tar.gz", small_pictures())


def a_tar_of_xz(place: Path) -> Path:
    return write_tar(place / "set.tar.xz", small_pictures(), "w:xz")


def a_tar_of_bzip2(place: Path) -> Path:
    return write_tar(place / "set.tar.bz2", small_pictures(), "w:bz2")


def a_parquet(place: Path) -> Path:
    pictures = [{"bytes": content, "path": None} for content in small_pictures().values()]
    columns = {"picture": pictures, "kind": [0, 1, 2, 0, 1, 2]}
    write_table(place / "set.parquet", columns, FEATURES)
    return place / "set.parquet"


def mnist(place: Path, ending: str = "") -> Path:
    write_mnist(place, ending)
    return place / f"t10k-images-idx3-ubyte{ending}"


def mnists_labels(place: Path) -> Path:
    write_mnist(place, "")
    return place / "train-labels-idx1-ubyte"


def compressed_mnist(place: Path) -> Path:
    return mnist(place, ".gz")


def write_mnist(place: Path, ending: str) -> None:
    for part in ("train", "t10k"):
        images = np.random.default_rng(0).integers(0, 256, (3, 28, 28))
        write_idx(place / f"{part}-images-idx3-ubyte{ending}", images)
        write_idx(place / f"{part}-labels-idx1-ubyte{ending}", np.array([3, 0, 9]))


def cifars(place: Path) -> Path:
    write_cifar(place / cifar.ARCHIVE, a_batch=1)
    return place / cifar.ARCHIVE


CONTAINERS = {
    make: name
    for name, makers in (
        ("", (a_zip, a_stylegan_zip, a_tar, a_tar_of_gzip, a_tar_of_xz, a_tar_of_bzip2, a_parquet)),
        ("fashion-mnist", (mnist, mnists_labels, compressed_mnist)),
        ("cifar10", (cifars,)),
    )
    for make in makers
}
"""Makers of a file, and what its source is called where that is not its path."""


@pytest.fixture(scope="module", params=CONTAINERS, ids=lambda make: make.__name__)
def container(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kind:
    root, called = tmp_path_factory.mktemp("container"), CONTAINERS[request.param]
    path: Path = request.param(root / called)
    text = called or str(path)
    return Kind([path], lambda: inspect(find_source(text, root)))


@damaging
@given(data=st.data())
def test_a_container_with_a_damaged_byte_is_an_error_or_has_images(
    container: Kind, data: st.DataObject
) -> None:
    whole = container.read()
    assert isinstance(whole, Inspection) and whole.good
    with damaged(container.files[0], data):
        try:
            found = container.read()
        except ZerosumError as error:
            demand_two_lines(error)
        else:
            assert isinstance(found, Inspection) and 0 <= found.good <= found.files


def test_a_tar_whose_head_of_gzip_has_no_end_is_damaged(tmp_path: Path) -> None:
    file = a_tar_of_gzip(tmp_path)
    content = bytearray(file.read_bytes())
    content[3] = 4  # the flag that more of the head follows
    file.write_bytes(content)

    with pytest.raises(ZerosumError) as caught:
        inspect(find_source(str(file), tmp_path))

    demand_two_lines(caught.value)
    assert "damaged" in caught.value.what


@pytest.mark.parametrize(
    ("text", "read"),
    [(shipped_recipe("dcgan"), load_recipe), (shipped_study("latent-collapse"), load_study)],
    ids=["recipe", "study"],
)
@damaging
@given(data=st.data())
def test_a_person_s_own_toml_with_a_damaged_byte_is_an_error_or_says_something_else(
    text: str, read: Callable[[str], object], tmp_path: Path, data: st.DataObject
) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(data.draw(changed(text.encode())))
    try:
        read(str(file))
    except ZerosumError as error:
        demand_two_lines(error)


@pytest.mark.parametrize("ending", ["pth", "safetensors"])
@damaging
@given(data=st.data())
def test_weights_with_a_damaged_byte_are_refused_or_have_another_name(
    ending: str, tmp_path: Path, data: st.DataObject
) -> None:
    """Which weights were used stands in every protocol: their scores stand beside no others."""
    file = tmp_path / f"weights.{ending}"
    tensors = {"fc.weight": torch.arange(12.0).reshape(3, 4), "fc.bias": torch.ones(3)}
    if ending == "pth":
        torch.save(tensors, file)
    else:
        save_file(tensors, file)
    expected = read_weights(file)
    with damaged(file, data):
        try:
            found = read_weights(file)
        except ZerosumError as error:
            demand_two_lines(error)
        else:
            assert found.hash != expected.hash


def test_a_zip_that_claims_to_span_disks_is_refused(tmp_path: Path) -> None:
    # Where Python looks whether a file is a zip at all, this one is an exception of its own.
    weights = tmp_path / "weights.pth"
    torch.save({"fc.bias": torch.ones(3)}, weights)
    content = bytearray(weights.read_bytes())
    content[content.index(b"PK\x06\x07") + 16] = 3  # disks, in the locator of the zip64's end
    weights.write_bytes(content)
    archive = weights.rename(tmp_path / "photos.zip")
    with pytest.raises(ZerosumError) as refused:
        find_source(str(archive)).names()
    demand_two_lines(refused.value)
    with pytest.raises(ZerosumError) as refused:
        read_weights(archive.rename(weights))
    demand_two_lines(refused.value)


@st.composite
def changed(draw: st.DrawFn, content: bytes) -> bytes:
    """Bytes with one of them changed, in one bit or in several."""
    place = draw(st.integers(0, len(content) - 1))
    bits = draw(st.sampled_from([1 << number for number in range(8)]) | st.integers(1, 255))
    return content[:place] + bytes([content[place] ^ bits]) + content[place + 1 :]


@contextmanager
def damaged(file: Path, data: st.DataObject) -> Iterator[None]:
    """A file with one byte changed, and whole again in the end."""
    content = file.read_bytes()
    file.write_bytes(data.draw(changed(content)))
    checksums._found.clear()  # as in a new process
    try:
        yield
    finally:
        file.write_bytes(content)
        checksums._found.clear()


def demand_two_lines(error: ZerosumError) -> None:
    for line in (error.what, error.remedy):
        assert line and "\n" not in line, repr(line)


def holds(found: object, expected: object) -> bool:
    """Whether all that was expected is there: a change in the name of a checksum leaves it as one
    more entry, which nobody reads."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return all(name in found and holds(found[name], expected[name]) for name in expected)
    if isinstance(expected, list | tuple) and isinstance(found, list | tuple):
        return len(found) == len(expected) and all(map(holds, found, expected))
    return found == expected

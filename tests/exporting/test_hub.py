"""A folder as the Hugging Face Hub has models: its card, the way back, and repositories there."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import zerosum
from tests.cli.scored_runs import output, refusal
from tests.exporting.conftest import Kind, Made
from tests.exporting.hub_server import TOKEN, Hub, hub_server
from tests.report.page_runs import full_run
from zerosum.data.grid import own_size
from zerosum.exporting import repository
from zerosum.exporting.card import card
from zerosum.exporting.request import FormatName
from zerosum.exporting.subject import Subject
from zerosum.generation import restore_picture
from zerosum.generation.generator import load_generator
from zerosum.records.run import RunFolder

Exports = Callable[[FormatName, Kind], Made]


def test_a_folder_becomes_the_generator_of_the_run_bit_for_bit(made: Exports) -> None:
    export = made("hub", "latents")
    again = zerosum.from_pretrained(export.path, device="cpu")
    assert np.array_equal(again(range(40)), export.generator(range(40)))
    assert again.labels() == export.generator.labels()
    assert export.exported.check.farthest == 0
    names = {each.name for each in export.path.iterdir()}
    assert names == {"README.md", "config.json", "model.safetensors", "samples.png"}


def test_classes_and_restorations_come_back_as_well(made: Exports) -> None:
    classes = made("hub", "classes")
    again = zerosum.from_pretrained(classes.path, device="cpu")
    eels = classes.generator.of_classes(["eel"])
    assert np.array_equal(again.of_classes(["eel"])(range(3)), eels(range(3)))
    restored = made("hub", "restored")
    pixels = np.random.default_rng(0).integers(0, 256, (50, 41, 1), dtype=np.uint8)
    again = zerosum.from_pretrained(restored.path, device="cpu")
    assert np.array_equal(
        restore_picture(again, pixels), restore_picture(restored.generator, pixels)
    )
    # A sheet would show pictures of whoever trained it.
    assert not (restored.path / "samples.png").exists()


def test_the_sheet_shows_the_first_samples(made: Exports) -> None:
    export = made("hub", "latents")
    output("sample", export.run.path, "--out", export.run.path / "x.png")
    with Image.open(export.path / "samples.png") as own, Image.open(export.run.path / "x.png") as x:
        assert np.array_equal(np.asarray(own_size(own)), np.asarray(own_size(x)))


def test_no_file_has_a_path_of_the_machine_that_made_it(made: Exports) -> None:
    for file in made("hub", "classes").path.iterdir():
        assert b"/home/somebody" not in file.read_bytes(), file.name


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The card of a run that was scored and looked at."""
    run = full_run(tmp_path_factory.mktemp("told") / "demo")
    return card(Subject(run, load_generator(run, device="cpu"), "me/demo"), sheet="samples.png")


def test_a_card_begins_with_what_the_hub_sorts_models_by(told: str) -> None:
    front, _, text = told.removeprefix("---\n").partition("\n---\n")
    assert front.splitlines()[:2] == [
        "library_name: zerosum", "pipeline_tag: unconditional-image-generation",
    ]  # fmt: skip
    assert "licen" not in front
    assert text.startswith("\n# demo\n\nRecipe digits, ")


def test_a_card_tells_what_was_trained_how_good_it_is_and_where_it_ends(told: str) -> None:
    assert 'zerosum.from_pretrained("me/demo")' in told
    assert "![Samples of demo" in told and "(samples.png)" in told
    assert "8,000 to train on" in told
    assert "| FID" in told and "generated  500 images" in told, "scores with their protocol"
    assert "Covers all 2 classes" in told and "Does not look copied" in told
    assert "its pictures are no evidence" in told
    assert "of the weights and what they make that says nothing" in told


def test_a_card_has_no_path_out_of_the_words_of_an_error(tmp_path: Path) -> None:
    why = "no space left to write /home/somebody/runs/demo"
    run = full_run(tmp_path / "demo", status="failed", reason=why)
    text = card(Subject(run, load_generator(run, device="cpu")), sheet="")
    assert "/home/somebody" not in text and "the same command" not in text
    assert "The verdict on its training: diverged, since " in text


def test_scores_of_other_weights_than_the_exported_ones_are_told_apart(tmp_path: Path) -> None:
    run = full_run(tmp_path / "demo")
    last, average = (load_generator(run, averaged=each, device="cpu") for each in (False, True))
    assert "Of the checkpoint at 80,000 images, last weights.\n" in card(Subject(run, last), "")
    text = card(Subject(run, average), "")
    assert "Of the checkpoint at 80,000 images, last weights, not the exported ones.\n" in text
    assert "that near (at checkpoint 000080000, last weights).\n" in text


def test_a_card_of_a_run_that_nobody_looked_at_says_so(made: Exports) -> None:
    text = (made("hub", "latents").path / "README.md").read_text()
    assert "Not scored." in text
    assert "Whether it repeats pictures that it was trained on was not looked at." in text


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("model.safetensors", b"half", "model.safetensors is not what was exported"),
        ("model.safetensors", None, "model.safetensors cannot be read: no such file"),
        ("config.json", None, "config.json cannot be read: no such file"),
        ("config.json", b"{", "config.json is no JSON"),
        ("config.json", b'{"model_type": "bert"}', "is not of a model that zerosum exported"),
        ("config.json", b'{"library_name": "zerosum"}', "config.json has no run"),
    ],
)
def test_what_is_no_whole_export_is_told_in_two_lines(
    made: Exports, tmp_path: Path, name: str, content: bytes | None, what: str
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(made("hub", "latents").path, folder)
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(zerosum.ZerosumError, match=what) as raised:
        zerosum.from_pretrained(folder)
    assert "\n" not in raised.value.what + raised.value.remedy


def test_a_recipe_of_another_network_does_not_fit(made: Exports, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(made("hub", "latents").path, folder)
    config = json.loads((folder / "config.json").read_text())
    config["recipe"]["network"]["generator"]["width"] = 12
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(zerosum.ZerosumError, match="does not fit"):
        zerosum.from_pretrained(folder)
    config["recipe"]["network"]["generator"]["width"] = "wide"
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(zerosum.ZerosumError, match=r"network\.generator\.width"):
        zerosum.from_pretrained(folder)


def test_a_model_of_a_newer_version_says_which(made: Exports, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(made("hub", "latents").path, folder)
    config = json.loads((folder / "config.json").read_text())
    config["recipe"]["network"]["depth_of_tomorrow"] = 3
    for version, newer in (("999.0.1", True), ("0.0.1", False)):
        config["zerosum"] = version
        (folder / "config.json").write_text(json.dumps(config))
        with pytest.raises(zerosum.ZerosumError, match="depth_of_tomorrow") as raised:
            zerosum.from_pretrained(folder)
        assert ("exported by zerosum 999.0.1" in raised.value.what) == newer
        assert (raised.value.remedy == "pip install -U zerosum") == newer


def test_what_is_neither_a_folder_nor_a_name_of_a_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(zerosum.ZerosumError, match="there is no folder at"):
        zerosum.from_pretrained(tmp_path / "nothing")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The Hub of huggingface_hub: what HF_ENDPOINT, HF_HUB_CACHE and HF_TOKEN say where they are
    set before it is imported."""
    from huggingface_hub import constants

    with hub_server() as hub:
        monkeypatch.setattr(constants, "ENDPOINT", hub.url)
        template = f"{hub.url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield hub


def test_a_folder_is_sent_to_a_repository_and_opened_from_there(
    hub: Hub, run_of: Callable[[Kind], RunFolder], tmp_path: Path
) -> None:
    run, out = run_of("latents"), tmp_path / "model"
    lines = output("export", run.path, "--format", "hub", "--push", "me/digits", "--out", out)
    assert lines[-2:] == [str(out), f"{hub.url}/me/digits"]
    there = hub.repositories["me/digits"]
    assert there == {each.name: each.read_bytes() for each in out.iterdir()}
    assert b'from_pretrained("me/digits")' in there["README.md"]
    generator = zerosum.from_pretrained("me/digits", device="cpu")
    assert torch.equal(generator.latents(0, [1]), load_generator(run).latents(0, [1]))
    assert np.array_equal(generator(range(3)), load_generator(run, device="cpu")(range(3)))


def test_a_hub_that_does_not_take_it_leaves_the_folder_and_says_how_to_send_it(
    hub: Hub, run_of: Callable[[Kind], RunFolder], tmp_path: Path
) -> None:
    hub.refuses, out = True, tmp_path / "model"
    words = ("--format", "hub", "--push", "me/digits", "--out", out)
    error = refusal("export", run_of("latents").path, *words)
    assert "me/digits did not take the files" in error.what and str(out) in error.remedy
    assert (out / "model.safetensors").is_file()


@pytest.mark.usefixtures("hub")
def test_a_repository_that_is_not_there_is_told() -> None:
    with pytest.raises(zerosum.ZerosumError, match="me/nothing could not be fetched") as raised:
        zerosum.from_pretrained("me/nothing")
    assert "\n" not in raised.value.what


def test_without_a_token_nothing_is_made(
    hub: Hub,
    run_of: Callable[[Kind], RunFolder],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    words = ("--format", "hub", "--push", "me/digits", "--out", tmp_path / "model")
    error = refusal("export", run_of("latents").path, *words)
    assert "no token" in error.what and "hf auth login" in error.remedy
    assert not hub.repositories and not (tmp_path / "model").exists()


def test_pushing_needs_a_name_the_right_format_and_the_package(
    run_of: Callable[[Kind], RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of("latents").path
    assert "OWNER/NAME" in refusal("export", run, "--format", "hub", "--push", "digits").remedy
    assert "--format hub" in refusal("export", run, "--push", "me/digits").remedy
    monkeypatch.setattr(repository, "find_spec", lambda _name: None)
    with pytest.raises(zerosum.ZerosumError, match="huggingface-hub, which is not installed"):
        zerosum.from_pretrained("me/digits")

"""An exported file makes the pictures of the run, read as its users read it: without zerosum."""

import json
from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from tests.exporting.conftest import Kind, Made
from zerosum.exporting.onnx import translated
from zerosum.exporting.program import Shapes
from zerosum.exporting.request import FormatName
from zerosum.networks.attention import SelfAttention

Exports = Callable[[FormatName, Kind], Made]
Pixels = NDArray[np.uint8]
Array = NDArray[np.generic]


def computed(made: Made, given: dict[str, Array]) -> tuple[Pixels, NDArray[np.float32]]:
    """Pixels and images that a file makes of its inputs."""
    if made.path.suffix == ".onnx":
        session = onnxruntime.InferenceSession(str(made.path), providers=["CPUExecutionProvider"])
        pixels, images = session.run(["pixels", "images"], given)
        return pixels, images
    program = torch.export.load(made.path).module()
    pixels, images = program(*map(torch.from_numpy, given.values()))
    return pixels.numpy(), images.numpy()


def grey_levels_apart(one: Pixels, other: Pixels) -> int:
    assert one.shape == other.shape and one.dtype == other.dtype == np.uint8
    return int(np.abs(one.astype(int) - other).max())


@pytest.mark.parametrize("format", ["onnx", "torch"])
@pytest.mark.parametrize("count", [1, 5])
def test_latents_become_the_pictures_of_the_run_in_batches_of_any_size(
    made: Exports, format: FormatName, count: int
) -> None:
    export = made(format, "latents")
    latents = export.generator.latents(3, range(count))
    pixels, images = computed(export, {"latents": latents.numpy()})
    assert grey_levels_apart(pixels, export.generator(latents)) <= 1
    assert images.shape == (count, 1, 32, 32) and images.dtype == np.float32
    np.testing.assert_allclose(images, export.generator.images(latents), atol=1 / 127.5)


@pytest.mark.parametrize("format", ["onnx", "torch"])
def test_classes_are_asked_for_by_their_numbers(made: Exports, format: FormatName) -> None:
    export = made(format, "classes")
    given = {
        "latents": export.generator.latents(0, [7] * 3)[:, :6].numpy(),
        "classes": np.array([2, 0, 0]),
    }
    pixels, _ = computed(export, given)
    eel = export.generator.of_classes(["eel"])
    assert grey_levels_apart(pixels[:1], eel(eel.latents(0, [7]))) <= 1
    assert grey_levels_apart(pixels[1:2], pixels[2:]) == 0
    assert grey_levels_apart(pixels[:1], pixels[1:2]) > 1


@pytest.mark.parametrize("format", ["onnx", "torch"])
def test_a_number_of_no_class_is_refused(made: Exports, format: FormatName) -> None:
    latents = np.zeros((2, 6), np.float32)
    with pytest.raises(Exception, match=r"out of (data )?(bounds|range)"):
        computed(made(format, "classes"), {"latents": latents, "classes": np.array([0, 3])})


@pytest.mark.parametrize("kind", ["latents", "classes", "restored"])
def test_a_program_of_pytorch_names_no_device(made: Exports, kind: Kind) -> None:
    nodes = torch.export.load(made("torch", kind).path).graph.nodes
    given = [value for node in nodes for value in (*node.args, *node.kwargs.values())]
    assert given and not [value for value in given if isinstance(value, torch.device)]


@pytest.mark.parametrize("format", ["onnx", "torch"])
@pytest.mark.parametrize("size", [(1, 32, 32), (3, 16, 56)])
def test_pictures_of_any_size_on_the_grid_are_restored(
    made: Exports, format: FormatName, size: tuple[int, int, int]
) -> None:
    export = made(format, "restored")
    damaged = np.random.default_rng(0).integers(0, 256, (*size, 1), dtype=np.uint8)
    pixels, images = computed(export, {"damaged": damaged})
    inputs = torch.from_numpy(damaged).permute(0, 3, 1, 2).float() / 127.5 - 1
    assert grey_levels_apart(pixels, export.generator.make(inputs)) <= 1
    assert images.shape == (size[0], 1, *size[1:])
    assert grey_levels_apart(pixels, damaged) > 1


def test_attention_is_translated() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attention = SelfAttention(16, window=4)
            nn.init.ones_(self.attention.factor)

        def forward(self, maps: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return maps * 1, self.attention(maps)

    network = Twice().eval().requires_grad_(False)
    maps = torch.randn(2, 16, 8, 12)
    shapes: Shapes = ({0: torch.export.Dim("batch")},)
    graph = torch.export.export(network, (maps,), dynamic_shapes=shapes)
    content = translated(graph, ("maps",), shapes).SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    found = session.run(["images"], {"maps": maps[:1].numpy()})[0]
    np.testing.assert_allclose(found, network(maps[:1])[1], rtol=1e-4, atol=1e-5)
    assert np.abs(found - maps[:1].numpy()).max() > 0.1


def test_spectral_norm_is_folded_into_the_weights(made: Exports) -> None:
    weights = onnx.load(made("onnx", "restored").path).graph.initializer
    program = torch.export.load(made("torch", "restored").path)
    names = [each.name for each in weights] + list(program.state_dict)
    assert names and not [name for name in names if "parametrizations" in name]


def test_a_file_says_what_it_is(made: Exports) -> None:
    model = onnx.load(made("onnx", "classes").path)
    said = {each.key: each.value for each in model.metadata_props}
    assert (said["run"], said["checkpoint"], said["weights"]) == ("tiny", "000200000", "last")
    assert said["prior"].startswith("normal") and "truncation" in said and "MIT" in said["licence"]
    assert json.loads(said["classes"]) == ["cat", "dog", "eel"]
    beside = {"zerosum.json": ""}
    torch.export.load(made("torch", "classes").path, extra_files=beside)
    assert json.loads(beside["zerosum.json"]) == said
    restored = onnx.load(made("onnx", "restored").path).metadata_props
    assert {each.key: each.value for each in restored}["multiple"] == "8"


@pytest.mark.parametrize("format", ["onnx", "torch"])
def test_a_file_has_no_path_of_the_machine_that_made_it(made: Exports, format: FormatName) -> None:
    content = made(format, "classes").path.read_bytes()
    assert b"/home/somebody" not in content and b".py" not in content


def test_the_average_is_taken_and_told(made: Exports) -> None:
    exported = made("onnx", "latents").exported
    assert (exported.weights, exported.checkpoint) == ("average", "000200000")
    assert exported.path.name == "tiny-000200000.onnx"
    assert exported.size == exported.path.stat().st_size
    assert exported.check.pictures == 8 and exported.check.farthest <= 1

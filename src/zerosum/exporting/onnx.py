"""ONNX: one file that ONNX Runtime computes, on a server, a phone or in a browser."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zerosum.errors import ZerosumError
from zerosum.exporting.exporter import Compute, Exporter, examples
from zerosum.exporting.program import OUTPUTS, Shapes, captured, not_translated, program_of
from zerosum.exporting.subject import Subject, facts

if TYPE_CHECKING:
    import onnx

OPSET = 18
"""Of the operators: what PyTorch translates to, and every runtime since 2023 computes."""
LARGEST = 2**31 - 2**20
"""Bytes: a file of protobuf has 2 GiB at most."""
ATTENTION = torch.ops.aten.scaled_dot_product_attention.default


def make(subject: Subject) -> bytes:
    """The file, with the facts of the run as its metadata. Raises ZerosumError where it would be
    too large, or cannot be translated."""
    recipe = subject.generator.recipe
    program = program_of(recipe)(subject.generator)
    size = sum(each.numel() * each.element_size() for each in program.state_dict().values())
    if size > LARGEST:
        raise ZerosumError(
            f"a file of ONNX holds 2 GiB at most, and the weights have {size / 2**30:.1f}",
            "take --format=torch or --format=hub",
        )
    graph = captured(program, program.given(recipe, examples(subject.generator)[0]))
    try:
        model = translated(graph, program.inputs, program.shapes())
    except Exception as error:  # of many kinds, from version to version
        raise not_translated("ONNX", error) from error
    for name, text in facts(subject).items():
        entry = model.metadata_props.add()
        entry.key, entry.value = name, text
    content: bytes = model.SerializeToString()
    return content


def translated(
    graph: torch.export.ExportedProgram, inputs: tuple[str, ...], shapes: Shapes
) -> "onnx.ModelProto":
    """A graph of PyTorch's operations with two outputs as one of ONNX's."""
    if any(node.target is ATTENTION for node in graph.graph.nodes):
        # The translation knows attention with heads alone.
        graph = graph.run_decompositions({ATTENTION: _attention})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two inputs have one dimension in common
        made = torch.onnx.export(
            graph,
            (),
            input_names=inputs,
            output_names=OUTPUTS,
            dynamic_shapes=shapes,
            dynamo=True,
            opset_version=OPSET,
            optimize=True,
            verbose=False,
        )
    assert made is not None
    model = made.model_proto
    for node in model.graph.node:
        del node.metadata_props[:]  # what it was in PyTorch: half of a small file
    return model


def _attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """(n, places, c) each: Vaswani et al. 2017 (arXiv 1706.03762), equation 1."""
    likeness = query @ key.transpose(-2, -1) / query.shape[-1] ** 0.5
    attended: Tensor = likeness.softmax(-1) @ value
    return attended


def read(subject: Subject, path: Path) -> Compute:
    """The file in ONNX Runtime, on the processor."""
    import onnxruntime

    recipe = subject.generator.recipe
    program = program_of(recipe)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def compute(batch: Tensor) -> NDArray[np.uint8]:
        given = zip(program.inputs, program.given(recipe, batch), strict=True)
        pixels: NDArray[np.uint8] = session.run(
            [OUTPUTS[0]], {name: values.numpy() for name, values in given}
        )[0]
        return pixels

    return compute


def reader() -> str:
    """ONNX Runtime and its version."""
    import onnxruntime

    return f"ONNX Runtime {onnxruntime.__version__}"


EXPORTER = Exporter(make, read, reader)

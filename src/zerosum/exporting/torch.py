"""A program of torch.export: PyTorch alone computes it, on any device, and compiles it."""

import io
import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zerosum.exporting.exporter import Compute, Exporter, examples
from zerosum.exporting.program import captured, program_of
from zerosum.exporting.subject import Subject, facts

FACTS = "zerosum.json"
"""The file of facts beside the program."""


def make(subject: Subject) -> bytes:
    """The file, with the facts of the run in it."""
    recipe = subject.generator.recipe
    program = program_of(recipe)(subject.generator)
    graph = captured(program, program.given(recipe, examples(subject.generator)[0]))
    buffer = io.BytesIO()
    said = json.dumps(facts(subject), indent=2, ensure_ascii=False)
    torch.export.save(graph, buffer, extra_files={FACTS: said})
    return buffer.getvalue()


def read(subject: Subject, path: Path) -> Compute:
    """The file in PyTorch."""
    recipe = subject.generator.recipe
    given = program_of(recipe).given
    with path.open("rb") as file:
        module = torch.export.load(file).module()

    def compute(batch: Tensor) -> NDArray[np.uint8]:
        with torch.inference_mode():
            pixels: NDArray[np.uint8] = module(*given(recipe, batch))[0].numpy()
        return pixels

    return compute


EXPORTER = Exporter(make, read, lambda: f"PyTorch {torch.__version__}")

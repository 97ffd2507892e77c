"""What a user asks of an export, and what each format is. Nothing here computes.

The exporter of a format is in the file of its name beside this one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zerosum import options
from zerosum.options import Threads, option

FormatName = Literal["onnx", "hub", "torch"]


@dataclass(frozen=True)
class Format:
    """What an exporter writes, and what it needs for that."""

    title: str
    suffix: str
    """Of its file; "" where it writes a folder."""
    extra: str = ""
    """Of zerosum, which has the packages."""
    packages: tuple[str, ...] = ()


FORMATS: Mapping[FormatName, Format] = {
    "onnx": Format("ONNX", ".onnx", "onnx", ("onnx", "onnxscript", "onnxruntime")),
    "hub": Format("a model of the Hugging Face Hub", ""),
    "torch": Format("a program of torch.export", ".pt2"),
}


@dataclass(frozen=True, kw_only=True)
class ExportRequest:
    """Which generator of a run goes where, and as what."""

    format: FormatName = option(
        "onnx",
        "onnx: one file for ONNX Runtime and others, which need neither zerosum nor PyTorch (extra "
        "onnx). hub: a folder as the Hugging Face Hub has models, with a model card. torch: a "
        "program of torch.export, for PyTorch without zerosum.",
    )
    out: Path | None = options.out(
        "x.onnx or x.pt2, which is replaced; of hub a folder, new or empty.",
        "RUN/exports/RUN-CHECKPOINT",
    )
    push: str = option(
        "",
        "Of hub: send the folder to this repository of the Hugging Face Hub (extra hub). One that "
        "is not there yet is made.",
        metavar="OWNER/NAME",
    )
    checkpoint: str = options.checkpoint()
    average: bool | None = options.average()
    threads: Threads = options.threads()

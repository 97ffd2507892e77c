"""A process that decodes, as `pool.py` starts it.

It reads chunks of files from its standard input and writes findings and pixels to its standard
output, each as a line of JSON followed by bytes, until its input ends. An own program, and no
multiprocessing pool, because it works from notebooks and unguarded scripts, cannot outlive a
killed parent, and a decoder that crashes takes one file with it.
"""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from zerosum.data.check import Finding, examine
from zerosum.data.fit import Fitting
from zerosum.data.ranges import PRESUMED, Ranges, Values
from zerosum.data.sources.source import File
from zerosum.recipe.value_range import ValueRange

Examined = tuple[list[Finding], NDArray[np.uint8]]


def examine_chunk(
    files: Sequence[File], fitting: Fitting | None, ranges: Ranges = PRESUMED
) -> Examined:
    """A finding for each file, and the pixels of the usable ones, uint8 (n, H, W, C)."""
    findings = []
    pictures = []
    for file in files:
        finding, pixels = examine(file, fitting, ranges)
        findings.append(finding)
        if pixels is not None:
            pictures.append(pixels)
    shape = fitting.shape if fitting else (0, 0, 0)
    return findings, np.stack(pictures) if pictures else np.zeros((0, *shape), np.uint8)


def send_files(stream: IO[bytes], files: Sequence[File]) -> None:
    """Hand a chunk to a worker."""
    header = [(file.name, len(file.content), file.problem) for file in files]
    stream.write(json.dumps(header).encode() + b"\n")
    for file in files:
        stream.write(file.content)
    stream.flush()


def receive_files(stream: IO[bytes]) -> list[File] | None:
    """The worker's side of `send_files`; None at the end of the input."""
    line = stream.readline()
    if not line:
        return None
    return [File(name, stream.read(size), problem) for name, size, problem in json.loads(line)]


def send_examined(stream: IO[bytes], examined: Examined) -> None:
    """Hand a worker's results back."""
    findings, pixels = examined
    header = {"findings": [asdict(finding) for finding in findings], "shape": pixels.shape}
    stream.write(json.dumps(header).encode() + b"\n")
    stream.write(pixels.tobytes())
    stream.flush()


def receive_examined(stream: IO[bytes]) -> Examined:
    """The parent's side of `send_examined`; BrokenPipeError when the worker has died."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise BrokenPipeError("the decoding process ended")
    header = json.loads(line)
    findings = [_finding(fields) for fields in header["findings"]]
    size = int(np.prod(header["shape"]))
    content = stream.read(size)
    if len(content) < size:
        raise BrokenPipeError("the decoding process ended")
    return findings, np.frombuffer(content, np.uint8).reshape(header["shape"])


def _finding(fields: dict[str, Any]) -> Finding:
    values = fields["values"]
    if values is not None:
        stated = values["stated"] and tuple(values["stated"])
        values = Values(**{**values, "stated": stated})
    return Finding(**{**fields, "conversions": tuple(fields["conversions"]), "values": values})


def settings_text(fitting: Fitting | None, ranges: Ranges) -> str:
    """What a worker is started with, as one word."""
    return json.dumps(
        {
            "fitting": asdict(fitting) if fitting else None,
            "ranges": {kind: asdict(chosen) for kind, chosen in ranges.items()},
        }
    )


def main() -> None:
    """Decode until the input ends."""
    settings = json.loads(sys.argv[1])
    fitting = Fitting(**settings["fitting"]) if settings["fitting"] else None
    ranges: Ranges = {kind: ValueRange(**each) for kind, each in settings["ranges"].items()}
    # Whatever a library prints must not get into the answers.
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        while (files := receive_files(sys.stdin.buffer)) is not None:
            send_examined(answers, examine_chunk(files, fitting, ranges))

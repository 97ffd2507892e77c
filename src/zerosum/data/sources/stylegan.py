"""Sets as StyleGAN's dataset tool writes them: numbered folders, and labels in dataset.json.

The folders (00000/, 00001/, …) hold a thousand images each and mean nothing. What dataset.json
says: {"labels": [["00000/img00000000.png", 6], …]}, or null for "labels" (NVlabs/stylegan3,
dataset_tool.py).
"""

import json
from collections.abc import Mapping
from dataclasses import replace

from zerosum.data.sources.source import Source
from zerosum.errors import ZerosumError

FILE = "dataset.json"


def with_classes(source: Source) -> Source:
    """The source with the classes that its dataset.json tells, where it has one of that kind."""
    return replace(source, classes=lambda: _classes(source))


def _classes(source: Source) -> Mapping[str, str] | None:
    """The class of each image by its name; none where numbers are no classes (as a camera's
    position); None where no file tells."""
    found = [name for name in source.names() if name.rpartition("/")[2] == FILE]
    if not found:
        return None
    name = min(found, key=lambda name: name.count("/"))
    file = next(source.read([name]))
    try:
        if file.problem:
            raise ValueError(file.problem)
        content = json.loads(file.content)
    except ValueError as error:
        raise ZerosumError(
            f"{name} in {source.name} is damaged ({error})",
            "write it again; or delete it, and the folders are taken for classes",
        ) from error
    if not isinstance(content, dict) or "labels" not in content:
        return None  # of some other program
    labels = content["labels"] if isinstance(content["labels"], list) else []
    folder = name.removesuffix(FILE)
    try:
        told = {folder + str(image).replace("\\", "/"): label for image, label in labels}
    except (TypeError, ValueError):
        return None
    if not all(isinstance(label, int) for label in told.values()):
        return {}
    return {image: str(label) for image, label in told.items()}

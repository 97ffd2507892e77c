"""Where a network's weights come from, and what their file says about them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import torch
from safetensors import safe_open
from torch import Tensor

from zerosum.errors import ZerosumError
from zerosum.files import checksum
from zerosum.reading import is_zip, reason, require_regular

HASH_DIGITS = 12


@dataclass(frozen=True)
class Weights:
    """The tensors of a file (float32), the first digits of its SHA-256, and its notes."""

    tensors: Mapping[str, Tensor]
    hash: str
    notes: Mapping[str, str]


def weights_folder() -> Path:
    """Where downloaded weights lie: below the user's own data folder."""
    return platformdirs.user_data_path("zerosum") / "weights"


def find_weights(given: Path | None, variable: str, name: str) -> Path | None:
    """The file that was given, else what an environment variable names, else the one of that name
    in the weights folder; None where there is none.

    Raises ZerosumError where a file was named that is not there.
    """
    named = given or (Path(os.environ[variable]) if os.environ.get(variable) else None)
    if named is not None:
        source = "--weights" if given else f"the environment variable {variable}"
        try:
            require_regular(named)
        except OSError as error:
            why = "" if isinstance(error, FileNotFoundError) else f" ({reason(error)})"
            raise ZerosumError(
                f"there are no weights at {named}{why}", f"give the path of the file with {source}"
            ) from error
        return named
    usual = weights_folder() / name
    return usual if usual.is_file() else None


def read_weights(path: Path, sha256: str = "") -> Weights:
    """The content of a .safetensors file, or of a .pth file of tensors alone.

    A .pth file is a pickle: it is read by torch's loader for plain tensors, which runs no code.
    `sha256` is how that of the file begins, where it is known. Raises ZerosumError for anything
    else.
    """
    try:
        found = checksum(path)
    except OSError as error:
        raise _unreadable(path, error) from error
    if not found.startswith(sha256):
        raise ZerosumError(
            f"{path} is damaged: its SHA-256 begins with {found[: len(sha256)]}, not {sha256}",
            "get the file again from where it came from",
        )
    try:
        if path.suffix == ".safetensors":
            with safe_open(path, framework="pt") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
                notes = dict(file.metadata() or {})
        else:
            tensors, notes = torch.load(path, map_location="cpu", weights_only=True), {}
        plain = {
            name: value.float() if value.is_floating_point() else value
            for name, value in tensors.items()
        }
    except Exception as error:  # a damaged file raises nearly anything
        raise _unreadable(path, error) from error
    return Weights(plain, found[:HASH_DIGITS], notes)


def _unreadable(path: Path, error: Exception) -> ZerosumError:
    kind = "" if is_zip(path) else " or is cut short"
    reason = (str(error).splitlines() or [""])[0][:100]
    return ZerosumError(
        f"{path} is no file of weights{kind} ({reason})",
        "give a .safetensors file, or the .pth file of torch-fidelity's release page",
    )

"""Repositories of the Hugging Face Hub: sending a folder, and fetching one (extra `hub`)."""

import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from zerosum.errors import UsageError, ZerosumError, first_line

Result = TypeVar("Result")
NAME = re.compile(r"[\w][\w.-]*/[\w][\w.-]*", re.ASCII)
"""OWNER/NAME."""


def is_repository(text: str) -> bool:
    """Whether a text may name a repository: OWNER/NAME."""
    return NAME.fullmatch(text) is not None


def require_pushing(repository: str) -> None:
    """Raise a ZerosumError unless a folder may be sent: the name is one, the package is there, and
    so is a token."""
    if not is_repository(repository):
        raise UsageError(
            f"{repository!r} is no name of a repository", "write --push=OWNER/NAME, as on the Hub"
        )
    require_package()
    import huggingface_hub

    if not huggingface_hub.get_token():
        raise ZerosumError(
            "there is no token for the Hugging Face Hub on this machine",
            "make one with write access on the Hub's page Settings, Access Tokens, then log in "
            "with `hf auth login`, or set HF_TOKEN",
        )


def require_package() -> None:
    """Raise ZerosumError where the extra `hub` is not installed."""
    if find_spec("huggingface_hub") is None:
        raise ZerosumError(
            "the Hugging Face Hub needs the package huggingface-hub, which is not installed",
            "install the extra: pip install 'zerosum[hub]'",
        )


def push(folder: Path, repository: str) -> str:
    """Send the files of a folder, all in one commit, to a repository, which is made where there is
    none. Returns its address. Raises ZerosumError where the Hub does not take them."""
    from huggingface_hub import CommitOperationAdd, HfApi

    hub = HfApi()
    files = [CommitOperationAdd(each.name, each) for each in sorted(folder.iterdir())]

    def send() -> str:
        made = hub.create_repo(repository, exist_ok=True)
        hub.create_commit(repository, files, commit_message="Exported by zerosum")
        return str(made)

    return _asked(
        send,
        f"{repository} did not take the files",
        f"they are in {folder}; send them again with `hf upload {repository} {folder}`",
    )


def fetched(repository: str, names: tuple[str, ...]) -> Path:
    """The folder with these files of a repository, of one commit; what was fetched before is in the
    cache of huggingface_hub. Raises ZerosumError where they cannot be had."""
    require_package()
    from huggingface_hub import snapshot_download

    return _asked(
        lambda: Path(snapshot_download(repository, allow_patterns=list(names))),
        f"{repository} could not be fetched from the Hugging Face Hub",
        "look at its name and the connection; a private one needs `hf auth login`",
    )


def _asked(ask: Callable[[], Result], what: str, remedy: str) -> Result:
    try:
        return ask()
    except Exception as error:  # also those of the HTTP library, which is another in each version
        raise ZerosumError(f"{what}: {first_line(error)}", remedy) from error

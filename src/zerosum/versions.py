"""The versions that a result depends on, as they are written into runs."""

import platform
from importlib.metadata import PackageNotFoundError, version

LIBRARIES = ("zerosum", "torch", "torchvision", "numpy", "pillow")


def versions() -> dict[str, str]:
    """Python's version and that of each library; "not installed" where it is not."""
    return {"python": platform.python_version()} | {name: _version(name) for name in LIBRARIES}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"

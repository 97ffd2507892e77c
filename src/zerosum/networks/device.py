"""Where a network computes, and whether there was room."""

import torch

from zerosum.errors import UsageError


def choose_device(name: str) -> torch.device:
    """The device of that name; "auto" takes CUDA, then Apple's MPS, then the CPU.

    Raises UsageError for a name that is no device of this machine.
    """
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if name == "auto":
        return torch.device("cuda" if cuda else "mps" if mps else "cpu")
    kind, _, number = name.partition(":")
    there = {"cpu": 1, "cuda": torch.cuda.device_count() if cuda else 0, "mps": int(mps)}
    if kind not in there or not (number or "0").isdecimal() or int(number or 0) >= there[kind]:
        usable = ", ".join(device for device, count in there.items() if count)
        raise UsageError(
            f"there is no device {name!r} here", f"choose --device=auto, or one of: {usable}"
        )
    return torch.device(name)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a device, or the machine, had no room for what was asked."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    # MPS and the CPU say it in the words of a RuntimeError.
    words = ("out of memory", "can't allocate memory")
    return isinstance(error, RuntimeError) and any(word in str(error) for word in words)

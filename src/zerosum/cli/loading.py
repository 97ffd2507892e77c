"""A word on the terminal while PyTorch is imported, which takes seconds."""

import builtins
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

LIBRARY = "torch"
WORDS = "loading PyTorch …"


class LoadingWords:
    """Shows `WORDS` from where `LIBRARY` is first imported until the outermost import around it has
    ended; then imports are Python's own again.

    It stands in place of `__import__`, so that no command has to remember it.
    """

    def __init__(self) -> None:
        self.plain = builtins.__import__
        self.depth = 0
        """Imports that go on, one within the other."""
        self.shown = False

    def __call__(self, name: str, *args: "Any", **kwargs: "Any") -> "ModuleType":
        if name.partition(".")[0] == LIBRARY and not self.shown:
            _write(WORDS)
            self.shown = True
        self.depth += 1
        try:
            return self.plain(name, *args, **kwargs)
        finally:
            self.depth -= 1
            if self.depth == 0 and self.shown:
                self.clear()
                builtins.__import__ = self.plain

    def clear(self) -> None:
        """Take the words away again, where they stand."""
        if self.shown:
            blank = " " * len(f"{WORDS}^C")  # what the terminal itself adds for that key
            _write(f"\r{blank}\r")
            self.shown = False


LOADING = LoadingWords()


def tell_of_loading() -> None:
    """From now on, where somebody looks: on a terminal, and nowhere else."""
    if LIBRARY not in sys.modules and sys.stderr.isatty():
        builtins.__import__ = LOADING


def _write(text: str) -> None:
    # Also from a signal's handler, which must not enter a stream that is being written.
    os.write(2, text.encode(sys.stderr.encoding, "replace"))

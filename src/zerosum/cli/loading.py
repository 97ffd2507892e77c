"""A word on the terminal while PyTorch is imported, which takes seconds."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

LIBRARY = "torch"
WORDS = "loading PyTorch …"
OWN = "zerosum"
"""What is imported inside an import of ours is part of the same wait."""


class LoadingWords:
    """Shows `WORDS` from where `LIBRARY` is first looked for until the outermost import around it
    has ended; then it looks at no import any more.

    It stands before Python's own finders of modules (`sys.meta_path`), so that no command has to
    remember it.
    """

    def __init__(self) -> None:
        self.depth = 0
        """Imports that go on, one within the other."""
        self.shown = False

    def find_spec(
        self, name: str, path: "Sequence[str] | None", target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        if name != LIBRARY and name.partition(".")[0] != OWN:
            return None
        spec = self._found_by_others(name, path, target)
        if spec is None or not hasattr(spec.loader, "exec_module"):
            return spec
        loader = spec.loader
        assert loader is not None
        execute = loader.exec_module

        def exec_module(module: "ModuleType") -> None:
            self._begin(name)
            try:
                execute(module)
            finally:
                self._end()

        loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec

    def clear(self) -> None:
        """Take the words away again, where they stand."""
        if self.shown:
            blank = " " * len(f"{WORDS}^C")  # what the terminal itself adds for that key
            _write(f"\r{blank}\r")
            self.shown = False

    def _found_by_others(
        self, name: str, path: "Sequence[str] | None", target: "ModuleType | None"
    ) -> "ModuleSpec | None":
        for finder in sys.meta_path:
            if finder is not self and (spec := finder.find_spec(name, path, target)) is not None:
                return spec
        return None

    def _begin(self, name: str) -> None:
        self.depth += 1
        if name == LIBRARY:
            _write(WORDS)
            self.shown = True

    def _end(self) -> None:
        self.depth -= 1
        if self.depth == 0 and self.shown:
            self.clear()
            sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self]


LOADING = LoadingWords()


def tell_of_loading() -> None:
    """From now on, where somebody looks: on a terminal, and nowhere else."""
    if LIBRARY not in sys.modules and sys.stderr.isatty():
        sys.meta_path.insert(0, LOADING)


def _write(text: str) -> None:
    # Also from a signal's handler, which must not enter a stream that is being written.
    os.write(2, text.encode(sys.stderr.encoding, "replace"))

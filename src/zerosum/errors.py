"""The one exception that a user is meant to read."""

from zerosum.spelling import Spelling, in_python, on_the_command_line
from zerosum.visible import visible


class ZerosumError(Exception):
    """Something the user can put right.

    `what` says in one line what is wrong, `remedy` in one line what to do about it. The commands
    print both and exit with 1; a library caller catches this one class, and reads in `str(error)`
    the same two lines with settings as Python writes them (`zerosum.spelling`). Names of files may
    have control characters, which stand in both as escapes.
    """

    spelling: Spelling | None = None
    """Of the function of the Python API that it came through."""

    def __init__(self, what: str, remedy: str) -> None:
        self._written = visible(what), visible(remedy)
        self.what, self.remedy = map(on_the_command_line, self._written)
        super().__init__(f"{self.what}\n{self.remedy}")

    def __str__(self) -> str:
        return in_python("\n".join(self._written), self.spelling)

    def __reduce__(self) -> tuple[type["ZerosumError"], tuple[str, str]]:
        # The default would call the class with one joined string when a worker process hands the
        # error back.
        return type(self), self._written


class UsageError(ZerosumError):
    """A setting is wrong: a value that is not allowed, an unknown field."""


def first_line(error: BaseException) -> str:
    """What a library's error says in its first line; its kind where it says nothing."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)

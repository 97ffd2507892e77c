"""The one exception that a user is meant to read."""

from zerosum.visible import visible


class ZerosumError(Exception):
    """Something the user can put right.

    `what` says in one line what is wrong, `remedy` in one line what to do about it. The commands
    print both and exit with 1; a library caller catches this one class. Names of files may have
    control characters, which stand in both as escapes.
    """

    def __init__(self, what: str, remedy: str) -> None:
        self.what, self.remedy = visible(what), visible(remedy)
        super().__init__(f"{self.what}\n{self.remedy}")

    def __reduce__(self) -> tuple[type["ZerosumError"], tuple[str, str]]:
        # The default would call the class with one joined string when a worker process hands the
        # error back.
        return type(self), (self.what, self.remedy)


class UsageError(ZerosumError):
    """The words of a command are wrong: an option's value that is not allowed, an unknown field."""

"""Functions in files of users: called with what they name, and told of as the user's."""

import contextlib
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, NoReturn, Self, TypeVar

from zerosum.errors import ZerosumError
from zerosum.parts import OwnFile, file_now, line_of, tell

Result = TypeVar("Result")
Array = TypeVar("Array")


@dataclass(frozen=True)
class UserFunction(Generic[Result]):
    """A function of the file that is run now. It is called with those of the arguments that it
    names, and its errors are told with the file and the line."""

    function: Callable[..., Result]
    names: frozenset[str]
    file: OwnFile

    @classmethod
    def of(
        cls, function: Callable[..., Result], needed: Sequence[str], others: Sequence[str] = ()
    ) -> Self:
        """Raises ValueError, "what; what to do", where it is no function, does not name those that
        are needed, or names another than these."""
        if (
            isinstance(function, type)
            or not callable(function)
            or not hasattr(function, "__name__")
        ):
            given = "a class" if isinstance(function, type) else kind_of(function)
            raise ValueError(
                f"it stands on {given}; write a function there: def mine({', '.join(needed)})"
            )
        names = tuple(inspect.signature(function).parameters)
        allowed = (*needed, *others)
        call = f"{function.__name__}({', '.join(names)})"
        more = f", and may name {', '.join(others)}" if others else ""
        for name in (*needed, *names):
            if name not in names or name not in allowed:
                what = "does not name" if name not in names else "names"
                raise ValueError(
                    f"{call} {what} {name!r}; it is called as "
                    f"{function.__name__}({', '.join(needed)}){more}"
                )
        return cls(function, frozenset(names), file_now())

    def __call__(self, **values: object) -> Result:
        with self.telling():
            return self.function(**{name: values[name] for name in self.names})

    def refuse(self, what: str, remedy: str) -> NoReturn:
        """Say what is wrong with what it gives."""
        where = self.file.place(line_of(self.function))
        raise ZerosumError(f"{where}: {self.function.__name__} {what}", remedy)

    def require_like(self, made: object, given: Array, kind: type[Array], what: str) -> Array:
        """What it made of images or of a picture: of that kind, of the same type and shape.
        Refused otherwise."""
        if not isinstance(made, kind) or kind_of(made) != kind_of(given):
            self.refuse(
                f"gives {kind_of(made)} of {what} {kind_of(given)}",
                "it has to give the same type and the same shape",
            )
        return made

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """Errors in here are told with the file and the line."""
        try:
            yield
        except ZerosumError:
            raise
        except Exception as error:
            if type(error).__name__ == "OutOfMemoryError":
                raise  # which is told as everywhere
            tell(error, self.file, line_of(self.function))


def kind_of(given: object) -> str:
    """What a function gave, in words: of an array or a tensor its type and its shape."""
    dtype, shape = getattr(given, "dtype", None), getattr(given, "shape", None)
    if dtype is None or shape is None:
        return type(given).__name__
    return f"{dtype} of shape {tuple(shape)}"

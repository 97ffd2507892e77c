"""Settings in texts, as the command line and as Python write them.

A text names a setting as the command line does: `--stop-after`, `--device=cpu`, `--images 5000`. A
value behind a space is taken for one only where it can be nothing else: a number, a path, a
placeholder in capitals, "best"; another word is a value behind `=`. Python's callers read the same
text as `stop_after=`, `device="cpu"`, `overrides={"images": 5000}`.
"""

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ParamSpec, Self, TypeVar

from zerosum.suggest import STEPS, did_you_mean, letters, meant, near

LONGEST_VALUE = 40
"""Characters of a value that an error shows."""
_VALUE = (
    r"\d[\w.,-]*|[A-Z][A-Z_]+(?![a-z])|[\w.~-]*/[\w./~-]*|[\w-]+\.[a-z0-9]{3,11}\b|[a-z]+\d\w*"
    r"|(?:best|pretrained|yes|no)\b"
)
_SETTING = re.compile(
    rf"(?<![\w-])--(?P<name>[a-z](?:[\w.-]*\w)?)(?:=(?P<exact>[^\s,;)]+)|\s+(?P<value>{_VALUE}))?"
)
_COMMAND = re.compile(r"`[^`-][^`]* [^`]*`|\bzerosum [^;,)`\n]*")
"""Whole commands stay as they are: they are for a terminal."""


@dataclass(frozen=True)
class Spelling:
    """How a Python function's settings are written."""

    parameters: frozenset[str] = frozenset()
    """Its own; what else a text names is a field of a recipe where `overrides` is among them."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Options of the command line that are called otherwise."""
    flags: frozenset[str] = frozenset()
    """Parameters that are True or False."""

    @classmethod
    def of(cls, function: Callable[..., object], renamed: Mapping[str, str] | None = None) -> Self:
        """That of a function."""
        parameters = inspect.signature(function).parameters
        flags = {name for name, each in parameters.items() if isinstance(each.default, bool)}
        return cls(frozenset(parameters), renamed or {}, frozenset(flags))

    def setting(self, option: str, value: str) -> str:
        """One setting with its value ("" for none), as an argument of a call."""
        name = self.renamed.get(option, option.replace("-", "_"))
        if "{}" in name:
            return name.format(_literal(value) or "…")
        if name.startswith("no_") and name[3:] in self.parameters:
            return f"{name[3:]}=False"
        if name in self.flags and not value:
            return f"{name}=True"
        if "." in option or ("overrides" in self.parameters and name not in self.parameters):
            return f'overrides={{"{option}": {_literal(value) or "…"}}}'
        return f"{name}={_literal(value)}"

    def unknown(self, name: str, value: object, fields: Sequence[str]) -> str:
        """What to say of an argument that is none; `fields` are those of a recipe, which are set
        by `overrides`."""
        what = f"there is no argument {name}="
        if letters(name) in STEPS and fields:
            return f'{what}: a training is as long as overrides={{"images": N}} says, N real images'
        shown = repr(value)
        shown = shown if len(shown) <= LONGEST_VALUE else "…"
        meaning = self.renamed.get(name.replace("_", "-").strip("-")) or meant(
            name, self.parameters
        )
        if meaning is not None and "{}" in meaning:
            return f"{what}: write {meaning.format(shown)}"
        if meaning is not None:
            return f"{what}: write {meaning}={shown}"
        if (field := meant(name, fields)) is not None:
            return f'{what}: write overrides={{"{field}": {shown}}}'
        hint = did_you_mean(name, sorted(self.parameters)) or near(name, fields)
        return f"{what}: {hint}" if hint else what


def in_python(text: str, spelling: Spelling | None = None) -> str:
    """A text with its settings as Python writes them."""
    spelt = spelling or Spelling()

    def write(found: re.Match[str]) -> str:
        value = found["exact"] or found["value"] or ""
        end = value[len(value.rstrip(".,:")) :]
        return spelt.setting(found["name"], value.removesuffix(end)) + end

    parts, done = [], 0
    for command in _COMMAND.finditer(text):
        parts += [_SETTING.sub(write, text[done : command.start()]), command[0]]
        done = command.end()
    return "".join([*parts, _SETTING.sub(write, text[done:])])


def on_the_command_line(text: str) -> str:
    """A text with its settings as people type them: `--device cpu`."""
    return re.sub(r"(?<![\w-])(--[a-z][\w.-]*)=(?=[^\s,;)])", r"\1 ", text)


def _literal(value: str) -> str:
    """A value as Python writes it: numbers and placeholders as they are, other words quoted."""
    if not value or re.fullmatch(r"-?\d[\d_]*(\.\d+)?|[A-Z][A-Z_]+", value):
        return value
    return f'"{value}"'


Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def python_call(
    fields: Callable[[], Sequence[str]] = tuple,
    /,
    **renamed: str,
) -> Callable[[Callable[Arguments, Result]], Callable[Arguments, Result]]:
    """Decorate a function of the Python API: what it raises speaks of its own parameters, and an
    argument that is none gets the right one as an answer, which may be one of the `fields` of a
    recipe.

    `renamed` gives the parameter for each option of the command line that has another name, or,
    with a place `{}` for the value, what is written in its stead.
    """

    def decorate(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        from zerosum.errors import ZerosumError

        spelling = Spelling.of(
            function, {option.replace("_", "-"): name for option, name in renamed.items()}
        )

        @functools.wraps(function)
        def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            for name in kwargs.keys() - spelling.parameters:
                raise TypeError(
                    f"{function.__name__}(): {spelling.unknown(name, kwargs[name], fields())}"
                )
            try:
                return function(*args, **kwargs)
            except ZerosumError as error:
                error.spelling = error.spelling or spelling
                raise

        return call

    return decorate

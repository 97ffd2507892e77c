"""Numbers within bounds, as people write them: 220k, 0.0002, auto."""

import re
from typing import Literal, TypeVar

import click

from zerosum.cli.values import Known, Value, unnamed, whole_number

Bounded = TypeVar("Bounded", int, float)


class Count(Value[int]):
    """A whole number within bounds."""

    name = "n"

    def __init__(self, least: int | None = None, most: int | None = None) -> None:
        self.least, self.most = least, most

    def read(self, text: str) -> int:
        number = whole_number(text)
        if number is None:
            raise ValueError("write a whole number, such as 220000, 220k or 2.2e5")
        return _within(number, self.least, self.most, ",")


class NumberOr(Value[float | str]):
    """A number, or a word: auto, same."""

    def __init__(self, word: str, number: Value[int] | Value[float]) -> None:
        self.word, self.number = word, number
        self.name = f"{word}|x"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        return f"[{self.word}|X]"

    def read(self, text: str) -> float | str:
        if text.lower() == self.word:
            return self.word
        try:
            return self.number.read(text)
        except ValueError as error:
            raise ValueError(f"{error}; or {self.word}") from None

    def known(self) -> Known:
        return unnamed([self.word])


class ThreadCount(Value[int | Literal["auto"]]):
    """How many processor threads."""

    name = "auto|n"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        return "[auto|N]"

    def read(self, text: str) -> int | Literal["auto"]:
        if text.lower() == "auto":
            return "auto"
        number = whole_number(text)
        if number is None:
            raise ValueError("write auto, or a whole number of threads, such as 1")
        return _within(number, 1, None, ",")

    def known(self) -> Known:
        return unnamed(["auto"])


class Number(Value[float]):
    """A number within bounds."""

    name = "number"

    def __init__(self, least: float | None = None, most: float | None = None) -> None:
        self.least, self.most = least, most

    def read(self, text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            point = text.replace(",", ".")
            example = point if re.fullmatch(r"[+-]?\d+\.\d+", point) else "0.0002 or 2e-4"
            raise ValueError(f"write a number, such as {example}") from None
        return _within(number, self.least, self.most, "g")


def _within(number: Bounded, least: Bounded | None, most: Bounded | None, written: str) -> Bounded:
    if least is not None and not number >= least:
        raise ValueError(f"give {least:{written}} or more")
    if most is not None and not number <= most:
        raise ValueError(f"give {most:{written}} or less")
    return number

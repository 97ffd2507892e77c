"""Values as people write them: 220k, 1e5, FID, yes, gpu, 10m; numbers within bounds are in
`numbers.py`."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from math import isfinite, nan
from typing import Any, Literal, TypeVar

import click
from click.shell_completion import CompletionItem

from zerosum.arguments import seconds_of, words_of
from zerosum.cli.terminal import echo
from zerosum.errors import UsageError
from zerosum.recipe.image_size import parse_size
from zerosum.suggest import did_you_mean

WORDS = "zerosum.words"
"""By what a context keeps the words of its command (`words.Command`)."""
MULTIPLES = {"": 0, "k": 3, "m": 6}
WHOLE = r"([+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?)(?:e\+?(\d{1,2}))?([km]?)"
LONGEST = 16
"""Letters of choices that stand beside an option in its help; more of them stand in its text."""
YES, NO = ("yes", "true", "on", "1"), ("no", "false", "off", "0")
DEVICES = {"gpu": "cuda", "nvidia": "cuda", "metal": "mps"}
"""What others call a kind of device."""

Known = Sequence[tuple[str, str]]
"""Names, and in a line each what they are."""
Result = TypeVar("Result")


class Value(click.ParamType[Result]):
    """A kind of values: what a word means, and which words are known."""

    title = ""
    """What such things are called, for a list of them where one is missing."""
    paths: Literal["", "file", "dir"] = ""
    """What the shell completes beside the names."""

    def read(self, text: str) -> Result:
        """What a word means. Raises ValueError, which says what to do, for one that is not
        allowed, and ZerosumError where more is to be said."""
        raise NotImplementedError

    def known(self) -> Known:
        """The names there are."""
        return ()

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Result:
        try:
            return self.read(str(value))
        except ValueError as error:
            raise wrong(value, param, ctx, str(error)) from None

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """The names that begin so, beside the paths that the shell itself completes."""
        paths = [CompletionItem(incomplete, type=self.paths)] if self.paths else []
        return [*paths, *beginning(incomplete, self.known())]


def whole_number(text: str) -> int | None:
    """The number that 220000, 220_000, 220,000, 220k, 2.2e5 or 1.5M says; None for anything else,
    also for one that is not whole."""
    match = re.fullmatch(WHOLE, re.sub(r"(?<=\d)_(?=\d)", "", text.strip().lower()))
    if not match:
        return None
    exponent = int(match[2] or 0) + MULTIPLES[match[3]]
    number = Decimal(match[1].replace(",", "")).scaleb(exponent)
    return int(number) if number == number.to_integral_value() else None


class YesNo(Value[bool]):
    """Yes or no; the option alone says yes (`words.understood`)."""

    name = "yes|no"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        return "[yes|no]"

    def read(self, text: str) -> bool:
        if text.lower() not in (*YES, *NO):
            raise ValueError("say yes or no")
        return text.lower() in YES

    def known(self) -> Known:
        return unnamed(["yes", "no"])


class OneOf(click.Choice[Any]):
    """One of a few words, in any case, with dashes or underscores; a mapping says what each stands
    for. `own`: files of the user's may bring others, which the recipe tells once it has them."""

    def __init__(self, choices: Sequence[Any] | Mapping[str, Any], own: bool = False) -> None:
        super().__init__(list(choices), case_sensitive=False)
        self.own = own
        self.meanings = choices if isinstance(choices, Mapping) else {}
        self.many = len("|".join(map(str, choices))) > LONGEST

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        return "NAME" if self.many else super().get_metavar(param, ctx)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            found = super().convert(value, param, ctx)
        except click.BadParameter:
            if self.own:
                return value
            choices = [str(choice) for choice in self.choices]
            hint = did_you_mean(str(value).lower(), choices)
            choices_in_words = f"choose from: {', '.join(choices)}"
            raise wrong(value, param, ctx, f"{hint} {choices_in_words}".strip()) from None
        return self.meanings.get(found, found)


class Names(click.ParamType[tuple[str, ...]]):
    """Several names with commas between: fid,kid,recall. Of some that are known (a function, asked
    when it is needed), in any case; otherwise as they are written. `own`: as `OneOf` has it."""

    name = "names"

    def __init__(self, known: Callable[[], Sequence[str]] = tuple, own: bool = False) -> None:
        self.known, self.own = known, own

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        if not (known := self.known()):
            return words_of(str(value), self.name)
        one, names = OneOf(known, self.own), re.split(r"[\s,]+", str(value))
        return tuple(one.convert(name, param, ctx) for name in names if name)

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """The last of the names."""
        before, comma, last = incomplete.rpartition(",")
        names = unnamed([name for name in self.known() if name not in before.split(",")])
        return [CompletionItem(f"{before}{comma}{each.value}") for each in beginning(last, names)]


class Duration(Value[float]):
    """A time such as 90s, 10m, 1.5h or 2d, in seconds."""

    name = "time"

    def read(self, text: str) -> float:
        seconds = seconds_of(text)
        if seconds is None:
            raise ValueError("write a time: 90s, 10m, 1.5h or 2d")
        return seconds


class Minutes(Value[float]):
    """Minutes as a number, 30, or a time such as 1.5h."""

    name = "minutes"

    def read(self, text: str) -> float:
        seconds = seconds_of(text)
        if seconds is not None:
            return seconds / 60
        try:
            minutes = float(text)
        except ValueError:
            minutes = nan
        if not isfinite(minutes):
            raise ValueError("write minutes, such as 30, or a time, such as 1.5h")
        return minutes


class SizeOfImages(Value[int | str]):
    """A side, 64, or width x height, 64x96."""

    name = "size"

    def read(self, text: str) -> int | str:
        return parse_size(text).written


class CheckpointName(Value[str]):
    """latest, best, or a number of images."""

    name = "checkpoint"

    def read(self, text: str) -> str:
        number = whole_number(text)
        return text.lower() if number is None else str(number)

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """Those of the run that was named, beside latest and best."""
        from zerosum.records.run import RunFolder, checkpoint_names
        from zerosum.records.runs import is_run, named_path

        # click keeps nothing of a command whose last option has no value yet.
        places = [named_path(word) for word in ctx.meta.get(WORDS, ()) if not word.startswith("-")]
        runs = [RunFolder(place) for place in places if is_run(place)][:1]
        names = [name for run in runs for name in checkpoint_names(run)]
        return beginning(incomplete, unnamed(["latest", "best", *names]))


class DeviceName(Value[str]):
    """A device as torch calls it."""

    name = "device"

    def read(self, text: str) -> str:
        kind, colon, number = text.lower().partition(":")
        return f"{DEVICES.get(kind, kind)}{colon}{number}"

    def known(self) -> Known:
        return unnamed(["auto", "cpu", "cuda", "mps"])


class ProtocolName(Value[str]):
    """A named protocol; "list" prints them, in place of all else that was asked."""

    name = "protocol"

    def read(self, text: str) -> str:
        if text != "list":
            return "" if text == "custom" else text
        from zerosum.evaluation.named_protocol import named_protocol, protocol_names

        width = max(map(len, protocol_names()))
        for known in protocol_names():
            echo(f"{known:<{width}}  {named_protocol(known).title}")
        raise click.exceptions.Exit(0)


def unnamed(names: Sequence[str]) -> Known:
    """Names of which nothing is said."""
    return [(name, "") for name in names]


def beginning(incomplete: str, known: Known) -> list[CompletionItem]:
    """The names that begin so, for the shell."""
    begun = [(name, what) for name, what in known if name.lower().startswith(incomplete.lower())]
    return [CompletionItem(name, help=what or None) for name, what in begun]


def wrong(
    value: object, param: click.Parameter | None, ctx: click.Context | None, remedy: str
) -> UsageError:
    """The error for an option's or argument's value that is not allowed."""
    if isinstance(param, click.Option):
        name = param.opts[-1]
    else:
        name = param.make_metavar(ctx) if param is not None and ctx is not None else "value"
    return UsageError(f"{name} {value} is not allowed", remedy)


def score_names() -> Sequence[str]:
    """The scores there are."""
    from zerosum.recipe.scores import SCORES

    return list(SCORES)

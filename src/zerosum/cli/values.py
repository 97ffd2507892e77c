"""Values as people write them: 220k, 1e5, FID, yes, gpu, 10m."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import click
from click.shell_completion import CompletionItem

from zerosum.durations import seconds_of
from zerosum.errors import UsageError
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


def whole_number(text: str) -> int | None:
    """The number that 220000, 220_000, 220,000, 220k, 2.2e5 or 1.5M says; None for anything else,
    also for one that is not whole."""
    match = re.fullmatch(WHOLE, re.sub(r"(?<=\d)_(?=\d)", "", text.strip().lower()))
    if not match:
        return None
    exponent = int(match[2] or 0) + MULTIPLES[match[3]]
    number = Decimal(match[1].replace(",", "")).scaleb(exponent)
    return int(number) if number == number.to_integral_value() else None


class Count(click.ParamType[int]):
    """A whole number within bounds."""

    name = "n"

    def __init__(self, least: int | None = None, most: int | None = None) -> None:
        self.least, self.most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        number = value if isinstance(value, int) else whole_number(str(value))
        if number is None:
            raise wrong(value, param, ctx, "write a whole number, such as 220000, 220k or 2.2e5")
        if self.least is not None and number < self.least:
            raise wrong(value, param, ctx, f"give {self.least:,} or more")
        if self.most is not None and number > self.most:
            raise wrong(value, param, ctx, f"give {self.most:,} or less")
        return number


class Number(click.ParamType[float]):
    """A number within bounds."""

    name = "number"

    def __init__(self, least: float | None = None, most: float | None = None) -> None:
        self.least, self.most = least, most

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        try:
            number = float(value)
        except ValueError:
            point = str(value).replace(",", ".")
            example = point if re.fullmatch(r"[+-]?\d+\.\d+", point) else "0.0002 or 2e-4"
            raise wrong(value, param, ctx, f"write a number, such as {example}") from None
        if self.least is not None and not number >= self.least:
            raise wrong(value, param, ctx, f"give {self.least:g} or more")
        if self.most is not None and not number <= self.most:
            raise wrong(value, param, ctx, f"give {self.most:g} or less")
        return number


class YesNo(click.ParamType[bool]):
    """Yes or no; the option alone says yes (`words.understood`)."""

    name = "yes|no"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        return "[yes|no]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bool:
        if isinstance(value, bool):
            return value
        if str(value).lower() in YES:
            return True
        if str(value).lower() in NO:
            return False
        raise wrong(value, param, ctx, "say yes or no")

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        return beginning(incomplete, ["yes", "no"])


class OneOf(click.Choice[Any]):
    """One of a few words, in any case, with dashes or underscores."""

    def __init__(self, choices: Sequence[Any]) -> None:
        super().__init__(choices, case_sensitive=False)
        self.many = len("|".join(map(str, choices))) > LONGEST

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        return "NAME" if self.many else super().get_metavar(param, ctx)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            choices = [str(choice) for choice in self.choices]
            hint = did_you_mean(str(value).lower(), choices)
            told = f"choose from: {', '.join(choices)}"
            raise wrong(value, param, ctx, f"{hint} {told}".strip()) from None


class Names(click.ParamType[tuple[str, ...]]):
    """Several names with commas between: fid,kid,recall. Of some that are known (a function, asked
    when it is needed), in any case; otherwise as they are written."""

    name = "names"

    def __init__(self, known: Callable[[], Sequence[str]] | None = None) -> None:
        self.known = known

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        names = [name for name in re.split(r"[\s,]+", str(value)) if name]
        if self.known is None:
            return tuple(names)
        one = OneOf(self.known())
        return tuple(one.convert(name, param, ctx) for name in names)

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """The last of the names."""
        before, comma, last = incomplete.rpartition(",")
        there = before.split(",")
        names = [name for name in (self.known() if self.known else ()) if name not in there]
        return [CompletionItem(f"{before}{comma}{each.value}") for each in beginning(last, names)]


class Duration(click.ParamType[float]):
    """A time such as 90s, 10m, 1.5h or 2d, in seconds."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        if isinstance(value, float):
            return value
        seconds = seconds_of(str(value))
        if seconds is None:
            raise wrong(value, param, ctx, "write a time: 90s, 10m, 1.5h or 2d")
        return seconds


class CheckpointName(click.ParamType[str]):
    """latest, best, or a number of images."""

    name = "checkpoint"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,  # noqa: ARG002
        ctx: click.Context | None,  # noqa: ARG002
    ) -> str:
        number = whole_number(str(value))
        return str(value).lower() if number is None else str(number)

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
        return beginning(incomplete, ["latest", "best", *names])


class DeviceName(click.ParamType[str]):
    """A device as torch calls it."""

    name = "device"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,  # noqa: ARG002
        ctx: click.Context | None,  # noqa: ARG002
    ) -> str:
        kind, colon, number = str(value).lower().partition(":")
        return f"{DEVICES.get(kind, kind)}{colon}{number}"

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        return beginning(incomplete, ["auto", "cpu", "cuda", "mps"])


def beginning(incomplete: str, names: Sequence[str]) -> list[CompletionItem]:
    """The names that begin so, for the shell."""
    return [CompletionItem(name) for name in names if name.startswith(incomplete.lower())]


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
    from typing import get_args

    from zerosum.recipe.scores import ScoreName

    return get_args(ScoreName)

"""The help of a command: first what people use, by topic; all of it with --help-all."""

import re
from collections.abc import Iterable, Mapping, Sequence

import click

from zerosum.cli.values import OneOf

RARE = {
    "average",
    "cache-root",
    "channels",
    "data-root",
    "fit",
    "layer",
    "range",
    "resize",
    "resolution",
    "threads",
    "weights",
}
"""Options that most people never need, in commands whose topics do not say otherwise."""
HELP = {"help", "help-all"}
Groups = dict[str, list[click.Option]]
"""Options by the title above them."""


def option_word(option: click.Parameter) -> str:
    """The name of an option without dashes before it, as topics have it."""
    return option.opts[-1].lstrip("-")


def options_of(parameters: Iterable[click.Parameter]) -> list[click.Option]:
    """The options among the parameters of a command, but not those of help."""
    options = [each for each in parameters if isinstance(each, click.Option)]
    return [option for option in options if option_word(option) not in HELP]


def common(options: Sequence[click.Option], topics: Mapping[str, Sequence[str]]) -> Groups:
    """The options that people use, by topic; without topics all but the rare ones."""
    if not topics:
        return {"Options": [option for option in options if option_word(option) not in RARE]}
    named = {option_word(option): option for option in options}
    return {
        title: [named[name] for name in names if name in named] for title, names in topics.items()
    }


def everything(options: Sequence[click.Option], topics: Mapping[str, Sequence[str]]) -> Groups:
    """All options: those of each topic, then the others."""
    groups = common(options, topics)
    shown = {id(option) for group in groups.values() for option in group}
    return groups | {"More options": [option for option in options if id(option) not in shown]}


def write_groups(
    formatter: click.HelpFormatter, groups: Mapping[str, Sequence[tuple[str, str]]]
) -> None:
    """Write records (the option, its text) by group, the texts of all groups in one column."""
    longest = max((len(name) for group in groups.values() for name, _ in group), default=0)
    column = min(longest, max(formatter.width // 3, 26))
    for title, records in groups.items():
        if records:
            with formatter.section(title):
                # A column is as wide as its longest cell.
                padded = [(name.ljust(column), text) for name, text in records]
                formatter.write_dl(padded, col_max=column)


def record(option: click.Option, ctx: click.Context, value: str = "") -> tuple[str, str]:
    """An option and its text, with its choices where they are many, and its value."""
    name, text = option.get_help_record(ctx) or ("", "")
    text, bracket, default = text.partition("  [")
    if ". " not in text:
        text = text.removesuffix(".")
    if isinstance(option.type, OneOf) and option.type.many:
        text = f"{', '.join(map(str, option.type.choices))}: {text[:1].lower()}{text[1:]}"
    elif re.match("[a-z]+ ", text):
        text = text[:1].upper() + text[1:]
    return name, f"{text}  [{value}]" if value else text + bracket + default


def _show_all(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        ctx.meta[ALL] = True
        click.echo(ctx.get_help())
        ctx.exit()


def all_asked(ctx: click.Context) -> bool:
    """Whether help was asked for by --help-all."""
    return bool(ctx.meta.get(ALL))


ALL = "zerosum.help-all"
"""By what a context keeps whether all help is wanted."""
help_all = click.Option(
    ["--help-all"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_all,
    help="Show all options and exit.",
)

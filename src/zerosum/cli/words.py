"""How the words of a command are understood, and what is said of those that are not.

Dashes and underscores, capitals and small letters are the same everywhere (click's
`token_normalize_func`). An option's other names are those of `suggest.SYNONYMS`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click
from click.shell_completion import CompletionItem

from zerosum.cli.terminal import help_width
from zerosum.cli.topics import (
    HELP,
    Groups,
    all_asked,
    common,
    everything,
    help_all,
    option_word,
    options_of,
    record,
    write_groups,
)
from zerosum.cli.values import NO, WORDS, YES, YesNo
from zerosum.errors import UsageError
from zerosum.suggest import did_you_mean, meant, near
from zerosum.visible import shell_words

Answer = tuple[str, str]
"""What is wrong with a word, and what to do."""


def normal(word: str) -> str:
    """A word of the command line in small letters, with dashes for underscores."""
    return word.replace("_", "-").lower()


SETTINGS: Mapping[str, Any] = {
    "help_option_names": ["-h", "--help"],
    "token_normalize_func": normal,
}


@dataclass(frozen=True)
class Completed:
    """The words that a shell completes, as the `obj` of their contexts."""

    words: tuple[str, ...]

    def may_name(self, others: Iterable[click.Parameter]) -> bool:
        """Whether one of the words is or becomes an option that is none of the others."""
        known = {name for each in others for name in (*each.opts, *each.secondary_opts)}
        return any(word.startswith("-") and word not in known for word in self.words)


class Context(click.Context):
    """Where help is as wide as the terminal."""

    def make_formatter(self) -> click.HelpFormatter:
        return click.HelpFormatter(width=help_width())


class Command(click.Command):
    """A command that understands an option's other names.

    `topics` has the names of the options that its help shows, by title; without them all are shown
    but the rare ones. The others are shown by --help-all.
    """

    context_class = Context

    def __init__(
        self,
        name: str | None,
        topics: Mapping[str, Sequence[str]] | None = None,
        **attributes: Any,
    ) -> None:
        super().__init__(name, context_settings={**SETTINGS}, **attributes)
        self.topics = topics or {}

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        params = super().get_params(ctx)
        options = options_of(params)
        shown = common(options, self.topics)
        if sum(map(len, shown.values())) < len(options):
            params.append(help_all)
        return params

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Options, and as long as no letter is given the common ones alone."""
        every = super().shell_complete(ctx, incomplete[:1])
        found = [each for each in every if normal(each.value).startswith(normal(incomplete))]
        if incomplete.strip("-"):
            return found
        groups = common(options_of(self.get_params(ctx)), self.topics).values()
        shown = {option_word(option) for group in groups for option in group} | HELP
        return [item for item in found if item.value.lstrip("-") in shown]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The groups of options, and how to get help at the end."""
        params = self.get_params(ctx)
        groups = self.groups(options_of(params), all_asked(ctx))
        values = self.values(ctx)
        records = {
            title: [record(each, ctx, values.get(option_word(each), "")) for each in group]
            for title, group in groups.items()
        }
        last = "Help" if len(records) > 1 else next(iter(records))
        helps = [each.get_help_record(ctx) for each in params if option_word(each) in HELP]
        records[last] = records.get(last, []) + [each for each in helps if each]
        write_groups(formatter, records)

    def groups(self, options: Sequence[click.Option], every: bool) -> Groups:
        """The options that help shows, by title: those that people use, or all."""
        return (everything if every else common)(options, self.topics)

    def values(self, ctx: click.Context) -> Mapping[str, str]:  # noqa: ARG002
        """What help shows as the values of options, by their words."""
        return {}

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.allow_extra_args = True
        try:
            ctx.meta[WORDS] = self.understood(ctx, args)
            rest = super().parse_args(ctx, [*ctx.meta[WORDS]])
        except click.UsageError as error:
            # click's parser leaves it out now and then.
            error.ctx = error.ctx or ctx
            raise
        if rest and not ctx.resilient_parsing:
            raise self.too_many(ctx, rest)
        return rest

    def understood(self, ctx: click.Context, args: Sequence[str]) -> list[str]:
        """The words with every option by the name that it has here.

        Raises UsageError for a word that `answer` knows.
        """
        options = _options(self.get_params(ctx))
        words: list[str] = []
        for place, word in enumerate(args):
            if word == "--":
                return [*words, *args[place:]]
            match = re.fullmatch(r"(--?)([A-Za-z][\w.+-]*)(=.*)?", word, re.DOTALL)
            if not match or (match[1] == "-" and len(match[2]) == 1):
                words.append(word)
                continue
            name, value = normal(match[2]), match[3] or ""
            if name not in options:
                name, said = _meaning(name, options)
                value = said or value
                if name not in options and match[1] == "--" and not ctx.resilient_parsing:
                    after = [*([value[1:]] if value else []), *args[place + 1 :]]
                    if answer := self.answer(ctx, name, args[:place], after):
                        raise UsageError(*answer)
            if (option := options.get(name)) is None:
                words.append(word)
                continue
            if isinstance(option.type, YesNo) and not value:
                following = [each.lower() for each in args[place + 1 : place + 2]]
                # A shell that completes may want to know what can be said.
                asked = ctx.resilient_parsing and not following
                value = "" if asked or {*following} & {*YES, *NO} else "=yes"
            words.append(f"{option_name(option, name)}{value}")
        return words

    def answer(
        self,
        ctx: click.Context,
        name: str,
        before: Sequence[str],  # noqa: ARG002
        after: Sequence[str],
    ) -> Answer | None:
        """What to say of an option that is none and has a meaning: its name in small letters, the
        words before it, and those after it, its value first."""
        params = self.get_params(ctx)
        options = {each.name for each in params}
        if name != "data" or "data" in options:
            return None
        if "against" in options:
            value = shell_words(after[:1]) or "IMAGES"
            return "there is no option --data here", f"give real images by --against {value}"
        if any(each.human_readable_name == "DATA" for each in params):
            words = shell_words([*ctx.command_path.split(), *(after[:1] or ["DATA"])])
            return "there is no option --data here", f"write: {words}"
        return None

    def too_many(self, ctx: click.Context, words: list[str]) -> UsageError:
        """The error for words that have no place."""
        what = "a word" if len(words) == 1 else "words"
        return UsageError(
            f"{what} too many: {shell_words(words)}", f"`{ctx.command_path} --help` tells the usage"
        )


class Group(click.Group):
    """A group of such commands."""

    command_class = Command
    context_class = Context

    def __init__(self, name: str | None = None, *, usual: str = "", **attributes: Any) -> None:
        super().__init__(name, context_settings={**SETTINGS}, **attributes)
        self.usual = usual
        """The command that is meant where its name was left out."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = normal(args[0])
        there = self.list_commands(ctx)
        if name in there:
            return super().resolve_command(ctx, [name, *args[1:]])
        if not args[0].startswith("-") and not ctx.resilient_parsing:
            raise self.no_command(ctx, args, there)
        return super().resolve_command(ctx, args)

    def no_command(self, ctx: click.Context, args: list[str], there: list[str]) -> UsageError:
        """The error for a command that is none."""
        hint = did_you_mean(normal(args[0]), there)
        if not hint and self.usual:
            words = shell_words([*ctx.command_path.split(), self.usual, *args])
            hint = f"did you mean: {words}"
        return UsageError(
            f"there is no command `{ctx.command_path} {args[0]}`",
            hint or f"choose from: {', '.join(there)}",
        )


def answer_of(error: click.UsageError) -> Answer:
    """What click found wrong, and what to do, in a line each."""
    path = error.ctx.command_path if error.ctx else "zerosum"
    look = f"`{path} --help` tells what there is"
    if isinstance(error, click.NoSuchOption):
        options = _options(error.ctx.command.get_params(error.ctx)) if error.ctx else {}
        written = [option_name(option, key) for key, option in options.items()]
        return f"there is no option {error.option_name}", near(error.option_name, written) or look
    if isinstance(error, click.MissingParameter) and error.param is not None:
        name = error.param.opts[-1]
        if not isinstance(error.param, click.Option):
            name = error.param.human_readable_name
            if error.ctx and not error.param.required:  # A recipe, which is chosen for images.
                ways = f"{path} --data DATA, or {path} {name}"
                return f"neither DATA nor {name} is given", f"write: {ways}"
        return f"{name} is missing", f"write: {_usage(error.ctx)}" if error.ctx else look
    if isinstance(error, click.BadOptionUsage):
        takes = "a value" if "requires" in error.message else "no value"
        return f"{error.option_name} takes {takes}", look
    if isinstance(error, click.BadParameter) and error.param is not None:
        return f"{error.param.opts[-1]}: {error.message.rstrip('.')}", look
    return error.format_message().rstrip("."), look


def _usage(ctx: click.Context) -> str:
    """A command with its arguments."""
    params = ctx.command.get_params(ctx)
    words = [each.human_readable_name for each in params if isinstance(each, click.Argument)]
    return " ".join([ctx.command_path, *words])


def option_name(option: click.Option, name: str) -> str:
    """An option as it is written in the help, of its names the one that is this in `normal`."""
    written = [*option.opts, *option.secondary_opts]
    return next((each for each in written if normal(each).lstrip("-") == name), written[-1])


def _options(parameters: Iterable[click.Parameter]) -> dict[str, click.Option]:
    """The long names of the options, in `normal` and without dashes."""
    return {
        normal(name).removeprefix("--"): option
        for option in parameters
        if isinstance(option, click.Option)
        for name in [*option.opts, *option.secondary_opts]
        if name.startswith("--")
    }


def _meaning(name: str, options: Mapping[str, click.Option]) -> tuple[str, str]:
    """The option that is surely meant by a name that is none, and what the name says of it; the
    name itself where there is none."""
    if found := meant(name, options):
        return found, ""
    found = meant(name[3:], options) if name.startswith("no-") else None
    if found and isinstance(options[found].type, YesNo):
        return found, "=no"
    return name, ""

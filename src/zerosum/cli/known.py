"""What can be named on the command line: recipes, images, studies. How they are completed, and
listed where one is missing."""

from collections.abc import Sequence
from typing import Any, Literal

import click
from click.shell_completion import CompletionItem

from zerosum.cli.terminal import echo, help_width
from zerosum.errors import UsageError
from zerosum.named_sets import NAMED_SETS
from zerosum.reading import user_path

Known = Sequence[tuple[str, str]]
"""Names, and in a line each what they are."""
MOST_LISTED = 20


class Listed:
    """What a type of parameters has whose values are names of some that are known, or paths."""

    title = ""
    """What such things are called, for a list of them."""
    paths: Literal["file", "dir"] = "file"
    """What the shell completes beside the names."""

    def known(self) -> Known:
        """The names there are."""
        return ()

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """The names that begin so, beside the paths that the shell itself completes."""
        begun = [(name, what) for name, what in self.known() if name.startswith(incomplete)]
        names = [CompletionItem(name, help=what or None) for name, what in begun]
        return [CompletionItem(incomplete, type=self.paths), *names]


class Name(Listed, click.ParamType[str]):
    """A name of some that are known, or a path."""

    name = "name"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,  # noqa: ARG002
        ctx: click.Context | None,  # noqa: ARG002
    ) -> str:
        return str(value)


class RecipeName(Name):
    """A shipped recipe, or a .toml file."""

    name, title = "recipe", "recipes"

    def known(self) -> Known:
        from zerosum.recipe.shipped import headline, shipped_recipes, shipped_text

        return [(name, headline(shipped_text(name))) for name in shipped_recipes()]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from zerosum.recipe.shipped import shipped_recipes

        recipe = super().convert(value, param, ctx)
        path = user_path(recipe)
        images = path.is_dir() or path.suffix in (".zip", ".tar", ".tgz", ".gz", ".parquet")
        if recipe not in shipped_recipes() and (recipe in NAMED_SETS or (images and path.exists())):
            trained = "dcgan-mnist" if recipe.endswith("mnist") else "dcgan"
            raise UsageError(
                f"{recipe} names images, and a recipe says how to train on them",
                f"write: zerosum train {trained} --data {recipe}",
            )
        return recipe


class DataName(Name):
    """Images: a set that is known by name, a folder or an archive."""

    name, title = "data", "images by name, beside folders, zips and tars of your own"

    def known(self) -> Known:
        return list(NAMED_SETS.items())


class StudyName(Name):
    """A shipped study, a .toml file, or the folder of a study."""

    name, title = "study", "studies"

    def known(self) -> Known:
        from zerosum.recipe.shipped import headline
        from zerosum.studies.shipped import shipped_studies, shipped_text

        return [(name, headline(shipped_text(name))) for name in shipped_studies()]


def unnamed(names: Sequence[str]) -> Known:
    """Names of which nothing is said."""
    return [(name, "") for name in names]


def listed(title: str, known: Known) -> list[str]:
    """A list of names with what they are, a line each, as wide as the terminal."""
    if not known:
        return []
    shown, width = known[:MOST_LISTED], max(len(name) for name, _ in known[:MOST_LISTED])
    lines = [f"  {name:<{width}}  {what}".rstrip() for name, what in shown]
    if len(known) > len(shown):
        lines.append(f"  … and {len(known) - len(shown):,} more")
    return [f"{title}:", *(_cut(line) for line in lines)]


def _cut(line: str) -> str:
    width = help_width()
    return line if len(line) <= width else f"{line[: width - 1].rstrip()}…"


def write_table(known: Known) -> None:
    """Print names with what they are, in two columns as wide as the terminal."""
    formatter = click.HelpFormatter(width=help_width())
    formatter.write_dl(known)
    echo(formatter.getvalue().rstrip())


def lists_for(missing: click.Parameter, ctx: click.Context | None) -> list[str]:
    """What may be given for a parameter that is missing, and for --data beside a recipe."""
    lines: list[str] = []
    for each in (missing, *_data_beside(missing, ctx)):
        if isinstance(each.type, Listed):
            lines += ["", *listed(each.type.title, each.type.known())]
    return lines


def _data_beside(missing: click.Parameter, ctx: click.Context | None) -> list[click.Parameter]:
    if ctx is None or not isinstance(missing.type, RecipeName):
        return []
    params = ctx.command.get_params(ctx)
    return [each for each in params if isinstance(each.type, DataName)]

"""`zerosum recipes`: what is shipped, and what one of them builds."""

import click

from zerosum.cli.known import RecipeName, write_table
from zerosum.cli.terminal import echo
from zerosum.cli.words import Group, normal


class Recipes(Group):
    """Where the name of a recipe alone shows it."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        named = len(args) == 1 and not args[0].startswith("-")
        if named and normal(args[0]) not in self.commands:
            return "show", show, args
        return super().resolve_command(ctx, args)


@click.group(cls=Recipes, invoke_without_command=True)
@click.pass_context
def recipes(context: click.Context) -> None:
    """List the shipped recipes; `recipes show NAME` shows one with its layers."""
    if context.invoked_subcommand is not None:
        return
    write_table(RecipeName().known())
    echo("\nShow one: zerosum recipes dcgan")
    echo("Train one: zerosum train digits")


@recipes.command()
@click.argument("name", type=RecipeName())
def show(name: str) -> None:
    """The file of recipe NAME (shipped, or a path), then its layers, shapes and parameters.

    `zerosum recipes show dcgan > my.toml` makes a recipe of your own: the layers are comments.
    """
    from pathlib import Path

    from zerosum.recipe.load import load_recipe
    from zerosum.recipe.shipped import shipped_recipes, shipped_text

    recipe = load_recipe(name)
    text = shipped_text(name) if name in shipped_recipes() else Path(name).read_text("utf-8")
    echo(text.rstrip())

    from zerosum.networks.describe import describe_players

    for line in describe_players(recipe):
        echo(f"# {line}".rstrip())

"""What README and pages tell people to type is there, and so is where they point."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from zerosum.cli.commands import commands
from zerosum.cli.words import normal

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])

FENCED = re.compile(r"^```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`(zerosum [^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")


def typed(text: str) -> Iterator[str]:
    """The commands of a page: those of its blocks, a line each, and those within sentences."""
    for block in FENCED.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("zerosum "):
                yield line
    yield from INLINE.findall(FENCED.sub("", text))


def unknown(line: str) -> list[str]:
    """The words of a command that zerosum does not know: its name, or options."""
    words = shlex.split(line, comments=True)[1:]
    command: click.Command = commands
    context = click.Context(commands, info_name="zerosum")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        below = command.get_command(context, words[0])
        if below is None:
            break
        command, context = below, click.Context(below, info_name=words.pop(0), parent=context)
    if isinstance(command, click.Group) and words and words[0].islower():
        return words[:1]
    known = {
        name
        for option in command.get_params(context)
        for name in (*option.opts, *option.secondary_opts)
    }
    options = [word.partition("=")[0] for word in words if re.match("--[a-z]", word)]
    return [option for option in options if normal(option) not in known]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_of_a_page_are_there_with_their_options(page: Path) -> None:
    wrong = {line: unknown(line) for line in typed(page.read_text(encoding="utf-8"))}
    assert {line: words for line, words in wrong.items() if words} == {}


def test_a_wrong_option_and_a_wrong_command_of_a_page_are_found() -> None:
    page = "`zerosum modes RUN --count 2` and\n```sh\nzerosum tarin digits\n```\n"
    assert [unknown(line) for line in typed(page)] == [["tarin"], ["--count"]]


def anchors(page: Path) -> set[str]:
    """What GitHub calls the headings of a page."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    wrong = []
    for link in LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8"))):
        path, _, anchor = link.partition("#")
        if "://" in path or path.startswith("mailto:"):
            continue
        to = (page.parent / path) if path else page
        if not to.exists() or (anchor and anchor not in anchors(to)):
            wrong.append(link)
    assert wrong == []

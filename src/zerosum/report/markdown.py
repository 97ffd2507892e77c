"""Documents as Markdown: sections, tables, and names that stay literal in them."""

import re
from collections.abc import Sequence

from zerosum.report.document import Picture, Section, Table
from zerosum.visible import visible, visible_lines


def markdown(section: Section) -> str:
    """A section under its title."""
    parts = [f"## {escaped(section.title)}"]
    if section.picture is not None:
        parts.append(picture_link(section.picture))
    if section.table is not None:
        parts.append(markdown_table(section.table))
    if section.lines:
        parts.append(bullets(section.lines))
    if section.fixed:
        parts.append(fenced("\n".join(section.fixed), "text"))
    return "\n\n".join(parts)


def markdown_table(table: Table) -> str:
    """A table; the best in bold letters, and columns of numbers at the right."""
    texts = table.texts if table.numbers else len(table.head)
    rules = ["---" if place < texts else "---:" for place in range(len(table.head))]
    rows = [
        [
            f"**{escaped(cell)}**{escaped(table.mark)}"
            if (row, place) in table.best
            else escaped(cell)
            for place, cell in enumerate(cells)
        ]
        for row, cells in enumerate(table.rows)
    ]
    return rows_of([escaped(cell) for cell in table.head], rows, rules)


def rows_of(
    head: Sequence[str], rows: Sequence[Sequence[str]], rules: Sequence[str] | None = None
) -> str:
    """A table of cells that are Markdown already."""
    rules = rules or ["---"] * len(head)
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rules, *rows))


def picture_link(picture: Picture) -> str:
    """A picture, shown."""
    return f"![{picture.what}]({picture.path})"


def bullets(texts: Sequence[str]) -> str:
    """A list of sentences."""
    return "\n".join(f"- {escaped(text)}" for text in texts)


def escaped(text: str) -> str:
    """A name as literal markdown on one line, also inside a table."""
    one_line = visible(re.sub(r"\s+", " ", text))
    return re.sub(r"([\\`*_{}\[\]<>#|~$&])", r"\\\1", one_line)


def code(text: str) -> str:
    """Inline code on one line, also inside a table."""
    one_line = visible(re.sub(r"\s+", " ", text)).replace("|", r"\|")
    fence = "`" * (1 + longest_run_of_backticks(one_line))
    return f"{fence} {one_line} {fence}" if len(fence) > 1 else f"`{one_line}`"


def fenced(text: str, kind: str) -> str:
    """Lines as they are, but for control characters: a block of code of that kind."""
    text = visible_lines(text)
    fence = "`" * max(3, 1 + longest_run_of_backticks(text))
    return f"{fence}{kind}\n{text}\n{fence}"


def longest_run_of_backticks(text: str) -> int:
    """How many backticks stand in a row, at most."""
    return max((len(run) for run in re.findall("`+", text)), default=0)

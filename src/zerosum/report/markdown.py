"""Documents as Markdown, and names that stay literal in them."""

import re

from zerosum.report.document import (
    Block,
    Code,
    Commands,
    Document,
    Facts,
    Fixed,
    Heading,
    Link,
    Mixed,
    Note,
    PictureFile,
    Points,
    Section,
    Strong,
    Table,
)
from zerosum.visible import visible, visible_lines


def document_markdown(document: Document) -> str:
    """A document, with a line's end at its end."""
    parts = [f"# {escaped(document.title)}", *map(block_markdown, document.head)]
    parts += map(section_markdown, document.sections)
    return "\n\n".join(filter(None, parts)) + "\n"


def section_markdown(section: Section) -> str:
    """A section under its title."""
    parts = [f"## {marked(section.title)}", *map(block_markdown, section.blocks)]
    return "\n\n".join(filter(None, parts))


def block_markdown(block: Block | str) -> str:
    """A block. Raises TypeError for one that only pages show, as curves that are drawn there."""
    match block:
        case str():
            return marked(block)
        case Note(text):
            return marked(text)
        case Heading(text):
            return f"### {marked(text)}"
        case Points(texts, numbered):
            signs = [f"{place}." if numbered else "-" for place in range(1, len(texts) + 1)]
            return "\n".join(map(" ".join, zip(signs, map(marked, texts), strict=True)))
        case Facts(rows):
            return markdown_table(Table(("", ""), rows))
        case Fixed(lines, _, language):
            return fenced("\n".join(lines), language)
        case Commands(steps):
            return fenced("\n".join(f"# {purpose}\n{command}" for purpose, command in steps), "sh")
        case PictureFile(what, path):
            return f"![{what}]({path})"
        case Table():
            return markdown_table(block)
    raise TypeError(f"there is no {type(block).__name__} in Markdown")


def markdown_table(table: Table) -> str:
    """A table; the best in bold letters, and columns of numbers at the right."""
    texts = {*range(table.texts), *table.words} if table.numbers else {*range(len(table.head))}
    rules = ["---" if place in texts else "---:" for place in range(len(table.head))]
    rows = [
        [
            f"**{marked(cell)}**{escaped(table.mark)}"
            if (row, place) in table.best
            else marked(cell)
            for place, cell in enumerate(cells)
        ]
        for row, cells in enumerate(table.rows)
    ]
    lines = [list(map(marked, table.head)), rules, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def marked(text: str) -> str:
    """A text on one line, with its code and links."""
    match text:
        case Mixed():
            return "".join(map(marked, text.parts))
        case Code():
            return code(text)
        case Strong():
            return f"**{escaped(text)}**"
        case Link():
            return f"[{escaped(text)}]({text.to})"
    return escaped(text)


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

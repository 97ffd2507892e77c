"""Tables for other programs: a paper, a spreadsheet, a script."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from zerosum.report.document import Code, Mixed, Section, Strong, Table
from zerosum.report.markdown import escaped, markdown_table
from zerosum.visible import visible

Titled = Sequence[tuple[str, Table]]
"""Tables with what each is called."""
IN_LATEX = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    **{sign: f"${sign}$" for sign in "<>|"},
    "±": r"$\pm$", "×": r"$\times$", "−": "$-$", "∞": r"$\infty$", "≠": r"$\neq$", "≤": r"$\leq$",
    **{sign: f"$^{number}$" for number, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    "≥": r"$\geq$", "↓": r"$\downarrow$", "↑": r"$\uparrow$", "→": r"$\rightarrow$",
    "σ": r"$\sigma$", "†": r"$\dagger$", "–": "--", "—": "---", "…": r"\ldots{}",
}  # fmt: skip
"""What a text's signs are in LaTeX, whatever its engine."""


def tables_of(sections: Sequence[Section]) -> Titled:
    """All tables of a report, in order; one without a title has that of its section."""
    return [
        (block.title or section.title, block)
        for section in sections
        for block in section.blocks
        if isinstance(block, Table)
    ]


def as_markdown(tables: Titled) -> str:
    """Below a heading each, and above its notes."""
    parts = []
    for title, table in tables:
        parts += [f"## {escaped(title)}", markdown_table(table)]
        parts += [f"{sign} {escaped(text)}" for sign, text in table.notes]
    return "\n\n".join(parts)


def as_csv(tables: Titled) -> str:
    """Head and rows, as texts without the signs of notes, which would make words of numbers; an
    empty line between two tables."""
    return "\n\n".join(_csv(table) for _, table in tables)


def _csv(table: Table) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    signs = sorted((sign for sign, _ in table.notes), key=len, reverse=True)  # ¹⁰ before ¹
    writer.writerows([[visible(_without(signs, cell)) for cell in row]
                      for row in (table.head, *table.rows)])  # fmt: skip
    return buffer.getvalue().rstrip("\n")


def _without(signs: Iterable[str], cell: str) -> str:
    """A cell without the signs behind its numbers."""
    for sign in signs:
        cell = cell.replace(f" {sign}", "")
    return cell


def as_json(tables: Titled) -> str:
    """A list of objects: title, head, rows of texts, row and column of each that is best, and what
    the signs of notes say."""
    content = [
        {"title": title, "head": table.head, "rows": table.rows, "best": sorted(table.best),
         "notes": dict(table.notes)}
        for title, table in tables
    ]  # fmt: skip
    return json.dumps(content, indent=2, ensure_ascii=False)


def as_latex(tables: Titled) -> str:
    """A `table` each, with the rules of booktabs; the best in bold letters, notes in small ones."""
    return "\n\n".join(_latex(title, table) for title, table in tables)


def _latex(title: str, table: Table) -> str:
    texts = {*range(table.texts), *table.words} if table.numbers else {*range(len(table.head))}
    columns = "".join("l" if place in texts else "r" for place in range(len(table.head)))
    lines = [
        r"\begin{table}", r"  \centering", rf"  \caption{{{in_latex(title)}}}",
        rf"  \begin{{tabular}}{{{columns}}}", r"    \toprule", _line(map(in_latex, table.head)),
        r"    \midrule",
    ]  # fmt: skip
    for number, row in enumerate(table.rows):
        lines += [r"    \midrule"] if number and number in table.breaks else []
        cells = [
            rf"\textbf{{{in_latex(cell)}}}{in_latex(table.mark)}"
            if (number, place) in table.best
            else in_latex(cell)
            for place, cell in enumerate(row)
        ]
        lines.append(_line(cells))
    lines += [r"    \bottomrule", r"  \end{tabular}"]
    if table.notes:
        notes = [rf"    {in_latex(sign)} {in_latex(text)}\par" for sign, text in table.notes]
        lines += [r"  \begin{flushleft}\footnotesize", *notes, r"  \end{flushleft}"]
    return "\n".join([*lines, r"\end{table}"])


def _line(cells: Iterable[str]) -> str:
    line = " & ".join(cells)
    # Behind the end of a row, or a rule, a bracket or a star would be taken for an option of it.
    return f"    {'{}' if line.lstrip().startswith(('[', '*')) else ''}{line} \\\\"


def in_latex(text: str) -> str:
    """A text on one line of LaTeX, with what is code or stands out in it."""
    match text:
        case Mixed():
            return "".join(map(in_latex, text.parts))
        case Code():
            return rf"\texttt{{{_literal(text)}}}"
        case Strong():
            return rf"\textbf{{{_literal(text)}}}"
    return _literal(text)


def _literal(text: str) -> str:
    one_line = visible(re.sub(r"\s+", " ", text))
    return "".join(IN_LATEX.get(sign, sign) for sign in one_line)


FORMATS: Mapping[str, Callable[[Titled], str]] = {
    "markdown": as_markdown,
    "csv": as_csv,
    "latex": as_latex,
    "json": as_json,
}
"""How tables are written, by the names of `options.TableFormat` other than "table"."""

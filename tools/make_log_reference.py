"""Write the table of docs/how-to/logs.md from the fields of metrics.jsonl.

    python tools/make_log_reference.py

Only what stands between the marks is replaced; a test holds the file to this script.
"""

from pathlib import Path

from zerosum.diagnosis.log_fields import FIELDS, LogField

TARGET = Path(__file__).parents[1] / "docs" / "how-to" / "logs.md"
BEGIN = "<!-- fields: made by tools/make_log_reference.py -->"
END = "<!-- end: fields -->"
HEAD = "| field | curve | what it is | in |\n|---|---|---|---|"


def reference(text: str) -> str:
    """The content of docs/how-to/logs.md with its table made anew."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{TARGET} has no marks for the table")
    table = "\n".join([HEAD, *map(row, FIELDS)])
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def row(each: LogField) -> str:
    """One field: its key, TensorBoard's curve, its meaning, which lines have it."""
    name = each.name.format(discriminator="discriminator", output="", fake="D(G(z))")
    curve = f"`{each.group}/{name}`" if each.group else ""
    return f"| `{each.field}` | {curve} | {each.meaning} | {each.only or 'all'} |"


if __name__ == "__main__":
    TARGET.write_text(reference(TARGET.read_text(encoding="utf-8")), encoding="utf-8")

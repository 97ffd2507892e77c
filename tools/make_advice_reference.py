"""Write the tables of docs/how-to/advice.md from the rules that advise.

    python tools/make_advice_reference.py

Only what stands between the marks of a table is replaced; a test holds the file to this script.
"""

from pathlib import Path

from zerosum.recipe.advice import RULES, SIZES
from zerosum.recipe.changes import written
from zerosum.recipe.expectations import EXPECTATIONS
from zerosum.recipe.fields import option_words

TARGET = Path(__file__).parents[1] / "docs" / "how-to" / "advice.md"


def reference(text: str) -> str:
    """The content of docs/how-to/advice.md with its tables made anew."""
    for name, part in {"sizes": sizes(), "rules": rules(), "expect": expectations()}.items():
        begin = f"<!-- {name}: made by tools/make_advice_reference.py -->"
        end = f"<!-- end: {name} -->"
        before, found_begin, rest = text.partition(begin)
        _, found_end, after = rest.partition(end)
        if not (found_begin and found_end):
            raise SystemExit(f"{TARGET} has no marks for {name!r}")
        text = f"{before}{begin}\n\n{part}\n\n{end}{after}"
    return text


def sizes() -> str:
    """One row a size, the cheapest first."""
    titles = "for pictures", "recipe and settings", "shows something after", "trains", "known"
    rows = [f"| {' | '.join(titles)} |", "|---|---|---|---|---|"]
    for size in SIZES:
        words = " ".join(word for item in size.settings.items() for word in option_words(*item))
        rows.append(
            f"| {size.when} | `{f'{size.recipe} {words}'.strip()}` | {size.seen:,} images | "
            f"{size.usual:,} | {size.why} ({size.source}) |"
        )
    return "\n".join(rows)


def rules() -> str:
    """One row a rule, in their order."""
    rows = ["| pictures | field | value | why | source |", "|---|---|---|---|---|"]
    for rule in RULES:
        value = f"`{written(rule.value)}`"
        rows.append(f"| {rule.when} | `{rule.field}` | {value} | {rule.why} | {rule.source} |")
    return "\n".join(rows)


def expectations() -> str:
    """One row a number of pictures."""
    rows = ["| different pictures | what to expect | source |", "|---|---|---|"]
    for each in EXPECTATIONS:
        count = f"below {each.below:,}" if each.below else "more"
        rows.append(f"| {count} | {each.text} | {each.source} |")
    return "\n".join(rows)


if __name__ == "__main__":
    TARGET.write_text(reference(TARGET.read_text(encoding="utf-8")), encoding="utf-8")

"""Write the tables of docs/recipes.md from the typed settings and the shipped recipes.

    python tools/make_recipe_reference.py

Only what stands between the marks of a table is replaced; a test holds the file to this script.
"""

import re
from pathlib import Path
from typing import Any

from zerosum.recipe.settings import Recipe
from zerosum.recipe.shipped import headline, shipped_recipes, shipped_text

TARGET = Path(__file__).parents[1] / "docs" / "recipes.md"


def reference(text: str) -> str:
    """The content of docs/recipes.md with both tables made anew."""
    text = replaced(text, "shipped recipes", shipped_table())
    return replaced(text, "fields", field_tables())


def replaced(text: str, name: str, part: str) -> str:
    """`text` with everything between the marks of `name` replaced."""
    begin, end = f"<!-- {name}: made by tools/make_recipe_reference.py -->", f"<!-- end: {name} -->"
    before, found_begin, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise SystemExit(f"{TARGET} has no marks for {name!r}")
    return f"{before}{begin}\n\n{part}\n\n{end}{after}"


def shipped_table() -> str:
    """One row a shipped recipe: name, what it is and its source, what it does differently."""
    rows = ["| recipe | what it is, and its source | what it does differently |", "|---|---|---|"]
    for name in shipped_recipes():
        text = shipped_text(name)
        source, _, differs = header_body(text).partition("Differs: ")
        what = f"**{headline(text)}.** {source}"
        rows.append(f"| `{name}` | {cell(what)} | {cell(differs[:1].upper() + differs[1:])} |")
    return "\n".join(rows)


def header_body(text: str) -> str:
    """The comment at the head of a recipe file, without its first line, as one paragraph."""
    lines = []
    for line in text.splitlines()[1:]:
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").strip())
    return " ".join(line for line in lines if line)


def field_tables() -> str:
    """One table a section, in the order of a recipe file."""
    schema = Recipe.model_json_schema()
    top: list[str] = []
    sections: list[str] = []
    for name, field in schema["properties"].items():
        if "$ref" in field:
            sections += section(name, field, schema["$defs"])
        else:
            top.append(row(name, field))
    return "\n\n".join(["\n".join([HEAD, *top]), *sections])


HEAD = "| field | allowed | default | meaning |\n|---|---|---|---|"


def section(name: str, field: dict[str, Any], models: dict[str, Any]) -> list[str]:
    """The heading and table of a section, and of the sections inside it."""
    model = models[field["$ref"].rpartition("/")[2]]
    default = field.get("default", {})
    rows: list[str] = []
    inner: list[str] = []
    for key, value in model["properties"].items():
        # A section's own default wins over its model's: both players share one model.
        own = {**value, "default": default.get(key, value.get("default"))}
        if "$ref" in value:
            inner += section(f"{name}.{key}", own, models)
        else:
            rows.append(row(f"{name}.{key}", own))
    heading = f"### `[{name}]`\n\n{model['description']}"
    own_table = ["\n".join([HEAD, *rows])] if rows else []
    return [heading, *own_table, *inner]


def row(name: str, field: dict[str, Any]) -> str:
    """One field: name, allowed values, default, meaning."""
    meaning = cell(field.get("description", ""))
    return f"| `{name}` | {cell(allowed(field))} | {cell(shown(field['default']))} | {meaning} |"


def allowed(field: dict[str, Any]) -> str:
    """The values a field may have, in words."""
    if "enum" in field:
        return ", ".join(shown(value) for value in field["enum"])
    if "const" in field:
        return shown(field["const"])
    if "anyOf" in field:
        return ", ".join(map(allowed, field["anyOf"]))
    kind = field["type"]
    if kind == "array":
        if "prefixItems" in field:
            items = field["prefixItems"]
            return f"{len(items)} numbers, each {allowed(items[0]).removeprefix('number ')}"
        return "a list of names"
    names = {"integer": "whole number", "number": "number", "boolean": "true, false"}
    return " ".join([names.get(kind, "text"), *bounds(field)])


def bounds(field: dict[str, Any]) -> list[str]:
    """The ends of a field's range, in words."""
    words = {
        "minimum": "from",
        "exclusiveMinimum": "above",
        "maximum": "to",
        "exclusiveMaximum": "below",
    }
    return [f"{word} {field[key]:g}" for key, word in words.items() if key in field]


def shown(value: Any) -> str:
    """A value as a recipe file has it."""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list | tuple):
        return f"`[{', '.join(shown(item).strip('`') for item in value)}]`"
    if isinstance(value, str):
        return f'`"{value}"`'
    if isinstance(value, int):
        return f"`{value:_}`" if value >= 10_000 else f"`{value}`"
    return f"`{value}`"


def cell(text: str) -> str:
    """Text inside a table."""
    return re.sub(r"\s+", " ", text).strip().replace("|", r"\|")


if __name__ == "__main__":
    TARGET.write_text(reference(TARGET.read_text(encoding="utf-8")), encoding="utf-8")

import runpy
from pathlib import Path

from zerosum.recipe.fields import recipe_fields
from zerosum.recipe.shipped import shipped_recipes

ROOT = Path(__file__).parents[2]
TOOL = runpy.run_path(str(ROOT / "tools" / "make_recipe_reference.py"))
PAGE = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")


def test_the_recipe_reference_is_what_its_script_makes() -> None:
    assert TOOL["reference"](PAGE) == PAGE, "run: python tools/make_recipe_reference.py"


def test_every_field_and_every_shipped_recipe_has_its_row() -> None:
    rows = {line.split("`")[1] for line in PAGE.splitlines() if line.startswith("| `")}
    assert rows == {*recipe_fields(), *shipped_recipes()}

"""What the sources of the recipes have stands beside ours, and each difference in a header."""

import runpy
from pathlib import Path

import pytest

from zerosum.recipe.shipped import shipped_recipes, shipped_text

ROOT = Path(__file__).parents[2]
TOOL = runpy.run_path(str(ROOT / "tools" / "make_source_reference.py"))
FACTS = TOOL["read_facts"]()


def test_the_page_of_sources_is_what_its_script_makes() -> None:
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    assert TOOL["page"]() == page, "run: python tools/make_source_reference.py"


@pytest.mark.parametrize("name", shipped_recipes())
def test_what_differs_from_a_source_is_declared_in_the_header(name: str) -> None:
    rows, header = TOOL["rows"](name, FACTS), TOOL["declarations"](name, FACTS)
    assert [row.aspect for row in rows if row.open] == []
    assert [row.aspect for row in rows if row.declared not in header] == []
    same = [row for row in rows if row.theirs == row.ours]
    assert [row.aspect for row in same if row.declared or row.in_other_words] == []


@pytest.mark.parametrize("name", shipped_recipes())
def test_a_recipe_whose_differences_stand_elsewhere_says_where(name: str) -> None:
    header = shipped_text(name).partition("\n[")[0]
    assert [each for each in FACTS["recipes"][name].get("as_in", []) if each not in header] == []


def test_nothing_is_noted_of_recipes_and_aspects_that_are_not_there() -> None:
    assert sorted(FACTS["recipes"]) == shipped_recipes()
    for name, entry in FACTS["recipes"].items():
        aspects = {row.aspect for row in TOOL["rows"](name, FACTS)}
        assert set(FACTS["sources"][entry["source"]]["has"]) == aspects
        assert {*entry["declared"], *entry.get("same", [])} <= aspects


def test_a_default_that_moves_away_from_its_source_is_open_until_it_is_declared() -> None:
    row = TOOL["Row"]
    assert row("batch", "128", "64", "", in_other_words=False).open
    assert not row("batch", "128", "64", "batches of 64", in_other_words=False).open
    assert not row("batch", "128", "128", "", in_other_words=False).open
    assert not row("batch", "not stated", "64", "", in_other_words=False).open

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOOL = runpy.run_path(str(ROOT / "tools" / "make_advice_reference.py"))
PAGE = (ROOT / "docs" / "how-to" / "advice.md").read_text(encoding="utf-8")


def test_the_tables_of_the_advice_are_what_its_script_makes() -> None:
    assert TOOL["reference"](PAGE) == PAGE, "run: python tools/make_advice_reference.py"

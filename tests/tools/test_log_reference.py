import runpy
from pathlib import Path

from zerosum.diagnosis.log_fields import FIELDS

ROOT = Path(__file__).parents[2]
TOOL = runpy.run_path(str(ROOT / "tools" / "make_log_reference.py"))
PAGE = (ROOT / "docs" / "how-to" / "logs.md").read_text(encoding="utf-8")


def test_the_reference_of_the_logs_is_what_its_script_makes() -> None:
    assert TOOL["reference"](PAGE) == PAGE, "run: python tools/make_log_reference.py"


def test_every_field_has_its_row() -> None:
    rows = {line.split("`")[1] for line in PAGE.splitlines() if line.startswith("| `")}
    assert {each.field for each in FIELDS} <= rows

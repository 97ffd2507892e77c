"""Tables for papers, spreadsheets and scripts: what they say is what the report says."""

import csv
import io
import json
import re

from hypothesis import given
from hypothesis import strategies as st

from zerosum.report.document import Code, Mixed, Section, Table
from zerosum.report.table_formats import as_csv, as_json, as_latex, as_markdown, in_latex, tables_of

TABLE = Table(
    ("width", "FID ↓", "recall"),
    (("8_a", "3.20 ± 0.10", "50 %"), ("16", "9.1", "—")),
    frozenset({(0, 1)}), mark=" *", title="FID & more", numbers=True, breaks=frozenset({1}),
)  # fmt: skip
TWO = [("FID & more", TABLE), ("other", Table(("a",), (("1",),)))]


def test_tables_of_a_report_keep_their_order_and_have_a_title() -> None:
    sections = [Section("one", ["words", TABLE]), Section("other", [TWO[1][1]])]
    assert tables_of(sections) == TWO


def test_latex_has_the_rules_of_booktabs_and_the_best_in_bold() -> None:
    assert as_latex(TWO[:1]).splitlines() == [
        r"\begin{table}",
        r"  \centering",
        r"  \caption{FID \& more}",
        r"  \begin{tabular}{lrr}",
        r"    \toprule",
        r"    width & FID $\downarrow$ & recall \\",
        r"    \midrule",
        r"    8\_a & \textbf{3.20 $\pm$ 0.10} * & 50 \% \\",
        r"    \midrule",
        r"    16 & 9.1 & --- \\",
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
    ]


@given(st.text(alphabet="ab\\{}$&#%_~^<>|±\n", max_size=12))
def test_any_name_stays_literal_in_latex(text: str) -> None:
    written = in_latex(text)
    assert "\n" not in written
    for command in (r"\textbackslash{}", r"\textasciitilde{}", r"\textasciicircum{}", r"$\pm$"):
        written = written.replace(command, "")
    for sign in "&%$#_{}":
        written = written.replace(f"\\{sign}", "")
    for sign in "<>|":
        written = written.replace(f"${sign}$", "")
    assert not set(written) & set("\\{}$&#%_~^<>|±")


@given(st.lists(st.text(alphabet="ab []*&%\\{}", max_size=5), min_size=2, max_size=9))
def test_a_table_of_any_names_has_its_columns_and_no_options_of_rows(names: list[str]) -> None:
    rows = tuple((name, name) for name in names)
    lines = as_latex([("t", Table(("[", names[0]), rows))]).splitlines()
    rules = {lines.index(rf"    \{name}rule") for name in ("top", "mid", "bottom")}
    written = [lines[place] for place in range(min(rules), max(rules)) if place not in rules]
    assert len(written) == 1 + len(rows)
    for line in written:
        assert line.endswith(r" \\") and len(re.findall(r"(?<!\\)&", line)) == 1
        assert not line.lstrip().startswith(("[", "*"))


def test_code_in_a_cell_is_written_as_code() -> None:
    assert in_latex(Mixed(Code("a_b"), " instead")) == r"\texttt{a\_b} instead"


def test_csv_has_an_empty_line_between_two_tables() -> None:
    first, second = as_csv(TWO).split("\n\n")
    assert list(csv.reader(io.StringIO(first))) == [list(TABLE.head), *map(list, TABLE.rows)]
    assert second == "a\n1"


NOTED = Table(
    ("", "FID", "published"), (("8", "3.20 †", "4.1 ¹⁰, – ¹"),),
    notes=(("†", "one seed"), ("¹", "by A & B"), ("¹⁰", "by C")),
)  # fmt: skip


def test_notes_stand_below_the_table_that_has_their_signs() -> None:
    lines = as_latex([("t", NOTED)]).splitlines()
    assert r"    8 & 3.20 $\dagger$ & 4.1 $^1$$^0$, -- $^1$ \\" in lines
    assert lines[lines.index(r"  \end{tabular}") + 1 :] == [
        r"  \begin{flushleft}\footnotesize",
        r"    $\dagger$ one seed\par",
        r"    $^1$ by A \& B\par",
        r"    $^1$$^0$ by C\par",
        r"  \end{flushleft}",
        r"\end{table}",
    ]
    assert as_markdown([("t", NOTED)]).endswith("|\n\n† one seed\n\n¹ by A \\& B\n\n¹⁰ by C")
    assert json.loads(as_json([("t", NOTED)]))[0]["notes"]["¹"] == "by A & B"


def test_numbers_in_csv_have_no_signs() -> None:
    assert as_csv([("t", NOTED)]).splitlines()[1] == '8,3.20,"4.1, –"'


def test_json_has_titles_texts_and_which_is_best() -> None:
    one, other = json.loads(as_json(TWO))
    assert one["title"] == "FID & more" and one["rows"][0] == ["8_a", "3.20 ± 0.10", "50 %"]
    assert one["best"] == [[0, 1]] and other["head"] == ["a"]


def test_markdown_is_that_of_the_reports() -> None:
    assert as_markdown(TWO).startswith("## FID \\& more\n\n| width | FID ↓ | recall |\n")

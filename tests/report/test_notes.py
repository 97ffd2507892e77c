"""The author's words on a page: Markdown is shown, pictures are put in, nothing of it is obeyed."""

from pathlib import Path

import pytest
from PIL import Image

from tests.report.page_runs import bare_run
from zerosum.errors import ZerosumError
from zerosum.report.page import write_run_page
from zerosum.report.page.notes import read_notes

HOSTILE = """# Notes <script>alert(1)</script>

<img src=x onerror=alert(1)> <iframe src="https://example.org"></iframe>

[a](javascript:alert(1)) [b](https://example.org/?a=1&b="2")

| <b>x</b> | y |
|---|---|
| `</td><script>` | ![c](https://example.org/c.png) |
"""


def notes_at(folder: Path, text: str) -> Path:
    path = folder / "notes.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_markdown_is_shown_and_headings_stand_below_those_of_the_page(tmp_path: Path) -> None:
    text = "## Why\n\nBecause **so**.\n\n#### How\n\n- one\n\n| a | b |\n|--|--|\n| 1 | 2 |\n"
    markup = read_notes(notes_at(tmp_path, text)).markup
    for shown in ("<h3>Why</h3>", "<h4>How</h4>", "<strong>so</strong>", "<li>one</li>",
                  'tabindex="0">\n<table>', "<td>2</td>"):  # fmt: skip
        assert shown in markup


def test_nothing_in_notes_is_run_or_loaded(tmp_path: Path) -> None:
    notes = read_notes(notes_at(tmp_path, HOSTILE))
    for tag in ("<script", "<img", "<iframe", "<b>", 'href="javascript'):
        assert tag not in notes.markup
    assert "&lt;script&gt;alert(1)" in notes.markup and "[c: not shown]" in notes.markup
    assert notes.left_out == (
        "https://example.org/c.png is not shown: only files can be put into a page; download it, "
        "and name the file",
    )


def test_pictures_beside_the_notes_are_put_into_the_page_within_limits(tmp_path: Path) -> None:
    (tmp_path / "a plot").mkdir()
    Image.effect_noise((640, 640), 90).save(tmp_path / "a plot" / "x.png")
    text = "![my plot](a%20plot/x.png)\n" * 10
    (tmp_path / "elsewhere").mkdir()
    notes = read_notes(notes_at(tmp_path, text))
    assert notes.left_out == () and notes.markup.count('src="data:image/') == 10
    assert 'alt="my plot"' in notes.markup and len(notes.markup) < 4_100_000


def test_a_picture_that_cannot_be_shown_is_named_and_the_rest_is_there(tmp_path: Path) -> None:
    (tmp_path / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    notes = read_notes(notes_at(tmp_path, "![a](none.png) ![b](torn.png) ![c](.) end"))
    assert "[a: not shown] [b: not shown] [c: not shown] end" in notes.markup
    assert [why.split(" is not shown: ")[0] for why in notes.left_out] == [
        "none.png",
        "torn.png",
        ".",
    ]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (None, "there are no notes"),
        (b"", "are empty"),
        (b" \n\t", "are empty"),
        (b"\x89PNG\xff", "are no text in UTF-8"),
        (b"a\0b", "are no text"),
        (b"x" * (2**20 + 1), "larger than 1 MiB"),
    ],
)
def test_what_is_no_notes_is_refused_with_advice(
    tmp_path: Path, content: bytes | None, what: str
) -> None:
    path = tmp_path / "notes.md"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ZerosumError, match=what) as error:
        read_notes(path)
    assert str(path) in error.value.what and "--notes" in error.value.remedy


def test_notes_stand_on_the_page_before_the_scores(tmp_path: Path) -> None:
    run = bare_run(tmp_path / "run")
    notes = read_notes(notes_at(tmp_path, "My *words*."))
    text = write_run_page(run, notes=notes.markup)[0].read_text("utf-8")
    assert text.index("<p>My <em>words</em>.</p>") < text.index('<section id="scores"')
    assert 'href="#notes"' in text
    assert 'id="notes"' not in write_run_page(run)[0].read_text("utf-8")

"""The author's own words on a page: a Markdown file, and the pictures that it shows."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from PIL import Image, ImageOps

from zerosum.errors import ZerosumError
from zerosum.reading import read_regular, reason, user_path
from zerosum.report.page.pictures import PICTURE_BYTES, picture
from zerosum.visible import visible_lines

LARGEST_NOTES = 2**20
"""Bytes."""
LARGEST_PICTURE = 64 * 2**20
ALL_BYTES = 3_000_000
"""Of all pictures together; base64 makes four thirds of it."""
HIGHEST = 3
"""The level of the notes' highest headings: they stand under a heading of the page."""
BEFORE_TABLE = '<div class="scroll" role="region" aria-label="Table of the notes" tabindex="0">\n'


@dataclass(frozen=True)
class Notes:
    """Notes as they stand on a page."""

    markup: Markup
    """HTML that holds no script, and no markup but that of Markdown."""
    left_out: tuple[str, ...]
    """Pictures that could not be shown, and why, a line each."""


def read_notes(path: Path) -> Notes:
    """The notes in a Markdown file (CommonMark and tables). HTML in it is shown, not obeyed.

    Pictures are files, named from where the notes lie. Raises ZerosumError where there are no notes
    or they are no text.
    """
    path = user_path(path)
    text = _text(path)
    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    tokens = reader.parse(text)
    _lower_headings(tokens)
    shown = [each for token in tokens for each in token.children or () if each.type == "image"]
    budget = min(PICTURE_BYTES, ALL_BYTES // max(1, len(shown)))
    left_out = [why for each in shown if (why := _embed(each, path.parent, budget))]
    html = reader.renderer.render(tokens, reader.options, {})
    # A wide table scrolls by itself, also by the keyboard.
    html = html.replace("<table>", f"{BEFORE_TABLE}<table>").replace("</table>", "</table>\n</div>")
    return Notes(Markup(html), tuple(left_out))


def _text(path: Path) -> str:
    remedy = "give --notes the path of a text file in Markdown"
    try:
        content = read_regular(path, LARGEST_NOTES)
    except FileNotFoundError as error:
        raise ZerosumError(f"there are no notes at {path}", remedy) from error
    except OSError as error:
        raise ZerosumError(f"the notes {path} cannot be read: {reason(error)}", remedy) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ZerosumError(f"the notes {path} are no text in UTF-8", remedy) from error
    if "\0" in text:
        raise ZerosumError(f"the notes {path} are no text", remedy)
    if not text.strip():
        raise ZerosumError(f"the notes {path} are empty", "write into them, or leave --notes out")
    return visible_lines(text)


def _lower_headings(tokens: list[Token]) -> None:
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    levels = sorted({int(token.tag[1]) for token in headings})
    # One level at a time, whatever the notes leave out.
    for token in headings:
        token.tag = f"h{min(6, HIGHEST + levels.index(int(token.tag[1])))}"


def _embed(token: Token, folder: Path, budget: int) -> str:
    """Put a picture's file into its token; where that cannot be, its words, and return why."""
    source = str(token.attrs.get("src", ""))
    try:
        shown = picture(_open(source, folder), token.content, budget=budget)
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        token.type, token.children = "text", None
        token.content = f"[{token.content or 'picture'}: not shown]"
        return f"{unquote(source)[:200]} is not shown: {why}"
    token.attrs = {"src": shown.source, "alt": "", "width": shown.width, "height": shown.height}
    return ""


def _open(source: str, folder: Path) -> Image.Image:
    if urlsplit(source).scheme or source.startswith("//"):
        raise ValueError("only files can be put into a page; download it, and name the file")
    path = folder / unquote(source)
    read_regular(path, LARGEST_PICTURE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                image.load()
                return ImageOps.exif_transpose(image)
    except Exception as error:  # Pillow's decoders raise nearly anything on damaged bytes
        raise ValueError("it is no picture that can be read") from error

"""Templates to one self-contained page: everything inlined, names shown and never run."""

import base64
import functools
import hashlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from zerosum.files import require_suffix
from zerosum.report.document import Block, Code, Document, Link, Mixed, Section, Strong
from zerosum.report.page.chart_data import chart_data
from zerosum.visible import visible_lines

FOLDER = Path(__file__).parent
NO_NOTES = Markup("")
SUFFIXES = (".html", ".htm")
STYLES = ("page.css", "study.css")
SCRIPTS = ("charts.js", "frames.js", "wide.js", "live.js")


def page_path(folder: Path, out: Path | None) -> Path:
    """Where the page of a folder goes. Raises UsageError for a name that is no HTML file's."""
    if out is not None:
        require_suffix(out, SUFFIXES)
    return out or folder / "report.html"


def document_html(document: Document, *, notes: Markup = NO_NOTES, live: bool = False) -> bytes:
    """A document as a page, as the bytes of an HTML file; the author's `notes` come first.

    `live` pages reload themselves every few seconds. Texts are escaped wherever they stand; only
    what the templates themselves say is markup, and the notes.
    """
    if notes:
        own = Section("Notes", (notes,), "notes")
        document = replace(document, sections=(own, *document.sections))
    scripts = [Markup((FOLDER / name).read_text(encoding="utf-8")) for name in SCRIPTS]
    text = environment().get_template("document.html").render(
        document=document,
        made=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        live=live,
        style=Markup("\n".join((FOLDER / name).read_text(encoding="utf-8") for name in STYLES)),
        scripts=scripts,
        script_hashes=[_hash(script) for script in scripts],
    )  # fmt: skip
    return text.encode()


@functools.cache
def environment() -> Environment:
    """The templates of all pages, with escaping on."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # `tojson` writes <, >, & and ' as \\uXXXX, so that no name can close the script's element.
    made.filters["data"] = chart_data
    made.filters["drawn"] = lambda block: _drawn(made, block)
    made.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    return made


def _drawn(made: Environment, block: Block | str) -> object:
    """A block by the macro of its kind; a text is a paragraph."""
    if isinstance(block, Markup):
        return block
    if isinstance(block, str):
        return Markup("<p>{}</p>").format(_shown(block))
    macros = made.get_template("blocks.html").module
    return getattr(macros, type(block).__name__.lower())(block)


def _shown(value: object) -> object:
    """A text without control characters, with its code and links; markup is what the templates
    themselves made."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    if isinstance(value, Mixed):
        return Markup("").join(Markup("{}").format(_shown(part)) for part in value.parts)
    text = visible_lines(value)
    match value:
        case Code():
            return Markup("<code>{}</code>").format(text)
        case Strong():
            return Markup("<strong>{}</strong>").format(text)
        case Link():
            return Markup('<a href="{}">{}</a>').format(value.to, text)
    return text


def _hash(script: str) -> str:
    """What the page's own policy knows a script by: a browser runs these and no others."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()

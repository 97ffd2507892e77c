"""Templates to one self-contained page: everything inlined, names shown and never run."""

import base64
import functools
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from zerosum.visible import visible_lines

FOLDER = Path(__file__).parent
NO_NOTES = Markup("")
SCRIPTS = ("scales.js", "charts.js", "frames.js", "wide.js", "live.js")


def render(
    template: str,
    content: Mapping[str, Any],
    *,
    live: bool = False,
    styles: Sequence[str] = ("page.css",),
) -> bytes:
    """The page of a template that extends base.html, as the bytes of an HTML file.

    `live` pages reload themselves every few seconds; `styles` are files beside this one. Text of
    `content` is escaped wherever it stands; only what the templates themselves say is markup.
    """
    scripts = [Markup((FOLDER / name).read_text(encoding="utf-8")) for name in SCRIPTS]
    text = environment().get_template(template).render(
        **content,
        live=live,
        style=Markup("\n".join((FOLDER / name).read_text(encoding="utf-8") for name in styles)),
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
    made.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    return made


def _shown(value: object) -> object:
    """A text without control characters; markup is what the templates themselves made."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible_lines(value)
    return value


def _hash(script: str) -> str:
    """What the page's own policy knows a script by: a browser runs these and no others."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()

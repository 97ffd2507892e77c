"""Names as they can be shown: what a terminal, Markdown or a page would act on is spelt out."""

import unicodedata

HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode's control and format characters (ESC, a new line, a change of the writing direction),
halves of surrogates (how Python holds bytes that are not UTF-8), line and paragraph separators."""
JOINERS = "\u200c\u200d"
"""Format characters that Persian, Indian scripts and emoji need."""


def visible(text: str) -> str:
    """The text with its control characters and undecodable bytes as escapes: \\n, \\x1b, \\xff."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(letter) for letter in text)


def _visible(letter: str) -> str:
    if unicodedata.category(letter) not in HIDDEN_CATEGORIES or letter in JOINERS:
        return letter
    if "\udc80" <= letter <= "\udcff":
        return f"\\x{ord(letter) - 0xDC00:02x}"
    return letter.encode("unicode_escape").decode("ascii")

"""Names as they can be shown: what a terminal, Markdown or a page would act on is spelt out."""

import shlex
import unicodedata
from collections.abc import Iterable

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


def visible_lines(text: str) -> str:
    """The same of a text whose new lines are meant."""
    if text.isprintable():
        return text
    return "\n".join(map(visible, text.split("\n")))


def _visible(letter: str) -> str:
    if unicodedata.category(letter) not in HIDDEN_CATEGORIES or letter in JOINERS:
        return letter
    if "\udc80" <= letter <= "\udcff":
        return f"\\x{ord(letter) - 0xDC00:02x}"
    if letter < "\x80":
        return letter.encode("unicode_escape").decode("ascii")
    # Not \\x80, which is a byte.
    return f"\\u{ord(letter):04x}" if letter <= "\uffff" else f"\\U{ord(letter):08x}"


def shell_word(word: str) -> str:
    """A word of a command that can be read and pasted: odd letters as bash's and zsh's $'…'."""
    if visible(word) == word:
        return shlex.quote(word)
    return "$'" + visible(word.replace("\\", "\\\\").replace("'", "\\'")) + "'"


def shell_words(words: Iterable[str]) -> str:
    """A command of these words."""
    return " ".join(map(shell_word, words))

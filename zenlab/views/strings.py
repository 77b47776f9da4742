"""Other people's strings, made safe to look at: one line, nothing hidden, of bounded length.

A column name or a value can hold anything: line breaks, terminal codes, marks that reverse the
direction of the text after them. Escaping HTML is the business of `html`; here a string becomes
one that says on screen what it is.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

NAME_LENGTH = 60
"""The most characters of a name or a value."""

SENTENCE_LENGTH = 300
"""The most characters of a finding, an error or a note."""

# Persian and emoji need them, and they cannot reorder or hide what is around them.
_JOINERS = "\u200c\u200d"


def visible(text: str) -> str:
    r"""Write what cannot be seen as a backslash escape, and leave everything else alone.

    Control characters, line breaks, marks of direction, odd spaces and lone surrogates (which no
    UTF-8 file could hold) are escaped. Doing it twice changes nothing.

    Example:
        >>> print(visible("UA\n\u202eAU"))
        UA\n\u202eAU
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in _JOINERS else _escape(c) for c in text)


def shorten(text: str, limit: int = NAME_LENGTH) -> str:
    """Make a string visible and cut it at `limit` characters, the last of which is then `…`.

    Example:
        >>> shorten("departure delay in minutes", 12)
        'departure d…'
    """
    # Cut first: a value of 100 MB is not looked at whole. Escapes only make it longer.
    shown = visible(text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


def person(user: str) -> str:
    """The name of a `Name <address>`: a line has no room for more, and a notebook no need.

    Example:
        >>> person("Ada Lovelace <ada@example.org>"), person("<ada@example.org>")
        ('Ada Lovelace', '<ada@example.org>')
    """
    return user.partition(" <")[0].strip() or user


def width(text: str) -> int:
    """The columns that a string takes in a terminal: wide characters two, combining ones none.

    Example:
        >>> width("abc"), width("東京"), width("e\u0301")
        (3, 4, 1)
    """
    if text.isascii():
        return len(text)
    return sum(_columns(c) for c in text)


@lru_cache(maxsize=4096)
def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")

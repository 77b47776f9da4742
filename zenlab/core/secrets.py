"""Keeping secrets out of everything that is shown or written: the one place that hides them.

Two nets. Whoever resolves a secret `remember`s it, and `mask` finds that value wherever it stands,
also percent-encoded or escaped. And `mask` knows the shapes in which credentials travel: a URL's
user part, and `password=...` in a query or in a driver's DSN. Every `ZenlabError` masks its texts
when it is made; what drivers raise goes through `hidden` before it becomes the cause of one.
"""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, unquote, unquote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator

MASK = "***"
"""What stands for a secret."""

MIN_LENGTH = 4
"""The shortest value that is looked for wherever it stands. Of a shorter one every third word would
be masked; in a URL or after `password=` it is masked all the same."""

_REFERENCE = r"\$\{[^{}]*\}"
_KEY = r"(?:api|access|account|shared|private|secret)[-_]?(?:access[-_]?)?key"
_TICKET = r"(?:access|api|auth|bearer|id|refresh|sas|security|session)[-_]?token"
_NAME = rf"(?:password|passwd|pwd|passphrase|secret|credentials?|{_KEY}|{_TICKET}|(?<=[?&])token)"
_QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_WORD = re.compile(r"[^\s'\"<>]+")
_USER = re.compile(r"://([^/@:]*):(?!\d+/)")  # digits and a slash are a port
# Not `access_key_id=` and not `token=`, which is a word of other trades.
_ASSIGNED = re.compile(
    rf"(?i)({_NAME}['\"]?\s*=\s*)({_QUOTED}|(?:{_REFERENCE})+|[^\s&;,'\")\]}}]+)"
)
_ITEM = re.compile(rf"(?i)(['\"]\w*{_NAME}['\"]\s*:\s*)({_QUOTED})")
# One of them is in all that the two patterns find, and looking for them takes a hundredth.
_WORDS = ("passw", "pwd", "passphrase", "secret", "credential", "key", "token")
_SECRET_NAME = re.compile(rf"(?i)[-\w.]*(?:{_NAME}|token)")
_ONLY_REFERENCES = re.compile(rf"['\"]?(?:{_REFERENCE})+['\"]?")

_ANY_REFERENCE = re.compile(_REFERENCE)
_PASSWORD = re.compile(r"[\w+.-]+://([^:/@?]*):(.*)@")
_PARAMETER = re.compile(r"[?&;]([^=&;#]+)=([^&;#]*)")

_known: set[str] = set()


def remember(secret: str) -> None:
    """Hide this value from now on, wherever in this process a text is masked.

    Args:
        secret: as it was resolved.

    Example:
        >>> remember("correct horse")
        >>> mask("wrong password: correct horse")
        'wrong password: ***'
        >>> forget("correct horse")
    """
    if secret.strip() and secret not in _known:
        _known.add(secret)
        _values.cache_clear()


def forget(secret: str) -> None:
    """Hide a value no longer; for tests."""
    _known.discard(secret)
    _values.cache_clear()


def mask(text: str) -> str:
    """A text without its secrets.

    Args:
        text: anything that will be shown or written.

    Returns:
        The text with `***` for each secret; references such as `${DB_PASSWORD}` stay.

    Example:
        >>> mask("postgresql://ann:s3cr3t@db/zen?sslpassword=x")
        'postgresql://ann:***@db/zen?sslpassword=***'
        >>> mask("postgresql://ann:${DB_PASSWORD}@db/zen")
        'postgresql://ann:${DB_PASSWORD}@db/zen'
    """
    pattern = _values()
    if pattern is not None:
        text = pattern.sub(MASK, text)
    if "://" in text and "@" in text:
        text = _WORD.sub(_in_url, text)
    lowered = text.lower()
    if any(word in lowered for word in _WORDS):
        text = _ITEM.sub(_assigned, _ASSIGNED.sub(_assigned, text))
    return text


def names_secret(name: str) -> bool:
    """Whether what has this name is a secret.

    Args:
        name: of an option, or of a parameter of a URL.

    Example:
        >>> names_secret("sslpassword"), names_secret("aws_access_key_id"), names_secret("key")
        (True, False, False)
    """
    return _SECRET_NAME.fullmatch(name) is not None


def is_reference(value: str) -> bool:
    """Whether a value is nothing but references, which may be written anywhere.

    Example:
        >>> is_reference("${DB_PASSWORD}"), is_reference("hunter2")
        (True, False)
    """
    return _ONLY_REFERENCES.fullmatch(value) is not None


def secrets_of(url: str) -> Iterator[str]:
    """The secrets that stand in a URL: its password, and parameters with a secret's name.

    Args:
        url: with its references filled in, or as it is written.
    """
    match = _PASSWORD.match(url)
    if match:
        user, whole = match.groups()
        # Nobody knows where the password of a malformed URL ends: an @ may be its own.
        for part in (whole, whole.partition("@")[0]):
            # Of `zenlab:zenlab@localhost` the word would be masked in every message.
            if part != user:
                yield from (part, unquote(part))
    for name, value in _PARAMETER.findall(url):
        if names_secret(name):
            yield from (value, unquote_plus(value))


def has_literal_secret(url: str) -> bool:
    """Whether a URL that will be written has a secret in it that is no reference.

    Example:
        >>> has_literal_secret("postgresql://ann:s3cr3t@db/zen")
        True
        >>> has_literal_secret("postgresql://ann:${DB_PASSWORD}@db/zen")
        False
    """
    # A reference may have the signs that end a user's part: / and : and |.
    bare = _ANY_REFERENCE.sub("${_}", url)
    return any(part and not is_reference(part) for part in secrets_of(bare))


def hidden(error: BaseException) -> BaseException:
    """What may stand as the cause of an error that is shown.

    A traceback prints the texts of all causes, and drivers quote what they were given: the DSN, or
    the URL of a request.

    Args:
        error: what a driver or a client library raised.

    Returns:
        The error itself if there is no secret in it and in what led to it; otherwise one that says
        the same without the secrets, and has the same traceback.

    Example:
        >>> error = ValueError("cannot connect to postgresql://ann:s3cr3t@db/zen")
        >>> hidden(error)
        HiddenError('ValueError: cannot connect to postgresql://ann:***@db/zen')
        >>> hidden(KeyError("a"))
        KeyError('a')
    """
    if all(mask(text) == text for one in _chain(error) for text in _texts(one)):
        return error
    kind = type(error)
    name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    return HiddenError(mask(f"{name}: {error}")).with_traceback(error.__traceback__)


class HiddenError(Exception):
    """Stands for an exception whose text has a secret in it."""


def _chain(error: BaseException) -> Iterator[BaseException]:
    todo, seen = [error], set[int]()
    while todo:
        one = todo.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        todo += [e for e in (one.__cause__, one.__context__) if e is not None]
        todo += getattr(one, "exceptions", ())


def _texts(error: BaseException) -> Iterator[str]:
    yield str(error)
    yield repr(error)
    yield from getattr(error, "__notes__", ())


def _in_url(match: re.Match[str]) -> str:
    """A word, without the password of the URL in it.

    Up to the last @: a password that was not encoded may have one itself. Not as one pattern,
    which would go through a long text again and again.
    """
    word = match.group()
    end = word.rfind("@")
    if end < 0:
        return word
    user = _USER.search(word, 0, end)
    if user is None:
        return word
    return word[: user.end()] + _shown(word[user.end() : end]) + word[end:]


def _assigned(match: re.Match[str]) -> str:
    return match.group(1) + _shown(match.group(2))


def _shown(value: str) -> str:
    return value if not value or is_reference(value) or value == MASK else MASK


@functools.cache
def _values() -> re.Pattern[str] | None:
    """One pattern for all remembered values, in each form in which a text may have them."""
    forms: set[str] = set()
    for value in _known:
        escaped = json.dumps(value)[1:-1]
        forms |= {value, quote(value, safe=""), quote(value), quote_plus(value)}
        forms |= {escaped, repr(value)[1:-1], value.replace("\\", "\\\\").replace("'", "\\'")}
    # The longest first: one secret may be the beginning of another.
    found = sorted((f for f in forms if len(f) >= MIN_LENGTH), key=lambda f: (-len(f), f))
    return re.compile("|".join(map(re.escape, found))) if found else None

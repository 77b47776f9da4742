"""What text may go into the database: names that identify, prose that describes, JSON.

Databases differ in what they take: PostgreSQL refuses NUL, MySQL folds trailing blanks and cuts
or refuses what is too long, SQLite takes all of it. The store decides before they do, so that
all of them hold the same.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from zenlab.core import canonical
from zenlab.core.errors import ParameterError

WIDTHS = {
    "author": 200,
    "cache_key": 64,
    "code": 64,
    "code_name": 400,
    "commit": 64,
    "digest": 64,
    "fingerprint": 64,
    "format": 32,
    "host": 200,
    "kind": 64,
    "name": 200,
    "output": 255,
    "owner": 32,
    "project": 64,
    "slot": 200,
    "source": 400,
    "state": 12,
    "title": 200,
    "type": 64,
    "uri": 1000,
    "work_key": 64,
}
"""The most characters of a column. The widest index, (project, name, digest), has 328: with four
bytes each they fit MySQL's 3,072."""

_UNSTORABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
"""Control characters, and halves of surrogate pairs, which have no UTF-8."""


def identifier(what: str, text: str) -> str:
    """Check a text by which a row is found again.

    Args:
        what: which column, a key of `WIDTHS`.
        text: the name, key or digest.

    Returns:
        The text as it is.

    Raises:
        ParameterError: a database could change it, or not tell it from another one.

    Example:
        >>> identifier("name", "Pipeline Ä")
        'Pipeline Ä'
    """
    if not text or len(text) > WIDTHS[what]:
        problem = f"has {len(text)} characters; it must have 1 to {WIDTHS[what]}"
    elif text[0].isspace() or text[-1].isspace():
        problem = "begins or ends with a blank"
    elif _UNSTORABLE.search(text):
        problem = "has a control character or half a surrogate pair in it"
    else:
        return text
    label = what.replace("_", " ")
    raise ParameterError(
        f"The {label} {text[:60]!r} {problem}.",
        where=label,
        hint=f"Choose another {label}.",
    )


def prose(what: str, text: str) -> str:
    r"""Make a text that only describes storable: cut to the column, odd characters replaced.

    Nobody shall lose an hour of training because a host's name is too long.

    Example:
        >>> prose("format", "tab\there")
        'tab?here'
    """
    width = WIDTHS[what]
    if len(text) > width:
        text = text[: width - 1] + "…"
    return _UNSTORABLE.sub("?", text)


def hex_range(prefix: str) -> tuple[str, str]:
    """The half-open range of the hexadecimal digests that begin with a prefix.

    A range uses the index on every database, and has no wildcard to escape.

    Example:
        >>> hex_range("3fA")
        ('3fa', '3fag')
    """
    low = prefix.lower()
    return low, low + "g"


def is_hex(text: str) -> bool:
    """Whether a text is hexadecimal digits, at least one, and nothing else.

    Example:
        >>> is_hex("3fA"), is_hex("listing:3f"), is_hex("")
        (True, False, False)
    """
    return re.fullmatch("[0-9a-fA-F]+", text) is not None


def dump_json(value: object, where: str = "value") -> str:
    """JSON, in ASCII, of plain data: `load_json` gives exactly it again.

    The tags are those of `zenlab.core.canonical`, but dicts keep their order: a specification
    that is restored from the store must have its steps where its author put them.

    Raises:
        ParameterError: a part of the value is no plain data.
    """
    return json.dumps(_tag(canonical.plain(value, where)), separators=(",", ":"))


def load_json(text: str) -> Any:
    """The value of `dump_json`: order, NaN, infinities and odd keys come back as they were.

    Example:
        >>> load_json(dump_json({"b": float("-inf"), "$a": {1: 2}}))
        {'b': -inf, '$a': {1: 2}}
    """
    value = json.loads(text)
    return _untag(value) if '"$' in text else value


def _tag(value: Any) -> Any:
    """Say in JSON what JSON has no word for; `value` is plain."""
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$float": str(value)}
    if isinstance(value, list):
        return [_tag(item) for item in value]
    if not isinstance(value, dict):
        return value
    if all(isinstance(key, str) for key in value):
        return {("$" + k if k.startswith("$") else k): _tag(v) for k, v in value.items()}
    return {"$map": [[_tag(k), _tag(v)] for k, v in value.items()]}


def _untag(value: Any) -> Any:
    """Undo `_tag`."""
    if isinstance(value, list):
        return [_untag(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        if "$float" in value:
            return float(value["$float"])
        if "$map" in value:
            return {_untag(k): _untag(v) for k, v in value["$map"]}
    return {k.removeprefix("$"): _untag(v) for k, v in value.items()}

"""Constants of a notebook as Python source."""

from __future__ import annotations

import decimal
import logging
import math
import pathlib
import re
from typing import Any

from zenlab.core.secrets import mask, names_secret

_MOST = 20_000

_TOKEN_LENGTH = 16


class Unwritable(Exception):
    """A value has no short source."""


def expression(value: object, name: str) -> tuple[str, list[str]]:
    """The source of a value, and the imports that it needs.

    Args:
        value: literals, lists and dicts of them, dates, paths, patterns, loggers.
        name: for the reason of a refusal.

    Raises:
        Unwritable: the value is of another type, too long to be read by people, or a secret: what
            is written is shared, and committed to Git.

    Example:
        >>> expression({"rates": (0.1, float("inf"))}, "CONFIG")
        ("{'rates': (0.1, float('inf'))}", [])
    """
    imports: list[str] = []
    text = _write(value, name, imports)
    if len(text) > _MOST:
        raise Unwritable(f"'{name}' is too big to be written as a literal")
    if _is_secret(value, name) or mask(text) != text:
        raise Unwritable(f"'{name}' may be a secret; read it where it is used, by os.environ")
    return text, imports


def _is_secret(value: object, name: str) -> bool:
    """Whether a text is called like a secret; `SEP_TOKEN = "<sep>"` is one of language models."""
    if not isinstance(value, (str, bytes)) or not value or not names_secret(name):
        return False
    return len(value) >= _TOKEN_LENGTH or not name.lower().endswith("token")


def _write(value: Any, name: str, imports: list[str]) -> str:
    kind = type(value)
    if kind is float and not math.isfinite(value):
        return f"float({str(value)!r})"
    if value is None or value is ... or kind in (bool, int, float, complex, str, bytes):
        return repr(value)
    if kind in (list, tuple, set, frozenset, dict) and len(value) > _MOST:
        raise Unwritable(f"'{name}' is too big to be written as a literal")
    if kind is dict:
        pairs = (
            f"{_write(k, name, imports)}: {_write(v, name, imports)}" for k, v in value.items()
        )
        return "{" + ", ".join(pairs) + "}"
    if kind in (list, tuple):
        items = [_write(item, name, imports) for item in value]
        if kind is list:
            return f"[{', '.join(items)}]"
        return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
    if kind in (set, frozenset):
        return f"{kind.__name__}([{', '.join(sorted(_write(i, name, imports) for i in value))}])"
    return _call(value, name, imports)


def _call(value: Any, name: str, imports: list[str]) -> str:
    """A value that a function of the standard library makes.

    The alias keeps clear of a notebook's own `from datetime import datetime`.
    """
    kind = type(value)
    if kind.__module__ == "datetime" and getattr(value, "tzinfo", None) is None:
        imports.append("import datetime as _zen_datetime")
        return repr(value).replace("datetime.", "_zen_datetime.", 1)
    if kind is decimal.Decimal:
        imports.append("import decimal as _zen_decimal")
        return f"_zen_decimal.{value!r}"
    if isinstance(value, pathlib.PurePath) and kind.__module__.startswith("pathlib"):
        imports.append("import pathlib as _zen_pathlib")
        return f"_zen_pathlib.Path({str(value)!r})"
    if kind is re.Pattern:
        imports.append("import re as _zen_re")
        return f"_zen_re.compile({value.pattern!r}, {value.flags})"
    if kind is logging.Logger:
        imports.append("import logging as _zen_logging")
        return f"_zen_logging.getLogger({value.name!r})"
    raise Unwritable(f"'{name}' is a {kind.__name__}, which is no literal")

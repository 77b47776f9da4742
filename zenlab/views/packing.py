r"""How a payload packs what it holds into few short strings, and how they are read again.

- A **row** is one string of fields with tabs between them (`"UA\t11823\t.7312"`); names and values
  are cleaned of control characters before, so no field contains a tab.
- A **series** is one string of numbers with spaces between them (`"0 .012 .043"`).
- A missing number is an empty field of a row, and `-` in a series.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.views.numbers import DIGITS, compact, parse

if TYPE_CHECKING:
    from collections.abc import Iterable


def few(omitted: list[str], most: int = 12) -> list[str]:
    """Bound the list of what was left out, which has to fit, too.

    Example:
        >>> few(["a", "b", "c"], 2)
        ['a', 'b', 'And 1 more']
    """
    more = len(omitted) - most
    return omitted if more <= 0 else [*omitted[:most], f"And {more:,} more"]


def row(*fields: str | float | None) -> str:
    r"""Join the fields of a row; numbers are written compactly.

    Example:
        >>> row("UA", 11823, 0.73125, None)
        'UA\t11823\t.7312\t'
    """
    return "\t".join(f if isinstance(f, str) else compact(f) for f in fields)


def fields(text: str) -> list[str]:
    """Split a row."""
    return text.split("\t")


def series(values: Iterable[float | None], digits: int = DIGITS) -> str:
    """Join the numbers of a series.

    Example:
        >>> series([0.0, 0.125, None, 1.0])
        '0 .125 - 1'
    """
    return " ".join(compact(value, digits).removesuffix(".0") or "-" for value in values)


def values(text: str) -> list[float]:
    """Split a series; what is missing is NaN.

    Example:
        >>> values("0 .125 - 1")
        [0.0, 0.125, nan, 1.0]
    """
    return [float("nan") if v == "-" else float(v) for v in text.split()]


def counts(text: str) -> list[int]:
    """Split a series of whole numbers."""
    return [int(v) for v in text.split()]


def named(text: str) -> tuple[str, float | None]:
    """Split a row of name and value.

    Example:
        >>> named(row("roc_auc", 0.73125))
        ('roc_auc', 0.7312)
    """
    name, value = fields(text)
    return name, parse(value)

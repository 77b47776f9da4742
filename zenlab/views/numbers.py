"""How a number is written: with four digits for people, as short as can be for payloads.

Four digits hide the noise by which two machines differ in the last bits of a float, so that a
notebook that is run again elsewhere does not change.
"""

from __future__ import annotations

import math

MISSING = "–"  # noqa: RUF001 - a dash, not a minus
"""What stands for a value that is not there."""

DIGITS = 4
"""The significant digits of a number in stored output."""


def number(value: float | None, digits: int = DIGITS) -> str:
    """Write a number for people.

    Whole numbers (`int`) are counts and are exact; a `float` is a measurement and is rounded, and
    keeps its zeros, so that a column of numbers lines up.

    Args:
        value: the number; None and NaN are missing.
        digits: the significant digits of a float.

    Example:
        >>> [number(v) for v in (235743, 0.73, 1234.56, 0.0000123)]
        ['235,743', '0.7300', '1,235', '1.230e-5']
    """
    if isinstance(value, int):
        return f"{value:,}"
    if value is None or math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == 0:
        return "0"
    # Formatting first tells the exponent *after* rounding: 999.99 has four digits before the dot.
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    power = int(exponent)
    if -4 <= power < 6:
        return f"{float(f'{mantissa}e{power}'):,.{max(digits - 1 - power, 0)}f}"
    return f"{mantissa}e{power}"


def difference(value: float | None, base: float | None) -> str:
    """Write how far `value` is above or below `base`, with the decimals with which both are shown.

    Example:
        >>> difference(0.7131, 0.7135), difference(25.4, 20.0), difference(1.0, 1.0)
        ('▼ -0.0004', '▲ +5.40', '= 0')
    """
    if value is None or base is None or math.isnan(value - base):
        return MISSING
    places = max(len(number(v).partition(".")[2]) for v in (value, base))
    text = f"{value - base:+,.{min(places, 9)}f}"
    if float(text.replace(",", "")) == 0:
        return "= 0"
    return f"▲ {text}" if value > base else f"▼ {text}"


def percent(share: float | None) -> str:
    """Write a share of one as a percentage; what is rare keeps two digits instead of becoming 0.

    Example:
        >>> [percent(v) for v in (0.2964, 1.0, 0.00012, 0.0)]
        ['29.6%', '100%', '0.012%', '0%']
    """
    if share is None or math.isnan(share):
        return MISSING
    if share in (0, 1):
        return f"{share:.0%}"
    if abs(share) >= 0.001:
        return f"{100 * share:.1f}%"
    return f"{number(100 * share, 2)}%"


def compact(value: float | None, digits: int = DIGITS) -> str:
    """Write a number for a payload: what `float()` and JavaScript's `Number()` read, and no more.

    Missing is the empty string. A whole number stays one: `3` is a count, `3.0` was measured.

    Example:
        >>> [compact(v) for v in (0.73125, -0.5, 1234567.0, 12, 12.0, None)]
        ['.7312', '-.5', '1.235e6', '12', '12.0', '']
    """
    if isinstance(value, int):
        return str(value)
    if value is None or math.isnan(value):
        return ""
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0.0"
    mantissa, e, exponent = f"{value:.{digits}g}".partition("e")
    if e:
        return f"{mantissa}e{int(exponent)}"
    if "." not in mantissa:
        return f"{mantissa}.0"
    sign, rest = ("-", mantissa[1:]) if value < 0 else ("", mantissa)
    return sign + rest.removeprefix("0")


def parse(text: str) -> float | None:
    """Read what `compact` wrote; a count is an `int` again.

    Example:
        >>> parse(".7312"), parse("12"), parse("")
        (0.7312, 12, None)
    """
    if not text:
        return None
    return int(text) if text.removeprefix("-").isdecimal() else float(text)

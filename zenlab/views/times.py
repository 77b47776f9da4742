"""How times and durations are written; both are numbers of seconds."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from zenlab.views.numbers import MISSING, number

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"))


def moment(seconds: float | None) -> str:
    """Write a time: its day, and the minute where it is not midnight.

    Args:
        seconds: since 1970 in UTC.

    Example:
        >>> [moment(s) for s in (1356998400.0, 1357034700.5)]
        ['2013-01-01', '2013-01-01 10:05']
    """
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    try:
        time = _EPOCH + timedelta(seconds=round(seconds))
    except OverflowError:  # beyond the year 9999, or before the year 1
        return number(seconds)
    day = f"{time.year:04}-{time:%m-%d}"
    return f"{day} {time:%H:%M}" if time.hour or time.minute else day


def span(seconds: float | None) -> str:
    """Write a duration among the data, in the greatest unit of which it has one.

    Example:
        >>> [span(s) for s in (90.0, 7200.0, -172800.0, 0.25, 0.0)]
        ['1.500 min', '2.000 h', '-2.000 d', '250.0 ms', '0 s']
    """
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    for size, unit in _UNITS:
        if abs(seconds) >= size:
            return f"{number(seconds / size)} {unit}"
    return f"{number(seconds)} s"


def duration(seconds: float) -> str:
    """Write how long something took, or how long ago it was, in its two greatest units.

    Example:
        >>> [duration(s) for s in (0.041, 12.34, 83, 7300, 200000)]
        ['41 ms', '12.3 s', '1 min 23 s', '2 h 1 min', '2 d 7 h']
    """
    if seconds < 0.9995:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for size, unit, part, small in ((86400, "d", 3600, "h"), (3600, "h", 60, "min")):
        if whole >= size:
            return f"{whole // size} {unit} {whole % size // part} {small}"
    return f"{whole // 60} min {whole % 60} s"

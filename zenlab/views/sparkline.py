"""Charts of one line of Unicode blocks (`docs/design.md`, decision 12).

They show in every viewer and every terminal, cost three bytes a column, and are one row of a diff.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEVELS = "▁▂▃▄▅▆▇█"
_EIGHTHS = "▏▎▍▌▋▊▉█"
_GAP = "·"


def sparkline(
    values: Sequence[float | None], low: float | None = None, high: float | None = None
) -> str:
    """Draw a series, one character a value.

    The lowest block is kept for values at the bottom: a bin with a single row never looks like
    an empty one.

    Args:
        values: the series; None and NaN are drawn as a dot.
        low: the bottom of the scale; by default zero, or the least value if that is negative.
        high: the top of the scale; by default the greatest value.

    Example:
        >>> sparkline([0, 1, 4, 8, 2, None])
        '▁▂▅█▃·'
    """
    known = [v for v in values if v is not None and math.isfinite(v)]
    bottom = min([0.0, *known]) if low is None else low
    top = max(known, default=0.0) if high is None else high
    return "".join(_level(v, bottom, top) for v in values)


def track(share: float, width: int) -> str:
    """Draw a share of one as a bar in a track, so that the rest can be seen, too.

    Example:
        >>> track(0.6, 5)
        '███░░'
    """
    done = round(min(max(share, 0.0), 1.0) * width)
    return "█" * done + "░" * (width - done)


def bar(share: float | None, width: int = 8) -> str:
    """Draw a share of one as a horizontal bar of at most `width` characters.

    Example:
        >>> bar(0.5), bar(0.01), bar(0.0)
        ('████', '▏', '')
    """
    if share is None or not math.isfinite(share) or share <= 0:
        return ""
    eighths = max(round(min(share, 1.0) * width * 8), 1)
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest - 1] if rest else "")


def rebin(counts: Sequence[int], most: int = 20) -> list[int]:
    """Add up neighbouring bins until at most `most` are left.

    Example:
        >>> rebin([1, 2, 3, 4, 5], 3)
        [3, 7, 5]
    """
    size = max(math.ceil(len(counts) / most), 1)
    return [sum(counts[i : i + size]) for i in range(0, len(counts), size)]


def resample(x: Sequence[float], y: Sequence[float], columns: int = 20) -> list[float | None]:
    """Read a curve over [0, 1] at the middles of `columns` equal intervals.

    Args:
        x: positions, ascending or descending.
        y: the value at each position.
        columns: how many values to read.

    Returns:
        Values by straight lines between the points; None where the curve does not reach.

    Example:
        >>> resample([0.0, 1.0], [0.0, 1.0], 4)
        [0.125, 0.375, 0.625, 0.875]
    """
    return [at(x, y, (i + 0.5) / columns) for i in range(columns)]


def at(x: Sequence[float], y: Sequence[float], where: float) -> float | None:
    """The value of a curve at one position, or None where it does not reach.

    Where the curve jumps (several points at one position), the last of them counts.

    Example:
        >>> at([0.0, 0.5, 1.0], [0.0, 0.8, 1.0], 0.25)
        0.4
    """
    points = list(zip(x, y, strict=True))
    if points and points[0][0] > points[-1][0]:
        points.reverse()
    for (x0, y0), (x1, y1) in zip(reversed(points[:-1]), reversed(points[1:]), strict=True):
        if x0 <= where <= x1:
            return y1 if x1 == x0 else y0 + (y1 - y0) * (where - x0) / (x1 - x0)
    return None


def _level(value: float | None, low: float, high: float) -> str:
    if value is None or math.isnan(value):
        return _GAP
    if value <= low or high <= low:
        return _LEVELS[0]
    if value >= high:
        return _LEVELS[-1]
    return _LEVELS[1 + int((value - low) / (high - low) * (len(_LEVELS) - 1))]

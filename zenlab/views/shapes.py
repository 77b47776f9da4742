"""The distributions of one column in several datasets, on one scale, to be looked at.

TFDV cuts each dataset between its own least and greatest value, so that one outlier leaves a
picture of a single block, and two datasets cannot be compared. Here the histogram and the deciles
of a column become one curve (the share of the rows below each number), which is read at the edges
of the same blocks for all datasets.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zenlab.core.statistics import NumberSummary

BLOCKS = 10
"""Blocks of a shape: as many characters of a sparkline."""


class Scale(NamedTuple):
    """From where to where the blocks of a column go. What is further out is in the outermost."""

    low: float
    high: float

    def edges(self, blocks: int = BLOCKS) -> list[float]:
        """The ends of the blocks.

        Example:
            >>> Scale(0.0, 4.0).edges(2)
            [0.0, 2.0, 4.0]
        """
        step = self.high / blocks - self.low / blocks  # the difference itself may overflow
        return [*(self.low + step * i for i in range(blocks)), self.high]


class Curve:
    """The share of the rows of a column below each number: straight lines between known points.

    Args:
        numbers: histogram, deciles or both; without any there are no points.

    Example:
        >>> from zenlab.core.statistics import NumberSummary
        >>> deciles = [float(i) for i in range(11)]
        >>> Curve(NumberSummary(5.0, 3.0, 0.0, 10.0, 1, quantiles=deciles)).below(2.5)
        0.25
    """

    def __init__(self, numbers: NumberSummary) -> None:
        # A decile says that at most so many rows are below it and at least so many are not above;
        # an edge of the histogram says exactly how many are below.
        points = [(x, i / (len(numbers.quantiles) - 1)) for i, x in enumerate(numbers.quantiles)]
        histogram = numbers.histogram
        if histogram and (total := sum(histogram.counts)):
            below = 0
            for edge, count in zip(histogram.edges, [*histogram.counts, 0], strict=True):
                points.append((edge, below / total))
                below += count
        points = sorted((x, share) for x, share in points if math.isfinite(x))
        self._x = [x for x, _ in points]
        self._share: list[float] = []
        most = 0.0
        for _, share in points:  # deciles are estimates, and may contradict the histogram a little
            most = max(most, share)
            self._share.append(most)

    def __bool__(self) -> bool:
        return bool(self._x)

    def below(self, number: float) -> float:
        """The share of the rows that are less than `number`."""
        i = bisect_left(self._x, number)
        if i == len(self._x):
            return 1.0
        if i == 0 or self._x[i] == number:
            return self._share[i] if self._x[i] == number else 0.0
        (x0, x1), (y0, y1) = self._x[i - 1 : i + 1], self._share[i - 1 : i + 1]
        # Halves, since the distance of two floats may be infinite.
        way = (number / 2 - x0 / 2) / (x1 / 2 - x0 / 2) if x1 / 2 > x0 / 2 else 1.0
        return y0 + way * (y1 - y0)


def scale(summaries: Sequence[NumberSummary]) -> Scale | None:
    """A scale that shows the bulk of all datasets: a column's outliers do not flatten it.

    It goes from the first decile to the last one of each dataset, and as far again on both sides,
    but no further than there are values.

    Returns:
        None if there are no values, or only one.

    Example:
        >>> from zenlab.core.statistics import NumberSummary
        >>> deciles = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 1000.0]
        >>> scale([NumberSummary(14.0, 99.0, 0.0, 1000.0, 1, quantiles=deciles)])
        Scale(low=0.0, high=17.0)
    """
    spans = [span for numbers in summaries if (span := _span(numbers))]
    if not spans:
        return None
    low, high = min(low for low, _ in spans), max(high for _, high in spans)
    return Scale(low, high) if low < high else None


def _span(numbers: NumberSummary) -> tuple[float, float] | None:
    ends = numbers.quantiles or (numbers.histogram.edges if numbers.histogram else [])
    if not ends or not all(map(math.isfinite, ends)):
        return None
    low, high = ends[0], ends[-1]
    if len(numbers.quantiles) < 5:
        return low, high
    first, last = numbers.quantiles[1], numbers.quantiles[-2]
    if first == last:  # most rows have the same value: the others are what is to be seen
        return low, high
    spread = last - first
    return max(low, first - spread), min(high, last + spread)


def blocks(numbers: NumberSummary, on: Scale, count: int = BLOCKS) -> list[float]:
    """The share of the rows in each block of a scale; they add up to one.

    Returns:
        Nothing where neither a histogram nor deciles are known.

    Example:
        >>> from zenlab.core.evaluation import Histogram
        >>> from zenlab.core.statistics import NumberSummary
        >>> halves = Histogram([0.0, 1.0, 2.0], [3, 1])
        >>> blocks(NumberSummary(0.8, 0.4, 0.0, 2.0, 0, histogram=halves), Scale(0.0, 2.0), 2)
        [0.75, 0.25]
    """
    curve = Curve(numbers)
    if not curve:
        return []
    inner = [curve.below(edge) for edge in on.edges(count)[1:-1]]
    ends = [0.0, *inner, 1.0]
    return [ends[i + 1] - ends[i] for i in range(count)]

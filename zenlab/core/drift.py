"""How far two columns are apart, from their statistics alone.

Two measures, each between 0 (equal) and 1 (nothing in common), those of TensorFlow Data
Validation (https://www.tensorflow.org/tfx/data_validation/get_started, "Checking data skew and
drift"):

- of text, the L-infinity distance of the shares of its values: `max |p_i - q_i|`, the share of the
  value that has gained or lost most;
- of numbers, the Jensen-Shannon divergence with logarithms to the base 2:
  `JSD(P, Q) = KL(P, M) / 2 + KL(Q, M) / 2` with `M = (P + Q) / 2`
  (J. Lin, Divergence measures based on the Shannon entropy, IEEE Trans. Inf. Theory 37, 1991).

Missing values do not enter either: their share is a number of its own.
"""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from zenlab.core.statistics import FeatureStatistics, NumberSummary, TextSummary

L_INFINITY = "L-infinity"
JENSEN_SHANNON = "Jensen-Shannon"

_Bin = tuple[float, float, float]
"""From, to, and how many."""


def distance(base: FeatureStatistics, other: FeatureStatistics) -> tuple[str, float | None]:
    """How far a column is from what it was.

    Args:
        base: its statistics before, or in the baseline.
        other: its statistics now.

    Returns:
        The name of the measure and the distance. An empty name and None if there is nothing to
        measure: no values, a sensitive column, or another kind of values.
    """
    if base.numbers is not None and other.numbers is not None:
        found = jensen_shannon(base.numbers, other.numbers)
        return (JENSEN_SHANNON, found) if found is not None else ("", None)
    if base.text is not None and other.text is not None:
        found = l_infinity(base.text, other.text, base.rows, other.rows)
        return (L_INFINITY, found) if found is not None else ("", None)
    return "", None


def l_infinity(
    base: TextSummary, other: TextSummary, base_rows: float, other_rows: float
) -> float | None:
    """The L-infinity distance of the shares of values.

    Statistics keep the most frequent values alone. One that is among those of one side only counts
    as absent on the other, so a distance may be too great by the share of the rarest kept value.

    Args:
        base: the values before.
        other: the values now.
        base_rows: the rows that have a value, before.
        other_rows: likewise, now.

    Example:
        >>> from zenlab.core.statistics import TextSummary, TopValue
        >>> old = TextSummary(2, 2.0, [TopValue("UA", 60), TopValue("AA", 40)])
        >>> new = TextSummary(2, 2.0, [TopValue("UA", 45), TopValue("DL", 55)])
        >>> l_infinity(old, new, 100, 100)
        0.55
    """
    if not base.top or not other.top or base_rows <= 0 or other_rows <= 0:
        return None
    p = {t.value: t.count / base_rows for t in base.top}
    q = {t.value: t.count / other_rows for t in other.top}
    return min(max(abs(p.get(v, 0.0) - q.get(v, 0.0)) for v in p.keys() | q.keys()), 1.0)


def jensen_shannon(base: NumberSummary, other: NumberSummary) -> float | None:
    """The Jensen-Shannon divergence of two distributions, over the edges of both.

    Inside of a bin, values are taken to be spread evenly; a bin without width is a value of its
    own. Histograms are compared where they show something: if one bin of a histogram holds all
    rows between the first and the last decile, as with one absurd outlier, the quantiles of both
    sides are compared instead, between each two of which lies the same share of the rows.

    Args:
        base: the numbers before.
        other: the numbers now.

    Example:
        >>> from zenlab.core.evaluation import Histogram
        >>> from zenlab.core.statistics import NumberSummary
        >>> def of(counts):
        ...     return NumberSummary(1, 1, 0, 2, 0, histogram=Histogram([0, 1, 2], counts))
        >>> jensen_shannon(of([5, 5]), of([50, 50])), jensen_shannon(of([9, 0]), of([0, 9]))
        (0.0, 1.0)
    """
    sides = (base, other)
    if any(_says_nothing(side) for side in sides) and all(len(s.quantiles) > 2 for s in sides):
        bins = [_by_quantiles(side) for side in sides]
    else:
        bins = [_by_histogram(side) or _by_quantiles(side) for side in sides]
    if not all(bins):
        return None
    edges = sorted({edge for side in bins for low, high, _ in side for edge in (low, high)})
    return _divergence(*(_masses(side, edges) for side in bins))


def _says_nothing(numbers: NumberSummary) -> bool:
    """Whether the rows between the deciles, which are several values, lie in one bin."""
    if numbers.histogram is None or len(numbers.quantiles) < 3:
        return False
    low, high = numbers.quantiles[1], numbers.quantiles[-2]
    return low < high and any(a <= low and high <= b for a, b in pairwise(numbers.histogram.edges))


def _by_histogram(numbers: NumberSummary) -> list[_Bin]:
    histogram = numbers.histogram
    if histogram is None or not sum(histogram.counts):
        return []
    return [
        (low, high, float(count))
        for (low, high), count in zip(pairwise(histogram.edges), histogram.counts, strict=True)
        if count
    ]


def _by_quantiles(numbers: NumberSummary) -> list[_Bin]:
    return [(low, high, 1.0) for low, high in pairwise(numbers.quantiles)]


def _masses(bins: Sequence[_Bin], edges: Sequence[float]) -> dict[tuple[float, float], float]:
    """The share of each stretch between two edges, and of each bin without width."""
    total = sum(count for _, _, count in bins)
    shares: defaultdict[tuple[float, float], float] = defaultdict(float)
    for low, high, count in bins:
        if low == high:
            shares[low, low] += count / total
            continue
        for a, b in _between(edges, low, high):
            shares[a, b] += count / total * (b - a) / (high - low)
    return shares


def _between(edges: Sequence[float], low: float, high: float) -> Iterator[tuple[float, float]]:
    from bisect import bisect_left

    for i in range(bisect_left(edges, low), len(edges) - 1):
        if edges[i] >= high:
            return
        yield edges[i], edges[i + 1]


def _divergence(
    p: Mapping[tuple[float, float], float], q: Mapping[tuple[float, float], float]
) -> float:
    terms = []
    for part in sorted(p.keys() | q.keys()):
        a, b = p.get(part, 0.0), q.get(part, 0.0)
        # 0 log 0 = 0
        terms += [share / 2 * math.log2(2 * share / (a + b)) for share in (a, b) if share > 0]
    return min(max(math.fsum(terms), 0.0), 1.0)

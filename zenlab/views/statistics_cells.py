"""The cells of a statistics panel: one column of the data in one or all datasets, in a few words.

Of the numbers those of the first dataset are shown, and those of another below them only where they
clearly differ: so that what is as it should be takes one line, and what is not can be seen.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from zenlab.core.validation import DRIFT_NUMBERS
from zenlab.views.document import Column
from zenlab.views.numbers import MISSING, number, parse, percent
from zenlab.views.packing import fields, values
from zenlab.views.sparkline import sparkline
from zenlab.views.times import span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zenlab.views.document import Cell
    from zenlab.views.payloads import ColumnStatistics

MARK = "⚠"
"""Beside what to look at. Its meaning is told by a sentence, never by a colour."""

_POINT = 0.01  # of a share: the least difference that is clear
_SPREAD = 0.1  # of a mean or a quantile, in standard deviations
_WIDER = 0.2  # of a standard deviation: how much greater one is than the other
_NOISE = 3.0  # standard errors that few rows explain


class Dataset(NamedTuple):
    """A column in one dataset, as the payload has it."""

    rows: int
    missing: int
    unique: float | None
    zeros: float | None
    infinite: float | None
    mean: float | None
    std: float | None
    quantiles: list[str]
    shape: list[float]

    @property
    def missing_share(self) -> float | None:
        total = self.rows + self.missing
        return self.missing / total if total else None

    @property
    def zeros_share(self) -> float | None:
        return self.zeros / self.rows if self.rows and self.zeros is not None else None


def read(column: ColumnStatistics) -> list[Dataset | None]:
    """A column in each dataset; None where there is no such column."""
    datasets: list[Dataset | None] = []
    for text in column.datasets:
        if not text:
            datasets.append(None)
            continue
        rows, missing, unique, zeros, infinite, mean, std, quantiles, shape = fields(text)
        datasets.append(
            Dataset(
                int(rows),
                int(missing),
                parse(unique),
                parse(zeros),
                parse(infinite),
                None if column.kind == "time" else parse(mean),
                parse(std),
                quantiles.split(),
                values(shape),
            )
        )
    return datasets


def time_text(column: ColumnStatistics, text: str) -> str:
    """A quantile of a column of times or durations."""
    return span(parse(text)) if column.kind == "duration" else text.replace("T", " ")


def shape_titles(names: Sequence[str]) -> list[Column]:
    """The columns that hold the shapes: one a dataset, by its name."""
    return [Column(name, nowrap=True) for name in (names if len(names) > 1 else ["shape"])]


def share_titles(names: Sequence[str]) -> list[Column]:
    """The columns that hold the shares of values, likewise."""
    return [Column(name, "right", nowrap=True) for name in (names if len(names) > 1 else ["share"])]


def shapes(datasets: Sequence[Dataset | None]) -> list[str]:
    """One scale for the heights, too."""
    top = max((max(d.shape, default=0.0) for d in datasets if d), default=0.0)
    return [sparkline(d.shape, 0.0, top) if d else "" for d in datasets]


def share_and_lift(shares: Sequence[str], i: int) -> str:
    """The share of a value, and its lift: how many times its share in the first dataset."""
    share, base = parse(shares[i]), parse(shares[0])
    text = percent(share)
    if i == 0 or share is None or base is None:
        return text
    if not base:
        return f"{text} new" if share else text
    if not share:
        return f"{text} gone"
    lift = share / base
    return f"{text} ×{lift:.2f}" if lift < 10 else f"{text} ×{lift:,.0f}"  # noqa: RUF001


def missing_or_zeros(
    datasets: Sequence[Dataset | None],
    names: Sequence[str],
    share: Callable[[Dataset], float | None],
    much: float,
) -> Cell:
    """The share of the first dataset, and those of others that clearly differ."""

    def write(d: Dataset) -> str:
        value = share(d)
        text = percent(value)
        return f"{MARK} {text}" if value is not None and value >= much else text

    def differs(first: Dataset, other: Dataset) -> bool:
        p, q = share(first), share(other)
        if p is None or q is None:
            return p is not q
        rows = max(min(d.rows + d.missing for d in (first, other)), 1)
        middle = (p + q) / 2
        return abs(p - q) > max(_POINT, _NOISE * math.sqrt(middle * (1 - middle) / rows))

    cell = stack(datasets, names, write, differs)
    # Of most columns nothing is missing: what is not there stands out best.
    return "" if cell in (percent(0.0), percent(None)) else cell


def mean(d: Dataset) -> str:
    """Mean and standard deviation."""
    return "" if d.mean is None else f"{number(d.mean)} ± {number(d.std)}"


def mean_differs(first: Dataset, other: Dataset) -> bool:
    """Whether the mean is clearly another one, or the spread around it."""
    p, q = first.std or 0.0, other.std or 0.0
    wide = max(p, q) > min(p, q) * (1 + _WIDER + _NOISE / math.sqrt(_fewest(first, other)))
    return wide or _clearly(first.mean, other.mean, first, other)


def quantiles(d: Dataset) -> str:
    """All quantiles, in one line; of a column with one value that one."""
    texts = d.quantiles[:1] if len(set(d.quantiles)) == 1 else d.quantiles
    return " · ".join(number(parse(text)) for text in texts)


def quantiles_differ(first: Dataset, other: Dataset) -> bool:
    """By the inner ones; the ends of a part of the rows differ by nature, but not by as much."""
    one, two = ([parse(text) or 0.0 for text in d.quantiles] for d in (first, other))
    if len(one) != len(two) or not one:
        return len(one) != len(two)
    width = one[-1] - one[0]
    if one[0] - two[0] > width / 2 or two[-1] - one[-1] > width / 2:
        return True
    return any(_clearly(p, q, first, other) for p, q in zip(one[1:-1], two[1:-1], strict=True))


def _clearly(p: float | None, q: float | None, first: Dataset, other: Dataset) -> bool:
    """Whether a number differs by more than chance, and by enough to matter."""
    if p is None or q is None:
        return p is not q
    return abs(p - q) > (first.std or 0.0) * (_SPREAD + _NOISE / math.sqrt(_fewest(first, other)))


def _fewest(first: Dataset, other: Dataset) -> int:
    return max(min(first.rows, other.rows), 1)


def stack(
    datasets: Sequence[Dataset | None],
    names: Sequence[str],
    write: Callable[[Dataset], str],
    differs: Callable[[Dataset, Dataset], bool],
) -> Cell:
    """The first dataset's, and below it with its name that of each other one that differs."""
    first = next((d for d in datasets if d), None)
    if first is None:  # it is in none of the datasets that are shown
        return ""
    base = write(first)
    others = [
        f"{name} {write(other) or MISSING}"
        for name, other in zip(names, datasets, strict=True)
        if other and differs(first, other) and write(other) != base
    ]
    return (base or MISSING, *others) if others else base


def drift(column: ColumnStatistics, names: Sequence[str]) -> str:
    """How far the furthest dataset is, and which one it is where that is too far."""
    if not column.drift:
        return ""
    dataset, _, distance, threshold = fields(column.drift)
    value = float(distance)
    if value <= float(threshold or DRIFT_NUMBERS):
        return "<0.01" if value < 0.01 else number(value, 2)
    where = f" {dataset}" if len(names) > 2 else ""
    return f"{MARK} {number(value, 2)}{where}"

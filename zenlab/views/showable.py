"""Which values of the data may be seen: one rule for payloads, HTML, text, frames and figures.

What a notebook stores is pushed to a remote and read by people who have no right to see single
rows (`docs/design.md`, section 7). A value is shown if at least `MIN_SLICE_ROWS` rows have it, and
none of a sensitive column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.core.evaluation import MIN_SLICE_ROWS
from zenlab.views.strings import NAME_LENGTH, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zenlab.core.statistics import DatasetStatistics, FeatureStatistics, Statistics
    from zenlab.core.validation import Anomaly

VALUES = 5
"""The most values that a sentence names."""


def sensitive(features: Iterable[FeatureStatistics | None]) -> bool:
    """Whether a column is sensitive in one of its datasets, and so in all of them."""
    return any(feature is not None and feature.sensitive for feature in features)


def sensitive_columns(statistics: Statistics | None) -> frozenset[str]:
    """The names of all columns that are sensitive in a dataset."""
    if statistics is None:
        return frozenset()
    return frozenset(f.name for d in statistics.datasets for f in d.features if f.sensitive)


def showable(features: Sequence[FeatureStatistics | None]) -> dict[str, float]:
    """The values of a column that may be shown, with the rows that have them, the most first.

    Weights do not count here: a value in a single row stays a value of a single row.

    Args:
        features: the column in its datasets; one of them has to have enough rows.
    """
    if sensitive(features):
        return {}
    most: dict[str, float] = {}
    for feature in features:
        for item in feature.text.top if feature and feature.text else ():
            if item.count >= MIN_SLICE_ROWS:
                most[item.value] = max(most.get(item.value, 0.0), item.count)
    return dict(sorted(most.items(), key=lambda item: (-item[1], item[0])))


def slice_is_showable(dataset: DatasetStatistics, hidden: frozenset[str]) -> bool:
    """Whether the values that a slice is named by may be shown.

    Args:
        dataset: a slice.
        hidden: the columns that are sensitive.
    """
    return dataset.rows >= MIN_SLICE_ROWS and not hidden.intersection(dataset.slice)


def sentence(anomaly: Anomaly, *, hidden: bool, length: int = NAME_LENGTH) -> str:
    """What is not as it should be, with the values that may be shown, without the column's name.

    Args:
        anomaly: what was found.
        hidden: the column is sensitive.
        length: the most characters of a value.

    Example:
        >>> from zenlab.core.validation import Anomaly, UnexpectedValue
        >>> found = [UnexpectedValue("ZZ", 31), UnexpectedValue("Q9", 12), UnexpectedValue("X", 2)]
        >>> anomaly = Anomaly("x", "ENUM", "error", "3 new values, 0.3 % of rows", found)
        >>> sentence(anomaly, hidden=False)
        '3 new values, ZZ (31 rows), Q9 (12 rows) and 1 in fewer than 10, 0.3 % of rows'
    """
    if hidden or not anomaly.values:
        return anomaly.text
    found = sorted(anomaly.values, key=lambda item: (-item.count, item.value))
    known = [item for item in found if item.count >= MIN_SLICE_ROWS]
    parts = [f"{quoted(v.value, length)} ({v.count:,.0f} rows)" for v in known[:VALUES]]
    if (more := len(known) - VALUES) > 0:
        parts.append(f"{more:,} more")
    if rare := len(found) - len(known):
        parts.append(f"{rare:,} in fewer than {MIN_SLICE_ROWS}")
    head, comma, tail = anomaly.text.partition(", ")
    return f"{head}, {listed(parts)}{comma}{tail}"


def quoted(value: str, length: int = NAME_LENGTH) -> str:
    """A value of the data as it is shown: in quotation marks if nothing could be seen without.

    Example:
        >>> quoted("UA"), quoted(" UA"), quoted("")
        ('UA', '" UA"', '""')
    """
    shown = shorten(value, length)
    return f'"{shown}"' if shown != shown.strip() or not shown else shown


def listed(parts: Sequence[str]) -> str:
    """Join the parts of a list in a sentence.

    Example:
        >>> listed(["a"]), listed(["a", "b", "c"])
        ('a', 'a, b and c')
    """
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))

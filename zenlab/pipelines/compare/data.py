"""The data of two runs side by side: the same snapshot, or how far its columns are apart.

Drift lines are what a comparison stores; the statistics behind them are read anew for those who
want to look at both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.core.drift import JENSEN_SHANNON, distance
from zenlab.core.validation import DRIFT_NUMBERS, DRIFT_TEXT
from zenlab.views.comparison import DataDrift, FeatureDrift

if TYPE_CHECKING:
    from collections.abc import Callable

    from zenlab.core.statistics import DatasetStatistics, FeatureStatistics, Statistics
    from zenlab.pipelines.compare.targets import Found


def data_drift(
    base: Found,
    other: Found,
    statistics: Callable[[], tuple[Statistics | None, Statistics | None]],
) -> DataDrift:
    """How the data of a run differs from the baseline's.

    Args:
        base: the baseline.
        other: the run.
        statistics: reads those of both; not called where both start from one snapshot.
    """
    before, after = base.spec.datasource, other.spec.datasource
    if before is not None and after is not None and before.commit == after.commit:
        return DataDrift(other.label, same=True)
    old, new = statistics()
    lacking = [found.label for found, s in ((base, old), (other, new)) if s is None]
    if old is None or new is None:
        return DataDrift(
            other.label,
            note=f"There are no statistics of {' and '.join(lacking)} to compare.",
        )
    pair = common_datasets(old, new)
    if pair is None:
        return DataDrift(other.label, note="The statistics have no split in common.")
    return drift_of(other.label, *pair)


def drift_of(run: str, base: DatasetStatistics, other: DatasetStatistics) -> DataDrift:
    """How far the columns of a dataset are from those of another one.

    Args:
        run: the label of the run that `other` belongs to.
        base: statistics of the baseline.
        other: statistics of the run.

    Returns:
        A row a column, by falling distance; those that only one side has come first.
    """
    names = dict.fromkeys([*(f.name for f in base.features), *(f.name for f in other.features)])
    rows = [_feature(name, base.feature(name), other.feature(name)) for name in names]
    rows.sort(key=lambda row: (not row.note, -(row.distance or 0.0)))
    return DataDrift(
        run, split=other.name, base_rows=base.rows, rows=other.rows, features=tuple(rows)
    )


def common_datasets(
    old: Statistics, new: Statistics
) -> tuple[DatasetStatistics, DatasetStatistics] | None:
    """The rows to compare: those for training where both have them, else the first in common.

    Args:
        old: statistics of the baseline.
        new: statistics of the run.

    Returns:
        One dataset of each, of the same name; None where they have none in common.
    """
    names = [d.name for d in old.datasets if not d.slice and new.dataset(d.name) is not None]
    names.sort(key=lambda name: name != "train")
    for name in names:
        before, after = old.dataset(name), new.dataset(name)
        if before is not None and after is not None:
            return before, after
    return None


def _feature(
    name: str, base: FeatureStatistics | None, other: FeatureStatistics | None
) -> FeatureDrift:
    if base is None or other is None:
        return FeatureDrift(
            name,
            base_missing=_missing(base),
            missing=_missing(other),
            base_mean=_mean(base),
            mean=_mean(other),
            note="new" if base is None else "gone",
        )
    measure, found = distance(base, other)
    return FeatureDrift(
        name,
        measure,
        found,
        (DRIFT_NUMBERS if measure == JENSEN_SHANNON else DRIFT_TEXT) if measure else None,
        _missing(base),
        _missing(other),
        _mean(base),
        _mean(other),
        "" if base.kind == other.kind else f"{base.kind} → {other.kind}",
    )


def _missing(feature: FeatureStatistics | None) -> float | None:
    if feature is None or feature.rows + feature.missing == 0:
        return None
    return feature.missing / (feature.rows + feature.missing)


def _mean(feature: FeatureStatistics | None) -> float | None:
    """The mean of a column of numbers; of a sensitive one nothing is shown but how far it moved."""
    if feature is None or feature.numbers is None or feature.kind == "time" or feature.sensitive:
        return None
    return feature.numbers.mean

"""What is worth a look in the statistics of several datasets: columns in the order of interest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from zenlab.core import drift
from zenlab.core.validation import DRIFT_NUMBERS, DRIFT_TEXT
from zenlab.views.showable import sensitive, showable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zenlab.core.statistics import (
        DatasetStatistics,
        FeatureStatistics,
        Kind,
        NumberSummary,
        TextSummary,
    )
    from zenlab.core.validation import Anomalies, Anomaly

MUCH_MISSING = 0.2
"""A column of which at least this share is missing in a dataset is marked."""

MANY_ZEROS = 0.5
"""The same for zeros."""

NUMBER_KINDS = frozenset({"integer", "number"})
TIME_KINDS = frozenset({"time", "duration"})
SCALED_KINDS = NUMBER_KINDS | TIME_KINDS
TEXT_KINDS = frozenset({"text", "bytes", "truth"})


_NUMBERS = (drift.JENSEN_SHANNON, DRIFT_NUMBERS)
_TEXT = (drift.L_INFINITY, DRIFT_TEXT)


class Distance(NamedTuple):
    """How far a dataset is from the first one, in one column."""

    dataset: str
    distance: float
    measure: str
    threshold: float

    @property
    def over(self) -> bool:
        """Whether it is more than the threshold."""
        return self.distance > self.threshold


@dataclass(frozen=True)
class Column:
    """One column in all datasets.

    Args:
        name: of the column.
        index: its place among the columns.
        datasets: its statistics, one a dataset; None where the dataset has no such column.
        names: of the datasets.
        anomalies: with the dataset of each.
        measured: its distances as TFDV has them, where anomalies were looked for.
        weighted: whether rows count by their weights.
    """

    name: str
    index: int
    datasets: tuple[FeatureStatistics | None, ...]
    names: tuple[str, ...]
    anomalies: tuple[tuple[str, Anomaly], ...] = ()
    measured: tuple[Distance, ...] = ()
    weighted: bool = False

    @property
    def first(self) -> FeatureStatistics:
        """Its statistics in the first dataset that has it."""
        return next(feature for feature in self.datasets if feature is not None)

    @cached_property
    def kind(self) -> Kind:
        """What it holds: in the first dataset that has any value.

        Whole numbers become others where one is missing, which is nothing to be told.
        """
        kinds = [feature.kind for feature in self.datasets if feature is not None]
        kind = next((kind for kind in kinds if kind != "empty"), kinds[0])
        return "number" if kind == "integer" and "number" in kinds else kind

    def fits(self, feature: FeatureStatistics) -> bool:
        """Whether the column holds in that dataset what it does in the first one."""
        return feature.kind == self.kind or {feature.kind, self.kind} == NUMBER_KINDS

    @cached_property
    def hidden(self) -> bool:
        """Whether it is sensitive."""
        return sensitive(self.datasets)

    def numbers(self, feature: FeatureStatistics | None) -> NumberSummary | None:
        """Of a dataset: weighted where a weight was asked for; None where it holds something else.

        Of a sensitive column nothing is known but how many rows it has.
        """
        if feature is None or not self.fits(feature) or self.hidden:
            return None
        return (self.weighted and feature.weighted_numbers) or feature.numbers

    def shares(self, feature: FeatureStatistics | None) -> dict[str, float | None] | None:
        """The shares of the most frequent values of a dataset, including those not to be shown.

        Returns:
            None where nothing is known, a share of None where the sum of the weights is unknown.
        """
        if feature is None or not self.fits(feature) or self.hidden:
            return None
        if feature.kind == "truth":
            mean = numbers.mean if (numbers := self.numbers(feature)) else None
            return None if mean is None else {"true": mean, "false": 1 - mean}
        text, total = self.text(feature), self._total(feature)
        if text is None or not feature.rows:
            return None
        return {v.value: v.count / total if total else None for v in text.top}

    def text(self, feature: FeatureStatistics) -> TextSummary | None:
        """Of a dataset: weighted where a weight was asked for."""
        return (self.weighted and feature.weighted_text) or feature.text

    def _total(self, feature: FeatureStatistics) -> float | None:
        """What the counts of a dataset's values add up to: of weights it may not be known."""
        if not self.weighted or feature.weighted_text is None:
            return feature.rows
        whole = self.whole(feature)
        return sum(v.count for v in feature.weighted_text.top) if whole else None

    def whole(self, feature: FeatureStatistics | None) -> bool:
        """Whether the most frequent values of a dataset are all of them."""
        if feature is None or feature.kind == "truth":
            return True
        text = self.text(feature)
        return text is not None and len(text.top) == text.unique

    def top(self) -> list[tuple[str, list[float | None]]]:
        """The values that may be shown with their shares, by the greatest share in any dataset."""
        known = [self.shares(feature) for feature in self.datasets]
        allowed = dict.fromkeys(("true", "false"), 0.0) if self.kind == "truth" else None
        rows = []
        for value in showable(self.datasets) if allowed is None else allowed:
            shares = [
                None if there is None else there.get(value, 0.0 if self.whole(feature) else None)
                for there, feature in zip(known, self.datasets, strict=True)
            ]
            if any(there is not None and value in there for there in known):
                rows.append((value, shares))
        return sorted(
            rows, key=lambda item: (-max((s or 0.0 for s in item[1]), default=0.0), item[0])
        )

    def missing(self, feature: FeatureStatistics | None) -> float | None:
        """The share of the rows without a value."""
        if feature is None or not feature.rows + feature.missing:
            return None
        return feature.missing / (feature.rows + feature.missing)

    @cached_property
    def distance(self) -> Distance | None:
        """Of the dataset that is furthest from the first: as TFDV measured it, or from here."""
        found = list(self.measured)
        measured = {distance.dataset for distance in found}
        first, *others = self.datasets
        for name, feature in zip(self.names[1:], others, strict=True):
            if name not in measured and (distance := self._distance(name, first, feature)):
                found.append(distance)
        return max(found, key=lambda d: d.distance - d.threshold, default=None)

    def _distance(
        self, name: str, first: FeatureStatistics | None, other: FeatureStatistics | None
    ) -> Distance | None:
        if first is None or other is None or self.hidden:
            return None
        if self.kind not in ("text", "bytes"):
            one, two = self.numbers(first), self.numbers(other)
            value = drift.jensen_shannon(one, two) if one and two else None
            return None if value is None else Distance(name, value, *_NUMBERS)
        p, q = self.text(first), self.text(other)
        rows, others = self._total(first), self._total(other)
        if not p or not q or not rows or not others or not self.fits(other):
            return None
        value = drift.l_infinity(p, q, rows, others)
        return None if value is None else Distance(name, value, *_TEXT)

    @cached_property
    def interest(self) -> tuple[float, float, float, int]:
        """What columns are sorted by: anomalies, much missing, drift, then their own order."""
        worst = max((2 if a.severity == "error" else 1 for _, a in self.anomalies), default=0)
        shares = [share for f in self.datasets if (share := self.missing(f)) is not None]
        missing = max(shares, default=0.0)
        furthest = self.distance
        return (
            -worst,
            -missing if missing >= MUCH_MISSING else 0.0,
            -furthest.distance if furthest and furthest.over else 0.0,
            self.index,
        )


def columns(
    datasets: Sequence[DatasetStatistics],
    anomalies: Anomalies | None = None,
    *,
    weighted: bool = False,
) -> list[Column]:
    """All columns of some datasets, the most interesting ones first.

    Args:
        datasets: the first is the one that the others are compared with.
        anomalies: what was found in them.
        weighted: whether rows count by their weights.
    """
    by_dataset = [{feature.name: feature for feature in d.features} for d in datasets]
    names = tuple(d.name for d in datasets)
    found: dict[str, list[tuple[str, Anomaly]]] = {}
    drifts: dict[str, list[Distance]] = {}
    for dataset in anomalies.datasets if anomalies else ():
        if dataset.name not in names:
            continue
        for anomaly in dataset.anomalies:
            found.setdefault(anomaly.feature, []).append((dataset.name, anomaly))
        for d in dataset.drift:
            if not math.isfinite(d.distance):
                continue
            default = DRIFT_TEXT if d.measure == drift.L_INFINITY else DRIFT_NUMBERS
            threshold = default if d.threshold is None else d.threshold
            measured = Distance(dataset.name, d.distance, d.measure, threshold)
            drifts.setdefault(d.feature, []).append(measured)
    everything = dict.fromkeys(name for features in by_dataset for name in features)
    result = [
        Column(
            name,
            i,
            tuple(features.get(name) for features in by_dataset),
            names,
            tuple(found.get(name, ())),
            tuple(drifts.get(name, ())),
            weighted,
        )
        for i, name in enumerate(everything)
    ]
    return sorted(result, key=lambda column: column.interest)

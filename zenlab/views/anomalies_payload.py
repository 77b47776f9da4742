"""What is stored of anomalies: results -> payload, as many of them as there is room for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zenlab.views.packing import few, row, series
from zenlab.views.payloads import VERSION, AnomaliesPayload, DatasetFindings
from zenlab.views.shapes import blocks, scale
from zenlab.views.showable import sensitive_columns, sentence
from zenlab.views.strings import NAME_LENGTH, SENTENCE_LENGTH, shorten

if TYPE_CHECKING:
    from zenlab.core.statistics import FeatureStatistics, Statistics
    from zenlab.core.validation import DatasetAnomalies
    from zenlab.views.anomalies import AnomaliesPanel

_VALUES = 10
"""The most frequent values whose shares are the shape of a column of text."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many anomalies a payload holds."""

    anomalies: int  # of one dataset
    datasets: int = 6
    drift: int = 10  # of one dataset
    name: int = NAME_LENGTH  # characters
    sentence: int = SENTENCE_LENGTH


LIMITS = (
    Limits(anomalies=50),
    Limits(anomalies=25),
    Limits(anomalies=12, drift=5),
    Limits(anomalies=5, drift=3, name=40, sentence=200),
    Limits(anomalies=2, drift=2, datasets=4, name=20, sentence=100),
)

EVERYTHING = Limits(anomalies=5_000, datasets=50, drift=5_000)
"""For a file of its own, which no budget binds."""


def make(panel: AnomaliesPanel, limits: Limits) -> AnomaliesPayload:
    """Make the payload of a panel.

    Args:
        panel: what was found.
        limits: how much of it; the payload says what it leaves out.
    """
    omitted: list[str] = []  # filled by what follows
    datasets = panel.anomalies.datasets
    if (more := len(datasets) - limits.datasets) > 0:
        omitted.append(f"Datasets: {more:,}")
    # If there are too many, those with anomalies are what one looks for.
    kept = sorted(datasets, key=lambda d: not d.anomalies)[: limits.datasets]
    shown = [d for d in datasets if d in kept]
    return AnomaliesPayload(
        version=VERSION,
        title=shorten(panel.title, limits.name),
        datasets=[_dataset(d, panel.statistics, limits, omitted) for d in shown],
        acceptable=panel.acceptable,
        omitted=few(omitted),
    )


def _dataset(
    d: DatasetAnomalies, statistics: Statistics | None, limits: Limits, omitted: list[str]
) -> DatasetFindings:
    hidden = sensitive_columns(statistics)
    name = shorten(d.name, limits.name)
    if (more := len(d.anomalies) - limits.anomalies) > 0:
        omitted.append(f"Anomalies of {name}: {more:,}, which panel.to_frame() has")
    known = [f for f in d.drift if math.isfinite(f.distance)]
    drift = sorted(known, key=lambda f: (-f.distance, f.feature))
    if (more := len(drift) - limits.drift) > 0:
        omitted.append(f"Distances of {name}: {more:,} smaller ones")
    # Errors first; among them as they came, sorted by column.
    anomalies = sorted(d.anomalies, key=lambda a: a.severity != "error")[: limits.anomalies]
    return DatasetFindings(
        name=name,
        rows=d.rows,
        anomalies=[
            row(
                shorten(a.feature, limits.name),
                a.severity,
                shorten(
                    sentence(a, hidden=a.feature in hidden, length=limits.name), limits.sentence
                ),
            )
            for a in anomalies
        ],
        baseline=shorten(d.baseline, limits.name),
        environment=shorten(d.environment, limits.name),
        found=len(d.anomalies),
        compared=len(d.drift),
        drift=[
            row(
                shorten(f.feature, limits.name),
                shorten(f.measure, limits.name),
                float(f.distance),
                None if f.threshold is None else float(f.threshold),
                *_shapes(
                    _feature(statistics, d.baseline, f.feature),
                    _feature(statistics, d.name, f.feature),
                ),
            )
            for f in drift[: limits.drift]
        ],
    )


def _feature(statistics: Statistics | None, dataset: str, feature: str) -> FeatureStatistics | None:
    found = statistics.dataset(dataset) if statistics else None
    return found.feature(feature) if found else None


def _shapes(first: FeatureStatistics | None, other: FeatureStatistics | None) -> tuple[str, str]:
    """The distributions of a column in baseline and dataset, on one scale; without any value."""
    if first is None or other is None or first.sensitive or other.sensitive:
        return "", ""
    if first.numbers and other.numbers:
        on = scale([first.numbers, other.numbers])
        if on is None:
            return "", ""
        one, two = (series(blocks(n, on), 2) for n in (first.numbers, other.numbers))
        return one, two
    if not first.text or not other.text or not first.rows or not other.rows:
        return "", ""
    shares = [{v.value: v.count / f.rows for v in f.text.top} for f in (first, other) if f.text]
    most = {v: max(part.get(v, 0.0) for part in shares) for part in shares for v in part}
    top = sorted(most, key=lambda v: (-most[v], v))[:_VALUES]
    top.sort(key=lambda v: (-shares[0].get(v, 0.0), v))
    one, two = (series((part.get(v, 0.0) for v in top), 2) for part in shares)
    return one, two

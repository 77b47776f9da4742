"""Statistics as a tidy frame, with all their digits and without what may not be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.views.showable import sensitive_columns, showable, slice_is_showable

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from zenlab.core.statistics import FeatureStatistics, NumberSummary, TextSummary
    from zenlab.views.statistics import StatisticsPanel

COLUMNS = ("split", "by", "group", "column", "kind", "statistic", "item", "value")


def frame(panel: StatisticsPanel) -> pd.DataFrame:
    """All numbers of a panel, a row each; a slice that may not be named is not there."""
    import pandas as pd

    hidden = sensitive_columns(panel.statistics)
    # Column by column: pandas takes ten times as long to turn rows into columns.
    columns: dict[str, list[object]] = {name: [] for name in COLUMNS}
    *keys, statistics, items, values = columns.values()
    for dataset in panel.statistics.datasets:
        if dataset.slice and not slice_is_showable(dataset, hidden):
            continue
        by, group = ", ".join(dataset.slice), ", ".join(dataset.slice.values())
        for feature in dataset.features:
            before = len(values)
            for statistic, item, value in _feature(feature, sensitive=feature.name in hidden):
                statistics.append(statistic)
                items.append(item)
                values.append(value)
            start = (dataset.name, by, group, feature.name, feature.kind)
            for column, key in zip(keys, start, strict=True):
                column.extend([key] * (len(values) - before))
    return pd.DataFrame(columns).astype({"value": "float64"})


def _feature(
    feature: FeatureStatistics, *, sensitive: bool
) -> Iterator[tuple[str, str, float | None]]:
    yield "rows", "", feature.rows
    yield "missing", "", feature.missing
    if feature.text:
        yield "unique", "", feature.text.unique
    if sensitive:
        return
    allowed = showable([feature])
    if feature.numbers:
        yield from _numbers(feature.numbers, "")
    if feature.weighted_numbers:
        yield from _numbers(feature.weighted_numbers, "weighted_")
    if feature.text:
        yield from _text(feature.text, "", allowed)
    if feature.weighted_text:
        yield from _text(feature.weighted_text, "weighted_", allowed)


def _numbers(numbers: NumberSummary, prefix: str) -> Iterator[tuple[str, str, float | None]]:
    for name in ("mean", "std", "min", "max", "zeros", "infinite"):
        yield prefix + name, "", getattr(numbers, name)
    for i, value in enumerate(numbers.quantiles):
        yield f"{prefix}quantile", f"{i / (len(numbers.quantiles) - 1):g}", value
    if numbers.histogram:
        for edge, count in zip(numbers.histogram.edges, numbers.histogram.counts, strict=False):
            yield f"{prefix}histogram", repr(edge), count


def _text(
    text: TextSummary, prefix: str, allowed: dict[str, float]
) -> Iterator[tuple[str, str, float | None]]:
    yield f"{prefix}mean_length", "", text.mean_length
    for item in text.top:
        if item.value in allowed:
            yield f"{prefix}count", item.value, item.count

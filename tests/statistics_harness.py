"""Statistics as the worker makes them, by pandas: for tests of what is built on them."""

import numpy as np
import pandas as pd

from zenlab.core.evaluation import Histogram
from zenlab.core.statistics import (
    MAX_TOP_VALUES,
    DatasetStatistics,
    FeatureStatistics,
    NumberSummary,
    Statistics,
    TextSummary,
    TopValue,
)

EPOCH = pd.Timestamp(0, tz="UTC")


def statistics_of(frames, *, sensitive=(), slices=(), weight="", bins=10):
    """Statistics of a dict of frames; `slices` are columns, a slice for each of their values."""
    options = {"sensitive": sensitive, "weight": weight, "bins": bins}
    datasets = [dataset_of(name, frame, **options) for name, frame in frames.items()]
    for column in slices:
        for name, frame in frames.items():
            for value, rows in frame.groupby(column, sort=True):
                there = {column: str(value)}
                datasets.append(dataset_of(name, rows, there=there, **options))
    return Statistics(datasets, weight, "pandas")


def dataset_of(name, frame, *, sensitive=(), weight="", bins=10, there=None):
    features = [
        feature_of(
            str(column),
            frame[column],
            sensitive=column in sensitive,
            weights=frame[weight].to_numpy(float) if weight else None,
            bins=bins,
        )
        for column in frame
    ]
    return DatasetStatistics(name, len(frame), features, there or {})


def feature_of(name, values, *, sensitive=False, weights=None, bins=10):
    there = values.notna().to_numpy()
    known = values[there]
    weights = weights[there] if weights is not None else None
    kind = kind_of(values)
    fields = {
        "name": name,
        "kind": kind,
        "dtype": str(values.dtype),
        "rows": len(known),
        "missing": len(values) - len(known),
        "sensitive": sensitive,
    }
    if kind == "text":
        fields["text"] = text_of(known, sensitive=sensitive)
        if weights is not None:
            fields["weighted_text"] = text_of(known, weights, sensitive=sensitive)
    elif kind != "empty":
        numbers = numbers_of_kind(known, kind)
        fields["numbers"] = summary_of(numbers, bins=bins)
        if weights is not None:
            fields["weighted_numbers"] = summary_of(numbers, weights, bins=bins)
    return FeatureStatistics(**fields)


def kind_of(values):
    if not values.notna().any():
        return "empty"
    if pd.api.types.is_bool_dtype(values):
        return "truth"
    if pd.api.types.is_integer_dtype(values):
        return "integer"
    if pd.api.types.is_float_dtype(values):
        return "number"
    if pd.api.types.is_datetime64_any_dtype(values):
        return "time"
    return "duration" if pd.api.types.is_timedelta64_dtype(values) else "text"


def numbers_of_kind(values, kind):
    if kind == "time":
        return ((pd.to_datetime(values, utc=True) - EPOCH).dt.total_seconds()).to_numpy(float)
    if kind == "duration":
        return values.dt.total_seconds().to_numpy(float)
    return values.to_numpy(float)


def text_of(values, weights=None, *, sensitive=False):
    texts = values.astype(str)
    sums = (
        texts.value_counts()
        if weights is None
        else pd.Series(weights, index=texts.array).groupby(level=0).sum()
    )
    ordered = sorted(((-count, value) for value, count in sums.items()))
    top = [] if sensitive else [TopValue(v, float(-c)) for c, v in ordered[:MAX_TOP_VALUES]]
    return TextSummary(len(sums), float(texts.str.len().mean()), top)


def summary_of(numbers, weights=None, *, bins=10):
    finite = np.isfinite(numbers)
    infinite = int((~finite).sum())
    numbers = numbers[finite]
    weights = np.ones(len(numbers)) if weights is None else weights[finite]
    if not len(numbers):
        return NumberSummary(None, None, None, None, 0, infinite)
    mean = float(np.average(numbers, weights=weights))
    std = float(np.sqrt(np.average((numbers - mean) ** 2, weights=weights)))
    order = np.argsort(numbers, kind="stable")
    places = np.cumsum(weights[order]) / weights.sum()
    at = np.minimum(np.searchsorted(places, np.linspace(0, 1, 11) - 1e-12), len(order) - 1)
    counts, edges = np.histogram(numbers, bins=bins, weights=weights)
    return NumberSummary(
        mean,
        std,
        float(numbers.min()),
        float(numbers.max()),
        int((numbers == 0).sum()),
        infinite,
        [float(numbers[order[i]]) for i in at],
        Histogram([float(e) for e in edges], [round(float(c)) for c in counts]),
    )

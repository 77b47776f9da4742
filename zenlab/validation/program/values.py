"""TFDV's protos of a column as the JSON of `zenlab.core.statistics`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .counting import EXACT_UNIQUE, EXACT_VALUES

if TYPE_CHECKING:
    from .plan import Feature

TOP_VALUES = 50
MIN_ROWS = 10
"""What fewer rows than this have in common may tell of one of them."""

_NOT_TEXT = "__BYTES_VALUE__"
_TOO_LONG = "__LARGE_BYTES__"
_LONG = 1_024
_NUMBERS = ("integer", "number", "truth", "time", "duration")
_TEXTS = ("text", "bytes", "empty")


def feature_json(
    feature: Feature, proto: Any, finite: Any, rows: int, *, sensitive: bool, reason: str
) -> dict[str, Any]:
    """One column of one dataset.

    Args:
        feature: what the column holds.
        proto: TFDV's, or None if there is none.
        finite: TFDV's of its finite values alone, where it has infinite ones; else None.
        rows: of the dataset.
        sensitive: leave every value out.
        reason: why there is no proto: the end of a sentence.
    """
    found: dict[str, Any] = {
        "name": feature.name,
        "kind": feature.kind,
        "dtype": feature.dtype,
        "rows": 0,
        "missing": 0 if feature.within else rows,
        "sensitive": sensitive,
        "notes": list(feature.notes),
    }
    if proto is None:
        found["notes"].append(f"Not counted: {reason}.")
        return found
    stats = getattr(proto, proto.WhichOneof("stats") or "string_stats")
    common = stats.common_stats
    found["rows"] = int(common.num_non_missing)
    if feature.within:
        found["missing"] = max(int(common.num_missing), 0)
        found["notes"].append(f"Counted by element of '{'.'.join(feature.within)}', not by row.")
    else:
        found["missing"] = rows - found["rows"]
    if feature.many:
        low, high = common.min_num_values, common.max_num_values
        found["values_per_row"] = [float(low), float(common.avg_num_values), float(high)]
    if feature.kind in _NUMBERS and proto.HasField("num_stats"):
        found |= _numbers(proto.num_stats, finite, sensitive=sensitive)
    elif feature.kind in _TEXTS and proto.HasField("string_stats"):
        found |= _texts(proto.string_stats, found["notes"], sensitive=sensitive)
    return found


def scrub(proto: Any) -> None:
    """Take every value of a sensitive column out of TFDV's proto; counts and means stay."""
    if proto.HasField("num_stats"):
        if _tells_a_value(proto.num_stats, int(proto.num_stats.common_stats.tot_num_values)):
            proto.num_stats.ClearField("mean")
            proto.num_stats.ClearField("std_dev")
            proto.num_stats.ClearField("weighted_numeric_stats")
        for stats in (proto.num_stats, proto.num_stats.weighted_numeric_stats):
            stats.ClearField("histograms")
            stats.ClearField("median")
        proto.num_stats.ClearField("min")
        proto.num_stats.ClearField("max")
        if not proto.num_stats.HasField("weighted_numeric_stats"):
            proto.num_stats.ClearField("weighted_numeric_stats")
    if proto.HasField("string_stats"):
        for stats in (proto.string_stats, proto.string_stats.weighted_string_stats):
            stats.ClearField("top_values")
            stats.ClearField("rank_histogram")
        proto.string_stats.ClearField("weighted_string_stats")
    proto.ClearField("custom_stats")


def _tells_a_value(stats: Any, count: int) -> bool:
    """Whether a mean is that of so few or such equal values that it tells one."""
    return count < MIN_ROWS or stats.std_dev == 0


def _numbers(stats: Any, finite: Any, *, sensitive: bool) -> dict[str, Any]:
    whole, stats = stats, stats if finite is None else finite.num_stats
    total = int(whole.common_stats.tot_num_values)
    count = int(stats.common_stats.tot_num_values)
    plain = _number_summary(stats, stats, count, total - count, sensitive=sensitive)
    found: dict[str, Any] = {"numbers": plain}
    if stats.HasField("weighted_numeric_stats"):
        weighted = stats.weighted_numeric_stats
        found["weighted_numbers"] = _number_summary(
            weighted, stats, count, total - count, sensitive=sensitive
        )
    return found


def _number_summary(
    stats: Any, bounds: Any, count: int, infinite: int, *, sensitive: bool
) -> dict[str, Any]:
    """A summary; `bounds` has what is the same with and without weights."""
    found: dict[str, Any] = {
        "mean": number(stats.mean) if count else None,
        "std": number(stats.std_dev) if count else None,
        "min": None,
        "max": None,
        "zeros": int(bounds.num_zeros),
        "infinite": infinite,
    }
    if sensitive and _tells_a_value(stats, count):
        found["mean"] = found["std"] = None
    if sensitive or not count:
        return found
    found["min"], found["max"] = number(bounds.min), number(bounds.max)
    by_type = {histogram.type: histogram for histogram in stats.histograms}
    standard = by_type.get(0)
    if standard is not None and standard.buckets:
        buckets = standard.buckets
        edges = [*(bucket.low_value for bucket in buckets), buckets[-1].high_value]
        if all(map(math.isfinite, edges)):
            counts = [max(round(bucket.sample_count), 0) for bucket in buckets]
            found["histogram"] = {"edges": edges, "counts": counts}
    quantiles = by_type.get(1)
    if quantiles is not None and quantiles.buckets:
        inner = [bucket.high_value for bucket in quantiles.buckets[:-1]]
        if all(map(math.isfinite, (bounds.min, *inner, bounds.max))):
            found["quantiles"] = [found["min"], *inner, found["max"]]
    return found


def _texts(stats: Any, notes: list[str], *, sensitive: bool) -> dict[str, Any]:
    total = int(stats.common_stats.tot_num_values)
    strange = int(stats.invalid_utf8_count)
    if strange:
        notes.append(f"{strange:,} values are no UTF-8 text; they are not listed.")
    unique = int(stats.unique)
    if unique >= EXACT_VALUES:
        bound = total // EXACT_VALUES + 1
        notes.append(
            f"More than {EXACT_VALUES:,} different values: counts of the most frequent ones may "
            f"be too high by up to {bound:,}."
        )
    if unique >= EXACT_UNIQUE:
        notes.append("The number of different values is an estimate, within about 2 %.")
    left_out = {_NOT_TEXT} if strange else set()
    if any(one.label == _TOO_LONG for one in stats.rank_histogram.buckets):
        left_out.add(_TOO_LONG)
        notes.append(f"Values longer than {_LONG:,} bytes are not listed.")
    found: dict[str, Any] = {
        "text": {
            "unique": unique,
            "mean_length": number(stats.avg_length) if total else None,
            "top": [] if sensitive else _top(stats, left_out),
        }
    }
    if stats.HasField("weighted_string_stats"):
        weighted = stats.weighted_string_stats
        found["weighted_text"] = found["text"] | {
            "top": [] if sensitive else _top(weighted, left_out)
        }
    return found


def _top(stats: Any, left_out: set[str]) -> list[dict[str, Any]]:
    """The most frequent values by falling count, then by value; TFDV breaks ties otherwise."""
    ranked = [
        (-one.sample_count, one.label)
        for one in stats.rank_histogram.buckets
        if one.label not in left_out
    ]
    return [
        {"value": value, "count": number(-count)} for count, value in sorted(ranked)[:TOP_VALUES]
    ]


def number(value: float) -> float | None:
    """A number for JSON: None if it is not finite."""
    return float(value) if math.isfinite(value) else None

"""TFDV's anomalies as the JSON of `zenlab.core.validation`, in sentences of ours.

TFDV's own descriptions name values of the data, however rare. Ours never do: unexpected values are
listed apart, with their counts, and panels show those that they may.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .protos import domain_of, paths_of
from .schema import threshold_of
from .tfdv import load
from .values import number

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_VALUES = 50
_MEASURES = {
    "JENSEN_SHANNON_DIVERGENCE": "Jensen-Shannon",
    "L_INFTY": "L-infinity",
    "NORMALIZED_ABSOLUTE_DIFFERENCE": "absolute difference",
}


class _Case:
    """One anomaly with what is known around it."""

    def __init__(self, path: tuple[str, ...], proto: Any, feature: Any, rows: int) -> None:
        self.path = path
        self.proto = proto  # TFDV's statistics of the column, or None
        self.feature = feature  # the schema's, or None
        self.rows = rows
        self.domain: set[str] | None = None
        self.drift: dict[str, Any] | None = None

    @property
    def common(self) -> Any:
        stats = self.proto and getattr(self.proto, self.proto.WhichOneof("stats") or "string_stats")
        return stats.common_stats if stats else None

    def share(self, rows: float) -> str:
        return percent(rows / self.rows) if self.rows else "0 %"


def anomalies_json(
    anomalies: Any, measured: Any, dataset: Any, schema: Any, comparison: str, sensitive: set[str]
) -> dict[str, Any]:
    """One dataset.

    Args:
        anomalies: TFDV's, of the schema.
        measured: TFDV's, of a schema that measures all distances.
        dataset: TFDV's statistics.
        schema: TFDV's schema.
        comparison: `skew` or `drift`.
        sensitive: columns of which no value is shown.
    """
    features = {tuple(path): feature for path, feature in paths_of(schema)}
    protos = {tuple(proto.path.step): proto for proto in dataset.features}
    drifts = {}
    for info in measured.drift_skew_info:
        drift = _drift(info, features, comparison)
        if drift is not None:
            drifts[tuple(info.path.step)] = drift
    rows = int(dataset.num_examples)
    found = []
    for info in anomalies.anomaly_info.values():
        path = tuple(info.path.step)
        case = _Case(path, protos.get(path), features.get(path), rows)
        domain = None if case.feature is None else domain_of(schema, case.feature)
        case.domain = None if domain is None else set(domain.value)
        case.drift = drifts.get(path)
        hidden = bool(sensitive & {path[0], ".".join(path)}) if path else False
        found += [_anomaly(info, one, case, hidden=hidden) for one in _reasons(info, case)]
    if anomalies.HasField("dataset_anomaly_info"):
        info = anomalies.dataset_anomaly_info
        case = _Case((), None, None, rows)
        found += [_anomaly(info, reason, case, hidden=False) for reason in info.reason]
    if anomalies.data_missing and not found:
        found.append(
            {
                "feature": "",
                "kind": "DATA_MISSING",
                "severity": "error",
                "text": "There are no rows.",
            }
        )
    return {
        "name": dataset.name,
        "rows": rows,
        "anomalies": sorted(found, key=lambda one: (one["feature"], one["kind"], one["text"])),
        "drift": sorted(drifts.values(), key=lambda one: (-one["distance"], one["feature"])),
    }


def percent(share: float) -> str:
    """A share as people read it; a small one is not nothing.

    Example:
        >>> percent(0.00312), percent(0.00001), percent(1)
        ('0.312 %', '< 0.01 %', '100 %')
    """
    if 0 < share < 0.0001:
        return "< 0.01 %"
    if 0.9999 < share < 1:
        return "> 99.99 %"
    return f"{100 * share:.3g} %"


def count(number_: float, one: str, many: str = "") -> str:
    """A number of things.

    Example:
        >>> count(1, "value"), count(1200, "value")
        ('1 value', '1,200 values')
    """
    whole = round(number_)
    return f"{whole:,} {one if whole == 1 else many or one + 's'}"


def _reasons(info: Any, case: _Case) -> list[Any]:
    """TFDV's reasons. Of missing values it says also that a shape is lost: that is left out."""
    pb2 = load().anomalies_pb2.AnomalyInfo
    kinds = {reason.type for reason in info.reason}
    one_each = case.common is not None and case.common.max_num_values == 1
    if pb2.FEATURE_TYPE_LOW_FRACTION_PRESENT in kinds and one_each:
        return [reason for reason in info.reason if reason.type != pb2.INVALID_FEATURE_SHAPE]
    return list(info.reason)


def _drift(
    info: Any, features: dict[tuple[str, ...], Any], comparison: str
) -> dict[str, Any] | None:
    measurements = getattr(info, f"{comparison}_measurements")
    feature = features.get(tuple(info.path.step))
    if not measurements or number(measurements[0].value) is None:
        return None
    kind = type(measurements[0]).Type.Name(measurements[0].type)
    comparator = None if feature is None else getattr(feature, f"{comparison}_comparator")
    return {
        "feature": ".".join(info.path.step),
        "measure": _MEASURES.get(kind, kind),
        "distance": number(measurements[0].value),
        "threshold": None if comparator is None else threshold_of(comparator),
    }


def _anomaly(info: Any, reason: Any, case: _Case, *, hidden: bool) -> dict[str, Any]:
    pb2 = load().anomalies_pb2.AnomalyInfo
    kind = pb2.Type.Name(reason.type)
    severity = "warning" if pb2.Severity.Name(info.severity) == "WARNING" else "error"
    found: dict[str, Any] = {
        "feature": ".".join(case.path),
        "kind": kind,
        "severity": severity,
        "text": reason.short_description.rstrip(".") + ".",
    }
    sentence = _SENTENCES.get(kind)
    said = None if sentence is None else sentence(case)
    if said is not None:
        found |= said
    if hidden:
        found["values"] = []
    return found


def _unexpected(case: _Case) -> dict[str, Any] | None:
    """Values that are not in the domain: which, and in how many rows."""
    if case.proto is None or case.domain is None:
        return None
    stats = case.proto.string_stats
    ranked = [(b.label, b.sample_count) for b in stats.rank_histogram.buckets]
    values = sorted((-n, value) for value, n in ranked if value not in case.domain)
    if not values:
        return {"text": "Values are not in the schema."}
    rows = -sum(n for n, _ in values)
    more = "At least " if stats.unique > len(ranked) else ""
    are = "value is" if len(values) == 1 else "values are"
    return {
        "text": f"{more}{len(values):,} {are} not in the schema, {case.share(rows)} of rows.",
        "values": [{"value": value, "count": -n} for n, value in values[:_MAX_VALUES]],
        "rows": round(rows),
    }


def _too_few(case: _Case) -> dict[str, Any] | None:
    """Fewer rows have a value than the schema wants."""
    if case.common is None or case.feature is None:
        return None
    missing = max(case.rows - int(case.common.num_non_missing), 0)
    wanted = case.feature.presence.min_fraction
    allowed = "none may lack it" if wanted >= 1 else f"{percent(1 - wanted)} may lack it"
    rows = count(missing, "row has no value", "rows have no value")
    return {"text": f"{rows} ({case.share(missing)}); {allowed}.", "rows": missing}


def _few_rows(case: _Case) -> dict[str, Any] | None:
    if case.common is None or case.feature is None:
        return None
    has, wants = int(case.common.num_non_missing), case.feature.presence.min_count
    rows = count(has, "row has a value", "rows have a value")
    return {"text": f"{rows}; the schema wants at least {wants:,}."}


def _values_per_row(case: _Case) -> dict[str, Any] | None:
    if case.common is None or case.feature is None or not case.feature.HasField("value_count"):
        return None
    low, high = case.feature.value_count.min, case.feature.value_count.max
    wants = f"{low}" if low == high else f"{low} to {high}" if high else f"{low} or more"
    has = f"{int(case.common.min_num_values)} to {int(case.common.max_num_values)}"
    return {"text": f"Rows have {has} values; the schema wants {wants}."}


def _shape(case: _Case) -> dict[str, Any] | None:
    """The schema wants the same number of values in every row, most often one."""
    if case.common is None or case.feature is None or case.proto is None:
        return None
    wants = " x ".join(str(dim.size) for dim in case.feature.shape.dim) or "1"
    low, high = int(case.common.min_num_values), int(case.common.max_num_values)
    missing = max(case.rows - int(case.common.num_non_missing), 0)
    if missing and low == high:
        rows = count(missing, "row has no value", "rows have no value")
        return {
            "text": f"{rows} ({case.share(missing)}); each should have {wants}.",
            "rows": missing,
        }
    return {"text": f"Rows have {low} to {high} values; each should have {wants}."}


def _type(case: _Case) -> dict[str, Any] | None:
    tfdv = load()
    if case.proto is None or case.feature is None:
        return None
    names = {"INT": "integers", "FLOAT": "numbers", "STRING": "text", "BYTES": "text"}
    has = tfdv.statistics_pb2.FeatureNameStatistics.Type.Name(case.proto.type)
    wants = tfdv.schema_pb2.FeatureType.Name(case.feature.type)
    words = [names.get(name, "nested values") for name in (has, wants)]
    return {"text": f"The column holds {words[0]}; the schema says {words[1]}."}


def _distance(case: _Case) -> dict[str, Any] | None:
    drift = case.drift
    if drift is None:
        return None
    return {
        "text": f"The values differ from the baseline's: {drift['measure']} distance "
        f"{drift['distance']:.4g}, above {drift['threshold']:.4g}.",
        "distance": drift["distance"],
        "threshold": drift["threshold"],
        "measure": drift["measure"],
    }


def _fixed(text: str) -> Callable[[_Case], dict[str, Any]]:
    return lambda _case: {"text": text}


_SENTENCES: dict[str, Callable[[_Case], dict[str, Any] | None]] = {
    "BOOL_TYPE_BIG_INT": _fixed("Some values are neither 0 nor 1, as truth values are."),
    "BOOL_TYPE_BYTES_NOT_INT": _type,
    "BOOL_TYPE_FLOAT_NOT_INT": _type,
    "BOOL_TYPE_SMALL_INT": _fixed("Some values are neither 0 nor 1, as truth values are."),
    "BOOL_TYPE_STRING_NOT_INT": _type,
    "BOOL_TYPE_UNEXPECTED_STRING": _fixed("Some values are not those of a truth value."),
    "COMPARATOR_CONTROL_DATA_MISSING": _fixed("The baseline has no values to compare with."),
    "COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH": _distance,
    "COMPARATOR_L_INFTY_HIGH": _distance,
    "COMPARATOR_NORMALIZED_ABSOLUTE_DIFFERENCE_HIGH": _distance,
    "COMPARATOR_TREATMENT_DATA_MISSING": _fixed("There are no values to compare."),
    "ENUM_TYPE_BYTES_NOT_STRING": _type,
    "ENUM_TYPE_FLOAT_NOT_STRING": _type,
    "ENUM_TYPE_INT_NOT_STRING": _type,
    "ENUM_TYPE_INVALID_UTF8": _fixed("Some values are no UTF-8 text."),
    "ENUM_TYPE_UNEXPECTED_STRING_VALUES": _unexpected,
    "FEATURE_TYPE_HIGH_NUMBER_VALUES": _values_per_row,
    "FEATURE_TYPE_LOW_FRACTION_PRESENT": _too_few,
    "FEATURE_TYPE_LOW_NUMBER_PRESENT": _few_rows,
    "FEATURE_TYPE_LOW_NUMBER_VALUES": _values_per_row,
    "FEATURE_TYPE_NOT_PRESENT": _fixed("No row has a value, and the schema requires one."),
    "FEATURE_TYPE_NO_VALUES": _fixed("No row has a value, and the schema requires one."),
    "FLOAT_TYPE_BIG_FLOAT": _fixed("Some values are above the greatest that the schema allows."),
    "FLOAT_TYPE_HAS_INF": _fixed("Some values are infinite, which the schema does not allow."),
    "FLOAT_TYPE_HAS_NAN": _fixed("Some values are NaN, which the schema does not allow."),
    "FLOAT_TYPE_NOT_FLOAT": _type,
    "FLOAT_TYPE_SMALL_FLOAT": _fixed("Some values are below the least that the schema allows."),
    "INT_TYPE_BIG_INT": _fixed("Some values are above the greatest that the schema allows."),
    "INT_TYPE_INT_EXPECTED": _type,
    "INT_TYPE_SMALL_INT": _fixed("Some values are below the least that the schema allows."),
    "INVALID_FEATURE_SHAPE": _shape,
    "SCHEMA_MISSING_COLUMN": _fixed("The column is missing, and the schema requires it."),
    "SCHEMA_NEW_COLUMN": _fixed("The column is not in the schema."),
    "STRING_TYPE_NOW_FLOAT": _type,
    "STRING_TYPE_NOW_INT": _type,
    "UNEXPECTED_DATA_TYPE": _type,
}

"""The requests about schemas: infer, update, read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .problems import RefusedError
from .protos import domain_of, meant, paths_of, pick, read_schema, read_statistics, write_text
from .tfdv import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ENVIRONMENTS = ("TRAINING", "SERVING")
MAX_DOMAIN = 100
"""A column of text with more different values than this gets no domain; TFDV's default."""

_UNUSED = ("PLANNED", "ALPHA", "DEPRECATED", "DEBUG_ONLY", "DISABLED")


def infer(request: Mapping[str, Any], _check: Callable[[], None]) -> dict[str, Any]:
    """Infer a schema.

    Args:
        request: `statistics`, `out`, `dataset`, `labels`, `thresholds`, `defaults` (of thresholds:
            `text` and `numbers`), `sensitive`.

    Raises:
        RefusedError: there is no such dataset or column.
    """
    folder, out = Path(request["statistics"]), Path(request["out"])
    dataset = pick(read_statistics(folder), request["dataset"], folder)
    schema = infer_proto(dataset)
    known = {".".join(path): feature for path, feature in paths_of(schema)}
    for name in [*request["labels"], *request["thresholds"]]:
        if name not in known:
            raise RefusedError(
                f"There is no column '{name}' in '{dataset.name}'.",
                where=str(folder),
                hint=meant(name, known),
            )
    schema.default_environment.extend(ENVIRONMENTS)
    for name in request["labels"]:
        known[name].not_in_environment.append("SERVING")
    hidden = _hidden(schema, set(request["sensitive"]))
    _forget(schema, hidden)
    _compare(schema, dataset, request["thresholds"], request["defaults"], hidden)
    write_text(out, schema)
    return schema_json(schema, f"inferred from {dataset.name}")


def infer_proto(dataset: Any) -> Any:
    """TFDV's `infer_schema`: what the statistics of a dataset say."""
    tfdv = load()
    counted = tfdv.statistics_pb2.DatasetFeatureStatistics()
    counted.CopyFrom(dataset)
    kept = [feature for feature in counted.features if feature.WhichOneof("stats")]
    del counted.features[:]
    counted.features.extend(kept)
    made = tfdv.validation.InferSchema(counted.SerializeToString(), MAX_DOMAIN, True)
    schema = tfdv.schema_pb2.Schema()
    schema.ParseFromString(made)
    return schema


def update(request: Mapping[str, Any], _check: Callable[[], None]) -> dict[str, Any]:
    """Accept what a dataset holds.

    Args:
        request: `schema`, `statistics`, `out`, `features` (None: all), `dataset`.

    Raises:
        RefusedError: there is no such dataset or column, or the schema is broken.
    """
    file, folder = Path(request["schema"]), Path(request["statistics"])
    schema = read_schema(file)
    dataset = pick(read_statistics(folder), request["dataset"], folder)
    updated = update_proto(schema, dataset)
    if request["features"] is not None:
        updated = _only(schema, updated, request["features"], str(file))
    write_text(Path(request["out"]), updated)
    return schema_json(updated, f"{file.name}, updated with {dataset.name}")


def update_proto(schema: Any, dataset: Any) -> Any:
    """TFDV's `update_schema`: the schema changed so that a dataset fits."""
    tfdv = load()
    made = tfdv.validation.UpdateSchema(
        schema.SerializeToString(), dataset.SerializeToString(), MAX_DOMAIN
    )
    updated = tfdv.schema_pb2.Schema()
    updated.ParseFromString(made)
    return updated


def read(request: Mapping[str, Any], _check: Callable[[], None]) -> dict[str, Any]:
    """Say what a schema says.

    Args:
        request: `schema`.
    """
    file = Path(request["schema"])
    return schema_json(read_schema(file), file.name)


def schema_json(schema: Any, origin: str) -> dict[str, Any]:
    """A schema as the JSON of `zenlab.core.validation`."""
    return {
        "features": [_feature_json(schema, path, feature) for path, feature in paths_of(schema)],
        "environments": list(schema.default_environment),
        "origin": origin,
        "tool": load().name,
        "version": 1,
    }


def _feature_json(schema: Any, path: tuple[str, ...], feature: Any) -> dict[str, Any]:
    pb2 = load().schema_pb2
    kind = pb2.FeatureType.Name(feature.type)
    presence = feature.presence
    stage = pb2.LifecycleStage.Name(feature.lifecycle_stage)
    domain = domain_of(schema, feature)
    found: dict[str, Any] = {
        "name": ".".join(path),
        "type": "UNKNOWN" if kind == "TYPE_UNKNOWN" else kind,
        "required": presence.min_fraction >= 1,
        "min_share": presence.min_fraction if presence.HasField("min_fraction") else None,
        "values_per_row": _values_per_row(feature),
        "environments": list(feature.in_environment),
        "not_in_environments": list(feature.not_in_environment),
        "deprecated": feature.deprecated or stage in _UNUSED,
    }
    if domain is not None:
        found |= {"domain": list(domain.value), "domain_size": len(domain.value)}
    which = feature.WhichOneof("domain_info")
    if which in ("int_domain", "float_domain"):
        bounds = getattr(feature, which)
        found |= {
            side: float(getattr(bounds, side)) for side in ("min", "max") if _has(bounds, side)
        }
    if feature.HasField("distribution_constraints"):
        found["distinct_share"] = feature.distribution_constraints.min_domain_mass
    for name in ("drift", "skew"):
        found[name] = threshold_of(getattr(feature, f"{name}_comparator"))
    return found


def _has(proto: Any, name: str) -> bool:
    return bool(proto.HasField(name))


def _values_per_row(feature: Any) -> list[int]:
    """Fewest and most values; empty for exactly one."""
    if feature.HasField("value_count"):
        bounds = [feature.value_count.min, feature.value_count.max]
        return [] if bounds == [1, 1] else bounds
    return []


def threshold_of(comparator: Any) -> float | None:
    """The threshold of a comparator, whatever it measures; None if it measures nothing."""
    for name in ("infinity_norm", "jensen_shannon_divergence", "normalized_abs_difference"):
        if comparator.HasField(name):
            return float(getattr(comparator, name).threshold)
    return None


def comparable(dataset: Any) -> dict[tuple[str, ...], str]:
    """The columns whose values can be compared, and by what: paths -> field of a comparator."""
    found = {}
    for feature in dataset.features:
        path = tuple(feature.path.step)
        if feature.string_stats.rank_histogram.buckets:
            found[path] = "infinity_norm"
        elif feature.num_stats.histograms and feature.num_stats.common_stats.tot_num_values:
            found[path] = "jensen_shannon_divergence"
    return found


def _compare(
    schema: Any,
    dataset: Any,
    thresholds: Mapping[str, float],
    defaults: Mapping[str, float],
    hidden: set[tuple[str, ...]],
) -> None:
    """Give each column that can be compared a threshold of drift and of skew."""
    measures = comparable(dataset)
    for path, feature in paths_of(schema):
        measure = measures.get(path)
        if measure is None or path in hidden:
            continue
        usual = defaults["text" if measure == "infinity_norm" else "numbers"]
        threshold = thresholds.get(".".join(path), usual)
        for comparator in (feature.drift_comparator, feature.skew_comparator):
            set_threshold(comparator, measure, threshold)


def set_threshold(comparator: Any, measure: str, threshold: float) -> None:
    """Let a comparator measure something.

    Numbers are compared by their quantiles. By default TFDV takes bins of equal width, whose edges
    follow the farthest outlier: two random parts of the flights differ by 0.17 then in
    `dep_delay`, and by 0.04 so.
    """
    chosen = getattr(comparator, measure)
    chosen.threshold = threshold
    if measure == "jensen_shannon_divergence":
        chosen.source.type = load().schema_pb2.HistogramSelection.QUANTILES


def _hidden(schema: Any, sensitive: set[str]) -> set[tuple[str, ...]]:
    return {path for path, _ in paths_of(schema) if sensitive & {path[0], ".".join(path)}}


def _forget(schema: Any, hidden: set[tuple[str, ...]]) -> None:
    """Take the values of sensitive columns out."""
    for path, feature in paths_of(schema):
        if path in hidden:
            which = feature.WhichOneof("domain_info")
            if which not in (None, "struct_domain"):
                feature.ClearField(which)
    used = {feature.domain for _, feature in paths_of(schema)}
    kept = [domain for domain in schema.string_domain if domain.name in used]
    del schema.string_domain[:]
    schema.string_domain.extend(kept)


def _only(old: Any, new: Any, names: list[str], where: str) -> Any:
    """The old schema with some columns of the new one, their domains included."""
    result = load().schema_pb2.Schema()
    result.CopyFrom(old)
    top = {feature.name: feature for feature in new.feature}
    known = {".".join(path): path[0] for path, _ in (*paths_of(new), *paths_of(old))}
    for name in names:
        if name not in known:
            raise RefusedError(
                f"There is no column '{name}' to accept.", where=where, hint=meant(name, known)
            )
        column = top[known[name]]
        for feature in result.feature:
            if feature.name == column.name:
                feature.CopyFrom(column)
                break
        else:
            result.feature.add().CopyFrom(column)
        for domain in _domains(new, column):
            for had in result.string_domain:
                if had.name == domain.name:
                    had.CopyFrom(domain)
                    break
            else:
                result.string_domain.add().CopyFrom(domain)
    return result


def _domains(schema: Any, column: Any) -> Iterator[Any]:
    """The shared domains that a column and its parts use."""
    used = {column.domain, *(part.domain for _, part in paths_of(column.struct_domain))} - {""}
    yield from (domain for domain in schema.string_domain if domain.name in used)

"""The request `validate`: statistics against a schema, and against a baseline."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import files
from .anomalies import anomalies_json
from .problems import RefusedError
from .protos import meant, paths_of, pick, read_schema, read_statistics, write_text
from .schema import comparable, set_threshold, threshold_of
from .tfdv import load
from .values import scrub

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FURTHEST = 2.0
"""A threshold that no distance passes: the distance is measured, and is no anomaly."""


def validate(request: Mapping[str, Any], check: Callable[[], None]) -> dict[str, Any]:
    """Find anomalies, and measure distances.

    Args:
        request: `statistics`, `schema`, `out`, `datasets` (None: all), `baseline` (None: nothing),
            `baseline_dataset`, `comparison` (`skew` or `drift`), `environment`, `sensitive`.
        check: raises if nobody waits any more.

    Raises:
        RefusedError: there is no such dataset or environment, or the schema is broken.
    """
    folder, out = Path(request["statistics"]), Path(request["out"])
    schema = read_schema(Path(request["schema"]))
    environment = request["environment"]
    if environment and environment not in schema.default_environment:
        raise RefusedError(
            f"The schema has no environment '{environment}'.",
            where=request["schema"],
            hint=meant(environment, schema.default_environment),
        )
    sensitive = set(request["sensitive"])
    datasets = read_statistics(folder)
    names = list(datasets) if request["datasets"] is None else request["datasets"]
    baseline, itself = None, ""
    if request["baseline"] is not None:
        other = Path(request["baseline"])
        baseline = pick(read_statistics(other), request["baseline_dataset"], other)
        itself = baseline.name if other.resolve() == folder.resolve() else ""
        _hide(baseline, sensitive)
    found, taken = [], set[str]()
    for name in names:
        check()
        dataset = pick(datasets, name, folder)
        _hide(dataset, sensitive)
        against = None if name == itself else baseline
        proto, measured = compare(dataset, schema, against, request["comparison"], environment)
        write_text(out / _file_name(name, len(names), taken), proto)
        one = anomalies_json(proto, measured, dataset, schema, request["comparison"], sensitive)
        one["baseline"] = "" if against is None else against.name
        one["environment"] = environment
        found.append(one)
    result = {"datasets": found, "tool": load().name, "version": 1}
    files.write_json(out / "anomalies.json", result)
    return {"file": str(out / "anomalies.json")}


def compare(
    dataset: Any, schema: Any, baseline: Any, comparison: str, environment: str = ""
) -> tuple[Any, Any]:
    """TFDV's anomalies, and the distances of all columns that can be compared.

    Args:
        dataset: TFDV's statistics.
        schema: TFDV's schema.
        baseline: TFDV's statistics to compare with, or None.
        comparison: `skew` or `drift`.
        environment: of the schema.

    Returns:
        The anomalies with this schema, and those with a schema that measures everything; the same
        twice if that makes no difference.
    """
    anomalies = validate_proto(dataset, schema, baseline, comparison, environment)
    if baseline is None:
        return anomalies, anomalies
    measuring = load().schema_pb2.Schema()
    measuring.CopyFrom(schema)
    here, there = comparable(dataset), comparable(baseline)
    changed = False
    for path, feature in paths_of(measuring):
        comparator = getattr(feature, f"{comparison}_comparator")
        measure = here.get(path)
        if measure and measure == there.get(path) and threshold_of(comparator) is None:
            set_threshold(comparator, measure, _FURTHEST)
            changed = True
    if not changed:
        return anomalies, anomalies
    return anomalies, validate_proto(dataset, measuring, baseline, comparison, environment)


def validate_proto(
    dataset: Any, schema: Any, baseline: Any, comparison: str, environment: str = ""
) -> Any:
    """TFDV's `validate_statistics`."""
    tfdv = load()
    other = b"" if baseline is None else baseline.SerializeToString()
    made = tfdv.validation.ValidateFeatureStatistics(
        dataset.SerializeToString(),
        schema.SerializeToString(),
        environment.encode(),
        other if comparison == "drift" else b"",
        other if comparison == "skew" else b"",
        b"",
        tfdv.validation_metadata_pb2.FeaturesNeededProto().SerializeToString(),
        tfdv.validation_config_pb2.ValidationConfig().SerializeToString(),
        False,
    )
    anomalies = tfdv.anomalies_pb2.Anomalies()
    anomalies.ParseFromString(made)
    return anomalies


def _hide(dataset: Any, sensitive: set[str]) -> None:
    for feature in dataset.features:
        if sensitive & {feature.path.step[0], ".".join(feature.path.step)}:
            scrub(feature)


def _file_name(name: str, count: int, taken: set[str]) -> str:
    """`anomalies.pbtxt`, or one for each of several datasets."""
    if count == 1:
        return "anomalies.pbtxt"
    slug = re.sub(r"[^\w-]+", "_", name) or "_"
    while slug.lower() in taken:
        slug += "_"
    taken.add(slug.lower())
    return f"anomalies.{slug}.pbtxt"

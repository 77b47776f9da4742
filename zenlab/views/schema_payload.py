"""What is stored of a schema: schema -> payload, as much of it as there is room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zenlab.views.packing import row
from zenlab.views.payloads import VERSION, SchemaColumn, SchemaPayload
from zenlab.views.showable import quoted, sensitive_columns, showable
from zenlab.views.strings import NAME_LENGTH, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zenlab.core.statistics import FeatureStatistics, Statistics
    from zenlab.core.validation import DataSchema, SchemaFeature


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a schema a payload holds."""

    columns: int
    values: int = 5
    environments: int = 5
    name: int = NAME_LENGTH  # characters


# A column of a schema is one short line: more of them fit than of statistics.
LIMITS = (
    Limits(columns=50),
    Limits(columns=50, values=3),
    Limits(columns=30, values=2, environments=3, name=40),
    Limits(columns=15, values=1, environments=2, name=20),
)
EVERYTHING = Limits(columns=5_000, values=20, environments=20)


def value_rule(statistics: Statistics | None) -> tuple[frozenset[str], dict[str, list[str]]]:
    """The columns that are sensitive, and the values of each column that may be shown."""
    if statistics is None:
        return frozenset(), {}
    by_name: dict[str, list[FeatureStatistics]] = {}
    for dataset in statistics.datasets:
        for feature in () if dataset.slice else dataset.features:
            by_name.setdefault(feature.name, []).append(feature)
    return sensitive_columns(statistics), {n: list(showable(f)) for n, f in by_name.items()}


def domain_size(f: SchemaFeature) -> int | None:
    """How many values a column may have; None where any are allowed."""
    return f.domain_size if f.domain is None or f.domain_size is not None else len(f.domain)


def shown_values(f: SchemaFeature, allowed: dict[str, list[str]]) -> list[str]:
    """Those values of a domain that may be shown, the most frequent first."""
    domain = set(f.domain or ())
    return [value for value in allowed.get(f.name, ()) if value in domain]


def make(
    schema: DataSchema, title: str, statistics: Statistics | None, limits: Limits
) -> SchemaPayload:
    """Make the payload of a schema.

    Args:
        schema: what rows should look like.
        title: what it is the schema of.
        statistics: of the rows that it was inferred from, or None.
        limits: how much of it; the payload says what it leaves out.
    """
    hidden, allowed = value_rule(statistics)
    features = schema.features
    omitted = []
    if (more := len(features) - limits.columns) > 0:
        omitted.append(f"Columns: {more:,}, which panel.to_frame() has")
    environments = schema.environments
    return SchemaPayload(
        version=VERSION,
        title=shorten(title, limits.name),
        origin=shorten(schema.origin, 2 * limits.name),
        environments=[shorten(e, limits.name) for e in environments[: limits.environments]],
        columns=[
            _column(f, shown_values(f, allowed), limits, sensitive=f.name in hidden)
            for f in features[: limits.columns]
        ],
        total=len(features),
        omitted=omitted,
    )


def _column(
    f: SchemaFeature, shown: Sequence[str], limits: Limits, *, sensitive: bool
) -> SchemaColumn:
    low, high = f.values_per_row if len(f.values_per_row) == 2 else (None, None)
    return SchemaColumn(
        name=shorten(f.name, limits.name),
        rule=row(
            f.type,
            "1" if f.required else "",
            f.min_share,
            low,
            high,
            None if sensitive else _whole(f.min),
            None if sensitive else _whole(f.max),
            domain_size(f),
            f.distinct_share,
            f.drift,
            f.skew,
        ),
        values=[quoted(value, limits.name) for value in shown[: limits.values]],
        environments=[shorten(e, limits.name) for e in f.environments[: limits.environments]],
        not_in_environments=[
            shorten(e, limits.name) for e in f.not_in_environments[: limits.environments]
        ],
        deprecated=f.deprecated,
        sensitive=sensitive,
    )


def _whole(value: float | None) -> float | None:
    """A bound is exact, as it was written: 2359 and not 2,359.0."""
    return int(value) if value is not None and value == value // 1 and abs(value) < 2**53 else value

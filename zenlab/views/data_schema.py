"""The panel of a schema: what the columns of the data should look like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zenlab.views.document import Column, Document, Facts, Heading, Sentences, Table
from zenlab.views.numbers import number, parse, percent
from zenlab.views.panel import Form, Panel
from zenlab.views.strings import NAME_LENGTH, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    import plotly.graph_objects as go

    from zenlab.core.statistics import FeatureStatistics, Statistics
    from zenlab.core.validation import DataSchema, SchemaFeature
    from zenlab.views.accept import Accept, Said
    from zenlab.views.document import Block
    from zenlab.views.payloads import SchemaColumn, SchemaPayload

_WORDS = {
    "INT": "integer",
    "FLOAT": "number",
    "BYTES": "text",
    "STRUCT": "nested",
    "UNKNOWN": "anything",
}


@dataclass(frozen=True, slots=True)
class _Limits:
    """How much of a schema a payload holds."""

    columns: int
    values: int = 5
    environments: int = 5
    name: int = NAME_LENGTH  # characters


# A column of a schema is one short line: more of them fit than of statistics.
_LIMITS = (
    _Limits(columns=50),
    _Limits(columns=50, values=3),
    _Limits(columns=30, values=2, environments=3, name=40),
    _Limits(columns=15, values=1, environments=2, name=20),
)
_EVERYTHING = _Limits(columns=5_000, values=20, environments=20)


class SchemaPanel(Panel):
    """A schema, a row a column.

    A schema names values without saying how many rows have them. So those of a domain are shown
    as far as the statistics of the same rows allow it (ten rows, not sensitive); without
    statistics only their number is.

    Args:
        schema: what rows should look like.
        title: what it is the schema of.
        statistics: of the rows that it was inferred from, or None.
        accept: takes up columns into the schema that is kept, and says what it did.

    Example:
        >>> from zenlab.core.validation import DataSchema, SchemaFeature
        >>> hour = SchemaFeature("hour", "INT", True, min=0, max=23)
        >>> print(SchemaPanel(DataSchema([hour], origin="inferred from train")))
        Schema
        <BLANKLINE>
        origin   inferred from train
        columns  1
        <BLANKLINE>
        column  type     presence  range
        ──────  ───────  ────────  ──────
        hour    integer  required  0 … 23
    """

    def __init__(
        self,
        schema: DataSchema,
        *,
        title: str = "",
        statistics: Statistics | None = None,
        accept: Accept | None = None,
    ) -> None:
        self.schema = schema
        self.title = title
        self.statistics = statistics
        self._accept = accept

    def __repr__(self) -> str:
        return f"<SchemaPanel {self.title}: {len(self.schema.features)} columns>"

    def accept(self, *features: str) -> Said:
        """Keep this schema, or what it says of some columns.

        Args:
            *features: names of columns; none: all of them.

        Returns:
            What was done, in words.

        Raises:
            DoesNotExistException: the schema has no such column.
            ZenlabError: the panel was not opened by a pipeline or a datasource.
        """
        from zenlab.views.accept import accept

        known = [feature.name for feature in self.schema.features]
        return accept(self._accept, features, known, "pipeline.view_schema()")

    def forms(self) -> Iterator[Form]:
        """The schema with fewer and fewer columns and values."""
        for limits in _LIMITS:
            yield self._form(limits)

    def complete(self) -> Form:
        """All columns."""
        return self._form(_EVERYTHING)

    def _form(self, limits: _Limits) -> Form:
        payload = _payload(self, limits)
        return Form(payload, describe(payload))

    def to_frame(self) -> pd.DataFrame:
        """A row a column of the data; values of a domain are there as far as they may be shown."""
        import pandas as pd

        hidden, allowed = _rule(self.statistics)
        rows = [
            {
                "column": f.name,
                "type": f.type,
                "required": f.required,
                "min_share": f.min_share,
                "values_per_row": list(f.values_per_row),
                "domain_size": _domain_size(f),
                "domain": _shown(f, allowed),
                "min": None if f.name in hidden else f.min,
                "max": None if f.name in hidden else f.max,
                "distinct_share": f.distinct_share,
                "environments": list(f.environments),
                "not_in_environments": list(f.not_in_environments),
                "drift": f.drift,
                "skew": f.skew,
                "deprecated": f.deprecated,
            }
            for f in self.schema.features
        ]
        frame = pd.DataFrame(rows, columns=None if rows else ["column", "type", "required"])
        numbers = ["min_share", "min", "max", "distinct_share", "drift", "skew"]
        kinds = dict.fromkeys(numbers, "float64") | {"domain_size": "Int64"}
        return frame.astype(kinds) if rows else frame

    def figure(self) -> go.Figure:
        """How many columns of which type there are, required or not."""
        import plotly.graph_objects as go

        figure = go.Figure()
        features = self.schema.features
        types = [kind for kind in _WORDS if any(f.type == kind for f in features)]
        for name, required, color in (("required", True, "#1f77b4"), ("optional", False, "#aaa")):
            counts = [sum(f.type == t and f.required == required for f in features) for t in types]
            figure.add_bar(
                x=[_WORDS[t] for t in types],
                y=counts,
                text=[str(n) if n else "" for n in counts],
                name=name,
                marker={"color": color},
            )
        figure.update_layout(
            template="none",
            title_text=f"{len(features):,} columns by type",
            barmode="stack",
            height=320,
            paper_bgcolor="rgba(0,0,0,0)",
            plot_bgcolor="rgba(0,0,0,0)",
            font_color="#808080",
        )
        return figure


def _rule(statistics: Statistics | None) -> tuple[frozenset[str], dict[str, list[str]]]:
    """The columns that are sensitive, and the values of each column that may be shown."""
    from zenlab.views.showable import sensitive_columns, showable

    if statistics is None:
        return frozenset(), {}
    by_name: dict[str, list[FeatureStatistics]] = {}
    for dataset in statistics.datasets:
        for feature in () if dataset.slice else dataset.features:
            by_name.setdefault(feature.name, []).append(feature)
    return sensitive_columns(statistics), {n: list(showable(f)) for n, f in by_name.items()}


def _domain_size(f: SchemaFeature) -> int | None:
    return f.domain_size if f.domain is None or f.domain_size is not None else len(f.domain)


def _shown(f: SchemaFeature, allowed: dict[str, list[str]]) -> list[str]:
    """Those values of a domain that may be shown, the most frequent first."""
    domain = set(f.domain or ())
    return [value for value in allowed.get(f.name, ()) if value in domain]


def _payload(panel: SchemaPanel, limits: _Limits) -> SchemaPayload:
    from zenlab.views import payloads

    hidden, allowed = _rule(panel.statistics)
    features = panel.schema.features
    omitted = []
    if (more := len(features) - limits.columns) > 0:
        omitted.append(f"Columns: {more:,}, which panel.to_frame() has")
    environments = panel.schema.environments
    return payloads.SchemaPayload(
        version=payloads.VERSION,
        title=shorten(panel.title, limits.name),
        origin=shorten(panel.schema.origin, 2 * limits.name),
        environments=[shorten(e, limits.name) for e in environments[: limits.environments]],
        columns=[
            _column(f, _shown(f, allowed), limits, sensitive=f.name in hidden)
            for f in features[: limits.columns]
        ],
        total=len(features),
        omitted=omitted,
    )


def _column(
    f: SchemaFeature, shown: Sequence[str], limits: _Limits, *, sensitive: bool
) -> SchemaColumn:
    from zenlab.views.payloads import SchemaColumn, row
    from zenlab.views.showable import quoted

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
            _domain_size(f),
            f.distinct_share,
            f.drift,
            f.skew,
        ),
        values=[quoted(value, limits.name) for value in shown[: limits.values]],  # noqa: PD011
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


def describe(payload: SchemaPayload) -> Document:
    """What a schema panel says."""
    facts = []
    if payload.origin:
        facts.append(("origin", payload.origin))
    shown = len(payload.columns)
    count = f"{payload.total:,}" if shown == payload.total else f"{shown:,} of {payload.total:,}"
    facts.append(("columns", count))
    if payload.environments:
        facts.append(("environments", ", ".join(payload.environments)))
    blocks: list[Block] = [Facts(tuple(facts))]
    if payload.columns:
        blocks.append(_table(payload.columns))
    if payload.omitted:
        blocks += [Heading("Left out here"), Sentences(tuple(payload.omitted))]
    return Document(f"Schema of {payload.title}" if payload.title else "Schema", tuple(blocks))


def _table(columns: Sequence[SchemaColumn]) -> Table:
    """A row a column of the data; what no row says is not there."""
    titles = (
        Column("column"),
        Column("type"),
        Column("presence", nowrap=True),
        Column("values"),
        Column("range", nowrap=True),
        Column("a row", nowrap=True),
        Column("environments"),
        Column("drift", "right"),
        Column("skew", "right"),
        Column("notes"),
    )
    rows = [_row(column) for column in columns]
    used = [i for i in range(len(titles)) if any(row[i] for row in rows)]
    return Table(tuple(titles[i] for i in used), tuple(tuple(row[i] for i in used) for row in rows))


def _row(column: SchemaColumn) -> tuple[str, ...]:
    from zenlab.views.payloads import fields

    kind, required, share, low, high, least, most, size, distinct, drift, skew = fields(column.rule)
    presence = "required" if required else "optional"
    if parse(share) and not required:
        presence = f"in {percent(parse(share))} or more"
    values = _values(column, parse(size))
    if distinct and values:
        values += f" ({percent(parse(distinct))} of the rows or more)"
    places = []
    if column.environments:
        places.append(f"only {', '.join(column.environments)}")
    if column.not_in_environments:
        places.append(f"not {', '.join(column.not_in_environments)}")
    notes = [
        word
        for word, there in (("sensitive", column.sensitive), ("deprecated", column.deprecated))
        if there
    ]
    return (
        column.name,
        _WORDS.get(kind, kind),
        presence,
        values,
        _range(least, most),
        _range(low, "" if high == "0" else high, "1"),
        ", ".join(places),
        f"{float(drift):g}" if drift else "",
        f"{float(skew):g}" if skew else "",
        ", ".join(notes),
    )


def _values(column: SchemaColumn, size: float | None) -> str:
    if size is None:
        return ""
    shown = column.values  # noqa: PD011
    if column.sensitive or not shown:
        return f"{size:,.0f}, not shown"
    more = f" and {size - len(shown):,.0f} more" if size > len(shown) else ""
    return f"{', '.join(shown)}{more}"


def _range(least: str, most: str, usual: str = "") -> str:
    low, high = (number(parse(text)) if text else "" for text in (least, most))
    if low and low == high:
        return "" if low == usual else low
    if low and high:
        return f"{low} … {high}"
    return f"≥ {low}" if low else f"≤ {high}" if high else ""

"""What a schema panel says: payload -> document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.views.document import Column, Document, Facts, Heading, Sentences, Table
from zenlab.views.numbers import number, parse, percent
from zenlab.views.packing import fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zenlab.views.document import Block
    from zenlab.views.payloads import SchemaColumn, SchemaPayload

TYPE_WORDS = {
    "INT": "integer",
    "FLOAT": "number",
    "BYTES": "text",
    "STRUCT": "nested",
    "UNKNOWN": "anything",
}
"""What a type of TFDV's is called."""


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
    common = _common_thresholds(payload)
    if common:
        told = ", ".join(f"{name} {float(value):g}" for name, value in common.items())
        facts.append(("thresholds", f"{told} (of all columns)"))
    blocks: list[Block] = [Facts(tuple(facts))]
    if payload.columns:
        blocks.append(_table(payload.columns, frozenset(common)))
    if payload.omitted:
        blocks += [Heading("Left out here"), Sentences(tuple(payload.omitted))]
    return Document(f"Schema of {payload.title}" if payload.title else "Schema", tuple(blocks))


def _common_thresholds(payload: SchemaPayload) -> dict[str, str]:
    """The thresholds that all columns have, which is the rule: nobody reads them twenty times."""
    if not 1 < len(payload.columns) == payload.total:
        return {}
    rules = [fields(column.rule)[-2:] for column in payload.columns]
    drifts, skews = ({rule[i] for rule in rules} for i in (0, 1))
    found = (("drift", drifts), ("skew", skews))
    return {name: text for name, texts in found if len(texts) == 1 and (text := min(texts))}


def _table(columns: Sequence[SchemaColumn], told: frozenset[str]) -> Table:
    """A row a column of the data; what no row says, or what is told above, is not there."""
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
    used = [i for i, t in enumerate(titles) if t.title not in told and any(row[i] for row in rows)]
    return Table(tuple(titles[i] for i in used), tuple(tuple(row[i] for i in used) for row in rows))


def _row(column: SchemaColumn) -> tuple[str, ...]:
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
        TYPE_WORDS.get(kind, kind),
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
    shown = column.values
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

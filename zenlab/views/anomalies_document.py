"""What an anomalies panel says: payload -> document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.views.document import Column, Document, Heading, Sentences, Table
from zenlab.views.numbers import number, parse
from zenlab.views.packing import fields, values
from zenlab.views.sparkline import bar, sparkline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zenlab.views.document import Block
    from zenlab.views.payloads import AnomaliesPayload, DatasetFindings

MARK = "⚠"


def describe(payload: AnomaliesPayload) -> Document:
    """What an anomalies panel says.

    Example:
        >>> from zenlab.views.payloads import VERSION, AnomaliesPayload
        >>> describe(AnomaliesPayload(version=VERSION, datasets=[], title="A")).title
        'Anomalies of A: nothing was looked at'
    """
    datasets = payload.datasets
    blocks: list[Block] = []
    if datasets:
        blocks.append(_verdicts(datasets))
    found = [d for d in datasets if d.anomalies]
    if found:
        blocks.append(_anomalies(found, several=len(datasets) > 1))
    for d in datasets:
        if d.drift:
            blocks += [Heading(_drift_title(d, several=len(datasets) > 1)), _drift(d)]
    if found and payload.acceptable:
        name = next((fields(text)[0] for d in found for text in d.anomalies), "")
        one = f", or panel.accept({name!r}) for some columns" if name else ""
        said = f"If this is how the data should be: panel.accept() for all of it{one}."
        blocks += [Heading("What next"), Sentences((said,))]
    if payload.omitted:
        blocks += [Heading("Left out here"), Sentences(tuple(payload.omitted))]
    count = sum(d.found for d in datasets)
    total = f"{count:,}" if count else "none" if datasets else "nothing was looked at"
    of = f" of {payload.title}" if payload.title else ""
    return Document(f"Anomalies{of}: {total}", tuple(blocks))


def _verdicts(datasets: Sequence[DatasetFindings]) -> Table:
    """How many, in how many rows, and what they were compared with."""
    columns = (
        Column("dataset"),
        Column("rows", "right"),
        Column("anomalies", "right", nowrap=True),
        Column("compared with"),
    )
    rows = []
    for d in datasets:
        against = f"schema for {d.environment}" if d.environment else "schema"
        if d.baseline:
            columns_of = f" ({d.compared:,} columns)" if d.compared else ""
            against += f" and {d.baseline}{columns_of}"
        found = f"{MARK} {d.found:,}" if d.found else "none"
        rows.append((d.name, f"{d.rows:,}", found, against))
    return Table(columns, tuple(rows))


def _anomalies(datasets: Sequence[DatasetFindings], *, several: bool) -> Table:
    columns = (Column("column"), Column("severity"), Column("what"))
    rows = []
    for d in datasets:
        for text in d.anomalies:
            name, severity, said = fields(text)
            cells = (name or "(all columns)", severity, said)
            rows.append((d.name, *cells) if several else cells)
    return Table((Column("in"), *columns) if several else columns, tuple(rows))


def _drift_title(d: DatasetFindings, *, several: bool) -> str:
    where = f" of {d.name}" if several else ""
    most = "The greatest distances" if d.compared > len(d.drift) else "Distances"
    return f"{most}{where} from {d.baseline}" if d.baseline else f"{most}{where}"


def _drift(d: DatasetFindings) -> Table:
    """A row a column: the shapes beside each other, and how much of the threshold is used up."""
    titles = (
        Column("column"),
        Column(d.baseline or "baseline", nowrap=True),
        Column(d.name, nowrap=True),
        Column("distance", "right", nowrap=True),
        Column("of threshold", nowrap=True),
        Column("threshold", "right"),
        Column("measure"),
    )
    rows = []
    for text in d.drift:
        name, measure, far, most, one, two = fields(text)
        distance, threshold = float(far), parse(most)
        shapes = values(one), values(two)
        top = max((max(shape, default=0.0) for shape in shapes), default=0.0)
        over = threshold is not None and distance > threshold
        rows.append(
            (
                f"{MARK} {name}" if over else name,
                *(sparkline(shape, 0.0, top) for shape in shapes),
                number(distance, 2) if distance >= 0.001 or not distance else "<0.001",
                "over" if over else bar(distance / threshold, 6) if threshold else "",
                "" if threshold is None else f"{threshold:g}",
                measure,
            )
        )
    used = [i for i in range(len(titles)) if any(row[i] for row in rows)]
    return Table(tuple(titles[i] for i in used), tuple(tuple(row[i] for i in used) for row in rows))

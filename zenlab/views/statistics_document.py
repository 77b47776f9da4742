"""What a statistics panel says: payload -> document.

A row a column of the data. Shapes and shares stand side by side, a column a dataset. Of the
numbers those of the first dataset are shown, and those of another below them only where they
clearly differ: so that what is as it should be takes one line, and what is not can be seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.views import statistics_cells as cells
from zenlab.views.document import Column, Document, Facts, Heading, Sentences, Table
from zenlab.views.numbers import compact
from zenlab.views.packing import fields
from zenlab.views.statistics_interest import (
    MANY_ZEROS,
    MUCH_MISSING,
    NUMBER_KINDS,
    SCALED_KINDS,
    TEXT_KINDS,
    TIME_KINDS,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zenlab.views.document import Block, Cell
    from zenlab.views.payloads import ColumnStatistics, StatisticsPayload

QUANTILES = "min · 10% · median · 90% · max"
"""In one column: nobody compares those of one column of the data with those of another."""


def describe(payload: StatisticsPayload) -> Document:
    """What a statistics panel says.

    Example:
        >>> from zenlab.views.payloads import VERSION, StatisticsPayload
        >>> describe(StatisticsPayload(version=VERSION, datasets=[], columns=[], total=0)).title
        'Statistics'
    """
    names = [fields(text)[0] for text in payload.datasets]
    blocks: list[Block] = [Facts(_facts(payload))]
    if payload.notes:
        blocks.append(Sentences(tuple(payload.notes)))
    if payload.findings:
        blocks += [Heading("Findings"), Sentences(tuple(payload.findings))]
    for title, kinds, table in (
        ("Columns of numbers", NUMBER_KINDS, _numbers),
        ("Columns of times", TIME_KINDS, _times),
        ("Columns of text", TEXT_KINDS, _texts),
        ("Other columns", None, _others),
    ):
        columns = [c for c in payload.columns if _belongs(c, kinds)]
        if columns:
            blocks += [Heading(title), table(columns, names)]
    if payload.slices:
        blocks += [Heading("Slices"), _slices(payload)]
    if legend := _legend(payload, names):
        blocks += [Heading("How to read this"), Sentences(tuple(legend))]
    if payload.omitted:
        blocks += [Heading("Left out here"), Sentences(tuple(payload.omitted))]
    title = f"Statistics of {payload.title}" if payload.title else "Statistics"
    return Document(title, tuple(blocks))


def _belongs(column: ColumnStatistics, kinds: frozenset[str] | None) -> bool:
    if kinds is None:
        return column.kind not in SCALED_KINDS | TEXT_KINDS
    return column.kind in kinds


def _facts(payload: StatisticsPayload) -> tuple[tuple[str, str], ...]:
    counts = [(name, f"{int(rows):,}") for name, rows in map(fields, payload.datasets)]
    rows = ", ".join(f"{name} {count}" for name, count in counts)
    if len(counts) == 1 and counts[0][0] == payload.title:  # a file, whose name stands above
        rows = counts[0][1]
    shown = len(payload.columns)
    count = f"{payload.total:,}"
    if shown < payload.total:
        count = f"{shown:,} of {payload.total:,}, those with the most to see"
    weight = (
        "weight",
        f"{payload.weight}, by which shares of values, means and quantiles are weighted",
    )
    return (("rows", rows), ("columns", count), *([weight] if payload.weight else []))


def _numbers(columns: Sequence[ColumnStatistics], names: Sequence[str]) -> Table:
    titles = (
        Column("column"),
        *cells.shape_titles(names),
        Column("drift", "right", nowrap=True),
        Column("missing", "right", nowrap=True),
        Column("zeros", "right", nowrap=True),
        Column("mean ± std", "right", nowrap=True),
        Column(QUANTILES, "right", nowrap=True),
    )
    rows = []
    for column in columns:
        datasets = cells.read(column)
        rows.append(
            (
                _name(column),
                *cells.shapes(datasets),
                cells.drift(column, names),
                cells.missing_or_zeros(datasets, names, lambda d: d.missing_share, MUCH_MISSING),
                cells.missing_or_zeros(datasets, names, lambda d: d.zeros_share, MANY_ZEROS),
                cells.stack(datasets, names, cells.mean, cells.mean_differs),
                cells.stack(datasets, names, cells.quantiles, cells.quantiles_differ),
            )
        )
    return _filled(titles, rows)


def _times(columns: Sequence[ColumnStatistics], names: Sequence[str]) -> Table:
    """Times and durations: what they go from and to, in all datasets, whose splits may be by it."""
    titles = (
        Column("column"),
        *cells.shape_titles(names),
        Column("drift", "right", nowrap=True),
        Column("missing", "right", nowrap=True),
        Column("zeros", "right", nowrap=True),
        Column("", nowrap=True),
        Column("min", "right", nowrap=True),
        Column("median", "right", nowrap=True),
        Column("max", "right", nowrap=True),
    )
    rows: list[tuple[Cell, ...]] = []
    for column in columns:
        datasets = cells.read(column)
        known = [(n, d) for n, d in zip(names, datasets, strict=True) if d and d.quantiles]
        rows.append(
            (
                _name(column),
                *cells.shapes(datasets),
                cells.drift(column, names),
                cells.missing_or_zeros(datasets, names, lambda d: d.missing_share, MUCH_MISSING),
                cells.missing_or_zeros(datasets, names, lambda d: d.zeros_share, MANY_ZEROS),
                tuple(name for name, _ in known) if len(names) > 1 else "",
                *(
                    tuple(cells.time_text(column, d.quantiles[i]) for _, d in known)
                    for i in (0, 2, 4)
                ),
            )
        )
    return _filled(titles, rows)


def _texts(columns: Sequence[ColumnStatistics], names: Sequence[str]) -> Table:
    titles = (
        Column("column"),
        Column("missing", "right", nowrap=True),
        Column("unique", "right"),
        Column("values"),
        *cells.share_titles(names),
        Column("drift", "right", nowrap=True),
    )
    rows = []
    for column in columns:
        datasets = cells.read(column)
        unique = next((d.unique for d in datasets if d), None)
        top = [fields(text) for text in column.top]
        shown = tuple(value for value, *_ in top)
        rows.append(
            (
                _name(column),
                cells.missing_or_zeros(datasets, names, lambda d: d.missing_share, MUCH_MISSING),
                "" if unique is None else f"{unique:,.0f}",
                shown or _no_values(column, datasets),
                *(
                    tuple(cells.share_and_lift(shares, i) for _, *shares in top)
                    for i in range(len(names))
                ),
                cells.drift(column, names),
            )
        )
    return _filled(titles, rows)


def _others(columns: Sequence[ColumnStatistics], names: Sequence[str]) -> Table:
    titles = (Column("column"), Column("holds"), Column("missing", "right", nowrap=True))
    rows = [
        (
            _name(column),
            "nothing" if column.kind == "empty" else column.kind,
            cells.missing_or_zeros(
                cells.read(column), names, lambda d: d.missing_share, MUCH_MISSING
            ),
        )
        for column in columns
    ]
    return _filled(titles, rows)


def _filled(titles: Sequence[Column], rows: Sequence[tuple[Cell, ...]]) -> Table:
    """Without the columns that no row fills."""
    used = [i for i in range(len(titles)) if any(row[i] for row in rows)]
    return Table(tuple(titles[i] for i in used), tuple(tuple(row[i] for i in used) for row in rows))


def _name(column: ColumnStatistics) -> Cell:
    """With what there is to know beside its numbers in the same cell: few columns have it."""
    name = f"{cells.MARK} {column.name}" if column.anomalous else column.name
    return (name, *(f"({note})" for note in column.notes)) if column.notes else name


def _no_values(column: ColumnStatistics, datasets: Sequence[cells.Dataset | None]) -> str:
    if column.sensitive:
        return "(not shown)"
    return "(each in few rows)" if any(d and d.unique for d in datasets) else ""


def _slices(payload: StatisticsPayload) -> Table:
    """A row a slice: its share of each dataset, as that of a value."""
    names, totals = zip(*map(fields, payload.datasets), strict=True)
    titles = (
        Column("slice"),
        Column("rows", "right"),
        *cells.share_titles(names),
        Column("differs most in (distance)"),
    )
    rows = []
    for text in payload.slices:
        label, differs, *counts = fields(text)
        parts = [
            compact(int(count) / int(total)) if count and int(total) else ""
            for count, total in zip(counts, totals, strict=True)
        ]
        count = sum(int(count) for count in counts if count)
        shares = (cells.share_and_lift(parts, i) for i in range(len(parts)))
        rows.append((label, f"{count:,}", *shares, differs))
    return _filled(titles, rows)


def _legend(payload: StatisticsPayload, names: Sequence[str]) -> list[str]:
    lines = []
    kinds = {column.kind for column in payload.columns}
    if len(names) > 1 and kinds - TEXT_KINDS:
        lines.append(
            f"Numbers are of {names[0]}; those of another dataset stand below where they clearly "
            "differ."
        )
    if any(column.scale for column in payload.columns):
        lines.append(
            "Shapes of a column have one scale; their first and last block hold all further out."
            if len(names) > 1
            else "The first and the last block of a shape hold all that is further out."
        )
    if len(names) > 1 and kinds & TEXT_KINDS:
        lines.append(f"× is how many times as frequent a value is as in {names[0]}.")  # noqa: RUF001
    if len(names) > 1 and any(column.drift for column in payload.columns):
        lines.append(
            f"Drift is the greatest distance from {names[0]}: Jensen-Shannon of numbers, "
            "L-infinity of text."
        )
    if marks := _marks(payload):
        lines.append(f"{cells.MARK} marks {', '.join(marks)}.")
    return lines


def _marks(payload: StatisticsPayload) -> list[str]:
    datasets = [d for column in payload.columns for d in cells.read(column) if d]
    drifts = [fields(column.drift) for column in payload.columns if column.drift]
    marks = [
        ("a column with a finding", any(column.anomalous for column in payload.columns)),
        (
            f"{MUCH_MISSING:.0%} or more missing",
            any((d.missing_share or 0.0) >= MUCH_MISSING for d in datasets),
        ),
        (
            f"{MANY_ZEROS:.0%} or more zeros",
            any((d.zeros_share or 0.0) >= MANY_ZEROS for d in datasets),
        ),
        ("drift over its threshold", any(float(d[2]) > float(d[3]) for d in drifts)),
    ]
    return [text for text, there in marks if there]

"""What an evaluation panel says: payload -> document."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from zenlab.views.document import Column, Document, Facts, Heading, Sentences, Table
from zenlab.views.numbers import difference, number, parse, percent
from zenlab.views.packing import counts, fields, named, values
from zenlab.views.payloads import OTHER
from zenlab.views.sparkline import at, bar, rebin, resample, sparkline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zenlab.views.document import Block
    from zenlab.views.payloads import (
        ConfusionTable,
        CurveSeries,
        EvaluationPayload,
        LabelResult,
        ResidualSeries,
        SliceTable,
        ThresholdSeries,
    )

LINES = 10
"""The most lines of a table that stands for a series (calibration, residuals)."""

RECALLS = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Thresholds are listed by what they catch, which means the same for every scale of scores."""


def describe(payload: EvaluationPayload) -> Document:
    """What an evaluation panel says.

    Example:
        >>> from zenlab.views.payloads import VERSION, EvaluationPayload
        >>> describe(EvaluationPayload(version=VERSION, results=[], pipeline="A")).title
        'Evaluation of A'
    """
    blocks: list[Block] = []
    if payload.model:
        blocks.append(Facts((("model", payload.model),)))
    if payload.values:
        pairs = (named(text) for text in payload.values)
        columns = (Column("metric"), Column("value", "right"))
        blocks.append(Table(columns, tuple((name, number(value)) for name, value in pairs)))
    by_label: dict[str, list[LabelResult]] = {}
    for result in payload.results:
        by_label.setdefault(result.label, []).append(result)
    for results in by_label.values():
        blocks += _label(results)
    if payload.omitted:
        blocks += [Heading("Left out here"), Sentences(tuple(payload.omitted))]
    title = f"Evaluation of {payload.pipeline}" if payload.pipeline else "Evaluation"
    return Document(title, tuple(blocks))


def _label(results: Sequence[LabelResult]) -> Iterator[Block]:
    """One label: its metrics with a column a split, then the details of each split."""
    yield Heading(f"{results[0].label} ({results[0].task})")
    yield _metrics(results)
    for result in results:
        where = f", {result.split}" if len(results) > 1 else ""
        for table in result.slices:
            yield Heading(f"By {', '.join(table.columns)}{where}")
            yield _slices(table, result)
        if result.confusion:
            yield Heading(f"Confusion{where}: true classes in rows, predicted in columns")
            yield _confusion(result.confusion)
        if result.thresholds and result.thresholds.positives:
            positive = _target(result, result.thresholds.positive)
            yield Heading(f"Thresholds for {positive}{where}")
            yield _thresholds(result.thresholds)
        if result.curves:
            yield from _curves(result, where)
        if result.residuals:
            yield from _residuals(result.residuals, where)
        if result.notes:
            yield Sentences(tuple(result.notes))


def _target(result: LabelResult, target: str) -> str:
    return target if target in ("", result.label) else f"{result.label} = {target}"


def _metrics(results: Sequence[LabelResult]) -> Table:
    by_split = [dict(named(text) for text in result.metrics) for result in results]
    names = dict.fromkeys(name for metrics in by_split for name in metrics)
    columns = (Column("metric"), *(Column(result.split, "right") for result in results))
    rows = [("rows", *(f"{result.rows:,}" for result in results))]
    rows += [(name, *(number(metrics.get(name)) for metrics in by_split)) for name in names]
    return Table(columns, tuple(rows))


def _slices(table: SliceTable, result: LabelResult) -> Table:
    """The first metric is set against that of all rows: what differs is what one looks for."""
    overall = dict(named(text) for text in result.metrics)
    split = len(table.columns)
    parsed = []
    for text in table.rows:
        cells = fields(text)
        parsed.append((cells[:split], int(cells[split]), [parse(c) for c in cells[split + 1 :]]))
    most = max((rows for _, rows, _ in parsed), default=0)
    columns = [*map(Column, table.columns), Column("rows", "right"), Column("size")]
    for i, name in enumerate(table.metrics):
        columns.append(Column(name, "right"))
        if i == 0:
            columns.append(Column("against all", nowrap=True))
    body = []
    for group, rows, metrics in parsed:
        cells = [*group, f"{rows:,}", bar(rows / most)]
        for i, (name, value) in enumerate(zip(table.metrics, metrics, strict=True)):
            cells.append(number(value))
            if i == 0:
                cells.append(difference(value, overall.get(name)))
        body.append(tuple(cells))
    return Table(tuple(columns), tuple(body))


def _confusion(confusion: ConfusionTable) -> Table:
    numbers = [counts(text) for text in confusion.counts]
    columns = [Column("true"), *(Column(name, "right") for name in confusion.classes)]
    rows = []
    for i, (name, row) in enumerate(zip(confusion.classes, numbers, strict=True)):
        total = sum(row)
        # Of several classes together, the diagonal does not say which were taken for which.
        recall = row[i] / total if total and name != OTHER else None
        rows.append((name, *(f"{n:,}" for n in row), percent(recall)))
    return Table((*columns, Column("recall", "right")), tuple(rows))


class _Cut(NamedTuple):
    """What a classifier does at one threshold."""

    threshold: float
    tp: int
    fp: int
    recall: float
    precision: float
    f1: float


def _thresholds(t: ThresholdSeries) -> Table:
    """Five levels of recall, the usual threshold of a half, and the one with the best F1."""
    cuts = []
    for threshold, tp, fp in zip(values(t.thresholds), counts(t.tp), counts(t.fp), strict=True):
        precision = tp / (tp + fp) if tp + fp else math.nan
        f1 = 2 * tp / (tp + fp + t.positives)
        cuts.append(_Cut(threshold, tp, fp, tp / t.positives, precision, f1))
    cuts = [cut for cut in cuts if cut.tp + cut.fp]
    marks: dict[_Cut, str] = {}
    if cuts:
        for recall in RECALLS:
            marks.setdefault(min(cuts, key=lambda cut: abs(cut.recall - recall)), "")
        half = min(cuts, key=lambda cut: abs(cut.threshold - 0.5))
        if math.isclose(half.threshold, 0.5, abs_tol=0.01):
            marks[half] = "one half"
        best = max(cuts, key=lambda cut: cut.f1)
        marks[best] = ", ".join(filter(None, (marks.get(best), "best F1")))
    total = t.positives + t.negatives
    titles = ("threshold", "flagged", "recall", "precision", "F1", "false alarms", "missed")
    rows = [
        (
            number(cut.threshold),
            percent((cut.tp + cut.fp) / total),
            percent(cut.recall),
            percent(cut.precision),
            number(cut.f1),
            f"{cut.fp:,}",
            f"{t.positives - cut.tp:,}",
            marks[cut],
        )
        for cut in sorted(marks, reverse=True)
    ]
    return Table((*(Column(title, "right") for title in titles), Column("")), tuple(rows))


def _curves(result: LabelResult, where: str) -> Iterator[Block]:
    rows = []
    calibrations = []
    for curve in result.curves:
        if curve.kind == "calibration":
            calibrations.append(curve)
            continue
        x, y = values(curve.x), values(curve.y)
        reading = (
            f"true positives {percent(at(x, y, 0.1))} at 10% false positives"
            if curve.kind == "roc"
            else f"precision {percent(at(x, y, 0.5))} at 50% recall"
        )
        name = "ROC" if curve.kind == "roc" else "precision-recall"
        target = _target(result, curve.target)
        rows.append((name, target, sparkline(resample(x, y), 0, 1), reading))
    if rows:
        yield Heading(f"Curves{where}")
        yield Table(
            (Column("curve"), Column("of"), Column("from 0 to 1"), Column("reads")), tuple(rows)
        )
    for curve in calibrations:
        yield Heading(f"Calibration of {_target(result, curve.target)}{where}")
        yield _calibration(curve)


def _calibration(curve: CurveSeries) -> Table:
    """The biggest bins: what is said of few rows is noise."""
    x, y = values(curve.x), values(curve.y)
    sizes = counts(curve.counts) or [0] * len(x)
    kept = sorted(sorted(range(len(x)), key=lambda i: (-sizes[i], i))[:LINES])
    columns = (
        Column("predicted", "right"),
        Column("observed", "right"),
        Column("rows", "right"),
        Column("observed"),
    )
    rows = tuple(
        (percent(x[i]), percent(y[i]), f"{sizes[i]:,}" if sizes[i] else "", bar(y[i])) for i in kept
    )
    return Table(columns, rows)


def _residuals(residuals: ResidualSeries, where: str) -> Iterator[Block]:
    edges = values(residuals.edges)
    yield Heading(f"Errors{where}: prediction minus truth")
    if edges:
        line = sparkline(rebin(counts(residuals.counts)))
        columns = (Column("from", "right"), Column("rows"), Column("to", "right"))
        yield Table(columns, ((number(edges[0]), line, number(edges[-1])),))
    sizes = counts(residuals.mean_counts)
    step = max(math.ceil(len(sizes) / LINES), 1)
    predicted, errors = values(residuals.predicted), values(residuals.mean_error)
    rows = tuple(
        (number(predicted[i]), number(errors[i]), f"{sizes[i]:,}")
        for i in range(0, len(sizes), step)
    )
    if rows:
        titles = ("predicted", "mean error", "rows")
        yield Table(tuple(Column(title, "right") for title in titles), rows)

"""What is stored of an evaluation: results -> payload, as much of them as there is room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zenlab.core.evaluation import MIN_SLICE_ROWS
from zenlab.views.packing import few, row, series
from zenlab.views.payloads import (
    OTHER,
    VERSION,
    ConfusionTable,
    CurveSeries,
    EvaluationPayload,
    LabelResult,
    ResidualSeries,
    SliceTable,
    ThresholdSeries,
)
from zenlab.views.strings import NAME_LENGTH, SENTENCE_LENGTH, shorten

if TYPE_CHECKING:
    from zenlab.core.evaluation import Confusion, LabelEvaluation, Residuals, Slice, Thresholds
    from zenlab.views.evaluation import EvaluationPanel

CURVE_DIGITS = 3
"""The significant digits of a point of a curve: a thousandth is below a pixel of its picture."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of an evaluation a payload holds."""

    results: int
    detailed: int  # results of which more than the metrics is kept
    metrics: int
    slices: int  # by one choice of columns
    tables: int  # choices of columns
    curves: int  # of one result
    classes: int
    notes: int = 10
    name: int = NAME_LENGTH  # characters

    def short(self, text: str) -> str:
        """Make a name presentable."""
        return shorten(text, self.name)


# Two splits with everything are about as much as fits. Then the first result, which is the one that
# people look at, stays whole longest.
LIMITS = (
    Limits(results=12, detailed=12, metrics=20, slices=50, tables=6, curves=30, classes=30),
    Limits(results=12, detailed=4, metrics=20, slices=50, tables=6, curves=30, classes=30),
    Limits(results=12, detailed=1, metrics=20, slices=50, tables=6, curves=30, classes=30),
    Limits(results=12, detailed=1, metrics=20, slices=25, tables=4, curves=12, classes=20),
    Limits(results=12, detailed=1, metrics=12, slices=15, tables=3, curves=6, classes=12),
    Limits(results=8, detailed=1, metrics=8, slices=8, tables=2, curves=3, classes=10, notes=3),
    Limits(
        results=4, detailed=1, metrics=5, slices=5, tables=1, curves=0, classes=5, notes=1, name=16
    ),
)


def make(panel: EvaluationPanel, limits: Limits) -> EvaluationPayload:
    r"""Make the payload of a panel.

    Args:
        panel: what was found.
        limits: how much of it; the payload says what it leaves out.

    Example:
        >>> from zenlab.views.evaluation import EvaluationPanel
        >>> make(EvaluationPanel(values={"mae": 3.25}), LIMITS[0]).values
        ['mae\t3.25']
    """
    omitted: list[str] = []  # filled by all that follows
    _note(omitted, len(panel.results) - limits.results, "results of labels and splits")
    _note(omitted, len(panel.values) - 2 * limits.metrics, "values")
    results = [
        _result(r, limits, omitted) if i < limits.detailed else _overview(r, limits, omitted)
        for i, r in enumerate(panel.results[: limits.results])
    ]
    return EvaluationPayload(
        version=VERSION,
        results=results,
        pipeline=limits.short(panel.pipeline),
        model=limits.short(panel.model),
        values=[
            row(limits.short(name), value)
            for name, value in list(panel.values.items())[: 2 * limits.metrics]
        ],
        omitted=few(omitted),
    )


def _note(omitted: list[str], count: int, what: str) -> None:
    if count > 0:
        omitted.append(f"{what[0].upper()}{what[1:]}: {count:,}")


def _overview(r: LabelEvaluation, limits: Limits, omitted: list[str]) -> LabelResult:
    """The metrics alone."""
    where = f"of {limits.short(r.label)} on {limits.short(r.split)}"
    if r.slices or r.curves or r.thresholds or r.confusion or r.residuals:
        omitted.append(f"Everything but the metrics {where}")
    return LabelResult(
        label=limits.short(r.label),
        task=r.task,
        split=limits.short(r.split),
        rows=r.rows,
        metrics=_metrics(r, limits, where, omitted),
    )


def _metrics(r: LabelEvaluation, limits: Limits, where: str, omitted: list[str]) -> list[str]:
    _note(omitted, len(r.metrics) - limits.metrics, f"metrics {where}")
    shown = list(r.metrics.items())[: limits.metrics]
    return [row(limits.short(name), _measured(value)) for name, value in shown]


def _measured(value: float | None) -> float | None:
    """A metric is a float, as it comes out of JSON, even if a user's function gave an int."""
    return None if value is None else float(value)


def _result(r: LabelEvaluation, limits: Limits, omitted: list[str]) -> LabelResult:
    where = f"of {limits.short(r.label)} on {limits.short(r.split)}"
    _note(omitted, len(r.curves) - limits.curves, f"curves {where}")
    _note(omitted, len(r.notes) - limits.notes, f"notes {where}")
    return LabelResult(
        label=limits.short(r.label),
        task=r.task,
        split=limits.short(r.split),
        rows=r.rows,
        metrics=_metrics(r, limits, where, omitted),
        slices=_slices(r, limits, where, omitted),
        curves=[
            CurveSeries(
                kind=curve.kind,
                target=limits.short(curve.target),
                x=series(curve.x, CURVE_DIGITS),
                y=series(curve.y, CURVE_DIGITS),
                counts=series(curve.counts),
            )
            for curve in r.curves[: limits.curves]
        ],
        thresholds=_thresholds(r.thresholds, limits) if r.thresholds else None,
        confusion=_confusion(r.confusion, limits, where, omitted) if r.confusion else None,
        residuals=_residuals(r.residuals) if r.residuals else None,
        notes=[shorten(note, SENTENCE_LENGTH) for note in r.notes[: limits.notes]],
    )


def _slices(r: LabelEvaluation, limits: Limits, where: str, omitted: list[str]) -> list[SliceTable]:
    """A table for each choice of columns, the biggest slices first."""
    # The evaluator keeps to this already. A user's own may not, and what a notebook stores is
    # pushed to a remote and read by people who have no right to see single rows.
    shown = [s for s in r.slices if s.rows >= MIN_SLICE_ROWS]
    rare = len(r.slices) - len(shown)
    _note(omitted, rare, f"slices {where} with fewer than {MIN_SLICE_ROWS} rows")
    _note(omitted, r.omitted_slices, f"slices {where} that the evaluator left out")
    groups: dict[tuple[str, ...], list[Slice]] = {}
    for s in shown:
        groups.setdefault(tuple(s.columns), []).append(s)
    _note(omitted, len(groups) - limits.tables, f"tables of slices {where}")
    tables = []
    for columns, slices in list(groups.items())[: limits.tables]:
        slices.sort(key=_by_size)
        by = ", ".join(map(limits.short, columns))
        _note(omitted, len(slices) - limits.slices, f"slices by {by} {where}")
        names = list(dict.fromkeys(name for s in slices for name in s.metrics))[: limits.metrics]
        rows = [
            row(
                *map(limits.short, s.values),
                s.rows,
                *(_measured(s.metrics.get(name)) for name in names),
            )
            for s in slices[: limits.slices]
        ]
        tables.append(
            SliceTable(
                columns=[*map(limits.short, columns)],
                metrics=[*map(limits.short, names)],
                rows=rows,
            )
        )
    return tables


def _by_size(s: Slice) -> tuple[int, list[str]]:
    return -s.rows, s.values


def _thresholds(t: Thresholds, limits: Limits) -> ThresholdSeries:
    return ThresholdSeries(
        positive=limits.short(t.positive),
        positives=t.tp[0] + t.fn[0] if t.tp else 0,
        negatives=t.fp[0] + t.tn[0] if t.fp else 0,
        thresholds=series(t.thresholds),
        tp=series(t.tp),
        fp=series(t.fp),
    )


def _confusion(c: Confusion, limits: Limits, where: str, omitted: list[str]) -> ConfusionTable:
    """The classes with the most rows, in their own order, and all others as one."""
    _note(omitted, len(c.classes) - limits.classes, f"classes of the confusion matrix {where}")
    everything = range(len(c.classes))
    by_rows = sorted(everything, key=lambda i: (c.classes[i] == OTHER, -sum(c.counts[i]), i))
    groups = [[i] for i in sorted(by_rows[: limits.classes])]
    names = [limits.short(c.classes[i]) for (i,) in groups]
    if rest := by_rows[limits.classes :]:  # they count in the recall of the classes that are shown
        groups.append(rest)
        names.append(OTHER)
    return ConfusionTable(
        classes=names,
        counts=[
            series(sum(c.counts[i][j] for i in rows for j in columns) for columns in groups)
            for rows in groups
        ],
    )


def _residuals(r: Residuals) -> ResidualSeries:
    return ResidualSeries(
        edges=series(r.errors.edges),
        counts=series(r.errors.counts),
        predicted=series(r.predicted),
        mean_error=series(r.mean_error),
        mean_counts=series(r.counts),
    )

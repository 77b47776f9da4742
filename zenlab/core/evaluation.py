"""What an evaluator found: bounded aggregates, never rows.

An evaluator step writes one `Evaluation` as a JSON artifact; the evaluation panel and the
comparison of runs read it. Every list has a bound that does not grow with the data.
"""

from __future__ import annotations

from typing import Literal

import msgspec

MAX_CURVE_POINTS = 101
"""The most points of a curve, a histogram or a list of thresholds."""

MAX_SLICES = 50
"""The most values of a slice that are kept: those with the most rows."""

MIN_SLICE_ROWS = 10
"""A value of a column is shown only if at least so many rows have it."""


class Slice(msgspec.Struct, frozen=True):
    """Metrics of the rows in which `columns` have `values`."""

    columns: list[str]
    values: list[str]
    rows: int
    metrics: dict[str, float | None]


class Curve(msgspec.Struct, frozen=True):
    """Points of a curve: `kind` is roc, precision_recall or calibration.

    x and y are: false and true positive rate; recall and precision; mean predicted probability
    and observed share (with the number of rows of each bin in `counts`).
    """

    kind: Literal["roc", "precision_recall", "calibration"]
    target: str
    x: list[float]
    y: list[float]
    counts: list[int] = []


class Thresholds(msgspec.Struct, frozen=True):
    """Confusion counts of a binary classifier at each threshold of its score."""

    positive: str
    thresholds: list[float]
    tp: list[int]
    fp: list[int]
    fn: list[int]
    tn: list[int]


class Confusion(msgspec.Struct, frozen=True):
    """Rows are true classes, columns are predicted ones; the rarest are joined as "(other)"."""

    classes: list[str]
    counts: list[list[int]]


class Histogram(msgspec.Struct, frozen=True):
    """`len(edges) == len(counts) + 1`."""

    edges: list[float]
    counts: list[int]


class Residuals(msgspec.Struct, frozen=True):
    """Errors of a regression (prediction minus truth), and their mean by predicted value."""

    errors: Histogram
    predicted: list[float]
    mean_error: list[float]
    counts: list[int]


class LabelEvaluation(msgspec.Struct, frozen=True):
    """One label of the model on one split. A metric that is not defined is None.

    `order` names the metrics as they were asked for: the first is the one that counts most. The
    order of a dict does not survive its canonical JSON.
    """

    label: str
    task: Literal["binary", "multiclass", "regression"]
    split: str
    rows: int
    metrics: dict[str, float | None]
    slices: list[Slice] = []
    omitted_slices: int = 0
    curves: list[Curve] = []
    thresholds: Thresholds | None = None
    confusion: Confusion | None = None
    residuals: Residuals | None = None
    notes: list[str] = []
    order: list[str] = []

    def __post_init__(self) -> None:
        """Put the metrics back in order, those of slices as well."""
        for metrics in (self.metrics, *(found.metrics for found in self.slices)):
            ordered = {name: metrics[name] for name in self.order if name in metrics} | metrics
            metrics.clear()
            metrics.update(ordered)


class Evaluation(msgspec.Struct, frozen=True):
    """The whole result of an evaluator step: one entry a label and split."""

    results: list[LabelEvaluation]
    version: int = 1

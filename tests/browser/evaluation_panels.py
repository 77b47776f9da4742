"""An evaluation and a schema for the browser tests, as those of `panels.py`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.statistics_harness import statistics_of
from zenlab.core.evaluation import (
    Confusion,
    Curve,
    Evaluation,
    Histogram,
    LabelEvaluation,
    Residuals,
    Slice,
    Thresholds,
)
from zenlab.core.validation import DataSchema, SchemaFeature
from zenlab.views import EvaluationPanel, SchemaPanel

CLASSES = ["short", "medium", "long"]
POSITIVES, NEGATIVES = 600, 1400


def evaluation_panel(hostile: str) -> EvaluationPanel:
    """A binary label on two splits, one of several classes, and a regression."""
    results = [_late("eval", 0.0, hostile), _late("train", 0.1, hostile), _distance(), _delay()]
    return EvaluationPanel(Evaluation(results), pipeline="flights", model="LogisticRegression")


def schema_panel(rows, hostile: str) -> SchemaPanel:
    """What it accepts is a file in the folder of the notebook."""

    def accept(features: tuple[str, ...]) -> str:
        Path("schema.txt").write_text("\n".join(features) or "everything")
        return f"The schema takes up {', '.join(features) or 'everything'}."

    limits = {"drift": 0.1, "skew": 0.1}
    features = [
        SchemaFeature("dep_delay", "FLOAT", False, 0.5, min=-60, max=1500, **limits),
        SchemaFeature("distance", "INT", True, 1.0, min=80, **limits),
        SchemaFeature("carrier", "BYTES", True, 1.0, domain=["UA", "B6", "EV"], **limits),
        SchemaFeature("origin", "BYTES", True, 1.0, domain=["EWR", "JFK"], **limits),
        SchemaFeature(hostile, "BYTES", False, 0.2, deprecated=True, **limits),
        SchemaFeature("late", "INT", True, 1.0, not_in_environments=["SERVING"], **limits),
    ]
    return SchemaPanel(
        DataSchema(features, ["TRAINING", "SERVING"], "inferred from train"),
        title="flights",
        statistics=statistics_of({"train": rows}),
        accept=accept,
    )


def _late(split: str, more: float, hostile: str) -> LabelEvaluation:
    """Its scores are spread in known shares, so that a threshold has known counts."""
    at = np.arange(101) / 100
    tp = np.round(POSITIVES * (1 - at) ** (0.6 - more)).astype(int)
    fp = np.round(NEGATIVES * (1 - at) ** 2.5).astype(int)
    recall, alarms = tp / POSITIVES, fp / NEGATIVES
    precision = tp / np.maximum(tp + fp, 1)
    hit, alarm = int(tp[50]), int(fp[50])  # at one half
    flagged = (tp + fp) > 0
    slices = [
        Slice([column], [value], rows, {"roc_auc": auc, "log_loss": loss})
        for column, found in (
            (
                "carrier",
                [("UA", 900, 0.74, 0.45), ("B6", 700, 0.81, 0.47), (hostile, 300, 0.7, 0.6)],
            ),
            ("origin", [("EWR", 1200, 0.77, 0.46), ("JFK", 800, 0.75, 0.5)]),
        )
        for value, rows, auc, loss in found
    ]
    return LabelEvaluation(
        "late", "binary", split, POSITIVES + NEGATIVES,
        {"roc_auc": 0.7671 + more, "log_loss": 0.4589},
        slices=slices,
        curves=[
            Curve("roc", "True", alarms[::-1].tolist(), recall[::-1].tolist()),
            Curve(
                "precision_recall", "True",
                recall[flagged][::-1].tolist(), precision[flagged][::-1].tolist(),
            ),
            Curve("calibration", "True", [0.1, 0.4, 0.8], [0.12, 0.38, 0.75], [1200, 600, 200]),
        ],
        thresholds=Thresholds(
            "True", at.tolist(), tp.tolist(), fp.tolist(),
            (POSITIVES - tp).tolist(), (NEGATIVES - fp).tolist(),
        ),
        confusion=Confusion(
            ["False", "True"], [[NEGATIVES - alarm, alarm], [POSITIVES - hit, hit]]
        ),
        order=["roc_auc", "log_loss"],
    )  # fmt: skip


def _distance() -> LabelEvaluation:
    at = np.linspace(0, 1, 21)
    curves = [
        Curve("roc", name, at.tolist(), (at ** (0.3 + 0.2 * i)).tolist())
        for i, name in enumerate(CLASSES)
    ]
    counts = [[80, 15, 5], [20, 60, 20], [2, 18, 80]]
    return LabelEvaluation(
        "distance", "multiclass", "eval", 300, {"accuracy": 0.7333},
        curves=curves, confusion=Confusion(CLASSES, counts),
    )  # fmt: skip


def _delay() -> LabelEvaluation:
    edges = np.linspace(-100, 100, 21)
    counts = np.round(400 * np.exp(-(((edges[:-1] + 5) / 40) ** 2))).astype(int)
    predicted = np.linspace(-10, 90, 12)
    residuals = Residuals(
        Histogram(edges.tolist(), counts.tolist()),
        predicted.tolist(),
        (0.1 * predicted - 3).tolist(),
        np.arange(300, 60, -20).tolist(),
    )
    return LabelEvaluation(
        "delay", "regression", "eval", 2000, {"mae": 18.25, "r2": -0.1}, residuals=residuals,
        notes=["Rows without a label are left out: 12"],
    )  # fmt: skip

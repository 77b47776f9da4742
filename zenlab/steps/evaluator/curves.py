"""Curves, thresholds, confusion and residuals: at most 101 points, whatever the rows.

The points are chosen by rule, not drawn, so that the same predictions give the same panel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.core.evaluation import (
    MAX_CURVE_POINTS,
    Confusion,
    Curve,
    Histogram,
    Residuals,
    Thresholds,
)
from zenlab.steps.evaluator.metrics import rounded

if TYPE_CHECKING:
    from zenlab.steps.predictions import Prediction

MAX_CLASSES = 20
"""The most classes of a confusion matrix: those with the most rows."""

MAX_CURVE_CLASSES = 5
"""The most classes that have a curve of their own: those with the most rows."""

CALIBRATION_BINS = 10
RESIDUAL_BINS = 40
PREDICTED_BINS = 20


def curves(p: Prediction) -> list[Curve]:
    """ROC, precision-recall and (of probabilities) calibration, of the positive class or of each.

    Args:
        p: a label's prediction, with scores.
    """
    if p.scores is None:
        return []
    if p.scores.ndim == 1:
        targets = [len(p.classes) - 1]
    else:
        import numpy as np

        rows = np.bincount(p.true_codes, minlength=len(p.classes))
        targets = sorted(np.argsort(-rows, kind="stable")[:MAX_CURVE_CLASSES].tolist())
    found = []
    for target in targets:
        scores = p.scores if p.scores.ndim == 1 else p.scores[:, target]
        truth = p.true_codes == target
        name = str(p.classes[target])
        if 0 < truth.sum() < len(truth):
            found += _ranking_curves(truth, scores, name)
        if p.probabilities:
            found.append(_calibration(truth, scores, name))
    return found


def _ranking_curves(truth: Any, scores: Any, target: str) -> list[Curve]:
    """ROC and precision-recall, from the counts at each distinct score."""
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], truth[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    tp = np.cumsum(hits)[last]
    fp = last + 1 - tp
    tpr, fpr = tp / tp[-1], fp / fp[-1]
    precision = tp / (tp + fp)
    # Evenly along the way from (0, 0) to (1, 1): both ends of a steep curve keep their points.
    roc = _evenly(np.append(0.0, (tpr + fpr) / 2))
    # A curve of precision starts at the highest score: there is no precision of no rows.
    pr = _evenly(tpr)
    return [
        Curve("roc", target, _list(np.append(0.0, fpr)[roc]), _list(np.append(0.0, tpr)[roc])),
        Curve("precision_recall", target, _list(tpr[pr]), _list(precision[pr])),
    ]


def _evenly(rising: Any) -> Any:
    """The indices of at most 101 points, evenly along a rising series; the first and the last."""
    import numpy as np

    if len(rising) <= MAX_CURVE_POINTS:
        return np.arange(len(rising))
    at = np.linspace(rising[0], rising[-1], MAX_CURVE_POINTS)
    chosen = np.searchsorted(rising, at, side="left")
    chosen[0], chosen[-1] = 0, len(rising) - 1
    return np.unique(chosen)


def _calibration(truth: Any, scores: Any, target: str) -> Curve:
    """Ten bins of equal width over [0, 1]; a bin without rows has no point."""
    import numpy as np

    bins = np.clip((scores * CALIBRATION_BINS).astype(int), 0, CALIBRATION_BINS - 1)
    counts = np.bincount(bins, minlength=CALIBRATION_BINS)
    kept = counts > 0
    predicted = np.bincount(bins, scores, CALIBRATION_BINS)[kept] / counts[kept]
    observed = np.bincount(bins, truth, CALIBRATION_BINS)[kept] / counts[kept]
    return Curve("calibration", target, _list(predicted), _list(observed), counts[kept].tolist())


def thresholds(p: Prediction) -> Thresholds | None:
    """Confusion counts of "positive if score >= threshold".

    The thresholds of probabilities are 0, 0.01, ... 1; those of other scores are evenly from the
    lowest to the highest.

    Args:
        p: a label's prediction; None comes back if it is not binary or has no scores.
    """
    import numpy as np

    if p.task != "binary" or p.scores is None or not len(p):
        return None
    truth = p.true_codes == len(p.classes) - 1
    if p.probabilities:
        at = np.arange(MAX_CURVE_POINTS) / (MAX_CURVE_POINTS - 1)
    else:
        at = np.linspace(p.scores.min(), p.scores.max(), MAX_CURVE_POINTS)
    positive, negative = np.sort(p.scores[truth]), np.sort(p.scores[~truth])
    tp = len(positive) - np.searchsorted(positive, at, side="left")
    fp = len(negative) - np.searchsorted(negative, at, side="left")
    return Thresholds(
        str(p.classes[-1]),
        _list(at),
        tp.tolist(),
        fp.tolist(),
        (len(positive) - tp).tolist(),
        (len(negative) - fp).tolist(),
    )


def confusion(p: Prediction) -> Confusion:
    """True classes by predicted ones; beyond 20 classes those with the fewest rows are joined.

    Args:
        p: a classification.
    """
    import numpy as np

    size = len(p.classes)
    names = [str(c) for c in p.classes]
    place = np.arange(size)
    if size > MAX_CLASSES:
        rows = np.bincount(p.true_codes, minlength=size)
        kept = np.sort(np.argsort(-rows, kind="stable")[: MAX_CLASSES - 1])
        place = np.full(size, MAX_CLASSES - 1)
        place[kept] = np.arange(len(kept))
        names = [names[i] for i in kept] + ["(other)"]
    size = len(names)
    cells = np.bincount(place[p.true_codes] * size + place[p.predicted_codes], minlength=size**2)
    return Confusion(names, cells.reshape(size, size).tolist())


def residuals(p: Prediction) -> Residuals:
    """The errors' histogram, and their mean in 20 bins of equally many predictions.

    The histogram's bins are of equal width between the 0.5 % and the 99.5 % quantile; the first
    and the last reach to the extremes, so that one outlier does not flatten it.

    Args:
        p: a regression.
    """
    import numpy as np

    predicted = p.predicted.astype(np.float64)
    errors = predicted - p.truth.astype(np.float64)
    order = np.argsort(predicted, kind="stable")
    parts = [part for part in np.array_split(order, PREDICTED_BINS) if len(part)]
    return Residuals(
        _histogram(errors),
        _list([predicted[part].mean() for part in parts]),
        _list([errors[part].mean() for part in parts]),
        [len(part) for part in parts],
    )


def _histogram(values: Any) -> Histogram:
    import numpy as np

    low, high = np.quantile(values, [0.005, 0.995])
    if low == high:
        low, high = values.min(), values.max()
    edges = np.linspace(low, high, RESIDUAL_BINS + 1) if low < high else np.array([low, low + 1])
    edges[0], edges[-1] = min(edges[0], values.min()), max(edges[-1], values.max())
    edges = np.array(_list(edges))
    # Rounded edges can cut off an extreme value by its seventh digit: it counts in the end bin.
    inner = np.clip(values, edges[0], edges[-1])
    return Histogram(edges.tolist(), np.histogram(inner, edges)[0].tolist())


def _list(values: Any) -> list[float]:
    return [rounded(value) for value in values]

"""The measures themselves: from a label's prediction to a number.

Definitions are scikit-learn's; where it would warn and return a number for what is not defined
(the precision of a model that predicts no positive), `UndefinedError` is raised: a 0 that means
"no answer" misleads in a table of slices. Averages over classes follow its `zero_division=0`.
They are counted here rather than called there, because slices need them hundreds of times.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from zenlab.steps.predictions import Prediction


class UndefinedError(Exception):
    """A metric has no value for these rows; the message is the reason."""


def scores_of(prediction: Prediction) -> Any:
    """The scores of a prediction; `UndefinedError` if the model gives none.

    Args:
        prediction: of a classifier.
    """
    if prediction.scores is None:
        raise UndefinedError("the model gives no scores")
    return prediction.scores


def _probabilities(prediction: Prediction) -> Any:
    if not prediction.probabilities:
        raise UndefinedError("the model gives no probabilities")
    return prediction.scores


# Classification


def _counts(p: Prediction) -> tuple[int, int, int, int]:
    """tp, fp, fn, tn of the positive class."""
    last = len(p.classes) - 1
    true, guess = p.true_codes == last, p.predicted_codes == last
    tp = int((true & guess).sum())
    fp, fn = int(guess.sum()) - tp, int(true.sum()) - tp
    return tp, fp, fn, len(p) - tp - fp - fn


def _divide(part: float, whole: float, reason: str) -> float:
    if not whole:
        raise UndefinedError(reason)
    return part / whole


def _accuracy(p: Prediction) -> float:
    return float((p.true_codes == p.predicted_codes).mean())


def _precision(p: Prediction) -> float:
    tp, fp, _, _ = _counts(p)
    return _divide(tp, tp + fp, "no row is predicted to be positive")


def _recall(p: Prediction) -> float:
    tp, _, fn, _ = _counts(p)
    return _divide(tp, tp + fn, "no row is positive")


def _f1(p: Prediction) -> float:
    tp, fp, fn, _ = _counts(p)
    return _divide(2 * tp, 2 * tp + fp + fn, "no row is positive, or predicted to be")


def _specificity(p: Prediction) -> float:
    _, fp, _, tn = _counts(p)
    return _divide(tn, tn + fp, "no row is negative")


def _per_class(p: Prediction) -> tuple[Any, Any, Any]:
    """True positives, predicted and true rows of each class that occurs in either."""
    import numpy as np

    size = len(p.classes)
    hits = np.bincount(p.true_codes[p.true_codes == p.predicted_codes], minlength=size)
    predicted = np.bincount(p.predicted_codes, minlength=size)
    true = np.bincount(p.true_codes, minlength=size)
    occurs = (predicted + true) > 0
    return hits[occurs], predicted[occurs], true[occurs]


def _balanced_accuracy(p: Prediction) -> float:
    hits, _, true = _per_class(p)
    if (true > 0).sum() < 2:
        raise UndefinedError("there is one class only")
    return float((hits[true > 0] / true[true > 0]).mean())


def _averaged(what: str, weighted: bool) -> Callable[[Prediction], float]:
    def compute(p: Prediction) -> float:
        import numpy as np

        hits, predicted, true = _per_class(p)
        if what == "precision":
            part, whole = hits, predicted
        elif what == "recall":
            part, whole = hits, true
        else:
            part, whole = 2 * hits, predicted + true
        values = np.divide(part, whole, out=np.zeros(len(hits)), where=whole > 0)
        return float(np.average(values, weights=true if weighted else None))

    return compute


def _mcc(p: Prediction) -> float:
    """Gorodkin's R_K, 2004; Matthews' coefficient for two classes. 0 for a constant guess."""
    hits, predicted, true = (x.astype(float) for x in _per_class(p))
    n = float(len(p))
    covariance = hits.sum() * n - (predicted * true).sum()
    spread = (n * n - (predicted**2).sum()) * (n * n - (true**2).sum())
    return float(covariance / math.sqrt(spread)) if spread > 0 else 0.0


def _one_vs_rest(p: Prediction, one: Callable[[Any, Any], float]) -> float:
    """The mean over the classes that are there, each against all others."""
    scores = scores_of(p)
    if len(p.classes) == 2:
        return one(p.true_codes == 1, scores)
    values = []
    for i in range(len(p.classes)):
        rows = p.true_codes == i
        if 0 < rows.sum() < len(p):
            values.append(one(rows, scores[:, i]))
    return sum(values) / len(values)


def _both_classes(p: Prediction) -> None:
    if len(set(p.true_codes.tolist())) < 2:
        raise UndefinedError("there is one class only")


def _roc_auc(p: Prediction) -> float:
    from sklearn.metrics import roc_auc_score

    scores_of(p)
    _both_classes(p)
    return float(_one_vs_rest(p, roc_auc_score))


def _average_precision(p: Prediction) -> float:
    from sklearn.metrics import average_precision_score

    scores_of(p)
    _both_classes(p)
    return float(_one_vs_rest(p, average_precision_score))


def _log_loss(p: Prediction) -> float:
    import numpy as np

    given = _probabilities(p)
    if given.ndim == 1:
        own = np.where(p.true_codes == len(p.classes) - 1, given, 1 - given)
    else:
        own = given[np.arange(len(p)), p.true_codes]
    eps = np.finfo(np.float64).eps
    return float(-np.log(np.clip(own, eps, 1 - eps)).mean())


def _brier(p: Prediction) -> float:
    import numpy as np

    given = _probabilities(p)
    if given.ndim == 1:
        return float(((given - (p.true_codes == len(p.classes) - 1)) ** 2).mean())
    return float(((given - np.eye(len(p.classes))[p.true_codes]) ** 2).sum(axis=1).mean())


# Regression


def _errors(p: Prediction) -> Any:
    return p.predicted.astype("float64") - p.truth.astype("float64")


def _mse(p: Prediction) -> float:
    return float((_errors(p) ** 2).mean())


def _mae(p: Prediction) -> float:
    return float(abs(_errors(p)).mean())


def _median_absolute_error(p: Prediction) -> float:
    import numpy as np

    return float(np.median(abs(_errors(p))))


def _r2(p: Prediction) -> float:
    truth = p.truth.astype("float64")
    spread = float(((truth - truth.mean()) ** 2).sum())
    return 1 - _divide(float((_errors(p) ** 2).sum()), spread, "all true values are equal")


def _mape(p: Prediction) -> float:
    truth = abs(p.truth.astype("float64"))
    if not truth.all():
        raise UndefinedError("a true value is 0")
    return float((abs(_errors(p)) / truth).mean())


_CLASSIFICATION: dict[str, Callable[[Prediction], float]] = {
    "roc_auc": _roc_auc,
    "average_precision": _average_precision,
    "log_loss": _log_loss,
    "brier": _brier,
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "mcc": _mcc,
    **{
        f"{what}_{how}": _averaged(what, how == "weighted")
        for what in ("precision", "recall", "f1")
        for how in ("macro", "weighted")
    },
}

MEASURES: dict[str, dict[str, Callable[[Prediction], float]]] = {
    "binary": {
        **_CLASSIFICATION,
        "precision": _precision,
        "recall": _recall,
        "f1": _f1,
        "specificity": _specificity,
    },
    "multiclass": {
        **_CLASSIFICATION,
        # Of several classes none is the positive one: the plain names are the macro averages.
        "precision": _CLASSIFICATION["precision_macro"],
        "recall": _CLASSIFICATION["recall_macro"],
        "f1": _CLASSIFICATION["f1_macro"],
    },
    "regression": {
        "mae": _mae,
        "rmse": lambda p: math.sqrt(_mse(p)),
        "mse": _mse,
        "r2": _r2,
        "mape": _mape,
        "median_absolute_error": _median_absolute_error,
        "max_error": lambda p: float(abs(_errors(p)).max()),
        "mean_error": lambda p: float(_errors(p).mean()),
    },
}
"""Task -> name -> measure."""

_ERRORS = ("log_loss", "brier", "mae", "rmse", "mse", "mape", "median_absolute_error", "max_error")

BETTER: dict[str, Literal["higher", "lower", "zero"]] = {
    **{name: "higher" for table in MEASURES.values() for name in table},
    **dict.fromkeys(_ERRORS, "lower"),
    "mean_error": "zero",
}
"""Name -> which value is the best: the highest, the lowest, the one nearest to zero."""

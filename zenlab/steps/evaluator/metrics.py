"""Which metrics are asked for: names, scikit-learn's names, and users' functions."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from zenlab.core.errors import ParameterError, suggest
from zenlab.steps.evaluator.measures import BETTER, MEASURES, scores_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from zenlab.steps.predictions import Prediction


class Metric(NamedTuple):
    """A metric as it is computed: what it is called, and its value for a prediction."""

    name: str
    compute: Callable[[Prediction], float]


def resolve(asked: Iterable[Any] | None, prediction: Prediction, where: str) -> list[Metric]:
    """The metrics to compute for a label.

    Args:
        asked: names and functions, or None for the defaults of the task.
        prediction: a label's prediction, which has the task.
        where: the step, for messages.

    Returns:
        The metrics that the task has, in the order in which they were asked for.
    """
    available = MEASURES[prediction.task]
    if asked is None:
        names = [n for n in _DEFAULTS[prediction.task] if _can(n, prediction)]
        return [Metric(name, available[name]) for name in names]
    found = []
    for one in asked:
        if callable(one):
            found.append(Metric(metric_name(one), _of_function(one, where)))
        elif metric_name(one) in available:
            found.append(Metric(metric_name(one), available[metric_name(one)]))
    return found


def check(asked: Iterable[Any], where: str) -> None:
    """Refuse names that are known for no task, and functions that cannot be called.

    Args:
        asked: names and functions.
        where: the step, for messages.
    """
    seen: set[str] = set()
    known = all_names()
    for one in asked:
        if isinstance(one, str):
            if one not in known:
                raise ParameterError(
                    f"There is no metric '{one}'.", where=where, hint=suggest(one, known)
                )
        elif callable(one) and not isinstance(one, type):
            _arguments(one, where)
        else:
            raise ParameterError(
                f"{one!r} is neither the name of a metric nor a function.",
                where=where,
                hint="A function is f(y_true, y_pred) -> number.",
            )
        name = metric_name(one)
        if name in seen:
            raise ParameterError(f"The metric '{name}' comes twice.", where=where)
        seen.add(name)


def all_names() -> set[str]:
    """The names of all metrics that zenlab brings, those of scikit-learn among them."""
    return {name for table in MEASURES.values() for name in table} | set(_ALIASES)


def check_task(asked: Iterable[Any], predictions: Iterable[Prediction], where: str) -> None:
    """Refuse a name that none of the labels has a use for, such as rmse of a classifier.

    Args:
        asked: names and functions.
        predictions: one a label.
        where: the step, for messages.
    """
    tasks = {prediction.task for prediction in predictions}
    available = {name for task in tasks for name in MEASURES[task]}
    for one in asked:
        if not callable(one) and metric_name(one) not in available:
            raise ParameterError(
                f"'{one}' is no metric for a {' or '.join(sorted(tasks))} label.",
                where=where,
                hint="There are: " + ", ".join(sorted(available)) + ".",
            )


def metric_name(metric: Any) -> str:
    """What a metric is called in results: scikit-learn's long names become the short ones.

    Args:
        metric: a name or a function.

    Example:
        >>> metric_name("mean_absolute_error")
        'mae'
    """
    if isinstance(metric, str):
        return _ALIASES.get(metric, metric)
    return str(getattr(metric, "__name__", type(metric).__name__))


def better(name: str) -> Literal["higher", "lower", "zero", ""]:
    """Which value of a metric is the best; empty for one that nobody knows.

    A user's own is known by scikit-learn's convention for names: what ends with `_score` is to be
    maximised, what ends with `_error`, `_loss` or `_deviance` to be minimised
    (https://scikit-learn.org/stable/modules/model_evaluation.html).

    Args:
        name: as it was logged; what stands before a dot or a slash does not count.

    Example:
        >>> better("log_loss"), better("cost_score"), better("trainer.loss"), better("bias")
        ('lower', 'higher', 'lower', '')
    """
    last = name.replace("/", ".").rpartition(".")[2]
    known = BETTER.get(metric_name(last))
    if known is not None:
        return known
    if last.endswith("_score"):
        return "higher"
    if last.rpartition("_")[2] in ("error", "loss", "deviance"):
        return "lower"
    return ""


def rounded(value: float) -> float:
    """Six significant digits: what differs beyond them is rounding, of another BLAS or thread.

    Args:
        value: any number.

    Example:
        >>> rounded(0.12345678)
        0.123457
    """
    return float(f"{value:.6g}")


def _of_function(function: Callable[..., Any], where: str) -> Callable[[Prediction], float]:
    wants_scores = _arguments(function, where)
    name = metric_name(function)

    def compute(prediction: Prediction) -> float:
        second = scores_of(prediction) if wants_scores else prediction.predicted
        value = function(prediction.truth, second)
        if isinstance(value, bool) or not hasattr(value, "__float__"):
            raise ParameterError(
                f"The metric '{name}' returned {value!r}, not a number.", where=where
            )
        return float(value)

    return compute


def _arguments(function: Callable[..., Any], where: str) -> bool:
    """Whether a metric function asks for scores, by the name of its second parameter."""
    names = [
        p.name
        for p in inspect.signature(function).parameters.values()
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    if len(names) < 2:
        raise ParameterError(
            f"The metric '{metric_name(function)}' takes {len(names)} arguments.",
            where=where,
            hint="Write it as f(y_true, y_pred), or f(y_true, y_score) for scores.",
        )
    return takes_scores(names[1])


def takes_scores(parameter: str) -> bool:
    """Whether a metric function whose second parameter is called so is given scores.

    Example:
        >>> takes_scores("y_prob"), takes_scores("y_pred")
        (True, False)
    """
    return parameter.startswith(("y_score", "y_prob", "score", "prob"))


def _can(name: str, prediction: Prediction) -> bool:
    if name in ("log_loss", "brier"):
        return prediction.probabilities
    if name in ("roc_auc", "average_precision"):
        return prediction.scores is not None
    return True


_DEFAULTS = {
    "binary": (
        *("roc_auc", "average_precision", "log_loss", "brier", "accuracy"),
        *("balanced_accuracy", "precision", "recall", "f1", "mcc"),
    ),
    "multiclass": (
        *("accuracy", "balanced_accuracy", "precision_macro", "recall_macro", "f1_macro"),
        *("f1_weighted", "mcc", "roc_auc", "log_loss"),
    ),
    "regression": ("mae", "rmse", "r2", "mape", "median_absolute_error", "max_error"),
}

_ALIASES = {
    "roc_auc_score": "roc_auc",
    "average_precision_score": "average_precision",
    "brier_score": "brier",
    "brier_score_loss": "brier",
    "accuracy_score": "accuracy",
    "balanced_accuracy_score": "balanced_accuracy",
    "precision_score": "precision",
    "recall_score": "recall",
    "f1_score": "f1",
    "matthews_corrcoef": "mcc",
    "mean_absolute_error": "mae",
    "mean_squared_error": "mse",
    "root_mean_squared_error": "rmse",
    "r2_score": "r2",
    "mean_absolute_percentage_error": "mape",
}
"""scikit-learn's names -> ours."""

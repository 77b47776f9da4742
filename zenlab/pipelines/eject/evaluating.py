"""The metrics of zenlab's `Evaluator` as calls of scikit-learn, with what was recorded of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.pipelines.eject.user_code import Unwritable
from zenlab.steps.evaluator.metrics import takes_scores
from zenlab.views.strings import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zenlab.core.evaluation import Evaluation, LabelEvaluation
    from zenlab.pipelines.eject.user_code import UserCode

_BINARY = {
    "roc_auc": "metrics.roc_auc_score(positive, score)",
    "average_precision": "metrics.average_precision_score(positive, score)",
    "log_loss": "metrics.log_loss(positive, score)",
    "brier": "np.mean((score - positive) ** 2)",
    "precision": "metrics.precision_score(positive, guessed)",
    "recall": "metrics.recall_score(positive, guessed)",
    "f1": "metrics.f1_score(positive, guessed)",
    "specificity": "metrics.recall_score(~positive, ~guessed)",
}
_EACH = (
    "np.mean([metrics.{name}_score(truth == c, score[:, i]) for i, c in enumerate(model.classes_) "
    "if 0 < (truth == c).sum() < len(truth)])"
)
_CODES = "pd.Index(model.classes_).get_indexer(truth)"
_MULTICLASS = {
    "roc_auc": _EACH.format(name="roc_auc"),
    "average_precision": _EACH.format(name="average_precision"),
    "log_loss": f"-np.mean(np.log(np.clip(score[np.arange(len(truth)), {_CODES}], "
    "np.finfo(float).eps, 1)))",
    "brier": f"np.mean(((score - np.eye(len(model.classes_))[{_CODES}]) ** 2).sum(axis=1))",
    **{
        name: f"metrics.{name}_score(truth, predicted, average='macro', zero_division=0)"
        for name in ("precision", "recall", "f1")
    },
}
_CLASSES = {
    "accuracy": "metrics.accuracy_score(truth, predicted)",
    "balanced_accuracy": "metrics.balanced_accuracy_score(truth, predicted)",
    "mcc": "metrics.matthews_corrcoef(truth, predicted)",
    **{
        f"{name}_{how}": f"metrics.{name}_score(truth, predicted, average='{how}', zero_division=0)"
        for name in ("precision", "recall", "f1")
        for how in ("macro", "weighted")
    },
}
_REGRESSION = {
    "mae": "metrics.mean_absolute_error(truth, predicted)",
    "mse": "metrics.mean_squared_error(truth, predicted)",
    "rmse": "metrics.mean_squared_error(truth, predicted) ** 0.5",
    "r2": "metrics.r2_score(truth, predicted)",
    "mape": "metrics.mean_absolute_percentage_error(truth, predicted)",
    "median_absolute_error": "metrics.median_absolute_error(truth, predicted)",
    "max_error": "metrics.max_error(truth, predicted)",
    "mean_error": "np.mean(predicted - truth)",
}
TASKS = {
    "binary": {**_CLASSES, **_BINARY},
    "multiclass": {**_CLASSES, **_MULTICLASS},
    "regression": _REGRESSION,
}
"""Task -> name -> expression of `truth`, `predicted`, `positive`, `guessed`, `score`, `model`."""

_SCORES = ("roc_auc", "average_precision", "log_loss", "brier")


def evaluator_lines(
    evaluation: Evaluation, functions: dict[str, str], code: UserCode, notes: list[str]
) -> Iterator[str]:
    """The lines that print the metrics of a model beside what was recorded.

    Args:
        evaluation: what was recorded.
        functions: name of the metric -> the user's function, as the script calls it.
        code: of the script.
        notes: takes what is left out.

    Raises:
        Unwritable: several labels.
    """
    if len({result.label for result in evaluation.results}) > 1:
        raise Unwritable("it judges several labels")
    for result in evaluation.results:
        yield from _of_split(result, functions, code, notes)
    if any(result.slices for result in evaluation.results):
        notes.append("The metrics of slices are left out.")


def _of_split(
    result: LabelEvaluation, functions: dict[str, str], code: UserCode, notes: list[str]
) -> Iterator[str]:
    yield f"rows = examples[{result.split!r}]"
    yield "X = rows.filter(regex='_xf$')"
    yield f"truth, predicted = rows[{result.label + '_xl'!r}].to_numpy(), model.predict(X)"
    asked = [name for name in result.metrics if result.metrics[name] is not None]
    binary = result.task == "binary"
    if binary:
        yield "positive, guessed = truth == model.classes_[-1], predicted == model.classes_[-1]"
    wants = {name: _takes_scores(functions[name], code) for name in asked if name in functions}
    scored = [n for n in asked if wants.get(n, n in _SCORES)]
    if scored and result.task != "regression":
        yield "score = getattr(model, 'predict_proba', None) or model.decision_function"
        last = "score(X)[:, -1] if hasattr(model, 'predict_proba') else score(X)"
        yield f"score = {last if binary else 'score(X)'}"
    for name in asked:
        expression = TASKS[result.task].get(name)
        if name in functions:
            second = "score" if wants[name] else "predicted"
            expression = f"{functions[name]}(truth, {second})"
        if expression is None:
            notes.append(f"The metric '{name}' is left out.")
            continue
        yield f"# recorded on {visible(result.split)}: {result.metrics[name]!r}"
        yield f"print({f'{result.split} {name}'!r}, float({expression}))"


def _takes_scores(function: str, code: UserCode) -> bool:
    """Whether a metric of the user's is given scores, as zenlab's `Evaluator` decides it."""
    names = code.arguments(function)
    if len(names) < 2:
        raise Unwritable(f"the metric '{function}' is no function of two arguments")
    return takes_scores(names[1])

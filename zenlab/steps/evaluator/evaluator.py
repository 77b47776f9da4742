"""`Evaluator`: metrics, slices and curves of any model, as bounded aggregates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.core.errors import ParameterError, ZenlabError, suggest
from zenlab.core.evaluation import Evaluation, LabelEvaluation, Slice
from zenlab.steps.base import TRAIN
from zenlab.steps.evaluator import curves, metrics, slices
from zenlab.steps.evaluator.base_evaluator import BaseEvaluatorStep
from zenlab.steps.evaluator.gate import check_bounds
from zenlab.steps.evaluator.measures import UndefinedError
from zenlab.steps.predictions import predict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from zenlab.core.dataset import Dataset
    from zenlab.steps.predictions import Prediction


class Evaluator(BaseEvaluatorStep):
    """Judge a classifier or a regressor, overall and by slice.

    Metrics, with scikit-learn's definitions (its own names are known, too):

    - classification: `roc_auc, average_precision, log_loss, brier, accuracy, balanced_accuracy,
      precision, recall, f1, specificity, mcc`, and `precision_macro, precision_weighted, ...`.
      The positive class is the second of the model's `classes_`. Of more than two classes,
      `precision`, `recall` and `f1` are the macro averages, `roc_auc` and `average_precision`
      the mean of each class against the others.
    - regression: `mae, rmse, mse, r2, mape, median_absolute_error, max_error, mean_error`.
    - a function `f(y_true, y_pred) -> number`; it gets scores (the probability of the positive
      class, or a matrix for several classes) if its second parameter is called `y_score` or
      `y_prob`. Its name is the metric's.

    A metric that is not defined for some rows (one class only) is None, and a note says why.
    Values are rounded to six significant digits.

    Args:
        metrics: names and functions; by default those that suit the task.
        slices: lists of raw columns: `[["carrier"], ["origin", "month"]]`. Numbers with more
            than 50 values are cut at their quartiles; slices of fewer than 10 rows are left out.
        splits: what to evaluate; by default `eval` if there is one, else all but `train`, else
            `train`, with a note.
        min_metric: a gate: the least value by metric, on the first of the splits. A run whose
            model is below it fails, and keeps all that it has computed.
        max_metric: likewise the greatest, for metrics that are better when they are lower.

    Example:
        >>> Evaluator(metrics=["roc_auc", "log_los"])
        Traceback (most recent call last):
        zenlab.core.errors.ParameterError: There is no metric 'log_los'.
          where: Evaluator
          next:  Did you mean 'log_loss'?
    """

    code_version: ClassVar[int | None] = 1
    packages: ClassVar[tuple[str, ...]] = ("scikit-learn",)

    def __init__(
        self,
        metrics: Sequence[str | Callable[..., Any]] | None = None,
        slices: Sequence[Sequence[str]] | None = None,
        splits: Sequence[str] | None = None,
        min_metric: Mapping[str, float] | None = None,
        max_metric: Mapping[str, float] | None = None,
    ) -> None:
        if isinstance(metrics, dict):
            raise ParameterError(
                "Evaluator takes a list of metrics; 0.3's dict by label is not needed.",
                where="Evaluator.metrics",
                hint='Such as metrics=["roc_auc", "log_loss"]: each label gets those that suit it.',
            )
        if isinstance(metrics, str) or isinstance(splits, str):
            name, value = ("metrics", metrics) if isinstance(metrics, str) else ("splits", splits)
            raise ParameterError(
                f"{name}={value!r} is a string, not a list.",
                where="Evaluator",
                hint=f"Write {name}=[{value!r}].",
            )
        self.metrics = None if metrics is None else list(metrics)
        if self.metrics is not None:
            _check_metrics(self.metrics)
        self.slices = _check_slices(slices)
        self.splits = None if splits is None else list(splits)
        self.min_metric, self.max_metric = check_bounds(
            min_metric, max_metric, self.metrics, "Evaluator"
        )
        if (self.min_metric or self.max_metric) and type(self) is not Evaluator:
            # The engine knows the gates of zenlab's own steps, which are in no key.
            raise ParameterError(
                f"{type(self).__name__} is a step of your own: its gates would not be seen.",
                where=type(self).__name__,
                hint="Raise an error in its evaluate() instead.",
            )

    def evaluate(
        self, model: Any, examples: Mapping[str, Dataset], raw: Mapping[str, Dataset]
    ) -> Evaluation:
        """Judge the model.

        Args:
            model: with `predict`, and `predict_proba` or `decision_function` for scores.
            examples: the transformed splits by name.
            raw: the same rows before the preprocesser, for the slices.

        Returns:
            One entry a split and label.
        """
        chosen, notes = self._chosen(list(examples))
        slicers = self._slicers(
            {split: raw.get(split, examples[split]) for split in chosen}, examples
        )
        results: list[LabelEvaluation] = []
        for i, split in enumerate(chosen):
            self.context.progress(i, len(chosen), split)
            predictions = predict(model, examples[split], where=self.title)
            if self.metrics is not None:
                metrics.check_task(self.metrics, predictions, self.title)
            for prediction in predictions:
                found = self._judge(prediction, split, slicers, notes)
                results.append(found)
                prefix = "" if split == chosen[0] else f"{split}/"
                prefix += f"{prediction.label}/" if len(predictions) > 1 else ""
                for name, value in found.metrics.items():
                    if value is not None:
                        self.context.log_metric(prefix + name, value)
        return Evaluation(results)

    def _judge(
        self, p: Prediction, split: str, slicers: list[slices.Slicer], notes: list[str]
    ) -> LabelEvaluation:
        wanted = metrics.resolve(self.metrics, p, self.title)
        overall, reasons = self._values(wanted, p)
        found: list[Slice] = []
        omitted = 0
        for slicer in slicers:
            groups, left_out = slicer.groups(split)
            omitted += left_out
            for group in groups:
                values, _ = self._values(wanted, p.take(group.rows), in_slice=True)
                found.append(Slice(slicer.columns, group.values, len(group.rows), values))
        classes = p.task != "regression"
        return LabelEvaluation(
            label=p.label,
            task=p.task,
            split=split,
            rows=len(p),
            metrics=overall,
            slices=found,
            omitted_slices=omitted,
            curves=curves.curves(p) if classes else [],
            thresholds=curves.thresholds(p) if classes else None,
            confusion=curves.confusion(p) if classes else None,
            residuals=None if classes else curves.residuals(p),
            notes=[*notes, *p.notes, *reasons],
            order=list(overall),
        )

    def _values(
        self, wanted: list[metrics.Metric], p: Prediction, *, in_slice: bool = False
    ) -> tuple[dict[str, float | None], list[str]]:
        """The value of each metric, and why some have none."""
        values: dict[str, float | None] = {}
        reasons: list[str] = []
        for name, compute in wanted:
            values[name] = None
            try:
                value = compute(p)
            except UndefinedError as reason:
                reasons.append(f"{name} is not defined: {reason}.")
                continue
            except ZenlabError:
                raise
            except Exception as error:
                if in_slice:  # a user's metric may need both classes, as scikit-learn's do
                    continue
                raise ParameterError(
                    f"The metric '{name}' failed: {type(error).__name__}: {error}",
                    where=self.title,
                    hint="A function gets (y_true, y_pred), or scores if its second parameter is "
                    "called y_score.",
                ) from error
            if math.isfinite(value):
                values[name] = metrics.rounded(value)
            else:
                reasons.append(f"{name} is not a finite number.")
        return values, reasons

    def _chosen(self, names: list[str]) -> tuple[list[str], list[str]]:
        """The splits to evaluate, and a note if it is the one of the training."""
        if self.splits is not None:
            for split in self.splits:
                if split not in names:
                    raise ParameterError(
                        f"There is no split '{split}' to evaluate.",
                        where=self.title,
                        hint=suggest(split, names),
                    )
            return self.splits, []
        if "eval" in names:
            return ["eval"], []
        held_back = [name for name in names if name != TRAIN]
        if held_back:
            return held_back, []
        return [TRAIN], [
            "These are the rows that the model was trained on: there is no other split."
        ]

    def _slicers(
        self, raw: Mapping[str, Dataset], examples: Mapping[str, Dataset]
    ) -> list[slices.Slicer]:
        for split, data in raw.items():
            if self.slices and len(data) != len(examples[split]):
                raise ParameterError(
                    f"The split '{split}' has {len(data):,} rows before the preprocesser and "
                    f"{len(examples[split]):,} after it, so they cannot be sliced.",
                    where=self.title,
                    hint="Let the preprocesser keep each row in its place.",
                )
        return [slices.Slicer(columns, raw, self.title) for columns in self.slices]


# In __init__, `metrics` and `slices` are the user's arguments and hide the modules.
def _check_metrics(asked: list[Any]) -> None:
    metrics.check(asked, "Evaluator")


def _check_slices(asked: Sequence[Any] | None) -> list[list[str]]:
    return slices.check(asked, "Evaluator")

"""`predict`: a model's predictions for a split, one `Prediction` a label."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from zenlab.core.dataset import DEFAULT_BATCH_ROWS
from zenlab.core.errors import ParameterError
from zenlab.steps.examples import feature_columns, label_columns, label_values
from zenlab.steps.naming import label_of

if TYPE_CHECKING:
    from zenlab.core.dataset import Dataset

Task = Literal["binary", "multiclass", "regression"]


@dataclass(frozen=True)
class Prediction:
    """What a model says about one label of some rows, beside the truth.

    Attributes:
        label: the label's name.
        task: binary, multiclass or regression.
        truth: the labels, shape (rows,).
        predicted: the predicted labels or numbers, shape (rows,).
        classes: the classes in the order of the codes; the last of two is the positive one.
            Empty for a regression.
        true_codes: the index of each label in `classes`, shape (rows,).
        predicted_codes: the index of each predicted label in `classes`, shape (rows,).
        scores: binary: of the positive class, shape (rows,); multiclass: (rows, classes); None
            if the model has neither predict_proba nor decision_function.
        probabilities: whether the scores are probabilities.
        notes: what a reader should know.
    """

    label: str
    task: Task
    truth: Any
    predicted: Any
    classes: tuple[Any, ...] = ()
    true_codes: Any = None
    predicted_codes: Any = None
    scores: Any = None
    probabilities: bool = False
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.truth)

    def take(self, rows: Any) -> Prediction:
        """The same for some of the rows.

        Args:
            rows: their indices, shape (n,).
        """
        changes: dict[str, Any] = {"truth": self.truth[rows], "predicted": self.predicted[rows]}
        if self.classes:
            changes["true_codes"] = self.true_codes[rows]
            changes["predicted_codes"] = self.predicted_codes[rows]
        if self.scores is not None:
            changes["scores"] = self.scores[rows]
        return replace(self, **changes)


def predict(
    model: Any, examples: Dataset, *, batch_rows: int = DEFAULT_BATCH_ROWS, where: str = "predict"
) -> list[Prediction]:
    """Predict a split in batches.

    Args:
        model: with `predict(X)`; for scores also `predict_proba(X)` or `decision_function(X)`.
        examples: a transformed split, with its labels.
        batch_rows: the most rows that the model gets at once.
        where: the step, for messages.

    Returns:
        One `Prediction` a label, in the order of the columns.

    Raises:
        ParameterError: the model's answer has another shape than the labels.
    """
    import numpy as np

    columns = feature_columns(examples.column_names, where)
    labels = [label_of(name) for name in label_columns(examples.column_names, where)]
    scorer = next(
        (n for n in ("predict_proba", "decision_function") if callable(getattr(model, n, None))),
        None,
    )
    predicted: list[Any] = []
    scores: list[list[Any]] = [[] for _ in labels]
    for batch in examples.batches(batch_rows, columns):
        features = batch.to_pandas()
        predicted.append(_two_dimensional(model.predict(features), len(features), labels, where))
        if scorer is not None:
            found = getattr(model, scorer)(features)
            for of_label, part in zip(scores, _by_label(found, len(labels)), strict=True):
                of_label.append(np.asarray(part))
    joined = np.concatenate(predicted)
    truth = label_values(examples, where).reshape(-1, len(labels))
    made = []
    for i, label in enumerate(labels):
        score = np.concatenate(scores[i]) if scorer is not None else None
        # Several labels make one array of objects: each column gets its own type back.
        own, answer = _own_type(truth[:, i]), _own_type(joined[:, i])
        if _is_regression(model, own):
            made.append(Prediction(label, "regression", own, answer))
        else:
            classes = _classes_of(model, i, len(labels))
            proba = scorer == "predict_proba"
            made.append(_classified(label, own, answer, classes, score, proba=proba))
    return made


def _classified(
    label: str, truth: Any, predicted: Any, classes: list[Any] | None, scores: Any, *, proba: bool
) -> Prediction:
    import numpy as np
    import pandas as pd

    seen = pd.unique(np.concatenate([truth.astype(object), predicted.astype(object)])).tolist()
    known = classes if classes is not None else sorted(seen)
    unseen = sorted(set(seen) - set(known), key=str)
    notes = []
    if unseen:
        rows = int(np.isin(truth.astype(object), np.array(unseen, dtype=object)).sum())
        notes.append(f"{rows:,} rows have a class that the split 'train' does not have.")
    index = pd.Index([*known, *unseen], dtype=object)
    task: Task = "binary" if len(index) <= 2 else "multiclass"
    if scores is not None:
        scores = scores.astype(np.float64)
        if scores.ndim == 1 and task == "multiclass":
            scores = np.column_stack([-scores, scores])
        if scores.ndim == 2 and unseen:
            scores = np.hstack([scores, np.zeros((len(scores), len(unseen)))])
        if scores.ndim == 2 and task == "binary":
            scores = scores[:, -1]
    return Prediction(
        label,
        task,
        truth,
        predicted,
        tuple(index),
        index.get_indexer(truth.astype(object)),
        index.get_indexer(predicted.astype(object)),
        scores,
        proba and scores is not None,
        tuple(notes),
    )


def _is_regression(model: Any, truth: Any) -> bool:
    """By the estimator, if it says so; else by what the model can do and what the label is."""
    if hasattr(model, "get_params"):
        from sklearn.base import is_classifier, is_regressor

        if is_classifier(model):
            return False
        if is_regressor(model):
            return True
    if hasattr(model, "classes_") or hasattr(model, "predict_proba"):
        return False
    return truth.dtype.kind in "iuf"


def _classes_of(model: Any, position: int, labels: int) -> list[Any] | None:
    import numpy as np

    classes = getattr(model, "classes_", None)
    if classes is None:
        return None
    if labels > 1 and isinstance(classes, (list, tuple)):
        classes = classes[position]
    elif labels > 1:  # of a multi-label model: each label is 0 or 1
        return None
    return [c.item() if isinstance(c, np.generic) else c for c in classes]


def _by_label(scores: Any, labels: int) -> list[Any]:
    """The scores of each label: scikit-learn gives a list, or a column each."""
    if isinstance(scores, list):
        return scores
    if labels == 1:
        return [scores]
    return [scores[:, i] for i in range(labels)]


def _two_dimensional(predicted: Any, rows: int, labels: list[str], where: str) -> Any:
    import numpy as np

    array = np.asarray(predicted)
    if array.shape == (rows,) and len(labels) == 1:
        return array.reshape(-1, 1)
    if array.shape != (rows, len(labels)):
        raise ParameterError(
            f"{where}: the model's predict() gave shape {array.shape} for {rows:,} rows and "
            f"{len(labels)} labels ({', '.join(labels)}).",
            where=where,
            hint="Return one value a row and label.",
        )
    return array


def _own_type(values: Any) -> Any:
    import numpy as np

    if values.dtype != object:
        return values
    plain = np.asarray(values.tolist())
    return plain if plain.dtype.kind in "biuf" else values

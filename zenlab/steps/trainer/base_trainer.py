"""`BaseTrainerStep`: fit a model on the split `train`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.core.errors import ParameterError
from zenlab.steps.base import RunnableStep, train_split
from zenlab.steps.examples import feature_matrix, label_names, label_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from zenlab.core.dataset import Dataset


class BaseTrainerStep(RunnableStep):
    """Override `fit`.

    A model is anything with `predict(X)`, where X is a DataFrame of the features' columns; for
    probabilities also `predict_proba(X)`, shape (rows, classes), and `classes_`. Models of
    scikit-learn are stored as they are; others bring `save(path)` and a classmethod `load(path)`.

    Example:
        >>> class Nearest(BaseTrainerStep):
        ...     def __init__(self, neighbors: int = 5):
        ...         self.neighbors = neighbors
        ...
        ...     def fit(self, train, eval):
        ...         model = KNeighborsClassifier(self.neighbors)
        ...         return model.fit(self.features(train), self.labels(train))
    """

    KIND: ClassVar[str] = "trainer"

    def fit(self, train: Dataset, eval: Dataset | None) -> Any:  # noqa: A002 - the split's name
        """Fit a model; to be overridden.

        Args:
            train: the transformed split `train`.
            eval: the transformed split `eval`, for early stopping, or None if there is none.

        Returns:
            The fitted model.
        """
        raise NotImplementedError(f"{type(self).__name__} overrides no fit(train, eval)")

    def features(self, examples: Dataset) -> pd.DataFrame:
        """X of a split: its columns `<feature>_xf`, shape (rows, features).

        Args:
            examples: a transformed split.
        """
        return feature_matrix(examples, self.title)

    def labels(self, examples: Dataset) -> Any:
        """Y of a split: a numpy array of shape (rows,), or (rows, labels) if there are several.

        Args:
            examples: a transformed split.
        """
        return label_values(examples, self.title)

    def label_names(self, examples: Dataset) -> list[str]:
        """The names of the labels, without `_xl`.

        Args:
            examples: a transformed split.
        """
        return label_names(examples, self.title)

    def _execute(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        examples: Mapping[str, Dataset] = inputs["examples"]
        model = self.fit(train_split(examples, self.title), examples.get("eval"))
        if model is None or isinstance(model, type):
            what = "None" if model is None else f"the class {model.__name__}"
            raise ParameterError(
                f"{self.title} returned {what}; return the fitted model.", where=self.title
            )
        if not callable(getattr(model, "predict", None)):
            raise ParameterError(
                f"{self.title} returned a {type(model).__name__}, which has no predict().",
                where=self.title,
                hint="Return an object with predict(X), where X is a DataFrame of the features.",
            )
        return {"model": model}

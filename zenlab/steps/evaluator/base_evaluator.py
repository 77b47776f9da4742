"""`BaseEvaluatorStep`: judge a model by splits that it has not seen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.core.canonical import plain
from zenlab.core.errors import ParameterError
from zenlab.core.evaluation import Evaluation
from zenlab.steps.base import RunnableStep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zenlab.core.dataset import Dataset


class BaseEvaluatorStep(RunnableStep):
    """Override `evaluate`.

    Example:
        >>> class Coverage(BaseEvaluatorStep):
        ...     def evaluate(self, model, examples, raw):
        ...         low, high = model.predict_interval(feature_matrix(examples["eval"]))
        ...         y = label_values(examples["eval"])
        ...         return {"coverage": float(((low <= y) & (y <= high)).mean())}
    """

    KIND: ClassVar[str] = "evaluator"

    def evaluate(
        self, model: Any, examples: Mapping[str, Dataset], raw: Mapping[str, Dataset]
    ) -> Any:
        """Judge the model; to be overridden.

        Args:
            model: what the trainer returned.
            examples: the transformed splits by name.
            raw: the same rows in the same order, as they were before the preprocesser.

        Returns:
            A dict of plain data, kept as JSON; its numbers are logged as metrics. Or an
            `Evaluation`, which the evaluation panel shows.
        """
        raise NotImplementedError(
            f"{type(self).__name__} overrides no evaluate(model, examples, raw)"
        )

    def _execute(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        examples = inputs["examples"]
        found = self.evaluate(inputs["model"], examples, inputs.get("raw") or examples)
        if isinstance(found, Evaluation):
            return {"evaluation": found}
        if not isinstance(found, dict):
            returned = "None" if found is None else f"a {type(found).__name__}"
            raise ParameterError(
                f"{self.title} returned {returned}; return a dict of metrics.",
                where=self.title,
                hint="Such as {'roc_auc': 0.83}.",
            )
        return {"evaluation": self._plain_metrics(found)}

    def _plain_metrics(self, found: dict[Any, Any]) -> dict[str, Any]:
        """A user's dict as JSON can hold it; its numbers are logged."""
        result: dict[str, Any] = {}
        for name, value in found.items():
            if not isinstance(name, str):
                raise ParameterError(
                    f"{self.title} returned a metric called {name!r}, which is no string.",
                    where=self.title,
                )
            kept = plain(value, f"{self.title}: {name}")
            if isinstance(kept, (int, float)) and not isinstance(kept, bool):
                if math.isfinite(kept):
                    self.context.log_metric(name, kept)
                else:
                    self.context.finding(f"The metric '{name}' is {kept}.")
                    kept = None
            result[name] = kept
        return result

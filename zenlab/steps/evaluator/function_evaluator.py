"""`FunctionEvaluator`: a user's function as an evaluator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.steps.evaluator.base_evaluator import BaseEvaluatorStep
from zenlab.steps.function import UserFunction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zenlab.core.dataset import Dataset


class FunctionEvaluator(BaseEvaluatorStep):
    """`function(model, examples, **params) -> {metric: number}`.

    Args:
        function: gets the model and a dict of the transformed splits, as DataFrames; by name, if
            it has such parameters, `raw` (a dict of DataFrames with the same rows before the
            preprocesser) and `context`.
        params: its other parameters.

    Example:
        >>> def hits(model, examples, split="eval"):
        ...     df = examples[split]
        ...     return {
        ...         "hits": float((model.predict(df.filter(like="_xf")) == df["late_xl"]).mean())
        ...     }
        >>> step = FunctionEvaluator(hits, split="test")
    """

    code_version: ClassVar[int | None] = 1

    def __init__(self, function: Callable[..., Any], **params: Any) -> None:
        self._call = UserFunction(
            "evaluator", function, params, data=("model", "examples"), offered=("raw",)
        )

    @property
    def title(self) -> str:
        """`evaluator '<name of the function>'`."""
        return self._call.title

    def evaluate(
        self, model: Any, examples: Mapping[str, Dataset], raw: Mapping[str, Dataset]
    ) -> Any:
        """Call the user's function.

        Args:
            model: what the trainer returned.
            examples: the transformed splits by name.
            raw: their rows before the preprocesser, read only if the function names them.
        """
        frames = {name: data.to_pandas() for name, data in examples.items()}
        before = None
        if self._call.wants("raw"):
            before = {name: data.to_pandas() for name, data in raw.items()}
        return self._call(model, frames, raw=before, context=self.context)

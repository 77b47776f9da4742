"""`FunctionTrainer`: a user's function as a trainer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.steps.function import UserFunction
from zenlab.steps.trainer.base_trainer import BaseTrainerStep

if TYPE_CHECKING:
    from collections.abc import Callable

    from zenlab.core.dataset import Dataset


class FunctionTrainer(BaseTrainerStep):
    """`function(train, **params) -> model`.

    Args:
        function: gets the transformed split `train` as a DataFrame first; by name, if it has
            such parameters, `eval` (a DataFrame, or None if there is no such split) and `context`.
        params: its other parameters.

    Example:
        >>> def boosted(train, eval, depth=3):
        ...     X, y = train.filter(like="_xf"), train["late_xl"]
        ...     return HistGradientBoostingClassifier(max_depth=depth).fit(X, y)
        >>> step = FunctionTrainer(boosted, depth=5)
    """

    code_version: ClassVar[int | None] = 1

    def __init__(self, function: Callable[..., Any], **params: Any) -> None:
        self._call = UserFunction("trainer", function, params, data=("train",), offered=("eval",))

    @property
    def title(self) -> str:
        """`trainer '<name of the function>'`."""
        return self._call.title

    def fit(self, train: Dataset, eval: Dataset | None) -> Any:  # noqa: A002 - the split's name
        """Call the user's function.

        Args:
            train: the transformed split `train`.
            eval: the transformed split `eval`, read only if the function names it.
        """
        held_back = eval.to_pandas() if eval is not None and self._call.wants("eval") else None
        return self._call(train.to_pandas(), eval=held_back, context=self.context)

"""`FunctionPreprocesser`: a user's function as a preprocesser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.steps.function import UserFunction
from zenlab.steps.preprocesser.base_preprocesser import BasePreprocesserStep

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd


class FunctionPreprocesser(BasePreprocesserStep):
    """`function(df, **params) -> df`, with one split at a time.

    A function has no state. What must be fitted on `train` needs a class: see
    `BasePreprocesserStep`.

    Args:
        function: gets the rows of a split first, and `context` if it names it.
        params: its other parameters.

    Example:
        >>> def hours(df):
        ...     return pd.DataFrame({"hour_xf": df["hour"] / 24, "late_xl": df["late"]})
        >>> step = FunctionPreprocesser(hours)
    """

    code_version: ClassVar[int | None] = 1
    batch_rows: ClassVar[int | None] = None

    def __init__(self, function: Callable[..., Any], **params: Any) -> None:
        self._call = UserFunction("preprocesser", function, params, data=("df",))

    @property
    def title(self) -> str:
        """`preprocesser '<name of the function>'`."""
        return self._call.title

    def transform(self, df: pd.DataFrame, state: Any) -> pd.DataFrame:  # noqa: ARG002 - no state
        """Call the user's function.

        Args:
            df: the rows of a split.
            state: empty.
        """
        frame: pd.DataFrame = self._call(df, context=self.context)
        return frame

"""`FunctionTransform`: a user's function as a transform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.steps.function import UserFunction
from zenlab.steps.transform.base_transform import BaseTransformStep

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd


class FunctionTransform(BaseTransformStep):
    """`function(df, **params) -> df`, with all rows at once.

    Args:
        function: gets the DataFrame first, and `context` if it names it.
        params: its other parameters.

    Example:
        >>> def label_late(df, minutes=15):
        ...     return df.assign(late=df["arr_delay"] > minutes)
        >>> step = FunctionTransform(label_late, minutes=30)
    """

    code_version: ClassVar[int | None] = 1

    def __init__(self, function: Callable[..., Any], **params: Any) -> None:
        self._call = UserFunction("transform", function, params, data=("df",))

    @property
    def title(self) -> str:
        """`transform '<name of the function>'`."""
        return self._call.title

    def transform(self, df: pd.DataFrame) -> pd.DataFrame:
        """Call the user's function.

        Args:
            df: all rows.
        """
        frame: pd.DataFrame = self._call(df, context=self.context)
        return frame

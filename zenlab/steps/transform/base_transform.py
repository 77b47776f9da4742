"""`BaseTransformStep`: a step that makes, changes or drops columns and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.core.errors import ParameterError
from zenlab.steps.base import RunnableStep
from zenlab.steps.frames import checked_frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


class BaseTransformStep(RunnableStep):
    """Override `transform`. The step gets all rows at once, before they are split.

    What is computed over rows here (a mean, a rank) has seen the rows of every split; what must
    be fitted on `train` alone belongs into a preprocesser.

    Example:
        >>> class LabelLate(BaseTransformStep):
        ...     def __init__(self, minutes: float = 15):
        ...         self.minutes = minutes
        ...
        ...     def transform(self, df):
        ...         df = df.dropna(subset=["arr_delay"])
        ...         return df.assign(late=df["arr_delay"] > self.minutes)
    """

    KIND: ClassVar[str] = "transform"

    def transform(self, df: pd.DataFrame) -> pd.DataFrame:
        """Change the rows; to be overridden.

        Args:
            df: all rows, with a `RangeIndex`; it is the step's own, to be changed at will.

        Returns:
            The rows that go on, columns with unique names.
        """
        raise NotImplementedError(f"{type(self).__name__} overrides no transform(df)")

    def _execute(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        frame = checked_frame(self.transform(inputs["data"].to_pandas()), self.title)
        if frame.empty:
            what = "without rows" if len(frame.columns) else "without columns"
            raise ParameterError(
                f"{self.title} returned a frame {what}.",
                where=self.title,
                hint="Look at its condition: it drops every row."
                if len(frame.columns)
                else "Return the whole frame, not an empty one.",
            )
        return {"data": frame}

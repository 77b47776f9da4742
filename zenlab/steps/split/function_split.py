"""`FunctionSplit`: a user's function as a split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.steps.function import UserFunction
from zenlab.steps.split.base_split import BaseSplitStep

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa


class FunctionSplit(BaseSplitStep):
    """`function(df, **params) -> names`, with all rows at once.

    Args:
        function: gets the DataFrame first, and `context` if it names it. It returns the name of
            a split for each row, in the order of the rows; a missing name leaves the row out.
        params: its other parameters.

    Example:
        >>> def by_year(df, first_eval_year=2013):
        ...     return np.where(df["year"] < first_eval_year, "train", "eval")
        >>> step = FunctionSplit(by_year, first_eval_year=2014)
    """

    code_version: ClassVar[int | None] = 1
    batch_rows: ClassVar[int | None] = None  # so that it may stratify or rank over all rows

    def __init__(self, function: Callable[..., Any], **params: Any) -> None:
        self._call = UserFunction("split", function, params, data=("df",))

    @property
    def title(self) -> str:
        """`split '<name of the function>'`."""
        return self._call.title

    def assign(self, table: pa.Table) -> Any:
        """Call the user's function.

        Args:
            table: all rows.
        """
        return self._call(table.to_pandas(), context=self.context)

    def _split_names(self) -> list[str] | None:
        return None  # those that the function returns

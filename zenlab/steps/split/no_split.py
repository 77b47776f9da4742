"""`NoSplit`: everything is `train`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.steps.split.base_split import BaseSplitStep

if TYPE_CHECKING:
    import pyarrow as pa


class NoSplit(BaseSplitStep):
    """All rows go to `train`.

    Example:
        >>> NoSplit().get_split_names()
        ['train']
    """

    code_version: ClassVar[int | None] = 1

    def get_split_names(self) -> list[str]:
        """`["train"]`."""
        return ["train"]

    def assign(self, table: pa.Table) -> Any:
        """`train`, for each row.

        Args:
            table: a batch of rows.
        """
        import pyarrow as pa

        return pa.repeat("train", table.num_rows)

"""Rows of any kind as the Arrow table that they will be when they are read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.artifacts.arrow_types import is_text
from zenlab.artifacts.content import ContentDigest
from zenlab.artifacts.frames import frame_to_arrow
from zenlab.core.errors import ArtifactError

if TYPE_CHECKING:
    import pyarrow as pa


def to_table(rows: Any, name: str) -> pa.Table:
    """Rows as an Arrow table.

    Args:
        rows: an Arrow batch or table, or a DataFrame.
        name: of the dataset, for messages.

    Raises:
        ArtifactError: rows of another kind, or a frame that cannot be stored.
    """
    import pyarrow as pa

    if isinstance(rows, pa.RecordBatch):
        return pa.Table.from_batches([rows])
    if isinstance(rows, pa.Table):
        return rows
    import pandas as pd

    if isinstance(rows, pd.DataFrame):
        return frame_to_arrow(rows, name)
    raise ArtifactError(
        f"Rows cannot come as a {type(rows).__name__}.",
        where=name,
        hint="Write a DataFrame, a pyarrow Table or a pyarrow RecordBatch.",
    )


def as_read_back(table: pa.Table) -> pa.Table:
    """The table as it will be read back: no metadata, no dictionaries but of text.

    Parquet gives a dictionary of numbers back as plain numbers, so it is decoded before the
    digest is taken; date64 comes back as date32, seconds come back as milliseconds. An extension
    type is stored as what it is made of.
    """
    import pyarrow as pa
    import pyarrow.types as pt

    columns = []
    for column in table.columns:
        if isinstance(column.type, pa.BaseExtensionType):
            chunks = [chunk.storage for chunk in column.chunks]
            column = pa.chunked_array(chunks, column.type.storage_type)  # noqa: PLW2901
        kind = column.type
        if pt.is_dictionary(kind) and not is_text(kind.value_type):
            column = column.cast(kind.value_type)  # noqa: PLW2901
        if pt.is_date64(kind):
            column = column.cast(pa.date32())  # noqa: PLW2901
        if pt.is_timestamp(kind) and kind.unit == "s":
            column = column.cast(pa.timestamp("ms", kind.tz))  # noqa: PLW2901
        columns.append(column)
    return pa.Table.from_arrays(columns, names=table.column_names)


def content_digest(rows: Any, name: str) -> str:
    """The digest that rows have when they are written and read back, without writing them.

    Args:
        rows: as in `to_table`.
        name: of the dataset, for messages.
    """
    return ContentDigest.of(as_read_back(to_table(rows, name)))

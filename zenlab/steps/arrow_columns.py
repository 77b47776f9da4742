"""Columns of Arrow tables as numbers, as text, and what is missing in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.core.errors import ParameterError, suggest

if TYPE_CHECKING:
    import pyarrow as pa


def column_array(table: pa.Table, name: str, where: str) -> pa.Array:
    """A column as one array, dictionaries decoded.

    Args:
        table: rows.
        name: the column.
        where: the step, for messages.

    Raises:
        ParameterError: there is no such column.
    """
    import pyarrow as pa

    if name not in table.column_names:
        raise ParameterError(
            f"{where}: there is no column '{name}'.",
            where=where,
            hint=suggest(name, table.column_names),
        )
    column = table[name]
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    combined = column.combine_chunks()
    # Old versions of pyarrow leave a chunked array of no or one chunk.
    if isinstance(combined, pa.ChunkedArray):
        combined = pa.concat_arrays(combined.chunks) if combined.num_chunks else None
    return pa.array([], column.type) if combined is None else combined


def as_numbers(column: pa.Array) -> Any:
    """Numbers and booleans as a numpy array of float64, missing ones as NaN.

    Args:
        column: integers, floats, decimals or booleans.
    """
    import numpy as np
    import pyarrow as pa

    if pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    elif pa.types.is_null(column.type) or pa.types.is_decimal(column.type):
        column = column.cast(pa.float64())
    elif not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        raise ParameterError(f"A column of numbers was expected, not one of type {column.type}.")
    values = column.to_numpy(zero_copy_only=False)
    return values.astype(np.float64)


def as_text(column: pa.Array) -> pa.Array:
    """Anything as strings: integers and whole floats without a point, NaN as missing.

    Args:
        column: of any type that has a text.

    Example:
        >>> import pyarrow as pa
        >>> as_text(pa.array([1.0, 2.5, None])).to_pylist()
        ['1', '2.5', None]
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    return column.cast(pa.string())


def count_missing(column: pa.Array) -> int:
    """How many cells are null or NaN.

    Args:
        column: of any type.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    missing: int = column.null_count
    if pa.types.is_floating(column.type):
        missing += pc.sum(pc.is_nan(column)).as_py() or 0
    return missing


def is_text(kind: pa.DataType) -> bool:
    """Whether a type holds strings, in any of Arrow's layouts.

    Args:
        kind: the type of a column, dictionaries decoded.
    """
    import pyarrow as pa

    # string_view has no predicate in the oldest pyarrow that we work with.
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or str(kind) == "string_view"

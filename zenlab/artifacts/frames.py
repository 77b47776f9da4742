"""From a DataFrame to Arrow: what is kept, what is dropped, and what is refused by name.

- A named index becomes the first columns; an index without a name is dropped. A filter leaves
  an index without a name that nobody wants back; `set_index` and `groupby` leave one with a name
  that holds data.
- pandas' own metadata is dropped: what the digest of a dataset does not see, the next step does
  not see either. So nullable `Int64` without a null comes back as int64.
- Times are in microseconds, or in nanoseconds where that would lose something. Which unit a
  frame has by itself differs by the version of pandas, and a step would see it.
- A column of nothing but nulls is a column of text. Which type it had differs by the version of
  pandas, and a first batch without a value must not fix the column for those that follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.core.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    import pyarrow as pa

_MOST_LOOKED_AT = 1_000_000
_FEW_ROWS = 10_000


def frame_to_arrow(frame: pd.DataFrame, name: str = "data") -> pa.Table:
    """The rows of a frame as an Arrow table without metadata.

    Args:
        frame: any frame whose columns have names of their own.
        name: of the dataset, for messages.

    Raises:
        ArtifactError: a column name is no text or not unique, or a column mixes types; the
            message names the column.

    Example:
        >>> import pandas as pd
        >>> frame_to_arrow(pd.DataFrame({"x": [1, 2]}).rename_axis("id")).column_names
        ['id', 'x']
    """
    import pyarrow as pa

    frame = _with_named_index(frame, name)
    check_names(list(frame.columns), name)
    _refuse_dtypes(frame, name)
    try:
        if len(frame) < _FEW_ROWS:
            # What `Table.from_pandas` does, without threads and without pandas' metadata.
            columns = [pa.array(values, from_pandas=True) for _, values in frame.items()]
        else:
            columns = pa.Table.from_pandas(frame, preserve_index=False).columns
    except (pa.ArrowException, OverflowError, TypeError, ValueError) as error:
        raise _explain(frame, name, error) from None
    return pa.table([_settled(column) for column in columns], names=list(frame.columns))


def _settled(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """The column in the type that it has under any version of pandas."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_null(kind):
        return column.cast(pa.string())
    if pa.types.is_timestamp(kind):
        micro: pa.DataType = pa.timestamp("us", kind.tz)
    elif pa.types.is_duration(kind):
        micro = pa.duration("us")
    else:
        return column
    try:
        return column.cast(micro)
    except pa.ArrowInvalid:  # finer than that, or out of its range
        return column


def check_names(names: Iterable[Any], name: str) -> None:
    """Refuse column names that are no text or not unique.

    Args:
        names: the names, in order.
        name: of the dataset, for messages.

    Raises:
        ArtifactError: naming the first bad one.
    """
    seen: set[str] = set()
    for column in names:
        if not isinstance(column, str):
            shown = type(column).__name__
            raise ArtifactError(
                f"The column name {column!r} is {'an' if shown[0] in 'aeiou' else 'a'} {shown}; "
                "names of columns are text.",
                where=name,
                hint="Rename them: df.columns = df.columns.map(str)",
            )
        if column in seen:
            raise ArtifactError(
                f"Two columns are called '{column}'.",
                where=name,
                hint="Give each column a name of its own.",
            )
        seen.add(column)


def _with_named_index(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    named = [level for level in frame.index.names if level is not None]
    for level in named:
        if level in frame.columns:
            raise ArtifactError(
                f"'{level}' is the name of a column and of the index.",
                where=name,
                hint="Drop one of them: df.reset_index(drop=True)",
            )
    return frame.reset_index(level=named) if named else frame


def _refuse_dtypes(frame: pd.DataFrame, name: str) -> None:
    """Refuse what Arrow would keep in an extension type that only pandas can read."""
    import pandas as pd

    refused = (pd.PeriodDtype, pd.IntervalDtype, pd.SparseDtype)
    for column, dtype in frame.dtypes.items():
        if isinstance(dtype, refused):
            way = "sparse.to_dense()" if isinstance(dtype, pd.SparseDtype) else "astype(str)"
            raise ArtifactError(
                f"Column '{column}' has the pandas type {dtype}, which Parquet cannot keep.",
                where=name,
                hint=f"Convert it first: df['{column}'].{way}",
            )


def _explain(frame: pd.DataFrame, name: str, error: Exception) -> ArtifactError:
    """Find the column that cannot be converted, and what is wrong with it."""
    import pyarrow as pa

    for column in frame.columns:
        try:
            pa.Array.from_pandas(frame[column])
        except (pa.ArrowException, OverflowError, TypeError, ValueError) as found:
            return _column_error(frame[column], name, found)
    return ArtifactError(f"The frame cannot be stored: {error}.", where=name)


def _column_error(column: pd.Series[Any], name: str, error: Exception) -> ArtifactError:
    values = column.head(_MOST_LOOKED_AT).dropna()
    kinds = sorted({type(value).__name__ for value in values})
    if len(kinds) > 1:
        said = f"mixes {', '.join(kinds[:-1])} and {kinds[-1]}"
        hint = f"Make it one type: df['{column.name}'].astype(str), or pandas.to_numeric."
    elif kinds == ["int"]:
        said = "holds integers of more than 64 bits"
        hint = f"Keep them as text: df['{column.name}'].astype(str)"
    else:
        said = f"holds values of type {kinds[0] if kinds else column.dtype}, which cannot be stored"
        hint = "Use numbers, text, times, or lists and dicts of them."
    return ArtifactError(
        f"Column '{column.name}' {said}.", where=name, hint=f"{hint} (Arrow: {error})"
    )

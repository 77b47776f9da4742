"""What users return from their functions and methods, checked before it goes any further."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.core.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd


def checked_frame(value: Any, where: str) -> pd.DataFrame:
    """A DataFrame that a user returned, as it can be stored.

    Rows have no index in zenlab. A named index (after `set_index` or `groupby`) becomes columns;
    an index without a name is dropped.

    Args:
        value: what the user's code returned: a DataFrame, or an Arrow table.
        where: the step, for messages: `transform 'label_late'`.

    Returns:
        A frame with a fresh `RangeIndex` and unique names of columns.

    Raises:
        ParameterError: it is no frame, or its columns have no unique names of type str.
    """
    import pandas as pd

    frame = as_frame(value, where)
    index_names = [name for name in frame.index.names if name is not None]
    if index_names:
        taken = [name for name in index_names if name in frame.columns]
        if taken:
            raise ParameterError(
                f"{where} returned a frame whose index is called like its column {taken[0]!r}.",
                where=where,
                hint="Return df.reset_index(drop=True).",
            )
        frame = frame.reset_index(level=index_names)
    if not isinstance(frame.index, pd.RangeIndex) or frame.index.start or frame.index.step != 1:
        frame = frame.reset_index(drop=True)
    _check_names(frame, where)
    return frame


def checked_rows(value: Any, before: pd.DataFrame, where: str) -> pd.DataFrame:
    """Like `checked_frame`, for code that must keep the rows and their order.

    A change of order shows in the index: it is found as long as the index was not reset.

    Args:
        value: what the user's code returned.
        before: the frame that it was given.
        where: the step, for messages.

    Raises:
        ParameterError: rows were added, dropped or moved.
    """
    import pandas as pd

    frame = as_frame(value, where)
    if len(frame) != len(before):
        raise ParameterError(
            f"{where} returned {len(frame):,} rows of {len(before):,}; a preprocesser keeps each "
            "row in its place.",
            where=where,
            hint="Drop or add rows in a transform, before the split.",
        )
    fresh = isinstance(frame.index, pd.RangeIndex) and frame.index.start == 0
    if not fresh and not frame.index.equals(before.index):
        raise ParameterError(
            f"{where} changed the order of the rows; a preprocesser keeps each row in its place.",
            where=where,
            hint="Return the rows as they came: df.sort_index() restores the order.",
        )
    return checked_frame(frame.reset_index(drop=True), where)


def as_frame(value: Any, where: str) -> pd.DataFrame:
    """A DataFrame, or an Arrow table made into one; anything else is refused.

    Args:
        value: what the user's code returned.
        where: the step, for messages.

    Raises:
        ParameterError: it is something else, such as None after a forgotten `return`.
    """
    import pandas as pd
    import pyarrow as pa

    if isinstance(value, pa.Table):
        frame: pd.DataFrame = value.to_pandas()
        return frame
    if isinstance(value, pd.DataFrame):
        return value
    kind = type(value)
    returned = "None" if value is None else f"a {kind.__name__}"
    if kind.__name__ == "DataFrame":
        returned += f" of {kind.__module__.partition('.')[0]}"
    raise ParameterError(
        f"{where} returned {returned}; return the DataFrame.",
        where=where,
        hint="A frame of pandas, or an Arrow table.",
    )


def _check_names(frame: pd.DataFrame, where: str) -> None:
    names = list(frame.columns)
    for name in names:
        if not isinstance(name, str):
            raise ParameterError(
                f"{where} returned a frame with the column {name!r}, whose name is a "
                f"{type(name).__name__}.",
                where=where,
                hint="Names of columns are strings: df.columns = [str(c) for c in df.columns].",
            )
    if len(set(names)) < len(names):
        twice = next(name for i, name in enumerate(names) if name in names[:i])
        raise ParameterError(
            f"{where} returned a frame with more than one column {twice!r}.", where=where
        )

"""Whether a frame was changed in place since it was looked at, without reading its values.

Under copy-on-write (pandas 3, https://pandas.pydata.org/pdeps/0007-copy-on-write.html) a frame that
shares its values with a shallow copy is given new memory before it changes. So equal addresses
mean equal values, as long as the copy is kept. Where that cannot be relied on, the answer is that
it may have changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


class FrameState:
    """A frame as it is now.

    Args:
        frame: it is kept as a shallow copy, which costs no memory as long as it stays unchanged.

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"x": [1, 2]})
        >>> state = FrameState(frame)
        >>> frame.loc[0, "x"] = 3
        >>> state.is_surely_equal(frame)
        False
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self._seen = frame.copy(deep=False)
        self._marks = _marks(self._seen)

    def is_surely_equal(self, frame: pd.DataFrame) -> bool:
        """Whether the frame holds the values that it held then; False when in doubt."""
        return self._marks is not None and _marks(frame) == self._marks


def _marks(frame: pd.DataFrame) -> list[Any] | None:
    """Where the values of each column lie, or None if that does not tell whether they changed."""
    import pandas as pd

    has_names = any(name is not None for name in frame.index.names)
    if int(pd.__version__.partition(".")[0]) < 3 or has_names:
        return None
    marks: list[Any] = [list(frame.columns), len(frame)]
    for position in range(frame.shape[1]):
        mark = _mark(frame.iloc[:, position].array)
        if mark is None:
            return None
        marks.append(mark)
    return marks


def _mark(array: Any) -> Any:
    """Type and address of a column's values."""
    chunked = getattr(array, "_pa_array", None)  # text, and all of Arrow's types
    if chunked is not None:
        buffers = [b.address for c in chunked.chunks for b in c.buffers() if b is not None]
        return str(array.dtype), len(chunked), buffers
    values = getattr(array, "_ndarray", None)  # numbers, times, codes of categories
    if values is None or values.dtype.hasobject:
        return None
    interface = values.__array_interface__
    categories = id(array.dtype.categories) if hasattr(array.dtype, "categories") else None
    return str(array.dtype), interface["data"][0], interface["strides"], categories

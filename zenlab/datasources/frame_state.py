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
    """Where the values of each column lie, or None if that does not tell whether they changed.

    This looks at pandas' blocks, which are not public, since a Series a column would take longer
    than the rest of a cached run. Without blocks of this form the answer is None.
    """
    import pandas as pd

    has_names = any(name is not None for name in frame.index.names)
    blocks = getattr(getattr(frame, "_mgr", None), "blocks", None)
    if int(pd.__version__.partition(".")[0]) < 3 or has_names or blocks is None:
        return None
    marks: list[Any] = [list(frame.columns), len(frame)]
    for block in blocks:
        mark = _mark(getattr(block, "values", None))
        if mark is None:
            return None
        marks.append((block.mgr_locs.as_array.tolist(), mark))
    return marks


def _mark(array: Any) -> Any:
    """Type and address of the values of a block."""
    chunked = getattr(array, "_pa_array", None)  # text, and all of Arrow's types
    if chunked is not None:
        buffers = [b.address for c in chunked.chunks for b in c.buffers() if b is not None]
        return str(array.dtype), len(chunked), buffers
    values = getattr(array, "_ndarray", array)  # numbers; times and codes of categories
    interface = getattr(values, "__array_interface__", None)
    if interface is None or values.dtype.hasobject:
        return None
    categories = id(array.dtype.categories) if hasattr(array.dtype, "categories") else None
    return str(array.dtype), interface["data"][0], interface["strides"], categories

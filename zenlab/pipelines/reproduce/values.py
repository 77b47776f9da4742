"""How two values of one output differ: in bits that no two machines share, or in earnest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pyarrow as pa

    from zenlab.core.dataset import Dataset

TOLERANCE = 1e-9
"""How far two numbers may be apart, relative to the greater one."""

How = Literal["equal", "within tolerance", "different", "other bytes"]
"""`other bytes`: of what cannot be compared by its values, such as a model."""


@dataclass(frozen=True)
class Difference:
    """How two values differ, and where first: `column a, row 12`."""

    how: How
    where: str = ""


EQUAL = Difference("equal")
CLOSE = Difference("within tolerance")


def close(a: float, b: float) -> bool:
    """Whether two numbers are equal but for rounding; NaN is NaN.

    Example:
        >>> close(1.0, 1.0 + 1e-12), close(1.0, 1.001), close(float("nan"), float("nan"))
        (True, False, True)
    """
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return a == b or math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=0.0)


def compare_plain(old: Any, new: Any, where: str = "") -> Difference:
    """Compare plain data; numbers by `close`.

    Args:
        old: dicts, lists, texts, numbers.
        new: likewise.
        where: the place of both, for the answer.

    Example:
        >>> compare_plain({"a": [1.0, 2.0]}, {"a": [1.0, 3.0]})
        Difference(how='different', where='a[1]')
    """
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        parts = [(old[k], new[k], f"{where}.{k}" if where else str(k)) for k in old]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        parts = [(a, b, f"{where}[{i}]") for i, (a, b) in enumerate(zip(old, new, strict=True))]
    elif isinstance(old, float) and isinstance(new, float) and close(old, new):
        return EQUAL if old == new or old != old else CLOSE  # noqa: PLR0124 - NaN
    else:
        return EQUAL if type(old) is type(new) and old == new else Difference("different", where)
    found = EQUAL
    for a, b, place in parts:
        difference = compare_plain(a, b, place)
        if difference.how == "different":
            return difference
        found = CLOSE if difference.how == "within tolerance" else found
    return found


def compare_datasets(old: Dataset, new: Dataset) -> Difference:
    """Compare rows, column by column; floats by `close`.

    Args:
        old: the recorded rows.
        new: the new ones.
    """
    before, after = old.to_arrow(), new.to_arrow()
    if before.schema.names != after.schema.names:
        return Difference("different", "its columns")
    if before.num_rows != after.num_rows:
        return Difference("different", f"{before.num_rows:,} rows and {after.num_rows:,}")
    found = EQUAL
    for name in before.schema.names:
        difference = _columns(before[name], after[name])
        if difference.how == "different":
            return Difference("different", f"column {name}{difference.where}")
        found = CLOSE if difference.how == "within tolerance" else found
    return found


def _columns(old: pa.ChunkedArray, new: pa.ChunkedArray) -> Difference:
    import numpy as np
    import pyarrow as pa

    if old.equals(new):
        return EQUAL
    if old.type != new.type:
        return Difference("different", f": {old.type} and {new.type}")
    if not pa.types.is_floating(old.type):
        return Difference("different")
    if not old.is_null().equals(new.is_null()):
        return Difference("different", ": other rows have no value")
    a, b = (column.to_numpy(zero_copy_only=False).astype(float) for column in (old, new))
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(invalid="ignore"):  # inf - inf
        apart = np.abs(a - b) > TOLERANCE * np.maximum(np.abs(a), np.abs(b))
    wrong = ~same & (apart | ~np.isfinite(a) | ~np.isfinite(b))
    if wrong.any():
        return Difference("different", f", row {int(wrong.argmax()):,}")
    return EQUAL if same.all() else CLOSE

"""Canonical forms of numpy, pandas and pyarrow values, by content.

None of the three is imported: a value of theirs is recognised by the name of its type, and asked by
its own methods. A frame has one form under pandas 2.2 and 3, whose default types for text and
times differ: text is text whatever holds it, missing values are one, times are nanoseconds.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from zenlab.engine.fingerprint.graph import part_digest
from zenlab.engine.fingerprint.syntax import constant
from zenlab.engine.fingerprint.visit import Refused, type_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from zenlab.engine.fingerprint.graph import Part
    from zenlab.engine.fingerprint.visit import Visit

_FIXED_KINDS = "biuSUmM"
_NANOSECONDS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
_MISSING: Part = ["missing"]


def array_like(value: object, visit: Visit) -> Part | None:
    """The canonical form of a value of numpy, pandas or pyarrow; None for other types."""
    kind = type(value)
    top = kind.__module__.partition(".")[0]
    if top not in ("numpy", "pandas", "pyarrow"):
        return None
    write = _WRITERS.get(f"{top}.{kind.__name__}")
    if write is None:
        return _by_base(value, visit)
    visit.package(top)
    return [f"{top}.{kind.__name__}", *write(value, visit)]


def _by_base(value: Any, visit: Visit) -> Part | None:
    """Scalars and types, whose types are many."""
    bases = {type_name(base) for base in type(value).__mro__}
    if "numpy.generic" in bases:
        visit.package("numpy")
        dtype = value.dtype
        content = part_digest(_element(value.item())) if dtype.kind == "V" else _raw(value, dtype)
        return ["numpy.scalar", _dtype(dtype), content]
    if "numpy.dtype" in bases:
        visit.package("numpy")
        return ["numpy.dtype", _dtype(value)]
    if bases & {"pyarrow.lib.Array", "pyarrow.lib.ChunkedArray"}:
        visit.package("pyarrow")
        return ["pyarrow.Array", *_arrow_array(value, visit)]
    if "pyarrow.lib.DataType" in bases:
        visit.package("pyarrow")
        return ["pyarrow.DataType", str(value)]
    return None


def _dtype(dtype: Any) -> Part:
    if dtype.names is None:
        return str(dtype.str)
    return [[name, _dtype(dtype[name]), dtype.fields[name][1]] for name in dtype.names]


def _ndarray(value: Any, visit: Visit) -> list[Part]:
    visit.spend(value.nbytes)
    dtype = value.dtype
    head: list[Part] = [_dtype(dtype), list(value.shape)]
    # Both can be assigned, which changes no byte.
    visit.reads.content(lambda: repr((value.dtype, value.shape)))
    if _is_raw(dtype):
        return [*head, visit.reads.content(lambda: _raw(value, dtype))]
    if dtype.kind not in "OVT":
        raise Refused(f"has the element type {dtype}, which has no canonical form")
    # Elements of these may be any object, or have padding between their fields.
    compute = lambda: part_digest([_element(item) for item in value.ravel().tolist()])  # noqa: E731
    return [*head, visit.reads.content(compute)]


def _is_raw(dtype: Any) -> bool:
    """Whether equal values are equal bytes: no padding, no pointers."""
    widest = {"f": 8, "c": 16}.get(dtype.kind)
    return dtype.kind in _FIXED_KINDS if widest is None else dtype.itemsize <= widest


def _raw(value: Any, dtype: Any) -> str:
    if not _is_raw(dtype):
        raise Refused(f"has the element type {dtype}, which has no canonical form")
    return hashlib.sha256(value.tobytes()).hexdigest()


def _element(item: object) -> Any:
    """One element of an array of objects: here None and NaN are two, as code sees them."""
    if item is None or type(item) is float:
        return constant(item)
    if isinstance(item, tuple):
        return ["tuple", *(_element(part) for part in item)]
    return _cell(item)


def _is_missing(item: object) -> bool:
    """None, NaN, NaT and NA are one in a frame: pandas 2.2 and 3 disagree on which to use."""
    if item is None or (type(item) is float and item != item):  # noqa: PLR0124 - NaN
        return True
    return type(item).__name__ in ("NAType", "NaTType")


def _frame(value: Any, visit: Visit) -> list[Part]:
    _spend(value.memory_usage, visit)

    def compute() -> str:
        columns = [_column(value.iloc[:, i]) for i in range(value.shape[1])]
        return part_digest([_index(value.columns), _index(value.index), columns, _attrs(value)])

    return [visit.reads.content(compute)]


def _series(value: Any, visit: Visit) -> list[Part]:
    _spend(value.memory_usage, visit)

    def compute() -> str:
        return part_digest([_cell(value.name), _index(value.index), _column(value), _attrs(value)])

    return [visit.reads.content(compute)]


def _attrs(value: Any) -> Part:
    return [[_cell(key), _cell(item)] for key, item in value.attrs.items()]


def _index_value(value: Any, visit: Visit) -> list[Part]:
    _spend(value.memory_usage, visit)
    # Its elements cannot change, its name can.
    return [visit.reads.content(lambda: part_digest(_index(value)))]


def _spend(memory_usage: Callable[..., Any], visit: Visit) -> None:
    """Look at the outside first: to look into each string of a big frame takes seconds."""
    outside = int(_sum(memory_usage(deep=False)))
    visit.spend(outside)
    visit.spend(int(_sum(memory_usage(deep=True))) - outside)


def _sum(sizes: Any) -> Any:
    return sizes.sum() if hasattr(sizes, "sum") else sizes


def _index(index: Any) -> Part:
    kind = type(index).__name__
    names: Part = [_cell(name) for name in index.names]
    if kind == "RangeIndex":
        return ["range", names, index.start, index.stop, index.step]
    if kind == "MultiIndex":
        return ["multi", names, [_cell(label) for label in index.tolist()]]
    return ["index", names, _column(index)]


def _column(column: Any) -> Part:
    """Type and values of a Series or of an Index."""
    dtype = column.dtype
    kind = getattr(dtype, "kind", "O")
    if type(dtype).__name__ == "CategoricalDtype":
        codes = getattr(column, "cat", column).codes
        return ["category", bool(dtype.ordered), _column(dtype.categories), _cells(codes)]
    if kind in "Mm" and type(dtype).__name__ != "ArrowDtype":
        return [kind, str(getattr(dtype, "tz", None)), _times(column)]
    if type(dtype).__module__.partition(".")[0] == "numpy" and _is_raw(dtype):
        return [dtype.str, _raw(column.to_numpy(), dtype)]
    cells = _cells(column)
    is_text = all(cell == _MISSING or cell[0] == "str" for cell in cells)
    return ["text" if is_text else str(dtype), cells]


def _times(column: Any) -> Part:
    unit = getattr(column.dtype, "unit", None) or str(column.dtype).partition("[")[2].rstrip("]")
    values = getattr(column, "dt", None)
    if values is not None and getattr(column.dtype, "tz", None) is not None:
        column = values.tz_convert("UTC").dt.tz_localize(None)
    elif getattr(column.dtype, "tz", None) is not None:
        column = column.tz_convert("UTC").tz_localize(None)
    scale = _NANOSECONDS[unit]
    array = column.to_numpy()
    absent = -(2**63)  # NaT
    return [None if ticks == absent else ticks * scale for ticks in array.view("int64").tolist()]


def _cells(values: Any) -> list[Any]:
    return [_cell(item) for item in values.tolist()]


def _cell(item: object) -> Any:
    """One element of a frame, without its memory of how it was stored."""
    if _is_missing(item):
        return _MISSING
    if isinstance(item, tuple):
        return ["tuple", *(_cell(part) for part in item)]
    if type(item) in (list, dict, set):
        raise Refused("holds lists, dicts or sets in its cells")
    kind = type(item)
    if kind in (bool, int, float, complex, str, bytes):
        return constant(item)
    if hasattr(item, "isoformat"):  # dates, times, Timestamp, Timedelta
        return ["time", kind.__name__, item.isoformat()]
    if kind.__name__ in ("Decimal", "Period", "Interval", "UUID", "Fraction"):
        return [kind.__name__, str(item)]
    raise Refused(f"holds a {type_name(kind)}, which has no canonical form")


def _timestamp(value: Any, visit: Visit) -> list[Part]:  # noqa: ARG001 - one signature for all
    return [value.isoformat(), str(getattr(value, "tz", None))]


def _table(value: Any, visit: Visit) -> list[Part]:
    """Schema and elements; how the columns are cut into chunks does not count."""
    visit.spend(value.nbytes)
    schema = value.schema
    columns = [column.to_pylist() for column in value.columns]
    return [
        [[field.name, str(field.type), field.nullable] for field in schema],
        [[visit.ref(item, "") for item in column] for column in columns],
    ]


def _arrow_array(value: Any, visit: Visit) -> list[Part]:
    visit.spend(value.nbytes)
    return [str(value.type), [visit.ref(item, "") for item in value.to_pylist()]]


def _arrow_schema(value: Any, visit: Visit) -> list[Part]:  # noqa: ARG001 - one signature for all
    return [[[field.name, str(field.type), field.nullable] for field in value]]


def _generator(value: Any, visit: Visit) -> list[Part]:
    """A random generator is its state: when it has drawn, it is another one."""

    def compute() -> str:
        state = value.get_state() if hasattr(value, "get_state") else source.state
        return hashlib.sha256(repr(_plain(state)).encode()).hexdigest()

    source = getattr(value, "bit_generator", value)
    return [visit.reads.content(compute)]


def _plain(state: Any) -> Any:
    if isinstance(state, dict):
        return {key: _plain(value) for key, value in sorted(state.items())}
    if isinstance(state, tuple):
        return tuple(_plain(value) for value in state)
    return state.tolist() if hasattr(state, "tolist") else state


_WRITERS: dict[str, Callable[[Any, Visit], list[Part]]] = {
    "numpy.ndarray": _ndarray,
    "numpy.Generator": _generator,
    "numpy.RandomState": _generator,
    "numpy.PCG64": _generator,
    "numpy.MT19937": _generator,
    "pandas.DataFrame": _frame,
    "pandas.Series": _series,
    "pandas.Index": _index_value,
    "pandas.RangeIndex": _index_value,
    "pandas.MultiIndex": _index_value,
    "pandas.DatetimeIndex": _index_value,
    "pandas.TimedeltaIndex": _index_value,
    "pandas.CategoricalIndex": _index_value,
    "pandas.Timestamp": _timestamp,
    "pandas.Timedelta": _timestamp,
    "pandas.NAType": lambda _value, _visit: [],
    "pandas.NaTType": lambda _value, _visit: [],
    "pyarrow.Table": _table,
    "pyarrow.RecordBatch": _table,
    "pyarrow.Schema": _arrow_schema,
}

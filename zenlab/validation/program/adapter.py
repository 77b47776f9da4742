"""Arrow columns into what TFDV takes: lists of 64-bit numbers or bytes, and structs of these.

TFDV drops times in silence, fails on dictionaries, durations and decimals, and one such column
fails the others. Here every type is either turned into one that it counts, or refused by name.
Missing values are nulls, NaN among them, as TFDV has them of a DataFrame.
"""

from __future__ import annotations

from typing import Any

from .problems import UnreadableError

_SECONDS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_DAY = 86_400


def adapt(array: Any, *, finite: bool = False) -> Any:
    """A column as TFDV takes it.

    Args:
        array: an Arrow array.
        finite: leave out infinite numbers.

    Returns:
        A list array, a struct array, or one of nulls.

    Raises:
        UnreadableError: the type holds nothing that can be counted.
    """
    import pyarrow as pa
    import pyarrow.types as pt

    array = plain(array)
    kind = array.type
    if pt.is_null(kind):
        return array
    if pt.is_struct(kind):
        return _struct(array, finite=finite)
    if is_list(kind):
        return _list(array, finite=finite)
    leaf = _leaf(array, finite=finite)
    count = len(leaf)
    if leaf.null_count == 0:
        return pa.LargeListArray.from_arrays(_offsets(count), leaf)
    return _singletons(leaf)


def is_list(kind: Any) -> bool:
    """Whether values are lists, maps included: those are lists of pairs."""
    import pyarrow.types as pt

    return (
        pt.is_list(kind)
        or pt.is_large_list(kind)
        or pt.is_fixed_size_list(kind)
        or pt.is_map(kind)
        or str(kind).startswith(("list_view", "large_list_view"))
    )


def plain(array: Any) -> Any:
    """An array without the encodings and extensions around its values."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.types as pt

    while True:
        if isinstance(array.type, pa.BaseExtensionType):
            array = array.storage
        elif pt.is_dictionary(array.type):
            array = array.dictionary_decode()
        elif pt.is_run_end_encoded(array.type):
            array = pc.run_end_decode(array)
        else:
            return array


def is_text(kind: Any) -> bool:
    """Whether values are text."""
    return str(kind) in ("string", "large_string", "string_view")


def is_bytes(kind: Any) -> bool:
    """Whether values are bytes."""
    import pyarrow.types as pt

    return str(kind) in ("binary", "large_binary", "binary_view") or pt.is_fixed_size_binary(kind)


def _leaf(array: Any, *, finite: bool) -> Any:
    """Numbers or bytes, missing ones null."""
    import pyarrow as pa
    import pyarrow.types as pt

    kind = array.type
    if pt.is_integer(kind):
        return array
    if pt.is_floating(kind):
        return _numbers(array, finite=finite)
    if is_text(kind) or is_bytes(kind):
        if pt.is_fixed_size_binary(kind):
            array = array.cast(pa.binary())
        return array.cast(pa.large_binary())
    if pt.is_boolean(kind):
        return array.cast(pa.int64())
    if pt.is_decimal(kind):
        return array.cast(pa.float64())
    if pt.is_date32(kind):
        return _scaled(array.cast(pa.int32()).cast(pa.int64()), times=_DAY)
    if pt.is_date64(kind):
        return _scaled(array.cast(pa.int64()), over=_SECONDS["ms"])
    if pt.is_time32(kind):
        return _scaled(array.cast(pa.int32()).cast(pa.int64()), over=_SECONDS[kind.unit])
    if pt.is_timestamp(kind) or pt.is_time64(kind) or pt.is_duration(kind):
        return _scaled(array.cast(pa.int64()), over=_SECONDS[kind.unit])
    raise UnreadableError(f"values of type {kind} cannot be counted")


def _numbers(array: Any, *, finite: bool) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    if array.type == pa.float16():
        import numpy as np

        values = np.asarray(array.to_numpy(zero_copy_only=False), dtype=np.float32)
        array = pa.array(values, mask=np.asarray(array.is_null()))
    bad = pc.invert(pc.is_finite(array)) if finite else pc.is_nan(array)
    if pc.any(bad).as_py():
        array = pc.if_else(bad, pa.scalar(None, array.type), array)
    return array


def _scaled(array: Any, *, times: int = 1, over: int = 1) -> Any:
    """Seconds: whole ones and the rest apart, since nanoseconds do not fit a double."""
    import numpy as np
    import pyarrow as pa

    missing = np.asarray(array.is_null())
    values = np.asarray(array.fill_null(0))
    whole, rest = np.divmod(values, over)
    return pa.array(whole * float(times) + rest / over, mask=missing)


def _singletons(leaf: Any) -> Any:
    """Lists of one value, null where there is none."""
    import numpy as np
    import pyarrow as pa

    missing = np.asarray(leaf.is_null())
    ends = np.zeros(len(leaf) + 1, np.int64)
    np.cumsum(~missing, out=ends[1:])
    offsets = pa.array(ends, mask=np.append(missing, False))
    return pa.LargeListArray.from_arrays(offsets, leaf.drop_null())


def _offsets(count: int) -> Any:
    import numpy as np
    import pyarrow as pa

    return pa.array(np.arange(count + 1, dtype=np.int64))


def _list(array: Any, *, finite: bool) -> Any:
    """Lists of what is in them: leaves stay bare, since the list is there already."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.types as pt

    array = _as_large_list(array)
    missing = np.asarray(array.is_null())
    lengths = np.asarray(array.value_lengths().fill_null(0))
    ends = np.zeros(len(array) + 1, np.int64)
    np.cumsum(lengths, out=ends[1:])
    values = plain(array.flatten())
    kind = values.type
    if pt.is_null(kind):
        inner = values
    elif pt.is_struct(kind) or is_list(kind):
        inner = adapt(values, finite=finite)
    else:
        inner = _leaf(values, finite=finite)
        if inner.null_count:
            kept = np.zeros(len(inner) + 1, np.int64)
            np.cumsum(np.asarray(inner.is_valid()), out=kept[1:])
            ends, inner = kept[ends], inner.drop_null()
    offsets = pa.array(ends, mask=np.append(missing, False)) if missing.any() else pa.array(ends)
    return pa.LargeListArray.from_arrays(offsets, inner)


def _as_large_list(array: Any) -> Any:
    import pyarrow as pa
    import pyarrow.types as pt

    kind = array.type
    if pt.is_map(kind):
        pairs = pa.list_(pa.struct([("key", kind.key_type), ("value", kind.item_type)]))
        array = array.cast(pairs)
        kind = array.type
    return array if pt.is_large_list(kind) else array.cast(pa.large_list(kind.value_type))


def _struct(array: Any, *, finite: bool) -> Any:
    """A struct of adapted fields; those that cannot be adapted are left out here.

    The plan of the columns knows them all, and notes what is missing in the result.
    """
    import pyarrow as pa

    children, names = [], []
    for child, field in zip(array.flatten(), array.type, strict=True):
        try:
            children.append(adapt(child, finite=finite))
            names.append(field.name)
        except UnreadableError:
            continue
    if not children:
        raise UnreadableError(f"values of type {array.type} cannot be counted")
    return pa.StructArray.from_arrays(children, names, mask=array.is_null())

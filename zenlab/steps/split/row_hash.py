"""A 64-bit hash of rows by value: the same on every machine, Python, pandas and pyarrow.

`RandomSplit` stands on it, so it is a specification, pinned by golden values in the tests. All
arithmetic is on unsigned 64-bit integers modulo 2^64.

The mixing function is the output of SplitMix64 (Steele, Lea, Flood: "Fast splittable
pseudorandom number generators", OOPSLA 2014):

    mix(x):  x = x + 0x9E3779B97F4A7C15
             x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9
             x = (x ^ (x >> 27)) * 0x94D049BB133111EB
             return x ^ (x >> 31)

A row is its cells, in the order of the columns; names of columns do not count:

    h = mix(seed);  for each cell:  h = mix(h ^ cell)

A cell is `cell = mix(mix(tag) ^ payload)`, by its value and not by its storage:

| tag | value | payload |
|---|---|---|
| 0 | missing; NaN | 0 |
| 1 | boolean | 0 or 1 |
| 2 | integer of any width; a float with the value of a 64-bit integer | two's complement |
| 3 | any other float, widened to 64 bits | its IEEE 754 bits |
| 4 | text | BLAKE2b (8 bytes, little-endian) of its UTF-8 |
| 5 | bytes | BLAKE2b (8 bytes, little-endian) |
| 6 | date; time stamp of any unit, with or without a zone | microseconds since 1970, UTC |
| 7 | time of day | microseconds |
| 8 | duration | microseconds |
| 9 | decimal | BLAKE2b of its text, with the digits of its scale |
| 10 | list, struct, map | BLAKE2b of `core.canonical.encode` of the cell |

A time with a part n of 1..999 nanoseconds below the microsecond (rounded down) goes through one
more round: `cell = mix(cell ^ n)`. So a column that pandas turned from integers into floats for
the sake of one missing value, a dictionary that was decoded, or time stamps in another unit leave
every hash as it was.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from zenlab.core.canonical import encode
from zenlab.core.errors import ParameterError
from zenlab.steps.arrow_columns import is_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    U64 = npt.NDArray[np.uint64]

_MASK = (1 << 64) - 1
_NULL, _BOOL, _INT, _FLOAT, _TEXT, _BYTES, _STAMP, _TIME, _DURATION, _DECIMAL, _NESTED = range(11)


def hash_rows(columns: Iterable[tuple[str, Any]], num_rows: int, seed: int) -> U64:
    """Hash each row.

    Args:
        columns: name (for messages) and Arrow array of each column, of `num_rows` cells.
        num_rows: the number of rows.
        seed: any integer; it counts modulo 2^64.

    Returns:
        One hash a row, shape (num_rows,).

    Raises:
        ParameterError: a column is of a type that has no canonical value.
    """
    import numpy as np

    hashes = np.full(num_rows, mix_int(seed), dtype=np.uint64)
    for name, column in columns:
        hashes ^= _cells(column, name)
        _mix(hashes)
    return hashes


def hash_positions(start: int, num_rows: int, seed: int) -> U64:
    """Hash the places of rows: rows with the one integer cell `start`, `start + 1`, ...

    Args:
        start: the place of the first row.
        num_rows: the number of rows.
        seed: any integer; it counts modulo 2^64.

    Returns:
        One hash a row, shape (num_rows,).
    """
    import numpy as np

    cells = _cell(_INT, np.arange(start, start + num_rows, dtype=np.uint64))
    cells ^= np.uint64(mix_int(seed))
    _mix(cells)
    return cells


def unit_interval(hashes: U64) -> npt.NDArray[np.float64]:
    """The upper 53 bits of each hash as a number in [0, 1).

    Args:
        hashes: what `hash_rows` gave, shape (n,).
    """
    import numpy as np

    # 53 bits fit a float64 exactly; all 64 would round some hashes up to 1.0.
    numbers: npt.NDArray[np.float64] = (hashes >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return numbers


def mix_int(value: int) -> int:
    """The mixing function on one Python integer.

    Example:
        >>> hex(mix_int(0))
        '0xe220a8397b1dcdaf'
    """
    x = (value + 0x9E3779B97F4A7C15) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


def _mix(x: U64) -> None:
    """The mixing function, in place."""
    import numpy as np

    x += np.uint64(0x9E3779B97F4A7C15)
    x ^= x >> np.uint64(30)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)


def _cell(tag: int, payload: U64) -> U64:
    """Cells of one tag; `payload` is used up."""
    import numpy as np

    payload ^= np.uint64(mix_int(tag))
    _mix(payload)
    return payload


def _cells(column: Any, name: str) -> U64:
    """The hash of each cell of an Arrow array."""
    import numpy as np
    import pyarrow as pa

    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    missing = column.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_null(column.type):
        cells = np.zeros(len(column), dtype=np.uint64)
    elif pa.types.is_dictionary(column.type):
        cells = _by_distinct(column, lambda values: _cells(values, name))
    else:
        cells = _present_cells(column, name)
    if pa.types.is_floating(column.type):
        missing = missing | np.isnan(_floats(column))
    if missing.any():
        cells[missing] = mix_int(mix_int(_NULL))
    return cells


def _present_cells(column: pa.Array, name: str) -> U64:
    """The hash of each cell; what stands for a missing one does not matter."""
    import numpy as np
    import pyarrow as pa

    t, kind = pa.types, column.type
    if t.is_boolean(kind):
        cells = _cell(_BOOL, _numbers(column, pa.uint8()).astype(np.uint64))
    elif t.is_integer(kind):
        cells = _cell(_INT, _bits(column.fill_null(0).to_numpy(zero_copy_only=False)))
    elif t.is_floating(kind):
        cells = _float_cells(_floats(column))
    elif t.is_temporal(kind):
        cells = _time_cells(column)
    elif t.is_nested(kind):
        cells = _blake_cells(_NESTED, lambda cell: _encode_nested(cell, kind, name))(column)
    else:
        cells = _text_cells(column, name)
    return cells


def _text_cells(column: pa.Array, name: str) -> U64:
    import pyarrow as pa

    t, kind = pa.types, column.type
    if t.is_decimal(kind):
        return _by_distinct(column.cast(pa.string()), _blake_cells(_DECIMAL, str.encode))
    if is_text(kind):
        return _by_distinct(column.cast(pa.large_string()), _blake_cells(_TEXT, str.encode))
    if t.is_binary(kind) or t.is_large_binary(kind) or t.is_fixed_size_binary(kind):
        return _by_distinct(column.cast(pa.large_binary()), _blake_cells(_BYTES, bytes))
    raise _refused(kind, name)


def _float_cells(values: npt.NDArray[np.float64]) -> U64:
    import numpy as np

    cells = _cell(_FLOAT, _bits(values.copy()))
    with np.errstate(invalid="ignore"):
        whole = (values == np.floor(values)) & (np.abs(values) < 2.0**63)
    if whole.any():
        cells[whole] = _cell(_INT, _bits(values[whole].astype(np.int64)))
    return cells


def _time_cells(column: pa.Array) -> U64:
    import numpy as np
    import pyarrow as pa

    t, kind = pa.types, column.type
    if t.is_date(kind):
        tag, column = _STAMP, column.cast(pa.timestamp("ms" if t.is_date64(kind) else "s"))
    elif t.is_timestamp(kind):
        tag, column = _STAMP, column.cast(pa.timestamp(kind.unit))  # the instant, without a zone
    elif t.is_duration(kind):
        tag = _DURATION
    else:
        tag, column = _TIME, column.cast(pa.time64("us")) if t.is_time32(kind) else column
    counts = _numbers(column, pa.int64())
    unit = column.type.unit
    if unit != "ns":
        return _cell(tag, _bits(counts * {"s": 1_000_000, "ms": 1_000, "us": 1}[unit]))
    micros, rest = np.divmod(counts, 1000)
    cells = _cell(tag, _bits(micros))
    below = rest != 0
    if below.any():
        finer = cells[below] ^ _bits(rest[below])
        _mix(finer)
        cells[below] = finer
    return cells


def _by_distinct(column: pa.Array, hash_values: Callable[[pa.Array], U64]) -> U64:
    """Hash each distinct value once, then spread the hashes over the rows."""
    import pyarrow as pa

    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    indices = encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)
    distinct = hash_values(encoded.dictionary)
    if not len(distinct):
        import numpy as np

        return np.zeros(len(column), dtype=np.uint64)
    spread: U64 = distinct[indices]
    return spread


def _blake_cells(tag: int, to_bytes: Callable[[Any], bytes]) -> Callable[[pa.Array], U64]:
    def cells(values: pa.Array) -> U64:
        import numpy as np

        digests = b"".join(
            b"\0" * 8 if v is None else hashlib.blake2b(to_bytes(v), digest_size=8).digest()
            for v in values.to_pylist()
        )
        return _cell(tag, np.frombuffer(digests, dtype="<u8").astype(np.uint64))

    return cells


def _encode_nested(cell: Any, kind: pa.DataType, name: str) -> bytes:
    try:
        return encode(cell, name)
    except ParameterError:
        raise _refused(kind, name) from None


def _refused(kind: pa.DataType, name: str) -> ParameterError:
    return ParameterError(
        f"Rows cannot be told apart by column '{name}' of type {kind}.",
        where=name,
        hint="Name the columns that count, by=['...'], or split by='position'.",
    )


def _floats(column: pa.Array) -> npt.NDArray[np.float64]:
    import numpy as np
    import pyarrow as pa

    if pa.types.is_float16(column.type):  # its kernels are not there in all versions
        values = column.to_numpy(zero_copy_only=False)
    else:
        values = column.fill_null(0).to_numpy(zero_copy_only=False)
    floats: npt.NDArray[np.float64] = values.astype(np.float64)
    return floats


def _numbers(column: pa.Array, kind: pa.DataType) -> Any:
    return column.cast(kind).fill_null(0).to_numpy(zero_copy_only=False)


def _bits(values: npt.NDArray[Any]) -> U64:
    """Integers or float64s as their 64 bits; always a new array."""
    import numpy as np

    wide = values if values.dtype == np.float64 else values.astype(np.int64)
    if values.dtype == np.uint64:
        wide = values
    bits: U64 = wide.view(np.uint64).copy()
    return bits

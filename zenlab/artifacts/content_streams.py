"""The canonical bytes of one Arrow column, as streams that do not show where a batch ends.

    fixed width     the values, little-endian, zero under a null, one NaN
    boolean         one byte a value
    text, binary    lengths (uint32) and bytes, two streams
    time of day     nanoseconds since midnight (int64)
    timestamp       whole seconds since 1970 (int64) and nanoseconds (int32), two streams
    list, map       lengths (uint32), and the streams of the items
    struct          the streams of the fields
    dictionary      the streams of the decoded values, and of the categories in order

Every column has one more stream: a byte a value, 1 where it is valid. It stays empty, and costs
nothing, until the first null comes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from zenlab.artifacts.arrow_types import family, is_list, is_text
from zenlab.core import canonical
from zenlab.core.errors import ArtifactError

if TYPE_CHECKING:
    import pyarrow as pa

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_ONES = b"\x01" * 65_536


class ColumnStreams:
    """The streams of one column or of one nested part of it.

    Args:
        kind: the Arrow type.
        where: the column's name, for messages.
    """

    def __init__(self, kind: pa.DataType, where: str) -> None:
        import pyarrow as pa
        import pyarrow.types as pt

        self._kind = kind
        self._where = where
        self._rows = 0
        self._nulls = 0
        self._valid = hashlib.sha256()
        self._streams = [hashlib.sha256(), hashlib.sha256()]
        self._categories: pa.Array | None = None
        self._add = getattr(self, f"_add_{family(kind, where)}")
        self._children: list[ColumnStreams] = []
        if pt.is_struct(kind):
            fields = [kind.field(i) for i in range(kind.num_fields)]
            self._children = [ColumnStreams(f.type, f"{where}.{f.name}") for f in fields]
        elif pt.is_map(kind):
            parts = ((kind.key_type, "key"), (kind.item_type, "value"))
            self._children = [ColumnStreams(t, f"{where}.{n}") for t, n in parts]
        elif is_list(kind):
            self._children = [ColumnStreams(kind.value_type, f"{where}[]")]
        elif pt.is_dictionary(kind):
            self._children = [ColumnStreams(kind.value_type, where)]
        elif isinstance(kind, pa.BaseExtensionType):
            self._children = [ColumnStreams(kind.storage_type, where)]

    def update(self, array: pa.Array) -> None:
        """Add the values of an array of this type."""
        nulls = int(array.null_count)
        if nulls or self._nulls:
            if not self._nulls:
                self._catch_up()
            self._valid.update(array.is_valid().to_numpy(zero_copy_only=False).view("uint8"))
        self._rows += len(array)
        self._nulls += nulls
        self._add(array)

    def hexdigest(self) -> str:
        """The digest of all streams."""
        parts: dict[str, Any] = {
            "rows": self._rows,
            "valid": self._valid.hexdigest() if self._nulls else None,
            "streams": [stream.hexdigest() for stream in self._streams],
            "children": [child.hexdigest() for child in self._children],
        }
        if self._categories is not None:
            categories = ColumnStreams(self._categories.type, self._where)
            categories.update(self._categories)
            parts["categories"] = categories.hexdigest()
        return canonical.digest(parts)

    def _catch_up(self) -> None:
        """All values before the first null are valid."""
        whole, rest = divmod(self._rows, len(_ONES))
        for _ in range(whole):
            self._valid.update(_ONES)
        self._valid.update(_ONES[:rest])

    # What follows adds arrays of one kind each. Nulls have been counted; what lies under them
    # becomes zero or empty.

    def _add_null(self, array: pa.Array) -> None:
        """A column of type null: its rows are counted, and that is all there is."""

    def _add_fixed(self, array: pa.Array) -> None:
        import numpy as np

        width = array.type.bit_width // 8
        if not width:  # fixed_size_binary[0]: nothing but nulls tells two values apart
            return
        values: Any = _fixed(array, width)
        if array.null_count:
            if width in (1, 2, 4, 8):
                values = values.view(f"<u{width}")
            values = np.where(_null_mask(array)[:, None], values.dtype.type(0), values)
        self._streams[0].update(_contiguous(values))

    def _add_decimal(self, array: pa.Array) -> None:
        import pyarrow as pa

        precision, scale = self._kind.precision, self._kind.scale
        make = pa.decimal128 if precision <= 38 else pa.decimal256
        self._add_fixed(array.cast(make(precision, scale)))

    def _add_time(self, array: pa.Array) -> None:
        import numpy as np

        width = self._kind.bit_width // 8
        values = _fixed(array, width).view(f"<i{width}").reshape(-1).astype("<i8")
        if array.null_count:
            values = np.where(_null_mask(array), 0, values)
        self._streams[0].update(values * (1_000_000_000 // _PER_SECOND[self._kind.unit]))

    def _add_float(self, array: pa.Array) -> None:
        import numpy as np

        width = self._kind.bit_width // 8
        values = _fixed(array, width).view(f"<f{width}").reshape(-1)
        is_nan = np.isnan(values)
        if array.null_count or is_nan.any():
            values = values.copy()
            values[is_nan] = np.nan
            values[_null_mask(array)] = 0
        self._streams[0].update(values)

    def _add_bool(self, array: pa.Array) -> None:
        values = array.fill_null(False) if array.null_count else array
        self._streams[0].update(values.to_numpy(zero_copy_only=False).view("uint8"))

    def _add_bytes(self, array: pa.Array) -> None:
        import numpy as np
        import pyarrow as pa

        if str(array.type).endswith("_view"):
            array = array.cast(pa.large_string() if is_text(self._kind) else pa.large_binary())
        width = "int64" if str(array.type).startswith("large_") else "int32"
        lengths, start, end = _lengths(array, width)
        if array.null_count and lengths[_null_mask(array)].any():
            array = array.fill_null("" if is_text(self._kind) else b"")
            lengths, start, end = _lengths(array, width)
        self._streams[0].update(self._counts(lengths))
        data = array.buffers()[2]
        if data is not None and end > start:
            self._streams[1].update(_contiguous(np.frombuffer(data, "uint8")[start:end]))

    def _add_instant(self, array: pa.Array) -> None:
        import numpy as np

        values = _fixed(array, 8).view("<i8").reshape(-1)
        if array.null_count:
            values = np.where(_null_mask(array), 0, values)
        per_second = _PER_SECOND[self._kind.unit]
        # Seconds, since a year of 300,000 in seconds does not fit into 64 bits of microseconds.
        seconds = np.floor_divide(values, per_second)
        rest: Any = (values - seconds * per_second) * (1_000_000_000 // per_second)
        self._streams[0].update(seconds)
        self._streams[1].update(rest.astype("<i4"))

    def _add_list(self, array: pa.Array) -> None:
        import pyarrow.compute as pc

        lengths = pc.list_value_length(array).fill_null(0)
        self._streams[0].update(self._counts(lengths.to_numpy(zero_copy_only=False)))
        self._add_child(0, array.flatten())

    def _add_map(self, array: pa.Array) -> None:
        import numpy as np

        lengths, start, end = _lengths(array, "int32")
        mask = _null_mask(array)
        keys, items = array.keys, array.items
        if len(keys) != end - start:  # versions differ in whether a slice shows its own entries
            keys, items = keys.slice(start, end - start), items.slice(start, end - start)
        if mask.any() and lengths[mask].any():
            kept = np.flatnonzero(np.repeat(~mask, lengths))
            keys, items = keys.take(_indices(kept)), items.take(_indices(kept))
        self._streams[0].update(self._counts(np.where(mask, 0, lengths)))
        self._add_child(0, keys)
        self._add_child(1, items)

    def _add_struct(self, array: pa.Array) -> None:
        # flatten() makes the fields of a null null, so that nothing under it is seen.
        for i, part in enumerate(array.flatten()):
            self._add_child(i, part)

    def _add_dictionary(self, array: pa.Array) -> None:
        import pyarrow as pa

        fresh = array.dictionary
        if self._categories is None:
            self._categories = fresh.unique()
        elif not fresh.equals(self._categories):
            self._categories = pa.chunked_array([self._categories, fresh]).unique()
        self._add_child(0, array.dictionary_decode())

    def _add_extension(self, array: pa.Array) -> None:
        self._add_child(0, array.storage)

    def _add_child(self, index: int, array: pa.Array) -> None:
        if len(array):
            self._children[index].update(array)

    def _counts(self, lengths: Any) -> Any:
        if len(lengths) and int(lengths.max()) >= 2**32:
            raise ArtifactError(
                f"Column '{self._where}' has a value of more than 4 GiB.",
                hint="Keep such values in files of their own.",
            )
        return lengths.astype("<u4")


def _fixed(array: pa.Array, width: int) -> Any:
    """The bytes of the values, shape (rows, width), without a copy."""
    import numpy as np

    data = array.buffers()[1]
    if data is None:  # all null, and never allocated
        return np.zeros((len(array), width), "uint8")
    start = array.offset * width
    return np.frombuffer(data, "uint8")[start : start + len(array) * width].reshape(-1, width)


def _lengths(array: pa.Array, width: str) -> tuple[Any, int, int]:
    """The lengths of the values, and where the first begins and the last ends."""
    import numpy as np

    offsets = np.frombuffer(array.buffers()[1], width)[array.offset :][: len(array) + 1]
    return np.diff(offsets), int(offsets[0]), int(offsets[-1])


def _contiguous(values: Any) -> Any:
    import numpy as np

    return np.ascontiguousarray(values)


def _null_mask(array: pa.Array) -> Any:
    return array.is_null().to_numpy(zero_copy_only=False)


def _indices(positions: Any) -> pa.Array:
    import pyarrow as pa

    return pa.array(positions)

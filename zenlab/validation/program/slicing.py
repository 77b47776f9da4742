"""Groups of rows with the same values in some columns, each with statistics of its own."""

from __future__ import annotations

from collections import Counter as Counts
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .adapter import adapt, plain
from .problems import RefusedError, UnreadableError
from .values import MIN_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .reading import Source

MAX_GROUPS = 50
"""The most groups of one list of columns: those with the most rows."""

MAX_VALUES = 10_000
"""A list of columns with more groups than this is refused."""


@dataclass
class Slices:
    """The groups of one list of columns.

    Attributes:
        columns: the columns, sorted, as TFDV sorts them.
        groups: values of the columns -> what the group is called.
        omitted: how many groups are left out.
    """

    columns: list[str]
    groups: dict[tuple[Any, ...], str]
    omitted: int = 0

    def split(self, batch: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
        """The rows of a batch that belong to a group.

        Args:
            batch: a batch with the columns.

        Yields:
            The group's values, and the numbers of its rows as an Arrow array.
        """
        import numpy as np
        import pyarrow as pa

        codes, values = _codes(batch, self.columns)
        order = np.argsort(codes, kind="stable")
        starts = np.searchsorted(codes[order], np.arange(len(values) + 1))
        for number, key in enumerate(values):
            if key in self.groups:
                yield key, pa.array(order[starts[number] : starts[number + 1]])


def find_slices(
    source: Source, asked: Sequence[Sequence[str]], sensitive: set[str]
) -> list[Slices]:
    """The groups of a dataset that are counted: one pass over the columns of the slices.

    Args:
        source: the dataset.
        asked: lists of columns.
        sensitive: columns whose values may not be shown, and so make no slices.

    Raises:
        RefusedError: a column is not there, is sensitive, or has too many values.
    """
    found = []
    for one in asked:
        columns = sorted(set(one))
        _check(source, columns, sensitive)
        counts: Counts[tuple[Any, ...]] = Counts()
        for batch in source.batches(columns):
            import numpy as np

            codes, values = _codes(batch, columns)
            for key, rows in zip(values, np.bincount(codes, minlength=len(values)), strict=True):
                counts[key] += int(rows)
            if len(counts) > MAX_VALUES:
                raise RefusedError(
                    f"The slices by {', '.join(columns)} are more than {MAX_VALUES:,}.",
                    where=source.name,
                    hint="Slice by columns with few values, or put numbers into bins first.",
                )
        shown = [key for key, rows in counts.items() if rows >= MIN_ROWS and None not in key]
        shown.sort(key=lambda key: (-counts[key], [str(value) for value in key]))
        groups = {key: _name(columns, key) for key in shown[:MAX_GROUPS]}
        found.append(Slices(columns, groups, sum(None not in key for key in counts) - len(groups)))
    return found


def value_text(value: Any) -> str:
    """A value of a slice as people read it."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _check(source: Source, columns: list[str], sensitive: set[str]) -> None:
    import pyarrow.types as pt

    names = source.schema.names
    for column in columns:
        if column not in names:
            raise RefusedError(
                f"There is no column '{column}' to slice by.",
                where=source.name,
                hint="There are: " + ", ".join(repr(name) for name in names[:20]),
            )
        if column in sensitive:
            raise RefusedError(
                f"The column '{column}' is sensitive: slices by it would show its values.",
                where=source.name,
                hint="Slice by another column.",
            )
        kind = plain(source.schema.empty_table().column(column).combine_chunks()).type
        if pt.is_nested(kind):
            raise RefusedError(
                f"The column '{column}' of type {kind} has no values to slice by.",
                where=source.name,
            )


def _codes(batch: Any, columns: list[str]) -> tuple[Any, list[tuple[Any, ...]]]:
    """A number a row, and the values that each number stands for."""
    import numpy as np

    codes = np.zeros(batch.num_rows, np.int64)
    values: list[tuple[Any, ...]] = [()]
    for column in columns:
        array = plain(batch.column(batch.schema.get_field_index(column)))
        encoded = array.dictionary_encode(null_encoding="encode")
        dictionary = encoded.dictionary.to_pylist()
        codes = codes * max(len(dictionary), 1) + np.asarray(encoded.indices)
        used, codes = np.unique(codes, return_inverse=True)
        codes = codes.reshape(-1)
        width = max(len(dictionary), 1)
        values = [(*values[int(u) // width], _key(dictionary[int(u) % width])) for u in used]
    return codes, values if batch.num_rows else []


def _key(value: Any) -> Any:
    """A value that equals itself: NaN is missing, as in the statistics."""
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124


def _name(columns: list[str], key: tuple[Any, ...]) -> str:
    """What TFDV calls a slice: `column_value`, several of them joined."""
    return "_".join(f"{c}_{_tfdv_text(v)}" for c, v in zip(columns, key, strict=True))


def _tfdv_text(value: Any) -> str:
    """A value as TFDV sees it: truth values are numbers, times are seconds."""
    import pyarrow as pa

    if isinstance(value, (str, bytes)):
        return value_text(value)
    try:
        return value_text(adapt(pa.array([value])).flatten()[0].as_py())
    except (UnreadableError, pa.ArrowException, IndexError):
        return str(value)

"""Slices: the rows of a split that have the same values in some raw columns."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from zenlab.core.errors import ParameterError, suggest
from zenlab.core.evaluation import MAX_SLICES, MIN_SLICE_ROWS
from zenlab.steps.arrow_columns import as_numbers, as_text, column_array

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from zenlab.core.dataset import Dataset

MISSING = "(missing)"
QUANTILES = 4
"""The number of bins of a column of many numbers."""


class Group(NamedTuple):
    """Values of the columns, and the indices of the rows that have them."""

    values: list[str]
    rows: Any


class Slicer:
    """Groups the rows of each split by columns as they were before the preprocesser.

    A number with more than 50 different values is grouped into four bins, at its quartiles over
    all splits that are evaluated, so that a bin means the same in each of them. Anything else
    counts as it is.

    Args:
        columns: the columns of one slice, such as `["origin", "month"]`.
        raw: the splits that are evaluated.
        where: the step, for messages.
    """

    def __init__(self, columns: Sequence[str], raw: Mapping[str, Dataset], where: str) -> None:
        self.columns = list(columns)
        self._texts: dict[str, list[Any]] = {split: [] for split in raw}
        for name in columns:
            for split, data in raw.items():
                if name not in data.column_names:
                    raise ParameterError(
                        f"There is no column '{name}' to slice by in the split '{split}'.",
                        where=where,
                        hint=suggest(name, data.column_names),
                    )
            arrays = [column_array(data.to_arrow([name]), name, where) for data in raw.values()]
            for split, text in zip(raw, _texts(arrays, name, where), strict=True):
                self._texts[split].append(text)

    def groups(self, split: str) -> tuple[list[Group], int]:
        """The groups that may be shown.

        Args:
            split: the split's name.

        Returns:
            The (at most 50) groups with the most rows, at least 10 each, the largest first and
            equally large ones by their values; and how many were left out.
        """
        import numpy as np

        codes = np.zeros(len(self._texts[split][0]), dtype=np.int64)
        dictionaries = []
        for text in self._texts[split]:
            encoded = text.fill_null(MISSING).dictionary_encode()
            dictionaries.append(encoded.dictionary.to_pylist())
            indices = encoded.indices.to_numpy(zero_copy_only=False)
            # Renumbered at each column: the product of all cardinalities may not fit 64 bits.
            _, codes = np.unique(
                codes * max(len(dictionaries[-1]), 1) + indices, return_inverse=True
            )
            codes = codes.reshape(-1)
        order = np.argsort(codes, kind="stable")
        starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
        texts = [text.fill_null(MISSING) for text in self._texts[split]]
        found = [
            Group([text[int(rows[0])].as_py() for text in texts], rows)
            for rows in (np.split(order, starts[1:]) if len(order) else [])
        ]
        shown = [group for group in found if len(group.rows) >= MIN_SLICE_ROWS]
        shown.sort(key=lambda group: (-len(group.rows), group.values))
        return shown[:MAX_SLICES], len(found) - len(shown[:MAX_SLICES])


def check(slices: Sequence[Any] | None, where: str) -> list[list[str]]:
    """The slices as lists of columns.

    Args:
        slices: what the user gave.
        where: the step, for messages.

    Raises:
        ParameterError: one is not a list of names.
    """
    checked: list[list[str]] = []
    for one in slices or []:
        if isinstance(one, str):
            raise ParameterError(
                f"The slice {one!r} is a string, not a list of columns.",
                where=where,
                hint=f"Write slices=[[{one!r}]]; columns in one list are combined.",
            )
        columns = list(one)
        if not columns or len(set(columns)) < len(columns):
            raise ParameterError(
                f"The slice {columns!r} names no column, or one twice.", where=where
            )
        checked.append(columns)
    return checked


def _texts(arrays: list[pa.Array], name: str, where: str) -> list[pa.Array]:
    """A column of several splits as text, one array a split."""
    import numpy as np
    import pyarrow as pa

    kind = arrays[0].type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        raise ParameterError(
            f"The column '{name}' of type {kind} has no values to slice by.", where=where
        )
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return [as_text(array) for array in arrays]
    numbers = [as_numbers(array) for array in arrays]
    present = np.concatenate(numbers)
    present = present[np.isfinite(present)]
    if len(np.unique(present)) <= MAX_SLICES:
        return [as_text(array) for array in arrays]
    edges = np.unique(np.quantile(present, np.linspace(0, 1, QUANTILES + 1)))
    names = [
        f"[{low:.6g}, {high:.6g}{']' if i == len(edges) - 2 else ')'}"
        for i, (low, high) in enumerate(pairwise(edges))
    ]
    return [_binned(values, edges, names) for values in numbers]


def _binned(values: Any, edges: Any, names: list[str]) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    places = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(names) - 1)
    return pa.array(names, pa.string()).take(pa.array(places, mask=np.isnan(values)))

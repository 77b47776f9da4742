"""`BaseSplitStep`: a step that says for each row which split it goes to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.core.dataset import DEFAULT_BATCH_ROWS
from zenlab.core.errors import ParameterError, suggest
from zenlab.steps.base import RunnableStep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pyarrow as pa

    from zenlab.core.dataset import Dataset

SKIP = "skip"
"""What 0.3 calls the split of the rows that are left out: they are dropped."""

RESERVED = frozenset({"preprocesser", "files", "log"})
"""Names of other outputs beside the splits."""


class BaseSplitStep(RunnableStep):
    """Override `assign` and `get_split_names`; or, as in 0.3, `partition_fn`, a row at a time.

    The rows of each split keep their order. A split without a row is an error.

    Attributes:
        batch_rows: the most rows that `assign` gets at once; None for all rows at once.
        offset: the place of the batch's first row among all rows, counted from 0.

    Example:
        >>> class ByYear(BaseSplitStep):
        ...     def __init__(self, first_eval_year: int):
        ...         self.first_eval_year = first_eval_year
        ...
        ...     def get_split_names(self):
        ...         return ["train", "eval"]
        ...
        ...     def assign(self, table):
        ...         year = table["year"].to_numpy()
        ...         return np.where(year < self.first_eval_year, "train", "eval")
    """

    KIND: ClassVar[str] = "split"

    batch_rows: ClassVar[int | None] = DEFAULT_BATCH_ROWS

    offset: int = 0

    def get_split_names(self) -> list[str]:
        """The splits in the order in which they are shown; to be overridden.

        A split called `skip` is dropped, as in 0.3.
        """
        raise NotImplementedError(f"{type(self).__name__} overrides no get_split_names()")

    def partition_fn(self, element: dict[str, Any], num_partitions: int) -> int:
        """0.3's way: the number of the split of one row.

        Args:
            element: the row, by name of column; a missing value is None.
            num_partitions: how many splits there are.

        Returns:
            The index in `get_split_names()`.
        """
        raise NotImplementedError(
            f"{type(self).__name__} overrides neither assign(table) nor partition_fn(element, n)"
        )

    def assign(self, table: pa.Table) -> Any:
        """The name of the split of each row.

        Args:
            table: a batch of rows (see `batch_rows`), as an Arrow table.

        Returns:
            One name a row, None for a row that is left out: a list, a numpy array, a Series or
            an Arrow array. By default `partition_fn` of each row.
        """
        names = self.get_split_names()
        indices = [self.partition_fn(row, len(names)) for row in table.to_pylist()]
        for index in indices:
            if isinstance(index, bool) or not 0 <= int(index) < len(names):
                raise ParameterError(
                    f"{self.title}: partition_fn returned {index!r}; return the index of one of "
                    f"{len(names)} splits, counted from 0.",
                    where=self.title,
                )
        return [names[int(index)] for index in indices]

    def report(self, counts: Mapping[str, int], total: int) -> None:
        """Tell what is worth knowing about the result, through `self.context.finding`.

        Args:
            counts: rows of each split.
            total: all rows, with those that were left out.
        """
        dropped = total - sum(counts.values())
        if dropped:
            self.context.finding(
                f"{dropped:,} of {total:,} rows ({dropped / total:.1%}) are in no split."
            )

    def _split_names(self) -> list[str] | None:
        """The declared names without `skip`, checked; None where a function declares none."""
        return check_split_names(self.get_split_names(), self.title)

    def _execute(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        data: Dataset = inputs["data"]
        declared = self._split_names()
        writers: dict[str, Any] = {}
        counts = dict.fromkeys(declared or [], 0)
        self.offset = 0
        for table in self._tables(data):
            names, codes = _encode(self.assign(table), table.num_rows, self.title)
            if declared is None:
                check_split_names(names, self.title)
            for code, name in enumerate(names):
                if name == SKIP and name not in counts:
                    continue
                if declared is not None and name not in counts:
                    raise ParameterError(
                        f"{self.title} sends rows to '{name}', which is no split of it.",
                        where=self.title,
                        hint=suggest(name, declared),
                    )
                rows = table.filter(codes == code)
                if name not in writers:
                    writers[name] = self.context.dataset_writer(name)
                writers[name].write(rows)
                counts[name] = counts.get(name, 0) + rows.num_rows
            self.offset += table.num_rows
            self.context.progress(self.offset, data.num_rows)
        self._refuse_empty(counts, self.offset)
        self.report(counts, self.offset)
        return {name: writers[name] for name in declared or _usual_order(writers)}

    def _tables(self, data: Dataset) -> Iterator[pa.Table]:
        import pyarrow as pa

        if self.batch_rows is None:
            yield data.to_arrow()
            return
        for batch in data.batches(self.batch_rows):
            yield pa.Table.from_batches([batch])

    def _refuse_empty(self, counts: Mapping[str, int], total: int) -> None:
        empty = [name for name, rows in counts.items() if not rows]
        if empty or not counts:
            got = ", ".join(f"{name} {rows:,}" for name, rows in counts.items() if rows)
            which = f"split '{empty[0]}'" if empty else "any split"
            raise ParameterError(
                f"{self.title} gives no row of {total:,} to {which}"
                + (f" (rows: {got})." if got else "."),
                where=self.title,
                hint="Give it a larger share or more categories, or leave the split out.",
            )


def check_split_names(names: Iterable[str], where: str) -> list[str]:
    """Names of splits that can be names of outputs; `skip` is left out.

    Args:
        names: the splits of a step.
        where: the step, for messages.

    Raises:
        ParameterError: there is none, one comes twice, or one is no plain name.
    """
    kept = [name for name in names if name != SKIP]
    for name in kept:
        plain = isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", name)
        if not plain or name in RESERVED:
            raise ParameterError(
                f"{where}: {name!r} cannot be the name of a split.",
                where=where,
                hint="Use letters, digits, '_', '-' and '.', such as 'train' or 'eval'.",
            )
    if not kept or len(set(kept)) < len(kept):
        what = "names a split twice" if kept else "names no split"
        raise ParameterError(f"{where} {what}.", where=where, hint="Such as ['train', 'eval'].")
    return kept


def _encode(assigned: Any, num_rows: int, where: str) -> tuple[list[str], Any]:
    """Names of splits as (distinct names, index of each row's name or -1), shape (num_rows,)."""
    import numpy as np
    import pyarrow as pa

    if isinstance(assigned, str) or not hasattr(assigned, "__len__"):
        returned = "None" if assigned is None else repr(assigned)[:80]
        raise ParameterError(
            f"{where} returned {returned}; return the name of a split for each row.", where=where
        )
    try:
        if isinstance(assigned, (pa.Array, pa.ChunkedArray)):
            names = assigned
        else:
            names = pa.array(assigned, from_pandas=True)
        if isinstance(names, pa.ChunkedArray):
            names = names.combine_chunks()
        if not pa.types.is_dictionary(names.type):
            names = names.cast(pa.string()).dictionary_encode()
        distinct = names.dictionary.cast(pa.string()).to_pylist()
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise ParameterError(
            f"{where} returned something else than names of splits: {error}.", where=where
        ) from None
    if len(names) != num_rows:
        raise ParameterError(
            f"{where} returned {len(names):,} names of splits for {num_rows:,} rows.",
            where=where,
            hint="Return one name a row; None leaves a row out.",
        )
    codes = names.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    present = set(np.unique(codes).tolist())
    if None in distinct or len(present - {-1}) < len(distinct):
        # A declared but unused name (a pandas Categorical has them) is no split of this batch.
        keep = [i for i, name in enumerate(distinct) if i in present and name is not None]
        renumber = np.full(len(distinct) + 1, -1)
        renumber[keep] = range(len(keep))
        return [distinct[i] for i in keep], renumber[codes]
    return distinct, codes


def _usual_order(names: Iterable[str]) -> list[str]:
    """train, eval and test first, then the others by name."""
    first = {"train": 0, "eval": 1, "test": 2}
    return sorted(names, key=lambda name: (first.get(name, 3), name))

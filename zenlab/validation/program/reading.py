"""Parquet files as batches of rows, in bounded memory; a sample of them, if one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .problems import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_CELLS = 1_000_000
"""About how many values a batch has: it bounds memory, and is enough to be fast."""

_MIN_ROWS, _MAX_ROWS = 1_024, 65_536


class Source:
    """The rows of one dataset.

    Args:
        name: the dataset's.
        files: Parquet files with the same columns, in the order of the rows.
        sample: at most so many rows, drawn evenly at random, always the same ones; None: all.
        check: is called at each batch, and raises if nobody waits any more.

    Raises:
        RefusedError: a file cannot be read, or has other columns than the first.
    """

    def __init__(
        self, name: str, files: Sequence[Path], sample: int | None, check: Callable[[], None]
    ) -> None:
        import pyarrow.parquet as pq

        self.name = name
        self._check = check
        if not files:
            raise RefusedError(f"The dataset '{name}' has no file.", where=name)
        self._files: list[Any] = []
        for path in files:
            try:
                self._files.append(pq.ParquetFile(path, pre_buffer=False))
            except (OSError, ValueError) as error:
                raise RefusedError(
                    f"The dataset '{name}' cannot be read: {first_line(error)}", where=str(path)
                ) from error
        self.schema = self._files[0].schema_arrow
        self._place = str(files[0])
        for path, file in zip(files, self._files, strict=True):
            if file.schema_arrow.names != self.schema.names:
                raise RefusedError(
                    f"A file of the dataset '{name}' has other columns than its first file.",
                    where=str(path),
                    hint="Write all files of a dataset with the same columns.",
                )
        self.total = sum(file.metadata.num_rows for file in self._files)
        self.sampled = sample is not None and sample < self.total
        self._chosen = _choose(self.total, sample) if self.sampled and sample is not None else None
        self.rows = self.total if self._chosen is None else len(self._chosen)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[Any]:
        """The rows, in order; at least one batch, which may be empty.

        Args:
            columns: those to read; all by default.
        """
        import pyarrow as pa

        wanted = None if columns is None else list(columns)
        names = self.schema.names if wanted is None else wanted
        size = max(min(_CELLS // max(len(names), 1), _MAX_ROWS), _MIN_ROWS)
        start = 0
        for file in self._files:
            for batch in file.iter_batches(batch_size=size, columns=wanted, use_threads=True):
                self._check()
                end = start + batch.num_rows
                rows = self._pick(batch.select(names) if names else batch, start, end)
                start = end
                if rows.num_rows:
                    yield rows
        if self.rows == 0:
            fields = [self.schema.field(name) for name in names]
            yield pa.RecordBatch.from_arrays(
                [pa.array([], field.type) for field in fields], schema=pa.schema(fields)
            )

    def unreadable(self, columns: Sequence[str]) -> dict[str, str]:
        """The columns whose values cannot be read, and why: each is read by itself.

        Args:
            columns: those to try.

        Raises:
            RefusedError: it is all of them; the file is damaged.
        """
        found: dict[str, str] = {}
        for name in columns:
            try:
                for _ in self.batches([name]):
                    continue
            except (OSError, ValueError, NotImplementedError) as error:
                found[name] = first_line(error)
        if found and len(found) == len(columns):
            raise RefusedError(
                f"The dataset '{self.name}' cannot be read: {next(iter(found.values()))}",
                where=self._place,
            )
        return found

    def _pick(self, batch: Any, start: int, end: int) -> Any:
        if self._chosen is None:
            return batch
        import numpy as np

        low, high = np.searchsorted(self._chosen, (start, end))
        return batch.take(_indices(self._chosen[low:high] - start))


def _indices(values: Any) -> Any:
    import pyarrow as pa

    return pa.array(values)


def _choose(total: int, sample: int) -> Any:
    """Row numbers in order: the same for the same numbers of rows."""
    import numpy as np

    random = np.random.default_rng(0)
    return np.sort(random.choice(total, size=max(sample, 0), replace=False, shuffle=False))


def first_line(error: BaseException) -> str:
    """The first line of an error's text."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__

"""`Dataset`: rows at rest, read when they are asked for.

A step gets its inputs as `Dataset`s, and a user gets them from `pipeline.outputs("split")`.
Nothing is read before `to_pandas()`, `to_arrow()`, `batches()` or `path` is called: a step that
comes from the cache costs no I/O, and a step that reads two columns reads two columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

DEFAULT_BATCH_ROWS = 65_536
_FEW_ROWS = 10_000


class Dataset:
    """Rows in Parquet files, at rest and immutable.

    Args:
        fetch: gives the local folder that holds the `*.parquet` files, in name order. It is
            called once, at the first read; it checks the files, and downloads them if need be.
        digest: the content digest of the values (64 hexadecimal digits).
        num_rows: the number of rows.
        name: what it is, for messages: `split/train`.
        rows: gives all rows if they are in memory, or None: then they are read from the files.

    Example:
        >>> train = pipeline.outputs("split")["train"]  # doctest: +SKIP
        >>> train.num_rows, train.column_names  # doctest: +SKIP
        (235743, ['year', 'month', ...])
        >>> train.to_pandas(columns=["carrier"]).head()  # doctest: +SKIP
    """

    def __init__(
        self,
        fetch: Callable[[], Path],
        *,
        digest: str,
        num_rows: int,
        name: str = "data",
        rows: Callable[[], pa.Table | None] = lambda: None,
    ) -> None:
        self._fetch = fetch
        self._rows = rows
        self._path: Path | None = None
        self.digest = digest
        self.num_rows = num_rows
        self.name = name

    def __repr__(self) -> str:
        return f"<Dataset {self.name}: {self.num_rows:,} rows, {self.digest[:12]}>"

    def __len__(self) -> int:
        return self.num_rows

    @property
    def path(self) -> Path:
        """The local folder of the Parquet files, fetched and checked."""
        if self._path is None:
            self._path = self._fetch()
        return self._path

    @property
    def files(self) -> list[Path]:
        """The Parquet files, in the order of the rows."""
        return sorted(self.path.glob("*.parquet"))

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the rows."""
        import pyarrow.parquet as pq

        return pq.read_schema(self.files[0])

    @property
    def column_names(self) -> list[str]:
        """The names of the columns, in order."""
        return list(self.schema.names)

    def to_arrow(self, columns: Sequence[str] | None = None) -> pa.Table:
        """All rows as an Arrow table.

        Args:
            columns: the columns to read; all by default.
        """
        known = self._rows()
        if known is not None:
            return known if columns is None else known.select(list(columns))
        import pyarrow as pa
        import pyarrow.parquet as pq

        wanted = None if columns is None else list(columns)
        # For few rows, starting threads takes longer than reading.
        threads = self.num_rows > _FEW_ROWS
        tables = [
            # An open file: from a path, pyarrow first finds out which file system it is of.
            pq.ParquetFile(pa.OSFile(str(file)), pre_buffer=False).read(
                columns=wanted, use_threads=threads
            )
            for file in self.files
        ]
        table = tables[0] if len(tables) == 1 else pa.concat_tables(tables)
        return table if wanted is None else table.select(wanted)

    def to_pandas(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """All rows as a DataFrame with a fresh `RangeIndex`.

        Args:
            columns: the columns to read; all by default.
        """
        frame: pd.DataFrame = self.to_arrow(columns).to_pandas(
            use_threads=self.num_rows > _FEW_ROWS
        )
        return frame

    def batches(
        self, size: int = DEFAULT_BATCH_ROWS, columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The rows in batches, in order, in bounded memory.

        Args:
            size: the most rows of a batch.
            columns: the columns to read; all by default.
        """
        import pyarrow.parquet as pq

        wanted: Any = None if columns is None else list(columns)
        for file in self.files:
            for batch in pq.ParquetFile(file).iter_batches(batch_size=size, columns=wanted):
                yield batch if wanted is None else batch.select(wanted)

    def head(self, n: int = 5) -> pd.DataFrame:
        """The first `n` rows as a DataFrame."""
        import pyarrow as pa

        got: list[pa.RecordBatch] = []
        rows = 0
        for batch in self.batches(size=max(n, 1)):
            got.append(batch.slice(0, n - rows))
            rows += got[-1].num_rows
            if rows >= n:
                break
        frame: pd.DataFrame = pa.Table.from_batches(got, schema=self.schema).to_pandas()
        return frame

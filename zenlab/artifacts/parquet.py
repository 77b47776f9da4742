"""`DatasetWriter`: rows to Parquet in bounded memory, with the digest of their values on the fly.

Files are compressed with zstd-1. Only text is dictionary-encoded: on floats it doubles the time
and saves nothing. Statistics are left out, since a dataset is read whole or by column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from zenlab.artifacts import disk
from zenlab.artifacts.arrow_types import is_text, type_name
from zenlab.artifacts.content import ContentDigest
from zenlab.artifacts.frames import check_names
from zenlab.artifacts.manifest import Described, write_hashed
from zenlab.artifacts.recent import is_plain
from zenlab.artifacts.tables import as_read_back, to_table
from zenlab.core.errors import ArtifactError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

FORMAT = "parquet"
VERSION = 1

ROW_GROUP_BYTES = 64 * 2**20
"""A row group is written when so much is waiting: it bounds the memory of writer and reader."""

ROW_GROUP_ROWS = 1_048_576

SMALL_BYTES = 2**20
"""A dataset of no more than this is written in one piece: its file is hashed on the way."""

_TINY_BYTES = 2**14
"""Compressing less than this saves no block of the disk, and takes as long as writing it."""

_FILE = "part-00000.parquet"
_SHOWN_COLUMNS = 200
_DICTIONARY_PAGE = 2**20


class DatasetWriter:
    """Writes the rows of one dataset into a folder.

    The first rows fix the schema. Later rows must have the same columns in the same order; a
    number may come as another type of number if no value is changed by it, and a batch in which
    a column has only nulls fits every type.

    Args:
        folder: an empty folder, which belongs to this writer.
        name: of the dataset, for messages.
        schema: the schema, where it is known; then a dataset may have no rows at all.

    Example:
        >>> import tempfile, pathlib, pyarrow as pa
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with DatasetWriter(pathlib.Path(folder)) as writer:
        ...         for start in (0, 2):
        ...             writer.write(pa.table({"x": [start, start + 1]}))
        ...     described = writer.close()
        >>> described.num_rows, described.summary
        (4, {'columns': [['x', 'int64']], 'num_columns': 1})
    """

    def __init__(
        self, folder: Path, *, name: str = "data", schema: pa.Schema | None = None
    ) -> None:
        self.folder = folder
        self.name = name
        self._schema: pa.Schema | None = None
        self._digest: ContentDigest | None = None
        self._file: Any = None
        self._dictionary_page = 0
        self._rows: pa.Table | None = None
        self._waiting: list[pa.Table] = []
        self._waiting_bytes = 0
        self._waiting_rows = 0
        self._described: Described | None = None
        self._aborted = False
        if schema is not None:
            self._open(schema.empty_table())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def write(self, rows: pa.RecordBatch | pa.Table | pd.DataFrame) -> None:
        """Add rows.

        Args:
            rows: an Arrow batch or table, or a DataFrame.

        Raises:
            ArtifactError: the rows do not fit those before, or cannot be stored; the message
                names the column. Or the disk is full or read-only. Nothing is left then.
        """
        if self._described is not None or self._aborted:
            raise ArtifactError("The dataset has been closed.", where=self.name)
        try:
            table = self._fit(to_table(rows, self.name))
            if self._digest is None or table.num_rows == 0:
                return
            self._digest.update(table)
            self._waiting.append(table)
            self._waiting_bytes += table.nbytes
            self._waiting_rows += table.num_rows
            if self._waiting_bytes >= ROW_GROUP_BYTES or self._waiting_rows >= ROW_GROUP_ROWS:
                self._flush()
        except BaseException:
            self.abort()
            raise

    def close(self) -> Described:
        """Finish the file.

        Returns:
            What `ArtifactStore.publish` takes. Calling it again returns the same.

        Raises:
            ArtifactError: nothing was written and no schema is known, or the disk is full.
        """
        if self._described is not None:
            return self._described
        if self._aborted or self._schema is None or self._digest is None:
            raise ArtifactError(
                f"The dataset '{self.name}' has no columns: nothing was written to it.",
                where=self.name,
                hint="Write at least one batch, or a DataFrame with columns but no rows.",
            )
        try:
            if self._file is None and self._waiting_bytes <= SMALL_BYTES:
                self._write_small()
            else:
                self._flush()
                with disk.writing("the dataset", self.folder):
                    self._file.close()
        except BaseException:
            self.abort()
            raise
        shown = [[field.name, str(field.type)] for field in self._schema][:_SHOWN_COLUMNS]
        self._described = Described(
            format=FORMAT,
            format_version=VERSION,
            content_digest=self._digest.hexdigest(),
            num_rows=self._digest.num_rows,
            summary={"columns": shown, "num_columns": len(self._schema)},
            rows=self._rows,
        )
        return self._described

    def abort(self) -> None:
        """Give up: remove what was written. Never complains, and may be called at any time."""
        if self._described is not None:
            return
        self._aborted = True
        self._waiting.clear()
        if self._file is not None:
            try:
                self._file.close()
            except (OSError, ValueError):  # the disk that was full still is
                self._file = None
        disk.empty(self.folder)

    def _fit(self, table: pa.Table) -> pa.Table:
        if self._schema is None:
            return self._open(table)
        if table.column_names != self._schema.names:
            raise _other_columns(self._schema.names, table.column_names, self.name)
        if table.schema.equals(self._schema):
            return table
        import pyarrow as pa

        columns = [
            _fit_column(column, field.type, field.name, self.name)
            for column, field in zip(as_read_back(table).columns, self._schema, strict=True)
        ]
        return pa.Table.from_arrays(columns, schema=self._schema)

    def _open(self, table: pa.Table) -> pa.Table:
        check_names(table.column_names, self.name)
        if not table.column_names:
            raise ArtifactError(
                "A dataset without columns cannot be stored.",
                where=self.name,
                hint="Return at least one column.",
            )
        table = as_read_back(table)
        self._schema, self._digest = table.schema, ContentDigest(table.schema)
        self._dictionary_page = _dictionary_page(table)
        return table

    def _parquet(self, sink: Any, compression: str = "zstd") -> Any:
        """A Parquet writer into a path or a stream."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        assert self._schema is not None
        text = [f.name for f in self._schema if _is_text(f.type)]
        try:
            return pq.ParquetWriter(
                sink,
                self._schema,
                compression=compression,
                compression_level=1 if compression == "zstd" else None,
                use_dictionary=text or False,
                write_statistics=False,
                dictionary_pagesize_limit=self._dictionary_page,
            )
        except (pa.ArrowException, ValueError) as error:
            raise ArtifactError(
                f"Parquet cannot keep these columns: {error}.", where=self.name
            ) from error

    def _write_small(self) -> None:
        """Write all rows through memory: the file is opened once, and never read to be hashed."""
        import pyarrow as pa

        assert self._schema is not None
        rows = pa.concat_tables(self._waiting) if self._waiting else self._schema.empty_table()
        sink = pa.BufferOutputStream()
        with self._parquet(sink, "zstd" if self._waiting_bytes > _TINY_BYTES else "none") as file:
            self._write_waiting(file)
        with disk.writing("the dataset", self.folder):
            write_hashed(self.folder / _FILE, sink.getvalue())
        self._rows = rows.combine_chunks() if is_plain(rows.schema) else None

    def _flush(self) -> None:
        with disk.writing("the dataset", self.folder):
            if self._file is None:
                self._file = self._parquet(str(self.folder / _FILE))
            self._write_waiting(self._file)

    def _write_waiting(self, file: Any) -> None:
        import pyarrow as pa

        if not self._waiting:
            return
        table = pa.concat_tables(self._waiting)
        per_row = max(self._waiting_bytes // table.num_rows, 1)
        rows = max(min(ROW_GROUP_BYTES // per_row, ROW_GROUP_ROWS), 1)
        try:
            file.write_table(table, row_group_size=rows)
        except (pa.ArrowException, ValueError) as error:
            raise ArtifactError(
                f"Parquet cannot keep these rows: {error}.", where=self.name
            ) from error
        self._waiting.clear()
        self._waiting_bytes = self._waiting_rows = 0


def _fit_column(column: pa.ChunkedArray, kind: pa.DataType, column_name: str, name: str) -> Any:
    """Cast a column to the type of the rows before, if no value is changed by it."""
    import pyarrow as pa
    import pyarrow.types as pt

    found = column.type
    if found == kind:
        return column
    both_numbers = all(pt.is_integer(t) or pt.is_floating(t) for t in (found, kind))
    same = type_name(found, column_name) == type_name(kind, column_name)
    # A frame's times come in the unit that its values need, which may differ by batch.
    same = same or (pt.is_duration(found) and pt.is_duration(kind))
    same = same or (pt.is_timestamp(found) and pt.is_timestamp(kind) and found.tz == kind.tz)
    if column.null_count == len(column) or both_numbers or same:
        try:
            return column.cast(kind)
        except pa.ArrowException as error:
            reason = f" ({error})"
    else:
        reason = ""
    raise ArtifactError(
        f"Column '{column_name}' is {found} here and {kind} in the rows before{reason}.",
        where=name,
        hint=f"Give it one type in every batch, such as df['{column_name}'].astype(...).",
    )


def _other_columns(expected: list[str], found: list[str], name: str) -> ArtifactError:
    missing = [c for c in expected if c not in found]
    more = [c for c in found if c not in expected]
    said = [f"'{c}' is missing" for c in missing[:3]] + [f"'{c}' is new" for c in more[:3]]
    return ArtifactError(
        f"These rows have other columns than the rows before: "
        f"{', '.join(said) or 'their order differs'}.",
        where=name,
        hint=f"Give every batch the columns {', '.join(expected[:20])}, in this order.",
    )


def _is_text(kind: pa.DataType) -> bool:
    """Whether the values are text, as such or through a dictionary."""
    import pyarrow.types as pt

    return is_text(kind.value_type if pt.is_dictionary(kind) else kind)


def _dictionary_page(table: pa.Table) -> int:
    """The most bytes of a dictionary in the file.

    The categories of a pandas column must fit, or those that no row uses would be lost.
    """
    import pyarrow.types as pt

    sizes = [
        chunk.dictionary.nbytes
        for column in table.columns
        if pt.is_dictionary(column.type)
        for chunk in column.chunks
    ]
    return max([_DICTIONARY_PAGE, *(2 * int(size) for size in sizes)])

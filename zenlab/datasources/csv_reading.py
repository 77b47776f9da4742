"""Reading CSV in bounded memory, with types that fit every row.

pyarrow's streaming reader takes its types from the first block, and fails at the first value
that does not fit. So the files are parsed once, as text, into a temporary Arrow file, while
`ColumnType` learns what each column can be; then the text is cast, batch by batch. A second
parse would cost more, and read a compressed or remote file twice.

This is the fast path. What it cannot read is read again by `csv_errors`, which is slow and knows
the line.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from zenlab.artifacts import disk
from zenlab.core.errors import DatasourceError, ZenlabError
from zenlab.datasources import compression
from zenlab.datasources.csv_errors import check_header, explain, explain_value, header
from zenlab.datasources.csv_types import ColumnType
from zenlab.datasources.types import check_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from zenlab.datasources.csv_options import CSVOptions
    from zenlab.datasources.source_files import SourceFile

BLOCK_BYTES = 4 * 2**20
"""Bytes that are parsed at once: a row must fit into a block."""


def read_csv(
    files: list[SourceFile], options: CSVOptions, types: Mapping[str, pa.DataType]
) -> Iterator[pa.Table]:
    """The rows of some files with equal columns.

    Args:
        files: at least one, in the order of the rows.
        options: how they are written.
        types: Arrow types of columns where they are given.

    Yields:
        Tables of one schema; at least one, which may have no rows.

    Raises:
        DatasourceError: naming file, line and column.
    """
    import pyarrow as pa

    names = _common_header(files, options)
    check_columns(types, names, files[0].shown)
    columns = [ColumnType(options.decimal, types.get(name)) for name in names]
    text = pa.schema([(name, pa.string()) for name in names])
    with tempfile.TemporaryDirectory(prefix="zenlab-csv-") as scratch:
        spool = Path(scratch) / "text.arrow"
        with disk.writing("a temporary copy of the rows", spool, "or set TMPDIR to another folder"):
            ends = _spool(spool, text, files, options, columns)
        schema = pa.schema([(n, c.arrow) for n, c in zip(names, columns, strict=True)])
        yield schema.empty_table()
        start = 0
        with pa.OSFile(str(spool), "rb") as source, pa.ipc.open_file(source) as reader:
            for i in range(reader.num_record_batches):
                batch = reader.get_batch(i)
                arrays = []
                for name, column, learned in zip(names, batch.columns, columns, strict=True):
                    try:
                        arrays.append(learned.cast(column))
                    except pa.ArrowException:
                        bad = learned.first_misfit(column)
                        place = _place(start + bad, files, ends)
                        value, kind = column[bad].as_py(), learned.arrow
                        raise explain_value(*place, options, name, value, kind) from None
                yield pa.Table.from_arrays(arrays, schema=schema)
                start += batch.num_rows


def _spool(
    spool: Path,
    text: pa.Schema,
    files: list[SourceFile],
    options: CSVOptions,
    columns: list[ColumnType],
) -> list[int]:
    """Parse all files as text into one Arrow file, learning the types.

    Returns:
        For each file the number of rows up to its end.
    """
    import pyarrow as pa

    ends, rows = [], 0
    with pa.OSFile(str(spool), "wb") as sink, pa.ipc.new_file(sink, text) as writer:
        for file in files:
            for batch in _parse(file, options, text.names):
                for column, learned in zip(batch.columns, columns, strict=True):
                    learned.learn(column)
                writer.write_batch(batch)
                rows += batch.num_rows
            ends.append(rows)
    return ends


def _common_header(files: list[SourceFile], options: CSVOptions) -> list[str]:
    """The names of the columns, which are the same in all files."""
    first = check_header(header(files[0], options), files[0].shown)
    for file in files[1:]:
        names = check_header(header(file, options), file.shown)
        if names != first:
            differ = [n for n in first if n not in names] + [n for n in names if n not in first]
            said = f"'{differ[0]}' is in only one of them" if differ else "the order differs"
            raise DatasourceError(
                f"The columns are not those of {files[0].shown}: {said}.",
                where=f"{file.shown}, line 1",
                hint="Files of one datasource have the same columns in the same order.",
            )
    return first


def _parse(file: SourceFile, options: CSVOptions, names: list[str]) -> Iterator[pa.RecordBatch]:
    """The rows of a file as text, in batches."""
    import pyarrow as pa

    quotes = 0
    try:
        with compression.open_plain(file) as raw:
            stream = _Watched(raw, options.quotechar)
            for batch in _open(stream, options, names):
                yield pa.RecordBatch.from_arrays(batch.columns, names=names)
            quotes = stream.quotes
    except ZenlabError:
        raise
    except (pa.ArrowException, OSError, ValueError, EOFError) as error:
        problem = compression.damaged(error, file.shown) or explain(file, options, names, error)
        if problem is not None:
            raise problem from error
    if quotes % 2:
        # A quote that is never closed swallows the rest of the file without an error.
        problem = explain(file, options, names, None)
        if problem is not None:
            raise problem


def _open(stream: Any, options: CSVOptions, names: list[str]) -> Any:
    import pyarrow as pa
    import pyarrow.csv as pc

    positions = [str(i) for i in range(len(names))]  # names may be empty in the file
    return pc.open_csv(
        pa.PythonFile(stream, "r"),
        read_options=pc.ReadOptions(
            block_size=BLOCK_BYTES,
            encoding=options.encoding,
            column_names=positions,
            skip_rows_after_names=1,
        ),
        parse_options=pc.ParseOptions(
            delimiter=options.delimiter,
            quote_char=options.quotechar,
            double_quote=True,
            newlines_in_values=True,
        ),
        convert_options=pc.ConvertOptions(
            column_types=dict.fromkeys(positions, pa.string()),
            null_values=list(options.null_values),
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def _place(row: int, files: list[SourceFile], ends: list[int]) -> tuple[SourceFile, int]:
    """The file of a row, and the number of the row in it."""
    start = 0
    for file, end in zip(files, ends, strict=True):
        if row < end:
            return file, row - start
        start = end
    raise AssertionError(row)


class _Watched:
    """A stream that counts the quotes that pass through it."""

    def __init__(self, raw: IO[bytes], quotechar: str) -> None:
        self._raw = raw
        self._quote = quotechar.encode()
        self.quotes = 0

    @property
    def closed(self) -> bool:
        return self._raw.closed

    def read(self, size: int = -1) -> bytes:
        data = self._raw.read(size)
        self.quotes += data.count(self._quote)
        return data

    def close(self) -> None:
        self._raw.close()

"""What is wrong with a CSV file, and on which line.

Slow and exact: it reads with Python's own `csv`, which knows the physical line of a row also
where quoted values contain line ends. It runs on the header, and on files that the fast path
could not read.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import DatasourceError, EmptyDatasourceException
from zenlab.datasources.compression import damaged, open_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zenlab.datasources.csv_options import CSVOptions
    from zenlab.datasources.source_files import SourceFile

_LARGEST_VALUE = 2**31 - 1
_SHOWN = 40


def header(file: SourceFile, options: CSVOptions) -> list[str]:
    """The names of the columns, as the first row has them.

    Args:
        file: the file.
        options: how it is written.

    Raises:
        EmptyDatasourceException: the file is empty.
        DatasourceError: the first row cannot be read.
    """
    with _rows(file, options) as rows:
        try:
            first = next(rows, None)
        except UnicodeDecodeError:
            raise _encoding_error(file, options) from None
        except csv.Error as error:
            raise _error(file, 1, f"The first row cannot be read: {error}") from None
        except (OSError, EOFError) as error:
            raise damaged(error, file.shown) or _error(file, 1, str(error)) from error
    if first is None:
        raise EmptyDatasourceException(
            "The file is empty.",
            where=file.shown,
            hint="A CSV file begins with a row of column names. Was it written to the end?",
        )
    return [name or f"Unnamed: {i}" for i, name in enumerate(first)]


def check_header(names: list[str], where: str) -> list[str]:
    """Refuse duplicate column names.

    Raises:
        DatasourceError: naming the name and its two places.
    """
    for i, name in enumerate(names):
        if name in names[:i]:
            raise DatasourceError(
                f"Two columns are called '{name}': columns {names.index(name) + 1} and {i + 1}.",
                where=f"{where}, line 1, column {i + 1}",
                hint="Give each column a name of its own.",
            )
    return names


def explain(
    file: SourceFile, options: CSVOptions, names: list[str], error: Exception | None
) -> Any:
    """Why a file cannot be read.

    Args:
        file: the file.
        options: how it is written.
        names: its columns.
        error: what the fast path raised; None if it only suspects an open quote.

    Returns:
        A `DatasourceError` with the line. None if nothing is wrong: an open quote was none, or
        the file is a header without a line end, which the fast path does not take.
    """
    with _rows(file, options) as rows:
        before = seen = 0
        try:
            for row in rows:
                seen += 1
                if row and len(row) != len(names):
                    return _ragged(file, options, names, row, before + 1)
                before = rows.line_num
        except UnicodeDecodeError:
            return _encoding_error(file, options)
        except csv.Error as problem:
            if "unexpected end" in str(problem):
                return _error(
                    file,
                    before + 1,
                    f"A quote ({options.quotechar}) is opened in this row and never closed",
                    hint="Close it, or choose another quotechar=.",
                )
            return _error(file, before + 1, f"The row cannot be read: {problem}")
        except (OSError, EOFError) as problem:
            return damaged(problem, file.shown) or _error(file, before + 1, str(problem))
    if error is None or seen == 1:
        return None
    if _too_long(error):
        return _error(file, None, "A row is longer than 4 MB, or a quote is never closed")
    return _encoding_error(file, options, sure=False) or _error(file, None, str(error))


def explain_value(
    file: SourceFile, row: int, options: CSVOptions, column: str, value: str, kind: Any
) -> DatasourceError:
    """The error for a value that is not of the type that `schema=` gives.

    Args:
        file: the file.
        row: the number of the row in it, from 0, the header not counted.
        options: how the file is written.
        column: the column's name.
        value: the value.
        kind: the type.
    """
    line = None
    with _rows(file, options) as rows, contextlib.suppress(csv.Error, UnicodeDecodeError):
        next(rows, None)
        before, seen = rows.line_num, 0
        for found in rows:
            if found:
                if seen == row:
                    line = before + 1
                    break
                seen += 1
            before = rows.line_num
    return _error(
        file,
        line,
        f"{value[:_SHOWN]!r} is no {kind}, which schema= gives for the column '{column}'",
        column=column,
        hint=f"Correct the value, name it in null_values=, or leave '{column}' out of schema=.",
    )


@contextlib.contextmanager
def _rows(file: SourceFile, options: CSVOptions) -> Iterator[Any]:
    encoding = "utf-8-sig" if options.encoding == "utf-8" else options.encoding
    limit = csv.field_size_limit(_LARGEST_VALUE)
    try:
        with (
            open_plain(file) as raw,
            io.TextIOWrapper(_buffered(raw), encoding=encoding, newline="") as text,
        ):
            yield csv.reader(
                text, delimiter=options.delimiter, quotechar=options.quotechar, strict=True
            )
    finally:
        csv.field_size_limit(limit)


def _buffered(raw: Any) -> Any:
    """Streams of pyarrow and of some file systems lack what TextIOWrapper asks for."""
    return raw if isinstance(raw, io.BufferedIOBase) else io.BufferedReader(_Raw(raw))


class _Raw(io.RawIOBase):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _ragged(
    file: SourceFile, options: CSVOptions, names: list[str], row: list[str], line: int
) -> DatasourceError:
    if len(row) < len(names):
        column = names[len(row)]
        said = f"The row has {len(row)} values, the header {len(names)}: '{column}' is missing"
    else:
        column = f"{len(names) + 1}"
        more = row[len(names)][:_SHOWN]
        said = f"The row has {len(row)} values, the header {len(names)}: {more!r} has no column"
    quote = options.quotechar
    for other, written in ((";", ";"), ("\t", r"\t"), ("|", "|")):
        if len(names) == 1 and other in names[0]:
            hint = (
                f"The header looks like columns between '{written}': give delimiter=\"{written}\"."
            )
            return _error(file, line, said, column=column, hint=hint)
    return _error(
        file,
        line,
        said,
        column=column,
        hint=f"Correct the row; a value that contains '{options.delimiter}' stands in {quote}.",
    )


def _encoding_error(file: SourceFile, options: CSVOptions, *, sure: bool = True) -> Any:
    """Find the first byte that the encoding does not allow: (line, offset in the file)."""
    decoder = codecs.getincrementaldecoder(options.encoding)()
    offset, line = 0, 1
    with open_plain(file) as raw:
        while True:
            data = raw.read(2**20)
            held = len(decoder.getstate()[0])
            try:
                decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                at = offset - held + error.start
                # `error.object` begins with the bytes that were held back.
                line += bytes(error.object[held : error.start]).count(b"\n")
                byte = error.object[error.start]
                return _error(
                    file,
                    line,
                    f"The text is not {options.encoding}: byte 0x{byte:02x} at offset {at:,}",
                    hint='Give the encoding: encoding="latin-1", "cp1252" or "utf-16", ...',
                )
            if not data:
                break
            line += data.count(b"\n")
            offset += len(data)
    return _error(file, None, f"The text is not {options.encoding}") if sure else None


def _too_long(error: Exception) -> bool:
    return any(said in str(error) for said in ("straddling", "out of sync", "block_size"))


def _error(
    file: SourceFile,
    line: int | None,
    said: str,
    *,
    column: str | None = None,
    hint: str | None = None,
) -> DatasourceError:
    where = file.shown
    if line is not None:
        where += f", line {line}"
    if column is not None:
        where += f", column {column}"
    return DatasourceError(f"{said.rstrip('.')}.", where=where, hint=hint)

"""`ParquetDatasource`: rows of Parquet files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.core.dataset import DEFAULT_BATCH_ROWS
from zenlab.core.errors import DatasourceError
from zenlab.datasources.base import BaseDatasource
from zenlab.datasources.source_files import find_files, recorded_path
from zenlab.datasources.stamps import differs, sealed
from zenlab.datasources.types import cast_table, column_types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from zenlab.datasources.source_files import SourceFile


class ParquetDatasource(BaseDatasource):
    """The rows of a Parquet file, or of several with the same columns and types.

    Args:
        name: what the team calls it.
        path: a file relative to the repository, a glob such as `data/*.parquet`, or a URL that
            fsspec opens.
        schema: types of columns, `{column: type}`, to cast to.
        sensitive: columns whose values no panel and no file may show.

    Example:
        >>> ParquetDatasource(name="events", path="gs://bucket/events/*.parquet")  # doctest: +SKIP
    """

    code_version: ClassVar[int | None] = 1

    def __init__(
        self,
        name: str,
        path: str,
        schema: Mapping[str, str] | None = None,
        sensitive: list[str] | None = None,
    ) -> None:
        super().__init__(name, schema, sensitive)
        self.path = str(path)

    def tracked(self, params: dict[str, Any]) -> dict[str, Any]:
        """The path relative to the repository."""
        return {**params, "path": recorded_path(self.path, self.name)}

    def read(self) -> Iterator[Any]:
        """The rows, in batches.

        Raises:
            DatasourceError: naming the file, and the column where two files differ.
        """
        import pyarrow as pa

        files = find_files(self.path, self.name)
        types = column_types(self.schema, self.name)
        # All schemas before the first row: a difference in the last file should not cost hours.
        first: pa.Schema | None = None
        for file in files:
            with _Opened(file) as opened:
                schema = opened.schema_arrow
            if first is None:
                first = schema
            _check_schema(schema, first, file, files[0])
        assert first is not None
        yield cast_table(first.empty_table(), types, files[0].shown)
        for file in files:
            with _Opened(file) as opened:
                for batch in opened.iter_batches(batch_size=DEFAULT_BATCH_ROWS):
                    yield cast_table(pa.Table.from_batches([batch]), types, file.shown)

    def stamp(self) -> list[Any]:
        """Name, size, times and inode of each file; of a URL its ETag or generation."""
        return [file.stamp for file in find_files(self.path, self.name)]

    def sealed_stamp(self, stamp: Any) -> list[Any]:
        """The stamp with a digest of each local file."""
        return sealed(find_files(self.path, self.name), stamp)

    def differs_from(self, stamp: Any) -> bool:
        """Whether the files have changed; by their content where only times or inodes differ."""
        return differs(find_files(self.path, self.name), stamp)


class _Opened:
    """A Parquet file; what pyarrow raises becomes a `DatasourceError` that names the file."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self._raw: Any = None

    def __enter__(self) -> Any:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            self._raw = self._file.open()
            return pq.ParquetFile(self._raw)
        except (pa.ArrowException, OSError, ValueError) as error:
            self._close()
            raise self._error(error) from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        import pyarrow as pa

        self._close()
        if isinstance(error, (pa.ArrowException, OSError)):
            raise self._error(error) from error

    def _close(self) -> None:
        if self._raw is not None:
            self._raw.close()

    def _error(self, error: BaseException) -> DatasourceError:
        return DatasourceError(
            f"This is no Parquet file that can be read: {error}.",
            where=self._file.shown,
            hint="Check that it was written to the end; CSV files need a CSVDatasource.",
        )


def _check_schema(schema: pa.Schema, first: pa.Schema, file: SourceFile, one: SourceFile) -> None:
    from zenlab.artifacts.arrow_types import type_name

    for name in first.names:
        if name not in schema.names:
            raise _differs(file, one, name, "is missing")
    for name in schema.names:
        if name not in first.names:
            raise _differs(file, one, name, "is new")
    if schema.names != first.names:
        moved = next(a for a, b in zip(schema.names, first.names, strict=False) if a != b)
        raise _differs(file, one, moved, "has another place")
    for field, expected in zip(schema, first, strict=True):
        if type_name(field.type, field.name) != type_name(expected.type, field.name):
            raise _differs(file, one, field.name, f"is {field.type}, and there {expected.type}")


def _differs(file: SourceFile, one: SourceFile, column: str, said: str) -> DatasourceError:
    return DatasourceError(
        f"The columns are not those of {one.shown}: '{column}' {said}.",
        where=f"{file.shown}, column {column}",
        hint="Files of one datasource have the same columns, types and order.",
    )

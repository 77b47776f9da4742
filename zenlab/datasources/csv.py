"""`CSVDatasource`: rows of CSV files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.datasources.base import BaseDatasource
from zenlab.datasources.csv_options import CSVOptions
from zenlab.datasources.csv_reading import read_csv
from zenlab.datasources.source_files import find_files, recorded_path
from zenlab.datasources.stamps import differs, sealed
from zenlab.datasources.types import column_types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class CSVDatasource(BaseDatasource):
    r"""The rows of a CSV file, or of several with the same columns.

    The type of a column is found from *all* its values, and is the first of these that fits:
    int64, float64, bool, date, timestamp (ISO 8601; with a zone if every value has one), string.
    Text stays text where a number would lose something: leading zeros (`007`), and integers of
    more than 64 bits. A column without a value is text.

    Args:
        name: what the team calls it.
        path: a file relative to the repository, a glob such as `data/2013-*.csv`, or a URL that
            fsspec opens. It may be compressed: gzip, bzip2, zstd, or a zip of one file.
        schema: types of columns, `{column: type}`; they win over what is found.
        sensitive: columns whose values no panel and no file may show.
        delimiter: between the values; one character.
        encoding: of the text, as Python calls it.
        quotechar: around values that contain a delimiter or a line end; doubled inside of them.
        null_values: what stands for a missing value, quoted or not; by default what pandas takes
            for one (empty, `NA`, `NaN`, `null`, `None`, ...).
        decimal: the decimal point, "." or ",".

    Example:
        >>> CSVDatasource(name="flights", path="data/flights.csv.zip")  # doctest: +SKIP
        >>> CSVDatasource("prices", "data/*.csv", delimiter=";", decimal=",")  # doctest: +SKIP
    """

    code_version: ClassVar[int | None] = 1

    def __init__(
        self,
        name: str,
        path: str,
        schema: Mapping[str, str] | None = None,
        sensitive: list[str] | None = None,
        *,
        delimiter: str = ",",
        encoding: str = "utf-8",
        quotechar: str = '"',
        null_values: list[str] | None = None,
        decimal: str = ".",
    ) -> None:
        super().__init__(name, schema, sensitive)
        self.path = str(path)
        self.options = CSVOptions.checked(
            name,
            delimiter=delimiter,
            encoding=encoding,
            quotechar=quotechar,
            null_values=null_values,
            decimal=decimal,
        )

    def tracked(self, params: dict[str, Any]) -> dict[str, Any]:
        """The path relative to the repository."""
        return {**params, "path": recorded_path(self.path, self.name)}

    def read(self) -> Iterator[Any]:
        """The rows, in batches.

        Raises:
            DatasourceError: naming file, line and column.
        """
        types = column_types(self.schema, self.name)
        return read_csv(find_files(self.path, self.name), self.options, types)

    def stamp(self) -> list[Any]:
        """Name, size, times and inode of each file; of a URL its ETag or generation."""
        return [file.stamp for file in find_files(self.path, self.name)]

    def sealed_stamp(self, stamp: Any) -> list[Any]:
        """The stamp with a digest of each local file."""
        return sealed(find_files(self.path, self.name), stamp)

    def differs_from(self, stamp: Any) -> bool:
        """Whether the files have changed; by their content where only times or inodes differ."""
        return differs(find_files(self.path, self.name), stamp)

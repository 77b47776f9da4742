"""`look`: the statistics of a file or a DataFrame, with no repository and no pipeline."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import ParameterError, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zenlab.datasources.base import BaseDatasource
    from zenlab.views import StatisticsPanel

_PARQUET = (".parquet", ".pq", ".parq")


def look(
    data: Any, *, name: str | None = None, sensitive: Iterable[str] = (), sample: int | None = None
) -> StatisticsPanel:
    """Count the values of every column, and show them.

    Nothing is kept: a datasource's `view_statistics` finds what was computed before.

    Args:
        data: a DataFrame; or the path of a CSV or Parquet file (local, a glob, or a URL that
            fsspec opens).
        name: what the panel calls it; by default the file's name.
        sensitive: columns whose values are not shown.
        sample: count at most so many rows, always the same ones.

    Raises:
        DatasourceError: the file cannot be read; the message names file, line and column.
        ParameterError: there is no such column to hide.
        WorkerMissingError: TFDV's worker is not installed.

    Example:
        >>> zenlab.look("flights.parquet")  # doctest: +SKIP
        >>> zenlab.look(df, sensitive=["name"]).figure()  # doctest: +SKIP
    """
    from zenlab.artifacts import DatasetWriter
    from zenlab.validation import worker
    from zenlab.views import StatisticsPanel

    sensitive = list(sensitive)
    worker().start()  # it gets ready while the rows are read
    source = _source(data, name)
    with tempfile.TemporaryDirectory(prefix="zenlab-") as scratch:
        rows, out = Path(scratch) / "rows", Path(scratch) / "out"
        rows.mkdir()
        out.mkdir()
        with DatasetWriter(rows, name=source.name) as writer:
            for part in source.read():
                writer.write(part)
        future = worker().statistics(
            {source.name: sorted(rows.glob("*.parquet"))}, out, sensitive=sensitive, sample=sample
        )
        try:
            found = future.result()
        finally:
            future.cancel()  # of an interrupt: the worker is to have time for the next request
    known = [feature.name for feature in found.datasets[0].features]
    for column in sensitive:
        if column not in known:  # misspelt, and the one that is meant would be shown
            raise ParameterError(
                f"There is no column '{column}' to hide.",
                where="sensitive",
                hint=suggest(column, known),
            )
    return StatisticsPanel(found, title=source.name)


def _source(data: Any, name: str | None) -> BaseDatasource:
    from zenlab.datasources.csv import CSVDatasource
    from zenlab.datasources.pandas import PandasDatasource
    from zenlab.datasources.parquet import ParquetDatasource

    if not isinstance(data, (str, Path)):
        import pandas as pd

        if not isinstance(data, pd.DataFrame):
            raise ParameterError(
                f"look takes a DataFrame or the path of a file, not a {type(data).__name__}.",
                hint="Such as zenlab.look('flights.parquet').",
            )
        return PandasDatasource(name or "DataFrame", data)
    path = str(data)
    local = "://" not in path
    # Without a repository a path is relative to the working directory.
    where = str(Path(path).expanduser().absolute()) if local else path
    kind = ParquetDatasource if path.lower().endswith(_PARQUET) else CSVDatasource
    return kind(name or path.rsplit("/", 1)[-1], where)

"""From a recorded commit back to its datasource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.core.errors import DoesNotExistException, suggest
from zenlab.datasources.csv import CSVDatasource
from zenlab.datasources.pandas import PandasDatasource
from zenlab.datasources.parquet import ParquetDatasource

if TYPE_CHECKING:
    from zenlab.datasources.base import BaseDatasource
    from zenlab.metadata.records import CommitRecord

_KINDS: dict[str, Any] = {
    kind.__name__: kind for kind in (CSVDatasource, ParquetDatasource, PandasDatasource)
}


def datasource_of(commit: CommitRecord) -> BaseDatasource:
    """The datasource that took a commit, made of its recorded arguments.

    Args:
        commit: one of its commits.

    Raises:
        DoesNotExistException: this zenlab brings no such datasource.
    """
    found: BaseDatasource = kind_of(commit.source, commit.name)(name=commit.name, **commit.args)
    return found


def kind_of(source: str, name: str) -> Any:
    """The class of a recorded source, such as `zenlab.datasources.CSVDatasource@zenlab_0.1.0`.

    Args:
        source: the recorded source.
        name: of the datasource, for messages.

    Raises:
        DoesNotExistException: this zenlab brings no such datasource.
    """
    kind = source.partition("@")[0].rpartition(".")[2]
    if kind not in _KINDS:
        raise DoesNotExistException(
            f"Datasource '{name}' is a {kind}, which this zenlab does not bring.",
            where=source,
            hint=suggest(kind, _KINDS),
        )
    return _KINDS[kind]

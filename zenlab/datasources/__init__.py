"""Where rows come from: each source makes immutable snapshots of itself, called commits."""

from zenlab.datasources.base import BaseDatasource
from zenlab.datasources.csv import CSVDatasource
from zenlab.datasources.pandas import PandasDatasource
from zenlab.datasources.parquet import ParquetDatasource
from zenlab.datasources.registry import datasource_of

__all__ = [
    "BaseDatasource",
    "CSVDatasource",
    "PandasDatasource",
    "ParquetDatasource",
    "datasource_of",
]

"""A real TFDV worker for tests, and Parquet files to give it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from zenlab.validation import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from zenlab.core.statistics import DatasetStatistics, FeatureStatistics, Statistics

SECONDS = 120
"""The most that a request of a test takes; it fails then, and does not hang."""


def running() -> Iterator[Worker]:
    """A worker, closed afterwards. The environment is the clone's, made by `make setup`."""
    client = Worker()
    yield client
    client.close()


def parquet(folder: Path, data: Any, name: str = "part") -> Path:
    """A table, or a dict of columns, as a Parquet file."""
    table = data if isinstance(data, pa.Table) else pa.table(data)
    file = folder / f"{name}.parquet"
    pq.write_table(table, file)
    return file


def count(client: Worker, folder: Path, data: Any, **options: Any) -> Statistics:
    """Statistics of one dataset called `train`."""
    file = parquet(folder, data)
    future = client.statistics({"train": [file]}, folder / "out", **options)
    return future.result(SECONDS)


def train(found: Statistics) -> DatasetStatistics:
    """All rows of `train`."""
    dataset = found.dataset("train")
    assert dataset is not None
    return dataset


def feature(found: Statistics, name: str) -> FeatureStatistics:
    """A column of all rows of `train`."""
    one = train(found).feature(name)
    assert one is not None, [f.name for f in train(found).features]
    return one

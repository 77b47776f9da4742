"""Datasets: whatever gives rows, as Parquet."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from zenlab.artifacts.parquet import FORMAT, VERSION, DatasetWriter
from zenlab.core.dataset import Dataset
from zenlab.core.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from zenlab.artifacts.manifest import Described, Stored

__all__ = ["FORMAT", "VERSION", "accepts", "read", "write"]


def accepts(value: object) -> bool:
    """Whether the value gives rows."""
    return (
        isinstance(value, (DatasetWriter, Dataset, Iterator))
        or _is_a(value, "pandas", "DataFrame")
        or _is_a(value, "pyarrow", "Table", "RecordBatch", "RecordBatchReader")
    )


def write(value: Any, folder: Path) -> Described:
    """Write the rows, in one file."""
    if isinstance(value, DatasetWriter):
        if value.folder != folder:
            raise ArtifactError(
                "This writer writes into another folder.",
                where=str(value.folder),
                hint="Return the writer that context.dataset_writer(name) gave for this output.",
            )
        return value.close()
    with DatasetWriter(folder, schema=_schema(value)) as writer:
        for rows in _parts(value):
            writer.write(rows)
    return writer.close()


def read(stored: Stored, folder: Path, resolve: Callable[[str], type] | None) -> Dataset:  # noqa: ARG001 - as all formats
    """The dataset, not read yet."""
    return Dataset(
        lambda: folder, digest=stored.content_digest, num_rows=stored.num_rows or 0, name=stored.uri
    )


def _schema(value: Any) -> Any:
    """The schema, where it is known before the first row: there may be none."""
    known = isinstance(value, Dataset) or _is_a(value, "pyarrow", "RecordBatchReader")
    return value.schema if known else None


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, Dataset):
        return value.batches()
    if isinstance(value, Iterator):
        return value
    return iter(value) if _is_a(value, "pyarrow", "RecordBatchReader") else iter([value])


def _is_a(value: object, module: str, *names: str) -> bool:
    """An isinstance that imports nothing: what is not imported has no instances."""
    loaded = sys.modules.get(module)
    kinds = tuple(kind for n in names if (kind := getattr(loaded, n, None)) is not None)
    return isinstance(value, kinds)

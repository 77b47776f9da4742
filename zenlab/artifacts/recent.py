"""Small datasets that this process has just written: the next step reads them from memory.

They are found by the digest of their manifest, which names every byte that was written, so that
nothing is found here that the files would not give.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_MOST_BYTES = 32 * 2**20

_tables: OrderedDict[str, pa.Table] = OrderedDict()
_lock = threading.Lock()
_bytes = 0


def is_plain(schema: pa.Schema) -> bool:
    """Whether Parquet gives back these types as they are: no dictionaries, nothing nested."""
    import pyarrow.types as pt

    plain = (pt.is_integer, pt.is_boolean, pt.is_float32, pt.is_float64)
    texts = (pt.is_string, pt.is_large_string)
    return not schema.metadata and all(
        field.nullable and not field.metadata and any(is_a(field.type) for is_a in (*plain, *texts))
        for field in schema
    )


def keep(manifest_sha256: str, rows: pa.Table) -> None:
    """Remember rows that were just published; the oldest ones are forgotten.

    Args:
        manifest_sha256: of their manifest.
        rows: as they would be read back.
    """
    global _bytes  # noqa: PLW0603 - one store of tables a process, for one limit
    with _lock:
        before = _tables.pop(manifest_sha256, None)
        _tables[manifest_sha256] = rows
        _bytes += rows.nbytes - (before.nbytes if before is not None else 0)
        while _bytes > _MOST_BYTES:
            _bytes -= _tables.popitem(last=False)[1].nbytes


def find(manifest_sha256: str) -> pa.Table | None:
    """The rows of a dataset, if they are remembered.

    Args:
        manifest_sha256: of its manifest.
    """
    return _tables.get(manifest_sha256)

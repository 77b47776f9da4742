"""`ContentDigest`: one number for the values of a table.

The digest is of what a reader of the rows can see, and of nothing else. It does not depend on
how the rows are cut into batches, on the version of pyarrow or pandas that made them, on schema
metadata, or on bytes that lie under a null.

Equal, though their Arrow types differ:
    string, large_string and string_view; binary alike; list, large_list and list_view;
    a dictionary whose index types differ; any NaN and any other NaN.
Different, though pandas may print them alike:
    int8 and int64, NaN and null, 0.0 and -0.0, a dictionary and its decoded values,
    timestamps and durations of other units or time zones (frames come in one unit, see `frames`),
    dictionaries with other categories, order of categories, or ordered flag;
    other names or another order of columns.

How it is made: each column is one or more streams of canonical bytes (`content_streams`), each
stream has a SHA-256, and the digest is the SHA-256 of the canonical JSON of all of them with the
names, the types and the number of rows. Golden values pin it in tests/golden.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.artifacts.arrow_types import type_name
from zenlab.artifacts.content_streams import ColumnStreams
from zenlab.core import canonical
from zenlab.core.errors import ArtifactError

if TYPE_CHECKING:
    import pyarrow as pa

CONTENT_VERSION = 1
"""Part of each digest; raised when the definition changes."""


class ContentDigest:
    """Digests rows batch by batch, in bounded memory.

    Args:
        schema: of the rows. Metadata and nullability do not count.

    Raises:
        ArtifactError: a column has a type without a canonical form (a union).

    Example:
        >>> import pyarrow as pa
        >>> table = pa.table({"x": [1, 2, None]})
        >>> digest = ContentDigest(table.schema)
        >>> for batch in table.to_batches(max_chunksize=2):
        ...     digest.update(batch)
        >>> digest.hexdigest()[:12]
        '8cb52c4ef776'
    """

    def __init__(self, schema: pa.Schema) -> None:
        self._names = list(schema.names)
        self._types = [field.type for field in schema]
        self._columns = [
            ColumnStreams(kind, name) for name, kind in zip(self._names, self._types, strict=True)
        ]
        self.num_rows = 0

    @classmethod
    def of(cls, rows: pa.Table | pa.RecordBatch) -> str:
        """The digest of a whole table or batch, as 64 hexadecimal digits."""
        digest = cls(rows.schema)
        digest.update(rows)
        return digest.hexdigest()

    def update(self, rows: pa.RecordBatch | pa.Table) -> None:
        """Add rows; they have the schema that was given.

        Args:
            rows: a batch, or a table of any number of chunks.
        """
        if [field.type for field in rows.schema] != self._types:
            raise ArtifactError(
                "Rows of another schema cannot be added to a digest.",
                hint=f"Expected {_shown(self._names, self._types)}.",
            )
        for column, streams in zip(rows.columns, self._columns, strict=True):
            for chunk in getattr(column, "chunks", None) or [column]:
                if len(chunk):
                    streams.update(chunk)
        self.num_rows += rows.num_rows

    def hexdigest(self) -> str:
        """The digest of all rows so far, as 64 hexadecimal digits. More rows may follow."""
        columns = [
            [name, type_name(kind, name), streams.hexdigest()]
            for name, kind, streams in zip(self._names, self._types, self._columns, strict=True)
        ]
        return canonical.digest(
            {"content": CONTENT_VERSION, "rows": self.num_rows, "columns": columns}
        )


def _shown(names: list[str], types: list[pa.DataType]) -> str:
    return ", ".join(f"{n}: {t}" for n, t in zip(names[:20], types[:20], strict=True))

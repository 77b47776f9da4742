"""What the columns of a dataset hold, by their Arrow types alone: no column can get lost later."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .adapter import is_bytes, is_list, is_text
from .problems import RefusedError

_SHOWN = 5


@dataclass
class Feature:
    """A column, or a part of a nested one.

    Attributes:
        path: the column's name, then those of the fields.
        kind: `integer`, `number`, ... as in `zenlab.core.statistics`.
        dtype: the Arrow type.
        many: a row may have several values.
        within: the path of the list whose elements are counted; empty: rows are.
        notes: what is to be known about how it was read.
    """

    path: tuple[str, ...]
    kind: str
    dtype: str
    many: bool = False
    within: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The path with dots."""
        return ".".join(self.path)


def features_of(schema: Any, where: str) -> list[Feature]:
    """The features of a dataset, in the order of the columns, a nested one before its parts.

    Args:
        schema: an Arrow schema.
        where: the dataset, for messages.

    Raises:
        RefusedError: two columns have one name.
    """
    names = list(schema.names)
    twice = sorted({name for name in names if names.count(name) > 1}) if _repeats(names) else []
    if twice:
        shown = ", ".join(repr(name) for name in twice[:_SHOWN])
        raise RefusedError(
            f"Several columns are called {shown}: their statistics cannot be told apart.",
            where=where,
            hint="Rename them: each column needs a name of its own.",
        )
    found: list[Feature] = []
    for column in schema:
        _walk((column.name,), column.type, (), found, many=False)
    return found


def type_text(kind: Any) -> str:
    """An Arrow type as people write it."""
    import pyarrow as pa
    import pyarrow.types as pt

    if isinstance(kind, pa.BaseExtensionType):
        return type_text(kind.storage_type)
    if pt.is_dictionary(kind):
        return f"dictionary<{type_text(kind.value_type)}>"
    return str(kind)


def _repeats(names: list[str]) -> bool:
    return len(set(names)) < len(names)


def _walk(
    path: tuple[str, ...], kind: Any, within: tuple[str, ...], found: list[Feature], *, many: bool
) -> None:
    import pyarrow.types as pt

    dtype = type_text(kind)
    kind = _bare(kind)
    inside = within
    while is_list(kind):
        inside, many = path, True
        kind = _bare(_pair(kind) if pt.is_map(kind) else kind.value_type)
    if pt.is_struct(kind):
        found.append(Feature(path, "nested", dtype, many, within))
        fields = [kind.field(i) for i in range(kind.num_fields)]
        for one in fields:
            _walk((*path, one.name), one.type, inside, found, many=False)
        return
    notes = []
    if pt.is_decimal(kind):
        notes.append("Decimals are counted as floating-point numbers.")
    elif pt.is_time(kind):
        notes.append("Times of day are counted as seconds since midnight.")
    found.append(Feature(path, _kind(kind), dtype, many, within, notes))


def _bare(kind: Any) -> Any:
    import pyarrow as pa
    import pyarrow.types as pt

    while True:
        if isinstance(kind, pa.BaseExtensionType):
            kind = kind.storage_type
        elif pt.is_dictionary(kind) or pt.is_run_end_encoded(kind):
            kind = kind.value_type
        else:
            return kind


def _pair(kind: Any) -> Any:
    import pyarrow as pa

    return pa.struct([("key", kind.key_type), ("value", kind.item_type)])


def _kind(kind: Any) -> str:
    import pyarrow.types as pt

    rules = (
        (pt.is_null(kind), "empty"),
        (pt.is_boolean(kind), "truth"),
        (pt.is_integer(kind), "integer"),
        (pt.is_floating(kind) or pt.is_decimal(kind), "number"),
        (pt.is_timestamp(kind) or pt.is_date(kind), "time"),
        (pt.is_duration(kind) or pt.is_time(kind), "duration"),
        (is_text(kind), "text"),
        (is_bytes(kind), "bytes"),
    )
    return next((name for applies, name in rules if applies), "nested")

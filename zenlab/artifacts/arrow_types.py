"""Arrow types by what they hold: several of them are one type to a reader of the values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.core import canonical
from zenlab.core.errors import ArtifactError

if TYPE_CHECKING:
    import pyarrow as pa


def family(kind: pa.DataType, where: str) -> str:
    """The family of a type: types of one family have one canonical form of their values.

    Args:
        kind: the type.
        where: the column's name, for messages.

    Raises:
        ArtifactError: the type has no canonical form (a union, an interval of months).

    Example:
        >>> import pyarrow as pa
        >>> family(pa.large_string(), "x"), family(pa.int8(), "x")
        ('bytes', 'fixed')
    """
    import pyarrow as pa
    import pyarrow.types as pt

    rules = (
        (isinstance(kind, pa.BaseExtensionType), "extension"),
        (pt.is_null(kind), "null"),
        (pt.is_boolean(kind), "bool"),
        (pt.is_floating(kind), "float"),
        (pt.is_timestamp(kind) or pt.is_duration(kind), "instant"),
        (pt.is_time(kind), "time"),
        (pt.is_decimal(kind), "decimal"),
        (is_text(kind) or is_binary(kind), "bytes"),
        (pt.is_dictionary(kind), "dictionary"),
        (pt.is_struct(kind), "struct"),
        (pt.is_map(kind), "map"),
        (is_list(kind), "list"),
        (pt.is_integer(kind) or pt.is_date(kind) or pt.is_fixed_size_binary(kind), "fixed"),
    )
    for applies, name in rules:
        if applies:
            return name
    raise ArtifactError(
        f"Column '{where}' has the Arrow type {kind}, which has no canonical form.",
        hint="Cast the column to numbers, text, times, lists or structs first.",
    )


def type_name(kind: pa.DataType, where: str) -> str:
    """The canonical name of a type: equal for types that hold the same values.

    Args:
        kind: the type.
        where: the column's name, for messages.

    Raises:
        ArtifactError: the type has no canonical form.

    Example:
        >>> import pyarrow as pa
        >>> type_name(pa.list_(pa.large_string()), "x"), type_name(pa.timestamp("ns", "UTC"), "x")
        ('list<string>', 'timestamp[ns, UTC]')
    """
    import pyarrow.types as pt

    form = family(kind, where)
    if form in _NESTED:
        return _NESTED[form](kind, where)
    if form == "time":
        return "time"
    if form == "instant":
        # The unit counts, since a reader sees it: the integers of a column differ by it.
        zone = "" if pt.is_duration(kind) else f", {kind.tz or ''}"
        return f"{'duration' if pt.is_duration(kind) else 'timestamp'}[{kind.unit}{zone}]"
    if form == "decimal":
        return f"decimal({kind.precision}, {kind.scale})"
    if form == "bytes":
        return "string" if is_text(kind) else "binary"
    return str(kind)


def is_text(kind: pa.DataType) -> bool:
    """Whether the values are text."""
    return str(kind) in ("string", "large_string", "string_view")


def is_binary(kind: pa.DataType) -> bool:
    """Whether the values are bytes of any length."""
    return str(kind) in ("binary", "large_binary", "binary_view")


def is_list(kind: pa.DataType) -> bool:
    """Whether the values are lists; a map is none."""
    import pyarrow.types as pt

    if pt.is_list(kind) or pt.is_large_list(kind) or pt.is_fixed_size_list(kind):
        return True
    return str(kind).startswith(("list_view", "large_list_view"))  # unknown to older pyarrow


def _extension(kind: Any, where: str) -> str:
    return f"extension<{kind.extension_name}, {type_name(kind.storage_type, where)}>"


def _dictionary(kind: Any, where: str) -> str:
    flag = "ordered" if kind.ordered else "unordered"
    return f"dictionary<{type_name(kind.value_type, where)}, {flag}>"


def _struct(kind: Any, where: str) -> str:
    fields = (kind.field(i) for i in range(kind.num_fields))
    # JSON, since a field may be called anything.
    return (
        f"struct{canonical.encode([[f.name, type_name(f.type, where)] for f in fields]).decode()}"
    )


def _map(kind: Any, where: str) -> str:
    return f"map<{type_name(kind.key_type, where)}, {type_name(kind.item_type, where)}>"


def _list(kind: Any, where: str) -> str:
    size = f"[{kind.list_size}]" if str(kind).startswith("fixed_size_list") else ""
    return f"list{size}<{type_name(kind.value_type, where)}>"


_NESTED = {
    "extension": _extension,
    "dictionary": _dictionary,
    "struct": _struct,
    "map": _map,
    "list": _list,
}

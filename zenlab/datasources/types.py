"""Names of types that users write into `schema=`, and casting to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.core.errors import DatasourceError, ParameterError, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pyarrow as pa

_ALIASES = {
    "bool": "bool",
    "boolean": "bool",
    "date": "date32",
    "datetime": "timestamp[us]",
    "datetime64": "timestamp[us]",
    "datetime64[ns]": "timestamp[ns]",
    "datetime64[us]": "timestamp[us]",
    "float": "float64",
    "int": "int64",
    "number": "float64",
    "object": "string",
    "str": "string",
    "string": "string",
    "text": "string",
    "timestamp": "timestamp[us]",
}
_ARROW = (
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
    *("float32", "float64", "date32", "date64", "binary", "large_string"),
    *(f"timestamp[{unit}]" for unit in ("s", "ms", "us", "ns")),
)


def column_types(schema: Mapping[str, str], where: str) -> dict[str, pa.DataType]:
    """The Arrow types of the names in a `schema=`.

    Args:
        schema: type names by column.
        where: the datasource, for messages.

    Raises:
        ParameterError: a name that is no type.
    """
    import pyarrow as pa

    found = {}
    for column, name in schema.items():
        alias = _ALIASES.get(str(name).lower(), str(name))
        if alias not in _ARROW and alias not in _ALIASES.values():
            raise ParameterError(
                f"Column '{column}' has the type {name!r} in schema=, which is no type.",
                where=where,
                hint=suggest(str(name), [*_ALIASES, *_ARROW]),
            )
        found[column] = pa.type_for_alias(alias)
    return found


def check_columns(wanted: Iterable[str], columns: list[str], where: str) -> None:
    """Refuse a `schema=` that names a column which does not exist."""
    for name in wanted:
        if name not in columns:
            raise DatasourceError(
                f"schema= names the column '{name}', which does not exist.",
                where=where,
                hint=suggest(name, columns),
            )


def cast_table(table: pa.Table, types: Mapping[str, pa.DataType], where: str) -> pa.Table:
    """Cast columns to the types of a `schema=`.

    Args:
        table: rows with the source's own types.
        types: Arrow types by column.
        where: the file or the datasource, for messages.

    Raises:
        DatasourceError: a value is not of the type; the message names the column.
    """
    import pyarrow as pa

    check_columns(types, table.column_names, where)
    for name, kind in types.items():
        index = table.column_names.index(name)
        column = table.column(index)
        if column.type == kind:
            continue
        try:
            cast: Any = column.cast(kind)
        except pa.ArrowException as error:
            raise DatasourceError(
                f"Column '{name}' is {column.type}, and not all of it can be read as {kind}: "
                f"{error}.",
                where=where,
                hint=f"Correct the values, or leave '{name}' out of schema=.",
            ) from error
        table = table.set_column(index, name, cast)
    return table

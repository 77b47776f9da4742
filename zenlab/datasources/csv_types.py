"""What a column of text can be: learned batch by batch, equal however the rows are cut.

Each family of types is an order from narrow to wide, and no value fits two families. So a column
is tested against one family only, and what it comes to does not depend on where a batch ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_TRUE = ("true", "True", "TRUE")
_FALSE = ("false", "False", "FALSE")

_PROBE = 16
_FAMILIES = (
    ("int64", "float64"),
    ("bool",),
    ("date32", "timestamp[us]", "timestamp[ns]"),
    ("timestamp[us, UTC]", "timestamp[ns, UTC]"),
)


class ColumnType:
    """Learns the type of one column.

    Args:
        decimal: the decimal point.
        given: the type, if it is given; then nothing is learned.
    """

    def __init__(self, decimal: str = ".", given: pa.DataType | None = None) -> None:
        self._decimal = decimal
        self._given = given
        self._family: tuple[str, ...] | None = None
        self._level = 0
        self._text = False
        self._fractions = False
        self._spaces = False

    @property
    def arrow(self) -> pa.DataType:
        """The type that fits all values so far."""
        import pyarrow as pa

        if self._given is not None:
            return self._given
        if self._text or self._family is None:
            return pa.string()
        kind = self._family[self._level]
        if kind == "float64" and not self._fractions:
            return pa.string()  # integers that 64 bits do not hold: a float would change them
        return _arrow(kind)

    def learn(self, values: pa.Array) -> None:
        """Look at some values.

        Args:
            values: text, nulls where a value is missing.
        """
        if self._given is not None or self._text or values.null_count == len(values):
            return
        values = values.drop_null()
        if not self._fits(values):
            import pyarrow.compute as pc

            trimmed = pc.utf8_trim_whitespace(values)
            if trimmed.equals(values) or not self._fits(trimmed):
                self._text = True
                return
            self._spaces = True

    def cast(self, values: pa.Array) -> pa.Array:
        """The values in the type that was learned, or given.

        Raises:
            pyarrow.ArrowException: a value does not fit; only with a given type.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        kind = self.arrow
        if kind == pa.string():
            return values
        if self._spaces or self._given is not None:
            values = pc.utf8_trim_whitespace(values)
        return self._to(values, kind)

    def first_misfit(self, values: pa.Array) -> int:
        """The index of the first value that `cast` refuses."""
        import pyarrow as pa

        low, high = 0, len(values)
        while high - low > 1:
            middle = (low + high) // 2
            try:
                self.cast(values.slice(low, middle - low))
            except pa.ArrowException:
                high = middle
            else:
                low = middle
        return low

    def _fits(self, values: pa.Array) -> bool:
        """Whether the values fit the family, at this level or a wider one."""
        families = _FAMILIES if self._family is None else (self._family,)
        for family in families:
            for level in range(self._level, len(family)):
                if self._is(values, family[level]):
                    self._family, self._level = family, level
                    return True
        return False

    def _is(self, values: pa.Array, kind: str) -> bool:
        import pyarrow as pa
        import pyarrow.compute as pc

        if kind == "bool":
            tokens = pa.array([*_TRUE, *_FALSE])
            return bool(pc.all(pc.is_in(values, tokens)).as_py())
        try:
            # Arrow makes an error for each misfit before it raises one: most are seen in a few.
            self._to(values.slice(0, _PROBE), _arrow(kind))
            self._to(values, _arrow(kind))
        except pa.ArrowException:
            return False
        if kind in ("int64", "float64"):
            if _has_leading_zero(values):
                return False
            if kind == "float64" and not self._fractions:
                fraction = pc.match_substring_regex(values, r"[^0-9+\-]")
                self._fractions = bool(pc.any(fraction).as_py())
        return True

    def _to(self, values: pa.Array, kind: pa.DataType) -> pa.Array:
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._decimal != "." and pa.types.is_floating(kind):
            values = pc.replace_substring(values, ".", "?")  # a point is no number then
            values = pc.replace_substring(values, self._decimal, ".")
        if pa.types.is_boolean(kind) and self._given is None:
            return pc.if_else(pc.is_valid(values), pc.is_in(values, pa.array(_TRUE)), None)
        return values.cast(kind)


def _has_leading_zero(values: pa.Array) -> bool:
    """Whether a number is written with zeros that it does not need: `007`, `-01`, `0x1F`."""
    import pyarrow.compute as pc

    if not pc.any(pc.or_(pc.starts_with(values, "0"), pc.starts_with(values, "-0"))).as_py():
        return False
    return bool(pc.any(pc.match_substring_regex(values, r"^-?0[0-9xX]")).as_py())


def _arrow(kind: str) -> pa.DataType:
    import pyarrow as pa

    named: dict[str, Any] = {
        "bool": pa.bool_(),
        "timestamp[us, UTC]": pa.timestamp("us", "UTC"),
        "timestamp[ns, UTC]": pa.timestamp("ns", "UTC"),
    }
    return named.get(kind) or pa.type_for_alias(kind)

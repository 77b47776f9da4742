"""How a CSV file is written, checked once when the datasource is declared."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Self

from zenlab.core.errors import ParameterError

NULL_VALUES = (
    *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"),
    *("<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
)
"""What pandas takes for a missing value, so that both read one file alike."""


@dataclass(frozen=True)
class CSVOptions:
    """See `CSVDatasource`."""

    delimiter: str = ","
    encoding: str = "utf-8"
    quotechar: str = '"'
    null_values: tuple[str, ...] = NULL_VALUES
    decimal: str = "."

    @classmethod
    def checked(
        cls,
        name: str,
        *,
        delimiter: str,
        encoding: str,
        quotechar: str,
        null_values: list[str] | None,
        decimal: str,
    ) -> Self:
        """Options that make sense together.

        Raises:
            ParameterError: naming the option that does not.
        """
        for option, value in (("delimiter", delimiter), ("quotechar", quotechar)):
            if not isinstance(value, str) or len(value) != 1 or not value.isascii():
                raise ParameterError(
                    f"{option} is one ASCII character, not {value!r}.",
                    where=name,
                    hint='A tab is "\\t".',
                )
        if decimal not in (".", ","):
            raise ParameterError(f'decimal is "." or ",", not {decimal!r}.', where=name)
        if len({delimiter, quotechar, decimal}) < 3:
            raise ParameterError(
                "delimiter, quotechar and decimal must differ from each other.",
                where=name,
                hint='With decimal="," the delimiter is often ";".',
            )
        try:
            codec = codecs.lookup(encoding).name
        except LookupError:
            raise ParameterError(
                f"Python knows no encoding {encoding!r}.",
                where=name,
                hint='Such as "utf-8", "latin-1", "cp1252" or "utf-16".',
            ) from None
        nulls = NULL_VALUES if null_values is None else tuple(null_values)
        return cls(delimiter, codec, quotechar, nulls, decimal)

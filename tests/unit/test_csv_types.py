"""Types over the whole column: the same however the rows are cut."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zenlab.datasources.csv_types import ColumnType

CASES: dict[str, tuple[list[str | None], str, list[Any]]] = {
    "integers": (["1", "-2", None, "0"], "int64", [1, -2, None, 0]),
    "signs": (["+1", "2"], "string", ["+1", "2"]),
    "spaces": ([" 1", "2 "], "int64", [1, 2]),
    "mixed numbers": (["1", "2.5", "3e2"], "double", [1.0, 2.5, 300.0]),
    "late fraction": (["1"] * 50 + ["0.5"], "double", [1.0] * 50 + [0.5]),
    "leading zeros": (["007", "8"], "string", ["007", "8"]),
    "late leading zero": (["1", "2", "03"], "string", ["1", "2", "03"]),
    "a zero is a zero": (["0", "-0", "10"], "int64", [0, 0, 10]),
    "hexadecimal": (["0x10", "1"], "string", ["0x10", "1"]),
    "64 bits": ([str(2**63 - 1), str(-(2**63))], "int64", [2**63 - 1, -(2**63)]),
    "more than 64 bits": ([str(2**63), "1"], "string", [str(2**63), "1"]),
    "far more with a fraction": ([str(2**70), "0.5"], "double", [2.0**70, 0.5]),
    "infinite": (["inf", "1"], "double", [float("inf"), 1.0]),
    "words": (["a", None, ""], "string", ["a", None, ""]),
    "late word": (["1", "2", "x"], "string", ["1", "2", "x"]),
    "booleans": (["true", "False", None], "bool", [True, False, None]),
    "not booleans": (["true", "1"], "string", ["true", "1"]),
    "dates": (["2013-01-01", None], "date32[day]", [dt.date(2013, 1, 1), None]),
    "dates and times": (
        ["2013-01-01", "2013-01-01 05:00:00"],
        "timestamp[us]",
        [dt.datetime(2013, 1, 1), dt.datetime(2013, 1, 1, 5)],  # noqa: DTZ001
    ),
    "with a zone": (
        ["2013-01-01T10:00:00Z", "2013-01-01T05:00:00-05:00"],
        "timestamp[us, tz=UTC]",
        [dt.datetime(2013, 1, 1, 10, tzinfo=dt.UTC)] * 2,
    ),
    "a zone in some": (
        ["2013-01-01T10:00:00Z", "2013-01-01T10:00:00"],
        "string",
        ["2013-01-01T10:00:00Z", "2013-01-01T10:00:00"],
    ),
    "times of day": (["05:30:00"], "string", ["05:30:00"]),
    "years": (["2013", "2014"], "int64", [2013, 2014]),
    "not our dates": (["01/02/2013"], "string", ["01/02/2013"]),
    "nothing": ([None, None], "string", [None, None]),
}


def learned(parts: list[list[str | None]], **options: Any) -> tuple[str, list[Any]]:
    column = ColumnType(**options)
    arrays = [pa.array(part, pa.string()) for part in parts]
    for array in arrays:
        column.learn(array)
    return str(column.arrow), [v for array in arrays for v in column.cast(array).to_pylist()]


@pytest.mark.parametrize("kind", sorted(CASES))
def test_type_and_values(kind: str) -> None:
    values, name, expected = CASES[kind]
    assert learned([values]) == (name, expected)


@pytest.mark.parametrize("kind", sorted(CASES))
def test_one_row_at_a_time_comes_to_the_same(kind: str) -> None:
    values, name, expected = CASES[kind]
    assert learned([[value] for value in values]) == (name, expected)
    if kind != "more than 64 bits":
        assert learned([[value] for value in reversed(values)])[0] == name


TOKENS = st.sampled_from(
    [
        "1",
        "-3",
        "0",
        "007",
        "1.5",
        "1e3",
        "true",
        "False",
        "x",
        "",
        " 4",
        "2013-01-01",
        "inf",
        "2013-01-01 05:00:00",
        "2013-01-01T05:00:00Z",
        "9223372036854775808",
        "nan",
        "0x1",
    ]
)


@given(st.lists(st.none() | TOKENS, min_size=1, max_size=6), st.data())
def test_cuts_and_order_do_not_count(values: list[str | None], data: Any) -> None:
    cut = data.draw(st.integers(0, len(values)))
    shuffled = data.draw(st.permutations(values))
    whole = learned([values])
    assert repr(learned([values[:cut], values[cut:]])) == repr(whole)
    assert learned([[value] for value in shuffled])[0] == whole[0]


def test_a_decimal_comma() -> None:
    assert learned([["1,5", "2"]], decimal=",") == ("double", [1.5, 2.0])
    assert learned([["1.5", "2"]], decimal=",")[0] == "string"


def test_a_given_type_wins_and_names_its_first_misfit() -> None:
    text = ColumnType(given=pa.string())
    assert text.cast(pa.array(["007"])).to_pylist() == ["007"]
    number = ColumnType(given=pa.int64())
    values = pa.array(["1", None, "x", "y"])
    with pytest.raises(pa.ArrowException):
        number.cast(values)
    assert number.first_misfit(values) == 2

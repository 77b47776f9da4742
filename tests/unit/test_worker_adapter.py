"""The worker's adapter on arrays that Parquet has not, or not as such; it needs Arrow alone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from zenlab.validation.program.adapter import adapt
from zenlab.validation.program.plan import features_of
from zenlab.validation.program.problems import RefusedError, UnreadableError


def test_a_type_that_cannot_be_counted_is_refused_by_name():
    interval = pa.array([pa.MonthDayNano([1, 2, 3])], pa.month_day_nano_interval())
    with pytest.raises(UnreadableError, match="month_day_nano_interval cannot be counted"):
        adapt(interval)
    union = pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])])
    with pytest.raises(UnreadableError, match="sparse_union"):
        adapt(union)


def test_it_is_left_out_of_a_struct_and_the_plan_still_has_it():
    interval = pa.array([pa.MonthDayNano([1, 2, 3])], pa.month_day_nano_interval())
    array = pa.StructArray.from_arrays([interval, pa.array([1])], ["bad", "good"])
    assert [field.name for field in adapt(array).type] == ["good"]
    schema = pa.schema([("s", array.type)])
    assert [one.name for one in features_of(schema, "x")] == ["s", "s.bad", "s.good"]


@pytest.mark.parametrize(
    "array",
    [
        pc.run_end_encode(pa.array([3, 3, None])),
        pa.array([3, 3, None]).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.int64())),
        pa.ExtensionArray.from_storage(
            pa.uuid(), pa.array([b"a" * 16, b"b" * 16, None], pa.binary(16))
        ),
        pa.array([[3], [3], None], pa.list_view(pa.int64())),
        pa.array(["a", "b", None], pa.string_view()),
        pa.array([3.0, np.nan, 4.0], from_pandas=False),
    ],
    ids=lambda array: str(array.type),
)
def test_encodings_are_taken_off(array):
    adapted = adapt(array)
    assert pa.types.is_large_list(adapted.type)
    assert adapted.null_count == 1
    assert len(adapted.flatten()) == 2


def test_a_part_of_an_array_is_that_part():
    lists = pa.array([[1, 2], [None], None, [3, 4]]).slice(1)
    assert adapt(lists).to_pylist() == [[], None, [3, 4]]
    structs = pa.array([{"a": 1}, None, {"a": None}]).slice(1)
    assert adapt(structs).to_pylist() == [None, {"a": None}]
    assert adapt(pa.array([1.0, np.inf, 2.0]).slice(1), finite=True).to_pylist() == [None, [2.0]]


def test_nanoseconds_stay_seconds():
    array = pa.array([1_700_000_000_123_456_789], pa.timestamp("ns"))
    (seconds,) = adapt(array).flatten().to_pylist()
    assert seconds == pytest.approx(1_700_000_000.123456789, abs=1e-6)


def test_many_duplicates_are_named_briefly():
    schema = pa.schema([(f"c{n % 9}", pa.int64()) for n in range(18)])
    with pytest.raises(RefusedError, match=r"'c0', 'c1', 'c2', 'c3', 'c4':"):
        features_of(schema, "x")

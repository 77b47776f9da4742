"""The digest is of values: literal ones, and what must and must not change them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zenlab.artifacts import ContentDigest
from zenlab.core.errors import ArtifactError

GOLDEN = Path(__file__).parents[1] / "golden"

VALUES: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "int64": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "bool": (pa.bool_(), st.booleans()),
    "float64": (pa.float64(), st.floats(allow_nan=False)),
    "string": (pa.string(), st.text(max_size=5)),
    "binary": (pa.binary(), st.binary(max_size=5)),
    "ns": (pa.timestamp("ns"), st.integers(-(2**63), 2**63 - 1)),
    "list": (pa.list_(pa.string()), st.lists(st.none() | st.text(max_size=2), max_size=3)),
    "struct": (
        pa.struct([("a", pa.int8()), ("b", pa.string())]),
        st.fixed_dictionaries({"a": st.none() | st.integers(0, 3), "b": st.text(max_size=1)}),
    ),
    "map": (
        pa.map_(pa.string(), pa.int8()),
        st.lists(st.tuples(st.text(max_size=1), st.integers(0, 3)), max_size=3),
    ),
    "dictionary": (pa.dictionary(pa.int8(), pa.string()), st.sampled_from(["a", "b", "c"])),
    "fixed list": (pa.list_(pa.int8(), 2), st.lists(st.integers(0, 3), min_size=2, max_size=2)),
}


@st.composite
def columns(draw: Any) -> tuple[str, list[Any]]:
    """A kind of column and some of its values."""
    kind = draw(st.sampled_from(sorted(VALUES)))
    return kind, draw(st.lists(st.none() | VALUES[kind][1], max_size=12))


def of(array: Any) -> str:
    return ContentDigest.of(pa.table({"x": array}))


def test_golden_digests_equal_under_this_python_and_these_libraries() -> None:
    script = GOLDEN / "content_golden.py"
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == json.loads((GOLDEN / "content_golden.json").read_text())


def test_golden_digests_differ_from_each_other() -> None:
    pinned = json.loads((GOLDEN / "content_golden.json").read_text())
    assert len(set(pinned.values())) == len(pinned)


@given(columns(), st.data())
def test_batches_do_not_count(column: tuple[str, list[Any]], data: Any) -> None:
    kind, values = column
    array = pa.array(values, VALUES[kind][0])
    cut = data.draw(st.integers(0, len(values)))
    padded = pa.array([*values[:1], *values, *values[:1]], VALUES[kind][0])
    sliced = padded.slice(len(values[:1]), len(values))
    assert of(pa.chunked_array([array.slice(0, cut), array.slice(cut)], array.type)) == of(array)
    if kind != "dictionary":
        parts = [pa.array(values[:cut], array.type), pa.array(values[cut:], array.type)]
        assert of(pa.chunked_array(parts, array.type)) == of(array)
        assert of(sliced) == of(array)


@given(columns(), st.data())
def test_any_other_value_is_another_digest(column: tuple[str, list[Any]], data: Any) -> None:
    kind, values = column
    if not values:
        return
    at = data.draw(st.integers(0, len(values) - 1))
    other = [*values]
    other[at] = data.draw(st.none() | VALUES[kind][1])
    mine = pa.array(values, VALUES[kind][0])
    theirs = pa.array(other, VALUES[kind][0])
    # repr tells 0.0 from -0.0, and what Arrow made of the values is what counts.
    same = repr(mine.to_pylist() if kind != "ns" else mine.cast("int64").to_pylist()) == repr(
        theirs.to_pylist() if kind != "ns" else theirs.cast("int64").to_pylist()
    )
    assert (of(mine) == of(theirs)) == same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pa.array(["a", None]), pa.array(["a", None], pa.large_string())),
        (pa.array([b"a", None]), pa.array([b"a", None], pa.large_binary())),
        (pa.array([1], pa.time32("s")), pa.array([10**9], pa.time64("ns"))),
        (pa.array([[1]]), pa.array([[1]], pa.large_list(pa.int64()))),
        (
            pa.array(["a", "b"]).dictionary_encode(),
            pa.array(["a", "b"]).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.string())),
        ),
    ],
)
def test_equal_values_of_equal_families(one: Any, other: Any) -> None:
    assert of(one) == of(other)


@pytest.mark.skipif(not hasattr(pa, "string_view"), reason="needs pyarrow 16")
def test_views_equal_what_they_show() -> None:
    values = ["a", None, "longer than twelve bytes"]
    assert of(pa.array(values, pa.string_view())) == of(pa.array(values))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pa.array([1], pa.int8()), pa.array([1], pa.int64())),
        (pa.array([1]), pa.array([1.0])),
        (pa.array([None], pa.float64()), pa.array([float("nan")])),
        (pa.array([0.0]), pa.array([-0.0])),
        (pa.array(["a"]), pa.array([b"a"])),
        (pa.array([""]), pa.array([None], pa.string())),
        (pa.array([[]], pa.list_(pa.int8())), pa.array([None], pa.list_(pa.int8()))),
        (pa.array(["ab", "c"]), pa.array(["a", "bc"])),
        (pa.array([1], pa.timestamp("us")), pa.array([1], pa.timestamp("us", "UTC"))),
        (pa.array([1], pa.timestamp("s")), pa.array([10**9], pa.timestamp("ns"))),
        (pa.array([1], pa.duration("s")), pa.array([10**6], pa.duration("us"))),
        (pa.array([1], pa.timestamp("us", "UTC")), pa.array([1], pa.timestamp("us", "Asia/Tokyo"))),
        (pa.array(["a"]), pa.array(["a"]).dictionary_encode()),
        (pa.array([{"a": None}]), pa.array([None], pa.struct([("a", pa.null())]))),
    ],
)
def test_different_values_or_types(one: Any, other: Any) -> None:
    assert of(one) != of(other)


def test_what_lies_under_a_null_does_not_count() -> None:
    mask = pa.py_buffer(b"\x05")  # the middle one is null
    data = pa.array([1, 99, 3]).buffers()[1]
    dirty = pa.Array.from_buffers(pa.int64(), 3, [mask, data])
    assert of(dirty) == of(pa.array([1, None, 3]))
    text = pa.array(["a", "dirt", "c"])
    dirty = pa.Array.from_buffers(pa.string(), 3, [mask, *text.buffers()[1:]])
    assert of(dirty) == of(pa.array(["a", None, "c"]))
    lists = pa.array([[1], [8, 9], [3]])
    dirty = pa.ListArray.from_arrays(
        lists.offsets, lists.values, mask=pa.array([False, True, False])
    )
    assert of(dirty) == of(pa.array([[1], None, [3]]))


def test_any_nan_is_any_other_nan() -> None:
    odd = pa.Array.from_buffers(pa.float64(), 1, [None, pa.py_buffer(b"\x01\0\0\0\0\0\xf8\xff")])
    assert of(odd) == of(pa.array([float("nan")]))


def test_categories_count_with_order_and_flag() -> None:
    def column(categories: list[str], *, ordered: bool = False) -> Any:
        index = pa.array([categories.index("a")], pa.int8())
        return pa.DictionaryArray.from_arrays(index, pa.array(categories), ordered=ordered)

    found = {
        of(column(["a", "b"])),
        of(column(["b", "a"])),
        of(column(["a"])),
        of(column(["a", "b"], ordered=True)),
    }
    assert len(found) == 4


def test_dictionaries_of_batches_are_unified() -> None:
    whole = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2]), pa.array(["a", "b", "c"]))
    parts = [
        pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array(["a", "b"])),
        pa.DictionaryArray.from_arrays(pa.array([1]), pa.array(["b", "c"])),
    ]
    assert of(pa.chunked_array(parts)) == of(whole)


def test_names_order_and_rows_count_and_metadata_does_not() -> None:
    table = pa.table({"a": [1], "b": [2]})
    assert ContentDigest.of(table) != ContentDigest.of(table.select(["b", "a"]))
    assert ContentDigest.of(table) != ContentDigest.of(table.rename_columns(["a", "c"]))
    assert ContentDigest.of(table) == ContentDigest.of(table.replace_schema_metadata({"x": "y"}))
    empty = table.schema.empty_table()
    assert ContentDigest.of(empty) != ContentDigest.of(table)
    assert ContentDigest.of(empty) != ContentDigest.of(empty.select(["a"]))


def test_a_union_is_refused_by_name() -> None:
    union = pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])])
    with pytest.raises(ArtifactError, match="Column 'x'"):
        of(union)

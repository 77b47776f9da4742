# ruff: noqa: DTZ001 - time stamps without a zone are what is tested
import hashlib
import math
import struct
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tests.steps_harness import dataset, run
from zenlab.core.errors import ParameterError
from zenlab.steps.split import (
    BaseSplitStep,
    CategoricalDomainSplit,
    CategoricalRatioSplit,
    FunctionSplit,
    NoSplit,
    RandomSplit,
)
from zenlab.steps.split.row_hash import hash_positions, hash_rows, mix_int, unit_interval

M = (1 << 64) - 1


def by_the_book(row, seed):
    """The specification of row_hash, a cell at a time in plain Python."""
    h = mix_int(seed)
    for value in row:
        tag, payload, finer = cell(value)
        c = mix_int(mix_int(tag) ^ (payload & M))
        if finer:
            c = mix_int(c ^ finer)
        h = mix_int(h ^ c)
    return h


def cell(value):
    blake = lambda b: int.from_bytes(hashlib.blake2b(b, digest_size=8).digest(), "little")  # noqa: E731
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return 0, 0, 0
    if isinstance(value, bool):
        return 1, int(value), 0
    if isinstance(value, int):
        return 2, value, 0
    if isinstance(value, float):
        if value == math.floor(value) and abs(value) < 2**63:
            return 2, int(value), 0
        return 3, struct.unpack("<Q", struct.pack("<d", value))[0], 0
    if isinstance(value, str):
        return 4, blake(value.encode()), 0
    if isinstance(value, bytes):
        return 5, blake(value), 0
    if isinstance(value, datetime):
        return 6, (value - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1), 0
    if isinstance(value, date):
        return 6, (value - date(1970, 1, 1)).days * 86_400_000_000, 0
    if isinstance(value, timedelta):
        return 8, value // timedelta(microseconds=1), 0
    return 9, blake(str(value).encode()), 0


TABLE = pa.table(
    {
        "bool": pa.array([True, False, None]),
        "int": pa.array([1, -7, None], pa.int64()),
        "float": pa.array([1.0, 0.1, float("nan")]),
        "text": pa.array(["UA", "", None]),
        "bytes": pa.array([b"\x00\xff", b"", None]),
        "stamp": pa.array(
            [datetime(2013, 1, 1, 5, 0, 0, 7, tzinfo=UTC), datetime(1969, 1, 1, tzinfo=UTC), None],
            pa.timestamp("us", "UTC"),
        ),
        "date": pa.array([date(2013, 1, 1), date(1960, 2, 29), None]),
        "duration": pa.array([timedelta(seconds=1), timedelta(microseconds=-3), None]),
        "decimal": pa.array([Decimal("1.10"), Decimal("-2.00"), None]),
    }
)


def hashes(table, seed=0):
    return hash_rows(((n, table[n]) for n in table.column_names), table.num_rows, seed)


def test_the_hash_is_what_its_specification_says():
    rows = [tuple(row.values()) for row in TABLE.to_pylist()]
    assert hashes(TABLE, 5).tolist() == [by_the_book(row, 5) for row in rows]


def test_golden_hashes():
    assert [hex(h) for h in hashes(TABLE)] == GOLDEN_ROWS
    assert [hex(h) for h in hash_positions(0, 3, 0)] == GOLDEN_PLACES
    assert hex(mix_int(0)) == "0xe220a8397b1dcdaf"  # SplitMix64's first output for the seed 0


def test_golden_split():
    df = pd.DataFrame({"carrier": list("ABCDEFGHIJ"), "delay": [*range(9), None]})
    got = run(RandomSplit({"train": 0.5, "eval": 0.5}), data=df)
    assert got.frame("train")["carrier"].tolist() == GOLDEN_TRAIN
    got = run(RandomSplit({"train": 0.5, "eval": 0.5}, by="position", seed=1), data=df)
    assert got.frame("train")["carrier"].tolist() == GOLDEN_TRAIN_BY_POSITION


@pytest.mark.parametrize(
    "other",
    [
        pa.array(["UA", None, "ÄÖ"]).dictionary_encode(),
        pa.array(["UA", None, "ÄÖ"], pa.large_string()),
        pa.DictionaryArray.from_arrays(pa.array([1, None, 0]), pa.array(["ÄÖ", "UA"])),
        pa.DictionaryArray.from_arrays(pa.array([1, 2, 0]), pa.array(["ÄÖ", "UA", None])),
        pa.chunked_array([["UA"], [None, "ÄÖ"]]),
    ],
)
def test_how_text_is_stored_does_not_matter(other):
    assert (
        hash_rows([("a", other)], 3, 0).tolist()
        == hash_rows([("a", pa.array(["UA", None, "ÄÖ"]))], 3, 0).tolist()
    )


def test_the_type_of_a_number_and_the_unit_of_a_time_do_not_matter():
    def same(*arrays):
        found = [hash_rows([("a", array)], len(array), 0).tolist() for array in arrays]
        assert all(one == found[0] for one in found)

    numbers = [3, None, -5]
    kinds = (pa.int8(), pa.int64(), pa.float16(), pa.float32(), pa.float64())
    same(*(pa.array(np.array([3, np.nan, -5]), from_pandas=True).cast(k) for k in kinds[3:]))
    same(*(pa.array(numbers, kind) for kind in kinds if kind != pa.float16()))
    same(pa.array([3, 5], pa.uint64()), pa.array([3, 5], pa.int16()))
    when = [datetime(2013, 1, 1, 5), None, datetime(1950, 6, 1)]
    same(*(pa.array(when, pa.timestamp(unit)) for unit in ("s", "ms", "us", "ns")))
    same(
        pa.array(when, pa.timestamp("us")),
        pa.array(when, pa.timestamp("ns")).cast(pa.timestamp("ns", "America/New_York")),
    )
    same(pa.array([date(2013, 1, 1)]), pa.array([datetime(2013, 1, 1)], pa.timestamp("s")))
    ns = pa.array([1, 1000, 1001], pa.int64()).cast(pa.timestamp("ns"))
    assert len(set(hash_rows([("a", ns)], 3, 0).tolist())) == 3


def test_a_way_through_pandas_does_not_matter():
    # Integers with a missing value become floats there, booleans objects, text another type.
    assert hashes(pa.Table.from_pandas(TABLE.to_pandas())).tolist() == hashes(TABLE).tolist()


def test_the_values_differ():
    table = pa.table({"a": [1, 2, 1, 1], "b": [2, 1, None, 2]})
    found = hashes(table).tolist()
    assert len(set(found)) == 3
    assert found[0] == found[3]
    assert found != hashes(table, 1).tolist()
    one = [pa.array([1]), pa.array([True]), pa.array(["1"]), pa.array([b"1"]), pa.array([1.5])]
    assert len({hash_rows([("a", array)], 1, 0)[0] for array in one}) == 5


def test_nested_cells_and_what_has_no_value():
    nested = pa.array([[1, 2], [2, 1], None, [1, 2]])
    found = hash_rows([("a", nested)], 4, 0).tolist()
    assert found[0] == found[3]
    assert len(set(found)) == 3
    with pytest.raises(ParameterError, match=r"cannot be told apart by column 'a'"):
        hash_rows([("a", pa.array([[datetime(2013, 1, 1)]]))], 1, 0)


def test_the_unit_interval_is_uniform_and_below_one():
    u = unit_interval(hash_positions(0, 100_000, 3))
    assert u.max() < 1
    assert unit_interval(np.array([M], dtype=np.uint64))[0] < 1
    counts = np.histogram(u, 20, (0, 1))[0]
    # Chi-square with 19 degrees of freedom: 43.8 is the 99.9 % quantile.
    assert ((counts - 5000) ** 2 / 5000).sum() < 43.8


ROWS = pd.DataFrame({"key": np.arange(3000) // 3, "x": np.arange(3000) * 0.1})


def test_shares_order_and_stability():
    got = run(RandomSplit({"train": 0.7, "eval": 0.2, "test": 0.1}), data=ROWS)
    assert list(got.outputs) == ["train", "eval", "test"]
    sizes = [len(got.frame(name)) for name in got.outputs]
    assert sum(sizes) == 3000
    assert abs(sizes[0] - 2100) < 80
    assert got.frame("train")["x"].is_monotonic_increasing
    assert got.findings == []
    fewer = run(RandomSplit({"train": 0.7, "eval": 0.2, "test": 0.1}), data=ROWS.iloc[::-1])
    assert set(fewer.frame("eval")["x"]) == set(got.frame("eval")["x"])
    more = run(RandomSplit({"train": 0.8, "eval": 0.2}), data=ROWS)
    assert set(got.frame("train")["x"]) < set(more.frame("train")["x"])


def test_a_key_keeps_its_rows_together_when_columns_are_added():
    step = RandomSplit({"train": 0.5, "eval": 0.5}, by=["key"])
    before = run(step, data=ROWS)
    after = run(step, data=ROWS.assign(new=1))
    keys = [set(before.frame(name)["key"]) for name in ("train", "eval")]
    assert not keys[0] & keys[1]
    assert set(after.frame("train")["key"]) == keys[0]


def test_batches_do_not_matter():
    class Small(RandomSplit):
        batch_rows = 7

    for by in (None, ["key"], "position"):
        whole = run(RandomSplit({"train": 0.5, "eval": 0.5}, by=by), data=ROWS)
        small = run(Small({"train": 0.5, "eval": 0.5}, by=by), data=ROWS)
        pd.testing.assert_frame_equal(whole.frame("train"), small.frame("train"))


def test_findings():
    twice = pd.DataFrame({"x": [1] * 60 + list(range(100, 140))})
    found = run(RandomSplit({"train": 0.5, "eval": 0.5}), data=twice).findings
    assert any("59 of 100 rows (59.0%) repeat another row" in one for one in found)
    assert any(one.startswith("The splits have train") for one in found)
    keyless = pd.DataFrame({"k": [None, None, *"abcdefghijklmnop"], "x": range(18)})
    found = run(RandomSplit({"train": 0.5, "eval": 0.5}, by=["k"]), data=keyless).findings
    assert any("2 of 18 rows have no value in ['k']" in one for one in found)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RandomSplit({"train": 0.7, "eval": 0.2}), "sum 0.9"),
        (lambda: RandomSplit({"train": 700, "eval": 300}), "'train': 0.7, 'eval': 0.3"),
        (lambda: RandomSplit({"train": 1.5, "eval": -0.5}), "share of split 'eval' is -0.5"),
        (lambda: RandomSplit({"train": float("nan")}), "share of split 'train' is nan"),
        (lambda: RandomSplit({}), "names no split"),
        (lambda: RandomSplit({"a/b": 1}), "'a/b' cannot be the name"),
        (lambda: RandomSplit({"preprocesser": 1}), "'preprocesser' cannot be the name"),
        (lambda: RandomSplit({"train": 1}, by="carrier"), r"by=\['carrier'\]"),
        (lambda: RandomSplit({"train": 1}, by=[]), "names no column"),
        (lambda: RandomSplit({"train": 1}, seed="a"), "is not an integer"),
        (lambda: RandomSplit({"train": 1}, sed=1), "Did you mean 'seed'"),
        (lambda: CategoricalDomainSplit("a", {"train": ["x"]}), "one split only"),
        (lambda: CategoricalDomainSplit("a", {"t": ["x"], "e": ["x"]}), "'x' is in split 't'"),
        (lambda: CategoricalDomainSplit("a", {"t": ["x"], "e": []}), "'e' has no category"),
        (lambda: CategoricalDomainSplit("a", {"t": ["x"], "e": ["y"]}, "evl"), "evl"),
        (lambda: CategoricalRatioSplit("a", ["x"], {"t": 0.5, "e": 0.4}), "sum 0.9"),
    ],
)
def test_what_is_refused_when_it_is_declared(make, message):
    with pytest.raises(ParameterError, match=message):
        make()


def test_an_empty_split_and_a_missing_column_are_errors():
    with pytest.raises(ParameterError, match=r"gives no row of 2 to split '(train|eval)'"):
        run(RandomSplit({"train": 0.999, "eval": 0.001}), data=ROWS.head(2))
    with pytest.raises(ParameterError, match="Did you mean 'key'"):
        run(RandomSplit({"train": 1}, by=["kye"]), data=ROWS)


COLORS = pd.DataFrame({"color": ["red", "green", None, "blue", "grey", "red"], "n": range(6)})


def test_categories():
    step = CategoricalDomainSplit("color", {"train": ["red"], "eval": ["green", "blue"]})
    got = run(step, data=COLORS)
    assert got.frame("train")["n"].tolist() == [0, 5]
    assert got.frame("eval")["n"].tolist() == [1, 3]
    assert got.findings == ["2 of 6 rows (33.3%) are in no split."]
    step = CategoricalDomainSplit("color", {"train": ["red"], "eval": ["blue"]}, "eval")
    as_category = COLORS.astype({"color": "category"})
    for data in (COLORS, as_category):
        assert run(step, data=data).frame("eval")["n"].tolist() == [1, 2, 3, 4]
    ratio = CategoricalRatioSplit(
        "n", [1, 2, 3, 4, 5], {"train": 0.5, "eval": 0.5}, unknown_category_policy="train"
    )
    assert ratio.domains == {"train": [1, 2, 3], "eval": [4, 5]}
    assert run(ratio, data=COLORS).frame("train")["n"].tolist() == [0, 1, 2, 3]
    with pytest.raises(ParameterError, match="Category 'a' is a str"):
        run(CategoricalDomainSplit("n", {"t": ["a"], "e": ["b"]}), data=COLORS)


def test_no_split():
    assert run(NoSplit(), data=COLORS).frame("train")["n"].tolist() == list(range(6))


def test_0_3_partition_fn():
    class Odd(BaseSplitStep):
        def partition_fn(self, element, num_partitions):
            return 2 if element["color"] is None else element["n"] % 2

        def get_split_names(self):
            return ["train", "eval", "skip"]

    got = run(Odd(), data=COLORS)
    assert list(got.outputs) == ["train", "eval"]
    assert got.frame("eval")["n"].tolist() == [1, 3, 5]
    assert got.frame("train")["n"].tolist() == [0, 4]


def test_functions():
    def by_n(df, first=3):
        return np.where(df["n"] < first, "train", np.where(df["n"] == 3, None, "eval"))

    got = run(FunctionSplit(by_n), data=COLORS)
    assert list(got.outputs) == ["train", "eval"]
    assert got.frame("eval")["n"].tolist() == [4, 5]

    def as_category(df):
        kinds = pd.Categorical(["b", "a"] * 3, categories=["unused", "a", "b"])
        return pd.Series(kinds)

    assert list(run(FunctionSplit(as_category), data=COLORS).outputs) == ["a", "b"]


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "split 'f' returned None"),
        ("train", "returned 'train'; return the name of a split for each row"),
        (["train"], "returned 1 names of splits for 6 rows"),
        (["a b"] * 6, "'a b' cannot be the name of a split"),
        ([["train"]] * 6, "something else than names of splits"),
    ],
)
def test_what_a_function_must_not_return(returned, message):
    def f(df):
        return returned

    with pytest.raises(ParameterError, match=message):
        run(FunctionSplit(f), data=COLORS)


def test_an_undeclared_name_is_refused():
    class Wrong(BaseSplitStep):
        def get_split_names(self):
            return ["train", "eval"]

        def assign(self, table):
            return ["train"] * (table.num_rows - 1) + ["evla"]

    with pytest.raises(ParameterError, match=r"sends rows to 'evla'.*\n.*\n.*Did you mean 'eval'"):
        run(Wrong(), data=COLORS)


def test_a_wide_table_of_all_types_goes_through():
    got = run(RandomSplit({"train": 1}), data=dataset(TABLE))
    assert got.frame("train").shape == (3, 9)


GOLDEN_ROWS = ["0x4e7e58170bed80d8", "0xbaef09fbb9b4d564", "0x87087f1e3ee0e9e9"]
GOLDEN_PLACES = ["0xae2ae903cc3b9173", "0x1514adef9b9e7671", "0x265bc1803f2f1bf9"]
GOLDEN_TRAIN = ["A", "B", "C", "F", "G", "I", "J"]
GOLDEN_TRAIN_BY_POSITION = ["A", "B", "E", "F", "G", "J"]

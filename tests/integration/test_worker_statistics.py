"""The worker's statistics against pandas, for every type of column; the real worker."""

from __future__ import annotations

import datetime as dt
import decimal
import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tests.worker_harness import SECONDS, count, feature, parquet, running, train
from zenlab.core.errors import WorkerError
from zenlab.core.statistics import MAX_TOP_VALUES, QUANTILES

client = pytest.fixture(scope="module")(running)

UTC = dt.UTC
DAY = dt.datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def notes(found, name):
    return " ".join(feature(found, name).notes)


def test_numbers_equal_those_of_pandas(client, tmp_path):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "normal": rng.normal(3, 2, 150_000),
            "small": rng.integers(0, 5, 150_000),
            "heavy": np.exp(rng.normal(0, 2, 150_000)),
        }
    )
    frame.loc[::7, "normal"] = np.nan
    found = count(client, tmp_path, pa.Table.from_pandas(frame))
    assert train(found).rows == 150_000
    for name in frame:
        values = frame[name].dropna()
        one = feature(found, name)
        assert (one.rows, one.missing) == (len(values), frame[name].isna().sum())
        numbers = one.numbers
        assert numbers.mean == pytest.approx(values.mean())
        assert numbers.std == pytest.approx(values.std(ddof=0))
        assert (numbers.min, numbers.max) == (values.min(), values.max())
        assert numbers.zeros == (values == 0).sum()
        assert len(numbers.quantiles) == QUANTILES
        # Quantiles are of a sketch: right within 1 % of the rows.
        for decile, value in enumerate(numbers.quantiles):
            below, upto = (values < value).mean(), (values <= value).mean()
            assert below - 0.011 <= decile / 10 <= upto + 0.011
        histogram = numbers.histogram
        assert len(histogram.edges) == len(histogram.counts) + 1
        assert sum(histogram.counts) == pytest.approx(len(values), abs=10)


def test_text_is_counted_exactly(client, tmp_path):
    rng = np.random.default_rng(2)
    values = pd.Series([f"v{n}" for n in np.minimum(rng.zipf(1.3, 80_000), 9_000)])
    values[::9] = None
    found = count(client, tmp_path, {"text": pa.array(values, from_pandas=True)})
    one = feature(found, "text")
    assert (one.rows, one.missing) == (values.count(), values.isna().sum())
    assert one.text.unique == values.nunique()
    counts = values.value_counts()
    expected = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MAX_TOP_VALUES]
    assert [(top.value, top.count) for top in one.text.top] == expected
    assert one.text.mean_length == pytest.approx(values.dropna().str.len().mean(), rel=1e-5)


# name: (array of 4 rows, one of them missing; kind; dtype; what its numbers or values are)
TROUBLESOME = {
    "datetime_s": (pa.array([DAY, DAY, DAY, None], pa.timestamp("s")), "time", DAY.timestamp()),
    "datetime_ms": (pa.array([DAY, DAY, DAY, None], pa.timestamp("ms")), "time", DAY.timestamp()),
    "datetime_us": (
        pa.array([DAY, DAY, DAY, None], pa.timestamp("us", "Asia/Tokyo")),
        "time",
        DAY.timestamp(),
    ),
    "datetime_ns": (
        pa.array([DAY, DAY, DAY, None], pa.timestamp("ns", "UTC")),
        "time",
        DAY.timestamp(),
    ),
    "date32": (pa.array([dt.date(1970, 1, 3)] * 3 + [None], pa.date32()), "time", 2 * 86_400),
    "date64": (pa.array([dt.date(1969, 12, 31)] * 3 + [None], pa.date64()), "time", -86_400),
    "time32": (pa.array([dt.time(1, 0, 1)] * 3 + [None], pa.time32("s")), "duration", 3601),
    "time64": (pa.array([dt.time(0, 0, 1, 500_000)] * 3 + [None]), "duration", 1.5),
    "timedelta": (pa.array([dt.timedelta(hours=-1)] * 3 + [None]), "duration", -3600),
    "bool": (pa.array([True, True, True, None]), "truth", 1),
    "decimal": (pa.array([decimal.Decimal("12.25")] * 3 + [None]), "number", 12.25),
    "decimal256": (
        pa.array([decimal.Decimal("1.5")] * 3 + [None], pa.decimal256(50, 3)),
        "number",
        1.5,
    ),
    "float16": (pa.array([np.float16(0.5)] * 3 + [None], pa.float16()), "number", 0.5),
    "float32": (pa.array([0.5] * 3 + [None], pa.float32()), "number", 0.5),
    "nan": (pa.array([0.5, 0.5, 0.5, math.nan]), "number", 0.5),
    "uint64": (pa.array([2**64 - 2048] * 3 + [None], pa.uint64()), "integer", 2**64 - 2048),
    "int8": (pa.array([-7] * 3 + [None], pa.int8()), "integer", -7),
    "dictionary": (pa.array(["a", "a", "a", None]).dictionary_encode(), "text", "a"),
    "dictionary_of_numbers": (
        pa.array([5, 5, 5, None]).dictionary_encode(),
        "integer",
        5,
    ),
    "large_string": (pa.array(["a", "a", "a", None], pa.large_string()), "text", "a"),
    "bytes": (pa.array([b"ab", b"ab", b"ab", None]), "bytes", "ab"),
    "fixed_bytes": (pa.array([b"ab", b"ab", b"ab", None], pa.binary(2)), "bytes", "ab"),
    "": (pa.array([1, 1, 1, None]), "integer", 1),
    "a.dotted name": (pa.array([1, 1, 1, None]), "integer", 1),
    "_leading": (pa.array([1, 1, 1, None]), "integer", 1),
    "Größe '✈' <b>": (pa.array(["é", "é", "é", None]), "text", "é"),
    "list": (pa.array([[3], [3], [3], None]), "integer", 3),
    "list_of_text": (pa.array([["x"], ["x"], ["x"], None]), "text", "x"),
    "list_of_lists": (pa.array([[[3]], [[3]], [[3]], None]), "integer", 3),
}


@pytest.fixture(scope="module")
def troublesome(client, tmp_path_factory):
    """All of them in one table: none may disturb another."""
    columns = {name: row[0] for name, row in TROUBLESOME.items()}
    return count(client, tmp_path_factory.mktemp("types"), columns)


@pytest.mark.parametrize("name", TROUBLESOME)
def test_a_troublesome_type_is_counted(troublesome, name):
    array, kind, value = TROUBLESOME[name]
    one = feature(troublesome, name)
    assert (one.kind, one.rows, one.missing) == (kind, 3, 1)
    assert one.notes == [] or "Not counted" not in one.notes[0]
    if kind in ("text", "bytes"):
        assert [(top.value, top.count) for top in one.text.top] == [(value, 3)]
    else:
        assert (one.numbers.min, one.numbers.max) == (value, value)
        assert one.numbers.mean == pytest.approx(value)
        assert one.numbers.std == pytest.approx(0, abs=1e-6 * abs(value))
    if pa.types.is_nested(array.type):
        assert one.values_per_row == [1, 1, 1]


def test_no_column_is_dropped_and_the_order_is_kept(troublesome):
    assert [f.name for f in train(troublesome).features] == list(TROUBLESOME)


def test_infinite_numbers_are_counted_apart(client, tmp_path):
    values = [1.0, 2.0, math.inf, -math.inf, 0.0, math.nan, None, 3.0]
    columns = {"x": pa.array(values), "y": pa.array([math.inf] * 8), "z": list(range(8))}
    found = count(client, tmp_path, columns)
    numbers = feature(found, "x").numbers
    assert (feature(found, "x").rows, feature(found, "x").missing) == (6, 2)
    assert (numbers.infinite, numbers.mean, numbers.zeros) == (2, 1.5, 1)
    assert (numbers.min, numbers.max) == (0, 3)
    assert all(map(math.isfinite, numbers.quantiles))
    assert sum(numbers.histogram.counts) == 4
    only = feature(found, "y").numbers
    assert (only.infinite, only.mean, only.min, only.quantiles) == (8, None, None, [])
    assert feature(found, "z").numbers.infinite == 0


def test_nested_columns_have_a_row_a_part(client, tmp_path):
    rows = [
        {"city": "Rome", "geo": {"lat": 1.0}},
        {"city": None, "geo": {"lat": 3.0}},
        None,
        {"city": "Rome", "geo": None},
    ]
    orders = [[{"n": 1, "tag": "a"}, {"n": 2, "tag": None}], [], None, [{"n": 3, "tag": "a"}]]
    table = {
        "address": pa.array(rows),
        "orders": pa.array(orders),
        "map": pa.array([[("k", 1)], [("k", 2), ("l", 3)], None, []], pa.map_("string", "int64")),
    }
    found = count(client, tmp_path, table)
    names = [f.name for f in train(found).features]
    assert names == [
        *("address", "address.city", "address.geo", "address.geo.lat"),
        *("orders", "orders.n", "orders.tag", "map", "map.key", "map.value"),
    ]
    assert (feature(found, "address").kind, feature(found, "address").missing) == ("nested", 1)
    city = feature(found, "address.city")
    assert (city.rows, city.missing, city.text.top[0].count) == (2, 2, 2)
    assert feature(found, "address.geo.lat").numbers.mean == 2
    assert feature(found, "orders").values_per_row == [0, 1, 2]
    assert feature(found, "orders.n").numbers.mean == 2
    tag = feature(found, "orders.tag")
    assert (tag.rows, tag.missing) == (2, 1)
    assert "element of 'orders'" in notes(found, "orders.tag")
    assert feature(found, "map.value").numbers.max == 3


def test_lists_have_values_per_row_and_null_elements_do_not_count(client, tmp_path):
    lists = pa.array([[1, None, 3], [], None, [5.5]])
    one = feature(count(client, tmp_path, {"l": lists}), "l")
    assert (one.rows, one.missing, one.values_per_row) == (3, 1, [0, 1, 2])
    assert (one.numbers.min, one.numbers.max) == (1, 5.5)


def test_lists_of_a_fixed_size(client, tmp_path):
    fixed = pa.array([[3.0, 4.0]] * 3, pa.list_(pa.float64(), 2))
    one = feature(count(client, tmp_path, {"l": fixed}), "l")
    assert (one.values_per_row, one.numbers.mean) == ([2, 2, 2], 3.5)


def test_a_column_that_cannot_be_read_is_noted_and_the_others_are_counted(client, tmp_path):
    # Arrow writes fixed lists with nulls to Parquet, and then cannot read them.
    fixed = pa.array([[3], None, [3]], pa.list_(pa.int64(), 1))
    found = count(client, tmp_path, {"fixed": fixed, "x": [1, 2, 3]})
    assert "Not counted: its values cannot be read" in notes(found, "fixed")
    assert (feature(found, "fixed").rows, feature(found, "fixed").missing) == (0, 3)
    assert feature(found, "x").numbers.mean == 2


def test_empty_columns(client, tmp_path):
    columns = {
        "null": pa.nulls(3),
        "numbers": pa.array([None] * 3, pa.float64()),
        "text": pa.array([None] * 3, pa.string()),
        "list": pa.array([None] * 3, pa.list_(pa.int64())),
        "list_of_null": pa.array([[None], [], None]),
        "good": [1, 2, 3],
    }
    found = count(client, tmp_path, columns)
    for name in ("null", "numbers", "text", "list"):
        assert (feature(found, name).rows, feature(found, name).missing) == (0, 3)
        assert feature(found, name).notes == []
    assert feature(found, "null").kind == "empty"
    assert feature(found, "numbers").numbers.mean is None
    assert feature(found, "text").text.top == []
    assert feature(found, "list_of_null").kind == "empty"
    assert feature(found, "good").numbers.mean == 2


def test_no_rows(client, tmp_path):
    columns = {name: row[0].slice(0, 0) for name, row in TROUBLESOME.items()}
    found = count(client, tmp_path, columns)
    assert train(found).rows == 0
    assert [f.name for f in train(found).features] == list(TROUBLESOME)
    for one in train(found).features:
        assert (one.rows, one.missing) == (0, 0)
        assert not any("Not counted" in note for note in one.notes), (one.name, one.notes)


def test_no_columns(client, tmp_path):
    found = count(client, tmp_path, pa.table({"x": [1, 2]}).select([]))
    assert train(found).features == []


def test_duplicate_names_are_one_clear_error(client, tmp_path):
    table = pa.table([[1], [2], [3]], names=["a", "b", "a"])
    with pytest.raises(WorkerError, match="Several columns are called 'a'") as error:
        count(client, tmp_path, table)
    assert "Rename" in error.value.hint


def test_huge_cardinality_is_bounded_and_says_so(client, tmp_path):
    ids = pa.array([f"id{n:07}" for n in range(200_000)])
    found = count(client, tmp_path, {"id": ids})
    one = feature(found, "id")
    assert one.text.unique == pytest.approx(200_000, rel=0.03)
    assert one.text.top == []  # all are equally rare: which are listed would be chance
    assert "estimate" in notes(found, "id")
    assert "too high" in notes(found, "id")


def test_frequent_values_among_many_others_are_found(client, tmp_path):
    ids = [f"id{n:07}" for n in range(150_000)] + ["often"] * 5_000
    top = feature(count(client, tmp_path, {"id": pa.array(ids)}), "id").text.top
    assert [one.value for one in top] == ["often"]
    assert 5_000 <= top[0].count <= 5_010


def test_bytes_that_are_no_text_and_long_text(client, tmp_path):
    columns = {
        "blob": pa.array([b"\xff\xfe"] * 20 + [b"ok"] * 5),
        "long": pa.array(["x" * 5_000] * 20 + ["short"] * 5),
    }
    found = count(client, tmp_path, columns)
    assert [one.value for one in feature(found, "blob").text.top] == ["ok"]
    assert "20 values are no UTF-8 text" in notes(found, "blob")
    assert [one.value for one in feature(found, "long").text.top] == ["short"]
    assert "longer than 1,024 bytes" in notes(found, "long")


def test_several_datasets_and_files(client, tmp_path):
    one = parquet(tmp_path, {"x": [1, 2]}, "one")
    two = parquet(tmp_path, {"x": [3]}, "two")
    datasets = {"train": [one, two], "eval": [two]}
    found = client.statistics(datasets, tmp_path / "out").result(SECONDS)
    assert [(d.name, d.rows) for d in found.datasets] == [("train", 3), ("eval", 1)]
    assert feature(found, "x").numbers.max == 3
    assert (tmp_path / "out" / "statistics.pb").stat().st_size > 0


def test_files_that_do_not_fit(client, tmp_path):
    one, two = parquet(tmp_path, {"x": [1]}, "one"), parquet(tmp_path, {"y": [3]}, "two")
    with pytest.raises(WorkerError, match="other columns"):
        client.statistics({"train": [one, two]}, tmp_path / "out").result(SECONDS)
    two.write_bytes(b"PAR1 this is none PAR1")
    with pytest.raises(WorkerError, match="cannot be read") as error:
        client.statistics({"train": [two]}, tmp_path / "out").result(SECONDS)
    assert "two.parquet" in error.value.where
    assert not (tmp_path / "out").exists()


def test_one_column_that_changes_its_type_fails_alone(client, tmp_path):
    one = parquet(tmp_path, {"x": [1, 2], "y": [1, 2]}, "one")
    two = parquet(tmp_path, {"x": ["a", "b"], "y": [3, 4]}, "two")
    found = client.statistics({"train": [one, two]}, tmp_path / "out").result(SECONDS)
    assert "Not counted: TFDV cannot count it" in notes(found, "x")
    assert feature(found, "y").numbers.mean == 2.5


def test_slices_equal_statistics_of_their_rows(client, tmp_path):
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=3_000),
            "b": rng.choice(["u", "v", None], 3_000, p=[0.6, 0.3, 0.1]),
            "flag": rng.random(3_000) < 0.2,
        }
    )
    frame.loc[0, "b"] = "rare"
    slices = [["b"], ["flag", "b"]]
    found = count(client, tmp_path, pa.Table.from_pandas(frame), slices=slices)
    groups = {tuple(d.slice.items()): d for d in found.datasets if d.slice}
    expected = {(("b", b),) for b in ("u", "v")}
    expected |= {(("b", b), ("flag", f)) for b in ("u", "v") for f in ("True", "False")}
    assert set(groups) == expected
    assert "1 groups are left out" in " ".join(train(found).notes)
    for key, dataset in groups.items():
        chosen = dict(key)
        rows = frame[frame.b == chosen["b"]]
        if "flag" in chosen:
            rows = rows[rows.flag == (chosen["flag"] == "True")]
        alone = count(client, tmp_path, pa.Table.from_pandas(rows, preserve_index=False))
        assert dataset.rows == len(rows)
        assert dataset.features == train(alone).features


def test_slices_that_cannot_be(client, tmp_path):
    columns = {"x": list(range(20)), "l": [[1]] * 20}
    for slices, message in (([["z"]], "no column 'z'"), ([["l"]], "no values to slice by")):
        with pytest.raises(WorkerError, match=message):
            count(client, tmp_path, columns, slices=slices)
    with pytest.raises(WorkerError, match="sensitive"):
        count(client, tmp_path, columns, slices=[["x"]], sensitive=["x"])
    with pytest.raises(WorkerError, match="more than 10,000"):
        count(client, tmp_path, {"x": list(range(20_000))}, slices=[["x"]])


def test_weights(client, tmp_path):
    columns = {"x": [1.0, 2.0, 4.0], "t": ["a", "b", "b"], "w": [2, 1, 1]}
    found = count(client, tmp_path, columns, weight="w")
    assert found.weight == "w"
    assert feature(found, "x").weighted_numbers.mean == 2
    assert feature(found, "x").numbers.mean == pytest.approx(7 / 3)
    assert [(t.value, t.count) for t in feature(found, "t").weighted_text.top] == [
        ("a", 2),
        ("b", 2),
    ]
    assert [f.name for f in train(found).features] == ["x", "t", "w"]


@pytest.mark.parametrize("weights", [[1.0, None], [-1.0, 1.0], [math.inf, 1.0], ["a", "b"]])
def test_weights_that_are_none(client, tmp_path, weights):
    with pytest.raises(WorkerError, match="weight 'w'"):
        count(client, tmp_path, {"x": [1, 2], "w": weights}, weight="w")


def test_sensitive_values_leave_in_no_file(client, tmp_path):
    columns = {
        "name": ["SECRETNAME"] * 30,
        "salary": [123_456.75] * 29 + [987_654.25],
        "address": [{"city": "SECRETCITY"}] * 30,
        "x": list(range(30)),
    }
    found = count(client, tmp_path, columns, sensitive=["name", "salary", "address"], weight="x")
    for file in (tmp_path / "out").iterdir():
        content = file.read_bytes()
        assert b"SECRET" not in content
        for value in (123_456.75, 987_654.25):
            assert str(value).encode() not in content
            assert np.float64(value).tobytes() not in content
    one = feature(found, "salary")
    assert one.sensitive
    assert (one.rows, one.numbers.min, one.numbers.quantiles) == (30, None, [])
    assert feature(found, "name").text.unique == 1
    assert feature(found, "address.city").sensitive
    assert not feature(found, "x").sensitive


def test_the_mean_of_equal_or_few_sensitive_values_would_be_one(client, tmp_path):
    columns = {"same": [777.25] * 30, "varied": list(range(30))}
    found = count(client, tmp_path, columns, sensitive=["same", "varied"])
    assert feature(found, "same").numbers.mean is None
    assert feature(found, "varied").numbers.mean == 14.5
    for file in (tmp_path / "out").iterdir():
        assert b"777.25" not in file.read_bytes()
        assert np.float64(777.25).tobytes() not in file.read_bytes()
    few = count(client, tmp_path, {"x": [1.0, 2.0]}, sensitive=["x"], weight="")
    assert feature(few, "x").numbers.mean is None


def test_a_sample_is_the_same_each_time_and_says_so(client, tmp_path):
    columns = {"x": list(range(100_000))}
    found = count(client, tmp_path, columns, sample=1_000)
    assert train(found).rows == 1_000
    assert train(found).notes == ["A sample: 1,000 of 100,000 rows."]
    assert feature(found, "x").numbers.mean == pytest.approx(50_000, rel=0.06)
    assert count(client, tmp_path, columns, sample=1_000) == found
    assert train(count(client, tmp_path, columns, sample=200_000)).notes == []


def test_the_same_data_gives_the_same_bytes(client, tmp_path):
    rng = np.random.default_rng(4)
    columns = {"x": rng.normal(size=90_000), "t": rng.choice(list("abcdef"), 90_000)}
    seen = set()
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        count(client, tmp_path / folder, columns, slices=[["t"]])
        out = tmp_path / folder / "out"
        seen.add(tuple((f.name, f.read_bytes()) for f in sorted(out.iterdir())))
        client.close()  # another process, with other hashes of text
    assert len(seen) == 1

"""Rows to Parquet and back: what is kept, what is refused, and by which name."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zenlab.artifacts import (
    ArtifactStore,
    ContentDigest,
    DatasetWriter,
    Described,
    frames,
    parquet,
    write_value,
)
from zenlab.core.dataset import Dataset
from zenlab.core.errors import ArtifactError

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, *parts: Any, **options: Any) -> tuple[Described, Dataset]:
    with DatasetWriter(folder, **options) as writer:
        for part in parts:
            writer.write(part)
    described = writer.close()
    data = Dataset(
        lambda: folder, digest=described.content_digest, num_rows=described.num_rows or 0
    )
    return described, data


ROUND_TRIPS: dict[str, Any] = {
    "numbers": pa.array([1, None, 3], pa.int8()),
    "float16": pa.array(np.array([1, 2], "float16")),
    "uint64": pa.array([2**64 - 1], pa.uint64()),
    "text": pa.array(["a", None, ""]),
    "large text": pa.array(["a"], pa.large_string()),
    "bytes": pa.array([b"\x00", None]),
    "bool": pa.array([True, None]),
    "seconds": pa.array([1, None], pa.timestamp("s", "UTC")),
    "nanoseconds": pa.array([1, 2**62], pa.timestamp("ns")),
    "duration": pa.array([1, None], pa.duration("ns")),
    "date": pa.array([dt.date(2013, 1, 1), None]),
    "date64": pa.array([86_400_000], pa.date64()),
    "time": pa.array([1, None], pa.time32("s")),
    "decimal": pa.array([1, None], pa.int64()).cast(pa.decimal128(38, 3)),
    "decimal256": pa.array([1]).cast(pa.decimal256(50, 3)),
    "lists": pa.array([[1], [], None]),
    "fixed lists": pa.array([[1, 2], None], pa.list_(pa.int8(), 2)),
    "structs": pa.array([{"a": 1, "b": ["x"]}, None]),
    "maps": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int8())),
    "nulls": pa.nulls(2),
    "categories": pa.array(["b", None, "a"]).dictionary_encode(),
    "unused categories": pa.DictionaryArray.from_arrays(
        pa.array([1, None, 1], pa.int8()), pa.array(["x", "y", "z"]), ordered=True
    ),
    "no row of a category": pa.DictionaryArray.from_arrays(
        pa.array([], pa.int8()), pa.array(["x", "y"])
    ),
    "numbers as categories": pa.array([3, 1, 3]).dictionary_encode(),
}


@pytest.mark.parametrize("kind", sorted(ROUND_TRIPS))
def test_what_is_read_has_the_digest_that_was_written(tmp_path: Path, kind: str) -> None:
    described, data = written(tmp_path, pa.table({"x": ROUND_TRIPS[kind]}))
    assert ContentDigest.of(data.to_arrow()) == described.content_digest


def test_many_categories_survive_unused(tmp_path: Path) -> None:
    names = pa.array([f"category {i:06d} with a long name" for i in range(100_000)])
    column = pa.DictionaryArray.from_arrays(pa.array([5, 7]), names)
    described, data = written(tmp_path, pa.table({"x": column}))
    assert ContentDigest.of(data.to_arrow()) == described.content_digest


def test_batches_come_to_the_digest_of_the_whole(tmp_path: Path) -> None:
    table = pa.table({"x": range(1000), "y": [str(i) for i in range(1000)]})
    described, data = written(tmp_path, *table.to_batches(max_chunksize=7))
    assert described.content_digest == ContentDigest.of(table)
    assert data.to_arrow().equals(table)


def test_row_groups_bound_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROW_GROUP_BYTES", 8_000)
    table = pa.table({"x": range(10_000)})
    _, data = written(tmp_path, table.slice(0, 9_000), *table.slice(9_000).to_batches(300))
    assert pq.ParquetFile(data.files[0]).num_row_groups >= 10
    assert data.to_arrow().equals(table)


def test_the_frame_s_named_index_is_kept_and_another_dropped(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [1, 2]}, index=pd.Index(["a", "b"], name="id"))
    assert written(tmp_path / "", frame)[1].column_names == ["id", "x"]
    filtered = pd.DataFrame({"x": [1, 2, 3]})[lambda d: d.x > 1]
    folder = tmp_path / "2"
    folder.mkdir()
    assert written(folder, filtered)[1].to_pandas()["x"].tolist() == [2, 3]


def test_an_empty_frame_keeps_its_columns(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": pd.Series([], dtype="int32"), "t": pd.Series([], dtype="str")})
    described, data = written(tmp_path, frame)
    assert described.num_rows == 0
    assert data.schema.field("x").type == pa.int32()
    assert data.to_pandas().columns.tolist() == ["x", "t"]


def test_frames_whose_types_wobble_fit_if_no_value_changes(tmp_path: Path) -> None:
    parts = [pd.DataFrame({"x": [1, 2]}), pd.DataFrame({"x": [3.0, np.nan]})]
    _, data = written(tmp_path, *parts, pd.DataFrame({"x": [None, None]}))
    assert data.to_arrow()["x"].to_pylist() == [1, 2, 3, None, None, None]


MIXED = [1, "a"]
REFUSED: dict[str, tuple[list[Any], str]] = {
    "mixed": ([pd.DataFrame({"ok": [1, 2], "x": MIXED})], "Column 'x' mixes int and str"),
    "objects": ([pd.DataFrame({"x": [object()]})], "Column 'x' holds values of type object"),
    "big": ([pd.DataFrame({"x": [2**70, 1]})], "Column 'x' holds integers of more than 64 bits"),
    "complex": ([pd.DataFrame({"x": [1j]})], "Column 'x'"),
    "period": ([pd.DataFrame({"x": pd.period_range("2013", periods=2)})], "Column 'x'.*period"),
    "interval": ([pd.DataFrame({"x": pd.interval_range(0, 2)})], "Column 'x'.*interval"),
    "twice": ([pd.DataFrame([[1, 2]], columns=["x", "x"])], "Two columns are called 'x'"),
    "twice in Arrow": (
        [pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["x", "x"])],
        "Two columns are called 'x'",
    ),
    "number": ([pd.DataFrame([[1]])], "The column name 0 is an int"),
    "levels": ([pd.DataFrame({("a", "b"): [1]})], r"The column name \('a', 'b'\) is a tuple"),
    "index": (
        [pd.DataFrame({"x": [1]}, index=pd.Index([1], name="x"))],
        "'x' is the name of a column and of the index",
    ),
    "no columns": ([pd.DataFrame({})], "without columns"),
    "type": ([pa.table({"x": [1]}), pa.table({"x": ["a"]})], "Column 'x' is string here and int64"),
    "lossy": ([pa.table({"x": [1]}), pa.table({"x": [1.5]})], "Column 'x' is double here"),
    "missing": ([pa.table({"x": [1], "y": [1]}), pa.table({"x": [1]})], "'y' is missing"),
    "new": ([pa.table({"x": [1]}), pa.table({"x": [1], "z": [1]})], "'z' is new"),
    "order": (
        [pa.table({"x": [1], "y": [1]}), pa.table({"y": [1], "x": [1]})],
        "their order differs",
    ),
    "list": ([[1, 2]], "Rows cannot come as a list"),
}


@pytest.mark.parametrize("kind", sorted(REFUSED))
def test_refused_by_name_and_nothing_left(tmp_path: Path, kind: str) -> None:
    parts, said = REFUSED[kind]
    with pytest.raises(ArtifactError, match=said):
        written(tmp_path, *parts)
    assert list(tmp_path.iterdir()) == []


def test_nothing_written_is_an_error_unless_the_schema_is_known(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="no columns"):
        written(tmp_path)
    described, data = written(tmp_path, schema=pa.schema([("x", pa.int8())]))
    assert described.num_rows == 0
    assert data.column_names == ["x"]


def test_closing_again_gives_the_same_and_writing_is_over(tmp_path: Path) -> None:
    writer = DatasetWriter(tmp_path)
    writer.write(pa.table({"x": [1]}))
    assert writer.close() == writer.close()
    writer.abort()  # too late to take anything away
    assert list(tmp_path.iterdir())
    with pytest.raises(ArtifactError, match="closed"):
        writer.write(pa.table({"x": [1]}))


def any_frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "numbers": [1, 2],
            "small": np.array([1, 2], "int8"),
            "floats": [0.5, np.nan],
            "truth": [True, False],
            "objects": ["a", None],
            "text": pd.Series(["a", None], dtype="string"),
            "nullable": pd.Series([1, None], dtype="Int64"),
            "truth or not": [True, None],
            "categories": pd.Categorical(["a", None], categories=["b", "a"], ordered=True),
            "numbered": pd.Categorical([1, 2]),
            "times": pd.to_datetime(["2020-01-01", None]),
            "zoned": pd.date_range("2020", periods=2, tz="Europe/Berlin"),
            "durations": pd.to_timedelta([1, None], unit="s"),
            "dates": [dt.date(2020, 1, 1), None],
            "bytes": [b"a", None],
            "lists": [[1, 2], None],
            "arrays": [np.array([1.0]), np.array([2.0])],
            "structs": [{"a": 1}, None],
            "arrow": pd.Series([1, None], dtype=pd.ArrowDtype(pa.int16())),
            "nothing": [None, None],
        }
    )


def test_few_rows_and_many_are_converted_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    few = frames.frame_to_arrow(any_frame())
    monkeypatch.setattr(frames, "_FEW_ROWS", 0)
    many = frames.frame_to_arrow(any_frame())
    assert few.schema.equals(many.schema, check_metadata=True)
    assert few.equals(many)


@pytest.mark.parametrize("rows", [3, 3_000, 300_000])
def test_small_and_large_files_give_the_same_rows(tmp_path: Path, rows: int) -> None:
    table = pa.table({"x": range(rows), "s": [f"v{i % 7}" for i in range(rows)]})
    described, data = written(tmp_path, table)
    assert data.to_arrow().equals(table)
    assert described.content_digest == ContentDigest.of(table)


@pytest.mark.parametrize("kind", [k for k in ROUND_TRIPS if "categor" not in k])
def test_rows_that_are_remembered_are_those_of_the_file(tmp_path: Path, kind: str) -> None:
    table = pa.table({"x": ROUND_TRIPS[kind], "n": pa.array(range(len(ROUND_TRIPS[kind])))})
    described, data = written(tmp_path, table)
    read = data.to_arrow()
    if described.rows is None:
        assert kind not in {"numbers", "text", "large text", "bool"}
    else:
        assert described.rows.schema.equals(read.schema, check_metadata=True)
        assert described.rows.equals(read)
        for mine, theirs in zip(described.rows.columns, read.columns, strict=True):
            assert mine.num_chunks == theirs.num_chunks


def test_only_what_is_small_and_plain_is_remembered(tmp_path: Path) -> None:
    many, few, empty = tmp_path / "many", tmp_path / "few", tmp_path / "empty"
    for folder in (many, few, empty):
        folder.mkdir()
    assert written(many, pa.table({"x": range(300_000)}))[0].rows is None
    assert written(few, any_frame()[["numbers", "floats", "text"]])[0].rows is not None
    described, data = written(empty, pa.table({"x": pa.array([], pa.int8())}))
    assert described.rows is not None
    assert described.rows.equals(data.to_arrow())


def test_a_changed_file_is_not_read_from_memory(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    staged = store.stage("a/b")
    stored = store.publish("a/b", staged, write_value(pd.DataFrame({"x": [1, 2]}), staged))
    rows = store.rows(stored)
    assert rows is not None
    assert rows["x"].to_pylist() == [1, 2]
    (file,) = staged.glob("*.parquet")
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert store.rows(stored) is None
    with pytest.raises(ArtifactError, match="damaged"):
        store.fetch(stored)

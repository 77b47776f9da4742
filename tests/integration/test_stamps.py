"""Whether data has changed, asked in another clone that shares the stores."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.integration.conftest import git
from zenlab.datasources import CSVDatasource, ParquetDatasource
from zenlab.datasources import stamps as module
from zenlab.pipelines import TrainingPipeline
from zenlab.repo import Repository
from zenlab.steps.preprocesser import TabularPreprocesser
from zenlab.steps.split import RandomSplit
from zenlab.steps.trainer import SklearnTrainer

ROWS = "".join(f"{i % 7},{i % 2}\n" for i in range(200))


@pytest.fixture
def shared(repository, tmp_path, monkeypatch) -> Repository:
    """A repository whose stores a second clone can reach, with data in it."""
    from zenlab.repo.editing import change_config

    stores = {"metadata_store": f"sqlite:///{tmp_path}/metadata.db"}
    stores["artifact_store"] = str(tmp_path / "artifacts")
    change_config(repository.root / "zenlab.yaml", stores)
    (repository.root / "flights.csv").write_text("a,y\n" + ROWS)
    long_ago(repository.root / "flights.csv")
    git(repository.root, "add", ".")
    git(repository.root, "commit", "-qm", "data")
    return Repository()


@pytest.fixture
def colleague(shared, tmp_path, monkeypatch) -> Any:
    """Go to the other clone; its files have other times and inodes."""

    def go() -> Path:
        folder = tmp_path / "clone"
        if not folder.exists():
            git(tmp_path, "clone", "-q", str(shared.root), "clone")
            long_ago(folder / "flights.csv", 500)
        monkeypatch.chdir(folder)
        return folder

    return go


def long_ago(path: Path, seconds: int = 1000) -> None:
    """As a file that was not written just now."""
    then = time.time() - seconds
    os.utime(path, (then, then))


def pipeline(name: str = "P") -> TrainingPipeline:
    made = TrainingPipeline(name=name)
    made.add_datasource(CSVDatasource("flights", "flights.csv"))
    made.add_split(RandomSplit(split_map={"train": 0.7, "eval": 0.3}))
    made.add_preprocesser(TabularPreprocesser(features=["a"], labels=["y"]))
    made.add_trainer(SklearnTrainer("LogisticRegression"))
    return made


def the_commit() -> Any:
    repository = Repository()
    (record,) = repository.metadata.commits(repository.project, "flights")
    return record


def test_a_commit_keeps_a_digest_of_the_bytes(shared):
    CSVDatasource("flights", "flights.csv").commit()
    data = (shared.root / "flights.csv").read_bytes()
    assert the_commit().stamp[0][5] == hashlib.sha256(data).hexdigest()


def test_another_clone_sees_no_change_and_digests_once(shared, colleague, monkeypatch):
    source = CSVDatasource("flights", "flights.csv")
    source.commit()
    folder = colleague()
    record = the_commit()
    assert source.stamp() != record.stamp  # what used to say "changed"
    assert not source.differs_from(record.stamp)
    remembered = (folder / ".zenlab" / "file-digests").read_text()
    assert remembered.count("\n") == 1

    def refuse(*args: object) -> None:
        raise AssertionError("digested again")

    monkeypatch.setattr(hashlib, "file_digest", refuse)
    module._known.clear()  # as in another process
    assert not source.differs_from(record.stamp)
    os.utime(folder / "flights.csv")
    with pytest.raises(AssertionError, match="again"):
        source.differs_from(record.stamp)


def test_a_run_in_another_clone_takes_no_new_commit_and_says_nothing(
    shared, colleague, monkeypatch
):
    pipeline("P").run()
    git(shared.root, "add", ".")
    git(shared.root, "commit", "-qm", "pipeline")
    colleague()
    monkeypatch.setattr(CSVDatasource, "read", lambda self: pytest.fail("the source was read"))
    pipeline("P").run()  # whose file pins the commit
    pipeline("Q").run()  # which takes the newest commit
    repository = Repository()
    second, first = (run.id for run in repository.metadata.runs(repository.project, limit=2))
    for number in (first, second):
        run = repository.metadata.run(number)
        assert run.executed == 0
        assert not [finding for finding in run.findings if "changed" in str(finding)]


def test_a_real_change_of_equal_size_is_seen(shared, colleague):
    source = CSVDatasource("flights", "flights.csv")
    source.commit()
    folder = colleague()
    text = (folder / "flights.csv").read_text()
    (folder / "flights.csv").write_text(text.replace("6,0", "6,1", 1))
    long_ago(folder / "flights.csv", 500)
    assert source.differs_from(the_commit().stamp)


@pytest.mark.parametrize("change", ["size", "name", "number"])
def test_other_changes_are_seen_without_reading(shared, colleague, monkeypatch, change):
    CSVDatasource("flights", "flights.csv").commit()
    folder = colleague()
    record = the_commit()
    monkeypatch.setattr(hashlib, "file_digest", None)
    path = "flights.csv"
    if change == "size":
        (folder / path).write_text("a,y\n" + ROWS + "1,1\n")
    elif change == "name":
        path = "other.csv"
        shutil.copy2(folder / "flights.csv", folder / path)
    else:
        path = "*.csv"
        shutil.copy2(folder / "flights.csv", folder / "zz.csv")
    assert CSVDatasource("flights", path).differs_from(record.stamp)


def test_a_stamp_of_an_earlier_zenlab_still_works(shared, colleague):
    source = CSVDatasource("flights", "flights.csv")
    old = source.stamp()
    assert not source.differs_from(old)
    colleague()
    assert source.differs_from(old)
    assert source.differs_from(None)
    assert source.differs_from([["x"]])


def test_a_file_that_changes_while_it_is_read_gets_no_digest(shared):
    class Slow(CSVDatasource):
        def read(self) -> Any:
            yield from super().read()
            path = Path("flights.csv")
            path.write_text(path.read_text().replace("6,0", "6,1", 1))

    source = Slow("flights", "flights.csv")
    stamp = source.stamp()
    list(source.read())
    assert source.sealed_stamp(stamp) == stamp


def test_parquet_and_a_fresh_file_is_not_remembered(shared, colleague):
    pd.DataFrame({"a": [1, 2]}).to_parquet("a.parquet")
    source = ParquetDatasource("a", "a.parquet")
    sealed = source.sealed_stamp(source.stamp())
    assert len(sealed[0]) == 6
    assert not (shared.root / ".zenlab" / "file-digests").exists()
    os.utime("a.parquet", (1, 1))
    assert not source.differs_from(sealed)
    assert (shared.root / ".zenlab" / "file-digests").exists()

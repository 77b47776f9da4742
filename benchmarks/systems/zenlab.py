"""zenlab, in a repository of its own: a Git work tree with `flow.py` in it."""

from __future__ import annotations

import importlib
import os
import shutil
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pygit2

from benchmarks.harness import Case
from zenlab.datasources import CSVDatasource, PandasDatasource, ParquetDatasource
from zenlab.pipelines import DataPipeline, TrainingPipeline
from zenlab.repo import Repository
from zenlab.steps.split import RandomSplit

if TYPE_CHECKING:
    from zenlab.pipelines import BasePipeline

ROWS = "rows.parquet"


def cached(rows: int, source: str = "parquet") -> Case:
    """Seven steps, declared and run again; and, timed apart, the metrics read from the store."""
    flow = _flow()
    repository = _repository()
    frame = flow.mixed_rows(rows)
    frame.to_parquet(ROWS)

    def run() -> BasePipeline:
        pipeline = TrainingPipeline(name="Bench")
        if source == "pandas":
            pipeline.add_datasource(PandasDatasource("rows", frame))
        else:
            pipeline.add_datasource(ParquetDatasource("rows", ROWS))
        _add_seven(pipeline, flow)
        pipeline.run()
        return pipeline

    run()
    statements = 0

    def before() -> None:
        nonlocal statements
        statements = repository.metadata.statements

    def after(pipeline: BasePipeline) -> dict[str, Any]:
        sent = repository.metadata.statements - statements
        _check(pipeline, executed=0, cached=9)  # two of them are leaves
        started = time.perf_counter()
        values = dict(pipeline.outputs("evaluator"))
        seconds = time.perf_counter() - started
        assert values
        return {"statements": sent, "read": seconds}

    return Case(run, before, after)


def cached_on_server(number: int, database: str) -> Case:
    """`cached` with more steps, and nothing read afterwards; the metadata lie on a server."""
    flow = _flow()
    _repository(database)
    flow.mixed_rows(1_000).to_parquet(ROWS)

    def run() -> BasePipeline:
        pipeline = TrainingPipeline(name="Bench")
        pipeline.add_datasource(ParquetDatasource("rows", ROWS))
        for salt in range(number - 7):
            pipeline.add_transform(flow.same, salt=salt)
        _add_seven(pipeline, flow)
        pipeline.run()
        return pipeline

    run()
    return Case(run, after=lambda pipeline: _check(pipeline, executed=0, cached=number + 2))


def steps(number: int, columns: int, database: str = "") -> Case:
    """Steps that do nothing, all executed."""
    flow = _flow()
    _repository(database)
    flow.few_rows(columns).to_parquet(ROWS)
    salts = count()

    def run() -> BasePipeline:
        pipeline = DataPipeline(name="Bench")
        pipeline.add_datasource(ParquetDatasource("rows", ROWS))
        for _ in range(number):
            # Of its own: the same step on the same values would be the same work, and a hit.
            pipeline.add_transform(flow.same, salt=next(salts))
        pipeline.run()
        return pipeline

    return Case(run, after=lambda pipeline: _check(pipeline, executed=number, cached=0))


def table(megabytes: float) -> Case:
    """One step that reads a table and writes another one of its size."""
    flow = _flow()
    _repository()
    flow.float_rows(megabytes).to_parquet(ROWS)
    salts = count(1)

    def run() -> BasePipeline:
        pipeline = DataPipeline(name="Bench")
        pipeline.add_datasource(ParquetDatasource("rows", ROWS))
        pipeline.add_transform(flow.shifted, salt=next(salts))
        pipeline.run()
        return pipeline

    return Case(run, after=lambda pipeline: _check(pipeline, executed=1, cached=0))


def commit(source: str) -> Case:
    """A commit of a CSV file, in a new repository each time."""
    shutil.copy(source, "flights.csv.zip")

    def run() -> str:
        return CSVDatasource("flights", "flights.csv.zip").commit()

    return Case(run, before=_fresh_repository)


def split(source: str) -> Case:
    """RandomSplit over a commit, in three Parquet datasets."""
    shutil.copy(source, "flights.csv.zip")
    _repository()
    flights = CSVDatasource("flights", "flights.csv.zip")
    flights.commit()
    seeds = count()

    def run() -> BasePipeline:
        pipeline = DataPipeline(name="Bench")
        pipeline.add_datasource(flights)
        shares = {"train": 0.7, "eval": 0.2, "test": 0.1}
        pipeline.add_split(RandomSplit(shares, seed=next(seeds)))
        pipeline.run()
        return pipeline

    return Case(run, after=lambda pipeline: _check(pipeline, executed=1, cached=0))


def _flow() -> Any:
    return importlib.import_module("flow")


def _add_seven(pipeline: TrainingPipeline, flow: Any) -> None:
    pipeline.add_transform(flow.clean)
    pipeline.add_transform(flow.derive)
    pipeline.add_transform(flow.label)
    pipeline.add_split(flow.assign)
    pipeline.add_preprocesser(flow.prepare)
    pipeline.add_trainer(flow.fit)
    pipeline.add_evaluator(flow.score)


def _repository(database: str = "") -> Repository:
    pygit2.init_repository(".")
    made = Repository.init_repo()
    if not database:
        return made
    os.environ["DATABASE"] = database  # a password is refused in the file itself
    with Path("zenlab.yaml").open("a", encoding="utf-8") as file:
        file.write("metadata_store: ${DATABASE}\n")
    return Repository(".")


def _fresh_repository() -> None:
    shutil.rmtree(".zenlab", ignore_errors=True)
    Path("zenlab.yaml").unlink(missing_ok=True)
    _repository()


def _check(pipeline: BasePipeline, *, executed: int, cached: int) -> dict[str, Any]:
    result = pipeline._last.result
    found = (result.executed, result.cached)
    if found != (executed, cached):
        raise AssertionError(f"{found} steps executed and cached, not {(executed, cached)}")
    return {}

"""Without any system: what the libraries below take for the same bytes."""

from __future__ import annotations

import importlib
from itertools import count
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.harness import Case


def table(megabytes: float) -> Case:
    """pyarrow's own write of the table, with its defaults."""
    rows = importlib.import_module("flow").float_rows(megabytes)
    made = pa.Table.from_pandas(rows, preserve_index=False)

    def run() -> None:
        pq.write_table(made, "written.parquet")

    return Case(run)


def commit(source: str) -> Case:
    """pandas.read_csv and to_parquet."""

    def run() -> Any:
        pd.read_csv(source).to_parquet("flights.parquet")

    return Case(run)


def split(source: str) -> Case:
    """Read Parquet, draw, write three Parquet files."""
    pd.read_csv(source).to_parquet("flights.parquet")
    seeds = count()

    def run() -> None:
        rows = pd.read_parquet("flights.parquet")
        drawn = np.random.default_rng(next(seeds)).random(len(rows))
        place = np.searchsorted([0.7, 0.9], drawn, side="right")
        for number, name in enumerate(("train", "eval", "test")):
            rows[place == number].to_parquet(f"{name}.parquet")

    return Case(run)

"""joblib.Memory: each function memoised by a hash of its arguments."""

from __future__ import annotations

import importlib
from itertools import count
from pathlib import Path
from typing import Any

from joblib import Memory

from benchmarks.harness import Case

ROWS = "rows.parquet"


def cached(rows: int) -> Case:
    """The seven steps."""
    flow = importlib.import_module("flow")
    flow.mixed_rows(rows).to_parquet(ROWS)
    peers = importlib.import_module("benchmarks.systems.joblib_flow")

    def run() -> Any:
        memory = Memory(".joblib", verbose=0)
        rows = memory.cache(peers.rows)(*_source())
        for function in (peers.clean, peers.derive, peers.label, peers.split, peers.prepare_all):
            rows = memory.cache(function)(rows)
        model = memory.cache(peers.fit_on)(rows)
        return memory.cache(peers.score)(model, rows)

    # A frame that was loaded may hash to something else than the one that was computed, so the
    # second run may execute steps again.
    for _ in range(3):
        run()
    return Case(run, peers.EXECUTED.clear, lambda _metrics: _check(peers, 0))


def steps(number: int, columns: int) -> Case:
    """Steps that do nothing, all executed: one function, since joblib keys by the arguments."""
    flow = importlib.import_module("flow")
    frame = flow.few_rows(columns)
    peers = importlib.import_module("benchmarks.systems.joblib_flow")
    salts = count()

    def run() -> Any:
        same = Memory(".joblib", verbose=0).cache(peers.same)
        rows = frame
        for _ in range(number):
            rows = same(rows, next(salts))
        return rows

    return Case(run, peers.EXECUTED.clear, lambda _rows: _check(peers, number))


def table(megabytes: float) -> Case:
    """One step that reads a table from the cache and writes another one of its size."""
    flow = importlib.import_module("flow")
    flow.float_rows(megabytes).to_parquet(ROWS)
    peers = importlib.import_module("benchmarks.systems.joblib_flow")
    salts = count(1)

    def run() -> Any:
        memory = Memory(".joblib", verbose=0)
        return memory.cache(peers.shifted)(memory.cache(peers.rows)(*_source()), next(salts))

    run()
    return Case(run, peers.EXECUTED.clear, lambda _rows: _check(peers, 1))


def _source() -> tuple[str, str]:
    stat = Path(ROWS).stat()
    return ROWS, f"{stat.st_size}-{stat.st_mtime_ns}"


def _check(peers: Any, executed: int) -> dict[str, Any]:
    if len(peers.EXECUTED) != executed:
        raise AssertionError(f"joblib executed {peers.EXECUTED}, not {executed} steps")
    return {}

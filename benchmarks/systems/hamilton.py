"""Apache Hamilton with its caching adapter, as by default: SQLite for metadata, result files."""

from __future__ import annotations

import importlib
from itertools import count
from pathlib import Path
from typing import Any

from hamilton import driver

from benchmarks.harness import Case

ROWS = "rows.parquet"


def cached(rows: int) -> Case:
    """The seven steps, with a driver built anew."""
    flow = importlib.import_module("flow")
    flow.mixed_rows(rows).to_parquet(ROWS)
    module = importlib.import_module("benchmarks.systems.hamilton_flow")

    def run() -> tuple[driver.Driver, Any]:
        built = _driver(module)
        return built, built.execute(["metrics"], inputs=_source())["metrics"]

    run()
    return Case(run, after=lambda result: _check(result[0], executed=0))


def steps(number: int, columns: int) -> Case:
    """Steps that do nothing, all executed."""
    flow = importlib.import_module("flow")
    frame = flow.few_rows(columns)
    lines = ["import flow, pandas as pd"]
    for n in range(number):
        before = f"step_{n - 1}" if n else "rows"
        lines += [
            f"def step_{n}({before}: pd.DataFrame, salt: int) -> pd.DataFrame:",
            f"    return flow.same({before}, salt + {n})",
        ]
    Path("hamilton_steps.py").write_text("\n".join(lines) + "\n")
    importlib.invalidate_caches()
    module = importlib.import_module("hamilton_steps")
    salts = count()

    def run() -> driver.Driver:
        built = _driver(module)
        built.execute([f"step_{number - 1}"], inputs={"rows": frame, "salt": next(salts)})
        return built

    return Case(run, after=lambda built: _check(built, executed=number))


def table(megabytes: float) -> Case:
    """One step that reads a table from the cache and writes another one of its size."""
    flow = importlib.import_module("flow")
    flow.float_rows(megabytes).to_parquet(ROWS)
    module = importlib.import_module("benchmarks.systems.hamilton_flow")
    salts = count(1)

    def run() -> driver.Driver:
        built = _driver(module)
        built.execute(["shifted"], inputs=_source() | {"salt": next(salts)})
        return built

    run()
    return Case(run, after=lambda built: _check(built, executed=1))


def _driver(module: Any) -> driver.Driver:
    return driver.Builder().with_modules(module).with_cache().build()


def _source() -> dict[str, str]:
    stat = Path(ROWS).stat()
    return {"path": ROWS, "stamp": f"{stat.st_size}-{stat.st_mtime_ns}"}


def _check(built: driver.Driver, *, executed: int) -> dict[str, Any]:
    logs = built.cache.logs(built.cache.run_ids[-1], level="debug")
    done = [node for node, events in logs.items() if _was_executed(events)]
    if len(done) != executed:
        raise AssertionError(f"Hamilton executed {done}, not {executed} steps")
    return {}


def _was_executed(events: list[Any]) -> bool:
    return any(event.event_type.value == "execute_node" for event in events)

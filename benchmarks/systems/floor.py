"""The floor: the least that a cache of this kind can do: lineage keys, one SQLite file, pickle.

It has nothing else: no parameters that are checked, no helpers in the keys, no history, no claims,
no team, one process.
"""

from __future__ import annotations

import hashlib
import importlib
import pickle
import sqlite3
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Case

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = "rows.parquet"


@dataclass(eq=False)
class Step:
    """A function, its parameters, and the steps whose values it takes first."""

    function: Callable[..., Any]
    inputs: tuple[Step, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)
    salt: str = ""

    def key(self, known: dict[Step, str]) -> str:
        if self not in known:
            code = self.function.__code__
            parts = [
                self.function.__name__,
                code.co_code,
                code.co_consts,
                self.params,
                self.salt,
                *(step.key(known) for step in self.inputs),
            ]
            known[self] = hashlib.sha256(repr(parts).encode()).hexdigest()
        return known[self]


class Cache:
    """One SQLite file."""

    def __init__(self) -> None:
        self.executed = 0
        self._db = sqlite3.connect("floor.db", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("CREATE TABLE IF NOT EXISTS cache (key TEXT PRIMARY KEY, value BLOB)")

    def get(self, last: Step) -> Any:
        keys: dict[Step, str] = {}
        last.key(keys)
        marks = ", ".join("?" * len(keys))
        query = f"SELECT key FROM cache WHERE key IN ({marks})"  # noqa: S608 - question marks
        found = {key for (key,) in self._db.execute(query, list(keys.values()))}
        return self._value(last, keys, found, {})

    def _value(
        self, step: Step, keys: dict[Step, str], found: set[str], values: dict[Step, Any]
    ) -> Any:
        if step in values:
            return values[step]
        key = keys[step]
        if key in found:
            (blob,) = self._db.execute("SELECT value FROM cache WHERE key = ?", (key,)).fetchone()
            value = pickle.loads(blob)  # noqa: S301 - our own
        else:
            inputs = [self._value(s, keys, found, values) for s in step.inputs]
            value = step.function(*inputs, **step.params)
            blob = pickle.dumps(value, protocol=5)
            self._db.execute("INSERT OR REPLACE INTO cache VALUES (?, ?)", (key, blob))
            self.executed += 1
        values[step] = value
        return value


def cached(rows: int) -> Case:
    """The seven steps, declared again."""
    flow = importlib.import_module("flow")
    flow.mixed_rows(rows).to_parquet(ROWS)
    cache = Cache()

    def run() -> Any:
        step = _source(flow)
        for function in (flow.clean, flow.derive, flow.label, flow.split, flow.prepare_all):
            step = Step(function, (step,))
        return cache.get(Step(flow.score, (Step(flow.fit_on, (step,)), step)))

    run()
    return _case(run, cache, 0)


def steps(number: int, columns: int) -> Case:
    """Steps that do nothing, all executed."""
    flow = importlib.import_module("flow")
    flow.few_rows(columns).to_parquet(ROWS)
    cache = Cache()
    cache.get(_source(flow))
    salts = count()

    def run() -> Any:
        step = _source(flow)
        for _ in range(number):
            step = Step(flow.same, (step,), {"salt": next(salts)})
        return cache.get(step)

    return _case(run, cache, number)


def table(megabytes: float) -> Case:
    """One step that reads a table from the cache and writes another one of its size."""
    flow = importlib.import_module("flow")
    flow.float_rows(megabytes).to_parquet(ROWS)
    cache = Cache()
    cache.get(_source(flow))
    salts = count(1)

    def run() -> Any:
        return cache.get(Step(flow.shifted, (_source(flow),), {"salt": next(salts)}))

    return _case(run, cache, 1)


def _source(flow: Any) -> Step:
    stat = Path(ROWS).stat()
    return Step(flow.read_rows, (), {"path": ROWS}, f"{stat.st_size}-{stat.st_mtime_ns}")


def _case(run: Callable[[], Any], cache: Cache, executed: int) -> Case:
    def before() -> None:
        cache.executed = 0

    def after(_result: Any) -> dict[str, Any]:
        if cache.executed != executed:
            raise AssertionError(f"the floor executed {cache.executed}, not {executed} steps")
        return {}

    return Case(run, before, after)

"""DuckDB: `SUMMARIZE` of the Parquet file."""

from __future__ import annotations

from typing import Any

import duckdb

from benchmarks.harness import Case, peak_rss_mb


def statistics(file: str, rows: int) -> Case:
    """Extremes, approximate unique values and quartiles, mean and deviation. No histogram."""
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")

    def run() -> list[tuple[Any, ...]]:
        return connection.from_parquet(file).query("rows", "SUMMARIZE rows").fetchall()

    def after(found: list[tuple[Any, ...]]) -> dict[str, Any]:
        assert rows in found[0]
        return {"peak": peak_rss_mb()}

    return Case(run, after=after)

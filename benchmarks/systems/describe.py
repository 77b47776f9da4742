"""pandas: the Parquet file, and `describe` of all its columns."""

from __future__ import annotations

from typing import Any

import pandas as pd

from benchmarks.harness import Case, peak_rss_mb


def statistics(file: str, rows: int) -> Case:
    """Count, mean, deviation, quartiles; of text the most frequent value. No histogram."""

    def run() -> pd.DataFrame:
        return pd.read_parquet(file).describe(include="all")

    def after(found: pd.DataFrame) -> dict[str, Any]:
        assert found.loc["count"].max() == rows
        return {"peak": peak_rss_mb()}

    return Case(run, after=after)

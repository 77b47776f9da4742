"""ydata-profiling, minimal: in an environment of its own, since it wants pandas < 3."""

from __future__ import annotations

import os
import warnings
from typing import Any

# Before its import: it reports each use to its makers, and draws bars.
os.environ["YDATA_PROFILING_NO_ANALYTICS"] = "1"
os.environ["TQDM_DISABLE"] = "1"
warnings.simplefilter("ignore")  # it calls itself deprecated, and pandas' functions are

import pandas as pd  # noqa: E402
from ydata_profiling import ProfileReport  # noqa: E402

from benchmarks.harness import Case, peak_rss_mb  # noqa: E402


def statistics(file: str, rows: int) -> Case:
    """Read the Parquet file and describe it, without the report's HTML. Histograms of numbers."""

    def run() -> Any:
        report = ProfileReport(pd.read_parquet(file), minimal=True, progress_bar=False)
        return report.get_description()

    def after(found: Any) -> dict[str, Any]:
        assert found.table["n"] == rows
        return {"peak": peak_rss_mb()}

    return Case(run, after=after)

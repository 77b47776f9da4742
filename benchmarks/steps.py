"""Executed steps that do nothing, on ten rows: what a step costs by itself."""

from __future__ import annotations

from benchmarks.harness import SYSTEMS, Row, compare, named

ROUNDS = 15
STEPS = 20
TARGET_MS = 3


def measure() -> list[Row]:
    """Milliseconds a step: the run of a pipeline of 20, all executed, by 20."""
    return [_row(3, TARGET_MS), _row(13, None)]


def _row(columns: int, target: float | None) -> Row:
    seen = compare(SYSTEMS, "steps", ROUNDS, warmup=2, number=STEPS, columns=columns)
    each = {name: stat.scaled(1 / STEPS) for name, stat in named(seen).items()}
    ours = seen["zenlab"].ms.scaled(1 / STEPS)
    return Row(f"an executed step, 10 rows x {columns}", "ms", ours, target, each)

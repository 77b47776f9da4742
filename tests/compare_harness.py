"""What the tests of comparisons ask of a panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zenlab.views import ComparePanel


def labels(panel: ComparePanel) -> list[str]:
    return [run.label for run in panel.comparison.runs]


def differing(panel: ComparePanel) -> dict[str, tuple[str | None, ...]]:
    return {row.name: row.by_run for row in panel.comparison.parameters if row.differs}


def metrics(panel: ComparePanel) -> dict[str, tuple[float | None, ...]]:
    return {row.title: row.by_run for row in panel.comparison.metrics}

"""The list from which a user chooses runs to compare: two statements, whatever their number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zenlab.pipelines.compare.metrics import measuring_executions, metric_rows
from zenlab.pipelines.compare.targets import LOOKED_AT, latest
from zenlab.views.strings import person

if TYPE_CHECKING:
    from zenlab.core.workspace import Workspace
    from zenlab.views.comparison import MetricRow

METRICS = 3
"""The most metrics of a list, those that most runs have."""


@dataclass(frozen=True, slots=True)
class ListedRun:
    """The latest successful run of a revision.

    Attributes:
        label: the pipeline with its revision.
        user: who ran it.
        source: the name of its datasource.
        started_ms: when it began.
    """

    label: str
    user: str
    source: str
    started_ms: int


@dataclass(frozen=True, slots=True)
class RunList:
    """Runs to choose from, the latest first; the i-th value of a metric belongs to the i-th run."""

    runs: tuple[ListedRun, ...]
    metrics: tuple[MetricRow, ...]
    notes: tuple[str, ...]


def list_runs(workspace: Workspace, *, limit: int = LOOKED_AT) -> RunList:
    """All revisions of all training pipelines that have a successful run.

    Args:
        workspace: the repository.
        limit: at most so many, the latest ones.
    """
    found, notes = latest(workspace, limit)
    logged = workspace.metadata.final_metrics(measuring_executions(found))
    runs = tuple(
        ListedRun(
            label=one.label,
            user=person(one.run.user),
            source=one.spec.datasource.name if one.spec.datasource is not None else "",
            started_ms=one.run.started_ms,
        )
        for one in found
    )
    return RunList(runs, metric_rows(found, logged)[:METRICS], tuple(notes))

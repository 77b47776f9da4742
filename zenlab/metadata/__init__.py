"""The metadata store: what ran, what came out, and who computes what right now, in SQL.

`MetadataStore` is the whole of it; `zenlab.metadata.records` is what it takes and gives. Importing
this package, and making a store, costs nothing: SQLAlchemy is imported at the first question.

Example:
    >>> store = MetadataStore("sqlite:////srv/project/.zenlab/metadata.db")  # doctest: +SKIP
    >>> store.latest_run("project", "Pipeline A")  # doctest: +SKIP
"""

from __future__ import annotations

from zenlab.metadata.answers import (
    CachedExecution,
    ClaimBusy,
    ClaimDone,
    ClaimResult,
    ClaimWon,
    EarlierExecution,
    Holder,
    RevisionRun,
    Wanted,
)
from zenlab.metadata.progress import CancelRequest, GoingRun, Heard, SlotProgress
from zenlab.metadata.records import (
    ArtifactRecord,
    CodeRecord,
    CommitRecord,
    ExecutionRecord,
    MetricRecord,
    PipelineRecord,
    Resolved,
    RunRecord,
)
from zenlab.metadata.store import MetadataStore

__all__ = [
    "ArtifactRecord",
    "CachedExecution",
    "CancelRequest",
    "ClaimBusy",
    "ClaimDone",
    "ClaimResult",
    "ClaimWon",
    "CodeRecord",
    "CommitRecord",
    "EarlierExecution",
    "ExecutionRecord",
    "GoingRun",
    "Heard",
    "Holder",
    "MetadataStore",
    "MetricRecord",
    "PipelineRecord",
    "Resolved",
    "RevisionRun",
    "RunRecord",
    "SlotProgress",
    "Wanted",
]

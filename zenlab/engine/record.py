"""The rows of a run: what the engine knows, as the metadata store keeps it."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

from zenlab.core.ids import new_id
from zenlab.engine.plan import input_digests
from zenlab.metadata import CachedExecution, ExecutionRecord, RunRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from zenlab.engine.plan import PlannedStep
    from zenlab.metadata import ArtifactRecord, PipelineRecord, Resolved
    from zenlab.metadata.records import RunStatus

HOST = socket.gethostname()


def run_record(
    run_id: int,
    pipeline: PipelineRecord,
    user: str,
    git_commit: str | None,
    git_clean: bool | None = None,
) -> RunRecord:
    """The row of a run that begins."""
    return RunRecord(
        id=run_id,
        project=pipeline.project,
        pipeline_id=pipeline.id,
        pipeline_name=pipeline.name,
        pipeline_digest=pipeline.digest,
        pipeline_revision=pipeline.revision,
        status="running",
        user=user,
        host=HOST,
        pid=os.getpid(),
        git_commit=git_commit,
        git_clean=git_clean,
    )


def outside_of_runs(user: str, git_commit: str | None, git_clean: bool | None = None) -> RunRecord:
    """What stands for the run of work that belongs to none: its id is 0, and it is not kept."""
    return RunRecord(
        id=0,
        project="",
        pipeline_id=0,
        pipeline_name="",
        pipeline_digest="",
        pipeline_revision=0,
        status="running",
        user=user,
        host=HOST,
        pid=os.getpid(),
        git_commit=git_commit,
        git_clean=git_clean,
    )


def ended(
    record: RunRecord,
    status: RunStatus,
    resolved: Sequence[Resolved],
    findings: Iterable[dict[str, Any]],
    seconds: float,
) -> RunRecord:
    """The row of a run that is over."""
    executed = sum(r.how == "executed" for r in resolved)
    return replace(
        record,
        status=status,
        resolved=tuple(resolved),
        executed=executed,
        cached=len(resolved) - executed,
        findings=tuple(findings),
        ended_ms=record.started_ms + round(seconds * 1000),
    )


def execution_record(
    run: RunRecord,
    step: PlannedStep,
    work_key: str,
    chosen: Mapping[str, CachedExecution],
) -> ExecutionRecord:
    """The row of an execution that begins, as if it had succeeded."""
    node = step.node
    return ExecutionRecord(
        id=new_id(),
        run_id=run.id,
        slot=node.slot,
        kind=node.identity.kind,
        title=node.title,
        cache_key=step.cache_key,
        work_key=work_key,
        status="succeeded",
        user=run.user,
        host=run.host,
        inputs=input_digests(node, chosen),
        code=node.identity.code,
        identity=node.identity.as_plain(),
        git_commit=run.git_commit,
        git_clean=run.git_clean,
    )


def as_cached(
    record: ExecutionRecord, fence: int, artifacts: tuple[ArtifactRecord, ...]
) -> CachedExecution:
    """An execution that was recorded just now, in the form in which a later run would find it."""
    return CachedExecution(
        cache_key=record.cache_key,
        work_key=record.work_key,
        fence=fence,
        execution_id=record.id,
        run_id=record.run_id,
        slot=record.slot,
        kind=record.kind,
        title=record.title,
        user=record.user,
        host=record.host,
        git_commit=record.git_commit,
        started_ms=0,
        ended_ms=0,
        seconds=record.seconds,
        findings=record.findings,
        artifacts=artifacts,
    )

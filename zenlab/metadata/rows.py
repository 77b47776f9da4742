"""Between records and rows: the one place that knows how a record lies in its table."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from zenlab.metadata.answers import CachedExecution, EarlierExecution, Holder
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
from zenlab.metadata.text import dump_json, identifier, load_json, prose

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zenlab.metadata.records import RunStatus

Values = dict[str, Any]
"""Column -> value, to be bound."""

# ---------------------------------------------------------------------------------- pipelines


def pipeline(row: Any) -> PipelineRecord:
    """A row of `pipeline`."""
    return PipelineRecord(
        id=row.id,
        project=row.project,
        name=row.name,
        revision=row.revision,
        digest=row.digest,
        type=row.type,
        spec=load_json(row.spec),
        user=row.author,
        copied_from_digest=row.copied_from,
        created_ms=row.created_ms,
    )


def code(row: Any) -> CodeRecord:
    """A row of `code`."""
    return CodeRecord(row.fingerprint, row.name, row.source, row.created_ms)


# --------------------------------------------------------------------------------------- runs


def run_values(record: RunRecord) -> Values:
    """The columns of a run but for its times, which the statement sets."""
    return {
        "id": record.id,
        "project": identifier("project", record.project),
        "pipeline_id": record.pipeline_id,
        "pipeline_name": identifier("name", record.pipeline_name),
        "pipeline_digest": identifier("digest", record.pipeline_digest),
        "pipeline_revision": record.pipeline_revision,
        "status": record.status,
        "author": prose("author", record.user),
        "host": prose("host", record.host),
        "pid": record.pid,
        "git_commit": _prose_or_none("commit", record.git_commit),
        "git_clean": record.git_clean,
        "resolved": _dump_resolved(record.resolved),
        "executed": record.executed,
        "cached": record.cached,
        "findings": dump_json(record.findings, "findings"),
        "error": _dump_or_none(record.error, "error"),
    }


def run_end_values(
    run_id: int,
    status: RunStatus,
    resolved: Sequence[Resolved],
    error: Mapping[str, Any] | None,
    findings: Iterable[Mapping[str, Any]],
) -> Values:
    """The columns that the end of a run sets."""
    cached = sum(step.how == "hit" for step in resolved)
    return {
        "by_id": run_id,
        "status": status,
        "resolved": _dump_resolved(resolved),
        "executed": len(resolved) - cached,
        "cached": cached,
        "findings": dump_json([dict(finding) for finding in findings], "findings"),
        "error": _dump_or_none(error, "error"),
    }


def run(row: Any) -> RunRecord:
    """A row of `run`."""
    return RunRecord(
        id=row.id,
        project=row.project,
        pipeline_id=row.pipeline_id,
        pipeline_name=row.pipeline_name,
        pipeline_digest=row.pipeline_digest,
        pipeline_revision=row.pipeline_revision,
        status=row.status,
        user=row.author,
        host=row.host,
        pid=row.pid,
        git_commit=row.git_commit,
        git_clean=row.git_clean,
        started_ms=row.started_ms,
        ended_ms=row.ended_ms,
        resolved=tuple(Resolved(*step) for step in load_json(row.resolved)),
        executed=row.executed,
        cached=row.cached,
        findings=tuple(load_json(row.findings)),
        error=_load_or_none(row.error),
    )


def _dump_resolved(resolved: Sequence[Resolved]) -> str:
    # Lists, not objects: a fully cached run writes this, and half of its bytes would be names.
    return dump_json(
        [
            (s.slot, s.execution_id, s.cache_key, s.work_key, s.how, *([s.why] if s.why else ()))
            for s in resolved
        ],
        "resolved",
    )


# ----------------------------------------------------------------------- executions, artifacts


def execution_values(record: ExecutionRecord) -> Values:
    """The columns of an execution but for its times, and `elapsed_ms`."""
    return {
        "id": record.id,
        "run_id": record.run_id,
        "slot": identifier("slot", record.slot),
        "kind": prose("kind", record.kind),
        "title": prose("title", record.title),
        "cache_key": identifier("cache_key", record.cache_key),
        "work_key": identifier("work_key", record.work_key),
        "status": record.status,
        "fence": record.fence,
        "owner": record.owner,
        "author": prose("author", record.user),
        "host": prose("host", record.host),
        "git_commit": _prose_or_none("commit", record.git_commit),
        "git_clean": record.git_clean,
        "elapsed_ms": round(record.seconds * 1000),
        "seconds": record.seconds,
        "code": record.code,
        "findings": dump_json(record.findings, "findings"),
        "inputs": dump_json(record.inputs, "inputs"),
        "identity": dump_json(record.identity, "identity"),
        "error": _dump_or_none(record.error, "error"),
    }


def artifact_values(execution_id: int, artifacts: Sequence[ArtifactRecord]) -> list[Values]:
    """The rows of the outputs of an execution."""
    return [
        {
            "execution_id": execution_id,
            "ordinal": i,
            "name": identifier("output", record.name),
            **_stored_values(record),
        }
        for i, record in enumerate(artifacts)
    ]


def param_values(execution_id: int, params: Mapping[str, Any]) -> list[Values]:
    """The rows of the parameters of an execution."""
    return [
        {
            "execution_id": execution_id,
            "ordinal": i,
            "name": prose("output", name),
            "value": dump_json(value, name),
        }
        for i, (name, value) in enumerate(params.items())
    ]


def metric_values(execution_id: int, metrics: Sequence[MetricRecord]) -> list[Values]:
    """The rows of what an execution logged."""
    return [
        {
            "execution_id": execution_id,
            "ordinal": i,
            "name": prose("output", record.name),
            # Not every database has a -0.0, so none gets one.
            "value": record.value + 0.0 if math.isfinite(record.value) else None,
            "special": None if math.isfinite(record.value) else str(float(record.value)),
            "at_step": None if record.step is None else _big_int(record.step),
        }
        for i, record in enumerate(metrics)
    ]


class ExecutionParts:
    """Artifacts, parameters and metrics of several executions, by execution.

    Args:
        artifacts: rows of `artifact`, in the order of their executions and ordinals.
        params: likewise.
        metrics: likewise.
    """

    def __init__(
        self, *, artifacts: Iterable[Any], params: Iterable[Any], metrics: Iterable[Any]
    ) -> None:
        self.artifacts: defaultdict[int, list[ArtifactRecord]] = defaultdict(list)
        self.params: defaultdict[int, dict[str, Any]] = defaultdict(dict)
        self.metrics: defaultdict[int, list[MetricRecord]] = defaultdict(list)
        for row in artifacts:
            self.artifacts[row.execution_id].append(_stored(row, row.name))
        for row in params:
            self.params[row.execution_id][row.name] = load_json(row.value)
        for row in metrics:
            value = float(row.special) if row.special else row.value
            self.metrics[row.execution_id].append(MetricRecord(row.name, value, row.at_step))


def execution(row: Any, parts: ExecutionParts) -> ExecutionRecord:
    """A row of `step_execution` with what belongs to it."""
    return ExecutionRecord(
        id=row.id,
        run_id=row.run_id,
        slot=row.slot,
        kind=row.kind,
        title=row.title,
        cache_key=row.cache_key,
        work_key=row.work_key,
        status=row.status,
        user=row.author,
        host=row.host,
        fence=row.fence,
        owner=row.owner,
        started_ms=row.started_ms,
        ended_ms=row.ended_ms,
        seconds=row.seconds,
        inputs=load_json(row.inputs),
        code=row.code,
        identity=load_json(row.identity),
        git_commit=row.git_commit,
        git_clean=row.git_clean,
        findings=tuple(load_json(row.findings)),
        error=_load_or_none(row.error),
        artifacts=tuple(parts.artifacts[row.id]),
        params=parts.params[row.id],
        metrics=tuple(parts.metrics[row.id]),
    )


def earlier_execution(row: Any) -> EarlierExecution:
    """A row of an execution and the pipeline of its run."""
    return EarlierExecution(
        execution_id=row.id,
        run_id=row.run_id,
        pipeline_name=row.pipeline_name,
        pipeline_revision=row.pipeline_revision,
        slot=row.slot,
        title=row.title,
        user=row.author,
        host=row.host,
        git_commit=row.git_commit,
        ended_ms=row.ended_ms,
        seconds=row.seconds,
        work_key=row.work_key,
        inputs=load_json(row.inputs),
        identity=load_json(row.identity),
    )


# ------------------------------------------------------------------------------ cache, claims

_CACHED_COLUMNS = 25
"""How many columns `statements` selects for a cached execution, its key and one artifact."""


def cached_executions(found: Iterable[Any]) -> list[CachedExecution]:
    """Rows of (cache key, claim, execution, one artifact each) -> executions with all of theirs.

    By position, not by name: a plan's one query comes through here on every cached run.
    """
    heads: dict[tuple[str, int], tuple[Any, ...]] = {}
    outputs: defaultdict[tuple[str, int], list[tuple[Any, ...]]] = defaultdict(list)
    for row in found:
        key = (row[0], row[3])
        heads[key] = row[:15]
        if row[15] is not None:
            outputs[key].append(row[15:_CACHED_COLUMNS])
    return [
        _cached_execution(*head, tuple(_cached_artifact(*row) for row in sorted(outputs[key])))
        for key, head in heads.items()
    ]


def _cached_execution(*columns: Any) -> CachedExecution:
    *head, findings, artifacts = columns
    told = () if findings == "[]" else tuple(load_json(findings))
    return CachedExecution(*(*head, told, artifacts))


def _cached_artifact(
    _ordinal: int,
    name: str,
    uri: str,
    format_: str,
    format_version: int,
    content_digest: str,
    manifest_sha256: str,
    size: int,
    num_rows: int | None,
    summary: str,
) -> ArtifactRecord:
    return ArtifactRecord(
        name,
        uri,
        format_,
        format_version,
        content_digest,
        manifest_sha256,
        size,
        num_rows,
        load_json(summary),
    )


def holder(row: Any) -> Holder:
    """Who holds the claim of a row."""
    return Holder(row.owner, row.holder_user, row.holder_host, row.holder_pid, row.since_ms)


# -------------------------------------------------------------------------------- datasources


def commit_values(record: CommitRecord) -> Values:
    """The columns of a commit but for its time."""
    return {
        "id": record.id,
        "project": identifier("project", record.project),
        "name": identifier("name", record.name),
        "digest": identifier("digest", record.digest),
        "source": prose("source", record.source),
        "args": dump_json(record.args, "args"),
        "artifact_name": identifier("output", record.artifact.name),
        **_stored_values(record.artifact),
        "schema_json": dump_json(record.schema, "schema"),
        "stamp": dump_json(record.stamp, "stamp"),
        "author": prose("author", record.user),
    }


def commit(row: Any) -> CommitRecord:
    """A row of `datasource_commit`."""
    return CommitRecord(
        id=row.id,
        project=row.project,
        name=row.name,
        digest=row.digest,
        source=row.source,
        args=load_json(row.args),
        artifact=_stored(row, row.artifact_name),
        schema=load_json(row.schema_json),
        stamp=load_json(row.stamp),
        user=row.author,
        created_ms=row.created_ms,
    )


# -------------------------------------------------------------------------------------- parts


def _stored_values(record: ArtifactRecord) -> Values:
    return {
        "uri": identifier("uri", record.uri),
        "format": identifier("format", record.format),
        "format_version": record.format_version,
        "content_digest": identifier("digest", record.content_digest),
        "manifest_sha256": identifier("digest", record.manifest_sha256),
        "size_bytes": record.size,
        "num_rows": record.num_rows,
        "summary": dump_json(record.summary, "summary"),
    }


def _stored(row: Any, name: str) -> ArtifactRecord:
    return ArtifactRecord(
        name=name,
        uri=row.uri,
        format=row.format,
        format_version=row.format_version,
        content_digest=row.content_digest,
        manifest_sha256=row.manifest_sha256,
        size=row.size_bytes,
        num_rows=row.num_rows,
        summary=load_json(row.summary),
    )


def _prose_or_none(what: str, text: str | None) -> str | None:
    return None if text is None else prose(what, text)


def _big_int(value: int) -> int:
    # A user's number, perhaps numpy's, perhaps absurd: it shall not cost the step's result.
    return max(-(2**63), min(int(value), 2**63 - 1))


def _dump_or_none(value: Mapping[str, Any] | None, where: str) -> str | None:
    return None if value is None else dump_json(dict(value), where)


def _load_or_none(text: str | None) -> Any:
    return None if text is None else load_json(text)

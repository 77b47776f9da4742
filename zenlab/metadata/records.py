"""What goes into the metadata store and what comes back: frozen dataclasses, and nothing else.

The store speaks in these alone; no row, statement or connection of the database leaves it. A
field that is JSON holds plain data (`zenlab.core.canonical.plain`), already decoded.

Times are ms since 1970 by the *database's* clock. The store sets them: where a record that is
written has a time, only the difference between its start and its end counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

RunStatus = Literal["running", "succeeded", "failed", "interrupted", "lost"]
"""A run that was killed stays `running`, since nobody is left to say that it ended; whoever looks
and finds that its process is gone makes it `lost`. If it lives after all, it takes that back."""

ExecutionStatus = Literal["succeeded", "failed", "interrupted"]
"""An execution is recorded when it is over. Only a succeeded one can ever be a hit."""

How = Literal["hit", "executed"]
"""How a run came to the result of a slot."""

Why = Literal["", "forced", "disabled", "lost", "equal"]
"""Of an executed step: it was `forced`, or the pipeline's cache is `disabled`, or the artifacts of
an earlier execution were `lost`. Of a hit: it was found by its work key, since its inputs came out
`equal` after a change before it."""


# ---------------------------------------------------------------------------------- pipelines


@dataclass(frozen=True, slots=True)
class PipelineRecord:
    """One revision of a pipeline: a specification under a name.

    Attributes:
        id: the row.
        project: the project's id, from `zenlab.yaml`.
        name: the pipeline's name, such as `Pipeline A`.
        revision: 1, 2, ... within (project, name), in the order of registration.
        digest: of the specification; (project, name, digest) is the pipeline's identity.
        type: `TrainingPipeline`, `DataPipeline`, ...
        spec: the specification, as in the pipeline file.
        user: who registered this revision first.
        copied_from_digest: the digest of the pipeline that it was copied from, or None.
        created_ms: when it was registered.
    """

    id: int
    project: str
    name: str
    revision: int
    digest: str
    type: str
    spec: dict[str, Any]
    user: str
    copied_from_digest: str | None
    created_ms: int


# --------------------------------------------------------------------------------------- runs


@dataclass(frozen=True, slots=True)
class Resolved:
    """What one slot of a run came to: the execution whose outputs it uses.

    Attributes:
        slot: the step's place in the pipeline.
        execution_id: the `ExecutionRecord`.
        cache_key: the step's lineage key in this run.
        work_key: of the execution.
        how: whether the run executed it.
        why: what keys cannot tell afterwards; see `Why`.
    """

    slot: str
    execution_id: int
    cache_key: str
    work_key: str
    how: How
    why: Why = ""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of a pipeline.

    Attributes:
        id: made by the caller with `core.ids.new_id`.
        project: the project's id.
        pipeline_id: the `PipelineRecord` that ran.
        pipeline_name: its name, kept here so that a list of runs needs no join.
        pipeline_digest: the digest of its specification.
        pipeline_revision: its revision.
        status: see `RunStatus`.
        user: who ran it.
        host: on which machine.
        pid: in which process.
        git_commit: the commit that was checked out, or None outside of Git.
        git_clean: whether the working tree was clean; None where nobody looked.
        started_ms: see the module's note on times.
        ended_ms: 0 while it runs.
        resolved: one entry a finished slot, in the order of the plan.
        executed: how many slots were executed.
        cached: how many came from the cache.
        findings: what the user should know: `{"slot": ..., "message": ...}` each.
        error: of a failed run: slot, type, message, traceback, hint; else None.
    """

    id: int
    project: str
    pipeline_id: int
    pipeline_name: str
    pipeline_digest: str
    pipeline_revision: int
    status: RunStatus
    user: str
    host: str
    pid: int
    git_commit: str | None = None
    git_clean: bool | None = None
    started_ms: int = 0
    ended_ms: int = 0
    resolved: tuple[Resolved, ...] = ()
    executed: int = 0
    cached: int = 0
    findings: tuple[dict[str, Any], ...] = ()
    error: dict[str, Any] | None = None

    @property
    def label(self) -> str:
        """What people call what was run: the pipeline with its revision, `Pipeline A#3`."""
        return f"{self.pipeline_name}#{self.pipeline_revision}"


# ----------------------------------------------------------------------- executions, artifacts


@dataclass(frozen=True, slots=True)
class ArtifactRecord:
    """One output of an execution, at rest in the artifact store; mirrors `artifacts.Stored`.

    Attributes:
        name: the output's name: `data`, `model`, `train`, ...; `log` is what the step printed.
        uri: relative to the root of the artifact store.
        format: `parquet`, `json`, `skops`, ...
        format_version: of that format.
        content_digest: of the values.
        manifest_sha256: of `manifest.json`, which has the digest of each file.
        size: bytes of all files.
        num_rows: of a dataset, else None.
        summary: a few facts for panels and messages, such as the schema.
    """

    name: str
    uri: str
    format: str
    format_version: int
    content_digest: str
    manifest_sha256: str
    size: int
    num_rows: int | None = None
    summary: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MetricRecord:
    """A number that a step logged; `step` is its place in a series, or None for a final value."""

    name: str
    value: float
    step: int | None = None


@dataclass(frozen=True, slots=True)
class ExecutionRecord:
    """One slot of one run that was executed: what went in, what came out, who did it.

    Attributes:
        id: made by the caller with `core.ids.new_id`.
        run_id: the run in which it was executed.
        slot: the step's place in the pipeline.
        kind: transform, split, trainer, ...
        title: what is shown for the step.
        cache_key: its lineage key at that time.
        work_key: identity and the digests of its inputs.
        status: see `ExecutionStatus`.
        fence: of the claim under which it was executed; `finish` sets it.
        owner: of that claim; `finish` sets it.
        started_ms: by the database's clock; derived from `seconds`.
        ended_ms: when it was recorded.
        seconds: how long the step took.
        inputs: content digests by input name: `{name: digest}` or `{name: {name: digest}}`.
        code: the fingerprint of the step's code, or None for a built-in.
        identity: all that entered the key, so that a later plan can say what has changed.
        user: who executed it.
        host: on which machine.
        git_commit: the commit that was checked out, or None.
        git_clean: whether the working tree was clean; None where nobody looked.
        findings: what the step told its user; a hit shows it again.
        error: of a failed one: type, message, traceback; else None.
        artifacts: its outputs. Filled when read; to write, they are given beside the record.
        params: its parameters by name. As `artifacts`.
        metrics: what it logged, in order. As `artifacts`.
    """

    id: int
    run_id: int
    slot: str
    kind: str
    title: str
    cache_key: str
    work_key: str
    status: ExecutionStatus
    user: str
    host: str
    fence: int = 0
    owner: str = ""
    started_ms: int = 0
    ended_ms: int = 0
    seconds: float = 0.0
    inputs: dict[str, Any] = field(default_factory=dict)
    code: str | None = None
    identity: Any = None
    git_commit: str | None = None
    git_clean: bool | None = None
    findings: tuple[str, ...] = ()
    error: dict[str, Any] | None = None
    artifacts: tuple[ArtifactRecord, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)
    metrics: tuple[MetricRecord, ...] = ()


# -------------------------------------------------------------------------- datasources, code


@dataclass(frozen=True, slots=True)
class CommitRecord:
    """An immutable snapshot of a datasource.

    Attributes:
        id: made by the caller with `core.ids.new_id`.
        project: the project's id.
        name: the datasource's name.
        digest: the content digest of the values; (project, name, digest) is the identity.
        source: the class, such as `zenlab.datasources.csv.CSVDatasource@zenlab_0.1.0`.
        args: its recorded arguments.
        artifact: the snapshot in the artifact store.
        schema: the columns and their types, as plain data.
        stamp: what told, cheaply, that the source had not changed (size, mtime, etag), or None.
        user: who took it.
        created_ms: when it was taken; set by the store.
    """

    id: int
    project: str
    name: str
    digest: str
    source: str
    args: dict[str, Any]
    artifact: ArtifactRecord
    schema: Any
    stamp: Any
    user: str
    created_ms: int = 0

    @property
    def num_rows(self) -> int:
        """The number of rows of the snapshot."""
        return self.artifact.num_rows or 0


@dataclass(frozen=True, slots=True)
class CodeRecord:
    """The source of a step that lives in no module, by the fingerprint of its code."""

    fingerprint: str
    name: str
    source: str
    created_ms: int

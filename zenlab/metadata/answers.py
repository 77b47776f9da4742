"""What the store answers: rows of several tables put together, and how a claim ended.

As `records`, frozen dataclasses and nothing else; `Wanted` and `Holder` are what is asked with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zenlab.metadata.records import ArtifactRecord, RunRecord

# --------------------------------------------------------------------------------------- runs


@dataclass(frozen=True, slots=True)
class Wanted:
    """A pipeline of which a run is asked for: by revision, by digest, or the newest that ran."""

    name: str
    revision: int | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class RevisionRun:
    """The latest successful run of a revision, with what was run.

    Attributes:
        run: the run.
        type: of the pipeline: `training`, `data`, ...
        spec: its specification, as in the pipeline file.
    """

    run: RunRecord
    type: str
    spec: dict[str, Any]


# --------------------------------------------------------------------------------- executions


@dataclass(frozen=True, slots=True)
class CachedExecution:
    """A finished execution that can be used again: what a hit needs, without another query.

    The big fields (`inputs`, `identity`, params, metrics) are left to `executions(ids)`.

    Attributes:
        cache_key: the lineage key by which it was found; "" when it was found by work key.
        work_key: what the work is. A hit counts only if this is the key that follows upstream.
        fence: of the done claim: what `reopen` compares.
        execution_id: the `ExecutionRecord`.
        run_id: the run in which it was executed.
        slot: the slot there; it may have another name here.
        kind: transform, split, ...
        title: what was shown for the step.
        user: who executed it.
        host: on which machine.
        git_commit: the commit that was checked out, or None.
        started_ms: when it began.
        ended_ms: when it was recorded.
        seconds: what it cost, and the hit saves.
        findings: what the step told its user.
        artifacts: its outputs, in the order in which they were given to `finish`.
    """

    cache_key: str
    work_key: str
    fence: int
    execution_id: int
    run_id: int
    slot: str
    kind: str
    title: str
    user: str
    host: str
    git_commit: str | None
    started_ms: int
    ended_ms: int
    seconds: float
    findings: tuple[str, ...]
    artifacts: tuple[ArtifactRecord, ...]

    def artifact(self, name: str) -> ArtifactRecord | None:
        """The output of that name, or None."""
        return next((a for a in self.artifacts if a.name == name), None)


@dataclass(frozen=True, slots=True)
class EarlierExecution:
    """A succeeded execution, with all that entered its key: what `why` compares with.

    Attributes:
        execution_id: the `ExecutionRecord`.
        run_id: the run in which it was executed.
        pipeline_name: of that run.
        pipeline_revision: of that run.
        slot: the slot there.
        title: what was shown for the step.
        user: who executed it.
        host: on which machine.
        git_commit: the commit that was checked out, or None.
        ended_ms: when it was recorded.
        seconds: how long it took.
        work_key: what the work was.
        inputs: content digests by input name.
        identity: all that entered the key but for the inputs.
    """

    execution_id: int
    run_id: int
    pipeline_name: str
    pipeline_revision: int
    slot: str
    title: str
    user: str
    host: str
    git_commit: str | None
    ended_ms: int
    seconds: float
    work_key: str
    inputs: dict[str, Any]
    identity: Any


# ------------------------------------------------------------------------------------- claims


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a claim.

    Attributes:
        owner: a random name for the process or the run, with the fence its proof.
        user: for those who wait.
        host: for those who wait.
        pid: for those who wait.
        since_ms: when the claim was taken; set by the store.
    """

    owner: str
    user: str
    host: str
    pid: int
    since_ms: int = 0


@dataclass(frozen=True, slots=True)
class ClaimWon:
    """The work is ours; `fence` guards `heartbeat`, `finish` and `release`."""

    fence: int


@dataclass(frozen=True, slots=True)
class ClaimDone:
    """Somebody has already done this work."""

    execution: CachedExecution


@dataclass(frozen=True, slots=True)
class ClaimBusy:
    """Somebody does it now; without a heartbeat the claim is free in `expires_in_ms`.

    Who knows that the holder is dead may `release(work_key, holder.owner, fence)` in its place.
    """

    holder: Holder
    expires_in_ms: int
    fence: int


ClaimResult = ClaimWon | ClaimDone | ClaimBusy
"""What `MetadataStore.claim` comes to; made for `match`."""

"""Running a pipeline: declare -> specify -> register -> plan -> execute."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from zenlab.core import events
from zenlab.core.dataset import Dataset
from zenlab.core.errors import ArtifactError, ParameterError, suggest
from zenlab.engine.plan import Plan, make_plan
from zenlab.engine.run import Runner, RunResult, Setting
from zenlab.engine.values import stored_of
from zenlab.pipelines import pinning
from zenlab.pipelines.declare import Declaration, Declared, describe
from zenlab.pipelines.models import class_resolver
from zenlab.pipelines.spec import PipelineSpec, StepSpec
from zenlab.pipelines.wiring import slot_order, wire

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from zenlab.core.workspace import Workspace
    from zenlab.metadata import CommitRecord, RunRecord


@dataclass(frozen=True)
class LastRun:
    """What a pipeline object remembers: its specification, and how the last run came to results."""

    spec: PipelineSpec
    result: RunResult | None = None

    @property
    def record(self) -> RunRecord | None:
        """The row of the run."""
        return self.result.record if self.result is not None else None


@dataclass
class Specified:
    """A pipeline, looked at: its specification, the live code behind it, and what to say of it.

    Attributes:
        spec: plain data.
        commit: the snapshot that it starts from.
        live: by slot: the declared code by fingerprint.
        sources: fingerprint -> (name, source) of notebook code, for the metadata store.
        findings: what the user should know.
    """

    spec: PipelineSpec
    commit: CommitRecord
    live: dict[str, dict[str, Any]] = field(default_factory=dict)
    sources: dict[str, tuple[str, str]] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)


def specify(declared: Declared, workspace: Workspace, *, latest: bool = False) -> Specified:
    """Look at a pipeline: its code, its arguments, its data.

    Args:
        declared: the pipeline as it was declared.
        workspace: the repository.
        latest: take a new commit of the datasource instead of the pinned one.

    Raises:
        CodeError: code that cannot be fingerprinted.
        ParameterError: an argument that cannot be recorded, or no datasource.
    """
    steps: dict[str, StepSpec] = {}
    live: dict[str, dict[str, Any]] = {}
    sources: dict[str, tuple[str, str]] = {}
    notes: list[str] = []
    for slot in sorted(declared.steps, key=slot_order):
        step = declared.steps[slot]
        if isinstance(step, Declaration):
            described = describe(step, slot, workspace.code_root)
            steps[slot] = described.spec
            live[slot] = described.live
            for digest, mark in described.fingerprints.items():
                if mark.bundle is not None:
                    sources[digest] = (mark.source.rpartition(":")[2], mark.bundle)
                notes += [f"{slot}: {note}" for note in mark.notes]
        else:
            steps[slot] = step
    pinned = pinning.pin(declared, workspace, latest=latest)
    body = PipelineSpec(
        name=declared.name or "",
        type=declared.type,
        datasource=pinned.spec,
        steps=steps,
        enable_cache=declared.enable_cache,
        copied_from=declared.copied_from,
    )
    if declared.name is None:
        # 0.3 made names up, too. By content, so that the same declaration is the same pipeline.
        body = replace(body, name=f"{declared.type}-{body.digest[:8]}")
    return Specified(body, pinned.commit, live, sources, [*pinned.findings, *notes])


def run_pipeline(
    declared: Declared,
    workspace: Workspace,
    *,
    force: AbstractSet[str] = frozenset(),
    latest: bool = False,
    on_busy: str = "wait",
    listener: Callable[[events.Event], None] | None = None,
) -> LastRun:
    """Run a pipeline in a repository; see `BasePipeline.run`."""
    found = specify(declared, workspace, latest=latest)
    spec = found.spec
    _check_slots(force, spec)
    nodes = wire(spec, snapshot_of(found.commit, workspace), workspace, found.live)
    record = workspace.register(spec, found.sources)
    setting = Setting(
        metadata=workspace.metadata,
        artifacts=workspace.artifacts,
        root=workspace.root,
        code_root=workspace.code_root,
        user=workspace.user,
        git_commit=workspace.head(),
        resolve=class_resolver(spec, workspace, found.live),
        listener=listener or events.ignore,
        on_busy=on_busy,
    )
    result = Runner(setting).run(
        nodes,
        record,
        force=force if spec.enable_cache else set(spec.steps),
        findings=found.findings,
    )
    return LastRun(spec, result)


def plan_pipeline(
    declared: Declared, workspace: Workspace, *, force: AbstractSet[str] = frozenset()
) -> Plan:
    """What a run would do, without doing it: nothing is registered, claimed or executed.

    Args:
        declared: the pipeline as it was declared.
        workspace: the repository.
        force: slots to execute whatever the cache has.
    """
    found = specify(declared, workspace)
    _check_slots(force, found.spec)
    nodes = wire(found.spec, snapshot_of(found.commit, workspace), workspace, found.live)
    forced = set(force) if found.spec.enable_cache else set(found.spec.steps)
    return make_plan(nodes, workspace.metadata, force=forced)


def snapshot_of(commit: CommitRecord, workspace: Workspace) -> Dataset:
    """The rows of a commit, read when they are asked for."""

    def fetch() -> Path:
        try:
            return workspace.artifacts.fetch(stored_of(commit.artifact))  # type: ignore[no-any-return]
        except ArtifactError as error:
            raise ArtifactError(
                f"The snapshot {commit.digest[:12]} of datasource '{commit.name}' is lost or "
                f"damaged: {error.message}",
                where=error.where,
                hint="If its source still has this content, take it again: "
                f'%zen datasource commit "{commit.name}". Otherwise: %zen run --latest.',
            ) from error

    return Dataset(fetch, digest=commit.digest, num_rows=commit.num_rows, name=commit.name)


def _check_slots(force: AbstractSet[str], spec: PipelineSpec) -> None:
    for slot in force:
        if slot not in spec.steps:
            raise ParameterError(
                f"Pipeline '{spec.name}' has no step '{slot}' to force.",
                hint=suggest(slot, spec.steps),
            )

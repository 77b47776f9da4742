"""Running a pipeline: declare -> specify -> register -> plan -> execute."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from zenlab.core import events
from zenlab.core.dataset import Dataset
from zenlab.core.errors import ArtifactError, GateError, ParameterError, suggest
from zenlab.engine.plan import Plan, make_plan
from zenlab.engine.run import Runner, RunResult
from zenlab.engine.setting import Setting
from zenlab.engine.values import stored_of
from zenlab.pipelines import pinning, schemas
from zenlab.pipelines.code_pins import missing_commit, pinned_step
from zenlab.pipelines.declare import Declaration, Declared, describe
from zenlab.pipelines.leaves import chosen_args, default_leaf
from zenlab.pipelines.models import class_resolver
from zenlab.pipelines.spec import PipelineSpec, StepSpec
from zenlab.pipelines.wiring import LEAVES, slot_order, wire

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from zenlab.core.workspace import Workspace
    from zenlab.engine.fingerprint import Fingerprint
    from zenlab.engine.graph import Node
    from zenlab.metadata import CommitRecord, RunRecord


@dataclass(frozen=True)
class LastRun:
    """What a pipeline object remembers: its specification, and how the last run came to results.

    Attributes:
        spec: the specification.
        result: of a run of this object.
        opened: the run of the store that an object stands for, if it is not simply the latest one.
    """

    spec: PipelineSpec
    result: RunResult | None = None
    opened: RunRecord | None = None

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
        marks: the fingerprints of all users' code in it, with all that they reach.
        schemas: digest -> (file, text) of the schema that it is pinned to, likewise.
        findings: what the user should know.
    """

    spec: PipelineSpec
    commit: CommitRecord
    live: dict[str, dict[str, Any]] = field(default_factory=dict)
    sources: dict[str, tuple[str, str]] = field(default_factory=dict)
    marks: list[Fingerprint] = field(default_factory=list)
    schemas: dict[str, tuple[str, str]] = field(default_factory=dict)
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
    marks: list[Fingerprint] = []
    texts: dict[str, tuple[str, str]] = {}
    notes: list[str] = []
    for slot in sorted(declared.steps, key=slot_order):
        step = declared.steps[slot]
        if isinstance(step, Declaration):
            described = describe(step, slot, workspace.code_root)
            steps[slot], why_not = pinned_step(described, workspace)
            notes += [f"{slot}: not pinned to a commit, since {why_not}."] if why_not else []
            live[slot] = described.live
            marks += described.fingerprints.values()
            for digest, mark in described.fingerprints.items():
                if mark.bundle is not None:
                    sources[digest] = (mark.source.rpartition(":")[2], mark.bundle)
                notes += [f"{slot}: {note}" for note in mark.notes]
        else:
            steps[slot] = step
            notes += missing_commit(step, slot, workspace)
    pinned = pinning.pin(declared, workspace, latest=latest)
    notes += _add_leaves(steps, pinned.spec.name, declared, workspace, texts)
    body = PipelineSpec(
        name=declared.name or "",
        type=declared.type,
        datasource=pinned.spec,
        steps={slot: steps[slot] for slot in sorted(steps, key=slot_order)},
        enable_cache=declared.enable_cache,
        copied_from=declared.copied_from,
    )
    if declared.name is None:
        # 0.3 made names up, too. By content, so that the same declaration is the same pipeline.
        body = replace(body, name=f"{declared.type}-{body.digest[:8]}")
    findings = [*pinned.findings, *notes]
    return Specified(body, pinned.commit, live, sources, marks, texts, findings)


def _add_leaves(
    steps: dict[str, StepSpec],
    datasource: str,
    declared: Declared,
    workspace: Workspace,
    texts: dict[str, tuple[str, str]],
) -> list[str]:
    """Statistics and validation for a pipeline with a split, and the schema that it is pinned to.

    Returns:
        What to say of it.
    """
    if "split" not in steps:
        return []
    for kind in LEAVES:
        steps.setdefault(kind, default_leaf(kind))
        if isinstance(declared.steps.get(kind), Declaration):
            steps[kind] = chosen_args(steps[kind])
    text = schemas.read_schema_file(datasource, workspace)
    digest = schemas.schema_digest(text) if text is not None else None
    validation = steps["validation"]
    kept = _kept_validation(validation, digest, declared, workspace)
    if kept is not None:
        steps["validation"] = kept
        if digest is None or kept.args.get("schema") == digest:
            return []
        message = (
            f"{schemas.shown(datasource)} has changed since this pipeline was first run, which "
            "goes on with the schema of that time. To take the present one: copy the pipeline, "
            "and add_validation()."
        )
        return [message]
    if text is not None and digest is not None:
        steps["validation"] = replace(validation, args={**validation.args, "schema": digest})
        texts[digest] = (schemas.shown(datasource), text)
    return []


def _kept_validation(
    validation: StepSpec, digest: str | None, declared: Declared, workspace: Workspace
) -> StepSpec | None:
    """The validation of a pipeline that keeps its schema, as it keeps its data.

    It is recorded, or its name is frozen: a notebook that is run again declares it anew.

    Returns:
        None of one that takes the present schema.
    """
    if isinstance(declared.steps.get("validation"), StepSpec):
        return validation
    if declared.name is None:
        return None
    known = workspace.specification(declared.name)
    before = known.steps.get("validation") if known is not None else None
    if before is None or before.args.get("schema") == digest:
        return None
    frozen = workspace.frozen(declared.name)
    if frozen is None or "validation" not in frozen.steps:
        return None
    schema = frozen.steps["validation"].args.get("schema")
    args = {k: v for k, v in validation.args.items() if k != "schema" or v is None}
    return replace(validation, args=args if schema is None else {**args, "schema": schema})


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
    record = workspace.register(spec, found.sources, found.marks, found.schemas)
    setting = replace(
        setting_of(workspace),
        resolve=class_resolver(spec, workspace, found.live),
        listener=listener or events.ignore,
        on_busy=on_busy,
    )
    try:
        result = Runner(setting).run(
            nodes,
            record,
            force=force,
            findings=found.findings,
            disabled=not spec.enable_cache,
        )
    except GateError as error:
        error.partial = LastRun(spec, error.partial)
        raise
    return LastRun(spec, result)


def setting_of(workspace: Workspace) -> Setting:
    """Where work takes place in a repository, and for whom."""
    return Setting(
        metadata=workspace.metadata,
        artifacts=workspace.artifacts,
        root=workspace.root,
        code_root=workspace.code_root,
        user=workspace.user,
        git_commit=workspace.head(),
        git_clean=workspace.clean(),
    )


def specified_plan(
    found: Specified, workspace: Workspace, *, force: AbstractSet[str] = frozenset()
) -> Plan:
    """What a run would do, without doing it: nothing is registered, claimed or executed.

    Args:
        found: of `specify`.
        workspace: the repository.
        force: slots to execute whatever the cache has.
    """
    nodes, forced = to_be_planned(found, workspace, force=force)
    return make_plan(nodes, workspace.metadata, force=forced)


def to_be_planned(
    found: Specified, workspace: Workspace, *, force: AbstractSet[str] = frozenset()
) -> tuple[list[Node], set[str]]:
    """What a plan of a pipeline is made of: its nodes, and the slots to execute anyway.

    Args:
        found: of `specify`.
        workspace: the repository.
        force: slots to execute whatever the cache has.
    """
    _check_slots(force, found.spec)
    nodes = wire(found.spec, snapshot_of(found.commit, workspace), workspace, found.live)
    return nodes, set(force) if found.spec.enable_cache else set(found.spec.steps)


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

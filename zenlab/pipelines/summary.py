"""From a run to what its panel shows: the same for a run and its repetition from the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.engine.values import SIDE_OUTPUTS
from zenlab.pipelines.declare import CODE
from zenlab.pipelines.wiring import kind_of, slot_order, upstream_slots
from zenlab.views import OutputSummary, RunFailure, RunSummary, StepSummary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zenlab.core.workspace import Workspace
    from zenlab.metadata import ArtifactRecord, ExecutionRecord, RunRecord
    from zenlab.metadata.records import RunStatus
    from zenlab.pipelines.spec import PipelineSpec
    from zenlab.views.run import Status


def summarise(spec: PipelineSpec, run: RunRecord, workspace: Workspace) -> RunSummary:
    """What the panel of a run shows.

    Args:
        spec: the pipeline as it was run.
        run: the run, succeeded or not.
        workspace: the repository, whose store knows the executions.
    """
    found = workspace.metadata.executions([r.execution_id for r in run.resolved])
    by_id = {e.id: e for e in found}
    by_slot: dict[str, ExecutionRecord] = {
        r.slot: by_id[r.execution_id] for r in run.resolved if r.execution_id in by_id
    }
    source = spec.datasource
    commit = None
    if source is not None and source.commit is not None:
        commit = workspace.metadata.commit(workspace.project, source.name, source.commit)
    return RunSummary(
        pipeline=spec.name,
        status=_status(run.status),
        steps=tuple(_step(spec, slot, by_slot) for slot in sorted(spec.steps, key=slot_order)),
        source=source.name if source else "",
        source_rows=commit.num_rows if commit is not None else None,
        source_commit=(source.commit or "") if source else "",
        findings=tuple(
            f"{slot}: {message}" for slot, e in by_slot.items() for message in e.findings
        ),
        failure=_failure(run),
    )


def outline(spec: PipelineSpec) -> RunSummary:
    """What the panel of a run shows of what was declared: all that Git alone can tell.

    Args:
        spec: the pipeline.
    """
    source = spec.datasource
    return RunSummary(
        pipeline=spec.name,
        status="succeeded",
        steps=tuple(_step(spec, slot, {}) for slot in sorted(spec.steps, key=slot_order)),
        source=source.name if source else "",
        source_commit=(source.commit or "") if source else "",
    )


def _status(status: RunStatus) -> Status:
    """How a run ended; one that was killed has no better word of its own."""
    match status:
        case "running" | "lost":
            return "interrupted"
        case ended:
            return ended


def _step(spec: PipelineSpec, slot: str, by_slot: Mapping[str, ExecutionRecord]) -> StepSummary:
    step = spec.steps[slot]
    execution = by_slot.get(slot)
    artifacts = execution.artifacts if execution is not None else ()
    metrics = execution.metrics if execution is not None else ()
    return StepSummary(
        slot=slot,
        title=step.title,
        params={name: _shown(v) for name, v in step.args.items() if v is not None},
        inputs=upstream_slots(slot, spec),
        outputs=tuple(
            OutputSummary(a.name, a.format, a.num_rows, _described(a))
            for a in artifacts
            if a.name not in SIDE_OUTPUTS
        ),
        metrics={m.name: _count_or_measure(m.value) for m in metrics if m.step is None}
        if kind_of(slot) in ("trainer", "evaluator")
        else {},
    )


def _count_or_measure(value: float) -> float:
    """Counts are logged as floats, and shown as what they are; 1.0 more likely is a measure."""
    return int(value) if value.is_integer() and abs(value) >= 10 else value


def _described(artifact: ArtifactRecord) -> str:
    named = artifact.summary.get("class")
    return str(named).rsplit(".", 1)[-1] if named else ""


def _shown(value: Any) -> Any:
    """A parameter, in which code is shown by its name."""
    if isinstance(value, list):
        return [_shown(v) for v in value]
    if isinstance(value, dict):
        if CODE in value:
            return str(value[CODE]["source"])
        return {k: _shown(v) for k, v in value.items()}
    return value


def _failure(run: RunRecord) -> RunFailure | None:
    if run.error is None:
        return None
    return RunFailure(
        slot=run.error.get("slot"),
        error=_one_line(f"{run.error['type']}: {run.error['message']}"),
        hint=_one_line(run.error.get("hint") or ""),
    )


def _one_line(text: str) -> str:
    """A message of several lines as a cell of a table."""
    return " ".join(text.split())

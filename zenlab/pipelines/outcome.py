"""What a run has saved, thanks to whom, and what it changed in the metrics: one line.

It holds for one run only, so it is printed where nothing is stored: in a terminal, by
`%zen status` and by `%zen why`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zenlab.pipelines.diff import differences
from zenlab.pipelines.spec import from_document
from zenlab.pipelines.wiring import LEAVES, kind_of
from zenlab.views.numbers import number
from zenlab.views.strings import person
from zenlab.views.times import duration

if TYPE_CHECKING:
    from zenlab.core.workspace import Workspace
    from zenlab.metadata import ExecutionRecord, RunRecord
    from zenlab.pipelines.spec import PipelineSpec

_METRICS = 3
_REASONS = 2
_SOURCES = 3
_LOOKED_AT = 20


def outcome_of(run: RunRecord, workspace: Workspace) -> str:
    """What a run has saved and changed; "" if it did neither.

    The metrics are compared with those of the successful run of the pipeline before, or of the
    pipeline that it was copied from.

    Args:
        run: a run that succeeded.
        workspace: the repository.
    """
    store, project = workspace.metadata, workspace.project
    now = store.pipeline(project, run.pipeline_name, digest=run.pipeline_digest)
    if now is None or run.status != "succeeded":
        return ""
    spec = from_document(now.spec, run.pipeline_name)
    before = _run_before(run, spec, workspace)
    wanted = [*run.resolved, *(before.resolved if before is not None else ())]
    known = {e.id: e for e in store.executions([r.execution_id for r in wanted])}
    parts = [_saved(run, known, workspace)]
    if before is not None and before.pipeline_digest != run.pipeline_digest:
        parts.append(_changed(before, run, spec, known, workspace))
    return "; ".join(filter(None, parts))


def _saved(run: RunRecord, known: dict[int, ExecutionRecord], workspace: Workspace) -> str:
    """`saved 58 s thanks to Ada (Pipeline A#3)`: who saved most comes first."""
    hits = [known[r.execution_id] for r in run.resolved if r.how == "hit"]
    if not hits:
        return ""
    runs = workspace.metadata.runs_by_id(list({e.run_id for e in hits}))
    seconds: dict[str, float] = {}
    pipelines: dict[str, dict[str, None]] = {}
    for execution in hits:
        who = "you" if execution.user == workspace.user else person(execution.user)
        seconds[who] = seconds.get(who, 0.0) + execution.seconds
        made = runs.get(execution.run_id)
        where = made.label if made else "a run that is gone"
        pipelines.setdefault(who, {})[where] = None
    thanks = [
        f"{who} ({_few(list(pipelines[who]), _SOURCES, ', ')})"
        for who in sorted(seconds, key=lambda who: -seconds[who])
    ]
    return f"saved {duration(sum(seconds.values()))} thanks to {_few(thanks, _SOURCES, ' and ')}"


def _changed(
    before: RunRecord,
    run: RunRecord,
    spec: PipelineSpec,
    known: dict[int, ExecutionRecord],
    workspace: Workspace,
) -> str:
    old, new = _metrics(before, known), _metrics(run, known)
    changed = [
        f"{name} {number(old[name])} -> {number(value)}"
        for name, value in new.items()
        if name in old and number(old[name]) != number(value)
    ]
    if not changed and not (old.keys() & new.keys()):
        return ""
    record = workspace.metadata.pipeline(
        workspace.project, before.pipeline_name, digest=before.pipeline_digest
    )
    if record is None:
        return ""
    reasons = differences(
        _without_leaves(from_document(record.spec, before.pipeline_name)), _without_leaves(spec)
    )
    told = _few(changed, _METRICS, ", ") if changed else "the metrics are those"
    against = "against" if changed else "of"
    text = f"{told} {against} {before.label}"
    joined = _few(reasons, _REASONS, ", ")
    return f"{text}, {'since' if changed else 'in spite of'} {joined}" if reasons else text


def _without_leaves(spec: PipelineSpec) -> PipelineSpec:
    """The steps that metrics follow from."""
    return replace(spec, steps={k: v for k, v in spec.steps.items() if kind_of(k) not in LEAVES})


def _run_before(run: RunRecord, spec: PipelineSpec, workspace: Workspace) -> RunRecord | None:
    """The last successful run of the pipeline before a run, or that of the pipeline's origin."""
    store, project = workspace.metadata, workspace.project
    earlier: list[RunRecord] = store.runs(
        project, run.pipeline_name, limit=_LOOKED_AT, before=run.id
    )
    succeeded = next((r for r in earlier if r.status == "succeeded"), None)
    origin = spec.copied_from or {}
    if succeeded is not None or "name" not in origin:
        return succeeded
    found: RunRecord | None = store.latest_run(project, origin["name"], digest=origin.get("digest"))
    return found


def _metrics(run: RunRecord, known: dict[int, ExecutionRecord]) -> dict[str, float]:
    """The final values that the evaluator of a run has logged."""
    return {
        m.name: m.value
        for r in run.resolved
        if kind_of(r.slot) == "evaluator" and r.execution_id in known
        for m in known[r.execution_id].metrics
        if m.step is None
    }


def _few(texts: list[str], most: int, between: str) -> str:
    more = [f"{len(texts) - most} more"] if len(texts) > most else []
    return between.join([*texts[:most], *more])

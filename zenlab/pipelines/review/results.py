"""What the store knows of two revisions: metrics, shared steps, rows of their data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zenlab.metadata import Wanted
from zenlab.pipelines.compare.metrics import measuring_executions, metric_rows
from zenlab.pipelines.compare.targets import Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from zenlab.core.workspace import Workspace
    from zenlab.metadata import RunRecord
    from zenlab.pipelines.review.model import PipelineChange
    from zenlab.pipelines.spec import DatasourceSpec, PipelineSpec

_DIGITS = 12


def with_results(
    changes: Sequence[PipelineChange], workspace: Workspace
) -> tuple[PipelineChange, ...]:
    """The changes with what has been measured: two statements, and one a commit of data.

    Args:
        changes: of `pipeline_changes`.
        workspace: the repository.
    """
    specs = [spec for change in changes for spec in _measured(change)]
    wanted = [Wanted(spec.name, digest=spec.digest) for spec in specs]
    known = workspace.metadata.named_runs(workspace.project, wanted)
    runs = {(k.run.pipeline_name, k.run.pipeline_digest): k.run for k in known}
    found = {id(s): Found(runs[_key(s)], s) for s in specs if _key(s) in runs}
    logged = workspace.metadata.final_metrics(measuring_executions(list(found.values())))
    rows: dict[tuple[str, str], int | None] = {}
    done = []
    for change in changes:
        pair = [found[id(spec)] for spec in _measured(change) if id(spec) in found]
        lacking = [_called(s, change) for s in _measured(change) if id(s) not in found]
        complete = not lacking
        shared, steps = _shared(pair[0].run, pair[-1].run) if len(pair) == 2 else (None, 0)
        done.append(
            replace(
                change,
                metrics=metric_rows(pair, logged) if complete and pair else (),
                metrics_note=_lacking(lacking),
                shared=shared if complete else None,
                steps=steps,
                data=_data(change, workspace, rows),
            )
        )
    return tuple(done)


def _measured(change: PipelineChange) -> Iterator[PipelineSpec]:
    """The specifications whose runs are compared."""
    if change.kind in ("changed", "renamed", "added"):
        yield from (spec for spec in (change.old, change.new) if spec is not None)


def _key(spec: PipelineSpec) -> tuple[str, str]:
    return spec.name, spec.digest


def _called(spec: PipelineSpec, change: PipelineChange) -> str:
    if change.old is None or change.old_name:
        return f"'{spec.name}'"
    return f"'{spec.name}' {'before' if spec is change.old else 'now'}"


def _lacking(names: Sequence[str]) -> str:
    if not names:
        return ""
    return f"Metrics: this store knows no successful run of {' nor of '.join(names)}."


def _shared(old: RunRecord, new: RunRecord) -> tuple[int, int]:
    """How many steps of a run use an execution of the other one, of how many."""
    before = {r.execution_id for r in old.resolved}
    return sum(r.execution_id in before for r in new.resolved), len(new.resolved)


def _data(
    change: PipelineChange, workspace: Workspace, rows: dict[tuple[str, str], int | None]
) -> str:
    """`flights: commit 1a2b (1,000 rows) -> 3c4d (1,200 rows)`, where the data differs."""
    after = change.new.datasource if change.new is not None else None
    before = change.old.datasource if change.old is not None else None
    if after is None or (before is not None and before.commit == after.commit):
        return ""
    now = _commit(after, workspace, rows)
    if before is None:
        return f"{after.name}: {now}"
    earlier = f"{before.name}: " if before.name != after.name else ""
    return f"{after.name}: {earlier}{_commit(before, workspace, rows)} -> {now}"


def _commit(
    source: DatasourceSpec, workspace: Workspace, rows: dict[tuple[str, str], int | None]
) -> str:
    if not source.commit:
        return "no commit"
    key = (source.name, source.commit)
    if key not in rows:
        record = workspace.metadata.commit(workspace.project, *key)
        rows[key] = record.num_rows if record is not None else None
    count = rows[key]
    known = f"{count:,} rows" if count is not None else "not in this store"
    return f"commit {source.commit[:_DIGITS]} ({known})"


def first_metrics(change: PipelineChange, most: int = 2) -> Mapping[str, tuple[float, float]]:
    """The metrics of a headline: those that both sides have, in the order of importance.

    Args:
        change: with its results.
        most: at most so many.
    """
    both: dict[str, tuple[float, float]] = {}
    for row in change.metrics:
        if len(row.by_run) == 2 and len(both) < most and None not in row.by_run:
            before, after = row.by_run
            both[row.name] = (float(before or 0.0), float(after or 0.0))
    return both

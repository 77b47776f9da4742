"""Runs side by side: from the records of the metadata store to a `Comparison`.

The list takes two statements, whatever the number of runs; what a few runs have in common and
where they differ takes six more.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import (
    DoesNotExistException,
    ParameterError,
    PipelineNotSucceededException,
    suggest,
)
from zenlab.pipelines.compare.details import with_details
from zenlab.pipelines.compare.metrics import measuring_executions, metric_rows
from zenlab.pipelines.compare.parameters import parameter_rows
from zenlab.pipelines.compare.targets import (
    LOOKED_AT,
    is_revision,
    latest,
    named,
    read,
    revisions,
)
from zenlab.views.comparison import ComparedRun, Comparison
from zenlab.views.strings import person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zenlab.core.workspace import Workspace
    from zenlab.metadata import RevisionRun
    from zenlab.pipelines.compare.targets import Found
    from zenlab.views.comparison import MetricRow

DETAILED = 5
"""The most runs that are compared in detail: what a page is wide enough for."""


def compare(
    targets: Sequence[Any],
    workspace: Workspace,
    *,
    baseline: str | None = None,
    sort: str | None = None,
) -> Comparison:
    """Compare pipelines by their latest successful runs.

    Args:
        targets: names (`Pipeline A`), revisions (`Pipeline A#11`), pipelines that have been run. A
            single name stands for all of its revisions; none at all for what ran last.
        workspace: the repository.
        baseline: what the others are compared with; the first one by default.
        sort: a metric by which the runs are sorted, the best first.

    Raises:
        DoesNotExistException: a name, a revision or a metric that is not there.
        PipelineNotSucceededException: a pipeline without a successful run.
    """
    if not targets:
        return compare_latest(workspace, baseline=baseline, sort=sort)
    if len(targets) == 1 and baseline is None and not is_revision(targets[0]):
        return _compared(revisions(targets[0], workspace), workspace, sort=sort)
    runs, notes = named(targets, workspace)
    first = runs[0]
    if baseline is not None:
        (first,), more = named([baseline], workspace)
        notes += [note for note in more if note not in notes]
        if first.label not in [found.label for found in runs]:
            runs.insert(0, first)
    if len(runs) == 1:
        raise ParameterError(
            f"There is only '{first.label}' to compare.",
            hint="Name another one, or see all of its revisions: %zen compare "
            f'"{first.spec.name}".',
        )
    return _compared(runs, workspace, baseline=first.label, sort=sort, notes=notes, in_order=True)


def compare_latest(
    workspace: Workspace, *, baseline: str | None = None, sort: str | None = None
) -> Comparison:
    """Compare what the user ran last with what they ran before it.

    Args:
        workspace: the repository.
        baseline: as in `compare`; the earlier run by default.
        sort: as in `compare`.

    Raises:
        PipelineNotSucceededException: there are no two pipelines, or revisions of one, to compare.
    """
    found = workspace.metadata.revision_runs(workspace.project, limit=LOOKED_AT)
    mine = [run for run in found if run.run.user == workspace.user]
    chosen = _two_of_a_kind(mine) or _two_of_a_kind(found)
    if not chosen:
        raise PipelineNotSucceededException(
            "There is nothing to compare yet: fewer than two pipelines, or revisions of one, have "
            "a successful run.",
            hint="Run another one, such as a copy with another trainer.",
        )
    runs = [read(run) for run in reversed(chosen)]
    return _compared(runs, workspace, baseline=baseline or runs[0].label, sort=sort, in_order=True)


def _two_of_a_kind(runs: Sequence[RevisionRun]) -> list[RevisionRun]:
    """The first run and the next one of a pipeline of its type, or nothing."""
    same = [run for run in runs if run.type == runs[0].type][:2]
    return same if len(same) == 2 else []


def compare_training_runs(
    workspace: Workspace,
    datasource: Any = None,
    *,
    baseline: str | None = None,
    sort: str | None = None,
    limit: int = LOOKED_AT,
) -> Comparison:
    """Compare all revisions of all training pipelines that have a successful run.

    Args:
        workspace: the repository.
        datasource: only those that start from it: a datasource, or its name.
        baseline: as in `compare`; none by default.
        sort: as in `compare`.
        limit: at most so many, the latest ones.

    Raises:
        DoesNotExistException: a datasource, a baseline or a metric that is not there.
    """
    runs, notes = latest(workspace, limit)
    if datasource is not None:
        name = datasource if isinstance(datasource, str) else datasource.name
        sources = {f.spec.datasource.name for f in runs if f.spec.datasource is not None}
        if runs and name not in sources:
            raise DoesNotExistException(
                f"No training run started from a datasource '{name}'.", hint=suggest(name, sources)
            )
        runs = [f for f in runs if f.spec.datasource and f.spec.datasource.name == name]
    return _compared(runs, workspace, baseline=baseline, sort=sort, notes=notes)


def _compared(
    runs: Sequence[Found],
    workspace: Workspace,
    *,
    baseline: str | None = None,
    sort: str | None = None,
    notes: Sequence[str] = (),
    in_order: bool = False,
) -> Comparison:
    """Put runs side by side.

    Args:
        runs: the latest first, unless they are in an order of the user's.
        workspace: the repository.
        baseline: a label, or a name; None: no baseline, or for a few runs the earliest one.
        sort: a metric, or None: the first one, unless the order is the user's.
        notes: what there is to know of the choice.
        in_order: the user named them in this order.
    """
    logged = workspace.metadata.final_metrics(measuring_executions(runs))
    metrics = metric_rows(runs, logged)
    base = None if baseline is None else _position(baseline, runs)
    if base is None and 0 < len(runs) <= DETAILED:
        base = len(runs) - 1
    anchor = runs[base] if base is not None else None
    by = _metric(sort, metrics) if sort is not None else (metrics[0] if metrics else None)
    if by is not None and (sort is not None or not in_order):
        order = sorted(range(len(runs)), key=lambda i: _rank(by, i))
        runs = [runs[i] for i in order]
        first = [by, *(m for m in metrics if m is not by)] if sort is not None else metrics
        metrics = tuple(replace(m, by_run=tuple(m.by_run[i] for i in order)) for m in first)
    comparison = Comparison(
        runs=tuple(_run(found) for found in runs),
        baseline=runs.index(anchor) if anchor is not None else None,
        metrics=metrics,
        parameters=parameter_rows([found.spec for found in runs]),
        notes=tuple(notes),
    )
    if comparison.baseline is not None and len(runs) <= DETAILED:
        return with_details(comparison, runs, comparison.baseline, workspace)
    return comparison


def _run(found: Found) -> ComparedRun:
    source = found.spec.datasource
    return ComparedRun(
        label=found.label,
        user=person(found.run.user),
        source=source.name if source is not None else "",
        commit=(source.commit or "") if source is not None else "",
    )


def _position(baseline: str, runs: Sequence[Found]) -> int:
    labels = [found.label for found in runs]
    if baseline in labels:
        return labels.index(baseline)
    of_name = [i for i, found in enumerate(runs) if found.spec.name == baseline]
    if of_name:
        return max(of_name, key=lambda i: runs[i].run.pipeline_revision)
    raise DoesNotExistException(
        f"The baseline '{baseline}' is not among the runs that are compared.",
        hint=suggest(baseline, labels),
    )


def _metric(name: str, metrics: Sequence[MetricRow]) -> MetricRow:
    for metric in metrics:
        if name in (metric.title, metric.name):
            return metric
    raise DoesNotExistException(
        f"None of the runs has a metric '{name}'.", hint=suggest(name, [m.title for m in metrics])
    )


def _rank(metric: MetricRow, i: int) -> tuple[bool, float]:
    """Sorts the best first, and what has no value last; what nobody can judge, the highest."""
    value = metric.by_run[i]
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return True, 0.0
    if metric.better == "zero":
        return False, abs(value)
    return False, value if metric.better == "lower" else -value

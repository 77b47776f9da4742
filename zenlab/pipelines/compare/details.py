"""What is looked up for a few runs only: their steps, code, curves and data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from zenlab.core.errors import DoesNotExistException, ParameterError, ZenlabError
from zenlab.core.evaluation import Evaluation
from zenlab.core.statistics import Statistics
from zenlab.engine.values import SIDE_OUTPUTS, Reader
from zenlab.pipelines.compare import sources
from zenlab.pipelines.compare.data import common_datasets, data_drift
from zenlab.pipelines.compare.targets import named
from zenlab.pipelines.wiring import kind_of
from zenlab.views.comparison import RunSeries, StepCell, StepRow
from zenlab.views.strings import person

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zenlab.core.workspace import Workspace
    from zenlab.metadata import ExecutionRecord
    from zenlab.pipelines.compare.targets import Found
    from zenlab.views.comparison import Comparison


@dataclass(frozen=True)
class _Looked:
    """A run with the executions that it came to, by slot."""

    found: Found
    executions: Mapping[str, ExecutionRecord]

    @property
    def label(self) -> str:
        """The label of the run."""
        return self.found.label


def with_details(
    comparison: Comparison, runs: Sequence[Found], base: int, workspace: Workspace
) -> Comparison:
    """The comparison with all that is to be said of a few runs: six statements.

    Args:
        comparison: the list.
        runs: the same runs.
        base: the position of the baseline.
        workspace: the repository.
    """
    store = workspace.metadata
    looked = _look(runs, workspace)
    origins = store.run_names({e.run_id for run in looked for e in run.executions.values()})
    kept = store.listings(sources.fingerprints(runs))
    others = [run for i, run in enumerate(looked) if i != base]

    def statistics(run: _Looked) -> Statistics | None:
        return _statistics(run, workspace)

    return replace(
        comparison,
        detailed=True,
        steps=_step_rows(looked, origins),
        code=sources.code_differences(runs[base], [o.found for o in others], kept),
        data=tuple(
            data_drift(
                looked[base].found,
                other.found,
                lambda other=other: (statistics(looked[base]), statistics(other)),  # type: ignore[misc]
            )
            for other in others
        ),
        series=tuple(s for run in looked for s in _series(run)),
        curves=cache(lambda: tuple(c for run in looked for c in _curves(run, workspace))),
    )


def two_datasets(labels: Sequence[str], workspace: Workspace) -> Statistics:
    """The data of two runs, as statistics of two datasets that are called as the runs.

    Args:
        labels: of the runs, such as `Pipeline A#11`; the first is the baseline.
        workspace: the repository.

    Raises:
        ParameterError: they are one run.
        DoesNotExistException: there is no such run, or it has no statistics to compare.
    """
    runs, _ = named(labels, workspace)
    if len(runs) != 2:
        raise ParameterError("The data of a run is not compared with itself.")
    looked = _look(runs, workspace)
    found = {run.label: _statistics(run, workspace) for run in looked}
    old, new = found.values()
    if old is None or new is None:
        lacking = " and ".join(label for label, there in found.items() if there is None)
        raise DoesNotExistException(
            f"There are no statistics of {lacking} to compare.",
            hint="A run makes them if there is a worker (zenlab worker status): run it again.",
        )
    pair = common_datasets(old, new)
    if pair is None:
        raise DoesNotExistException("The statistics have no split in common.")
    datasets = [
        msgspec.structs.replace(dataset, name=label)
        for label, dataset in zip(found, pair, strict=True)
    ]
    return Statistics(datasets, weight=old.weight if old.weight == new.weight else "")


def _look(runs: Sequence[Found], workspace: Workspace) -> list[_Looked]:
    """Look up to which executions runs came: one statement."""
    ids = [r.execution_id for found in runs for r in found.run.resolved]
    by_id = {e.id: e for e in workspace.metadata.executions(ids)}
    return [
        _Looked(
            f, {r.slot: by_id[r.execution_id] for r in f.run.resolved if r.execution_id in by_id}
        )
        for f in runs
    ]


def _statistics(run: _Looked, workspace: Workspace) -> Statistics | None:
    found: Statistics | None = _artifact(run, "statistics", Statistics, workspace)
    return found


def _step_rows(
    looked: Sequence[_Looked], origins: Mapping[int, tuple[str, int]]
) -> tuple[StepRow, ...]:
    slots = dict.fromkeys(slot for run in looked for slot in run.executions)
    in_order = sorted(slots, key=lambda slot: _place(slot, looked))
    return tuple(StepRow(slot, _step_cells(slot, looked, origins)) for slot in in_order)


def _place(slot: str, looked: Sequence[_Looked]) -> int:
    """The latest place in which a run has a slot: a second transform stands behind the first."""
    return max(list(run.executions).index(slot) for run in looked if slot in run.executions)


def _step_cells(
    slot: str, looked: Sequence[_Looked], origins: Mapping[int, tuple[str, int]]
) -> tuple[StepCell | None, ...]:
    numbers: dict[int, int] = {}
    results: set[tuple[tuple[str, str], ...]] = set()
    cells: list[StepCell | None] = []
    for run in looked:
        execution = run.executions.get(slot)
        if execution is None:
            cells.append(None)
            continue
        is_new = execution.id not in numbers
        number = numbers.setdefault(execution.id, len(numbers) + 1)
        result = tuple(
            (a.name, a.content_digest) for a in execution.artifacts if a.name not in SIDE_OUTPUTS
        )
        step = run.found.spec.steps.get(slot)
        name, revision = origins.get(execution.run_id, ("", 0))
        cells.append(
            StepCell(
                title=step.title if step is not None else execution.title,
                number=number,
                user=person(execution.user),
                origin=""
                if not name or f"{name}#{revision}" == run.label
                else f"{name}#{revision}",
                same_result=is_new and result in results,
            )
        )
        results.add(result)
    return tuple(cells)


def _series(run: _Looked) -> list[RunSeries]:
    """What steps logged with `step=`, one series a name."""
    points: dict[str, list[tuple[int, float]]] = {}
    for slot, execution in run.executions.items():
        prefix = "" if kind_of(slot) == "trainer" else f"{slot}."
        for metric in execution.metrics:
            if metric.step is not None:
                points.setdefault(prefix + metric.name, []).append((metric.step, metric.value))
    return [
        RunSeries(
            run.label,
            "series",
            name,
            tuple(float(x) for x, _ in sorted(found, key=_by_step)),
            tuple(y for _, y in sorted(found, key=_by_step)),
        )
        for name, found in points.items()
    ]


def _by_step(point: tuple[int, float]) -> int:
    return point[0]


def _curves(run: _Looked, workspace: Workspace) -> Iterable[RunSeries]:
    """The curves of an evaluation, as far as it can be read."""
    evaluation: Evaluation | None = _artifact(run, "evaluation", Evaluation, workspace)
    for result in evaluation.results if evaluation is not None else ():
        for curve in result.curves:
            if curve.kind == "calibration":
                continue
            about = dict.fromkeys((result.label, curve.target, result.split))
            points = list(zip(curve.x, curve.y, strict=True))
            if points and points[0][0] > points[-1][0]:  # recall falls as the threshold rises
                points.reverse()
            yield RunSeries(
                run.label,
                curve.kind,
                " · ".join(filter(None, about)),
                tuple(x for x, _ in points),
                tuple(y for _, y in points),
            )


def _artifact(run: _Looked, name: str, kind: Any, workspace: Workspace) -> Any:
    """The first artifact of that name, as its Struct; None where there is none that can be read."""
    for slot, execution in run.executions.items():
        for artifact in execution.artifacts:
            if artifact.name != name or artifact.format != "json":
                continue
            try:
                value = Reader(workspace.artifacts).output(slot, execution, artifact)
                return value if isinstance(value, kind) else msgspec.convert(value, kind)
            except (ZenlabError, msgspec.ValidationError):
                return None  # lost, or an evaluator's own form; the rest can still be compared
    return None

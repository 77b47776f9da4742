"""The metrics of runs side by side: which numbers may stand in one row."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zenlab.pipelines.wiring import kind_of
from zenlab.steps.base import TRAIN
from zenlab.steps.evaluator.metrics import better
from zenlab.views.comparison import MetricRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zenlab.metadata import MetricRecord
    from zenlab.pipelines.compare.targets import Found
    from zenlab.pipelines.spec import PipelineSpec

MEASURING = ("evaluator", "trainer")
"""The kinds of steps whose final values are metrics, the more important one first."""


class _Key(NamedTuple):
    split: str
    label: str
    name: str


def measuring_executions(runs: Sequence[Found]) -> list[int]:
    """The executions whose final values are the metrics of runs."""
    return [r.execution_id for f in runs for r in f.run.resolved if kind_of(r.slot) in MEASURING]


def metric_rows(
    runs: Sequence[Found], logged: Mapping[int, Sequence[MetricRecord]]
) -> tuple[MetricRow, ...]:
    """The metrics of runs; what most runs have comes first, then in the order of logging.

    Args:
        runs: the runs.
        logged: final values by execution.
    """
    columns = [_of(found, logged) for found in runs]
    counts: dict[_Key, int] = {}
    for column in columns:
        for key in column:
            counts[key] = counts.get(key, 0) + 1
    keys = sorted(counts, key=lambda key: -counts[key])
    return tuple(
        MetricRow(
            name=key.name,
            by_run=tuple(column.get(key) for column in columns),
            better=better(key.name),
            split=key.split,
            label=key.label,
        )
        for key in keys
    )


def _of(found: Found, logged: Mapping[int, Sequence[MetricRecord]]) -> dict[_Key, float]:
    by_kind = {kind_of(r.slot): r.execution_id for r in found.run.resolved}
    metrics: dict[_Key, float] = {}
    for kind in MEASURING:
        for metric in logged.get(by_kind.get(kind, 0), ()):
            name = metric.name if kind == "evaluator" else f"{kind}.{metric.name}"
            metrics[_key(name, found.spec if kind == "evaluator" else None)] = metric.value
    return metrics


def _key(name: str, spec: PipelineSpec | None) -> _Key:
    """What a metric is about: `Evaluator` writes split and label before the name of all but one."""
    splits = _splits(spec) if spec is not None else ()
    if not splits:
        return _Key("", "", name)
    for split in splits[1:]:
        if name.startswith(f"{split}/"):
            break
    else:
        split = splits[0]
    rest = name.removeprefix(f"{split}/") if split != splits[0] else name
    label, _, metric = rest.rpartition("/")
    return _Key(split, label, metric)


def _splits(spec: PipelineSpec) -> tuple[str, ...]:
    """The splits that zenlab's `Evaluator` judges, in its order; none for an evaluator of a user's.

    The rule is the step's own; what it found at run time (the names of a user's split) is not in
    a specification, and is taken to be `eval`.
    """
    step = spec.steps.get("evaluator")
    if step is None or step.code is not None:
        return ()
    asked = step.args.get("splits")
    if asked:
        return tuple(map(str, asked))
    split = spec.steps.get("split")
    args = split.args if split is not None and split.code is None else {}
    shares = args.get("split_map") or args.get("split_ratio") or {}
    if split is not None and split.title == "NoSplit":
        return (TRAIN,)
    if not shares or "eval" in shares:
        return ("eval",)
    return tuple(str(name) for name in shares if name != TRAIN) or (TRAIN,)

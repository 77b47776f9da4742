"""Statistics and validation in a pipeline: what they are told by its other parts, and the gates."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from zenlab.pipelines.declare import Declaration, describe
from zenlab.pipelines.schemas import schema_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zenlab.core.workspace import Workspace
    from zenlab.pipelines.spec import PipelineSpec, StepSpec

_GATES = {"DataValidation": ("fail_on_anomalies",), "Evaluator": ("min_metric", "max_metric")}
"""Arguments that say when to stop, and nothing about the result: they are in no key."""

_DEFAULTS = {"fail_on_anomalies": False, "comparison": "skew"}
_TOLD = {"sensitive", "labels"}
"""Arguments that other parts of the pipeline say."""


@cache
def default_leaf(kind: str) -> StepSpec:
    """The step of a pipeline that has a split and was given none of this kind.

    Args:
        kind: `statistics` or `validation`.
    """
    from zenlab.steps.validation import DataStatistics, DataValidation

    step = {"statistics": DataStatistics, "validation": DataValidation}[kind]()
    spec = describe(Declaration(kind, type(step), dict(step.tracked)), kind, None).spec
    return replace(spec, args={})  # a file does not list what nobody has chosen


def missing_worker() -> str | None:
    """Why statistics cannot be computed on this machine; None if they can."""
    from zenlab.core.errors import WorkerError
    from zenlab.validation.environment import find_worker_environment

    try:
        find_worker_environment()
    except WorkerError as error:
        return " ".join(f"{error.message} {error.hint or ''}".split())
    return None


def ungated(step: StepSpec) -> StepSpec:
    """A step with the arguments that its result follows from."""
    gates = _gates(step)
    if not any(name in step.args for name in gates):
        return step
    return replace(step, args={k: v for k, v in step.args.items() if k not in gates})


def _gates(step: StepSpec) -> tuple[str, ...]:
    # Of zenlab's own alone: a user's step may call any of its parameters so.
    return _GATES.get(step.title, ()) if step.code is None else ()


def chosen_args(step: StepSpec) -> StepSpec:
    """Statistics or a validation without the arguments that are not set.

    To ask for the defaults is the same work as to ask for nothing, and no difference to tell. A
    step of the user's own has defaults of its own.
    """
    if step.code is not None:
        return step
    unset: tuple[Any, ...] = (None, [], {})
    args = {k: v for k, v in step.args.items() if v not in unset and v != _DEFAULTS.get(k)}
    return replace(step, args=args)


def with_leaf_args(slot: str, spec: PipelineSpec) -> StepSpec:
    """A step with what other parts of the pipeline say: sensitive columns, and the labels."""
    step = spec.steps[slot]
    if slot not in ("statistics", "validation"):
        return step
    args = dict(chosen_args(step).args)
    takes = args.keys() | _TOLD if step.code is None else args.keys()
    declared = spec.datasource.args.get("sensitive") if spec.datasource is not None else None
    if declared and "sensitive" in takes:
        args["sensitive"] = sorted({*(args.get("sensitive") or []), *declared})
    if slot == "validation" and "labels" in takes and not args.get("labels"):
        preprocesser = spec.steps.get("preprocesser")
        labels = preprocesser.args.get("labels") if preprocesser is not None else None
        if isinstance(labels, list):
            args["labels"] = labels
    return replace(step, args=args)


def with_schema_text(step: StepSpec, spec: PipelineSpec, workspace: Workspace) -> StepSpec:
    """A validation with the text of its pinned schema in the place of the digest."""
    digest = step.args.get("schema")
    is_ours = step.title == "DataValidation" and step.code is None
    if digest is None or spec.datasource is None or not is_ours:
        return step
    text = schema_text(digest, spec.datasource.name, workspace)
    return replace(step, args={**step.args, "schema": text})


def gated_by(slot: str, spec: PipelineSpec) -> tuple[str, ...]:
    """The leaves that have to pass before a slot runs."""
    if slot not in ("preprocesser", "trainer", "evaluator") or "validation" not in spec.steps:
        return ()
    return ("validation",) if spec.steps["validation"].args.get("fail_on_anomalies") else ()


def gate_of(slot: str, step: StepSpec) -> Callable[[Callable[[str], Any]], None] | None:
    """What stops the run at the result of a slot, if anything does."""
    args: Mapping[str, Any] = {name: step.args.get(name) for name in _gates(step)}
    if args.get("fail_on_anomalies"):
        from zenlab.steps.validation.validation import gate

        return gate(args["fail_on_anomalies"], slot)
    if args.get("min_metric") or args.get("max_metric"):
        from zenlab.steps.evaluator.gate import gate as metric_gate

        check: Callable[[Callable[[str], Any]], None] = metric_gate(
            args.get("min_metric") or {}, args.get("max_metric") or {}, slot
        )
        return check
    return None

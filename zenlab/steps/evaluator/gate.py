"""Gates on metrics: a run stops if its model is not good enough."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from types import NoneType
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import GateError, ParameterError, suggest
from zenlab.core.evaluation import Evaluation
from zenlab.steps.evaluator.metrics import all_names, better, metric_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def check_bounds(
    least: Mapping[str, float] | None,
    most: Mapping[str, float] | None,
    metrics: Sequence[Any] | None,
    where: str,
) -> tuple[dict[str, float], dict[str, float]]:
    """Refuse bounds that are no numbers, of metrics that are not computed, or on their good side.

    Refused now, and not when the model has been trained.

    Args:
        least: minimum by metric.
        most: maximum by metric.
        metrics: what is computed; None: the defaults of the task, which is not known yet.
        where: the step, for messages.

    Raises:
        ParameterError: the message names the metric.
    """
    computed = {metric_name(one) for one in all_names() if metrics is None} | {
        metric_name(one) for one in metrics or []
    }
    for argument, other, wrong, bounds in (
        ("min_metric", "max_metric", "lower", least),
        ("max_metric", "min_metric", "higher", most),
    ):
        if not isinstance(bounds, (Mapping, NoneType)):
            raise ParameterError(
                f"{argument} is {bounds!r}, which does not say of which metric.",
                where=where,
                hint=f'Write {argument}={{"roc_auc": 0.75}}, with the metric that you mean.',
            )
        for name, bound in (bounds or {}).items():
            if metric_name(name) not in computed:
                raise ParameterError(
                    f"{argument}: there is no metric '{name}' to bound.",
                    where=where,
                    hint=suggest(name, computed),
                )
            if isinstance(bound, bool) or not isinstance(bound, (int, float)) or isnan(bound):
                raise ParameterError(
                    f"{argument}: the bound of '{name}' is {bound!r}, which is no number.",
                    where=where,
                    hint=f'Write {argument}={{"{name}": 0.75}}.',
                )
            if better(name) == wrong:
                raise ParameterError(
                    f"{argument}: '{name}' is the better the {wrong} it is.",
                    where=where,
                    hint=f'Use {other}={{"{name}": {bound}}}.',
                )
    return dict(least or {}), dict(most or {})


def gate(
    least: Mapping[str, float], most: Mapping[str, float], slot: str
) -> Callable[[Callable[[str], Any]], None]:
    """What stops a run whose metrics are out of their bounds.

    Args:
        least: minimum by metric.
        most: maximum by metric.
        slot: of the evaluator.

    Returns:
        A function of a function that reads an output by its name; it raises `GateError`.
    """

    def check(read: Callable[[str], Any]) -> None:
        found = read("evaluation")
        metrics = _metrics(found)
        missed = [
            f"{where}{name} is {value:.4g}, {word} {bound:.4g}"
            for word, bounds in (("below the minimum of", least), ("above the maximum of", most))
            for name, bound in bounds.items()
            for where, value in _values(metrics, name, slot)
            if not (value >= bound if bounds is least else value <= bound)  # NaN has not passed
        ]
        if missed:
            raise GateError(
                f"The model did not pass: {'; '.join(missed)}.",
                where=slot,
                hint="Look at it: pipeline.evaluate(). Its steps are kept; change the model, or "
                "the bound.",
                slot=slot,
            )

    return check


def _metrics(found: Any) -> dict[str, dict[str, float | None]]:
    """Metrics by where they were measured: of each label on its first split."""
    if not isinstance(found, Evaluation):
        return {"": {k: v for k, v in dict(found).items() if isinstance(v, (int, float))}}
    first: dict[str, dict[str, float | None]] = {}
    for result in found.results:
        first.setdefault(result.label, result.metrics)
    return {f"{label}: " if len(first) > 1 else "": values for label, values in first.items()}


def _values(
    metrics: Mapping[str, Mapping[str, float | None]], name: str, slot: str
) -> list[tuple[str, float]]:
    name = metric_name(name)
    values = [(where, found[name]) for where, found in metrics.items() if name in found]
    if not values:
        known = {known for found in metrics.values() for known in found}
        raise ParameterError(
            f"There is no metric '{name}' to bound.", where=slot, hint=suggest(name, known)
        )
    return [(where, float("nan") if value is None else value) for where, value in values]

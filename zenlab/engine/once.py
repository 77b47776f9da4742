"""Work outside of a run: what a panel shows, computed once for the whole team."""

from __future__ import annotations

import contextlib
import os
from contextvars import ContextVar
from typing import TYPE_CHECKING

from zenlab.core import events
from zenlab.core.errors import DoesNotExistException, WorkerMissingError
from zenlab.engine import record
from zenlab.engine.machine import new_owner
from zenlab.engine.plan import make_plan
from zenlab.engine.resolve import Resolver
from zenlab.engine.values import LostInputError
from zenlab.metadata import Holder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zenlab.engine.graph import Node
    from zenlab.engine.plan import Plan
    from zenlab.engine.setting import Setting
    from zenlab.metadata import CachedExecution

_only_known: ContextVar[bool] = ContextVar("only_known", default=False)


@contextlib.contextmanager
def only_known() -> Iterator[None]:
    """Within it `compute` finds what is there, and starts no work.

    Example:
        >>> with only_known():
        ...     pipeline.view_statistics()  # doctest: +SKIP
    """
    before = _only_known.set(True)
    try:
        yield
    finally:
        _only_known.reset(before)


def compute(nodes: Sequence[Node], setting: Setting) -> dict[str, CachedExecution]:
    """Bring nodes to results without a run: from the cache, or computed and kept there.

    Args:
        nodes: in an order in which they can run; their roots are datasets that are there.
        setting: where, and for whom.

    Returns:
        The execution that serves each slot.

    Raises:
        WorkerMissingError: a node cannot run on this machine.
        StepError: a node failed.
        DoesNotExistException: it would have to be computed, within `only_known`.
    """
    if _only_known.get():
        return _known(make_plan(nodes, setting.metadata))
    holder = Holder(new_owner(), setting.user, record.HOST, os.getpid())
    run = record.outside_of_runs(setting.user, setting.git_commit, setting.git_clean)
    resolver = Resolver(setting, holder, run, events.ignore)
    for _ in nodes:
        with contextlib.suppress(LostInputError):  # it is computed again
            return _resolve_all(make_plan(nodes, setting.metadata), resolver)
    return _resolve_all(make_plan(nodes, setting.metadata), resolver)


def _known(plan: Plan) -> dict[str, CachedExecution]:
    found = {step.node.slot: step.cached for step in plan if step.cached is not None}
    if lacking := [step.node.slot for step in plan if step.cached is None]:
        raise DoesNotExistException(
            f"{', '.join(lacking)}: not computed yet.",
            where=lacking[0],
            hint="Run the cell of the panel again.",
        )
    return found


def _resolve_all(plan: Plan, resolver: Resolver) -> dict[str, CachedExecution]:
    for step in plan:
        if step.cached is None and (reason := step.node.missing()) is not None:
            raise WorkerMissingError(reason, where=step.node.slot)
    chosen: dict[str, CachedExecution] = {}
    for step in plan:
        chosen[step.node.slot] = resolver.resolve(step, chosen).execution
    return chosen

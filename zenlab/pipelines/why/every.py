"""What all pipelines of a repository would execute now: what a branch would recompute."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from zenlab.core.errors import ZenlabError
from zenlab.core.secrets import mask
from zenlab.engine.plan import make_plans
from zenlab.pipelines.base import pipeline_of
from zenlab.pipelines.running import specify, to_be_planned
from zenlab.pipelines.why.runs import NextRun
from zenlab.views.times import duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zenlab.core.workspace import Workspace
    from zenlab.engine.graph import Node
    from zenlab.engine.plan import Plan
    from zenlab.pipelines.running import Specified
    from zenlab.pipelines.spec import PipelineSpec
    from zenlab.pipelines.why.answer import RunWhy


@dataclass(frozen=True)
class PipelinePlan:
    """What a run of one pipeline would do.

    Attributes:
        name: of the pipeline.
        why: each of its steps; None of a pipeline that cannot be planned.
        problem: why it could not be planned, or run to its end; "" if nothing is known against it.
        keys: by slot: what makes two steps of two pipelines one.
    """

    name: str
    why: RunWhy | None
    problem: str = ""
    keys: tuple[tuple[str, str], ...] = ()


def explain_every(specs: Iterable[PipelineSpec], workspace: Workspace) -> list[PipelinePlan]:
    """What would be executed if each pipeline ran now; one that is broken stops no other.

    One statement finds what is there of all of them.

    Args:
        specs: the pipelines.
        workspace: the repository.
    """
    once = cast("Workspace", _AskedOnce(workspace))
    ready: list[tuple[Specified, list[Node], set[str]]] = []
    plans: dict[str, PipelinePlan] = {}
    names: list[str] = []
    for spec in specs:
        names.append(spec.name)
        try:
            found = specify(pipeline_of(spec).declared, once)
            ready.append((found, *to_be_planned(found, once)))
        except Exception as error:  # noqa: BLE001 - the others are planned all the same
            plans[spec.name] = PipelinePlan(spec.name, None, _said(error))
    made = make_plans([(nodes, force) for _, nodes, force in ready], workspace.metadata)
    ids = {step.cached.run_id for plan in made for step in plan if step.cached is not None}
    runs = workspace.metadata.runs_by_id(sorted(ids)) if ids else {}
    for (found, _, force), plan in zip(ready, made, strict=True):
        explainer = NextRun(found, workspace, plan, frozenset(force) if force else frozenset())
        explainer.know({**dict.fromkeys(ids), **runs})
        name = found.spec.name
        keys = tuple((step.node.slot, step.cache_key) for step in plan)
        plans[name] = PipelinePlan(name, explainer.explain(None), _missing_code(plan), keys)
    return [plans[name] for name in names]


def total(plans: Sequence[PipelinePlan]) -> str:
    """All of it in a line; a step that several pipelines share is executed, and counted, once.

    Args:
        plans: of `explain_every`.
    """
    running: dict[str, float | None] = {}
    cached: dict[str, float] = {}
    for plan in plans:
        for step in plan.why.steps if plan.why is not None else ():
            key = dict(plan.keys)[step.slot]
            if step.runs:
                running[key] = step.seconds
            elif step.made is not None:
                cached[key] = step.made.seconds
    count = len(running) + len(cached)
    text = f"{len(running)} of {count} step{'' if count == 1 else 's'} would run"
    known = [seconds for seconds in running.values() if seconds is not None]
    if known:
        text += f", about {duration(sum(known))}"
    if len(known) < len(running):
        text += f" and what {len(running) - len(known)} of them take that have never run"
    if cached:
        comes, saves = ("comes", "saves") if len(cached) == 1 else ("come", "save")
        text += (
            f"; {len(cached)} {comes} from the cache and {saves} {duration(sum(cached.values()))}"
        )
    broken = sum(bool(plan.problem) for plan in plans)
    what = f"{len(plans)} pipeline{'' if len(plans) == 1 else 's'}"
    return f"{what}: {text}{f'; {broken} cannot run' if broken else ''}"


def _missing_code(plan: Plan) -> str:
    """Why a step that would run could not: its code is not here, or another one."""
    for step in plan:
        if step.cached is None and not step.node.leaf:
            try:
                step.node.make()
            except Exception as error:  # noqa: BLE001 - a module of the user's may raise anything
                return f"{step.node.slot}: {_said(error)}"
    return ""


def _said(error: Exception) -> str:
    if isinstance(error, ZenlabError):
        return error.message
    return mask(" ".join(traceback.format_exception_only(error)[-1].split()))


class _AskedOnce:
    """A workspace whose store is asked once for each commit of data."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.metadata = _Commits(workspace.metadata)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._workspace, name)


class _Commits:
    def __init__(self, store: Any) -> None:
        self._store = store
        self._known: dict[tuple[str, str, str], Any] = {}

    def commit(self, project: str, name: str, digest: str) -> Any:
        key = project, name, digest
        if self._known.get(key) is None:  # in a new clone it is made when it is first asked for
            self._known[key] = self._store.commit(project, name, digest)
        return self._known[key]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

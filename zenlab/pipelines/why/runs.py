"""Why the steps of a run were executed or came from the cache; why they would be in the next one.

A step is compared with the nearest earlier execution of its kind (`engine.why`). Where it differs
in an input, the steps before it are compared with those of the run in which that execution took
place, so that the explanation ends at what somebody has changed (`pipelines.why.steps`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.core.errors import DoesNotExistException
from zenlab.engine.fingerprint.listing import listing, read_listing
from zenlab.engine.graph import Ref
from zenlab.engine.plan import input_digests
from zenlab.pipelines.outcome import outcome_of
from zenlab.pipelines.running import specified_plan, specify
from zenlab.pipelines.spec import from_document
from zenlab.pipelines.why.answer import Made, RunWhy, StepWhy
from zenlab.pipelines.why.steps import Explainer, Side
from zenlab.pipelines.wiring import input_slots, slot_order, upstream_slots

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from zenlab.core.workspace import Workspace
    from zenlab.engine.plan import Plan, PlannedStep
    from zenlab.metadata import CachedExecution, ExecutionRecord, RunRecord
    from zenlab.pipelines.declare import Declared
    from zenlab.pipelines.running import Specified

_DISABLED = "the pipeline has enable_cache=False: every run executes every step"
_CUT_OFF = "early cut-off: a step before it is another, but its inputs are the same"
_CLOCK_MS = 2
"""By how much two times that were rounded may be wrong."""


def explain_run(run: RunRecord, workspace: Workspace, slot: str | None = None) -> RunWhy:
    """Why the steps of a run were executed or came from the cache, as it was at that time.

    Args:
        run: the run, however it ended.
        workspace: the repository.
        slot: only this step; by default all.

    Raises:
        DoesNotExistException: the pipeline has no such step, or is not known any more.
    """
    return _PastRun(run, workspace).explain(slot)


def explain_next(
    declared: Declared,
    workspace: Workspace,
    slot: str | None = None,
    *,
    force: AbstractSet[str] = frozenset(),
) -> RunWhy:
    """Why the steps would be executed or come from the cache if the pipeline ran now.

    Args:
        declared: the pipeline as it stands.
        workspace: the repository.
        slot: only this step; by default all.
        force: slots to execute whatever the cache has.

    Raises:
        DoesNotExistException: the pipeline has no such step.
    """
    found = specify(declared, workspace)
    plan = specified_plan(found, workspace, force=force)
    return NextRun(found, workspace, plan, force).explain(slot)


class _PastRun(Explainer):
    """A run that took place."""

    def __init__(self, run: RunRecord, workspace: Workspace) -> None:
        record = workspace.metadata.pipeline(
            workspace.project, run.pipeline_name, digest=run.pipeline_digest
        )
        if record is None:
            raise DoesNotExistException(f"{run.label} is not in the metadata store any more.")
        super().__init__(workspace, from_document(record.spec, run.label), run.label)
        self.run = run

    def explain(self, slot: str | None) -> RunWhy:
        store = self.workspace.metadata
        by_id = {e.id: e for e in store.executions([r.execution_id for r in self.run.resolved])}
        used = {r.slot: by_id[r.execution_id] for r in self.run.resolved if r.execution_id in by_id}
        declared = sorted(self.spec.steps, key=slot_order)
        if not used.keys() >= set(declared):
            # Of statistics also in a run that has succeeded.
            failed = store.run_executions(self.run.id)
            used |= {e.slot: e for e in failed if e.status != "succeeded"}
        wanted = self.wanted(slot, list(dict.fromkeys([*declared, *used])))
        self.know_runs(e.run_id for e in used.values())
        sides = {
            name: Side(name, self._title(name, e), e.identity, e.inputs, self._slots(name, e))
            for name, e in used.items()
        }
        steps = [self._step(name, used.get(name), sides) for name in wanted]
        outcome = outcome_of(self.run, self.workspace) if slot is None else ""
        return RunWhy(self.label, self._head(), tuple(steps), outcome)

    def _title(self, slot: str, used: ExecutionRecord | None) -> str:
        if slot in self.spec.steps or used is None:
            return self.spec.steps[slot].title
        return used.title

    def _slots(self, slot: str, used: ExecutionRecord) -> dict[str, str | None]:
        if slot in self.spec.steps:
            return input_slots(slot, self.spec)
        # What zenlab adds by itself names its inputs after what they are.
        return {name: name for name in used.inputs}

    def _head(self) -> str:
        made = Made(
            self.label,
            self.run.user,
            self.run.user == self.workspace.user,
            self.run.host,
            self.run.git_commit,
            self.run.ended_ms or self.run.started_ms,
            0.0,
        )
        return f"run of {made}: {self.run.status}"

    def _step(self, slot: str, used: ExecutionRecord | None, sides: Mapping[str, Side]) -> StepWhy:
        title = self._title(slot, used)
        resolved = next((r for r in self.run.resolved if r.slot == slot), None)
        if used is None:
            return self._unused(slot, title)
        if resolved is not None and resolved.how == "hit":
            note = ""
            if used.run_id == self.run.id:
                note = "another step of this run had done the same work"
            elif resolved.why == "equal" and used.ended_ms > self.run.started_ms + _CLOCK_MS:
                note = "it was being computed there, and this run waited for it"
            elif resolved.why == "equal":
                note = _CUT_OFF
            return StepWhy(slot, title, "hit", self.label, note=note, made=self.made(used))
        compared = self.compare(sides[slot], sides, until=self.run)
        found, causes = compared if compared is not None else (None, [])
        error = used.error or {}
        state: Any = "executed" if used.status == "succeeded" else used.status
        return StepWhy(
            slot=slot,
            title=title,
            state=state,
            pipeline=self.label,
            note=self.note(slot),
            seconds=used.seconds if used.status == "succeeded" else None,
            nearest=self.made(found.execution) if found is not None else None,
            differences=found.differences if found is not None else (),
            causes=tuple(causes),
            error=f"{error['type']}: {error['message']}" if error else "",
        )

    def _unused(self, slot: str, title: str) -> StepWhy:
        """A step that has no result: the run had ended before it, or went on without it."""
        told = [f["message"] for f in self.run.findings if f.get("slot") == slot]
        if self.run.status == "succeeded":
            there = {r.slot for r in self.run.resolved}
            needs = [s for s in upstream_slots(slot, self.spec) if s not in there]
            without = f"it needs {needs[0]}" if needs else "the run went on without it"
            note = "; ".join(told) or without
            return StepWhy(slot, title, "left out", self.label, note=note)
        before = (self.run.error or {}).get("slot") or "a step before"
        ending = {
            "running": "the run goes on",
            "lost": "the run's process is gone, and has not said what came of it",
        }.get(self.run.status, f"the run {self.run.status} in {before}")
        note = "; ".join(told) or ending
        return StepWhy(slot, title, "not reached", self.label, note=note)

    def note(self, slot: str) -> str:
        resolved = next((r for r in self.run.resolved if r.slot == slot), None)
        if resolved is None or resolved.how == "hit":
            return ""
        return {
            "forced": "it was forced",
            "disabled": _DISABLED,
            "lost": "the artifacts of an earlier execution were lost or damaged",
        }.get(resolved.why, "")


class NextRun(Explainer):
    """What a run would do now.

    Args:
        found: the pipeline.
        workspace: the repository.
        plan: of it.
        force: slots to execute whatever the cache has.
    """

    def __init__(
        self,
        found: Specified,
        workspace: Workspace,
        plan: Plan,
        force: AbstractSet[str] = frozenset(),
    ) -> None:
        super().__init__(workspace, found.spec, found.spec.name)
        self.plan = plan
        self.force = force
        self.left_out = _left_out(self.plan)
        self.know_code({mark.digest: read_listing(listing(mark)) for mark in found.marks})

    def explain(self, slot: str | None) -> RunWhy:
        """All steps, or one."""
        wanted = self.wanted(slot, [s.node.slot for s in self.plan])
        self.know_runs(s.cached.run_id for s in self.plan if s.cached is not None)
        chosen = {s.node.slot: s.cached for s in self.plan if s.cached is not None}
        sides = {s.node.slot: self._side(s, chosen) for s in self.plan}
        steps = [self._step(s, sides) for s in self.plan if s.node.slot in wanted]
        return RunWhy(self.label, f"if {self.label} ran now:", tuple(steps))

    def _side(self, step: PlannedStep, chosen: Mapping[str, CachedExecution]) -> Side:
        node = step.node
        return Side(
            node.slot,
            node.title,
            node.identity.as_plain(),
            input_digests(node, chosen) if step.work_key is not None else None,
            {n: s.slot if isinstance(s, Ref) else None for n, s in node.inputs.items()},
        )

    def note(self, slot: str) -> str:
        if not self.spec.enable_cache:
            return _DISABLED
        return "it is forced" if slot in self.force else ""

    def _step(self, step: PlannedStep, sides: Mapping[str, Side]) -> StepWhy:
        slot, title = step.node.slot, step.node.title
        if step.cached is not None:
            note = ""
            if not step.cached.cache_key:
                note = _CUT_OFF
            made = self.made(step.cached)
            return StepWhy(slot, title, "would hit", self.label, note=note, made=made)
        if slot in self.left_out:
            note = self.left_out[slot]
            return StepWhy(slot, title, "would be left out", self.label, note=note)
        running = {s.node.slot for s in self.plan if s.cached is None}
        compared = self.compare(sides[slot], sides, running=running)
        found, causes = compared if compared is not None else (None, [])
        return StepWhy(
            slot=slot,
            title=title,
            state="would run",
            pipeline=self.label,
            note=self.note(slot),
            seconds=found.execution.seconds if found is not None else None,
            nearest=self.made(found.execution) if found is not None else None,
            differences=found.differences if found is not None else (),
            causes=tuple(causes),
        )


def _left_out(plan: Sequence[PlannedStep]) -> dict[str, str]:
    """Why leaves would have no result on this machine, by slot; said in full once."""
    found: dict[str, str] = {}
    for step in plan:
        node = step.node
        if not node.leaf or step.cached is not None:
            continue
        needs = next((slot for slot in node.upstream if slot in found), None)
        reason = f"it needs {needs}" if needs is not None else node.missing()
        if reason is not None:
            found[node.slot] = reason
    return found

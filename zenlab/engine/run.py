"""A run: resolve the plan step by step, execute what is missing, record what came of it."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from zenlab.core import events
from zenlab.core.errors import GateError, RunCancelledError, ZenlabError
from zenlab.core.ids import new_id
from zenlab.engine import keys, record
from zenlab.engine.environment import record_environment
from zenlab.engine.failure import described, said
from zenlab.engine.going import Going
from zenlab.engine.gone import sweep
from zenlab.engine.leaves import Leaves
from zenlab.engine.machine import new_owner
from zenlab.engine.plan import LOST, PlannedStep, input_digests, make_plan
from zenlab.engine.resolve import Resolver, hit
from zenlab.engine.stopping import Stopped
from zenlab.engine.values import LostInputError
from zenlab.metadata import CachedExecution, Holder, Resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from zenlab.engine.graph import Node
    from zenlab.engine.leaves import LeafResult
    from zenlab.engine.resolve import Resolution
    from zenlab.engine.setting import Setting
    from zenlab.metadata import PipelineRecord, RunRecord
    from zenlab.metadata.records import How, RunStatus, Why

MAX_RECOVERIES = 5
"""How often one run recomputes lost artifacts before it gives up."""


@dataclass(frozen=True)
class StepResult:
    """How one slot came to its result."""

    slot: str
    title: str
    how: How
    cache_key: str
    execution: CachedExecution
    why: Why = ""

    def resolved(self) -> Resolved:
        """The entry of the run's row."""
        e = self.execution
        return Resolved(self.slot, e.execution_id, self.cache_key, e.work_key, self.how, self.why)


@dataclass(frozen=True)
class RunResult:
    """A run that has succeeded: its row, and each slot with the execution that serves it."""

    record: RunRecord
    steps: dict[str, StepResult]
    seconds: float

    @property
    def executed(self) -> int:
        """How many steps were executed."""
        return sum(step.how == "executed" for step in self.steps.values())

    @property
    def cached(self) -> int:
        """How many steps came from the cache."""
        return len(self.steps) - self.executed


@dataclass
class _State:
    """What is known while a run goes on."""

    run: RunRecord
    plan: list[PlannedStep]
    force: AbstractSet[str]
    disabled: bool = False
    started: float = field(default_factory=time.perf_counter)
    chosen: dict[str, CachedExecution] = field(default_factory=dict)
    results: dict[str, StepResult] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)
    recoveries: int = 0
    going: Going | None = None

    def forced(self, slot: str) -> Why:
        """Why a slot is executed whatever is there; empty if it is not."""
        if slot not in self.force:
            return ""
        return "disabled" if self.disabled else "forced"

    def ended(self, status: RunStatus) -> RunRecord:
        """The row of the run, if it ended now."""
        slots = [step.node.slot for step in self.plan if step.node.slot in self.results]
        resolved = [self.results[slot].resolved() for slot in slots]
        return record.ended(
            self.run, status, resolved, self.findings, time.perf_counter() - self.started
        )


class Runner:
    """Runs plans in one setting.

    Example:
        >>> Runner(setting).run(nodes, pipeline_record)  # doctest: +SKIP
    """

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._store = setting.metadata
        self._tell = setting.listener
        self._holder = Holder(new_owner(), setting.user, record.HOST, os.getpid())

    def run(
        self,
        nodes: Sequence[Node],
        pipeline: PipelineRecord,
        *,
        force: AbstractSet[str] = frozenset(),
        findings: Sequence[str] = (),
        disabled: bool = False,
    ) -> RunResult:
        """Bring every node to a result.

        Args:
            nodes: in an order in which they can run.
            pipeline: the revision that they belong to.
            force: slots to execute whatever is there.
            findings: what is to be said of this run beforehand.
            disabled: the pipeline's cache is: execute all slots, which `force` need not name.

        Raises:
            StepError: a step failed; what had finished before stays cached.
            GateError: a result did not pass its gate. It stays cached, too.
            BusyError: somebody else computes a step, and `on_busy` is `fail`.
            RunCancelledError: somebody asked it to stop, in the store.
            KeyboardInterrupt: the user stopped it; its claim is free again.
        """
        if disabled:
            force = {node.slot for node in nodes}
        plan = make_plan(nodes, self._store, force=force)
        where = self._setting
        run = record.run_record(new_id(), pipeline, where.user, where.git_commit, where.git_clean)
        state = _State(run, plan, force, disabled)
        self._tell(
            events.RunPlanned(
                pipeline.name,
                tuple(node.slot for node in nodes),
                tuple(node.title for node in nodes),
                run_id=run.id,
                inputs=tuple(tuple(dict.fromkeys(node.upstream)) for node in nodes),
            )
        )
        for message in findings:
            self._find(state, None, message)
        for step in plan:
            if step.node.leaf and step.cached is None:
                self._skip_missing(state, step)
        todo = [step for step in plan if step.node.slot not in state.skipped]
        gated = any(step.node.check is not None for step in plan)
        if not gated and all(step.cached is not None for step in todo):
            for step in todo:
                assert step.cached is not None
                self._use(state, step, hit(step.cached))
            ended = state.ended("succeeded")
            self._store.record_run(ended)
        else:
            ended = self._execute(state)
        result = RunResult(ended, state.results, time.perf_counter() - state.started)
        self._tell(events.RunEnded("succeeded", result.executed, result.cached, result.seconds))
        return result

    def _execute(self, state: _State) -> RunRecord:
        """Run what is not all there; the row of the run, which has ended."""
        run = state.run
        # Before the run's own row: what fails here leaves no run that seems to go on.
        record_environment(run.id, self._setting)
        self._store.start_run(run)
        first = partial(sweep, self._store, run.project, self._setting.artifacts)
        ttl_ms = self._setting.ttl_ms
        with Going(
            self._store, run.id, self._holder, state.plan, ttl_ms, at_first=first
        ) as state.going:
            for slot, reason in state.skipped.items():
                state.going.tell(events.StepSkipped(slot, reason))
            try:
                with contextlib.closing(Leaves(partial(self._resolver, state, True))) as leaves:
                    self._resolve_all(state, leaves)
            except Stopped as error:
                told, request = _cancelled(state.going, error)
                self._end_badly(state, error, told, request)
                raise told from error
            except BaseException as error:
                self._end_badly(state, error, error, {})
                raise
            ended = state.ended("succeeded")
            self._store.end_run(run.id, "succeeded", ended.resolved, findings=ended.findings)
        return ended

    def _resolver(
        self, state: _State, beside: bool, tell: Callable[[events.Event], None]
    ) -> Resolver:
        return Resolver(
            self._setting, self._holder, state.run, tell, beside=beside, going=state.going
        )

    # ------------------------------------------------------------------ resolving

    def _resolve_all(self, state: _State, leaves: Leaves) -> None:
        """Go through the steps in order; from a lost input back to the step that left it."""
        assert state.going is not None
        stopping = state.going.stopping
        resolver = self._resolver(state, False, self._tell)
        order = [step.node.slot for step in state.plan]
        position = 0
        while True:
            try:
                if position < len(order):
                    stopping.check()
                    self._next(state, state.plan[position], resolver, leaves)
                    position += 1
                else:
                    self._settle(state, leaves.wait(self._tell, stopping.check))
                    _refuse_ungated([s.node.slot for s in state.plan if s.node.check], state)
                    return
            except LostInputError as lost:
                state.recoveries += 1
                if state.recoveries > MAX_RECOVERIES:
                    raise
                ended = list(leaves.wait(self._tell, stopping.check))
                position = self._recover(state, lost, ended)

    def _recover(self, state: _State, lost: LostInputError, ended: Sequence[LeafResult]) -> int:
        """Go back to the first step whose output is lost; its position.

        Args:
            state: of the run.
            lost: what is lost.
            ended: the leaves that were begun; they may have missed something as well.
        """
        order = [step.node.slot for step in state.plan]
        missed = [leaf.error for leaf in ended if isinstance(leaf.error, LostInputError)]
        for error in [lost, *missed]:
            self._find(state, error.slot, f"{error.message} It is computed again.")
            state.plan[order.index(error.slot)].reason = LOST
        position = min(order.index(error.slot) for error in [lost, *missed])
        # What stands after it is looked up anew: other bytes would make it another work.
        again = order[position:]
        for slot in again:
            state.chosen.pop(slot, None)
            state.results.pop(slot, None)
        self._settle(state, [leaf for leaf in ended if leaf.step.node.slot not in again])
        return position

    def _next(self, state: _State, step: PlannedStep, resolver: Resolver, leaves: Leaves) -> None:
        node = step.node
        if node.slot in state.skipped:
            return
        if any(slot not in state.chosen for slot in node.after):
            assert state.going is not None
            self._settle(state, leaves.wait(self._tell, state.going.stopping.check))
            _refuse_ungated(node.after, state)
        forced = state.forced(node.slot)
        if not node.leaf:
            self._use(state, step, resolver.resolve(step, state.chosen, forced=forced))
        elif (found := resolver.served(step, state.chosen)) is not None:
            self._use(state, step, found)
        elif not self._skip_missing(state, step):
            leaves.begin(step, state.chosen, forced)
        self._settle(state, leaves.news(self._tell))

    def _settle(self, state: _State, ended: Iterable[LeafResult]) -> None:
        """Take in leaves that have ended."""
        for leaf in ended:
            slot = leaf.step.node.slot
            if leaf.resolution is not None:
                self._use(state, leaf.step, leaf.resolution)
            elif isinstance(leaf.error, LostInputError):
                raise leaf.error
            elif leaf.error is not None:
                # Without the name of the step, which is told apart.
                cause = leaf.error.__cause__
                ours = cause if isinstance(cause, ZenlabError) else None
                self._skip(state, slot, said(ours or leaf.error))
            else:
                self._skip(state, slot, needs=_skipped_before(leaf.step.node, state))

    def _skip_missing(self, state: _State, step: PlannedStep) -> bool:
        """Leave out a leaf that cannot run here, unless its work has been done elsewhere.

        Returns:
            Whether it needs nothing more: it is left out, or found.
        """
        node = step.node
        needs = _skipped_before(node, state)
        if needs:
            self._skip(state, node.slot, needs=needs)
            return True
        chosen = state.chosen
        known = chosen.keys() >= set(node.upstream)
        if step.work_key is None and not known:
            return False  # its inputs are not there yet
        reason = node.missing()
        if reason is None:
            return False
        if known and not state.forced(node.slot):
            work_key = keys.work_key(node.identity, input_digests(node, chosen))
            for done in self._store.find_done([work_key]):
                self._use(state, step, hit(done))
                return True
        self._skip(state, node.slot, reason)
        return True

    def _skip(self, state: _State, slot: str, reason: str = "", *, needs: str = "") -> None:
        if not needs:
            state.findings.append({"slot": slot, "message": reason})
        state.skipped[slot] = reason or f"It needs {needs}, which has no result."
        self._say(state, events.StepSkipped(slot, state.skipped[slot], needs))

    # ------------------------------------------------------------------ telling and recording

    def _use(self, state: _State, step: PlannedStep, found: Resolution) -> None:
        slot, execution = step.node.slot, found.execution
        state.chosen[slot] = execution
        state.results[slot] = StepResult(
            slot, step.node.title, found.how, step.cache_key, execution, found.why
        )
        if found.how == "hit":
            self._say(
                state,
                events.StepCached(slot, execution.user, execution.ended_ms, execution.seconds),
            )
        else:
            self._say(state, events.StepExecuted(slot, execution.seconds))
        for message in execution.findings:
            self._find(state, slot, message)
        if step.node.check is not None:
            reader = self._resolver(state, False, self._tell)
            step.node.check(lambda name: reader.read(slot, execution, name))

    def _find(self, state: _State, slot: str | None, message: str) -> None:
        finding = {"slot": slot, "message": message}
        if finding not in state.findings:
            state.findings.append(finding)
            self._tell(events.Finding(slot, message))

    def _say(self, state: _State, event: events.Event) -> None:
        if state.going is not None:
            state.going.tell(event)
        self._tell(event)

    def _end_badly(
        self, state: _State, error: BaseException, told: BaseException, more: dict[str, Any]
    ) -> None:
        """Record how the run ended by an error, what the user is told, and what else is known."""
        ended = state.ended("failed" if isinstance(error, Exception) else "interrupted")
        slot = next(
            (
                s.node.slot
                for s in state.plan
                if s.node.slot not in state.chosen and not s.node.leaf
            ),
            None,
        )
        if isinstance(error, GateError):
            slot = error.slot
            error.partial = RunResult(ended, state.results, time.perf_counter() - state.started)
        self._store.end_run(
            ended.id,
            ended.status,
            ended.resolved,
            findings=ended.findings,
            error=described(told) | {"slot": slot} | more,
        )
        seconds = time.perf_counter() - state.started
        self._tell(events.RunEnded(ended.status, ended.executed, ended.cached, seconds))


def _cancelled(going: Going, error: Stopped) -> tuple[RunCancelledError, dict[str, Any]]:
    """What is told of a run that was asked to stop; and who asked, and when, for its row."""
    request = going.stopping.request
    assert request is not None
    who = request.user.partition(" <")[0]
    told = RunCancelledError(
        f"{who} on {request.host} cancelled this run.",
        hint="What had finished is kept: run again to go on from there.",
    )
    told.__cause__ = error  # where it was stopped
    more = {"by": request.user, "host": request.host, "at_ms": request.at_ms}
    return told, {"cancelled": more}


def _skipped_before(node: Node, state: _State) -> str:
    """The leaf that a leaf needs and that has no result; empty if there is none."""
    return next((slot for slot in node.upstream if slot in state.skipped), "")


def _refuse_ungated(slots: Iterable[str], state: _State) -> None:
    """Stop where a gate could not even be looked at."""
    for slot in slots:
        if slot not in state.chosen:
            leaf = next(step.node for step in state.plan if step.node.slot == slot)
            reason = state.skipped.get(_skipped_before(leaf, state) or slot, "nobody began it.")
            raise GateError(
                f"Step '{slot}' has a gate to pass, but no result: {reason}",
                where=slot,
                hint="Mend it, or take the gate away.",
                slot=slot,
            )

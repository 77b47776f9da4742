"""A run: resolve the plan step by step, execute what is missing, record what came of it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from zenlab.core import events
from zenlab.core.errors import ClaimLostError
from zenlab.core.ids import new_id
from zenlab.engine import keys, record
from zenlab.engine.attempt import Attempt
from zenlab.engine.claims import Claims
from zenlab.engine.failure import described, step_error
from zenlab.engine.machine import new_owner
from zenlab.engine.plan import PlannedStep, input_digests, make_plan
from zenlab.engine.values import LostInputError, Reader, record_of
from zenlab.metadata import CachedExecution, ClaimDone, Holder, MetricRecord, Resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from zenlab.artifacts import ArtifactStore
    from zenlab.engine.attempt import Outcome
    from zenlab.engine.graph import Node
    from zenlab.metadata import ExecutionRecord, MetadataStore, PipelineRecord, RunRecord
    from zenlab.metadata.records import How, RunStatus

_MAX_LOG = 10_000

MAX_RECOVERIES = 5
"""How often one run recomputes lost artifacts before it gives up."""


@dataclass(frozen=True)
class Setting:
    """Where a run takes place, and for whom.

    Attributes:
        metadata: the metadata store.
        artifacts: the artifact store.
        root: the repository, which declared files are relative to.
        code_root: the Git work tree around it: where undeclared files are noticed.
        user: who runs it.
        git_commit: the commit that is checked out, or None.
        resolve: finds the class of a model with its own `load` by its recorded source.
        listener: is told of each event.
        on_busy: what to do when somebody else computes a step: `wait`, `run` or `fail`.
        ttl_ms: how long a claim of this run lives without a heartbeat, in ms.
    """

    metadata: MetadataStore
    artifacts: ArtifactStore
    root: Path
    code_root: Path
    user: str
    git_commit: str | None = None
    resolve: Callable[[str], type] | None = None
    listener: Callable[[events.Event], None] = events.ignore
    on_busy: str = "wait"
    ttl_ms: int = 60_000


@dataclass(frozen=True)
class StepResult:
    """How one slot came to its result."""

    slot: str
    title: str
    how: How
    cache_key: str
    execution: CachedExecution

    def resolved(self) -> Resolved:
        """The entry of the run's row."""
        e = self.execution
        return Resolved(self.slot, e.execution_id, self.cache_key, e.work_key, self.how)


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
    started: float = field(default_factory=time.perf_counter)
    chosen: dict[str, CachedExecution] = field(default_factory=dict)
    results: dict[str, StepResult] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)
    recoveries: int = 0

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
        holder = Holder(new_owner(), setting.user, record.HOST, os.getpid())
        self._claims = Claims(
            setting.metadata,
            holder,
            ttl_ms=setting.ttl_ms,
            on_busy=setting.on_busy,
            tell=self._tell,
        )
        self._reader = Reader(setting.artifacts, resolve=setting.resolve, on_lost=self._on_lost)

    def run(
        self,
        nodes: Sequence[Node],
        pipeline: PipelineRecord,
        *,
        force: AbstractSet[str] = frozenset(),
        findings: Sequence[str] = (),
    ) -> RunResult:
        """Bring every node to a result.

        Args:
            nodes: in an order in which they can run.
            pipeline: the revision that they belong to.
            force: slots to execute whatever is there.
            findings: what is to be said of this run beforehand.

        Raises:
            StepError: a step failed; what had finished before stays cached.
            BusyError: somebody else computes a step, and `on_busy` is `fail`.
            KeyboardInterrupt: the user stopped it; its claim is free again.
        """
        plan = make_plan(nodes, self._store, force=force)
        run = record.run_record(new_id(), pipeline, self._setting.user, self._setting.git_commit)
        state = _State(run, plan, force)
        self._tell(
            events.RunPlanned(
                pipeline.name,
                tuple(node.slot for node in nodes),
                tuple(node.title for node in nodes),
            )
        )
        for message in findings:
            self._find(state, None, message)
        if all(step.cached is not None for step in plan):
            for step in plan:
                self._use(state, step, step.cached, "hit")
            ended = state.ended("succeeded")
            self._store.record_run(ended)
        else:
            self._store.start_run(run)
            try:
                self._resolve_all(state)
            except BaseException as error:
                self._end_badly(state, error)
                raise
            ended = state.ended("succeeded")
            self._store.end_run(run.id, "succeeded", ended.resolved, findings=ended.findings)
        result = RunResult(ended, state.results, time.perf_counter() - state.started)
        self._tell(events.RunEnded("succeeded", result.executed, result.cached, result.seconds))
        return result

    # ------------------------------------------------------------------ resolving

    def _resolve_all(self, state: _State) -> None:
        """Go through the steps in order; from a lost input back to the step that left it."""
        order = [step.node.slot for step in state.plan]
        position = 0
        while position < len(order):
            try:
                self._resolve(state, state.plan[position])
            except LostInputError as lost:
                state.recoveries += 1
                if state.recoveries > MAX_RECOVERIES:
                    raise
                self._find(state, lost.slot, f"{lost.message} It is computed again.")
                position = order.index(lost.slot)
                state.plan[position].reason = "its artifact was lost"
                # What stands after it is looked up anew: other bytes would make it another work.
                for slot in order[position:]:
                    state.chosen.pop(slot, None)
            else:
                position += 1

    def _resolve(self, state: _State, step: PlannedStep) -> None:
        node = step.node
        work_key = keys.work_key(node.identity, input_digests(node, state.chosen))
        lost = step.reason == "its artifact was lost"
        if step.cached is not None and step.cached.work_key == work_key and not lost:
            self._use(state, step, step.cached, "hit")
            return
        renew_before = state.run.id if node.slot in state.force else None
        claimed = self._claims.take(node.slot, work_key, step.cache_key, renew_before=renew_before)
        if isinstance(claimed, ClaimDone):
            self._use(state, step, claimed.execution, "hit")
            return
        self._tell(events.StepStarted(node.slot, step.reason or "its inputs have new values"))
        try:
            execution = self._execute(state, step, work_key, claimed.fence)
        except ClaimLostError:
            # Somebody took over while this process was stalled: theirs is what counts.
            self._resolve(state, step)
            return
        self._use(state, step, execution, "executed")

    def _execute(
        self, state: _State, step: PlannedStep, work_key: str, fence: int
    ) -> CachedExecution:
        node, owner = step.node, self._claims.owner
        attempt = Attempt(
            self._setting.artifacts,
            f"{node.identity.kind}/{work_key[:2]}/{work_key}/{fence}-{owner}",
            node.slot,
            root=self._setting.code_root,
            declared=tuple(str(self._setting.root / name) for name in node.identity.files),
            on_progress=lambda done, total, message: self._tell(
                events.StepProgress(node.slot, done, total, message)
            ),
        )
        execution = record.execution_record(state.run, step, work_key, state.chosen)
        try:
            with self._claims.kept(work_key, fence):
                self._reader.lost = None
                inputs = self._reader.inputs(node, state.chosen)
                odd = node.findings()
                outcome = attempt.run(node.make(), inputs)
                outcome.findings += odd
            return self._record(attempt, execution, outcome, step, fence)
        except ClaimLostError:
            raise
        except BaseException as error:
            self._store.release(work_key, owner, fence)
            if self._reader.lost is not None and isinstance(error, Exception):
                raise self._reader.lost from error
            self._fail(execution, attempt, error)
            if isinstance(error, Exception):
                raise step_error(node, error) from error
            raise

    def _record(
        self,
        attempt: Attempt,
        execution: ExecutionRecord,
        outcome: Outcome,
        step: PlannedStep,
        fence: int,
    ) -> CachedExecution:
        """Make the outcome visible to all, in one transaction."""
        artifacts = tuple(record_of(name, stored) for name, stored in outcome.outputs.items())
        execution = replace(execution, seconds=outcome.seconds, findings=tuple(outcome.findings))
        try:
            self._store.finish(
                execution.work_key,
                self._claims.owner,
                fence,
                execution,
                artifacts=artifacts,
                params=step.node.identity.args,
                metrics=tuple(MetricRecord(*metric) for metric in outcome.metrics),
                cache_keys=(step.cache_key,),
            )
        except ClaimLostError:
            # Only then is it certain that nothing was recorded: after an interrupt or a broken
            # connection the transaction may have gone through, and its artifacts must stay.
            attempt.discard()
            raise
        return record.as_cached(execution, fence, artifacts)

    # ------------------------------------------------------------------ telling and recording

    def _use(
        self, state: _State, step: PlannedStep, execution: CachedExecution | None, how: How
    ) -> None:
        assert execution is not None
        slot = step.node.slot
        state.chosen[slot] = execution
        state.results[slot] = StepResult(slot, step.node.title, how, step.cache_key, execution)
        if how == "hit":
            self._tell(
                events.StepCached(slot, execution.user, execution.ended_ms, execution.seconds)
            )
        else:
            self._tell(events.StepExecuted(slot, execution.seconds))
        for message in execution.findings:
            self._find(state, slot, message)

    def _find(self, state: _State, slot: str | None, message: str) -> None:
        finding = {"slot": slot, "message": message}
        if finding not in state.findings:
            state.findings.append(finding)
            self._tell(events.Finding(slot, message))

    def _on_lost(self, _slot: str, execution: CachedExecution | ExecutionRecord) -> None:
        self._store.reopen(execution.work_key, execution.fence)

    def _end_badly(self, state: _State, error: BaseException) -> None:
        ended = state.ended("failed" if isinstance(error, Exception) else "interrupted")
        slot = next((s.node.slot for s in state.plan if s.node.slot not in state.chosen), None)
        self._store.end_run(
            ended.id,
            ended.status,
            ended.resolved,
            findings=ended.findings,
            error=described(error) | {"slot": slot},
        )
        seconds = time.perf_counter() - state.started
        self._tell(events.RunEnded(ended.status, ended.executed, ended.cached, seconds))

    def _fail(self, execution: ExecutionRecord, attempt: Attempt, error: BaseException) -> None:
        interrupted = not isinstance(error, Exception)
        kept = described(error) | {"log": attempt.log[-_MAX_LOG:]}
        self._store.record_execution(
            replace(execution, status="interrupted" if interrupted else "failed", error=kept)
        )
        self._tell(events.StepFailed(execution.slot, kept["message"], interrupted))

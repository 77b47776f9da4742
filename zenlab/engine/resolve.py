"""One step of a run: claim its work, execute it, record what came of it."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from zenlab.core import events
from zenlab.core.errors import ClaimLostError, StoreError
from zenlab.engine import keys, record
from zenlab.engine.attempt import Attempt
from zenlab.engine.claims import Claims
from zenlab.engine.failure import described, step_error
from zenlab.engine.going import attempt_folder
from zenlab.engine.plan import LOST, input_digests
from zenlab.engine.stopping import Stopped
from zenlab.engine.values import Reader, record_of
from zenlab.metadata import ClaimDone, MetricRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zenlab.core.step import Step
    from zenlab.engine.attempt import Outcome
    from zenlab.engine.going import Going
    from zenlab.engine.graph import Node
    from zenlab.engine.plan import PlannedStep
    from zenlab.engine.setting import Setting
    from zenlab.metadata import CachedExecution, ExecutionRecord, Holder, RunRecord
    from zenlab.metadata.records import How, Why

_MAX_LOG = 10_000
_WITH_THE_RUN = "It was stopped together with the run."


@dataclass(frozen=True)
class Resolution:
    """How a step came to its result."""

    execution: CachedExecution
    how: How
    why: Why = ""


def hit(execution: CachedExecution) -> Resolution:
    """What a plan has found; without a cache key it was by the work key."""
    return Resolution(execution, "hit", "" if execution.cache_key else "equal")


class Resolver:
    """Brings steps to their results, one at a time.

    Args:
        setting: where, and for whom.
        holder: who claims.
        run: the run that the executions belong to.
        tell: is told each event.
        beside: the steps run in a thread beside others: what is printed meanwhile is not theirs.
        going: is told each event, too, and says whether the run shall stop.
    """

    def __init__(
        self,
        setting: Setting,
        holder: Holder,
        run: RunRecord,
        tell: Callable[[events.Event], None],
        *,
        beside: bool = False,
        going: Going | None = None,
    ) -> None:
        self._setting = setting
        self._store = setting.metadata
        self._run = run
        self._listener = tell
        self._beside = beside
        self._going = going
        self._given_up = threading.Event()
        self._claims = Claims(
            setting.metadata,
            holder,
            ttl_ms=setting.ttl_ms,
            on_busy=setting.on_busy,
            tell=self._tell,
            pause=self._pause,
        )
        self._reader = Reader(setting.artifacts, resolve=setting.resolve, on_lost=self._on_lost)
        self._step: Step | None = None

    def stop(self) -> None:
        """Give up what is being resolved, and all that comes; called from another thread."""
        self._given_up.set()
        step = self._step
        if step is not None:
            step.cancel()

    def served(self, step: PlannedStep, chosen: Mapping[str, CachedExecution]) -> Resolution | None:
        """What the plan has found for a step, if that still follows from what was chosen.

        Args:
            step: of the plan.
            chosen: the execution that serves, by slot.
        """
        cached = step.cached
        if cached is None or step.reason == LOST or not chosen.keys() >= set(step.node.upstream):
            return None
        return hit(cached) if cached.work_key == _work_key(step, chosen) else None

    def read(self, slot: str, execution: CachedExecution, name: str) -> Any:
        """An output of a finished step.

        Raises:
            LostInputError: it is gone or damaged; the step has to run again.
        """
        artifacts = {a.name: a for a in execution.artifacts}
        return self._reader.output(slot, execution, artifacts[name])

    def resolve(
        self, step: PlannedStep, chosen: Mapping[str, CachedExecution], *, forced: Why = ""
    ) -> Resolution:
        """Bring one step to a result: what is there, what somebody else computes, or a new one.

        Args:
            step: of the plan.
            chosen: the execution that serves, by slot, for at least all of the step's upstream.
            forced: why it is executed whatever is there: `forced` or `disabled`.

        Raises:
            LostInputError: an input is gone; the step that left it has to run again.
            StepError: the step failed.
            BusyError: somebody else computes it, and `on_busy` is `fail`.
            Stopped: `stop` was called.
        """
        found = self.served(step, chosen)
        if found is not None:
            return found
        node = step.node
        work_key = _work_key(step, chosen)
        lost = step.reason == LOST
        renew_before = self._run.id if forced else None
        claimed = self._claims.take(
            node.slot,
            work_key,
            step.cache_key,
            renew_before=renew_before,
            freed=lambda owner, fence: self._remove(step, work_key, owner, fence),
        )
        if isinstance(claimed, ClaimDone):
            return Resolution(claimed.execution, "hit", "equal")
        self._tell(events.StepStarted(node.slot, step.reason or "its inputs have new values"))
        try:
            execution = self._execute(step, chosen, work_key, claimed.fence)
        except ClaimLostError:
            # Somebody took over while this process was stalled: theirs is what counts.
            return self.resolve(step, chosen, forced=forced)
        return Resolution(execution, "executed", forced or ("lost" if lost else ""))

    def _execute(
        self,
        step: PlannedStep,
        chosen: Mapping[str, CachedExecution],
        work_key: str,
        fence: int,
    ) -> CachedExecution:
        node, owner = step.node, self._claims.owner
        folder = attempt_folder(node.identity.kind, work_key, fence, owner)
        if self._going is not None:
            self._going.writes(node.slot, folder)
        attempt = Attempt(
            self._setting.artifacts,
            folder,
            node.slot,
            root=self._setting.code_root,
            declared=tuple(str(self._setting.root / name) for name in node.identity.files),
            on_progress=lambda done, total, message: self._tell(
                events.StepProgress(node.slot, done, total, message)
            ),
            beside=self._beside,
        )
        execution = record.execution_record(self._run, step, work_key, chosen)
        try:
            with (
                self._claims.kept(work_key, fence),
                self._telling_transfers(node.slot),
                self._interruptible(),
            ):
                self._reader.lost = None
                inputs = self._reader.inputs(node, chosen)
                odd = node.findings()
                outcome = attempt.run(self._made(node), inputs)
                outcome.findings += odd
            return self._record(attempt, execution, outcome, step, fence)
        except ClaimLostError:
            raise
        except BaseException as error:
            if not isinstance(error, Exception) and self._step is not None:
                self._step.cancel()  # interrupted while it waited for another process
            if isinstance(error, Stopped):
                attempt.discard()  # it may have finished, and been told only then
            with contextlib.suppress(StoreError):  # it expires by itself
                self._store.release(work_key, owner, fence)
            if self._given_up.is_set():
                self._fail(execution, attempt, Stopped(_WITH_THE_RUN))
                raise Stopped(_WITH_THE_RUN) from error
            if self._reader.lost is not None and isinstance(error, Exception):
                raise self._reader.lost from error
            self._fail(execution, attempt, error)
            if isinstance(error, Exception):
                raise step_error(node, error) from error
            raise
        finally:
            self._step = None

    def _made(self, node: Node) -> Step:
        self._step = node.make()
        if self._given_up.is_set():  # asked after the assignment: `stop` may just have seen None
            raise Stopped(_WITH_THE_RUN)
        return self._step

    def _pause(self, seconds: float) -> None:
        """Wait for somebody else; ends when nobody needs what is waited for any more."""
        if self._going is not None and not self._beside:
            self._going.stopping.pause(seconds)
        elif self._given_up.wait(seconds):
            raise Stopped(_WITH_THE_RUN)

    def _tell(self, event: events.Event) -> None:
        if self._going is not None:
            self._going.tell(event)
        self._listener(event)

    def _interruptible(self) -> contextlib.AbstractContextManager[None]:
        """A block in which the run can be stopped; beside it, `Step.cancel` does that."""
        if self._going is None or self._beside:
            return contextlib.nullcontext()
        return self._going.stopping.interruptible()

    def _remove(self, step: PlannedStep, work_key: str, owner: str, fence: int) -> None:
        """Remove what an attempt has left whose process was killed and whose claim is free."""
        with contextlib.suppress(Exception):  # it is in nobody's way
            folder = attempt_folder(step.node.identity.kind, work_key, fence, owner)
            self._setting.artifacts.delete(folder)

    def _telling_transfers(self, slot: str) -> contextlib.AbstractContextManager[None]:
        """In the block, what is downloaded and uploaded is a progress of the step."""
        from zenlab.artifacts.progress import telling

        return telling(
            lambda moved: self._tell(events.StepProgress(slot, moved.done, moved.total, str(moved)))
        )

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

    def _on_lost(self, _slot: str, execution: CachedExecution | ExecutionRecord) -> None:
        self._store.reopen(execution.work_key, execution.fence)

    def _fail(self, execution: ExecutionRecord, attempt: Attempt, error: BaseException) -> None:
        interrupted = not isinstance(error, Exception)
        kept = described(error) | {"log": attempt.log[-_MAX_LOG:]}
        # Not hidden by a store that is gone, or that has the result although its answer was lost:
        # the row of the run keeps the error as well.
        with contextlib.suppress(StoreError):
            self._store.record_execution(
                replace(execution, status="interrupted" if interrupted else "failed", error=kept)
            )
        self._tell(events.StepFailed(execution.slot, kept["message"], interrupted))


def _work_key(step: PlannedStep, chosen: Mapping[str, CachedExecution]) -> str:
    return keys.work_key(step.node.identity, input_digests(step.node, chosen))

"""Follow a run that goes on in another process: its progress in the store, told as events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.core import events
from zenlab.core.errors import DoesNotExistException
from zenlab.engine.gone import settle
from zenlab.metadata import SlotProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from zenlab.metadata import GoingRun, MetadataStore, RunRecord

LOOK_SECONDS = 1.0
"""So often the store is asked. The run itself says every five seconds what has changed."""


def follow(
    store: MetadataStore,
    run_id: int,
    tell: Callable[[events.Event], None],
    pause: Callable[[float], None],
) -> RunRecord:
    """Tell what happens in a run, as if it were one's own, until it has ended.

    Args:
        store: the metadata store.
        run_id: the run.
        tell: is told the events.
        pause: waits some seconds.

    Returns:
        The row of the run, which is over. A run whose process is gone ends as `lost`.

    Raises:
        DoesNotExistException: there is no such run.
    """
    follower = _Follower(store, tell)
    while True:
        going = store.going_run(run_id)
        if going is None:
            raise DoesNotExistException(f"There is no run {run_id}.", where=store.where)
        if going.run.status != "running":
            follower.end(going.run)
            return going.run
        if settle(store, going):
            continue
        follower.take(going)
        pause(LOOK_SECONDS)


class _Follower:
    """What has been told of a run by now."""

    def __init__(self, store: MetadataStore, tell: Callable[[events.Event], None]) -> None:
        self._store = store
        self._tell = tell
        self._planned: tuple[str, ...] | None = None
        self._told: dict[str, SlotProgress] = {}

    def take(self, going: GoingRun) -> None:
        """Tell what is new since the last time."""
        self._plan(going.run, going.steps, going.elapsed_ms / 1000)
        for step in going.steps:
            silent = (going.silent_ms or 0) / 1000
            for event in _news(step, self._told.get(step.slot), silent):
                self._tell(event)
            self._told[step.slot] = step

    def end(self, run: RunRecord) -> None:
        """Tell the rest: what the run has recorded that it had not said before."""
        executions = {
            e.id: e for e in self._store.executions([r.execution_id for r in run.resolved])
        }
        found = [
            (r, executions[r.execution_id]) for r in run.resolved if r.execution_id in executions
        ]
        seconds = max(0, run.ended_ms - run.started_ms) / 1000
        self._plan(run, tuple(SlotProgress(r.slot, e.title) for r, e in found), seconds)
        for resolved, e in found:
            told = self._told.get(resolved.slot)
            if told is not None and told.is_done:
                continue
            if resolved.how == "executed":
                self._tell(events.StepExecuted(resolved.slot, e.seconds))
            else:
                self._tell(events.StepCached(resolved.slot, e.user, e.ended_ms, e.seconds))
        error = run.error or {}
        told = self._told.get(error.get("slot") or "")
        if told is not None and told.state != "failed":
            interrupted = run.status != "failed"
            self._tell(events.StepFailed(told.slot, error["message"], interrupted))
        for finding in run.findings:
            self._tell(events.Finding(finding["slot"], finding["message"]))
        self._tell(events.RunEnded(run.status, run.executed, run.cached, seconds))

    def _plan(self, run: RunRecord, steps: tuple[SlotProgress, ...], seconds: float) -> None:
        slots = tuple(step.slot for step in steps)
        if self._planned is None or (slots and not self._planned):
            self._planned = slots
            titles = tuple(step.title for step in steps)
            self._tell(events.RunPlanned(run.pipeline_name, slots, titles, seconds, run.id))


def _news(step: SlotProgress, before: SlotProgress | None, silent: float) -> Iterator[events.Event]:
    """The events that lead from one state of a step to the next."""
    turned = before is None or before.state != step.state
    match step.state:
        case "running":
            if turned:
                yield events.StepStarted(step.slot, "", step.seconds + silent)
            said = (step.done, step.total, step.message)
            if step.done is not None and (
                before is None or said != (before.done, before.total, before.message)
            ):
                yield events.StepProgress(step.slot, step.done, step.total, step.message)
        case "waiting":
            if before is None or turned or before.message != step.message:
                yield events.StepWaiting(step.slot, step.message)
        case "cached" if turned:
            yield events.StepCached(step.slot, step.by, step.at_ms, step.seconds)
        case "executed" if turned:
            yield events.StepExecuted(step.slot, step.seconds)
        case "failed" if turned:
            yield events.StepFailed(step.slot, step.message)
        case "skipped" if turned:
            yield events.StepSkipped(step.slot, step.message)
        case _:
            return
